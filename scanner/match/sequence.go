package match

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// sequence is the engine for the plain shape of most rules: a row of bytes and
// counted classes, matched at the start of the window in one pass without going
// back. It takes a pattern only where that finds what the standard library
// finds, which stays its twin in the tests. An "https://" that holds no password
// costs it 40 ns instead of 800.
type sequence struct {
	rows []row // alternatives, in the order of preference
}

// row is one alternative.
type row struct {
	parts []part
	marks [][2]int16 // per group, 0 is the whole match: the parts before which it starts and ends; -1 if it takes no part
	last  bool       // nothing may follow the match
	same  int        // so many of the first parts are those of the row before
}

// part is a class, at least min and at most max times (max < 0: no bound).
type part struct {
	set      [4]uint64 // ASCII bytes that fit
	wide     bool      // every rune beyond ASCII fits too, and every byte of invalid UTF-8
	min, max int
}

func (p *part) has(b byte) bool { return p.set[b>>6]&(1<<(b&63)) != 0 }

// maxRows bounds how many alternatives a pattern may unfold into, maxParts how
// long each may be.
const (
	maxRows  = 48
	maxParts = 96
)

// newSequence returns nil if the pattern is not of this kind. The pattern has
// to be anchored with \A, and may be with \z at its end.
func newSequence(pattern string) engine {
	if !strings.HasPrefix(pattern, `\A`) {
		return nil
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	b := &builder{groups: tree.MaxCap() + 1}
	rows, ok := b.unfold(tree)
	if !ok {
		return nil
	}
	s := &sequence{}
	for _, r := range rows {
		if !r.anchored || !r.decided() || len(r.parts) >= maxParts {
			return nil
		}
		if n := len(s.rows); n > 0 {
			before := s.rows[n-1].parts
			for r.same < min(len(before), len(r.parts)) && before[r.same] == r.parts[r.same] {
				r.same++
			}
		}
		s.rows = append(s.rows, r.row)
	}
	return s
}

// draft is a row in the making.
type draft struct {
	row
	anchored bool
}

type builder struct{ groups int }

func (b *builder) empty() draft {
	d := draft{}
	d.marks = make([][2]int16, b.groups)
	for i := range d.marks {
		d.marks[i] = [2]int16{-1, -1}
	}
	return d
}

// unfold turns an expression into its alternatives, the preferred ones first.
func (b *builder) unfold(re *syntax.Regexp) ([]draft, bool) {
	switch re.Op {
	case syntax.OpConcat:
		rows := []draft{b.empty()}
		for _, sub := range re.Sub {
			next, ok := b.unfold(sub)
			if !ok || len(rows)*len(next) > maxRows {
				return nil, false
			}
			var all []draft
			for _, x := range rows {
				for _, y := range next {
					z, ok := join(x, y)
					if !ok {
						return nil, false
					}
					all = append(all, z)
				}
			}
			rows = all
		}
		return rows, true
	case syntax.OpAlternate:
		var rows []draft
		for _, sub := range re.Sub {
			more, ok := b.unfold(sub)
			if !ok {
				return nil, false
			}
			rows = append(rows, more...)
		}
		return rows, len(rows) <= maxRows
	case syntax.OpCapture:
		rows, ok := b.unfold(re.Sub[0])
		for i := range rows {
			rows[i].marks[re.Cap] = [2]int16{0, int16(len(rows[i].parts))}
		}
		return rows, ok
	}
	return b.single(re)
}

// single turns an expression without alternatives into a row.
func (b *builder) single(re *syntax.Regexp) ([]draft, bool) {
	d := b.empty()
	switch re.Op {
	case syntax.OpEmptyMatch:
	case syntax.OpBeginText:
		d.anchored = true
	case syntax.OpEndText:
		d.last = true
		if re.Flags&syntax.WasDollar != 0 {
			return nil, false
		}
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			p, ok := class(&syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{r}, Flags: re.Flags})
			if !ok {
				return nil, false
			}
			d.parts = append(d.parts, p)
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		p, ok := class(re.Sub[0])
		if !ok || re.Flags&syntax.NonGreedy != 0 {
			return nil, false
		}
		switch re.Op {
		case syntax.OpStar:
			p.min, p.max = 0, -1
		case syntax.OpPlus:
			p.min, p.max = 1, -1
		case syntax.OpQuest:
			p.min, p.max = 0, 1
		default:
			p.min, p.max = re.Min, re.Max
		}
		d.parts = append(d.parts, p)
	default:
		p, ok := class(re)
		if !ok {
			return nil, false
		}
		d.parts = append(d.parts, p)
	}
	return []draft{d}, true
}

// class turns a literal of one rune or a character class into a part that
// stands once. Beyond ASCII a class has to take all runes or none.
func class(re *syntax.Regexp) (p part, ok bool) {
	p.min, p.max = 1, 1
	switch re.Op {
	case syntax.OpLiteral:
		if len(re.Rune) != 1 || re.Rune[0] >= utf8.RuneSelf {
			return p, false
		}
		c := byte(re.Rune[0])
		p.set[c>>6] |= 1 << (c & 63)
		if re.Flags&syntax.FoldCase != 0 {
			if f := c | 0x20; f == 'k' || f == 's' {
				return p, false // these fold to runes beyond ASCII as well
			} else if 'a' <= f && f <= 'z' {
				c ^= 0x20
				p.set[c>>6] |= 1 << (c & 63)
			}
		}
		return p, true
	case syntax.OpCharClass:
		reach := rune(utf8.RuneSelf) // runes beyond ASCII are in up to here, without a hole
		for i := 0; i < len(re.Rune); i += 2 {
			lo, hi := re.Rune[i], re.Rune[i+1]
			for c := lo; c <= min(hi, utf8.RuneSelf-1); c++ {
				p.set[c>>6] |= 1 << (c & 63)
			}
			if hi >= utf8.RuneSelf {
				if max(lo, utf8.RuneSelf) != reach {
					return p, false
				}
				reach = hi + 1
			}
		}
		p.wide = reach > utf8.MaxRune
		return p, p.wide || reach == utf8.RuneSelf
	}
	return p, false
}

// join puts y behind x.
func join(x, y draft) (draft, bool) {
	if x.last && len(y.parts) > 0 || y.anchored && len(x.parts) > 0 {
		return x, false
	}
	z := draft{anchored: x.anchored || y.anchored}
	z.last = x.last || y.last
	n := int16(len(x.parts))
	z.parts = append(append([]part{}, x.parts...), y.parts...)
	z.marks = append([][2]int16{}, x.marks...)
	for i, m := range y.marks {
		if m[0] >= 0 {
			z.marks[i] = [2]int16{m[0] + n, m[1] + n}
		}
	}
	return z, true
}

// decided reports whether taking as much as fits, part by part, is the only way
// to match: what may follow a part of variable count never fits the part.
func (r *row) decided() bool {
	for i := range r.parts {
		p := &r.parts[i]
		if p.min == p.max {
			continue
		}
		for j := i + 1; j < len(r.parts); j++ {
			q := &r.parts[j]
			if p.wide && q.wide {
				return false
			}
			for k := range p.set {
				if p.set[k]&q.set[k] != 0 {
					return false
				}
			}
			if q.min > 0 {
				break
			}
		}
	}
	return true
}

// look reports whether win matches, and how many of its first bytes that depends
// on; also on whether win ends, if they are all.
func (s *sequence) look(win []byte) (matches bool, read int) {
	var ends [maxParts]int
	row, read := s.matching(win, &ends)
	if row != nil {
		return true, len(win)
	}
	return false, min(len(win), read+utf8.UTFMax)
}

// first implements engine. There is one match at most, at the window's start.
func (s *sequence) first(buf []int, win []byte) ([]int, error) {
	var ends [maxParts]int // where each part begins
	r, at := s.matching(win, &ends)
	if r == nil {
		return nil, nil
	}
	spans := append(buf[:0], 0, at)
	for _, m := range r.marks[1:] {
		if m[0] < 0 {
			spans = append(spans, -1, -1)
		} else {
			spans = append(spans, ends[m[0]], ends[m[1]])
		}
	}
	return spans, nil
}

// matching returns the first row that matches win, with the end of the match, or nil and
// how far rows came. A row that begins with the parts that another failed in is not
// tried: an address alone has ten rows with one beginning.
func (s *sequence) matching(win []byte, ends *[maxParts]int) (r *row, at int) {
	failed := -1 // the part that the row tried last failed in
	read := 0
	for i := range s.rows {
		r := &s.rows[i]
		if failed >= 0 && r.same > failed {
			continue
		}
		at, part := r.match(win, ends)
		if part < 0 {
			return r, at
		}
		failed, read = part, max(read, at)
	}
	return nil, read
}

func (s *sequence) all(win []byte) ([][]int, error) {
	m, err := s.first(nil, win)
	if m == nil {
		return nil, err
	}
	return [][]int{m}, err
}

// match fills ends with the place before each part and after the last, and
// returns how far it came, and the part that it failed in: -1 if it matched.
func (r *row) match(win []byte, ends *[maxParts]int) (at, failed int) {
	for i := range r.parts {
		p := &r.parts[i]
		ends[i] = at
		n := 0
		for n != p.max && at < len(win) {
			b := win[at]
			if b < utf8.RuneSelf {
				if !p.has(b) {
					break
				}
				at++
			} else {
				if !p.wide {
					break
				}
				_, size := utf8.DecodeRune(win[at:])
				at += size
			}
			n++
		}
		if n < p.min {
			return at, i
		}
	}
	ends[len(r.parts)] = at
	if r.last && at < len(win) {
		return at, len(r.parts)
	}
	return at, -1
}
