package ignore

import (
	"math/bits"
	"strings"
)

// op is one step of a compiled wildcard pattern.
type op uint8

const (
	opByte op = iota // the byte c
	opAny            // any byte but a slash
	opSet            // any byte of set
	opStar           // any bytes but a slash, or none
	opGlob           // any bytes, or none
	opSkip           // goes on behind the opDirs that follows, or into it
	opDirs           // any bytes up to and with a slash
)

type step struct {
	op  op
	c   byte
	set *[256]bool
}

// program is a compiled wildcard pattern. It is run as a set of states, so that
// a match takes time steps × bytes at the most, whatever the pattern: hostile
// lines like "*a*a*a*a*b" cost no more than others.
type program struct {
	steps []step
	tail  string // every match ends in it
}

// compile translates a wildcard pattern; nil means that it never matches. With
// slashes (git's WM_PATHNAME) only "**" between slashes crosses a slash; without
// it every star does, but base names have none.
func compile(s string, slashes, fold bool) *program {
	p := &program{}
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case '*':
			i = p.star(s, i, slashes)
		case '?':
			p.steps = append(p.steps, step{op: opAny})
			i++
		case '[':
			set, next := bracket(s, i+1, fold)
			if set == nil {
				return nil
			}
			p.steps = append(p.steps, step{op: opSet, set: set})
			i = next
		case '\\':
			if i+1 == len(s) {
				return nil
			}
			// Git does not fold an escaped letter, only the path: `\A` never
			// matches when case is ignored.
			p.steps = append(p.steps, step{op: opByte, c: s[i+1]})
			i += 2
		default:
			if fold {
				c = lowerByte(c)
			}
			p.steps = append(p.steps, step{op: opByte, c: c})
			i++
		}
	}
	p.tail = literalTail(p.steps)
	return p
}

// star reads the run of stars at i and returns where it ends.
func (p *program) star(s string, i int, slashes bool) int {
	end := i
	for end < len(s) && s[end] == '*' {
		end++
	}
	rest := s[end:]
	switch {
	case !slashes:
		p.steps = append(p.steps, step{op: opGlob})
	case end-i == 1, i > 0 && s[i-1] != '/':
		p.steps = append(p.steps, step{op: opStar})
	case rest == "", strings.HasPrefix(rest, `\/`):
		p.steps = append(p.steps, step{op: opGlob})
	case rest[0] == '/':
		p.steps = append(p.steps, step{op: opSkip}, step{op: opDirs})
		end++
	default:
		p.steps = append(p.steps, step{op: opStar})
	}
	return end
}

func literalTail(steps []step) string {
	var b []byte
	i := len(steps)
	for i > 0 && steps[i-1].op == opByte {
		i--
	}
	for ; i < len(steps); i++ {
		b = append(b, steps[i].c)
	}
	return string(b)
}

// match says whether all of text matches.
func (p *program) match(text string) bool {
	if !strings.HasSuffix(text, p.tail) {
		return false
	}
	words := len(p.steps)/64 + 1
	var fixed [2][4]uint64
	cur, next := fixed[0][:], fixed[1][:]
	if words > len(cur) {
		cur, next = make([]uint64, words), make([]uint64, words)
	}
	cur, next = cur[:words], next[:words]
	p.enter(cur, 0)
	for i := 0; i < len(text); i++ {
		clear(next)
		alive := false
		for w, states := range cur {
			for ; states != 0; states &= states - 1 {
				at := w*64 + bits.TrailingZeros64(states)
				alive = p.advance(next, at, text[i]) || alive
			}
		}
		if !alive {
			return false
		}
		cur, next = next, cur
	}
	end := len(p.steps)
	return cur[end/64]&(1<<(end%64)) != 0
}

// enter adds a state and those that it reaches without reading a byte.
func (p *program) enter(set []uint64, at int) {
	for {
		if set[at/64]&(1<<(at%64)) != 0 {
			return
		}
		set[at/64] |= 1 << (at % 64)
		if at == len(p.steps) {
			return
		}
		switch p.steps[at].op {
		case opStar, opGlob:
			at++
		case opSkip:
			p.enter(set, at+1)
			at += 2
		default:
			return
		}
	}
}

// advance adds to set the states that the state at reaches by reading c.
func (p *program) advance(set []uint64, at int, c byte) bool {
	if at == len(p.steps) {
		return false
	}
	switch s := &p.steps[at]; s.op {
	case opByte:
		if c != s.c {
			return false
		}
		p.enter(set, at+1)
	case opAny:
		if c == '/' {
			return false
		}
		p.enter(set, at+1)
	case opSet:
		if !s.set[c] {
			return false
		}
		p.enter(set, at+1)
	case opStar:
		if c == '/' {
			return false
		}
		p.enter(set, at)
	case opGlob:
		p.enter(set, at)
	case opDirs:
		p.enter(set, at)
		if c == '/' {
			p.enter(set, at+1)
		}
	case opSkip:
		return false
	}
	return true
}
