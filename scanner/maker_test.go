package scanner

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"keyrake"
	"keyrake/rules"
	"keyrake/rules/example"
	"keyrake/scanner/match"
	"keyrake/scanner/walk/pack"
)

// choices makes every decision of a random test: from a fuzzer's input while
// that lasts, then from a generator that is seeded by it.
type choices struct {
	data []byte
	rng  *rand.Rand
}

func newChoices(data []byte, seed uint64) *choices {
	h := fnv.New64a()
	h.Write(data)
	return &choices{data, rand.New(rand.NewPCG(h.Sum64(), seed))}
}

// below draws from 0 to n-1.
func (c *choices) below(n int) int {
	if n <= 1 {
		return 0
	}
	v := 0
	for size := 1; size < n; size <<= 8 {
		if len(c.data) == 0 {
			return c.rng.IntN(n)
		}
		v = v<<8 | int(c.data[0])
		c.data = c.data[1:]
	}
	return v % n
}

func (c *choices) between(lo, hi int) int { return lo + c.below(hi-lo+1) }
func (c *choices) oneIn(n int) bool       { return c.below(n) == 0 }

func pick[T any](c *choices, list []T) T { return list[c.below(len(list))] }

// stock is what contents are put together from.
type stock struct {
	leaks  []string // examples and negatives of the built-in rules
	blocks []string // of them, those of several lines
}

// exampleRules are the built-in rules with their examples.
func exampleRules(t testing.TB) []rules.Rule {
	t.Helper()
	list, err := rules.ParseFS(keyrake.Rules, "rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func expand(t testing.TB, template, seed string) string {
	t.Helper()
	text, err := example.Expand(template, seed)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func newStock(t testing.TB) *stock {
	t.Helper()
	s := &stock{}
	for _, r := range exampleRules(t) {
		for i, template := range slices.Concat(r.Examples, r.Negatives) {
			text := expand(t, template, fmt.Sprintf("stock/%s/%d", r.ID, i))
			if len(text) > 300 {
				s.blocks = append(s.blocks, text)
			} else {
				s.leaks = append(s.leaks, text)
			}
		}
	}
	return s
}

// maker makes random contents for one rule set.
type maker struct {
	*choices
	*stock
	prog *match.Program
	tiny bool // contents of few different bytes, for made-up rules
}

const tinyBytes = "ab_01ab01- \n=\""

func (m *maker) text(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[m.below(len(alphabet))]
	}
	return string(b)
}

const plainBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/="

// piece is a bit of content: something that a rule may stop at, or noise.
func (m *maker) piece() string {
	if m.tiny && !m.oneIn(4) {
		switch m.below(4) {
		case 0:
			return m.mixedCase(pick(m.choices, m.prog.Keywords()))
		case 1:
			return m.mixedCase(pick(m.choices, m.prog.Keywords())) + m.text("ab01", m.between(1, 40))
		case 2:
			return pick(m.choices, nearWords[:])
		}
		return m.text(tinyBytes, m.between(1, 60))
	}
	switch m.below(15) {
	case 12, 13, 14:
		return m.encoded()
	case 0:
		return m.mixedCase(pick(m.choices, m.prog.Keywords()))
	case 1, 2:
		return m.assignment()
	case 3, 4, 5, 6:
		return pick(m.choices, m.leaks)
	case 7:
		if len(m.blocks) > 0 {
			return pick(m.choices, m.blocks)
		}
	case 8:
		return strings.Repeat("\x00", m.between(1, 20))
	case 9:
		return strings.Repeat(pick(m.choices, []string{"\n", " ", "x", "\xff", "\u00e9", "// a line of code\r\n"}), m.between(1, 40))
	case 10:
		b := make([]byte, m.between(1, 50))
		for i := range b {
			b[i] = byte(m.below(256))
		}
		return string(b)
	}
	return m.text(plainBytes, m.between(1, 120))
}

// encoded is a leak in another form.
func (m *maker) encoded() string {
	text := pick(m.choices, m.leaks)
	for range m.between(1, 2) {
		if len(text) > 400 {
			break
		}
		switch m.below(9) {
		case 0, 1:
			text = base64.StdEncoding.EncodeToString([]byte(text))
		case 2:
			text = base64.RawURLEncoding.EncodeToString([]byte("x " + text))
		case 3:
			text = hex.EncodeToString([]byte(text))
		case 4:
			text = each(pick(m.choices, []string{`\x%02x`, `\u%04x`, "&#%d;", "&#x%x;"}), text)
		case 5:
			text = url.QueryEscape(text)
		case 6:
			text = quoted(text)
		case 7:
			at := m.below(len(text) + 1)
			text = text[:at] + pick(m.choices, []string{`" + "`, `' . '`, "\"\n  \"", `", "`}) + text[at:]
		case 8: // UTF-16 or UTF-32 in other text
			text = each("%c"+strings.Repeat("\x00", pick(m.choices, []int{1, 1, 3})), text)
		}
	}
	return text
}

func (m *maker) mixedCase(s string) string {
	switch m.below(3) {
	case 0:
		return strings.ToUpper(s)
	case 1:
		b := []byte(s)
		for i := range b {
			if m.oneIn(2) && 'a' <= b[i] && b[i] <= 'z' {
				b[i] -= 0x20
			}
		}
		return string(b)
	}
	return s
}

func (m *maker) assignment() string {
	name := pick(m.choices, []string{"", "my_", "DB_", "x."}) + m.mixedCase(pick(m.choices, m.prog.Keywords())) + pick(m.choices, []string{"", "_v2", "s"})
	open := pick(m.choices, []string{"=", ": ", " = \"", `": "`, "='", "(\"", " := `", ">", " "})
	value := m.text(plainBytes, m.between(1, 60))
	if m.oneIn(12) {
		value = m.text(plainBytes, 600)
	}
	return name + open + value + pick(m.choices, []string{"", "\"", "'", "`", "\n", "\")\n", "</", "\r\n"})
}

// content is a whole content that no version came before.
func (m *maker) content() []byte {
	var b []byte
	for range m.below(16) {
		b = append(b, m.piece()...)
		b = append(b, pick(m.choices, []string{"\n", "\n", "", " ", "\r\n", "\x00"})...)
	}
	if m.oneIn(12) {
		b = inUTF16(b, m.oneIn(2))
		if m.oneIn(3) {
			b = append(b, m.piece()...) // in another encoding
		}
	}
	return b
}

// inUTF16 writes text with a byte order mark.
func inUTF16(text []byte, big bool) []byte {
	units := append([]uint16{0xfeff}, utf16.Encode([]rune(string(text)))...)
	var out []byte
	for _, u := range units {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

// derived makes a new content from base, as a delta does.
type derived struct {
	data   []byte
	copies []pack.Copy
	merge  bool // neighbours become one copy, as package pack makes them
}

func (r *derived) insert(s string) { r.data = append(r.data, s...) }

func (r *derived) copy(base []byte, from, to int) {
	if from >= to {
		return
	}
	k := len(r.copies) - 1
	if r.merge && k >= 0 && r.copies[k].Pos+r.copies[k].Len == len(r.data) && r.copies[k].From+r.copies[k].Len == from {
		r.copies[k].Len += to - from
	} else {
		r.copies = append(r.copies, pack.Copy{Pos: len(r.data), From: from, Len: to - from})
	}
	r.data = append(r.data, base[from:to]...)
}

// edges are the offsets in a content where a wrong step would show: the ends of
// anchors, secrets and windows, and their neighbours.
func edges(f *searcher, s *state, size int) []int {
	list := []int{0, size}
	for _, p := range s.anchors {
		a := p.anchor()
		from, to := int(a.Off), int(a.Off)+f.prog.Len(a)
		list = append(list, from, to, (from+to)/2)
		for _, sight := range []match.Sight{match.Hem, p.sight, match.Wide} {
			r := f.prog.Within(a.Lit, sight)
			list = append(list, from-int(r.Before), to+int(r.After))
		}
	}
	for i := range s.hits {
		h := &s.hits[i]
		list = append(list, h.from(), h.to(), (h.from()+h.to())/2)
	}
	return list
}

// revise makes a random version of base; at are its edges.
func (m *maker) revise(base []byte, at []int) *derived {
	r := &derived{merge: m.oneIn(2)}
	n := len(base)
	point := func() int {
		if m.oneIn(4) {
			return m.below(n + 1)
		}
		return min(max(pick(m.choices, at)+m.between(-2, 2), 0), n)
	}
	span := func() (int, int) {
		a, b := point(), point()
		return min(a, b), max(a, b)
	}
	switch m.below(24) {
	case 0: // as it was
		r.copy(base, 0, n)
	case 1:
		if m.oneIn(3) {
			return r // empty
		}
		r.insert(m.piece()) // nothing is left
	case 2: // a seam without a byte between
		p := point()
		r.copy(base, 0, p)
		r.copy(base, p, n)
	case 3, 4, 14, 15, 16, 17, 18: // an edit here and there
		last := 0
		for range m.between(1, 4) {
			p := max(point(), last)
			r.copy(base, last, p)
			r.insert(m.bit())
			last = min(n, p+m.below(30))
		}
		r.copy(base, last, n)
	case 5: // one range, alone or at one end
		a, b := span()
		if m.oneIn(3) {
			r.insert(m.bit())
		}
		r.copy(base, a, b)
		if m.oneIn(3) {
			r.insert(m.bit())
		}
	case 6, 19, 20: // twice
		a, b := span()
		r.copy(base, 0, b)
		if m.oneIn(2) {
			r.insert(m.bit())
		}
		r.copy(base, a, n)
	case 7: // another order
		var cuts []int
		for range m.between(1, 4) {
			cuts = append(cuts, point())
		}
		cuts = append(cuts, 0, n)
		slices.Sort(cuts)
		order := make([]int, len(cuts)-1)
		for i := range order {
			order[i] = i
		}
		for i := len(order) - 1; i > 0; i-- {
			j := m.below(i + 1)
			order[i], order[j] = order[j], order[i]
		}
		for _, i := range order {
			r.copy(base, cuts[i], cuts[i+1])
		}
	case 8: // tiny copies, some that fit together again
		p := point()
		for range m.between(1, 12) {
			to := min(n, p+m.between(1, 4))
			r.copy(base, p, to)
			if p = to; m.oneIn(4) {
				p = point()
			}
			if m.oneIn(4) {
				r.insert(m.text(plainBytes, 1))
			}
		}
	case 9, 21: // something before, all the same
		r.insert(m.bit())
		r.copy(base, 0, n)
	case 10, 22, 23:
		r.copy(base, 0, n)
		r.insert(m.bit())
	case 11: // a range goes
		a, b := span()
		r.copy(base, 0, a)
		r.copy(base, b, n)
	default:
		for range m.between(1, 8) {
			if m.oneIn(3) {
				r.insert(m.bit())
				continue
			}
			a, b := span()
			if m.oneIn(3) {
				b = min(b, a+m.below(40))
			}
			r.copy(base, a, b)
		}
	}
	if len(r.data) > maxMade {
		r.trim(maxMade)
	}
	return r
}

// maxMade keeps the contents of long chains small.
const maxMade = 6000

func (r *derived) trim(n int) {
	r.data = r.data[:n]
	for i := range r.copies {
		if c := &r.copies[i]; c.Pos >= n {
			r.copies = r.copies[:i]
			return
		} else if c.Pos+c.Len > n {
			c.Len = n - c.Pos
		}
	}
}

// bit is what a version inserts.
func (m *maker) bit() string {
	switch m.below(6) {
	case 5:
		return string(m.content())
	case 0:
		return m.text(plainBytes+"\n \"", m.between(1, 3))
	case 1:
		s := m.piece()
		a, b := m.below(len(s)+1), m.below(len(s)+1)
		return s[min(a, b):max(a, b)]
	}
	return m.piece()
}
