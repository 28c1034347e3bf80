package staged

import (
	"path"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// maxGoneReads bounds how many folders that are gone are gone through.
const maxGoneReads = 1 << 12

// gone is an entry of HEAD's trees for which the index has nothing.
type gone struct {
	namedEntry
	prefix string // of its path
	depth  int    // of the folder that it lies in
}

// leave notes what HEAD has in a folder and the index has not; met are the names that it has.
func (c *comparison) leave(there map[string]treeEntry, met []string, prefix string, depth int) {
	for _, name := range met {
		delete(there, name)
	}
	for name, e := range there {
		c.gone = append(c.gone, gone{namedEntry{name, e}, prefix, depth})
	}
}

// findMoved fills in where new files come from: from a file that is gone and was the
// same, or else from the only one that is gone and had their name.
func (c *comparison) findMoved() {
	var fresh []*File
	for i := range c.files {
		if f := &c.files[i]; f.HeadBlob.IsZero() {
			fresh = append(fresh, f)
		}
	}
	if len(fresh) == 0 || len(c.gone) == 0 {
		return
	}
	same, named := c.goneBlobs()
	for _, f := range fresh {
		name := path.Base(f.Path)
		if f.Moved = named[name]; same[f.Blob] != nil {
			f.Moved, f.From = f.Blob, same[f.Blob]
		} else if !f.Moved.IsZero() {
			f.From = slices.DeleteFunc(slices.Clone(same[f.Moved]), func(from string) bool { return path.Base(from) != name })
		}
	}
}

// goneBlobs gives the blobs of all files that are gone with their paths, and those whose
// name no other of them has. A folder that cannot be read counts for nothing here.
func (c *comparison) goneBlobs() (same map[plumbing.Hash][]string, named map[string]plumbing.Hash) {
	same, named = map[plumbing.Hash][]string{}, map[string]plumbing.Hash{}
	todo := c.gone
	for reads := 0; len(todo) > 0; {
		e := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if id := e.blob(); !id.IsZero() {
			same[id] = append(same[id], e.prefix+e.name)
			if other, ok := named[e.name]; ok && other != id {
				id = plumbing.ZeroHash
			}
			named[e.name] = id
			continue
		}
		if reads++; e.folder().IsZero() || reads > maxGoneReads {
			continue
		}
		content, _ := readTree(c.objects, e.folder(), e.depth+1)
		for _, in := range content {
			todo = append(todo, gone{in, e.prefix + e.name + "/", e.depth + 1})
		}
	}
	return same, named
}
