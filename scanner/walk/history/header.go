package history

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"

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
	eachLink(o.Type, o.Data, func(h plumbing.Hash, typ plumbing.ObjectType) {
		named = named || typ == plumbing.TreeObject || o.Type == plumbing.TagObject
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
		c.when = commitTime(o.Data)
		k.commits = append(k.commits, c)
	}
}

var errHeader = errors.New("its header does not name what it is about; run \"git fsck\"")

// eachLink calls f for what a commit (tree, parents) or a tag (object) points to.
func eachLink(typ plumbing.ObjectType, data []byte, f func(plumbing.Hash, plumbing.ObjectType)) {
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		key, name, ok := bytes.Cut(line, []byte{' '})
		var h plumbing.Hash
		if !ok || len(name) != 2*hashLen {
			return
		}
		if _, err := hex.Decode(h[:], name); err != nil {
			return
		}
		switch {
		case typ == plumbing.CommitObject && string(key) == "tree":
			f(h, plumbing.TreeObject)
		case typ == plumbing.CommitObject && string(key) == "parent":
			f(h, plumbing.CommitObject)
		case typ == plumbing.TagObject && string(key) == "object":
			kind, _, _ := bytes.Cut(rest, []byte{'\n'})
			t, _ := plumbing.ParseObjectType(string(bytes.TrimPrefix(kind, []byte("type "))))
			f(h, t)
			return
		default:
			return
		}
		data = rest
	}
}

// commitTime reads the seconds of the committer line; 0 if there are none.
func commitTime(data []byte) int64 {
	i := bytes.Index(data, []byte("\ncommitter "))
	if i < 0 {
		return 0
	}
	line, _, _ := bytes.Cut(data[i+1:], []byte{'\n'})
	gt := bytes.LastIndexByte(line, '>')
	if gt < 0 {
		return 0
	}
	seconds, _, _ := bytes.Cut(bytes.TrimLeft(line[gt+1:], " "), []byte{' '})
	t, _ := strconv.ParseInt(string(seconds), 10, 64)
	return t
}
