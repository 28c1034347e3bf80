// Package needle looks for listed texts word for word, each of them in UTF-8 and in
// both byte orders of UTF-16, in contents of any size.
//
// It refuses to know why a text is looked for, and where contents come from. Its
// invariant: every occurrence of every text is reported, once.
package needle

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"unicode/utf16"

	"keyrake/scanner/match/literal"
	"keyrake/scanner/replacement"
	"keyrake/scanner/window"
)

// Set holds the texts that are looked for. It does not change.
type Set struct {
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

// New makes a set of entries. Each is looked for in UTF-8 and in both orders of UTF-16.
func New(entries []replacement.Entry) (*Set, error) {
	n := &Set{entries: entries}
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

// Entry is the text with this number, in the order in which New was given them.
func (s *Set) Entry(number int) replacement.Entry { return s.entries[number] }

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

// step is how many bytes are searched at once: each may begin a hit, which takes more
// memory than it.
const step = 4 << 20

// Search looks for the texts of a set. It belongs to one goroutine.
type Search struct {
	*Set
	hits []literal.Hit // scratch
}

// NewSearch makes a search for the texts of set.
func NewSearch(set *Set) *Search { return &Search{Set: set} }

// Each calls f for every occurrence of an entry in data, in no fixed order.
func (n *Search) Each(data []byte, f func(entry, from, to int)) {
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
		for lo := 0; lo < len(data); lo += step {
			n.hits = set.Find(n.hits[:0], data, lo, min(lo+step, len(data)))
			for _, h := range n.hits {
				for _, i := range n.keys[s][h.Lit] {
					try(i, int(h.Off)-n.forms[i].off)
				}
			}
		}
	}
	for _, i := range n.bare {
		text := []byte(n.forms[i].text)
		for at := 0; ; at++ {
			next := bytes.Index(data[at:], text)
			if next < 0 {
				break
			}
			at += next
			try(i, at)
		}
	}
}

// EachLarge is Each for a content of any size. f is shown the window that the
// occurrence lies in.
func (n *Search) EachLarge(content io.Reader, f func(v *window.Windows, entry, from, to int)) error {
	longest := 0
	for i := range n.forms {
		longest = max(longest, len(n.forms[i].text))
	}
	v := window.New(content, 1, window.Usual, longest+1) // with a byte on both sides, which ends a word
	for keep := 0; v.Next(keep); keep = max(0, v.Hi-1) {
		n.Each(v.Data, func(entry, from, to int) {
			if v.Lo <= from && from < v.Hi {
				f(v, entry, from, to)
			}
		})
	}
	return v.Err
}
