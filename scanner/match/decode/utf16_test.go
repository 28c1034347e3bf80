package decode

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// TestUTF16 compares with the standard library and a table of every rune.
func TestUTF16(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 2000 {
		big := rng.IntN(2) == 0
		var units []uint16
		for range rng.IntN(20) {
			switch rng.IntN(5) {
			case 0:
				units = append(units, uint16(0xd800+rng.IntN(0x800)))
			case 1:
				hi, lo := utf16.EncodeRune(rune(0x10000 + rng.IntN(0x100000)))
				units = append(units, uint16(hi), uint16(lo))
			case 2:
				units = append(units, uint16(rng.IntN(0x10000)))
			default:
				units = append(units, uint16('a'+rng.IntN(26)))
			}
		}
		data := []byte{0xff, 0xfe}
		if big {
			data = []byte{0xfe, 0xff}
		}
		for _, u := range units {
			if big {
				data = append(data, byte(u>>8), byte(u))
			} else {
				data = append(data, byte(u), byte(u>>8))
			}
		}
		runes := utf16.Decode(units)
		if rng.IntN(4) == 0 {
			data = append(data, 'x')
			runes = append(runes, utf8.RuneError)
		}
		text, ok := UTF16(data)
		if want := string(runes); !ok || string(text) != want {
			t.Fatalf("%x: %q, want %q", data, text, want)
		}
		off, at, unit := 0, 2, 0
		for _, r := range runes {
			if got := 2 + UTF16Length(text[:off]); got != at {
				t.Fatalf("%x: offset %d is at %d, want %d", data, off, got, at)
			}
			off += utf8.RuneLen(r)
			at += 2
			if unit < len(units) && r >= 0x10000 {
				at, unit = at+2, unit+1
			}
			unit++
		}
	}
	for _, data := range []string{"", "a", "\xff", "\xfe", "\xef\xbb\xbfa", "\xfe\xfe", "a\x00b\x00c\x00d\x00", strings.Repeat("a\x00", 15) + "\x01\x00", strings.Repeat("a\x00", 12) + "ab\x00c"} {
		if text, ok := UTF16([]byte(data)); ok {
			t.Errorf("%q is taken for UTF-16: %q", data, text)
		}
	}
}

// TestMayHoldOther puts ASCII, and UTF-16 of another order or alignment, at every place of a
// text that has no other.
func TestMayHoldOther(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		var text []byte
		for _, c := range utf16.Encode([]rune("na\u00efve \u201cquotes\u201d, d\u011bti and so on\r\n")) {
			text = order.AppendUint16(text, c)
		}
		holds := func(data []byte) bool { return MayHoldOther(data, order.(binary.ByteOrder)) }
		if holds(text) || holds(nil) || !holds(text[:len(text)-1]) {
			t.Errorf("%v: %t of text, %t of nothing, %t of an odd number", order, holds(text), holds(nil), holds(text[:len(text)-1]))
		}
		for at := range len(text) + 1 {
			for name, other := range map[string]string{"ASCII": "wxyz", "odd": "o", "both": "wx\x00y\x00z\x00"} {
				if data := slices.Concat(text[:at], []byte(other), text[at:]); !holds(data) {
					t.Errorf("%v: %s at %d of %d is not seen", order, name, at, len(text))
				}
			}
		}
		swapped := slices.Clone(text)
		for i := 0; i < len(swapped); i += 2 {
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		}
		if !holds(append(text, swapped...)) {
			t.Errorf("%v: the other order is not seen", order)
		}
	}
}

// FuzzUTF16 holds the decoding, and the way back of its offsets, against
// unicode/utf16.
func FuzzUTF16(f *testing.F) {
	for _, text := range []string{"\xff\xfea\x00b\x00", "\xfe\xff\x00a\xd8\x3d\xde\x00", "\xff\xfe\x3d\xd8", "\xff\xfe\x00\xdex", "\xff\xfe", "x"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, ok := UTF16(data)
		if !ok {
			if len(data) > 1 && (data[0] == 0xff && data[1] == 0xfe || data[0] == 0xfe && data[1] == 0xff) {
				t.Fatalf("%x has a mark, and is not taken for UTF-16", data)
			}
			return
		}
		begin, big := 2, data[0] == 0xfe
		if data[0] < 0xfe { // no mark
			begin, big = 0, data[0] == 0
		}
		var units []uint16
		for rest := data[begin:]; len(rest) > 1; rest = rest[2:] {
			lo, hi := rest[0], rest[1]
			if big {
				lo, hi = hi, lo
			}
			units = append(units, uint16(hi)<<8|uint16(lo))
		}
		want := utf16.Decode(units)
		if len(data)%2 == 1 {
			want = append(want, utf8.RuneError)
		}
		if string(text) != string(want) {
			t.Fatalf("%x gives %q, want %q", data, text, string(want))
		}
		for off := range len(text) {
			if at := begin + UTF16Length(text[:off]); at > len(data) && utf8.RuneStart(text[off]) {
				t.Fatalf("offset %d of %x is at %d", off, data, at)
			}
		}
	})
}
