package repo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

var (
	errRefContent = errors.New("it holds neither an object name nor \"ref: NAME\"")
	errRefEmpty   = errors.New("it is empty, as after a crash of the machine")
	errRefZero    = errors.New("it holds the object name of zeros, which names no object")
	errRefSHA256  = errors.New("it holds a SHA-256 object name")
	errRefTarget  = errors.New("it points to a ref whose name could lead out of the repository")
)

// loose reads all refs below dir/name into the table. The shared ones leave out
// the main worktree's own, which stand in the same folder.
func (rd *refReader) loose(dir, name string, into refTable, shared bool) {
	root := filepath.Join(dir, filepath.FromSlash(name))
	real := resolved(root)
	w := &looseWalk{rd: rd, dir: dir, root: real, into: into, shared: shared, entered: map[string]bool{real: true}}
	w.folder(name)
}

// looseWalk reads the loose refs of one place.
type looseWalk struct {
	rd      *refReader
	dir     string
	root    string // without symbolic links
	into    refTable
	shared  bool
	entered map[string]bool // real paths of the folders reached through links: each is read once
}

func (w *looseWalk) folder(name string) {
	dir := filepath.Join(w.dir, filepath.FromSlash(name))
	entries, err := os.ReadDir(dir)
	if err != nil && !missing(err) {
		w.rd.problem(name, reason(err))
	}
	for _, e := range entries {
		// git leaves out both: locks of writers, and files of other programs.
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".lock") {
			continue
		}
		child := name + "/" + e.Name()
		full := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			w.folder(child)
		case e.Type()&os.ModeSymlink != 0 && isDir(full):
			real := resolved(full)
			if inside, err := filepath.Rel(w.root, real); err != nil || !filepath.IsLocal(inside) {
				// It may lead to the whole disk.
				w.rd.problem(child, "a symbolic link to a folder outside of "+w.root+", which is not followed")
			} else if !w.entered[real] {
				w.entered[real] = true
				w.folder(child)
			} else {
				w.rd.problem(child, "a symbolic link to a folder that was read already")
			}
		default:
			w.file(child)
		}
	}
}

func (w *looseWalk) file(name string) {
	if w.shared && isPerWorktree(name) {
		return
	}
	if !isSafeRefName(name) {
		w.rd.problem(name, "its name could lead out of the repository")
		return
	}
	value, err := readRefFile(w.dir, name)
	if err == nil {
		w.into[name] = value
		return
	}
	// A file that has gone since the folder was listed was deleted, or packed:
	// packed-refs is read later and has it.
	if !missing(err) {
		w.rd.problem(name, reason(err))
	}
}

// readRefFile reads one ref that is a file of its own: an object name,
// "ref: NAME", or a symbolic link to another ref as old versions of git made.
func readRefFile(dir, name string) (refValue, error) {
	file := filepath.Join(dir, filepath.FromSlash(name))
	if target, err := os.Readlink(file); err == nil && strings.HasPrefix(target, "refs/") && validRefName(target) {
		return refValue{link: target}, nil
	}
	data, err := readFile(file, maxSmallFile)
	if err != nil {
		return refValue{}, err
	}
	return parseRef(data)
}

func parseRef(data []byte) (refValue, error) {
	data = bytes.TrimRight(data, " \t\r\n\v\f")
	if len(data) == 0 {
		return refValue{}, errRefEmpty
	}
	if target, ok := bytes.CutPrefix(data, []byte("ref:")); ok {
		link := string(bytes.TrimLeft(target, " \t\r\n"))
		if !isSafeRefName(link) || path.Clean(link) != link {
			return refValue{}, errRefTarget
		}
		return refValue{link: link}, nil
	}
	id, rest, ok := parseHash(data)
	if long, err := hex.DecodeString(string(data)); err == nil && len(long) == sha256.Size {
		return refValue{}, errRefSHA256
	}
	if !ok || len(rest) > 0 && strings.IndexByte(" \t\r\n", rest[0]) < 0 {
		return refValue{}, errRefContent
	}
	if id.IsZero() {
		return refValue{}, errRefZero
	}
	return refValue{id: id}, nil
}

// parseHash reads an object name in hexadecimal from the start of data.
func parseHash(data []byte) (id plumbing.Hash, rest []byte, ok bool) {
	const size = 2 * len(id)
	if len(data) < size {
		return id, data, false
	}
	if _, err := hex.Decode(id[:], data[:size]); err != nil {
		return plumbing.ZeroHash, data, false
	}
	return id, data[size:], true
}
