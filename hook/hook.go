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

// State is what stands in the place of a hook.
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
	before = ".before-scan" // what a hook that was there before is renamed to
)

// Installer works on one hooks folder.
type Installer struct {
	Dir     string // the hooks folder; Install makes it if need be
	Program string // the absolute path of scan, for hooks of programs that have another PATH
}

// Status looks at the hook called name.
func (in Installer) Status(name string) (Status, error) {
	info, err := os.Stat(in.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return Status{}, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", in.path(name)) // reading a pipe would wait
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(in.path(name))
	}
	if err != nil {
		return Status{}, fmt.Errorf("hook %s: %w", name, err)
	}
	s := Status{State: Foreign}
	if bytes.Contains(data, []byte(mark)) {
		s.State = Changed
		for _, chained := range []bool{false, true} {
			if sameButProgram(string(data), in.script(name, chained)) {
				s = Status{Ours, chained}
			}
		}
	}
	return s, nil
}

// Install installs the hook called name. A hook that is there already is kept
// and runs before scan; chained tells of it. Installing again brings the path of
// the program up to date.
func (in Installer) Install(name string) (chained bool, err error) {
	if !slices.Contains(Names(), name) {
		return false, fmt.Errorf("install hook %s: there is no such hook; known are %s", name, strings.Join(Names(), ", "))
	}
	s, err := in.Status(name)
	if err != nil {
		return false, err
	}
	if s.State == Changed {
		return false, fmt.Errorf("install hook %s: %s was installed by scan and changed since; undo the change or delete the file, then install again", name, in.path(name))
	}
	if err := os.MkdirAll(in.Dir, 0o755); err != nil {
		return false, fmt.Errorf("install hook %s: %w", name, err)
	}
	if s.State == Foreign {
		if err := in.double(name); err != nil {
			return false, fmt.Errorf("install hook %s: %w", name, err)
		}
		s.Chained = true
	}
	if err := in.write(name, in.script(name, s.Chained)); err != nil {
		if s.State == Foreign {
			err = errors.Join(err, os.Remove(in.path(name)+before))
		}
		return false, fmt.Errorf("install hook %s: %w", name, err)
	}
	return s.Chained, nil
}

// double gives the hook that is there its second name, beside the first: until
// ours takes its place in one step, git runs the old one. An installation that was
// broken off in between may have left the second name.
func (in Installer) double(name string) error {
	from, to := in.path(name), in.path(name)+before
	if info, err := os.Lstat(to); err == nil {
		if old, err := os.Lstat(from); err == nil && (os.SameFile(old, info) || sameLink(from, to)) {
			return nil
		}
		return fmt.Errorf("%s is there already, so the hook cannot be renamed to it; move one of them away", to)
	}
	if target, err := os.Readlink(from); err == nil {
		return os.Symlink(target, to)
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

// sameLink tells whether two names are links to the same place.
func sameLink(a, b string) bool {
	x, err := os.Readlink(a)
	y, other := os.Readlink(b)
	return err == nil && other == nil && x == y
}

// Uninstall takes the hook called name out, and puts back the one that was there
// before; restored tells of it. It does nothing where no hook of ours is.
func (in Installer) Uninstall(name string) (done, restored bool, err error) {
	s, err := in.Status(name)
	switch {
	case err != nil:
		return false, false, err
	case s.State == Changed:
		return false, false, fmt.Errorf("uninstall hook %s: %s was changed since scan installed it; take the call of scan out by hand", name, in.path(name))
	case s.State != Ours:
		return false, false, nil
	case s.Chained:
		err = os.Rename(in.path(name)+before, in.path(name))
	default:
		err = os.Remove(in.path(name))
	}
	if err != nil {
		return false, false, fmt.Errorf("uninstall hook %s: %w", name, err)
	}
	return true, s.Chained, nil
}

func (in Installer) path(name string) string { return filepath.Join(in.Dir, name) }

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

// script is the shell script of a hook. What git gives on standard input is for
// both the hook that was there before and for scan.
func (in Installer) script(name string, chained bool) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n" + mark + "\n")
	fmt.Fprintf(&b, "scan=%s\n[ -x \"$scan\" ] || scan=scan\n", shellQuote(in.Program))
	first := fmt.Sprintf("before=\"$(dirname \"$0\")/%s%s\"\n", name, before)
	reads := name == "pre-push" || name == "pre-receive"
	switch {
	case chained && reads:
		b.WriteString(first + "input=$(cat; echo .)\ninput=${input%.}\n" +
			"if [ -x \"$before\" ]; then printf '%s' \"$input\" | \"$before\" \"$@\" || exit; fi\n" +
			"printf '%s' \"$input\" | \"$scan\" hook run " + name + " \"$@\"\n")
	case chained:
		b.WriteString(first + "if [ -x \"$before\" ]; then \"$before\" \"$@\" || exit; fi\nexec \"$scan\" hook run " + name + " \"$@\"\n")
	default:
		b.WriteString("exec \"$scan\" hook run " + name + " \"$@\"\n")
	}
	return b.String()
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// sameButProgram compares two hooks apart from where they look for scan.
func sameButProgram(a, b string) bool {
	strip := func(s string) string {
		head, rest, _ := strings.Cut(s, "scan='")
		_, tail, ok := strings.Cut(rest, "\n")
		if !ok {
			return s
		}
		return head + tail
	}
	return strip(a) == strip(b)
}
