// Package needle looks for listed texts word for word, each of them in UTF-8 and in
// both byte orders of UTF-16, and as machines write it if that is asked for, in contents of
// any size.
//
// It refuses to know why a text is looked for, and where contents come from. Its
// invariant: every occurrence of every form of every text is reported, once.
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
	encoded bool
	forms   []form
	sets    []*literal.Set
	keys    [][][]int // per set and literal of it: forms with it
	bare    []bare    // forms whose key is too short for a Set
}

// kind says how a form is compared with a content.
type kind uint8

const (
	asItIs  kind = iota
	inLines      // it may be broken into lines
	escaped      // its bytes may be escaped, and one is
)

// form is an entry as bytes of one encoding. Its key stands at off.
type form struct {
	entry int
	kind  kind
	text  string
	off   int
}

type bare struct {
	form int
	key  []byte
}

// minKey is the least that is worth looking for by a Set.
const minKey = 4

// New makes a set of entries. Each is looked for in UTF-8 and in both orders of UTF-16 and, if
// encoded is set, in base64, in hexadecimal digits and with the escapes of URLs, JSON and HTML.
func New(entries []replacement.Entry, encoded bool) (*Set, error) {
	n := &Set{entries: entries, encoded: encoded}
	for i, e := range entries {
		forms := []form{{text: e.Text}}
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			var wide []byte
			for _, unit := range utf16.Encode([]rune(e.Text)) {
				wide = order.AppendUint16(wide, unit)
			}
			forms = append(forms, form{text: string(wide)})
		}
		if encoded {
			forms = append(forms, encodings(e.Text)...)
		}
		seen := map[form]bool{}
		for _, f := range forms {
			if !seen[f] {
				seen[f] = true
				f.entry = i
				n.forms = append(n.forms, f)
			}
		}
	}
	return n, n.prepare()
}

// prepare makes the sets of keys.
func (s *Set) prepare() error {
	at := map[string][]int{}
	var keys []string
	for i := range s.forms {
		key, ok := s.forms[i].key()
		if !ok {
			s.bare = append(s.bare, bare{i, []byte(key)})
			continue
		}
		key = asciiLower(key)
		if at[key] == nil {
			keys = append(keys, key)
		}
		at[key] = append(at[key], i)
	}
	for part := range slices.Chunk(keys, literal.MaxCount) {
		set, err := literal.New(part)
		if err != nil {
			return err
		}
		s.sets = append(s.sets, set)
		list := make([][]int, len(part))
		for i, key := range part {
			list[i] = at[key]
		}
		s.keys = append(s.keys, list)
	}
	return nil
}

// key chooses what of a form is looked for at first, and sets where that stands. ok says that
// a Set can do it.
func (f *form) key() (key string, ok bool) {
	switch f.kind {
	case inLines:
		return f.text[f.off : f.off+f.half()], true
	case escaped:
		key, f.off = longestRun(f.text, isPlain)
		return key, len(key) >= minKey
	}
	if key, f.off = longestRun(f.text, isASCII); len(key) < minKey {
		key, f.off = f.text, 0
		return key, false
	}
	return key, true
}

// Entry is the text with this number, in the order in which New was given them.
func (s *Set) Entry(number int) replacement.Entry { return s.entries[number] }

// longestRun gives the longest run of such bytes in text, cut to what a Set takes, and where it
// starts.
func longestRun(text string, of func(byte) bool) (run string, off int) {
	for from := 0; from < len(text); {
		to := from
		for to < len(text) && of(text[to]) {
			to++
		}
		if to-from > len(run) {
			run, off = text[from:to], from
		}
		from = to + 1
	}
	return run[:min(len(run), literal.MaxLen)], off
}

func isASCII(c byte) bool { return c < 0x80 }

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
	try := func(i, key int) {
		k := &n.forms[i]
		if from, to, ok := k.at(data, key); ok && (k.kind != asItIs || k.text != n.entries[k.entry].Text || n.stands(k.entry, data, from)) {
			f(k.entry, from, to)
		}
	}
	for s, set := range n.sets {
		for lo := 0; lo < len(data); lo += step {
			n.hits = set.Find(n.hits[:0], data, lo, min(lo+step, len(data)))
			for _, h := range n.hits {
				for _, i := range n.keys[s][h.Lit] {
					try(i, int(h.Off))
				}
			}
		}
	}
	for _, b := range n.bare {
		for at := 0; ; at++ {
			next := bytes.Index(data[at:], b.key)
			if next < 0 {
				break
			}
			at += next
			try(b.form, at)
		}
	}
}

// at compares data with a form whose key may stand at key.
func (f *form) at(data []byte, key int) (from, to int, ok bool) {
	switch f.kind {
	case inLines:
		return f.unfold(data, key)
	case escaped:
		return f.unescape(data, key)
	}
	from, to = key-f.off, key-f.off+len(f.text)
	return from, to, from >= 0 && to <= len(data) && string(data[from:to]) == f.text
}

// stands reports whether an entry that is at off is no part of a longer word, if it asks for that.
// Where encodings are looked for, an escape before it is none either.
func (s *Set) stands(entry int, data []byte, off int) bool {
	e := &s.entries[entry]
	if e.In(data, off) {
		return true
	}
	if _, width := escapeBefore(data[:off]); !s.encoded || width == 0 {
		return false
	}
	return e.In(data[off:], 0)
}

// EachLarge is Each for a content of any size. f is shown the window that the
// occurrence lies in.
func (n *Search) EachLarge(content io.Reader, f func(v *window.Windows, entry, from, to int)) error {
	longest := 0
	for i := range n.forms {
		longest = max(longest, n.forms[i].longest())
	}
	before := 1 // with a byte on both sides, which ends a word
	if n.encoded {
		before = maxEscape // as does an escape
	}
	v := window.New(content, before, window.Usual, longest+1)
	for keep := 0; v.Next(keep); keep = max(0, v.Hi-before) {
		n.Each(v.Data, func(entry, from, to int) {
			if v.Lo <= from && from < v.Hi {
				f(v, entry, from, to)
			}
		})
	}
	return v.Err
}
