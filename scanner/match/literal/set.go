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
	tables *Tables
}

// Tables are what is worked out of a list of literals. To do so takes a thousand
// times as long as to search a file of some kilobytes, so those of a list that is
// known beforehand can lie in the program as data.
type Tables struct {
	Literals []string
	MinOff   int // smallest and largest distance from the start of a literal
	MaxOff   int // to the four bytes that the filter looks for
	MaxLen   int

	// The tables of the vector filters; see vecTable and wideTable.
	Vec  [lanes][vecBuckets / 8][2][16]uint8
	Wide [lanes][wideBuckets / 8][64]uint8

	// Seen has one bit for each hashed gram, 32 KB in all. With an eighth of that it
	// would stay in L1, but nine of ten grams that it let through were chance, and to
	// find that out costs more. A literal of three bytes is in it with every fourth byte
	// that can follow.
	Seen [1 << gramBits / 64]uint64
	// Short has one bit for each hashed gram of three bytes, so that few positions
	// are looked up in a second chain.
	Short [1 << shortBits / 64]uint64
	Start [1<<slotBits + 1]uint16 // chain i is Entries[Start[i]:Start[i+1]]
	// Entries of one chain are in the order of the literals.
	Entries []Entry
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
	t, err := tabulate(literals, k)
	if err != nil {
		return nil, err
	}
	return t.set(k), nil
}

// Tabulate works out the tables of literals as New takes them, for this machine.
func Tabulate(literals []string) (*Tables, error) { return tabulate(literals, best()) }

// TabulateForAll is Tabulate for all machines.
func TabulateForAll(literals []string) (*Tables, error) { return tabulate(literals, avx2, avx512) }

func tabulate(literals []string, kernels ...kernel) (*Tables, error) {
	if len(literals) > MaxCount {
		return nil, fmt.Errorf("%d literals are too many: at most %d can be searched for together", len(literals), MaxCount)
	}
	for _, lit := range literals {
		if err := check(lit); err != nil {
			return nil, fmt.Errorf("%q %w", lit, err)
		}
	}
	t := &Tables{Literals: append([]string(nil), literals...)}
	grams := newGramRarity()
	offs := make([]uint8, len(literals))
	for i, lit := range t.Literals {
		off := pickWindow(lit, grams)
		offs[i] = uint8(off)
		if i == 0 || off < t.MinOff {
			t.MinOff = off
		}
		t.MaxOff = max(t.MaxOff, off)
		t.MaxLen = max(t.MaxLen, len(lit))
	}
	if i, j, ok := t.index(t.Literals, offs); !ok {
		return nil, fmt.Errorf("%q is listed twice (numbers %d and %d): remove one of them", t.Literals[j], i, j)
	}
	for _, k := range kernels {
		switch k {
		case avx512:
			(*wideTable)(&t.Wide).fill(assignBuckets(t.Literals, offs, wideClasses()))
		case avx2:
			(*vecTable)(&t.Vec).fill(assignBuckets(t.Literals, offs, vecClasses()))
		}
	}
	return t, nil
}

// Set makes tables ready to search with. They may not be changed
// any more.
func (t *Tables) Set() *Set { return t.set(best()) }

func (t *Tables) set(k kernel) *Set {
	s := &Set{kernel: k, tables: t}
	switch k {
	case avx512:
		s.wide = new(wideTable) // of its own, as its rows are to fill lines of the cache
		*s.wide = t.Wide
	case avx2:
		s.vec = new(vecTable)
		*s.vec = t.Vec
	default:
		s.plain = new(plainTable)
		s.plain.fill(&t.Seen)
	}
	return s
}

// MaxLen is the length of the longest literal in bytes, or 0 if there is none.
func (s *Set) MaxLen() int { return s.tables.MaxLen }

func check(lit string) error {
	switch {
	case len(lit) < minLen:
		return fmt.Errorf("is too short: a literal has %d to %d bytes", minLen, MaxLen)
	case len(lit) > MaxLen:
		return fmt.Errorf("is too long: a literal has %d to %d bytes", minLen, MaxLen)
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
