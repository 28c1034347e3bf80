package repo

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/regular"
)

// Limits on the size of the files that are read whole. They are far above what
// git writes; a larger file is damaged or hostile.
const (
	maxSmallFile = 1 << 20 // HEAD, loose refs, .git files, commondir
	maxListFile  = 1 << 28 // packed-refs, reflogs, shallow, alternates, config
	maxIndexFile = 1 << 28 // of some two million files
)

var errNotRegular = errors.New("not a regular file")

// readFile reads a regular file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := statRegular(path, limit)
	if err != nil {
		return nil, err
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
			return nil, tooLarge(path, limit)
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

// withFile shows use a regular file of at most limit bytes, of which it may keep
// nothing. A large file is not copied for that: where it is read once, to take the
// memory costs more than the reading.
func withFile(path string, limit int64, use func(data []byte)) (err error) {
	info, err := statRegular(path, limit)
	if err != nil {
		return err
	}
	if info.Size() < leastMapped {
		data, err := readFile(path, limit)
		if err == nil {
			use(data)
		}
		return err
	}
	data, unmap, err := pack.MapFile(path)
	if err != nil {
		return err
	}
	defer unmap()
	defer pack.Guard(&err)()
	if int64(len(data)) > limit {
		return tooLarge(path, limit)
	}
	use(data)
	return nil
}

// leastMapped is the size from which on a file is mapped.
const leastMapped = 32 << 10

// statRegular refuses what is no regular file of at most limit bytes. Devices and pipes
// are not opened for that, since opening a pipe can wait for ever.
func statRegular(path string, limit int64) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !regular.Is(info.Mode()) {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errNotRegular}
	}
	if info.Size() > limit {
		return nil, tooLarge(path, limit)
	}
	return info, nil
}

func tooLarge(path string, limit int64) error {
	return &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("larger than %d bytes", limit)}
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
	return err == nil && regular.Is(info.Mode())
}

// named is under for a path that a file of a repository holds. It refuses one on a share of
// another host: to open that makes Windows sign in there with the user's name, and nobody
// trusts the repository yet.
func named(base, path string) (string, error) {
	if filepath.Separator == '\\' && isShare(path) && !strings.EqualFold(filepath.VolumeName(path), filepath.VolumeName(base)) {
		return "", fmt.Errorf("names %s, on another host, which is not opened: copy it here, or set GIT_DIR and its like yourself", path)
	}
	return under(base, path), nil
}

// isShare reports whether a path of Windows begins with the name of a host, or of a device.
func isShare(path string) bool {
	return strings.HasPrefix(strings.ReplaceAll(path, "/", `\`), `\\`)
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
