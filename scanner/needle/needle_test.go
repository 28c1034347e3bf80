package needle

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"keyrake/scanner/replacement"
)

// TestEach compares the search for listed texts with looking at every
// position of the data for every form of each of them.
func TestEach(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	alphabet := []string{"a", "B", "b", "_", "\n", "é", "€", "\x00", "\xff", " "}
	text := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(alphabet[min(rng.IntN(len(alphabet)), rng.IntN(len(alphabet)))])
		}
		return b.String()
	}
	total := 0
	for round := range 400 {
		var entries []replacement.Entry
		for range 1 + rng.IntN(5) {
			entries = append(entries, replacement.Entry{Text: text(4 + rng.IntN(4)), Word: rng.IntN(3) == 0})
		}
		entries = append(entries, replacement.Entry{Text: strings.Repeat("long_", 12) + text(3)})
		data := text(600)
		for _, e := range entries {
			data += e.Text + string(inUTF16([]byte(e.Text), rng.IntN(2) == 0)) + text(5)
		}
		n, err := New(entries, false)
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		NewSearch(n).Each([]byte(data), func(entry, from, to int) { got = append(got, fmt.Sprint(entry, from, to)) })
		for i, e := range entries {
			for k, form := range []string{e.Text, string(inUTF16([]byte(e.Text), false)[2:]), string(inUTF16([]byte(e.Text), true)[2:])} {
				for at := range data {
					if !strings.HasPrefix(data[at:], form) || k > 0 && form == e.Text {
						continue
					}
					alone := (at == 0 || !wordByte(data[at-1])) && (at+len(form) == len(data) || !wordByte(data[at+len(form)]))
					if !e.Word || k > 0 || alone {
						want = append(want, fmt.Sprint(i, at, at+len(form)))
					}
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if total += len(want); !slices.Equal(got, want) {
			t.Fatalf("round %d: %v, want %v, of %+v in %q", round, got, want, entries, data)
		}
		if n, err = New(entries, true); err != nil {
			t.Fatal(err)
		}
		missed := slices.Clone(want)
		NewSearch(n).Each([]byte(data), func(entry, from, to int) {
			missed = slices.DeleteFunc(missed, func(s string) bool { return s == fmt.Sprint(entry, from, to) })
		})
		if len(missed) > 0 {
			t.Fatalf("round %d: with encodings %v is missed, of %+v in %q", round, missed, entries, data)
		}
	}
	t.Logf("%d occurrences", total)
}

func wordByte(c byte) bool {
	return strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", c) >= 0
}

// inUTF16 writes text with a byte order mark.
func inUTF16(text []byte, big bool) []byte {
	order := binary.AppendByteOrder(binary.LittleEndian)
	if big {
		order = binary.BigEndian
	}
	out := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(string(text))) {
		out = order.AppendUint16(out, unit)
	}
	return out
}
