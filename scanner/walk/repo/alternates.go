package repo

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
)

// maxAlternateDepth is how many alternates may borrow from each other in a
// chain; git's limit.
const maxAlternateDepth = 5

// maxAlternates bounds the folders that one file names: each costs a look at
// the disk.
const maxAlternates = 1000

// SplitAlternates splits the value of GIT_ALTERNATE_OBJECT_DIRECTORIES into
// paths as git does: at the system's list separator, with "quoted" entries and
// #comments.
func SplitAlternates(value string) []string {
	return splitAlternates([]byte(value), filepath.ListSeparator)
}

// findObjectDirs lists the stores in git's order: the own one, those of the
// environment with all they borrow from, then those of the own alternates file.
func (r *Repo) findObjectDirs(opt Options, base string) {
	own := opt.ObjectDirectory
	if own == "" {
		own = filepath.Join(r.CommonDir, "objects")
	}
	l := &objectDirs{repo: r, seen: map[string]bool{}}
	l.dirs = append(l.dirs, own)
	l.seen[resolved(own)] = true
	for _, path := range opt.AlternateObjectDirectories {
		if path != "" {
			l.add(under(base, path), "GIT_ALTERNATE_OBJECT_DIRECTORIES", 0)
		}
	}
	l.follow(own, 0)
	r.ObjectDirs = l.dirs
}

// objectDirs collects object stores, each once.
type objectDirs struct {
	repo *Repo
	dirs []string
	seen map[string]bool // by path without symbolic links: this ends loops
}

// follow adds the stores that dir borrows from.
func (l *objectDirs) follow(dir string, depth int) {
	file := filepath.Join(dir, "info", "alternates")
	data, err := readFile(file, maxListFile)
	if err != nil {
		if !missing(err) {
			l.repo.problem(file, reason(err))
		}
		return
	}
	paths := splitAlternates(data, '\n')
	if depth > maxAlternateDepth && len(paths) > 0 {
		l.repo.problem(file, "alternates are nested more than 5 deep, so git does not follow it either: objects may be missing")
		return
	}
	if n := len(paths); n > maxAlternates {
		l.repo.problem(file, fmt.Sprintf("it names %d folders, and only the first %d are looked at", n, maxAlternates))
		paths = paths[:maxAlternates]
	}
	for _, path := range paths {
		// Relative to the real place of dir, as git takes it: a link to an
		// objects folder would otherwise change what "../" means.
		at, err := named(resolved(dir), path)
		if err != nil {
			l.repo.problem(file, "it "+err.Error())
			continue
		}
		l.add(at, file, depth)
	}
}

func (l *objectDirs) add(dir, namedBy string, depth int) {
	if strings.IndexByte(dir, 0) >= 0 || !isDir(dir) {
		l.repo.problem(dir, "this alternate object folder, named by "+namedBy+", does not exist")
		return
	}
	key := resolved(dir)
	if l.seen[key] {
		return
	}
	l.seen[key] = true
	l.dirs = append(l.dirs, dir)
	l.follow(dir, depth+1)
}

func splitAlternates(data []byte, sep byte) []string {
	var paths []string
	for len(data) > 0 {
		if data[0] == '"' {
			if path, rest, ok := unquote(data); ok {
				paths = appendPath(paths, path)
				// git skips one byte here, whatever it is.
				data = rest[min(1, len(rest)):]
				continue
			}
		}
		var line []byte
		line, data, _ = bytes.Cut(data, []byte{sep})
		if len(line) > 0 && line[0] != '#' {
			paths = appendPath(paths, string(line))
		}
	}
	return paths
}

func appendPath(paths []string, path string) []string {
	if path == "" {
		return paths
	}
	return append(paths, path)
}

// unquote reads a string in git's C quoting from the start of data.
func unquote(data []byte) (text string, rest []byte, ok bool) {
	var out []byte
	for i := 1; i < len(data); i++ {
		ch := data[i]
		if ch == '"' {
			return string(out), data[i+1:], true
		}
		if ch != '\\' {
			out = append(out, ch)
			continue
		}
		i++
		if i >= len(data) {
			break
		}
		if j := strings.IndexByte(`abfnrtv\"`, data[i]); j >= 0 {
			out = append(out, "\a\b\f\n\r\t\v\\\""[j])
			continue
		}
		if i+2 >= len(data) || data[i] > '3' || !isOctal(data[i]) || !isOctal(data[i+1]) || !isOctal(data[i+2]) {
			break
		}
		out = append(out, (data[i]-'0')<<6|(data[i+1]-'0')<<3|(data[i+2]-'0'))
		i += 2
	}
	return "", nil, false
}

func isOctal(ch byte) bool { return ch >= '0' && ch <= '7' }
