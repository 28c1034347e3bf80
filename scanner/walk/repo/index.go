package repo

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// Index is what the next commit is made of. Most entries are asked for by nobody, as
// the cache tree covers them, so they are read where they lie.
type Index struct {
	Tree *CacheTree // nil if the index holds none that fits its entries

	at   []uint32 // where entries begin in data; nil if each does not stand there by itself
	data []byte
	list []Entry // instead
}

// Len is the number of entries. They are sorted by path bytes, then stage.
func (x *Index) Len() int { return len(x.at) + len(x.list) }

// Entry reads one entry.
func (x *Index) Entry(i int) Entry {
	if x.at == nil {
		return x.list[i]
	}
	e, path := x.raw(i)
	e.Path = string(path)
	return e
}

// Below reports whether the path of an entry begins so.
func (x *Index) Below(i int, prefix string) bool {
	if x.at == nil {
		return strings.HasPrefix(x.list[i].Path, prefix)
	}
	_, path := x.raw(i)
	return len(path) >= len(prefix) && string(path[:len(prefix)]) == prefix
}

// All reads all entries.
func (x *Index) All() []Entry {
	if x.at == nil {
		return x.list
	}
	list, _ := entriesFrom(x.data, indexHeaderSize).all(uint32(len(x.at))) // they were read before
	return list
}

func (x *Index) raw(i int) (e Entry, path []byte) {
	path, _ = entriesFrom(x.data, int(x.at[i])).next(&e) // it was read before
	return e, path
}

// entriesFrom reads entries of version 2 or 3.
func entriesFrom(data []byte, off int) *entryDecoder {
	return &entryDecoder{data: data, off: off, version: 3}
}

// Entry is one file of the index. Its path comes from the repository
// unchanged: show it only after cleaning, and never open it.
type Entry struct {
	Path         string // of a sparse folder: with "/" at the end
	Mode         filemode.FileMode
	Hash         plumbing.Hash
	Stage        uint8 // 0, or 1 to 3 while a conflict is unresolved
	IntentToAdd  bool  // "git add -N": the path is announced, its content not
	SkipWorktree bool
}

// IsSparseDir says that the entry represents a whole folder outside a sparse
// checkout; its Hash is a tree.
func (e *Entry) IsSparseDir() bool { return e.Mode == filemode.Dir }

// CacheTree is git's own note of which folders of the index equal which tree.
// git commits that tree without looking at the entries again, so to trust it is
// to see what a commit would hold.
type CacheTree struct {
	Name     string // of the folder, without its parents; "" at the root
	Entries  int    // index entries below it; -1 if the folder has changed since
	ID       plumbing.Hash
	Children []CacheTree // in git's order: by the length of Name, then its bytes
}

const (
	indexHeaderSize  = 12
	indexTrailerSize = sha1.Size
)

var errIndexCut = errors.New("it ends too early")

// Index shows use the index of this worktree, or the one that GIT_INDEX_FILE names,
// while it is open. An index that does not exist is empty.
func (r *Repo) Index(use func(*Index)) error {
	var err error
	unread := withFile(r.indexFile, maxIndexFile, func(data []byte) {
		var x *Index
		if x, err = r.parseIndexes(data); err == nil {
			use(x)
		}
	})
	switch {
	case missing(unread):
		use(&Index{})
	case unread != nil:
		return fmt.Errorf("read index %s: %s", r.indexFile, reason(unread))
	case err != nil:
		return fmt.Errorf("read index %s: %w: run \"git fsck\", or rebuild it with \"git reset\"", r.indexFile, err)
	}
	return nil
}

// parseIndexes reads an index file, and the shared one if it is split.
func (r *Repo) parseIndexes(data []byte) (*Index, error) {
	raw, err := parseIndex(data)
	if err != nil {
		return nil, err
	}
	x := &Index{at: raw.at, data: raw.body, list: raw.entries}
	if raw.link != nil && !raw.link.base.IsZero() {
		x.at = nil
		if x.list, err = r.mergeSharedIndex(raw); err != nil {
			return nil, err
		}
	}
	if err = raw.order; x.at == nil {
		err = checkOrder(x.list)
	}
	// A count that does not fit shows that another program has written the
	// entries and not the tree.
	if t := raw.tree; t != nil && t.Entries <= x.Len() {
		x.Tree = t
	}
	return x, err
}

// rawIndex is one index file before its shared part is merged in.
type rawIndex struct {
	at      []uint32 // where entries begin in body, but for version 4
	order   error    // what is wrong with their order
	body    []byte
	entries []Entry // of version 4
	tree    *CacheTree
	link    *indexLink
	trailer plumbing.Hash // the file's checksum
}

// all reads all entries.
func (x *rawIndex) all() []Entry { return (&Index{at: x.at, data: x.body, list: x.entries}).All() }

// parseIndex reads one index file, versions 2 to 4.
func parseIndex(data []byte) (*rawIndex, error) {
	if len(data) < indexHeaderSize+indexTrailerSize {
		return nil, errIndexCut
	}
	if string(data[:4]) != "DIRC" {
		return nil, errors.New("it does not start with \"DIRC\"")
	}
	version := binary.BigEndian.Uint32(data[4:])
	if version < 2 || version > 4 {
		return nil, fmt.Errorf("its version %d is unknown", version)
	}
	body := data[:len(data)-indexTrailerSize]
	raw := &rawIndex{body: body, trailer: plumbing.Hash(data[len(body):])}
	// index.skipHash writes zeros to save time.
	if !raw.trailer.IsZero() && sha1.Sum(body) != raw.trailer {
		return nil, errors.New("its checksum does not match")
	}
	d := &entryDecoder{data: body, off: indexHeaderSize, version: version}
	count := binary.BigEndian.Uint32(data[8:])
	var err error
	if version == 4 {
		raw.entries, err = d.all(count)
	} else {
		raw.at, raw.order, err = d.skim(count)
	}
	if err != nil {
		return nil, err
	}
	return raw, raw.extensions(body[d.off:])
}

func (x *rawIndex) extensions(data []byte) error {
	for len(data) > 0 {
		if len(data) < 8 {
			return errIndexCut
		}
		name := data[:4]
		size := binary.BigEndian.Uint32(data[4:])
		if data = data[8:]; uint64(size) > uint64(len(data)) {
			return errIndexCut
		}
		content := data[:size]
		data = data[size:]
		switch {
		case bytes.Equal(name, []byte("TREE")):
			x.tree = parseCacheTree(content)
		case bytes.Equal(name, []byte("link")):
			var err error
			if x.link, err = parseLink(content); err != nil {
				return fmt.Errorf("its list of changes to the shared index: %w", err)
			}
		case bytes.Equal(name, []byte("sdir")):
			// Only says that there are sparse folders; their entries show it.
		case name[0] < 'A' || name[0] > 'Z':
			return fmt.Errorf("it uses the extension %q, which is unknown", name)
		}
	}
	return nil
}

// checkOrder holds what every reader of the index builds on: one folder's
// entries stand together.
func checkOrder(entries []Entry) error {
	last := Entry{}
	for i, e := range entries {
		if err := misplaced(i, last.Path, e.Path, last.Stage, e.Stage); err != nil {
			return err
		}
		last = e
	}
	return nil
}

// misplaced tells that entry number i may not follow the last one, if it may not.
func misplaced[P string | []byte](i int, last, path P, lastStage, stage uint8) error {
	switch {
	case i == 0 && len(path) == 0:
		return errors.New("its first entry has no path")
	case i > 0 && (string(last) > string(path) || string(last) == string(path) && (lastStage >= stage || lastStage == 0)):
		return fmt.Errorf("its entries %q and %q are out of order", last, path)
	}
	return nil
}
