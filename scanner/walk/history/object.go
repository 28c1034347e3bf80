package history

import (
	"github.com/go-git/go-git/v5/plumbing"
)

// EmptyTree is the name of the tree without entries, which git knows without
// its being stored.
func EmptyTree() plumbing.Hash { return emptyTree }

// EachLink calls f for what a commit (its tree, then its parents) or a tag (its
// object) points to, with the type that the header says it has.
func EachLink(typ plumbing.ObjectType, data []byte, f func(plumbing.Hash, plumbing.ObjectType)) {
	eachLink(typ, data, f)
}

// CommitTime reads the committer's clock in a commit, in seconds; 0 if it has none.
func CommitTime(data []byte) int64 { return commitTime(data) }

// EachEntry calls f for the entries of a tree in their order, up to one that
// does not parse, which is an error. typ is 0 for a submodule's commit.
func EachEntry(data []byte, f func(name []byte, typ plumbing.ObjectType, h plumbing.Hash)) error {
	for pos := 0; pos < len(data); {
		mode, name, end := treeEntry(data, pos)
		if end < 0 {
			return errTree
		}
		f(name, childKind(mode), plumbing.Hash(data[end-hashLen:end]))
		pos = end
	}
	return nil
}
