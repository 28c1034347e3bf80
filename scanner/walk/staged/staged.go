// Package staged lists the blobs that the next commit would add or change: the
// difference between HEAD and the index. It reads only the folders in which
// something changed, by git's own cache tree, so its cost follows the change
// and not the size of the repository.
//
// It refuses to know what a blob holds, the files on disk, and where objects
// are stored. Its invariant: in doubt a file is listed. If a part of HEAD cannot
// be read, everything below it counts as new and a Problem says so.
package staged

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"keyrake/scanner/walk/repo"
)

// Limits on what a hostile repository can make of a few objects: deep folders,
// and folders that hold each other many times over. Only sparse folders can
// reach the second, since all other files stand in the index one by one.
const (
	maxDepth       = 2048
	maxSparseReads = 1 << 20
	maxSparseFiles = 1 << 22
)

// objects gives the type and content of an object, and only bytes that hash to
// its name.
type objects interface {
	GetProven(id plumbing.Hash) (plumbing.ObjectType, []byte, error)
}

// File is one blob that a commit would bring in under a path where HEAD has
// another blob or none.
type File struct {
	Path     string
	Mode     filemode.FileMode
	Blob     plumbing.Hash
	HeadBlob plumbing.Hash // what HEAD has at the path; zero if no blob
	Moved    plumbing.Hash // without HeadBlob: what HEAD has of it at another path, from which it seems to be moved; zero if it is new
	From     []string      // the paths at which HEAD has Moved and the index nothing
	Stage    uint8         // 0, or 2 (ours) or 3 (theirs) while a conflict is unresolved
}

// Changes lists the files of the index that differ from HEAD, sorted by path.
// Left out are submodules, files announced by "git add -N", the common ancestor
// of a conflict, and files whose mode alone changed.
func Changes(r *repo.Repo, objects objects) ([]File, []repo.Problem, error) {
	c := &comparison{objects: objects}
	head, _, born, err := r.Head()
	if err != nil {
		return nil, nil, err
	}
	var tree plumbing.Hash
	if born {
		if tree, err = rootTree(objects, head); err != nil {
			c.problem("HEAD", err)
		}
	}
	err = r.Index(func(index *repo.Index) {
		c.index = index
		c.folder("", 0, index.Len(), tree, index.Tree, 0)
	})
	if err != nil {
		return nil, nil, err
	}
	c.findMoved()
	// A sparse folder's files come in the order of its trees, and a conflict's
	// two sides can be the same blob.
	slices.SortStableFunc(c.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	c.files = slices.CompactFunc(c.files, func(a, b File) bool { return a.Path == b.Path && a.Blob == b.Blob && a.Mode == b.Mode })
	return c.files, c.problems, nil
}

// comparison walks the index and HEAD's trees side by side.
type comparison struct {
	objects     objects
	index       *repo.Index
	files       []File
	gone        []gone
	problems    []repo.Problem
	sparseReads int
	sparseCut   bool // the limits were passed, and it was said
}

// folder compares the entries from from up to to, all below prefix, with HEAD's tree there.
// A zero head means that HEAD has no folder of that name.
func (c *comparison) folder(prefix string, from, to int, head plumbing.Hash, cached *repo.CacheTree, depth int) {
	if cached != nil && cached.Entries == to-from && cached.ID == head && !head.IsZero() {
		return
	}
	there := c.tree(prefix, head, depth)
	var met []string
	for i := from; i < to; {
		e := c.index.Entry(i)
		name, rest, inFolder := strings.Cut(e.Path[len(prefix):], "/")
		met = append(met, name)
		if !inFolder {
			c.entry(&e, there[name])
			i++
			continue
		}
		if e.IsSparseDir() && rest == "" {
			c.sparse(e.Path, e.Hash, there[name].folder(), depth+1)
			i++
			continue
		}
		below := prefix + name + "/"
		if there[name].folder().IsZero() {
			// All of it is new: no need to go down folder by folder.
			end := c.end(below, i, to)
			for ; i < end; i++ {
				e := c.index.Entry(i)
				c.newEntry(&e, depth)
			}
			continue
		}
		node := child(cached, name)
		end := c.endByCount(below, i, to, node)
		c.folder(below, i, end, there[name].folder(), node, depth+1)
		i = end
	}
	c.leave(there, met, prefix, depth)
}

// end finds where the entries below prefix end.
func (c *comparison) end(prefix string, from, to int) int {
	return from + sort.Search(to-from, func(i int) bool {
		return !c.index.Below(from+i, prefix)
	})
}

// endByCount takes the cache tree's word where the entries bear it out.
func (c *comparison) endByCount(prefix string, from, to int, node *repo.CacheTree) int {
	if node != nil && node.Entries > 0 && node.Entries <= to-from {
		end := from + node.Entries
		if c.index.Below(end-1, prefix) && (end == to || !c.index.Below(end, prefix)) {
			return end
		}
	}
	return c.end(prefix, from, to)
}

func child(t *repo.CacheTree, name string) *repo.CacheTree {
	if t == nil {
		return nil
	}
	i, found := slices.BinarySearchFunc(t.Children, name, func(c repo.CacheTree, name string) int {
		return cmp.Or(cmp.Compare(len(c.Name), len(name)), strings.Compare(c.Name, name))
	})
	if !found {
		return nil
	}
	return &t.Children[i]
}

// newEntry lists an entry that HEAD has nothing for.
func (c *comparison) newEntry(e *repo.Entry, depth int) {
	if e.IsSparseDir() {
		c.sparse(e.Path, e.Hash, plumbing.ZeroHash, depth)
		return
	}
	c.entry(e, treeEntry{})
}

func (c *comparison) entry(e *repo.Entry, head treeEntry) {
	if e.IntentToAdd || e.Stage == 1 {
		return
	}
	c.file(e.Path, treeEntry{e.Mode, e.Hash}, head, e.Stage)
}

func (c *comparison) file(path string, now, head treeEntry, stage uint8) {
	if now.blob().IsZero() || now.blob() == head.blob() {
		return
	}
	c.files = append(c.files, File{Path: path, Mode: now.mode, Blob: now.id, HeadBlob: head.blob(), Stage: stage})
}

// sparse compares a folder that stands in the index as one tree.
func (c *comparison) sparse(path string, now, head plumbing.Hash, depth int) {
	if now == head {
		return
	}
	if c.sparseReads++; c.sparseReads > maxSparseReads || len(c.files) > maxSparseFiles {
		if !c.sparseCut {
			c.sparseCut = true
			c.problem(path, errors.New("the sparse folders hold too many files; the rest was not compared"))
		}
		return
	}
	there := c.tree(path, head, depth)
	content, err := readTree(c.objects, now, depth)
	if err != nil {
		c.problem(path, err)
	}
	for _, e := range content {
		if id := e.folder(); !id.IsZero() {
			c.sparse(path+e.name+"/", id, there[e.name].folder(), depth+1)
			continue
		}
		c.file(path+e.name, e.treeEntry, there[e.name], 0)
	}
}

// tree reads a folder of HEAD, by name. One that cannot be read is a problem
// and reads as empty, so that everything in it counts as new.
func (c *comparison) tree(path string, id plumbing.Hash, depth int) map[string]treeEntry {
	if id.IsZero() {
		return nil
	}
	content, err := readTree(c.objects, id, depth)
	if err != nil {
		c.problem("HEAD:"+path, err)
	}
	there := make(map[string]treeEntry, len(content))
	for _, e := range content {
		there[e.name] = e.treeEntry
	}
	return there
}

func (c *comparison) problem(what string, err error) {
	c.problems = append(c.problems, repo.Problem{What: what, Reason: err.Error()})
}

// rootTree reads the tree of a commit.
func rootTree(objects objects, commit plumbing.Hash) (plumbing.Hash, error) {
	kind, data, err := objects.GetProven(commit)
	if err != nil {
		return plumbing.ZeroHash, fmt.Errorf("read commit %s: %w", commit, err)
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	name, ok := bytes.CutPrefix(line, []byte("tree "))
	if kind != plumbing.CommitObject || !ok || !plumbing.IsHash(string(name)) {
		return plumbing.ZeroHash, fmt.Errorf("object %s is not a commit with a tree", commit)
	}
	return plumbing.NewHash(string(name)), nil
}
