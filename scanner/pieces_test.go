package scanner

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/known"
)

// spelled is all that is told of one occurrence.
type spelled struct {
	finding.Place
	Secret, Rule, Verdict string
}

func spelledOut(w *worker) (list []spelled) {
	for i := range w.list {
		o := &w.list[i]
		v := o.verdict
		list = append(list, spelled{o.place(finding.File, "x", ""), w.secrets[o.secret], v.rule.ID,
			fmt.Sprint(v.Report, v.Confidence, v.Severity, v.Proof, v.muted, strings.Join(v.Reasons, "|"))})
	}
	return list
}

// drips is a reader that gives few bytes at a time.
type drips struct {
	data []byte
	rng  *rand.Rand
}

// Read implements io.Reader.
func (d *drips) Read(b []byte) (int, error) {
	if len(d.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), 1+d.rng.IntN(5000))], d.data)
	d.data = d.data[n:]
	if len(d.data) == 0 && d.rng.IntN(2) == 0 {
		return n, io.EOF
	}
	return n, nil
}

// inPieces searches data in pieces and as a whole, and returns how many places are told.
func (w *twins) inPieces(t testing.TB, data []byte, piece int, from io.Reader) int {
	t.Helper()
	w.inOne(data)
	return w.cutUp(t, data, piece, from)
}

// inOne searches data as a whole.
func (w *twins) inOne(data []byte) {
	full := w.full.workers[0]
	full.list, full.gaps, full.lines = nil, nil, true
	st := new(state)
	full.content(st, data)
	full.record(target{0, func() string { return "x" }}, data, st)
}

// cutUp searches in pieces what was searched as a whole.
func (w *twins) cutUp(t testing.TB, data []byte, piece int, from io.Reader) int {
	t.Helper()
	full, cut := w.full.workers[0], w.delta.workers[0]
	cut.list, cut.gaps, cut.lines = nil, nil, true
	w.delta.piece = piece
	size, err := cut.pieces(target{0, func() string { return "x" }}, from)
	if err != nil || size != int64(len(data)) {
		t.Fatalf("read %d of %d bytes, %v", size, len(data), err)
	}
	want, got := spelledOut(full), spelledOut(cut)
	if !reflect.DeepEqual(want, got) {
		for i := range max(len(want), len(got)) {
			if i >= len(want) || i >= len(got) || !reflect.DeepEqual(want[i], got[i]) {
				t.Fatalf("in pieces of %d bytes number %d of %d is another:\nwhole  %+v\npieces %+v", piece, i, len(want), want[min(i, len(want)):min(i+1, len(want))], got[min(i, len(got)):min(i+1, len(got))])
			}
		}
	}
	if !reflect.DeepEqual(full.gaps, cut.gaps) {
		t.Fatalf("in pieces of %d bytes gaps are others:\nwhole  %+v\npieces %+v", piece, full.gaps, cut.gaps)
	}
	return len(want)
}

// long is a content of at least n bytes with secrets, marks and noise.
func (m *maker) long(n int) (data []byte) {
	for len(data) < n {
		switch m.below(12) {
		case 0: // a stretch without lines
			data = append(data, m.text("abc \x00\xff\xc3\xa9\xf0", m.between(1, 20_000))...)
		case 1:
			data = append(data, "\n# scan:allow made-up-0, aws-access-key-id -- why\n"...)
		case 2:
			data = append(data, m.piece()+" # scan:allow made-up-1, stripe-secret-key -- why"...)
		default:
			data = append(data, m.content()...)
		}
	}
	return data
}

// TestPiecesEqualWhole holds a search in pieces against that of the whole: places,
// secrets, verdicts, marks and the lines round them are the same.
func TestPiecesEqualWhole(t *testing.T) {
	sequential(t)
	stock := newStock(t)
	sets := slices.DeleteFunc(ruleSets(t, 12), func(w *twins) bool { return w.full.workers[0].prog.HasWhole() })
	steps, found := fixtures.Cases(30, 600), 0
	for seed := range uint64(steps) {
		w := sets[int(seed)%len(sets)]
		if seed%3 == 0 {
			w = sets[0]
		}
		m := &maker{newChoices(nil, seed), stock, w.full.workers[0].prog, w.tiny}
		data := m.long(m.between(1, 400_000))
		if m.oneIn(5) {
			data = inUTF16(bytes.ToValidUTF8(data, []byte("é😀")), m.oneIn(2))
			data = data[:len(data)-m.below(3)]
			if m.oneIn(2) { // other text in it, and what is behind an odd number of bytes
				data = append(data, m.content()...)
				data = append(data, inUTF16(m.content(), m.oneIn(2))...)
			}
		}
		found += w.inPieces(t, data, m.between(1, 60_000)+1, &drips{data, m.rng})
	}
	if found < 20*steps {
		t.Errorf("only %d places in %d contents", found, steps)
	}
	t.Logf("%d places in %d contents", found, steps)
}

// TestPieceEdges has a secret across every edge between two pieces, at each of its
// bytes, at the start of lines that are longer than all that is kept.
func TestPieceEdges(t *testing.T) {
	sequential(t)
	w := newTwins(t, rules.Builtin(), 0, false)
	secret := expand(t, `{{cf "cfut"}}`, t.Name())
	before, after := w.full.workers[0].prog.Widest()
	for shift := range len(secret) + 20 {
		piece := 5000
		first := piece // where the first edge is
		var data []byte
		for edge := first; edge < 3*(before+after); edge += piece {
			pad := edge - len(data) - shift
			if pad < 0 {
				continue
			}
			fill := "x"
			if edge/piece%7 == 0 {
				fill = "é\n"
			}
			data = append(data, strings.Repeat(fill, pad)[:pad]...)
			data = append(data, "\" token=\""+secret+"\" "...)
		}
		if n := w.inPieces(t, data, piece, iotest.DataErrReader(bytes.NewReader(data))); n < 3 {
			t.Fatalf("only %d places", n)
		}
	}
}

// FuzzPieces is TestPiecesEqualWhole for a fuzzer.
func FuzzPieces(f *testing.F) {
	sequential(f)
	stock := newStock(f)
	sets := slices.DeleteFunc(ruleSets(f, 9), func(w *twins) bool { return w.full.workers[0].prog.HasWhole() })
	f.Add([]byte("\x00\x01"), uint16(1))
	f.Add([]byte("scan:allow"), uint16(7000))
	f.Fuzz(func(t *testing.T, input []byte, piece uint16) {
		c := newChoices(input, uint64(piece))
		w := pick(c, sets)
		m := &maker{c, stock, w.full.workers[0].prog, w.tiny}
		data := append(m.long(m.between(1, 120_000)), input...)
		w.inPieces(t, data, int(piece)+1, &drips{data, m.rng})
	})
}

// TestPieceGaps tells what in a large content cannot be searched in pieces.
func TestPieceGaps(t *testing.T) {
	whole, err := rules.Parse("x.yaml", []byte("rules:\n  - {id: w, title: w, provider: generic, severity: low, whole: true, pattern: '[0-9]{40}', remedy: r, confidence: 0.9}\n"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.NewSet(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, data string
		set        *rules.Set
		depth      int
		want       string
	}{
		{"text", strings.Repeat("a\n", 9000), rules.Builtin(), 2, ""},
		{"UTF-16, then other text", strings.Repeat("a\x00", 5000) + strings.Repeat("a", 40), rules.Builtin(), 2, ""},
		{"archive behind text", strings.Repeat("a\n", 9000) + "PK\x05\x06" + strings.Repeat("\x00", 18), rules.Builtin(), 2, "archive of 18022 bytes"},
		{"archive that nobody opens", "PK\x03\x04" + strings.Repeat("a\n", 9000), rules.Builtin(), 0, ""},
		{"rule", strings.Repeat("a\n", 9000), set, 2, "whole: true"},
	} {
		r, err := Stream(t.Context(), Options{Rules: c.set, ArchiveDepth: c.depth, MemoryLimit: 1000}, "x", strings.NewReader(c.data))
		if err != nil {
			t.Fatal(err)
		}
		gaps := r.Coverage.Gaps
		if (len(gaps) > 0) != (c.want != "") || c.want != "" && (!strings.Contains(gaps[0].Reason, c.want) || gaps[0].Cause != finding.TooLarge) {
			t.Errorf("%s: %+v, want %q", c.name, gaps, c.want)
		}
		if r.Coverage.Files.Bytes != int64(len(c.data)) {
			t.Errorf("%s: read %d bytes", c.name, r.Coverage.Files.Bytes)
		}
	}
	if !testing.Short() {
		line := "token=" + expand(t, `{{cf "cfut"}}`, t.Name()) + "\n"
		r, err := Stream(t.Context(), Options{Rules: rules.Builtin(), MemoryLimit: 1000}, "x", strings.NewReader(strings.Repeat(line, mostSpots+5000)))
		if err != nil || len(r.Findings) != 1 || len(r.Findings[0].Places) != mostSpots || r.Findings[0].Places[mostSpots-1].Line != mostSpots || len(r.Coverage.Gaps) != 1 {
			t.Errorf("%d findings, %+v, %v", len(r.Findings), r.Coverage.Gaps, err)
		}
	}
	r, err := Stream(t.Context(), Options{Rules: rules.Builtin(), MemoryLimit: 1000}, "x", io.MultiReader(strings.NewReader(strings.Repeat("a\n", 9000)), iotest.ErrReader(io.ErrClosedPipe)))
	if err != nil || len(r.Coverage.Gaps) != 1 || !strings.Contains(r.Coverage.Gaps[0].Reason, "stopped after 18000 bytes") {
		t.Errorf("%+v, %v", r.Coverage.Gaps, err)
	}
}

// TestPieceReach has rules that see things at the very end of their reach: a context
// word, and secrets that begin or end far from their keyword, across others. An edge
// between two pieces is put right before the keyword, right behind its first byte,
// and all over.
func TestPieceReach(t *testing.T) {
	sequential(t)
	list, err := rules.Parse("x.yaml", []byte(`
rules:
  - {id: near, title: t, provider: generic, severity: low, keywords: [nearkey_], pattern: 'nearkey_[a-z]{4}', near: [seenword], reach: {before: 26000, after: 26000}, exact: true, confidence: 0.9, remedy: r}
  - {id: back, title: t, provider: generic, severity: low, keywords: [backkey_], pattern: '[xy]{100,}backkey_', reach: {before: 26000, after: 100}, boundary: none, exact: true, confidence: 0.95, remedy: r}
  - {id: forth, title: t, provider: generic, severity: low, keywords: [forthkey_], pattern: 'forthkey_[xy]{100,}', reach: {before: 100, after: 26000}, boundary: none, exact: true, confidence: 0.9, remedy: r}
  - {id: small, title: t, provider: generic, severity: low, keywords: [xyxxyyxy], pattern: 'xyxxyyxy', boundary: none, exact: true, confidence: 0.7, remedy: r}
  - {id: strong, title: t, provider: generic, severity: low, keywords: [yyyxxxyy], pattern: 'yyyxxxyy', boundary: none, exact: true, confidence: 1, remedy: r}
`))
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.NewSet(list)
	if err != nil {
		t.Fatal(err)
	}
	w := newTwins(t, set, 0, false)
	before, after := w.full.workers[0].prog.Widest()
	left := 2*before + after + known.Reach
	blank := func(n int) string { return strings.Repeat(" ", n) }
	run := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		name, text, key string
		want            int
	}{
		{"word at the end of what is before", "seenword" + blank(26000-8) + "nearkey_abcd", "nearkey_", 1},
		{"word that is cut there", "seenword" + blank(26000-7) + "nearkey_abcd", "nearkey_", 0},
		{"word at the end of what is behind", "nearkey_abcd" + blank(26000-12) + "seenword", "nearkey_", 1},
		{"word that is cut behind", "nearkey_abcd" + blank(26000-11) + "seenword", "nearkey_", 0},
		{"secret that begins far before a weaker one", run(9000) + "xyxxyyxy" + run(16000) + "backkey_ ", "backkey_", 1},
		{"secret that begins far before a stronger one", run(9000) + "yyyxxxyy" + run(16000) + "backkey_ ", "backkey_", 1},
		{"secret that ends far behind a weaker one", "forthkey_" + run(9000) + "xyxxyyxy" + run(16000) + " ", "forthkey_", 1},
		{"secret that ends far behind stronger ones", "forthkey_" + run(9000) + "yyyxxxyy" + run(8000) + "yyyxxxyy" + run(8000), "forthkey_", 2},
		{"a chain", "forthkey_" + run(9000) + "backkey_ forthkey_" + run(20000) + "backkey_" + run(90) + "yyyxxxyy", "backkey_", 3},
		{"a mark far before", "# scan:allow strong -- why\n" + blank(4090) + "yyyxxxyy # scan:allow a -- b", "yyyxxxyy", 1},
	} {
		data := []byte(blank(left+3000) + c.text + blank(3000+after) + "\n")
		at := bytes.Index(data, []byte(c.key))
		sizes := []int{at - left, at + 1 - left}
		for size := 700; size < 60_000; size += 4700 {
			sizes = append(sizes, size)
		}
		w.inOne(data)
		for _, size := range sizes {
			if n := w.cutUp(t, data, size, bytes.NewReader(data)); n != c.want {
				t.Fatalf("%s: %d places, want %d", c.name, n, c.want)
			}
		}
	}
}
