package scanner

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/judge"
	"keyrake/scanner/match"
	"keyrake/scanner/match/decode"
)

func randomHits(rng *rand.Rand, n, size int) []hit {
	list := make([]hit, n)
	for i := range list {
		from := rng.IntN(size)
		r := &rules.Rule{ID: fmt.Sprintf("rule-%d", rng.IntN(5)), Generic: rng.IntN(3) == 0}
		v := judge.Verdict{Report: true, Confidence: float64(rng.IntN(4)) / 4, Severity: rules.Severity(rng.IntN(3)), Proof: judge.Proof(rng.IntN(3))}
		if rng.IntN(2) == 0 {
			v.Reasons = []string{"a reason"}
		}
		at := rng.IntN(from + 1)
		list[i] = hit{match.Anchor{Off: int32(at)}, int32(from - at), int32(from-at) + 1 + int32(rng.IntN(6)), &verdict{rule: r, Verdict: v}}
	}
	return list
}

// TestStrongest: what is kept does not depend on the order in which hits were
// found, does not overlap, and is not weaker than what was dropped for it.
func TestStrongest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		hits := randomHits(rng, rng.IntN(9), 12)
		want := strongest(slices.Clone(hits))
		for i := range want {
			if i > 0 && want[i].from() < want[i-1].to() {
				t.Fatalf("%+v and %+v overlap", want[i-1], want[i])
			}
		}
		for _, h := range hits {
			beaten := slices.ContainsFunc(want, func(k hit) bool {
				return k.from() < h.to() && h.from() < k.to() && stronger(k.verdict, h.verdict) <= 0
			})
			if !beaten {
				t.Fatalf("%+v was dropped for nothing", h)
			}
		}
		for range 4 {
			mixed := slices.Clone(hits)
			rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			if got := strongest(mixed); !reflect.DeepEqual(withoutAnchors(got), withoutAnchors(want)) {
				t.Fatalf("another order keeps other hits:\n%v\n%v", plainHits(got), plainHits(want))
			}
		}
	}
}

func withoutAnchors(hits []hit) []plainHit {
	list := plainHits(hits)
	for i := range list {
		list[i].anchor = match.Anchor{}
	}
	return list
}

func TestStrongestOrder(t *testing.T) {
	special, general := &rules.Rule{ID: "b", Provider: "generic"}, &rules.Rule{ID: "a", Provider: "generic", Generic: true}
	issued := &rules.Rule{ID: "c", Provider: "acme", Kind: rules.Token}
	loud, quiet := &rules.Rule{ID: "own", Foreign: true, Severity: rules.High}, &rules.Rule{ID: "own", Foreign: true, Severity: rules.Info}
	of := func(r *rules.Rule, p judge.Proof, c float64) *verdict {
		return &verdict{rule: r, Verdict: judge.Verdict{Report: true, Proof: p, Confidence: c, Severity: r.Severity}}
	}
	for _, c := range []struct {
		name       string
		best, rest *verdict
	}{
		{"proof", of(general, judge.Verified, 0.5), of(special, judge.NoProof, 0.9)},
		{"special", of(special, judge.NoProof, 0.5), of(general, judge.NoProof, 0.9)},
		{"confidence", of(special, judge.NoProof, 0.9), of(special, judge.Mismatch, 0.8)},
		{"a token in a URL", of(issued, judge.NoProof, 0.6), of(special, judge.Verified, 0.9)},
		{"a known rule", of(special, judge.NoProof, 0.6), of(loud, judge.Verified, 1)},
		{"a repository's own rule", of(loud, judge.NoProof, 0.6), of(general, judge.NoProof, 0.9)},
		{"one that makes little of it", of(general, judge.NoProof, 0.6), of(quiet, judge.Verified, 1)},
		{"id", of(&rules.Rule{ID: "a", Provider: "generic"}, 0, 0.9), of(special, 0, 0.9)},
	} {
		if stronger(c.best, c.rest) >= 0 || stronger(c.rest, c.best) <= 0 {
			t.Errorf("%s does not decide", c.name)
		}
	}
}

// TestGroupsAndArrange: the workers' shares and their order show nowhere.
func TestGroupsAndArrange(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		data := []byte("some text of forty bytes, and a few more.")
		type content struct {
			where int
			hits  []hit
		}
		var contents []content
		for i := range 6 {
			contents = append(contents, content{i, randomHits(rng, rng.IntN(4), 30)})
		}
		run := func(workers int) (fs []finding.Finding) {
			cs := make([]*collector, workers)
			for i := range cs {
				cs[i] = &collector{}
			}
			order := rng.Perm(len(contents))
			for _, i := range order {
				cs[rng.IntN(workers)].add(contents[i].where, data, &state{hits: contents[i].hits, plain: true})
			}
			var made findingMaker
			for _, g := range groups(cs) {
				var places []finding.Place
				for k := range g.spots {
					places = append(places, g.spots[k].place(finding.File, fmt.Sprint(g.spots[k].where), ""))
				}
				slices.SortFunc(places, comparePlaces)
				fs = made.findings(fs, &g, places, false)
			}
			rng.Shuffle(len(fs), func(i, j int) { fs[i], fs[j] = fs[j], fs[i] })
			arrange(fs)
			return fs
		}
		want := describe(run(1))
		for _, workers := range []int{1, 2, 5} {
			if got := describe(run(workers)); got != want {
				t.Fatalf("%d workers say\n%s\none says\n%s", workers, got, want)
			}
		}
	}
}

func describe(fs []finding.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprintln(&b, f.Rule.ID, f.Secret.Reveal(), f.Severity, f.Confidence, f.Proof, f.Reasons, f.Fingerprint, f.Places)
	}
	return b.String()
}

// naivePlace counts lines and columns byte by byte.
func naivePlace(text []byte, off int) (line, col int) {
	line, col = 1, 1
	for _, b := range text[:off] {
		if col++; b == '\n' {
			line, col = line+1, 1
		}
	}
	return line, col
}

func TestLinesAndColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	v := &verdict{rule: &rules.Rule{ID: "x"}, Verdict: judge.Verdict{Report: true}}
	for range 3000 {
		text := make([]byte, 1+rng.IntN(80))
		for i := range text {
			text[i] = "ab\n\n\r\xc3\xa9\x00"[rng.IntN(8)]
		}
		var s state
		s.plain = true
		for at := rng.IntN(10); at < len(text); at += 1 + rng.IntN(20) {
			n := 1 + rng.IntN(len(text)-at)
			s.hits = append(s.hits, hit{match.Anchor{Off: int32(at)}, 0, int32(n), v})
		}
		var c collector
		c.add(7, text, &s)
		if len(c.list) == 0 && len(s.hits) > 0 {
			t.Fatal("nothing was taken over")
		}
		for _, o := range c.list {
			secret := c.secrets[o.secret]
			line, col := naivePlace(text, int(o.off))
			endLine, endCol := naivePlace(text, int(o.off)+len(secret)-1)
			if got, want := [4]int32{o.line, o.col, o.endLine, o.endCol}, [4]int32{int32(line), int32(col), int32(endLine), int32(endCol)}; got != want || o.where != 7 {
				t.Fatalf("offset %d of %q: %v, want %v", o.off, text, got, want)
			}
			if string(text[o.off:int(o.off)+len(secret)]) != secret {
				t.Fatalf("%q does not stand at %d of %q", secret, o.off, text)
			}
		}
	}
}

func TestAdvance(t *testing.T) {
	text := []byte("one\ntwo\n\nfour")
	for at := range len(text) + 1 {
		for to := at; to <= len(text); to++ {
			line, col := naivePlace(text, at)
			gotLine, gotStart := advance(text, at, to, int32(line), at-col+1)
			wantLine, wantCol := naivePlace(text, to)
			if int(gotLine) != wantLine || to-gotStart+1 != wantCol {
				t.Errorf("from %d to %d: line %d from %d, want %d:%d", at, to, gotLine, gotStart, wantLine, wantCol)
			}
		}
	}
}

// TestRipen: hits that come by and by are chosen from as all of them at once are, in chains
// that are longer than is weighed at once, too.
func TestRipen(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 21))
	for range 2000 {
		all := randomHits(rng, 1+rng.IntN(120), 1+rng.IntN(200))
		var x windowSearch
		var told []hit
		ahead := slices.Clone(all)
		for settled := 0; len(ahead)+len(x.rest) > 0; settled += 1 + rng.IntN(30) {
			ahead = slices.DeleteFunc(ahead, func(h hit) bool {
				comes := h.from() < settled || rng.IntN(20) == 0
				if comes {
					x.rest = append(x.rest, h)
				}
				return comes
			})
			x.ripen(settled)
			told = append(told, x.ripe...)
		}
		if want := strongest(all); !slices.Equal(told, want) {
			t.Fatalf("%d hits, not %d:\n%+v\n%+v", len(told), len(want), told, want)
		}
	}
}

// TestRipenLong: chains that are too long to wait for are told in parts, and each hit is told
// or overlaps one that is.
func TestRipenLong(t *testing.T) {
	const each = 500 // hits that come at once
	v := &verdict{rule: &rules.Rule{ID: "r"}}
	for _, apart := range []int{2, 2000} { // too many hits, and too many bytes
		var x windowSearch
		var told []hit
		for i := 0; i < 3*mostChained; i += each {
			for j := range each {
				x.rest = append(x.rest, hit{match.Anchor{Off: int32((i + j) * apart)}, 0, int32(apart + 1), v})
			}
			x.ripen((i + each) * apart)
			told = append(told, x.ripe...)
			if n := len(x.rest); n > mostChained || n > 0 && (i+each)*apart-x.rest[0].from() > widestChain {
				t.Fatalf("%d bytes apart: %d hits wait", apart, n)
			}
		}
		x.ripen(math.MaxInt)
		told = append(told, x.ripe...)
		if len(x.rest) > 0 || told[0].from() > apart {
			t.Errorf("%d bytes apart: %d hits still wait, the first was told at %d", apart, len(x.rest), told[0].from())
		}
		for i := range told[1:] {
			if gap := told[i+1].from() - told[i].from(); gap < apart || gap > 3*apart {
				t.Fatalf("%d bytes apart: %d bytes between two", apart, gap)
			}
		}
	}
}

// TestUTF16Places: a secret in UTF-16 is told with the offset in the file and
// the line and column in the text.
func TestUTF16Places(t *testing.T) {
	token := expand(t, `{{cf "cfut"}}`, "utf16")
	text := "the very first of the lines \U0001f511\r\nkey = \"" + token + "\"\r\n"
	for _, big := range []bool{false, true} {
		marked := inUTF16([]byte(text), big)
		for skip, data := range map[int][]byte{2: marked, 0: inUTF16([]byte(text), big)[2:]} {
			report, err := Stream(context.Background(), Options{Rules: rules.Builtin()}, "x", bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Findings) != 1 || report.Findings[0].Secret.Reveal() != token {
				t.Fatalf("findings: %v", report.Findings)
			}
			p := report.Findings[0].Places[0]
			before := utf16.Encode([]rune(text[:strings.Index(text, token)]))
			if p.Offset != skip+2*len(before) || p.Line != 2 || p.Column != 8 || p.EndColumn != 7+len(token) {
				t.Errorf("place %+v", p)
			}
		}
	}
}

// TestUTF16AndOther: what stands in UTF-16 beside its text is found, held or in pieces, and
// what is text is told once.
func TestUTF16AndOther(t *testing.T) {
	inside, other := expand(t, `{{cf "cfut"}}`, "inside"), expand(t, `{{cf "cfut"}}`, "other")
	head := "# settings of the build, in lines\r\n"
	for _, big := range []bool{false, true} {
		for _, skip := range []int{0, 2} {
			text := inUTF16([]byte(head+"token="+inside+"\r\n"), big)[skip:]
			for name, more := range map[string][]byte{
				"a line":               []byte(other + "\n"),
				"lines":                []byte("# what another shell adds to it, in ASCII\ntoken=" + other + "\n"),
				"behind an odd number": append([]byte("odd"), inUTF16([]byte("token="+other+"\r\n"), big)[2:]...),
				"the other order":      inUTF16([]byte("token="+other+"\r\n"), !big),
				"the other order, odd": append( // which is its own, one byte later
					[]byte("odd"), inUTF16([]byte("token="+other+"\r\n"), !big)...),
			} {
				data := slices.Concat(text, more)
				for _, memory := range []int64{0, 100} {
					report, err := Stream(context.Background(), Options{Rules: rules.Builtin(), MemoryLimit: memory}, "x", bytes.NewReader(data))
					if err != nil || len(report.Coverage.Gaps) > 0 {
						t.Fatal(err, report.Coverage.Gaps)
					}
					at := map[string]int{}
					for _, f := range report.Findings {
						at[f.Secret.Reveal()] = f.Places[0].Offset
						if len(f.Places) != 1 || f.Places[0].AsStored != (f.Secret.Reveal() == other && name != "the other order, odd") {
							t.Errorf("%s, big %v, skip %d, memory %d: %+v", name, big, skip, memory, f.Places)
						}
					}
					if len(at) != 2 || at[inside] <= skip || at[inside] >= len(text) || at[other] < len(text) {
						t.Errorf("%s, big %v, skip %d, memory %d: %v in %d and %d bytes", name, big, skip, memory, at, len(text), len(more))
					}
				}
			}
		}
	}
}

// TestUTF16InFull: nothing is lost where UTF-16 is not searched as it stands. The twin
// always searches both.
func TestUTF16InFull(t *testing.T) {
	s, err := newScan(Options{Rules: rules.Builtin()}, "files")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(16, 16))
	alone := 0
	for i := range 600 {
		big := rng.IntN(2) == 0
		data := inUTF16([]byte("# a file of settings, na\u00efve \u2026\r\n"), big)
		for j := range rng.IntN(5) {
			line := []byte(fmt.Sprintf("token_%d=%s\r\n", j, expand(t, `{{cf "cfut"}}`, fmt.Sprint(i, j))))
			switch rng.IntN(8) {
			case 0: // as another shell adds it
			case 1:
				line = inUTF16(line, !big)[2:]
			case 2:
				line = append([]byte("odd"), inUTF16(line, big)[2:]...)
			case 3:
				line = []byte("pw=" + string(line[len(line)-6:len(line)-2]))
			default:
				line = inUTF16(line, big)[2:]
			}
			at := 2 + rng.IntN(len(data)/2)*2
			data = slices.Insert(data, at, line[:len(line)-rng.IntN(2)*rng.IntN(3)]...)
		}
		text, ok := decode.UTF16(data)
		if !ok {
			t.Fatal("not UTF-16")
		}
		var got, want, as state
		w := s.workers[0]
		told := func(st *state) []occurrence {
			list := len(w.list)
			w.add(0, data, st)
			return w.list[list:]
		}
		w.content(&got, data)
		w.whole(&as, data)
		w.whole(&want, text)
		want.plain, want.stored = false, as.hits
		if is, should := told(&got), told(&want); !slices.EqualFunc(is, should, func(a, b occurrence) bool { a.verdict, b.verdict = nil, nil; return a == b }) {
			t.Fatalf("%x: %d secrets, not %d", data, len(is), len(should))
		}
		if len(got.stored) == 0 && len(want.stored) > 0 {
			alone++
		}
	}
	if alone < 50 {
		t.Errorf("%d contents alone were not searched twice", alone)
	}
}

// TestSpreadEnds: the last character of a secret counts in UTF-16 and UTF-32 of either order
// that ends a file of another encoding.
func TestSpreadEnds(t *testing.T) {
	token := expand(t, `{{awskey "AKIA"}}`, "spread")
	for _, before := range []string{"", "Some ordinary text, in plain ASCII.\n", "\xff", "\x00\x00\x00"} {
		for _, width := range []int{2, 4} {
			for _, big := range []bool{false, true} {
				data := []byte(before)
				for _, c := range []byte("key " + token) {
					group := make([]byte, width)
					if big {
						group[width-1] = c
					} else {
						group[0] = c
					}
					data = append(data, group...)
				}
				report, err := Stream(context.Background(), Options{Rules: rules.Builtin()}, "x", bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				if len(report.Findings) != 1 || report.Findings[0].Secret.Reveal() != token {
					t.Errorf("%q, %d bytes, big %v: %d findings", before, width, big, len(report.Findings))
				}
			}
		}
	}
}

// TestWide: columns in UTF-16 code units follow from those in bytes, wherever a
// line has been cut for counting.
func TestWide(t *testing.T) {
	token := expand(t, `{{cf "cfut"}}`, "wide")
	signs := []string{"a", " ", "é", "€", "\U0001f511", "\n"}
	rnd := rand.New(rand.NewPCG(4, 2))
	for range 200 {
		var text strings.Builder
		for range rnd.IntN(30) {
			text.WriteString(signs[rnd.IntN(len(signs))])
		}
		text.WriteString(" " + token + " é\U0001f511 " + token)
		report, err := Stream(context.Background(), Options{Rules: rules.Builtin()}, "x", strings.NewReader(text.String()))
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Findings) != 1 || len(report.Findings[0].Places) != 2 {
			t.Fatalf("%q: %+v", text.String(), report.Findings)
		}
		units := func(s string) int { return len(utf16.Encode([]rune(s))) }
		for _, p := range report.Findings[0].Places {
			before := text.String()[:p.Offset]
			before = before[strings.LastIndexByte(before, '\n')+1:]
			if p.Column-int(p.Wide) != units(before)+1 || p.EndColumn-int(p.EndWide) != units(before)+len(token) {
				t.Errorf("%q: %+v", text.String(), p)
			}
		}
	}
}

// TestRuleOutOfTime: a search that was cut short is a gap.
func TestRuleOutOfTime(t *testing.T) {
	set, err := rules.NewSet([]rules.Rule{{
		ID: "endless", Title: "x", Provider: "x", Remedy: "x", Confidence: 1, Keywords: []string{"kkey"},
		Pattern: "kkey" + strings.Repeat("[ab]{1,60}[ac]{1,60}", 4) + "(?=b)", Backtrack: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("kkey"+strings.Repeat("a", 90)+"\n", 1)
	report, err := Stream(context.Background(), Options{Rules: set}, "stdin", strings.NewReader(text))
	if err != nil || report.Coverage.Complete() {
		t.Fatalf("%v, coverage %+v", err, report.Coverage)
	}
	if g := report.Coverage.Gaps[0]; g.What != "stdin" || !strings.Contains(g.Reason, "endless") || strings.Contains(g.Reason, "aaaa") {
		t.Errorf("gap %+v", g)
	}
}

// TestGuessableSecretsAreNotMerged: the same weak value in two files is two
// findings, a random one is one.
func TestGuessableSecretsAreNotMerged(t *testing.T) {
	places := []finding.Place{{Path: "a", Line: 1}, {Path: "b", Line: 2, InHead: true}, {Path: "a", Line: 3}}
	best := &verdict{rule: &rules.Rule{ID: "r"}}
	weak := new(findingMaker).findings(nil, &group{secret: "hunter" + "2", best: best}, places, false)
	if len(weak) != 2 || len(weak[0].Places) != 2 || weak[1].Places[0].Path != "b" || weak[0].InHead || !weak[1].InHead {
		t.Errorf("weak: %+v", weak)
	}
	if weak[0].Fingerprint == weak[1].Fingerprint {
		t.Error("two findings with one fingerprint")
	}
	random := make([]byte, 40)
	for i := range random {
		random[i] = byte('!' + i)
	}
	strong := new(findingMaker).findings(nil, &group{secret: string(random), best: best}, places, false)
	if len(strong) != 1 || len(strong[0].Places) != 3 || !strong[0].InHead {
		t.Errorf("strong: %+v", strong)
	}
}
