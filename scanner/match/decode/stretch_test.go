package decode

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"testing"
)

// widths are those of the groups of the schemes that Stretches looks for.
var widths = map[Scheme]int{Base64: 4, Hex: 2, Spread2: 2, Spread4: 4}

// begins is the plain twin of Stretches: it tells whether text follows from i on
// for the least length of the scheme.
func begins(data []byte, i int, s Scheme) bool {
	width := widths[s]
	for n := 0; n < least[s]; n += width {
		if i+n+width > len(data) || !complete(data, i+n, len(data), s) {
			return false
		}
	}
	return true
}

type place struct {
	off    int
	scheme Scheme
}

// compare holds Stretches, and what it does without blocks, to their twin on
// data[lo:hi).
func compare(t *testing.T, data []byte, lo, hi int) int {
	t.Helper()
	var done [8]int
	compareList(t, steps(spread(nil, data, lo, hi), data, lo, hi, &done), data, lo, hi)
	return compareList(t, Stretches(nil, data, lo, hi), data, lo, hi)
}

func compareList(t *testing.T, list []Stretch, data []byte, lo, hi int) (n int) {
	t.Helper()
	got := map[place]int{}
	for _, r := range list {
		width := widths[r.Scheme]
		for p := r.Lo; p < r.Stop; p += width {
			got[place{p, r.Scheme}]++
			if end := min(len(data), p+Reach-4); r.Hi < end && r.Hi+width <= len(data) && complete(data, r.Hi, len(data), r.Scheme) {
				t.Fatalf("%q [%d:%d): stretch %+v ends too early for %d", data, lo, hi, r, p)
			}
		}
	}
	for i := lo; i < hi; i++ {
		for _, s := range []Scheme{Base64, Hex, Spread2, Spread4} {
			if want := begins(data, i, s); want != (got[place{i, s}] == 1) || got[place{i, s}] > 1 {
				t.Fatalf("%q [%d:%d): %s at %d: found %d times, want %v", data, lo, hi, s, i, got[place{i, s}], want)
			} else if want {
				n++
			}
			delete(got, place{i, s})
		}
	}
	if len(got) > 0 {
		t.Fatalf("%q [%d:%d): outside the range: %v", data, lo, hi, got)
	}
	return n
}

func encodedNoise(rng *rand.Rand) []byte {
	var data []byte
	for range 1 + rng.IntN(5) {
		text := make([]byte, rng.IntN(60))
		for i := range text {
			text[i] = byte(' ' + rng.IntN(95))
		}
		switch rng.IntN(7) {
		case 0:
			data = base64.StdEncoding.AppendEncode(data, text)
		case 1:
			data = base64.RawURLEncoding.AppendEncode(data, text)
		case 2:
			data = hex.AppendEncode(data, text)
		case 3:
			data = append(data, text...)
		case 4:
			for range rng.IntN(50) {
				data = append(data, "ABcd0129+/-_=. \n\xff"[rng.IntN(17)])
			}
		case 5:
			nuls := 1 + rng.IntN(4)
			for _, c := range text {
				data = append(append(data, c), make([]byte, nuls)...)
			}
		case 6:
			for range rng.IntN(50) {
				data = append(data, "ab\n\x00\x00\x00\xff"[rng.IntN(7)])
			}
		}
	}
	return data
}

func TestStretches(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	n := 0
	for range 4000 {
		data := encodedNoise(rng)
		lo := rng.IntN(len(data) + 1)
		hi := lo + rng.IntN(len(data)-lo+1)
		n += compare(t, data, lo, hi)
		n += compare(t, data, 0, len(data))
	}
	if n < 10000 {
		t.Errorf("only %d places", n)
	}
}

// TestLast: the last character of spread text is read in either order of bytes, and not
// where what follows is not seen.
func TestLast(t *testing.T) {
	text := "some plain text"
	for _, s := range []Scheme{Spread2, Spread4} {
		for _, big := range []bool{false, true} {
			var data []byte
			for _, c := range []byte(text) {
				nuls := make([]byte, width[s]-1)
				if big {
					data = append(append(data, nuls...), c)
				} else {
					data = append(append(data, c), nuls...)
				}
			}
			first := bytes.IndexByte(data, 's')
			for _, behind := range []string{"", "\xff", "\x01\x00", "X", "Xyz"} {
				all := append(slices.Clone(data), behind...)
				for hi := first + width[s]; hi <= len(all); hi++ {
					got, _ := Around(Text{}, all, first, 0, hi, s)
					sure := len(got.Bytes)
					got.Last(all, hi, s)
					checkSources(t, all, &got)
					full, more := string(got.Bytes) == text, string(got.Bytes) == text+"X"
					if hi == len(all) && !full && !(more && !big && behind != "") {
						t.Errorf("%s, big %v, %q behind: %q", s, big, behind, got.Bytes)
					}
					if len(got.Bytes) > sure && hi < len(all) && int(got.Sources[sure].From)+width[s] > hi {
						t.Errorf("%s, big %v, %q behind: what follows byte %d is not seen", s, big, behind, hi)
					}
				}
			}
		}
	}
}

func FuzzStretches(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		f.Add(encodedNoise(rng), 3, 90)
	}
	f.Fuzz(func(t *testing.T, data []byte, lo, hi int) {
		lo = min(max(lo, 0), len(data))
		compare(t, data, lo, min(max(hi, lo), len(data)))
	})
}

// TestRuns: every byte is classed as the tables say, wherever its row begins.
func TestRuns(t *testing.T) {
	if !hasRuns() {
		t.Skip("rows are not looked for in blocks on this machine")
	}
	for c := range 256 {
		for off := range runBlock {
			data := make([]byte, 4*runBlock)
			for i := range data {
				data[i] = ' '
			}
			for i := range 6 {
				data[off+4*i] = byte(c)
			}
			var r runs
			if i := r.find(data, 4); (r.base64 != 0) != lead[c] || lead[c] && i != (off+lastGroup)/runBlock {
				t.Fatalf("%#x at %d: block %d, %+v", c, off, i, r)
			}
			for i := range 16 {
				data[off+2*i] = byte(c)
			}
			r = runs{}
			if r.find(data, 4); !lead[c] && (r.hex != 0) != hexLead[c] {
				t.Fatalf("%#x at %d: %+v", c, off, r)
			}
		}
	}
}

// TestStretchesLong: a long stretch comes in pieces that leave nothing out.
func TestStretchesLong(t *testing.T) {
	text := slices.Repeat([]byte("some text that goes on and on; "), 6000)
	data := base64.StdEncoding.AppendEncode([]byte("x = \""), text)
	if n := compare(t, data, 0, len(data)); n < len(data)/4-10 {
		t.Errorf("%d places in %d bytes", n, len(data))
	}
}
