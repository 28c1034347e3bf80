package repo

import (
	"bytes"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing"
)

// maxFolderDepth bounds the recursion into cache trees.
const maxFolderDepth = 4096

// parseCacheTree reads the TREE extension. It is only a shortcut, so one that
// is broken reads as none.
func parseCacheTree(data []byte) *CacheTree {
	var root CacheTree
	rest, ok := root.parse(data, 0)
	if !ok || len(rest) > 0 || root.Name != "" {
		return nil
	}
	return &root
}

// parse reads one folder: name, zero, number of entries, space, number of
// subfolders, line end, and the tree's name if the folder is unchanged.
func (t *CacheTree) parse(data []byte, depth int) (rest []byte, ok bool) {
	name, data, ok1 := bytes.Cut(data, []byte{0})
	entries, data, ok2 := bytes.Cut(data, []byte(" "))
	folders, data, ok3 := bytes.Cut(data, []byte("\n"))
	if !ok1 || !ok2 || !ok3 || depth > maxFolderDepth {
		return nil, false
	}
	t.Name = string(name)
	var err1, err2 error
	t.Entries, err1 = strconv.Atoi(string(entries))
	count, err2 := strconv.Atoi(string(folders))
	// Every subfolder takes at least 5 bytes.
	if err1 != nil || err2 != nil || count < 0 || count > len(data)/5 {
		return nil, false
	}
	if t.Entries >= 0 {
		if len(data) < len(t.ID) {
			return nil, false
		}
		t.ID = plumbing.Hash(data[:len(t.ID)])
		data = data[len(t.ID):]
	} else {
		t.Entries = -1
	}
	t.Children = make([]CacheTree, count)
	for i := range t.Children {
		if data, ok = t.Children[i].parse(data, depth+1); !ok {
			return nil, false
		}
	}
	return data, true
}
