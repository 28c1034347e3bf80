package revision

import (
	"fmt"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/history"
)

// peelTo follows tags, and for a tree its commit, to an object of the type that
// ^{kind} names.
func (p *Parser) peelTo(h plumbing.Hash, kind string) (plumbing.Hash, error) {
	switch kind {
	case "", "commit", "tree", "blob", "tag", "object":
	default:
		return plumbing.ZeroHash, fmt.Errorf("^{%s} is not understood", kind)
	}
	for range maxChain {
		typ, data, err := p.Objects.Get(h)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		if typ.String() == kind || kind == "object" || kind == "" && typ != plumbing.TagObject {
			return h, nil
		}
		next := plumbing.ZeroHash
		if typ == plumbing.TagObject || typ == plumbing.CommitObject && kind == "tree" {
			history.EachLink(typ, data, func(to plumbing.Hash, typ plumbing.ObjectType) {
				if next.IsZero() {
					next = to
				}
			})
		}
		if next.IsZero() {
			return plumbing.ZeroHash, fmt.Errorf("%s %s is no %s", typ, h, orObject(kind))
		}
		h = next
	}
	return plumbing.ZeroHash, fmt.Errorf("its chain of tags never ends")
}

func orObject(kind string) string {
	if kind == "" {
		return "object"
	}
	return kind
}

// parents peels h to a commit and lists its parents, none where the clone is cut off.
func (p *Parser) parents(h plumbing.Hash) (commit plumbing.Hash, parents []plumbing.Hash, err error) {
	if commit, err = p.peelTo(h, "commit"); err != nil {
		return commit, nil, err
	}
	for _, cut := range p.Repo.Shallow {
		if cut == commit {
			return commit, nil, nil
		}
	}
	_, data, err := p.Objects.Get(commit)
	if err != nil {
		return commit, nil, err
	}
	p.met(commit)
	history.EachLink(plumbing.CommitObject, data, func(to plumbing.Hash, typ plumbing.ObjectType) {
		if typ == plumbing.CommitObject {
			parents = append(parents, to)
		}
	})
	return commit, parents, nil
}

// parent gives the parent number n of a commit; 0 is the commit itself.
func (p *Parser) parent(h plumbing.Hash, n int) (plumbing.Hash, error) {
	commit, parents, err := p.parents(h)
	if err != nil || n == 0 {
		return commit, err
	}
	if n > len(parents) {
		return plumbing.ZeroHash, p.noParent(commit, n)
	}
	return parents[n-1], nil
}

// noParent says that a commit has no such parent, and where it may be.
func (p *Parser) noParent(commit plumbing.Hash, n int) error {
	if slices.Contains(p.Repo.Shallow, commit) {
		return cutAt(commit)
	}
	return fmt.Errorf("commit %s has no parent %d", commit, n)
}

// cutAt is the commit behind which a shallow clone has nothing.
type cutAt plumbing.Hash

// Error implements error.
func (c cutAt) Error() string {
	return fmt.Sprintf("this shallow clone was cut off at commit %s; run \"git fetch --unshallow\"", plumbing.Hash(c))
}

// Is reports whether target is ErrShallow.
func (cutAt) Is(err error) bool { return err == ErrShallow }

// ancestor goes n first parents back.
func (p *Parser) ancestor(h plumbing.Hash, n int) (plumbing.Hash, error) {
	h, err := p.parent(h, 0)
	for ; n > 0 && err == nil; n-- {
		h, err = p.parent(h, 1)
	}
	return h, err
}
