package scanner

import (
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"keyrake/scanner/match/literal"
	"keyrake/scanner/replacement"
)

// needles are texts that are looked for as they are, in every content in full.
type needles struct {
	entries []replacement.Entry
	forms   []form
	sets    []*literal.Set
	keys    [][][]int // per set and literal of it: forms with it
	bare    []int     // forms that hold nothing a Set can look for
}

// form is an entry as bytes of one encoding. Its key stands at off.
type form struct {
	entry int
	text  string
	off   int
}

// minKey is the least that is worth looking for by a Set.
const minKey = 4

// newNeedles compiles entries. Each is looked for in UTF-8 and in both orders of UTF-16.
func newNeedles(entries []replacement.Entry) (*needles, error) {
	n := &needles{entries: entries}
	for i, e := range entries {
		n.forms = append(n.forms, form{entry: i, text: e.Text})
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			var wide []byte
			for _, unit := range utf16.Encode([]rune(e.Text)) {
				wide = order.AppendUint16(wide, unit)
			}
			n.forms = append(n.forms, form{entry: i, text: string(wide)})
		}
	}
	at := map[string][]int{}
	var keys []string
	for i := range n.forms {
		f := &n.forms[i]
		key := ""
		if key, f.off = longestASCII(f.text); len(key) < minKey {
			n.bare = append(n.bare, i)
			continue
		}
		if at[key] == nil {
			keys = append(keys, key)
		}
		at[key] = append(at[key], i)
	}
	for part := range slices.Chunk(keys, literal.MaxCount) {
		set, err := literal.New(part)
		if err != nil {
			return nil, err
		}
		n.sets = append(n.sets, set)
		list := make([][]int, len(part))
		for i, key := range part {
			list[i] = at[key]
		}
		n.keys = append(n.keys, list)
	}
	return n, nil
}

// longestASCII gives the longest run of ASCII in text, folded and cut to what a
// Set takes, and where it starts.
func longestASCII(text string) (key string, off int) {
	for from := 0; from < len(text); {
		to := from
		for to < len(text) && text[to] < 0x80 {
			to++
		}
		if to-from > len(key) {
			key, off = text[from:to], from
		}
		from = to + 1
	}
	return asciiLower(key[:min(len(key), literal.MaxLen)]), off
}

func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// needleSearch is one worker's scratch.
type needleSearch struct {
	*needles
	hits []literal.Hit
}

// each calls f for every occurrence of an entry in data, in no fixed order.
func (n *needleSearch) each(data []byte, f func(entry, from, to int)) {
	try := func(i, at int) {
		k := &n.forms[i]
		if at < 0 || at+len(k.text) > len(data) || string(data[at:at+len(k.text)]) != k.text {
			return
		}
		if e := &n.entries[k.entry]; k.text != e.Text || e.In(data, at) {
			f(k.entry, at, at+len(k.text))
		}
	}
	for s, set := range n.sets {
		n.hits = set.Find(n.hits[:0], data, 0, len(data))
		for _, h := range n.hits {
			for _, i := range n.keys[s][h.Lit] {
				try(i, int(h.Off)-n.forms[i].off)
			}
		}
	}
	for _, i := range n.bare {
		text := string(data)
		for at := 0; ; at++ {
			next := strings.Index(text[at:], n.forms[i].text)
			if next < 0 {
				break
			}
			at += next
			try(i, at)
		}
	}
}

// eachLarge is each for a content of any size, of which f is shown the window that
// an occurrence lies in.
func (n *needleSearch) eachLarge(content io.Reader, f func(v *windows, entry, from, to int)) error {
	longest := 0
	for i := range n.forms {
		longest = max(longest, len(n.forms[i].text))
	}
	v := newWindows(content, 1, usualPiece, longest+1) // with a byte on both sides, which ends a word
	for keep := 0; v.next(keep); keep = max(0, v.hi-1) {
		n.each(v.data, func(entry, from, to int) {
			if v.lo <= from && from < v.hi {
				f(v, entry, from, to)
			}
		})
	}
	return v.err
}
