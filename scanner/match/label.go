package match

import (
	"slices"
	"strconv"
	"strings"

	"keyrake/rules"
)

// Label says what the anchors with number lit are places of, in a form that
// holds for other programs.
func (p *Program) Label(lit uint16) string {
	switch i := int(lit); {
	case i < len(p.keywords):
		return "=" + p.keywords[i]
	case i < p.firstCode():
		return "~" + p.mark(Anchor{Lit: lit}).text
	}
	return strconv.Itoa(int(lit) - p.firstCode())
}

// Labels gives the numbers that this program's anchors have, by their labels.
type Labels struct {
	of    map[string]uint16
	first int
}

// Labels returns the numbers of p's anchors by their labels.
func (p *Program) Labels() Labels {
	l := Labels{map[string]uint16{}, p.firstCode()}
	for i := range p.firstCode() {
		l.of[p.Label(uint16(i))] = uint16(i)
	}
	return l
}

// Number is the number of the anchors with a label; false if there are none.
func (l Labels) Number(label string) (lit uint16, ok bool) {
	if strings.HasPrefix(label, "=") || strings.HasPrefix(label, "~") {
		lit, ok = l.of[label]
		return lit, ok
	}
	n, err := strconv.Atoi(label)
	if n += l.first; err != nil || n < l.first || n > 0xffff {
		return 0, false
	}
	return uint16(n), true
}

// Words are a rule's keywords as far as they are searched for.
func Words(r *rules.Rule) []string {
	list := make([]string, len(r.Keywords))
	for i, k := range r.Keywords {
		list[i] = cut(k)
	}
	return list
}

// IsMark reports whether word is searched for beside the keywords.
func IsMark(word string) bool {
	return slices.ContainsFunc(marks[:], func(m mark) bool { return m.text == word })
}
