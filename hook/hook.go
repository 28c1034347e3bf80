// Package hook puts git hooks that call scan into a hooks folder, and takes them
// out again.
//
// It refuses to know repositories, configuration and what a hook scans: it sees
// one folder. Its invariants: a hook that was there before is kept, runs first,
// and is put back as it was; a file that is not ours, or that somebody changed,
// is never overwritten and never deleted.
package hook

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Names are the hooks that can be installed, in the order in which git runs
// them. The last one belongs on a server.
func Names() []string { return []string{"pre-commit", "commit-msg", "pre-push", "pre-receive"} }

// State is what is in the place of a hook.
type State int

// The states of a hook.
const (
	Absent  State = iota // there is none
	Ours                 // scan installed it
	Changed              // scan installed it, and it was changed since
	Foreign              // it is somebody else's
)

// Status is a hook's state, and whether a hook that was there before runs first.
type Status struct {
	State   State
	Chained bool
}

const (
	mark   = "# Installed by \"scan hook install\"; \"scan hook uninstall\" takes it out again."
	before = "before-scan"  // the folder, beside the hooks, of those that were there before: a hook may ask for its own name
	beside = ".before-scan" // what the first versions put behind the name of such a hook instead
)

// Installer works on one hooks folder.
type Installer struct {
	Dir     string // the hooks folder; Install makes it if need be
	Program string // the absolute path of scan, for hooks of programs that have another PATH
}

// Status looks at the hook called name.
func (in Installer) Status(name string) (Status, error) {
	s, _, err := in.look(name)
	return s, err
}

// look is Status, and tells whether a first version installed the hook. A link that
// leads nowhere is somebody's hook like any other.
func (in Installer) look(name string) (s Status, old bool, err error) {
	info, err := os.Lstat(in.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return Status{}, false, nil
	}
	link := err == nil && info.Mode()&fs.ModeSymlink != 0
	if link {
		info, err = os.Stat(in.path(name))
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", in.path(name)) // reading a pipe would wait
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(in.path(name))
	}
	if err != nil && !(link && errors.Is(err, fs.ErrNotExist)) {
		return Status{}, false, fmt.Errorf("hook %s: %w", name, err)
	}
	s = Status{State: Foreign}
	if bytes.Contains(data, []byte(mark)) {
		s.State = Changed
		for _, chained := range []bool{false, true} {
			if sameButProgram(string(data), in.script(name, chained)) {
				return Status{Ours, chained}, false, nil
			}
			if sameButProgram(string(data), in.firstScript(name, chained)) {
				return Status{Ours, chained}, true, nil
			}
		}
	}
	return s, false, nil
}

// Install installs the hook called name. A hook that is there already is kept
// and runs before scan; then chained is true. Installing again brings the path of
// the program up to date.
func (in Installer) Install(name string) (chained bool, err error) {
	if !slices.Contains(Names(), name) {
		return false, fmt.Errorf("install hook %s: there is no such hook; known are %s", name, strings.Join(Names(), ", "))
	}
	s, old, err := in.look(name)
	if err != nil {
		return false, err
	}
	if s.State == Changed {
		return false, fmt.Errorf("install hook %s: %s was installed by scan and changed since; undo the change or delete the file, then install again", name, in.path(name))
	}
	if err := os.MkdirAll(in.Dir, 0o755); err != nil {
		return false, fmt.Errorf("install hook %s: %w", name, err)
	}
	from := in.path(name)
	if old {
		from += beside
	}
	if s.State == Foreign || old && s.Chained {
		if err := in.double(from, name); err != nil {
			return false, fmt.Errorf("install hook %s: %w", name, err)
		}
		s.Chained = true
	}
	if err := in.write(name, in.script(name, s.Chained)); err != nil {
		if s.State == Foreign || old && s.Chained {
			err = errors.Join(err, in.forget(name))
		}
		return false, fmt.Errorf("install hook %s: %w", name, err)
	}
	if old && s.Chained {
		err = os.Remove(from)
	}
	return s.Chained, err
}

// double gives the hook at from, that was there before, its place in the folder of
// those: until ours takes its name in one step, git runs the old one. An installation
// that was broken off in between may have left the second.
func (in Installer) double(from, name string) error {
	to := in.before(name)
	if info, err := os.Lstat(to); err == nil {
		if old, err := os.Lstat(from); err == nil && (os.SameFile(old, info) || sameLink(from, to)) {
			return nil
		}
		return fmt.Errorf("%s is there already, so the hook cannot be moved to it; move one of them away", to)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if target, err := os.Readlink(from); err == nil {
		return os.Symlink(deeper(target), to)
	}
	if os.Link(from, to) == nil {
		return nil
	}
	// A file system without links.
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	return in.put(to, data, info.Mode().Perm())
}

// forget takes a hook out of the folder of those that were there before.
func (in Installer) forget(name string) error {
	err := os.Remove(in.before(name))
	os.Remove(filepath.Dir(in.before(name))) // if it was the last one
	return err
}

// sameLink reports whether to is the link from, seen from the folder.
func sameLink(from, to string) bool {
	x, err := os.Readlink(from)
	y, other := os.Readlink(to)
	return err == nil && other == nil && deeper(x) == y
}

// deeper is where a link has to lead from the folder of hooks that were there before.
func deeper(target string) string {
	if filepath.IsAbs(target) {
		return target
	}
	return ".." + string(filepath.Separator) + target
}

// restore puts the hook that was there before back in one step.
func (in Installer) restore(name string) error {
	target, err := os.Readlink(in.before(name))
	if err != nil || filepath.IsAbs(target) {
		err := os.Rename(in.before(name), in.path(name))
		os.Remove(filepath.Dir(in.before(name))) // if it was the last one
		return err
	}
	up, ok := strings.CutPrefix(target, deeper(""))
	if !ok { // somebody else's since
		up = filepath.Join(before, target)
	}
	temp := filepath.Join(in.Dir, ".scan-hook-"+name)
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(up, temp); err != nil {
		return err
	}
	if err := os.Rename(temp, in.path(name)); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return in.forget(name)
}

// Uninstall takes the hook called name out, and puts back the one that was there
// before; then restored is true. It does nothing where no hook of ours is.
func (in Installer) Uninstall(name string) (done, restored bool, err error) {
	s, old, err := in.look(name)
	switch {
	case err != nil:
		return false, false, err
	case s.State == Changed:
		return false, false, fmt.Errorf("uninstall hook %s: %s was changed since scan installed it; take the call of scan out by hand", name, in.path(name))
	case s.State != Ours:
		return false, false, nil
	case s.Chained && old:
		err = os.Rename(in.path(name)+beside, in.path(name))
	case s.Chained:
		err = in.restore(name)
	default:
		err = os.Remove(in.path(name))
	}
	if err != nil {
		return false, false, fmt.Errorf("uninstall hook %s: %w", name, err)
	}
	return true, s.Chained, nil
}

func (in Installer) path(name string) string { return filepath.Join(in.Dir, name) }

func (in Installer) before(name string) string { return filepath.Join(in.Dir, before, name) }

// write puts a hook into its place.
func (in Installer) write(name, script string) error {
	return in.put(in.path(name), []byte(script), 0o755)
}

// put makes a file in one step.
func (in Installer) put(path string, data []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(in.Dir, ".scan-hook-*")
	if err != nil {
		return fmt.Errorf("write into %s: %w", in.Dir, errors.Unwrap(err)) // not the name of a file that nobody asked for
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
