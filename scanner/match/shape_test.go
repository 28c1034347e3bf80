package match

import (
	"slices"
	"testing"

	"keyrake/rules"
)

// TestShapesOfTheTable: what the table of the built-in rules says of an expression is
// what is worked out of it.
func TestShapesOfTheTable(t *testing.T) {
	p, err := Compile(rules.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for number, r := range p.all {
		if r.Kind != rules.Token || r.Whole {
			continue
		}
		told, plain := p.rule(int32(number)), &compiled{Rule: r}
		if told.told == nil {
			t.Fatalf("%s: the table says nothing of it", r.ID)
		}
		if told.isLeading() != plain.isLeading() {
			t.Errorf("%s: leading %v, want %v", r.ID, told.isLeading(), plain.isLeading())
		}
		for k, word := range r.Keywords {
			got, want := told.hem(k), plain.hem(k)
			if (got == nil) != (want == nil) || told.word != plain.word {
				t.Fatalf("%s: a hem %v, want %v; word %q, want %q", r.ID, got != nil, want != nil, told.word, plain.word)
			}
			if got == nil {
				continue
			}
			seen++
			if !equalSides(got, want) || told.hems.bytes != plain.hems.bytes {
				t.Errorf("%s: the hem of %q is another one", r.ID, word)
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d hems", seen)
	}
}

func equalSides(a, b *hem) bool {
	return slices.Equal(a.before, b.before) && slices.Equal(a.after, b.after) && a.lower == b.lower && a.upper == b.upper
}
