package repo

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Limits on the size of the files that are read whole. They are far above what
// git writes; a larger file is damaged or hostile.
const (
	maxSmallFile = 1 << 20 // HEAD, loose refs, .git files, commondir
	maxListFile  = 1 << 28 // packed-refs, reflogs, shallow, alternates, config
	maxIndexFile = 1 << 28 // of some two million files
)

var errNotRegular = errors.New("not a regular file")

// readFile reads a regular file of at most limit bytes. Devices and pipes are
// refused before they are opened, since opening a pipe can wait for ever.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errNotRegular}
	}
	tooLarge := &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("larger than %d bytes", limit)}
	if info.Size() > limit {
		return nil, tooLarge
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// One byte more than the size, so that the read which finds the end of the
	// file needs no larger buffer.
	data := make([]byte, 0, info.Size()+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if int64(len(data)) > limit {
			return nil, tooLarge
		}
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

// missing says that an error means "there is no such file". A path that goes
// through a file (ENOTDIR) is missing too; fs.ErrNotExist does not cover it.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// reason is the cause in a file error without the path, which the Problem
// already names.
func reason(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// under joins path to base unless it is absolute already.
func under(base, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(base, path)
}

// resolved is the path without symbolic links where that can be found out. It
// tells whether two paths mean the same folder.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return filepath.Clean(path)
}
