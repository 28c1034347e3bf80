package scanner

import (
	"slices"

	"keyrake/rules"
	"keyrake/scanner/match"
	"keyrake/scanner/match/decode"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/pack"
)

// said notes which rules and keywords have led to a hit so far, in any content.
type said struct {
	rules map[*rules.Rule]bool
	words map[uint16]bool // keywords, by their numbers
}

func (s *said) rule(r *rules.Rule) {
	if s.rules == nil {
		s.rules = map[*rules.Rule]bool{}
	}
	s.rules[r] = true
}

func (s *said) word(lit uint16) {
	if s.words == nil {
		s.words = map[uint16]bool{}
	}
	s.words[lit] = true
}

// pastRule is a rule that an earlier scan searched by.
type pastRule struct {
	ID, Digest string
	Words      []string
	Said       bool // it led to a hit
}

// pastRules lists the rules of a scan for what is kept of it, and the keywords
// that led to a hit. Those of from, if it was taken over, count too.
func (s *scan) pastRules(from *past) (list []pastRule, words map[string]bool) {
	said, words := map[string]bool{}, map[string]bool{}
	if from != nil && from.decisions != nil {
		for _, r := range from.Rules {
			said[r.ID] = r.Said
		}
		for _, w := range from.Words {
			words[w] = true
		}
	}
	keywords := s.workers[0].prog.Keywords()
	for _, w := range s.workers {
		for r := range w.said.rules {
			said[r.ID] = true
		}
		for lit := range w.said.words {
			words[keywords[lit]] = true
		}
	}
	for _, r := range s.opt.Rules.All() {
		list = append(list, pastRule{r.ID, r.Digest(), match.Words(r), said[r.ID]})
	}
	return list, words
}

// newRules compares the rules with those of a past. If what the past tells holds
// but for what further rules find, these are added; nil if there are none. It is
// not ok if the contents have to be searched anew. same: no rule is another.
//
// That a rule is there or not shows only at its keywords. So it is enough to
// look for those of the further rules, in contents as they stand and decoded,
// and to look again at contents where an anchor led to another form of the text,
// which may hold anything. A rule that is gone must have found nothing, nor its
// keywords led to anything. And none of these rules may share a keyword with one
// that stays: how far a keyword's anchors reach is up to all its rules.
func (s *scan) newRules(p *past) (added *rules.Set, ok, same bool) {
	was := map[string]*pastRule{}
	for i := range p.Rules {
		was[p.Rules[i].ID] = &p.Rules[i]
	}
	fresh := map[string]bool{}
	var moved []string // keywords of rules that are added or gone
	staying := map[string]bool{}
	for _, r := range s.opt.Rules.All() {
		if old := was[r.ID]; old != nil && old.Digest == r.Digest() {
			delete(was, r.ID)
			for _, w := range match.Words(r) {
				staying[w] = true
			}
			continue
		}
		fresh[r.ID] = true
		moved = append(moved, match.Words(r)...)
	}
	for _, old := range was {
		if old.Said || slices.ContainsFunc(old.Words, func(w string) bool { return slices.Contains(p.Words, w) }) {
			return nil, false, false
		}
		moved = append(moved, old.Words...)
	}
	if slices.ContainsFunc(moved, func(w string) bool { return staying[w] || match.IsMark(w) }) {
		return nil, false, false
	}
	if len(fresh) == 0 {
		return nil, true, len(was) == 0
	}
	added, err := s.opt.Rules.Only(func(r *rules.Rule) bool { return fresh[r.ID] })
	return added, err == nil, false
}

// addRules readies the workers to look for what further rules find.
func (s *scan) addRules(added *rules.Set) error {
	prog, err := match.Compile(added)
	if err != nil {
		return err
	}
	for _, w := range s.workers {
		w.added = &searcher{prog: prog, matcher: prog.NewMatcher(), policy: w.policy, muted: w.muted}
		w.again = map[int]bool{}
	}
	return nil
}

// glance searches a known object for what the added rules find. If they may find
// something there, all rules search the object anew.
func (h historian) glance(worker, n int, o *pack.Object, base *state) *state {
	w := h.workers[worker]
	f, st := w.added, w.take()
	if o.Delta && base != nil && base.plain && !decode.IsUTF16(o.Data) {
		f.derive(st, base, o.Data, o.Copies, o.BaseLen, !o.Leaf)
	} else {
		f.content(st, o.Data)
	}
	first := h.first(n, o)
	if st.found() || st.read || len(f.expired) > 0 || archive.Is(o.Data) || !h.past.walk.Same(n) || h.past.wasReread(first) {
		f.expired = f.expired[:0]
		w.again[first] = true
		whole := *o
		whole.Delta, whole.Copies, whole.Leaf = false, nil, true
		h.search(worker, n, &whole, nil)
	}
	if o.Leaf {
		w.give(st)
		return nil
	}
	return st
}
