package match

import (
	"fmt"

	"keyrake/rules"
	"keyrake/scanner/match/literal"
)

// Table is what a Program knows of its rules' keywords and what may be beside them. It
// depends on nothing but the rules, so that of the built-in ones lies in the program as data: builtin.go,
// which rules/compile writes. To make it takes some milliseconds, a third of a
// pre-commit hook.
type Table struct {
	Digest   string          // of the rules
	Literals *literal.Tables // of the keywords, then the marks
	Keywords int             // how many of the literals are keywords
	Marks    []uint8         // which of the marks the others are; one that is a keyword is left out
	Reach    []Reach         // per keyword, the widest of its rules

	// Tokens holds the Token rules of each keyword in turn, up to TokenEnds of it;
	// Assigned the numbers of its Assignment rules, in the same way.
	Tokens       []Owner
	TokenEnds    []int32
	Assigned     []int32
	AssignedEnds []int32

	Wholes     []int32 // numbers of the rules that are tried on whole contents
	WholeReach Reach   // the widest of theirs

	// Shapes holds for each rule what its expression implies, and Edges the same for each of its keywords. In
	// other tables than that of the built-in rules they are nil: few are ever asked for.
	Shapes  []Shape
	Edges   []Edge
	Sides   [][]uint16 // of edges: numbers of classes, from the keyword outwards
	Classes []byteClass
}

// Owner is a Token rule with the number of one of its keywords.
type Owner struct{ Rule, Keyword int32 }

// maxKeyword is how much of a keyword is searched for, in bytes.
const maxKeyword = 16

func cut(keyword string) string { return keyword[:min(len(keyword), maxKeyword)] }

// Tabulate makes the table of a set's rules, for all machines.
func Tabulate(set *rules.Set) (*Table, error) {
	t, err := tabulate(set, literal.TabulateForAll)
	if err != nil {
		return nil, err
	}
	t.tabulateShapes(set.All())
	return t, nil
}

func tabulate(set *rules.Set, tables func([]string) (*literal.Tables, error)) (*Table, error) {
	k := keywords{number: make(map[string]int, 2*set.Len())}
	t := &Table{Digest: set.Digest()}
	for i, r := range set.All() {
		i := int32(i)
		if r.Whole {
			t.Wholes = append(t.Wholes, i)
			t.WholeReach.widen(r.Before, r.After)
			continue
		}
		for nth, word := range r.Keywords {
			k.add(cut(word), r, Owner{i, int32(nth)})
		}
	}
	t.Keywords = len(k.words)
	t.Reach = k.reach
	for n := range k.words {
		t.Tokens = append(t.Tokens, k.tokens[n]...)
		t.TokenEnds = append(t.TokenEnds, int32(len(t.Tokens)))
		t.Assigned = append(t.Assigned, k.assigned[n]...)
		t.AssignedEnds = append(t.AssignedEnds, int32(len(t.Assigned)))
	}
	for i, m := range marks {
		if _, taken := k.number[m.text]; !taken {
			k.words = append(k.words, m.text)
			t.Marks = append(t.Marks, uint8(i))
		}
	}
	var err error
	if t.Literals, err = tables(k.words); err != nil {
		return nil, fmt.Errorf("compile the rules' keywords: %w", err)
	}
	return t, nil
}

// keywords collects the keywords of rules, each once, and who has them.
type keywords struct {
	number   map[string]int
	words    []string
	reach    []Reach
	tokens   [][]Owner
	assigned [][]int32
}

// add notes that a rule has a keyword. It may name two that are one once they are cut;
// that then comes twice in a row.
func (k *keywords) add(word string, r *rules.Rule, o Owner) {
	n, ok := k.number[word]
	if !ok {
		n = len(k.words)
		k.number[word] = n
		k.words = append(k.words, word)
		k.reach = append(k.reach, Reach{})
		k.tokens = append(k.tokens, nil)
		k.assigned = append(k.assigned, nil)
	}
	after := r.After
	if r.Kind == rules.Assignment {
		if list := k.assigned[n]; len(list) == 0 || list[len(list)-1] != o.Rule {
			k.assigned[n] = append(list, o.Rule)
		}
	} else {
		if list := k.tokens[n]; len(list) == 0 || list[len(list)-1].Rule != o.Rule {
			k.tokens[n] = append(list, o)
		}
		after += joinRoom
	}
	k.reach[n].widen(r.Before, after)
}

// widen makes the reach no less than so many bytes.
func (r *Reach) widen(before, after int) {
	r.Before, r.After = max(r.Before, int32(before)), max(r.After, int32(after))
}

// tokens are the Token rules that have keyword number lit.
func (p *Program) tokens(lit uint16) []Owner { return partOf(p.table.Tokens, p.table.TokenEnds, lit) }

// assigned are the numbers of its Assignment rules.
func (p *Program) assigned(lit uint16) []int32 {
	return partOf(p.table.Assigned, p.table.AssignedEnds, lit)
}

// partOf is what of a list belongs to number n: what follows the end of the one before.
func partOf[T any](list []T, ends []int32, n uint16) []T {
	from := int32(0)
	if n > 0 {
		from = ends[n-1]
	}
	return list[from:ends[n]]
}
