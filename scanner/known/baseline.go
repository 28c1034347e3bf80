package known

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	maxBaseline = 16 << 20
	keySize     = 32
	digestSize  = 16 // bytes of a secret's hash that a line holds
	firstLine   = "# keyrake baseline 1"
	remark      = "# One line for each accepted secret: rule, keyed hash, reason. Written by \"scan baseline\"."
)

// Baseline is the list of accepted secrets of a baseline file. One line is
// about one secret, wherever it is: moving or renaming code changes nothing, and
// another secret at the same place is new. The hash decides; the rule is there
// for whoever reads the file.
type Baseline struct {
	Name string // of the file, for messages
	key  key
	list []entry // sorted by rule and hash
}

// entry is one accepted secret.
type entry struct {
	rule   string
	kind   byte // how the hash was made: fast or slow
	hash   [digestSize]byte
	reason string
	line   int // in the file that was read; 0 for one that was added
}

// NewBaseline makes an empty baseline with a key of its own. random gives
// keySize random bytes.
func NewBaseline(name string, random func([]byte)) *Baseline {
	b := &Baseline{Name: name, key: key{cost: usualCost()}}
	random(b.key.bytes[:])
	return b
}

// Len is the number of accepted secrets.
func (b *Baseline) Len() int { return len(b.list) }

// ParseBaseline reads a baseline file. It reports all faults at once, each with
// file and line. Lines may be in any order and double, as merging two branches
// may leave them.
func ParseBaseline(name string, data []byte) (*Baseline, error) {
	if len(data) > maxBaseline {
		return nil, fmt.Errorf("%s: the file has %d bytes, more than the %d that a baseline may have", name, len(data), maxBaseline)
	}
	b := &Baseline{Name: name}
	var errs []error
	fault := func(line int, err error) {
		if len(errs) < 20 {
			errs = append(errs, fmt.Errorf("%s:%d: %w", name, line, err))
		}
	}
	number, keyed := 0, false
	for line := range bytes.Lines(data) {
		number++
		text := string(bytes.TrimSpace(line))
		switch {
		case number == 1 && text != firstLine:
			return nil, fmt.Errorf("%s:1: this is no baseline: its first line is not %q; make one with \"scan baseline create\"", name, firstLine)
		case strings.HasPrefix(text, "# salt "):
			k, err := parseKey(strings.TrimPrefix(text, "# salt "))
			if err == nil && keyed && k != b.key {
				err = errors.New("there are two salts: two baselines that were made apart cannot be merged; keep one file and run \"scan baseline update\"")
			}
			if err != nil {
				fault(number, err)
			}
			b.key, keyed = k, true
		case text == "" || text[0] == '#':
		default:
			e, err := parseBaselineLine(text)
			if err != nil {
				fault(number, err)
			}
			e.line = number
			b.list = append(b.list, e)
		}
	}
	if !keyed {
		fault(1, errors.New("the line \"# salt …\" is missing: without it no line can be compared"))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	b.sort()
	return b, nil
}

func parseBaselineLine(text string) (e entry, err error) {
	what, reason, _ := strings.Cut(text, " -- ")
	fields := strings.Fields(what)
	wrong := errors.New("the line is not \"RULE HASH -- REASON\"; merge conflicts keep the lines of both sides")
	if len(fields) != 2 || len(fields[1]) != 2+2*digestSize || fields[1][1] != ':' {
		return e, wrong
	}
	e.rule, e.kind, e.reason = fields[0], fields[1][0], strings.TrimSpace(reason)
	if e.kind != fast && e.kind != slow {
		return e, fmt.Errorf("a hash of the kind %q is unknown: it was written by a newer version", e.kind)
	}
	if _, err := hex.Decode(e.hash[:], []byte(fields[1][2:])); err != nil {
		return e, wrong
	}
	return e, nil
}

// sort orders the lines and drops those told twice; the one with a reason stays.
func (b *Baseline) sort() {
	slices.SortFunc(b.list, func(x, y entry) int {
		return cmp.Or(cmp.Compare(x.rule, y.rule), cmp.Compare(x.kind, y.kind), bytes.Compare(x.hash[:], y.hash[:]),
			cmp.Compare(y.reason, x.reason), cmp.Compare(x.line, y.line))
	})
	b.list = slices.CompactFunc(b.list, func(x, y entry) bool { return x.rule == y.rule && x.kind == y.kind && x.hash == y.hash })
}

// Bytes gives the file: a header, then the lines in order, so that two branches
// that accept different secrets merge without a conflict in most cases.
func (b *Baseline) Bytes() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n%s\n# salt %s\n", firstLine, remark, b.key)
	for i := range b.list {
		out.WriteString(b.list[i].text() + "\n")
	}
	return out.Bytes()
}

func (e *entry) text() string {
	text := e.rule + " " + string(e.kind) + ":" + hex.EncodeToString(e.hash[:])
	if e.reason != "" {
		text += " -- " + e.reason
	}
	return text
}

// String gives the header's form of the key: its bytes and the cost of the slow
// hash.
func (k key) String() string {
	return fmt.Sprintf("%x argon2id m=%d t=%d p=1", k.bytes, k.cost.memory, k.cost.passes)
}

// parseKey reads the header. The cost is bounded, since the file may come from a
// hostile repository.
func parseKey(text string) (k key, err error) {
	fields := strings.Fields(text)
	wrong := errors.New("the salt is not \"# salt HEX argon2id m=KIB t=PASSES p=1\"")
	if len(fields) != 5 || len(fields[0]) != 2*keySize || fields[1] != "argon2id" || fields[4] != "p=1" {
		return k, wrong
	}
	if _, err := hex.Decode(k.bytes[:], []byte(fields[0])); err != nil {
		return k, wrong
	}
	m, okM := number(fields[2], "m=")
	t, okT := number(fields[3], "t=")
	if !okM || !okT {
		return k, wrong
	}
	if usual := usualCost(); m < 8 || t < 1 || m > 1<<16 || t > 1<<16 || m*t > 2*int(usual.memory*usual.passes) {
		return k, errors.New("the cost of the hash is out of bounds: m times t is at most twice 7168 times 5")
	}
	k.cost = cost{uint32(m), uint32(t)}
	return k, nil
}

func number(text, prefix string) (int, bool) {
	digits, ok := strings.CutPrefix(text, prefix)
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil
}
