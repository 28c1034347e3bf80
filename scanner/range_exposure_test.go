package scanner

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
)

// TestRangeExposure holds what is told of a range's secrets against git: which
// commits of the range hold them, and which refs reach such commits.
func TestRangeExposure(t *testing.T) {
	seeds := fixtures.Cases(6, 100)
	if testing.Short() {
		seeds = 2
	}
	total, pushed, inHead, removed := 0, 0, 0, 0
	for seed := range seeds {
		dir, _ := tale(t, uint64(1000+seed))
		o := newOracle(t, dir)
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		for range 4 {
			rg := RangeOptions{Include: []string{pickOf(rng, o.order)}, Exclude: []string{pickOf(rng, o.order)}}
			if rng.IntN(3) == 0 {
				rg.Include = []string{"HEAD"}
			}
			if rng.IntN(4) == 0 {
				rg.Exclude = nil
			}
			r, err := Range(context.Background(), Options{Rules: rules.Builtin(), Jobs: 2}, GitEnv{Path: dir}, rg)
			if err != nil {
				t.Fatal(err)
			}
			part := o.within(append(append([]string{"rev-list"}, rg.Include...), "--not"), rg.Exclude)
			for i := range r.Findings {
				f := &r.Findings[i]
				if f.Exposure == nil || !f.Exposure.Partial {
					t.Fatalf("%v: no exposure: %+v", rg, f)
				}
				total++
				h := part.holders(f)
				for _, text := range part.check(f, h, func(ref [2]string) bool { return part.reaches(ref, h) }) {
					t.Errorf("seed %d, %v: %s in %v: %s", seed, rg, f.Rule.ID, f.Exposure.Paths, text)
				}
				for n, is := range map[*int]bool{&pushed: f.Exposure.Pushed, &inHead: f.InHead, &removed: f.Exposure.Removed != nil} {
					if is {
						*n++
					}
				}
			}
		}
	}
	t.Logf("%d findings: %d pushed, %d in HEAD, %d removed", total, pushed, inHead, removed)
	if total < 4*seeds || min(pushed, inHead, removed) == 0 {
		t.Error("too little was compared")
	}
}

// within is an oracle of some commits alone.
func (o *oracle) within(args, more []string) *oracle {
	part := &oracle{t: o.t, dir: o.dir, parents: map[string][]string{}, tree: o.tree, head: o.head, refs: o.refs, said: o.said}
	all := map[string]bool{}
	for _, c := range o.lines(append(args, more...)...) {
		all[c] = true
	}
	for _, c := range o.order {
		if !all[c] {
			continue
		}
		part.order = append(part.order, c)
		for _, p := range o.parents[c] {
			if all[p] {
				part.parents[c] = append(part.parents[c], p)
			}
		}
	}
	return part
}

// holders are the commits that hold what a finding is about: one of its blobs,
// or, if the finding is of one path, one of them at that path.
func (o *oracle) holders(f *finding.Finding) holds {
	h := holds{trees: map[string]bool{}, messages: map[string]bool{}, objects: map[string]bool{}}
	blobs := map[string]bool{}
	for _, p := range f.Places {
		switch p.Kind {
		case finding.CommitMessage:
			h.messages[p.Object] = true
		case finding.TagMessage:
		default:
			blobs[p.Object] = true
		}
		h.objects[p.Object] = true
	}
	weak := !finding.Unguessable(f.Secret.Reveal())
	at := func(c string) bool {
		return slices.ContainsFunc(o.lines("ls-tree", "-r", "-z", "--full-tree", c), func(text string) bool {
			return slices.ContainsFunc(strings.Split(text, "\x00"), func(line string) bool {
				head, path, _ := strings.Cut(line, "\t")
				fields := strings.Fields(head)
				return len(fields) == 3 && blobs[fields[2]] && (!weak || path == f.Places[0].Path)
			})
		})
	}
	for _, c := range append(slices.Clone(o.order), o.head) {
		if at(c) {
			h.trees[c] = true
		}
	}
	if !slices.Contains(o.order, o.head) && !f.InHead {
		delete(h.trees, o.head) // it may stand at a path there that it has in no commit of the range
	}
	return h
}

// reaches tells whether a ref reaches a commit that holds something, or is a tag
// that does.
func (o *oracle) reaches(ref [2]string, h holds) bool {
	if ref[1] == "" || h.objects[strings.TrimSpace(o.git("", "rev-parse", ref[0]))] {
		return ref[1] != ""
	}
	if o.git("", "cat-file", "-t", ref[1]) != "commit" {
		return false
	}
	for _, c := range o.lines("rev-list", ref[1]) {
		if h.messages[c] || h.trees[c] && slices.Contains(o.order, c) {
			return true
		}
	}
	return false
}
