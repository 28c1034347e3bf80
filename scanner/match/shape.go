package match

import (
	"sync/atomic"

	"keyrake/rules"
)

// Shape is what is worked out of the expression of a Token rule before it is tried.
type Shape struct {
	Leading bool   // every match starts at its anchor
	Word    string // every match holds it
	Bytes   uint16 // the class of all bytes that a match may hold
	Edges   int32  // the number of the first of its keywords' edges, from 1 on; 0 if nothing can be said
}

// Edge is a hem as a Table holds it: its two sides, and which bytes of the keyword may
// be in which case.
type Edge struct {
	Before, After uint16
	Lower, Upper  uint64
}

// tabulateShapes adds the shapes of all rules and the hems of their keywords. Many
// keywords have the same bytes beside them.
func (t *Table) tabulateShapes(all []*rules.Rule) {
	classes, sides := map[byteClass]uint16{}, map[string]uint16{}
	class := func(c byteClass) uint16 {
		if _, ok := classes[c]; !ok {
			classes[c] = uint16(len(t.Classes))
			t.Classes = append(t.Classes, c)
		}
		return classes[c]
	}
	side := func(list []byteClass) uint16 {
		var numbers []uint16
		var key []byte
		for _, c := range list {
			n := class(c)
			numbers, key = append(numbers, n), append(key, byte(n), byte(n>>8))
		}
		if _, ok := sides[string(key)]; !ok {
			sides[string(key)] = uint16(len(t.Sides))
			t.Sides = append(t.Sides, numbers)
		}
		return sides[string(key)]
	}
	t.Shapes = make([]Shape, len(all))
	for i, r := range all {
		if r.Kind != rules.Token || r.Whole || r.Backtrack {
			continue
		}
		c := compiled{Rule: r}
		h, word := newHems(r.Pattern, r.Keywords, c.isLeading())
		s := &t.Shapes[i]
		s.Leading, s.Word = c.isLeading(), word
		if h == nil {
			continue
		}
		s.Bytes, s.Edges = class(h.bytes), int32(len(t.Edges)+1)
		for k := range r.Keywords {
			made := h.of(k)
			t.Edges = append(t.Edges, Edge{side(made.before), side(made.after), made.lower, made.upper})
		}
	}
}

// hems gives the hems of a rule with so many keywords; nil if nothing can be said.
func (t *Table) hems(s *Shape, keywords int) *hems {
	if s.Edges == 0 {
		return nil
	}
	return &hems{bytes: t.Classes[s.Bytes], list: make([]atomic.Pointer[hem], keywords), make: func(k int) hem {
		x := &t.Edges[int(s.Edges)-1+k]
		return hem{t.side(x.Before), t.side(x.After), x.Lower, x.Upper}
	}}
}

func (t *Table) side(number uint16) []byteClass {
	list := make([]byteClass, len(t.Sides[number]))
	for i, class := range t.Sides[number] {
		list[i] = t.Classes[class]
	}
	return list
}
