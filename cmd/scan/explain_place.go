package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/walk/regular"
)

// cutNumber splits NAME:NUMBER.
func cutNumber(text string) (name string, number int, ok bool) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 1 {
		return text, 0, false
	}
	number, err := strconv.Atoi(text[colon+1:])
	return text[:colon], number, err == nil && number > 0
}

// look finds the file that a place names, before settings are read: they are those of the
// repository that it lies in. Places may have a column, as reports print them.
func (x *explanation) look(arg string) error {
	if !strings.Contains(arg, ":") {
		return nil // a fingerprint
	}
	name, line, ok := cutNumber(arg)
	if !ok {
		return &usageError{fmt.Sprintf("%q does not end in a line number", arg), "write FILE:LINE, with lines counted from 1"}
	}
	x.name, x.line = name, line
	err := x.open(name)
	if shorter, first, ok := cutNumber(name); ok && (errors.Is(err, os.ErrNotExist) || errors.Is(err, errNotInside)) {
		x.name, x.line = shorter, first
		err = x.open(shorter)
	}
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("explain %s: it is neither a file here nor the full name of an object of the repository; check the path", x.name)
	}
	return err
}

// open reads what a name stands for: a file, an object, or what is in an archive that either is,
// as reports name it: ARCHIVE!PATH. A file may have a "!" in its own name.
func (x *explanation) open(name string) error {
	err := x.openWhole(name)
	for at := range len(name) {
		if !errors.Is(err, os.ErrNotExist) {
			break
		}
		if name[at] != '!' {
			continue
		}
		e := x.openWhole(name[:at])
		if e == nil {
			x.fromTop += name[at:]
			e = x.unpack(name[at+1:])
		}
		if !errors.Is(e, errNotRegular) { // what ends in a folder is no archive
			err = e
		}
	}
	return err
}

var errNotInside = errors.New("no file of that name that a scan opens is in the archive; check the path")

// unpack goes on with a file of the archive that was opened.
func (x *explanation) unpack(inner string) error {
	data, ok := scanner.Inside(x.data, inner)
	if !ok {
		return fmt.Errorf("explain %s: %w", x.name, errNotInside)
	}
	x.data, x.inner = data, inner
	return nil
}

// openWhole reads a file here, one below the repository's top, as a history's report names it,
// or an object.
func (x *explanation) openWhole(name string) (err error) {
	x.file, x.fromTop = name, filepath.ToSlash(name)
	x.data, err = readRegular(name)
	if errors.Is(err, os.ErrNotExist) {
		if top, e := x.git().Top(); e == nil && top != nil {
			below := filepath.Join(top.Dir, filepath.FromSlash(name))
			if data, e := readRegular(below); e == nil && top.Dir != "" {
				x.data, x.file, err = data, below, nil
			}
			top.Close()
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		if data, message, e := scanner.Content(x.git(), name); e == nil {
			x.data, x.header, x.file, x.object = data[message:], message, "", name
			return nil
		}
	}
	if err == nil {
		x.fromTop = scanner.FromTop(x.file)
		x.c.paths = []string{x.file}
	}
	return err
}

// find completes what look found: it scans the file, or for the fingerprint, and so knows what is accepted.
func (x *explanation) find(ctx context.Context, opt scanner.Options, arg string) error {
	if x.name == "" {
		return x.fingerprint(ctx, opt, arg)
	}
	n := strings.Count(string(x.data), "\n")
	if !strings.HasSuffix(string(x.data), "\n") {
		n++
	}
	if x.line > max(n, 1) {
		return &usageError{fmt.Sprintf("%s ends with line %d, so there is no line %d", x.name, n, x.line), "lines are counted from 1"}
	}
	if x.file == "" {
		return nil // an object has no path by which something could be accepted
	}
	r, err := scanner.Files(ctx, opt, scanner.FilesOptions{Paths: []string{x.file}, Git: x.env.git(x.c)})
	if err != nil {
		return err
	}
	x.accepted = r.Suppressed
	return nil
}

// acceptedAt gives what accepts the secret at a place of the content; nil if nothing does.
func (x *explanation) acceptedAt(at *finding.Place) *finding.Suppressed {
	same := func(p *finding.Place) bool {
		switch {
		case p.Inside() != x.inner, x.object != "" && p.Object != x.object, x.object == "" && p.Kind != finding.File, x.object == "" && !x.isShown(p):
			return false
		case p.Kind == finding.CommitMessage || p.Kind == finding.TagMessage:
			return p.Offset == at.Offset+x.header
		}
		return p.Line == at.Line && p.Column == at.Column
	}
	for i := range x.accepted {
		f := &x.accepted[i]
		for j := range f.Places {
			if f.Secret.Len() > 0 && same(&f.Places[j]) {
				return f
			}
		}
		for _, part := range f.Tied().Parts {
			for j := range part.Places {
				if same(&part.Places[j]) {
					return f
				}
			}
		}
	}
	return nil
}

// isShown reports whether a place is in the file in question.
func (x *explanation) isShown(p *finding.Place) bool {
	return p.File() == filepath.ToSlash(filepath.Clean(x.file))
}

// acceptedFile gives what accepts the file as a whole.
func (x *explanation) acceptedFile() *finding.Suppressed {
	for i := range x.accepted {
		f := &x.accepted[i]
		if f.Secret.Len() == 0 && (f.Places[0].Object != "" && f.Places[0].Object == x.object || x.isShown(&f.Places[0])) {
			return f
		}
	}
	return nil
}

// readRegular reads a regular file of at most explainable bytes; a pipe could
// be waited for without end, and a device never ends.
func readRegular(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !regular.Is(info.Mode()) {
		return nil, fmt.Errorf("explain %s: it is %w", name, errNotRegular)
	}
	if info.Size() > explainable {
		return nil, fmt.Errorf("explain %s: it has %d bytes, more than the %d of a file that is explained", name, info.Size(), int64(explainable))
	}
	return readLimited(name, explainable)
}

var errNotRegular = errors.New("no regular file")

// explainable is how many bytes a file may have that is explained: what a scan
// reads by default.
const explainable = defaultMemory / 2

// git is the repository that explain looks into.
func (x *explanation) git() scanner.GitEnv {
	return x.env.git(&command{mode: modeHistory})
}

const minFingerprint = 8

// fingerprint scans, and takes the first place of the finding with that name.
func (x *explanation) fingerprint(ctx context.Context, opt scanner.Options, prefix string) error {
	if len(prefix) < minFingerprint || strings.Trim(prefix, "0123456789abcdef") != "" {
		hint := "a fingerprint has at least eight hexadecimal digits"
		if _, err := os.Stat(prefix); err == nil {
			hint = "name a line of it: scan explain " + prefix + ":LINE"
		}
		return &usageError{fmt.Sprintf("%q is neither FILE:LINE nor a fingerprint", prefix), hint}
	}
	r, err := x.scan(ctx, opt)
	if err != nil {
		return err
	}
	x.accepted = r.Suppressed
	for i := range r.Findings {
		if r.Findings[i].IsCalled(prefix) {
			return x.take(&r.Findings[i].Places[0])
		}
	}
	for i := range r.Suppressed {
		if r.Suppressed[i].IsCalled(prefix) {
			return x.take(&r.Suppressed[i].Places[0])
		}
	}
	where, hint := "the current directory", "; --history looks into the whole history"
	if x.history {
		where, hint = "the history", ""
	}
	return fmt.Errorf("no finding in %s has the fingerprint %s%s", where, prefix, hint)
}

// take makes the line at a place the one in question.
func (x *explanation) take(at *finding.Place) (err error) {
	x.name, x.fromTop, x.object = at.Path, at.FromTop(), at.Object
	if x.object == "" {
		x.file = at.File()
	}
	if x.name == "" {
		x.name = at.Object
	}
	x.line = at.Line
	if at.Object == "" {
		x.data, err = readRegular(at.File())
	} else if x.data, x.header, err = scanner.Content(x.git(), at.Object); err == nil {
		if at.Offset < x.header {
			x.header = 0 // it stands before the message
		}
		x.data = x.data[x.header:]
	}
	if err == nil && at.Inner > 0 {
		err = x.unpack(at.Inside())
	}
	return err
}

func (x *explanation) scan(ctx context.Context, opt scanner.Options) (*finding.Report, error) {
	if x.history {
		return scanner.History(ctx, opt, x.git())
	}
	return scanner.Files(ctx, opt, scanner.FilesOptions{Paths: []string{"."}, Git: x.env.git(&command{})})
}
