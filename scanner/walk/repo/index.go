package repo

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// Index is what the next commit is made of.
type Index struct {
	Entries []Entry    // sorted by path bytes, then stage
	Tree    *CacheTree // nil if the index holds none that fits its entries
}

// Entry is one file of the index. Its path comes from the repository as it
// stands there: show it only after cleaning, and never open it.
type Entry struct {
	Path         string // of a sparse folder: with "/" at the end
	Mode         filemode.FileMode
	Hash         plumbing.Hash
	Stage        uint8 // 0, or 1 to 3 while a conflict is unresolved
	IntentToAdd  bool  // "git add -N": the path is announced, its content not
	SkipWorktree bool
}

// IsSparseDir says that the entry stands for a whole folder outside a sparse
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

// Index reads the index of this worktree, or the one that GIT_INDEX_FILE names.
// An index that does not exist is empty.
func (r *Repo) Index() (*Index, error) {
	var raw *rawIndex
	var err error
	unread := withFile(r.indexFile, maxIndexFile, func(data []byte) { raw, err = r.parseIndexes(data) })
	if missing(unread) {
		return &Index{}, nil
	}
	if unread != nil {
		return nil, fmt.Errorf("read index %s: %s", r.indexFile, reason(unread))
	}
	if err == nil {
		err = checkOrder(raw.entries)
	}
	if err != nil {
		return nil, fmt.Errorf("read index %s: %w: run \"git fsck\", or rebuild it with \"git reset\"", r.indexFile, err)
	}
	index := &Index{Entries: raw.entries}
	// A count that does not fit shows that another program has written the
	// entries and not the tree.
	if t := raw.tree; t != nil && t.Entries <= len(index.Entries) {
		index.Tree = t
	}
	return index, nil
}

// parseIndexes reads an index file, and the shared one if it is split.
func (r *Repo) parseIndexes(data []byte) (*rawIndex, error) {
	raw, err := parseIndex(data)
	if err == nil && raw.link != nil && !raw.link.base.IsZero() {
		err = r.mergeSharedIndex(raw)
	}
	return raw, err
}

// rawIndex is one index file before its shared part is merged in.
type rawIndex struct {
	entries []Entry
	tree    *CacheTree
	link    *indexLink
	trailer plumbing.Hash // the file's checksum
}

// parseIndex reads one index file, versions 2 to 4. Nothing but the link goes on to
// need data.
func parseIndex(data []byte) (*rawIndex, error) {
	if len(data) < indexHeaderSize+indexTrailerSize {
		return nil, errIndexCut
	}
	if string(data[:4]) != "DIRC" {
		return nil, errors.New("it does not start with \"DIRC\"")
	}
	version := binary.BigEndian.Uint32(data[4:])
	if version < 2 || version > 4 {
		return nil, fmt.Errorf("its version %d is not known", version)
	}
	body := data[:len(data)-indexTrailerSize]
	raw := &rawIndex{trailer: plumbing.Hash(data[len(body):])}
	// index.skipHash writes zeros to save time.
	if !raw.trailer.IsZero() && sha1.Sum(body) != raw.trailer {
		return nil, errors.New("its checksum does not match")
	}
	d := &entryDecoder{data: body, off: indexHeaderSize, version: version}
	var err error
	if raw.entries, err = d.entries(binary.BigEndian.Uint32(data[8:])); err != nil {
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
			return fmt.Errorf("it uses the extension %q, which is not known", name)
		}
	}
	return nil
}

// checkOrder holds what every reader of the index builds on: one folder's
// entries stand together.
func checkOrder(entries []Entry) error {
	for i := 1; i < len(entries); i++ {
		a, b := &entries[i-1], &entries[i]
		if a.Path > b.Path || a.Path == b.Path && (a.Stage >= b.Stage || a.Stage == 0) {
			return fmt.Errorf("its entries %q and %q are out of order", a.Path, b.Path)
		}
	}
	if len(entries) > 0 && entries[0].Path == "" {
		return errors.New("its first entry has no path")
	}
	return nil
}
