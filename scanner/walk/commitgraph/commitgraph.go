// Package commitgraph reads git's commit-graph files (gitformat-commit-graph), from
// which git takes the trees, parents and dates of commits instead of reading the
// commits themselves.
//
// It refuses to know objects and refs. Its invariant: whatever git may take from such
// a file, in any object directory and layer, is compared with what the commits say,
// or is a problem.
package commitgraph

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// Commit is what git takes from a commit-graph in place of the commit.
type Commit struct {
	Tree    plumbing.Hash
	Parents []plumbing.Hash
	When    int64 // committer's clock, seconds; 0 is not known
}

// differs says what c says otherwise than the commit itself; "" if nothing. Clocks
// that git reads as none, or that do not fit, are not compared: versions of git read
// odd lines in different ways.
func (c *Commit) differs(from Commit) string {
	switch {
	case c.Tree != from.Tree:
		return "another tree"
	case !slices.Equal(c.Parents, from.Parents):
		return "other parents"
	case from.When > 0 && from.When < 1<<clockBits && c.When != 0 && c.When != from.When:
		return "another time"
	}
	return ""
}

// Problem is a file that could not be read, or that does not say what the commits
// say.
type Problem struct {
	Path string
	Err  error
}

// Set is all commit-graphs of a repository. It is safe for concurrent use.
type Set struct {
	chains [][]*layer // each from the lowest layer on
}

// The files of a commit-graph below an object directory: one for all, or a list of
// layers, each on top of those before it.
const (
	single   = "info/commit-graph"
	folder   = "info/commit-graphs"
	listFile = "commit-graph-chain"
)

// Open opens the commit-graphs of object directories. git uses the first that it
// finds; which that is changes with what else is there, so that all are opened.
func Open(dirs []string) (*Set, []Problem) {
	s := &Set{}
	var problems []Problem
	for _, dir := range dirs {
		path := filepath.Join(dir, filepath.FromSlash(single))
		one, err := openLayer(path)
		if err == nil {
			s.add(one)
		} else if !missing(err) {
			problems = append(problems, Problem{path, err})
		}
		path = filepath.Join(dir, filepath.FromSlash(folder), listFile)
		chain, err := openChain(path, dirs)
		if err == nil {
			s.add(chain...)
		} else if !missing(err) {
			problems = append(problems, Problem{path, err})
		}
	}
	return s, problems
}

func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// add links the layers of a chain.
func (s *Set) add(chain ...*layer) {
	base := 0
	for i, l := range chain {
		l.base, l.chain = base, chain[:i+1]
		base += l.n
	}
	s.chains = append(s.chains, chain)
}

// maxEntries bounds how many commits are looked at; Linux has a million and a half.
const maxEntries = 1 << 25

// openChain opens the layers that the list at path names, each in the first of the
// object directories that has it.
func openChain(path string, dirs []string) ([]*layer, error) {
	open := func(name string) (l *layer, err error) {
		for _, dir := range dirs {
			l, err = openLayer(filepath.Join(dir, filepath.FromSlash(folder), "graph-"+name+".graph"))
			if !missing(err) {
				break
			}
		}
		return l, err
	}
	return pack.OpenChain(path, open, func(l *layer) { l.unmap() })
}

// Close gives all mappings back.
func (s *Set) Close() error {
	var errs []error
	for _, chain := range s.chains {
		for _, l := range chain {
			errs = append(errs, l.unmap())
		}
	}
	return errors.Join(errs...)
}

// Empty reports whether there is no commit-graph.
func (s *Set) Empty() bool { return len(s.chains) == 0 }

// All holds every entry to what is known. known gives a commit as it is, one without
// a tree for an object of another type; false if there is nothing to compare with.
func (s *Set) All(known func(plumbing.Hash) (Commit, bool)) (problems []Problem) {
	room := maxEntries
	for _, chain := range s.chains {
		for _, l := range chain {
			if room -= l.n; room < 0 {
				return append(problems, Problem{l.path, errors.New("it has more commits than are looked at")})
			}
			var found lies
			err := l.each(known, &found)
			problems = l.problems(problems, err, found)
		}
	}
	return problems
}

// These holds what is said of some commits to what they are.
func (s *Set) These(commits iter.Seq2[plumbing.Hash, Commit]) (problems []Problem) {
	for _, chain := range s.chains {
		for _, l := range chain {
			var found lies
			err := l.find(commits, &found)
			problems = l.problems(problems, err, found)
		}
	}
	return problems
}

// lies are the entries of a file that are not true.
type lies struct {
	first plumbing.Hash
	what  string
	count int
}

func (l *lies) add(h plumbing.Hash, what string) {
	if what == "" {
		return
	}
	if l.count++; l.count == 1 {
		l.first, l.what = h, what
	}
}

func (l *layer) problems(list []Problem, err error, found lies) []Problem {
	if err != nil {
		list = append(list, Problem{l.path, err})
	}
	if found.count == 0 {
		return list
	}
	more := ""
	if found.count > 1 {
		more = fmt.Sprintf(", and %d more commits what they have not", found.count-1)
	}
	return append(list, Problem{l.path, fmt.Errorf(
		"it gives commit %s %s than it has%s: git believes it, and so shows another history than was searched; remove the file, git makes it anew", found.first, found.what, more)})
}
