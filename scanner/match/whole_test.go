package match

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"

	"keyrake/rules"
)

// wholePatterns are shapes that rules without a literal have.
var wholePatterns = []string{
	`[0-9a-f]{8,}`, `[A-Za-z0-9+/]{10,}={0,2}`, `(?i)(ab[a-z0-9]{6})`, `\d{3}-\d{2}-\d{4}`, `(?:[0-9]{1,3}\.){3}[0-9]{1,3}`,
	`(?m)^[a-z_]+=(["'])?[a-z0-9]{2,}$`, `\b[a-z]{4}\b`, `[^"]{6}"`, `a\s*[:=]\s*([a-z0-9]{4,})`, `(?s)a.{3,9}b`, `(?:aa|b{5}|[01]{3}x)c?`,
	`(?i)ſ?[k]{2}é+`, `[^\n]{12}`, `[a-f]*9[a-f]*`, `(?:\d{3}[-\s]?){2}\d{3}`, `[^"]{3}9[^"]{2}`, `\s[a-z]{2}\b`, `(?m)^[^x]{2}$`, `\A[a-f]{3}`, `[a-f]{3}\z`, `.{40,}`,
}

// TestWholeEqualsFindAll compares what is spared (lines without the run that
// every match holds) with a search by the standard library alone.
func TestWholeEqualsFindAll(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	pieces := []string{"\n", "\n", "a", "b", "é", "\xff", "0123", "ab", "=", ": ", "\"", "9", "x", "ſk", "KK", "192.168.0.1", "123-45-6789", "deadbeef", "\r\n", " ", "\nab="}
	for n, pattern := range wholePatterns {
		for _, keywords := range [][]string{nil, {"a"}, {"zz", "É"}} {
			r := rules.Rule{ID: fmt.Sprintf("r-%d", n), Whole: true, Pattern: pattern, Keywords: keywords, Boundary: rules.BoundaryNone, Before: 9, After: 9}
			p := &Program{table: &Table{Wholes: []int32{0}}, all: []*rules.Rule{&r}, made: make([]atomic.Pointer[compiled], 1)}
			m, plain, found := p.NewMatcher(), regexp.MustCompile(pattern), 0
			for range 300 {
				var data []byte
				for range rnd.IntN(80) {
					data = append(data, pieces[rnd.IntN(len(pieces))]...)
				}
				var want [][2]int
				if low := bytes.ToLower(data); len(keywords) == 0 || slices.ContainsFunc(keywords, func(k string) bool { return bytes.Contains(low, []byte(k)) }) {
					for _, span := range plain.FindAllIndex(data, -1) {
						if span[0] < span[1] {
							want = append(want, [2]int{span[0], span[1]})
						}
					}
				}
				var got [][2]int
				for _, c := range m.Whole(nil, data) {
					got = append(got, [2]int{c.MatchStart, c.MatchEnd})
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s, keywords %q: got %v, want %v in %q", pattern, keywords, got, want, data)
				}
				found += len(want)
			}
			if len(keywords) < 2 && found == 0 {
				t.Errorf("%s matched nothing: the test says little of it", pattern)
			}
		}
	}
}

// TestRunFind compares the search that skips with a plain one.
func TestRunFind(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	for range 2000 {
		r := run{least: rnd.IntN(6)}
		r.set['a'], r.set['b'] = true, rnd.IntN(2) == 0
		data := make([]byte, rnd.IntN(30))
		for i := range data {
			data[i] = "aabc"[rnd.IntN(4)]
		}
		want := -1
		for at := 0; at+r.least <= len(data) && want < 0; at++ {
			if !slices.ContainsFunc(data[at:at+r.least], func(b byte) bool { return !r.set[b] }) {
				want = at
			}
		}
		if got := r.find(data); got != want {
			t.Fatalf("least %d in %q: got %d, want %d", r.least, data, got, want)
		}
	}
}
