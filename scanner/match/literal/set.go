// Package literal finds every occurrence of up to a few thousand short ASCII
// strings in bytes, without regard to ASCII case, in one pass.
//
// It works in three steps. A filter gives every position where the rarest four
// bytes of a literal may begin; it may admit, it must never drop. A bitmap of
// hashed four-byte grams removes most of what the filter let through. What is
// left is compared with the literals themselves.
//
// The package refuses to know rules, files and encodings: it sees literals and
// bytes. Its invariant is that Find reports exactly the true occurrences: none
// is missed, none is invented, and nothing outside data is read.
package literal

import (
	"errors"
	"fmt"
	"math"
)

// The limits of what New takes and Find searches.
const (
	// minLen and MaxLen bound the length of one literal in bytes.
	minLen = 3
	MaxLen = 32
	// MaxCount is the largest number of literals in one Set.
	MaxCount = 8192
	// maxData is the largest offset that a Hit can hold; Find looks for no
	// occurrence that starts at or after it, so callers refuse longer data.
	maxData = math.MaxInt32
)

// Hit is one occurrence of a literal.
type Hit struct {
	Off int32  // start of the occurrence in data
	Lit uint16 // index of the literal in the list given to New
}

// Set is a compiled list of literals. It never changes after New, so any number
// of goroutines may use it at once.
type Set struct {
	kernel kernel
	plain  *plainTable // the table of its filter, one of these three
	vec    *vecTable
	wide   *wideTable
	grams  gramIndex
	lits   []string
	minOff int // smallest and largest distance from the start of a literal
	maxOff int // to the four bytes that the filter looks for
	maxLen int
}

// New compiles literals: ASCII, folded to lower case, 3 to MaxLen bytes
// each, at most MaxCount, no two alike. It keeps no reference to the slice.
func New(literals []string) (*Set, error) { return compile(literals, best()) }

// kernel is the code that does the filter, in rising order of speed.
type kernel uint8

const (
	portable kernel = iota
	avx2
	avx512 // with VBMI
)

func compile(literals []string, k kernel) (*Set, error) {
	if len(literals) > MaxCount {
		return nil, fmt.Errorf("compile literals: %d given, at most %d are possible", len(literals), MaxCount)
	}
	for i, lit := range literals {
		if err := check(lit); err != nil {
			return nil, fmt.Errorf("compile literal %d (%q): %w", i, lit, err)
		}
	}
	s := &Set{kernel: k, lits: append([]string(nil), literals...)}
	grams := newGramRarity()
	offs := make([]uint8, len(literals))
	for i, lit := range s.lits {
		off := pickWindow(lit, grams)
		offs[i] = uint8(off)
		if i == 0 || off < s.minOff {
			s.minOff = off
		}
		s.maxOff = max(s.maxOff, off)
		s.maxLen = max(s.maxLen, len(lit))
	}
	if i, j, ok := s.grams.build(s.lits, offs); !ok {
		return nil, fmt.Errorf("compile literal %d (%q): same as literal %d, remove one of them", j, s.lits[j], i)
	}
	s.fillFilter(offs)
	return s, nil
}

func (s *Set) fillFilter(offs []uint8) {
	switch s.kernel {
	case avx512:
		s.wide = new(wideTable)
		s.wide.fill(assignBuckets(s.lits, offs, wideClasses()))
	case avx2:
		s.vec = new(vecTable)
		s.vec.fill(assignBuckets(s.lits, offs, vecClasses()))
	default:
		s.plain = new(plainTable)
		s.plain.fill(&s.grams)
	}
}

// MaxLen is the length of the longest literal in bytes, or 0 if there is none.
func (s *Set) MaxLen() int { return s.maxLen }

func check(lit string) error {
	if len(lit) < minLen || len(lit) > MaxLen {
		return fmt.Errorf("%d bytes long, has to be %d to %d", len(lit), minLen, MaxLen)
	}
	for i := range len(lit) {
		switch c := lit[i]; {
		case c >= 0x80:
			return errors.New("holds a byte that is not ASCII")
		case 'A' <= c && c <= 'Z':
			return errors.New("holds an upper-case letter, write it in lower case")
		}
	}
	return nil
}
