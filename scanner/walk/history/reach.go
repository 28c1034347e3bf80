package history

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// ErrMissing tells that the repository lacks an object that it points to.
var ErrMissing = errors.New("the repository does not hold it")

// findGone marks what no tip reaches, given how many links point to each
// object. It must not be called when links were lost because trees or commits
// could not be read: what those pointed to would look unreachable.
func (r *Result) findGone(ctx context.Context, links []int32) error {
	tips := newBitset(len(r.types))
	for _, h := range r.opt.Tips {
		if n, ok := r.opt.Store.Number(h); ok {
			tips.set(n)
		}
	}
	var todo []int32
	for n, t := range r.types {
		if t != 0 && links[n] == 0 && !tips.has(n) && r.first(n) {
			todo = append(todo, int32(n))
		}
	}
	if len(todo) == 0 {
		return nil
	}
	to, err := r.allLinks(ctx)
	if err != nil {
		return err
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		r.gone.set(int(n))
		r.Unreachable++
		if r.types[n] != 0 {
			c := r.count(plumbing.ObjectType(r.types[n]))
			c.Read--
			c.Bytes -= int64(r.sizes[n])
		}
		for _, m := range to[n] {
			if m == none {
				continue
			}
			if links[m]--; links[m] == 0 && !tips.has(int(m)) {
				todo = append(todo, m)
			}
		}
	}
	for n := range r.types { // second copies
		if r.first(n) {
			continue
		}
		if m, ok := r.opt.Store.Number(r.opt.Store.Name(n)); ok && r.gone.has(m) {
			r.gone.set(n)
		}
	}
	return nil
}

// first tells whether n is the number that stands for its object, and not that
// of a second copy.
func (r *Result) first(n int) bool {
	if len(r.opt.Store.Packs()) == 1 && n < r.opt.Store.LooseBase() {
		return true
	}
	m, _ := r.opt.Store.Number(r.opt.Store.Name(n))
	return m == n
}

// findGaps lists what is reached and was not read, each object once, by name.
func (r *Result) findGaps(lost []missing, bad, garbled []pack.Problem) {
	seen := map[plumbing.Hash]bool{}
	add := func(g Gap) {
		if !seen[g.Name] {
			seen[g.Name] = true
			r.Gaps = append(r.Gaps, g)
			if n, ok := r.opt.Store.Number(g.Name); !ok || r.Reachable(n) {
				r.count(g.Type).Reached++
			}
		}
	}
	for _, p := range bad {
		add(Gap{p.Name, p.Type, p.Err})
	}
	for _, p := range garbled {
		r.count(p.Type).Read--
		add(Gap{p.Name, p.Type, p.Err})
	}
	slices.SortFunc(lost, func(a, b missing) int { return bytes.Compare(a.to[:], b.to[:]) })
	for _, m := range lost {
		if r.Reachable(int(m.from)) {
			add(Gap{m.to, m.typ, ErrMissing})
		}
	}
	for _, h := range r.opt.Tips {
		if _, ok := r.opt.Store.Number(h); !ok && h != emptyTree {
			add(Gap{h, plumbing.CommitObject, ErrMissing})
		}
	}
	slices.SortFunc(r.Gaps, func(a, b Gap) int { return bytes.Compare(a.Name[:], b.Name[:]) })
}
