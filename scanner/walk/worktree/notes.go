package worktree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
)

// maxNamed is how many special files a note names.
const maxNamed = 5

func (w *walker) note(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if !slices.Contains(w.res.Notes, s) {
		w.res.Notes = append(w.res.Notes, s)
	}
}

// problem records what could not be read, once for each canonical path.
func (w *walker) problem(canon, shown string, err error) {
	if w.once(w.seen, canon) {
		w.res.Problems = append(w.res.Problems, newProblem(shown, err))
	}
}

func newProblem(shown string, err error) Problem {
	return Problem{What: shown, Reason: reason(err), cause: err}
}

// finish adds the notes that count.
func (w *walker) finish() Result {
	r := &w.res
	if r.Symlinks > 0 {
		w.note("%s not followed", count(r.Symlinks, "symbolic link was", "symbolic links were"))
	}
	if r.Special > 0 {
		more := ""
		if n := r.Special - len(w.special); n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		w.note("%s not read: %s%s", count(r.Special, "special file was", "special files were"), strings.Join(w.special, ", "), more)
	}
	if r.Ignored > 0 {
		w.note("%s not read because git ignores %s", count(r.Ignored, "file or directory was", "files or whole directories were"), pronoun(r.Ignored))
	}
	return w.res
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func pronoun(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// kind names what is neither a regular file nor a directory.
func kind(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeDevice != 0:
		return "device"
	case mode&fs.ModeSymlink != 0:
		return "symbolic link"
	}
	return "special file"
}

// reason says in one sentence why something cannot be read. It leaves out the
// path, which stands beside it.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "permission denied; scan as a user who may read it"
	case errors.Is(err, fs.ErrNotExist):
		return "it does not exist; check the path"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "too many open files; raise the limit of open files and scan again"
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	var s *os.SyscallError
	if errors.As(err, &s) {
		err = s.Err
	}
	return err.Error()
}
