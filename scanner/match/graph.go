package match

import (
	"regexp/syntax"
	"unicode"
	"unicode/utf8"
)

// byteClass is a set of bytes that a rune may be, or begin with if it is not
// ASCII.
type byteClass [4]uint64

func (c *byteClass) bit(b byte) uint64 { return c[b>>6] >> (b & 63) & 1 }

// graph is an expression as the steps from one rune to the next, with two nodes
// more where a match begins and ends. Assertions are taken to hold, so it
// allows more than the expression does.
type graph struct {
	class      []*byteClass // per node, nil where no rune is read
	next, prev [][]int32
	all        []int32 // the nodes that read a rune
	begin, end int32
	seen       []int32 // mutable: the turn in which a node was met last
	turn       int32   // mutable
}

func newGraph(prog *syntax.Prog) *graph {
	n := len(prog.Inst)
	g := &graph{class: make([]*byteClass, n+2), begin: int32(n), end: int32(n + 1), seen: make([]int32, n+2)}
	links := make([][]int32, 2*(n+2))
	g.next, g.prev = links[:n+2], links[n+2:]
	var last *syntax.Inst
	for i := range prog.Inst {
		in := &prog.Inst[i]
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			// A counted part stands in the program many times, with the same runes.
			if last != nil && len(in.Rune) > 1 && len(last.Rune) == len(in.Rune) && &last.Rune[0] == &in.Rune[0] {
				g.class[i] = g.class[g.all[len(g.all)-1]]
			} else {
				g.class[i] = classOf(in)
			}
			last = in
			g.all = append(g.all, int32(i))
			g.link(prog, int32(i), in.Out)
		}
	}
	g.link(prog, g.begin, uint32(prog.Start))
	return g
}

func classOf(in *syntax.Inst) *byteClass {
	c := &byteClass{}
	switch {
	case len(in.Rune) == 0:
		c.add(0, unicode.MaxRune) // any rune, or any but a line end
	case len(in.Rune) == 1:
		c.add(in.Rune[0], in.Rune[0])
		if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
			for r := unicode.SimpleFold(in.Rune[0]); r != in.Rune[0]; r = unicode.SimpleFold(r) {
				c.add(r, r)
			}
		}
	default:
		for i := 0; i < len(in.Rune); i += 2 {
			c.add(in.Rune[i], in.Rune[i+1])
		}
	}
	return c
}

// add adds the runes from lo to hi.
func (c *byteClass) add(lo, hi rune) {
	for r := lo; r <= min(hi, utf8.RuneSelf-1); r++ {
		c[r>>6] |= 1 << (r & 63)
	}
	if hi >= utf8.RuneSelf {
		c[2], c[3] = ^uint64(0), ^uint64(0)
	}
}

// link adds the steps from a node to the runes, or the end, that it reaches by
// way of instruction pc.
func (g *graph) link(prog *syntax.Prog, from int32, pc uint32) {
	g.turn++
	todo := []uint32{pc}
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if g.met(int32(pc)) {
			continue
		}
		to := int32(pc)
		switch in := &prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, in.Out, in.Arg)
			continue
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			todo = append(todo, in.Out)
			continue
		case syntax.InstFail:
			continue
		case syntax.InstMatch:
			to = g.end
		}
		g.next[from] = append(g.next[from], to)
		g.prev[to] = append(g.prev[to], from)
	}
}

// met reports whether this turn has met the node before.
func (g *graph) met(node int32) bool {
	if g.seen[node] == g.turn {
		return true
	}
	g.seen[node] = g.turn
	return false
}

// step returns the nodes one step from those given.
func (g *graph) step(from []int32, links [][]int32) (to []int32) {
	g.turn++
	for _, s := range from {
		for _, n := range links[s] {
			if !g.met(n) {
				to = append(to, n)
			}
		}
	}
	return to
}

// spell returns, for each byte of a word, the nodes that may read it, in either
// case, when the whole word is read from one of the given nodes on.
func (g *graph) spell(from []int32, word string) [][]int32 {
	lines := make([][]int32, len(word))
	for i := range lines {
		for _, s := range from {
			if c := g.class[s]; c != nil && c.bit(word[i])|c.bit(upperOf(word[i])) != 0 {
				lines[i] = append(lines[i], s)
			}
		}
		from = g.step(lines[i], g.next)
	}
	for i := len(lines) - 2; i >= 0; i-- {
		g.turn++
		for _, s := range lines[i+1] {
			g.seen[s] = g.turn
		}
		kept := lines[i][:0]
		for _, s := range lines[i] {
			for _, n := range g.next[s] {
				if g.seen[n] == g.turn {
					kept = append(kept, s)
					break
				}
			}
		}
		lines[i] = kept
	}
	return lines
}

// spread lists which bytes may be read at each of the steps from at on, up to
// the one where a match may be over.
func (g *graph) spread(at []int32, links [][]int32) []byteClass {
	list := make([]byteClass, 0, hemReach)
	for range hemReach {
		var all byteClass
		for _, s := range at {
			c := g.class[s]
			if c == nil {
				return list
			}
			for k := range all {
				all[k] |= c[k]
			}
		}
		list = append(list, all)
		at = g.step(at, links)
	}
	return list
}
