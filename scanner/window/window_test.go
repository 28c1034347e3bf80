package window

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"keyrake/scanner/finding"
)

// TestWindows goes through random texts in windows of all small sizes, as they stand
// and as UTF-16: the own parts make up the text, each shows what was asked to be kept,
// and the place of each byte is the one that counting from the start gives.
func TestWindows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	signs := []string{"a", "b", " ", "é", "€", "\U0001f511", "\n"}
	for range 300 {
		var b strings.Builder
		for range rng.IntN(60) {
			b.WriteString(signs[rng.IntN(len(signs))])
		}
		text := b.String()
		size, after, wide := 1+rng.IntN(12), rng.IntN(6), rng.IntN(2) == 0
		var v *Windows
		if wide {
			stored := []byte{0xff, 0xfe}
			for _, unit := range utf16.Encode([]rune(text)) {
				stored = binary.LittleEndian.AppendUint16(stored, unit)
			}
			v = NewUTF16(bytes.NewReader(stored), binary.LittleEndian, 2, 3, size, after)
		} else {
			v = New(iotest.OneByteReader(strings.NewReader(text)), 3, size, after)
		}
		var own []byte
		shown := 0 // where in the text Data begins
		for keep := 0; v.Next(keep); {
			shown += keep
			if end := shown + len(v.Data); end > len(text) || text[shown:end] != string(v.Data) {
				t.Fatalf("%q: %q at %d", text, v.Data, shown)
			}
			if behind := len(v.Data) - v.Hi; !v.End && behind != after {
				t.Fatalf("%q: %d bytes are shown behind an own part, want %d", text, behind, after)
			}
			own = append(own, v.Data[v.Lo:v.Hi]...)
			for at := v.Lo; at < v.Hi; at++ {
				checkPlace(t, v, text, shown, at, wide)
			}
			keep = rng.IntN(v.Hi + 1)
		}
		if string(own) != text || v.Err != nil {
			t.Fatalf("%q: own parts are %q, %v", text, own, v.Err)
		}
	}
}

// checkPlace compares the place of Data[at] with that of the same byte in the text.
func checkPlace(t *testing.T, v *Windows, text string, shown, at int, wide bool) {
	t.Helper()
	place := func(text string, at int) finding.Place {
		line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
		return finding.Place{Line: 1 + strings.Count(text[:at], "\n"), EndLine: 1 + strings.Count(text[:at], "\n"),
			Column: len(line) + 1, EndColumn: len(line) + 1, Wide: finding.Wideness(line), EndWide: finding.Wideness(line)}
	}
	got, want := place(string(v.Data), at), place(text, shown+at)
	got.Offset, want.Offset = at, shown+at
	if c := text[shown+at]; wide {
		if c >= 0x80 && c < 0xc0 {
			return // in the middle of a character, which has no offset of its own
		}
		got.Offset = len(utf16.Encode([]rune(string(v.Data[:at])))) * 2
		want.Offset = 2 + len(utf16.Encode([]rune(text[:shown+at])))*2
		if !slices.Equal([]rune(string(v.Data[:at])), []rune(text[shown:shown+at])) || at > 0 && v.Data[0] >= 0x80 && v.Data[0] < 0xc0 {
			return // the window begins in the middle of one
		}
	}
	v.Origin.Move(&got)
	if got != want {
		t.Fatalf("%q: byte %d is at %+v, want %+v", text, shown+at, got, want)
	}
}

// TestWindowsEndWithError: what could be read before an error is shown.
func TestWindowsEndWithError(t *testing.T) {
	v := New(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)), 0, 2, 0)
	var own []byte
	for keep := 0; v.Next(keep); keep = v.Hi {
		own = append(own, v.Data[v.Lo:v.Hi]...)
	}
	if string(own) != "abc" || v.Err != io.ErrUnexpectedEOF {
		t.Errorf("%q, %v", own, v.Err)
	}
}
