package lex

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Run with: go test -run=- -bench=. -args -corpus=DIR
var corpus = flag.String("corpus", ".", "directory whose files the benchmark reads")

// site is an anchor with the window that match gives it.
type site struct {
	win        []byte
	start, end int
}

// sites finds every occurrence of the usual keywords under dir.
func sites(t testing.TB, dir string) (all []site) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 {
			return err
		}
		folded := bytes.ToLower(data)
		if len(folded) != len(data) {
			return nil
		}
		for _, k := range []string{"token", "secret", "key", "passw", "auth"} {
			for at := 0; ; {
				i := bytes.Index(folded[at:], []byte(k))
				if i < 0 {
					break
				}
				at += i
				from, to := max(0, at-160), min(len(data), at+512)
				all = append(all, site{data[from:to:to], at - from, at - from + len(k)})
				at += len(k)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func BenchmarkAt(b *testing.B) {
	all := sites(b, *corpus)
	var accepted, rejected []site
	for _, s := range all {
		if _, ok := At(s.win, s.start, s.end); ok {
			accepted = append(accepted, s)
		} else {
			rejected = append(rejected, s)
		}
	}
	b.Logf("%d anchors, %d assignments", len(all), len(accepted))
	for _, c := range []struct {
		name string
		list []site
	}{{"rejected", rejected}, {"accepted", accepted}} {
		b.Run(c.name, func(b *testing.B) {
			if len(c.list) == 0 {
				b.Skip("no anchors")
			}
			// In a scan the prefilter has just read these bytes. A sample that
			// stays in the cache measures the same.
			step := max(1, len(c.list)/2000)
			for i := range len(c.list) / step {
				s := c.list[i*step]
				c.list[i] = site{bytes.Clone(s.win), s.start, s.end}
			}
			c.list = c.list[:len(c.list)/step]
			b.ReportAllocs()
			for i := range b.N {
				s := &c.list[i%len(c.list)]
				At(s.win, s.start, s.end)
			}
		})
	}
}

// TestAtTimeIsLinear feeds texts that make a careless reader look at the same
// bytes again and again, in two lengths.
func TestAtTimeIsLinear(t *testing.T) {
	for _, unit := range []string{
		"a", " ", "\n", "\\", "\"", "'", "=", "= ", ": ", "!!str ", "new ", "await ", "a ", "a.", "(", "[", "[(", "{",
		"** ", "${", "? ", "?? ", "|| ", "a: ", "\n ", "\\n", "\\\"", "\" ", "value", "value ", "login ", "<a>",
		"&a", "\", \"", "x?", "|\n", "or ", ", ", "\"\"\"",
	} {
		for _, head := range []string{"token", "token=", "token: ", "token = x ", "token = f(", "\"token\"", "token ", "token: |\n ", "key: token\n", "token =\n "} {
			least := func(n int) time.Duration {
				win := []byte(head + strings.Repeat(unit, n/len(unit)))
				mid := []byte(strings.Repeat(unit, n/len(unit)) + head + strings.Repeat(unit, n/len(unit)))
				at := len(mid) - len(win)
				best := time.Hour
				for range 3 {
					from := time.Now()
					At(win, 0, 5)
					At(mid, at, at+5)
					best = min(best, time.Since(from))
				}
				return best
			}
			// A square law would need minutes for this length.
			if d := least(1 << 17); d > 2*time.Second {
				t.Errorf("%q then %q…: %v for 128 KiB", head, unit, d)
			}
		}
	}
}

// TestSamples prints what At reads in a corpus, for a look by eye:
// go test -run=Samples -v -args -corpus=DIR
func TestSamples(t *testing.T) {
	if !testing.Verbose() {
		t.Skip("needs -v")
	}
	lines := map[string]int{}
	for _, s := range sites(t, *corpus) {
		if a, ok := At(s.win, s.start, s.end); ok {
			lines[describe(s.win, a, ok)]++
		}
	}
	sorted := make([]string, 0, len(lines))
	for l := range lines {
		sorted = append(sorted, l)
	}
	slices.Sort(sorted)
	for _, l := range sorted {
		t.Logf("%5d %s", lines[l], l)
	}
}
