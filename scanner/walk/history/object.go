package history

import (
	"bytes"
	"encoding/hex"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing"
)

// EmptyTree is the name of the tree without entries, which git knows without
// its being stored.
func EmptyTree() plumbing.Hash { return emptyTree }

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

// EachLink calls f for what a commit (its tree, then its parents) or a tag (its
// object) points to, with the type that the header says it has.
func EachLink(typ plumbing.ObjectType, data []byte, f func(plumbing.Hash, plumbing.ObjectType)) {
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

// CommitTime reads the clock of the committer in a commit, in seconds; 0 if it has
// none.
func CommitTime(data []byte) int64 {
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
