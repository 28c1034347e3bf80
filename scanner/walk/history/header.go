package history

import (
	"errors"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// header keeps the links of a commit or tag.
func (w *walk[S]) header(k *scratch, n int, o *pack.Object) {
	if o.Type == plumbing.BlobObject {
		return
	}
	c := commit{number: int32(n), tree: none}
	k.list = append(k.list[:0], 0)
	named := false // the header names a tree, or a tag's object
	behind := 0    // where the links end, of a commit that begins as git writes it
	EachLink(o.Type, o.Data, func(h plumbing.Hash, typ plumbing.ObjectType) {
		named = named || typ == plumbing.TreeObject || o.Type == plumbing.TagObject
		behind = afterLink(behind, typ)
		if o.Type == plumbing.CommitObject && typ == plumbing.CommitObject && w.shallow[o.Name] {
			return
		}
		m := w.number(h, typ)
		k.list = append(k.list, m)
		switch {
		case int(m) >= w.absent.first || m == none:
		case typ == plumbing.TreeObject:
			c.tree = m
		default:
			c.parents = append(c.parents, m)
		}
	})
	k.list[0] = int32(len(k.list) - 1)
	w.links.put(&k.pen, n, k.list, nil)
	if !named {
		w.unclear(k, o, errHeader)
	}
	if o.Type == plumbing.CommitObject {
		c.when = CommitTime(o.Data)
		c.author = k.authors.keep(o.Data, behind)
		k.commits = append(k.commits, c)
	}
}

var errHeader = errors.New("its header does not name what it is about; run \"git fsck\"")
