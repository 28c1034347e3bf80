package revision

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/store"
)

var (
	errNoTree = errors.New("its header names no tree; run \"git fsck\"")
	errEnds   = errors.New("the walk of a range was broken off")
)

// read reads an object that has to be of a type, and to hash to its name: a
// range says what is new by names alone.
func read(s *store.Reader, h plumbing.Hash, want plumbing.ObjectType) (plumbing.ObjectType, []byte, error) {
	typ, data, err := s.GetProven(h)
	if err == nil && typ != want {
		err = fmt.Errorf("it is a %s, not a %s; run \"git fsck\"", typ, want)
	}
	return typ, data, err
}

// slop is how many excluded commits are looked at after all that is left is
// excluded: with clocks that go wrong, one of them may lead to a commit that
// was taken for new. The number is git's.
const slop = 5

// walkCommits lists the commits that tips reach and that are not excluded,
// as git's limit_list does. Those that turned out to be excluded after they
// were listed keep the flag.
func (g *graph) walkCommits(ctx context.Context, tips []*node) ([]*node, error) {
	var queue dates
	for _, n := range tips {
		g.parse(n)
		if n.flags&excluded != 0 {
			g.excludeParents(n)
		}
		if n.flags&seen == 0 {
			n.flags |= seen
			queue.push(n)
		}
	}
	var list []*node
	date := int64(math.MaxInt64)
	left := slop
	for len(queue.list) > 0 {
		if ctx.Err() != nil {
			return list, errors.Join(errEnds, ctx.Err())
		}
		n := queue.pop()
		g.parents(&queue, n)
		if n.flags&excluded == 0 {
			date = n.when
			list = append(list, n)
			continue
		}
		g.excludeParents(n)
		switch {
		case len(queue.list) == 0:
			left = 0
		case date <= queue.list[0].when, queue.live():
			left = slop
		default:
			left--
		}
		if left == 0 {
			break
		}
	}
	return list, nil
}

// parents puts the parents of n into the queue.
func (g *graph) parents(queue *dates, n *node) {
	for _, p := range n.parents {
		p.flags |= n.flags & excluded
		g.parse(p)
		if n.flags&excluded != 0 {
			g.excludeParents(p)
			if p.err != nil {
				continue
			}
		}
		if p.flags&seen == 0 {
			p.flags |= seen
			queue.push(p)
		}
	}
}

// excludeParents excludes all that n reaches through commits that were read.
func (g *graph) excludeParents(n *node) {
	todo := []*node{n}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, p := range n.parents {
			if p.flags&excluded == 0 {
				p.flags |= excluded
				todo = append(todo, p)
			}
		}
	}
}
