package scanner

import (
	"slices"
	"strings"
	"testing"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/match"
	"keyrake/scanner/walk/pack"
)

// seen is what is decided about an anchor, with offsets from the anchor on.
func seen(f *searcher, data []byte, a match.Anchor) []plainHit {
	list := plainHits(f.decide(nil, data, a))
	for i := range list {
		h := &list[i]
		h.anchor, h.from, h.to = match.Anchor{Lit: a.Lit}, h.from-int(a.Off), h.to-int(a.Off)
	}
	return list
}

// shapes is what the matcher finds at an anchor, with offsets from the anchor on.
func shapes(f *searcher, data []byte, a match.Anchor) []match.Candidate {
	list := f.matcher.At(nil, data, a)
	for i := range list {
		c := &list[i]
		for _, p := range []*int{&c.Start, &c.End, &c.MatchStart, &c.MatchEnd, &c.WindowLo, &c.WindowHi} {
			*p -= int(a.Off)
		}
		if c.NameEnd > 0 {
			c.NameStart, c.NameEnd = c.NameStart-int(a.Off), c.NameEnd-int(a.Off)
		}
	}
	return list
}

// TestDecisionsArePure replaces all that lies outside an anchor's window by
// something else, and asks again.
func TestDecisionsArePure(t *testing.T) {
	sequential(t)
	stock, sets := newStock(t), ruleSets(t, 40)
	asked, found, least := 0, 0, fixtures.Cases(6_000, 200_000)
	var sights [4]int // Hem, not far, farther, Wide
	for seed := uint64(0); asked < least; seed++ {
		w := sets[int(seed)%len(sets)]
		if seed%3 == 0 {
			w = sets[0]
		}
		f := &w.full.workers[0].searcher
		m := &maker{newChoices(nil, seed), stock, f.prog, w.tiny}
		var s state
		data := m.content()
		if m.oneIn(2) {
			data = append(data, m.content()...)
		}
		f.whole(&s, data)
		for _, p := range s.anchors {
			a := p.anchor()
			n, r := f.prog.Len(a), f.prog.Reach(a.Lit)
			if m.oneIn(4) { // a content that ends right where a window does
				data = data[:min(len(data), int(a.Off)+n+int(r.After))]
			}
			if int(a.Off)+n > len(data) {
				break
			}
			// How far a decision looked may hang on whether the content goes on.
			seen(f, data, a)
			sight := f.sight
			r = f.prog.Within(a.Lit, sight)
			switch far := sight.Reach(); {
			case sight == match.Hem:
				sights[0]++
			case sight == match.Wide:
				sights[3]++
			case far.Before <= 64 && far.After <= 64:
				sights[1]++
			default:
				sights[2]++
			}
			lo, hi := max(0, int(a.Off-r.Before)), min(len(data), int(a.Off)+n+int(r.After))
			other, shift := data[lo:hi:hi], -lo
			if int(a.Off-r.Before) > 0 { // at 0 it may have asked whether the content begins there
				before := m.outside()
				other, shift = append([]byte(before), other...), len(before)-lo
			}
			if hi < len(data) {
				other = append(other, m.outside()+m.text(plainBytes, 1)...)
			}
			b := match.Anchor{Off: a.Off + int32(shift), Lit: a.Lit}
			if x, y := shapes(f, data, a), shapes(f, other, b); !slices.Equal(x, y) {
				t.Fatalf("candidates of %q depend on what is outside of its window:\n%+v\n%+v\n%q\n%q", f.prog.Word(a), x, y, data, other)
			}
			x, y := seen(f, data, a), seen(f, other, b)
			if !slices.Equal(x, y) {
				t.Fatalf("verdicts of %q depend on what is outside of its window:\n%+v\n%+v\n%q\n%q", f.prog.Word(a), x, y, data, other)
			}
			if sight < match.Wide && (len(x) > 0 || f.sight != sight) {
				t.Fatalf("a decision about %q that looked no farther than %d looks as far as %d: %+v\n%q\n%q", f.prog.Keywords()[a.Lit], sight, f.sight, x, data, other)
			}
			asked++
			found += len(x)
		}
	}
	t.Logf("%d anchors, %d hits, by how far was looked: %d", asked, found, sights)
	if slices.Min(sights[:]) < asked/20 {
		t.Errorf("%d of %d anchors were decided by what is within reach of each sight: all must occur", sights, asked)
	}
	if found < asked/20 {
		t.Errorf("only %d of %d anchors had a hit", found, asked)
	}
}

// outside is what may stand beside a window.
func (m *maker) outside() string {
	switch m.below(4) {
	case 0:
		return ""
	case 1:
		return m.text("abcXYZ019_", m.between(1, 30))
	}
	return m.piece()
}

// TestWindowBegins puts something before contents in which what a decision looks at
// begins right where the content does, and where it does not quite. A quote on the
// line before a value says whether the value is one.
func TestWindowBegins(t *testing.T) {
	sequential(t)
	w := newTwins(t, rules.Builtin(), 0.01, false)
	m := &maker{choices: newChoices(nil, 1)}
	value := "!" + m.text("abcdefghijklmnopqrstuvwxyz0123456789", 15)
	opened, other := 0, 0
	for size := range 250 {
		base := `"` + strings.Repeat("a ", size)[:size] + ` password = "` + value + "\"\n"
		for _, before := range []string{`"`, "'", "x", "\n", `"b`} {
			v1 := &version{data: []byte(base)}
			w.visit(t, v1, nil, nil, false, new(tally))
			v2 := &version{data: []byte(before + base)}
			w.visit(t, v2, v1, []pack.Copy{{Pos: len(before), From: 0, Len: len(base)}}, false, new(tally))
			if len(v2.full.hits) == len(v1.full.hits) {
				other++
			} else {
				opened++
			}
			w.release(v1)
			w.release(v2)
		}
	}
	if opened == 0 || other == 0 {
		t.Errorf("%d contents were read in another way and %d were not: both must occur", opened, other)
	}
}

// TestWindowEnds tries values that end right where the window does: whether
// they are complete depends on whether the content ends there too.
func TestWindowEnds(t *testing.T) {
	sequential(t)
	set, err := rules.NewSet([]rules.Rule{{
		ID: "long-value", Title: "x", Provider: "generic", Remedy: "x", Confidence: 1, Kind: rules.Assignment,
		Keywords: []string{"secret"}, Pattern: "[a-z0-9]{300,399}",
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := newTwins(t, set, 0.01, false)
	f := &w.delta.workers[0].searcher
	after := int(f.prog.Reach(0).After)
	m := &maker{choices: newChoices(nil, 1)}
	name := "secret" + strings.Repeat("_of_ours", 14) + "=" + strings.Repeat(" ", 60)
	ended, cut := 0, 0
	for size := after - 8; size <= after+8; size++ {
		value := m.text("abcdefghijklmnopqrstuvwxyz0123456789", len("secret")+size-len(name))
		text := name + value
		for _, tail := range []string{"", "x", "\n", "\nmore", "0123456789"} {
			for _, tail2 := range []string{"", "x", "\n", "\nmore", "0123456789"} {
				v1 := &version{data: []byte(text + tail)}
				w.visit(t, v1, nil, nil, false, new(tally))
				v2 := &version{data: []byte(text + tail2)}
				w.visit(t, v2, v1, []pack.Copy{{Pos: 0, From: 0, Len: len(text)}}, false, new(tally))
				if len(v1.full.hits) > 0 {
					ended++
				} else {
					cut++
				}
				w.release(v1)
				w.release(v2)
			}
		}
	}
	if ended == 0 || cut == 0 {
		t.Errorf("%d contents with a hit and %d without: both must occur", ended, cut)
	}
}
