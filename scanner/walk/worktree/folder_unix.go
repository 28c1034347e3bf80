//go:build unix

package worktree

import (
	"io"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFlags keep an open from waiting for a pipe's writer, should a file be
// replaced by a pipe after it was listed.
const openFlags = unix.O_NONBLOCK | unix.O_NOCTTY

// folder is a directory that is held open. What lies in it is opened by its name
// there, and not if that is a symbolic link.
type folder struct {
	file *os.File
	conn syscall.RawConn // keeps the file from being closed while it is used
}

func openFolder(path string) (*folder, error) {
	f, err := os.OpenFile(path, unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	return newFolder(f)
}

func newFolder(f *os.File) (*folder, error) {
	conn, err := f.SyscallConn()
	return &folder{f, conn}, err
}

func (f *folder) close() { f.file.Close() }

func (f *folder) list() ([]fs.DirEntry, error) { return f.file.ReadDir(-1) }

// folder opens a directory in f.
func (f *folder) folder(name string) (*folder, error) {
	fd, err := f.openat(name, unix.O_DIRECTORY)
	switch {
	case err == unix.ENOTDIR || isLink(err):
		return nil, errReplaced
	case err != nil:
		return nil, err
	}
	return newFolder(os.NewFile(uintptr(fd), name))
}

// open opens a file in f.
func (f *folder) open(name string) (handle, error) {
	fd, err := f.openat(name, openFlags)
	if isLink(err) {
		err = errNotRegular
	}
	return handle{fd}, err
}

func (f *folder) openat(name string, flags int) (fd int, err error) {
	closed := f.conn.Control(func(dir uintptr) {
		for fd, err = -1, unix.EINTR; err == unix.EINTR; {
			fd, err = unix.Openat(int(dir), name, flags|unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		}
	})
	if closed != nil {
		return -1, closed
	}
	return fd, err
}

// isLink reports whether something was not opened because it is a symbolic link.
func isLink(err error) bool { return err == unix.ELOOP || err == unix.EMLINK }

// handle is an open file. An os.File costs two system calls more.
type handle struct{ fd int }

// maxRead is how much is read at once. Some systems refuse more than 31 bits say.
const maxRead = 1 << 30

// Read implements io.Reader.
func (h handle) Read(b []byte) (int, error) {
	b = b[:min(len(b), maxRead)]
	for {
		switch n, err := unix.Read(h.fd, b); {
		case err == unix.EINTR:
		case err != nil:
			return 0, err
		case n == 0 && len(b) > 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// size is how many bytes the file has, if it is a regular one.
func (h handle) size() (int64, error) {
	var st unix.Stat_t
	if err := unix.Fstat(h.fd, &st); err != nil {
		return 0, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return 0, errNotRegular
	}
	return st.Size, nil
}

func (h handle) close() { unix.Close(h.fd) }

// asFile gives the open file as an os.File, which is to be closed in its place.
func (h handle) asFile(name string) *os.File { return os.NewFile(uintptr(h.fd), name) }

// stored is how many bytes a file takes on its disk.
func stored(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int64(s.Blocks) * 512
	}
	return info.Size()
}
