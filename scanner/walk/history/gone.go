package history

import "github.com/go-git/go-git/v5/plumbing"

// maxGoneReads bounds how many folders Gone compares.
const maxGoneReads = 1 << 12

// folders are two versions of a folder; zero is none.
type folders struct {
	prefix   string // of the paths in it
	from, to plumbing.Hash
}

// Gone gives the files that the tree of commit from has and that of commit to has not at
// the same path, by the last part of the path: path and blob of a Spot. If several of that
// name are gone it is zero. What cannot be read counts for nothing.
func (l *Lookup) Gone(from, to plumbing.Hash) map[string]Spot {
	gone := map[string]Spot{}
	todo := []folders{{"", l.root(from), l.root(to)}}
	for reads := 0; len(todo) > 0 && reads < maxGoneReads; reads++ {
		f := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		now := map[string]treeItem{}
		l.eachEntry(f.to, func(name string, e treeItem) { now[name] = e })
		l.eachEntry(f.from, func(name string, e treeItem) {
			at, is := f.prefix+name, now[name]
			switch {
			case e.typ == plumbing.TreeObject && e != is:
				if is.typ != plumbing.TreeObject {
					is.hash = plumbing.ZeroHash
				}
				todo = append(todo, folders{at + "/", e.hash, is.hash})
			case e.typ == plumbing.BlobObject && is.typ != plumbing.BlobObject:
				if _, other := gone[name]; other {
					gone[name] = Spot{}
					return
				}
				gone[name] = Spot{Path: at, Blob: e.hash}
			}
		})
	}
	return gone
}

type treeItem struct {
	typ  plumbing.ObjectType
	hash plumbing.Hash
}

func (l *Lookup) eachEntry(tree plumbing.Hash, f func(name string, e treeItem)) {
	if tree.IsZero() {
		return
	}
	if typ, data, err := l.objects.GetProven(tree); err == nil && typ == plumbing.TreeObject {
		_ = EachEntry(data, func(name []byte, typ plumbing.ObjectType, h plumbing.Hash) { f(string(name), treeItem{typ, h}) })
	}
}
