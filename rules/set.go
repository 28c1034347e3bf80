//go:generate go run ./compile

package rules

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
)

// Set is an immutable collection of checked rules with unique ids. Nobody may
// change a Rule that a Set handed out.
type Set struct {
	all     []*Rule // sorted by ID
	foreign []*Rule // those of them that a scanned repository brought along
	digest  string
	made    sync.Once // guards what was made of the set
	kept    any
	err     error
}

// NewSet checks the rules and joins them. Of two rules with the same id in
// different lists the later list's wins; twice the same id in one list is an
// error, and so is a set without rules. A rule whose Before and After are both
// zero gets the reach that Reach computes.
func NewSet(rules ...[]Rule) (*Set, error) {
	return (&Set{}).With(rules...)
}

// With returns a set that holds the rules of s and the given ones, which
// replace rules of s with the same id. It leaves s as it is.
func (s *Set) With(rules ...[]Rule) (*Set, error) {
	byID := make(map[string]*Rule, len(s.all))
	for _, r := range s.all {
		byID[r.ID] = r
	}
	var errs []error
	for _, list := range rules {
		seen := make(map[string]bool, len(list))
		for i := range list {
			r := list[i].clone()
			if seen[r.ID] {
				errs = append(errs, fmt.Errorf("rule %s: the id is used twice in one list", r.ID))
			}
			seen[r.ID] = true
			if err := r.complete(); err != nil {
				errs = append(errs, err)
			}
			byID[r.ID] = r
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if len(byID) == 0 {
		return nil, errors.New("no rules: a scan without rules would find nothing; name at least one rule")
	}
	all := make([]*Rule, 0, len(byID))
	for _, r := range byID {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	return newSet(all), nil
}

// Only returns a set that holds just the rules that keep accepts. A set without
// rules is an error.
func (s *Set) Only(keep func(*Rule) bool) (*Set, error) {
	var all []*Rule
	for _, r := range s.all {
		if keep(r) {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no rules left: a scan without rules would find nothing; name at least one rule that exists")
	}
	return newSet(all), nil
}

func newSet(all []*Rule) *Set {
	s := &Set{all: all, digest: digest(all)}
	for _, r := range all {
		if r.Foreign {
			s.foreign = append(s.foreign, r)
		}
	}
	return s
}

// Builtin returns the rules that Keyrake brings along, without their examples.
// They lie in the program as constant data, so this costs nothing.
func Builtin() *Set { return &builtin }

// All returns the rules sorted by id.
func (s *Set) All() []*Rule { return slices.Clone(s.all) }

// Foreign returns the rules that a scanned repository brought along, sorted by id.
func (s *Set) Foreign() []*Rule { return slices.Clone(s.foreign) }

// Len returns the number of rules.
func (s *Set) Len() int { return len(s.all) }

// Get returns the rule with the id, or nil.
func (s *Set) Get(id string) *Rule {
	i, ok := slices.BinarySearchFunc(s.all, id, func(r *Rule, id string) int { return strings.Compare(r.ID, id) })
	if !ok {
		return nil
	}
	return s.all[i]
}

// Kept returns what one function made of the set, which is then kept with it: many scans
// with one set compile it once. It is safe for concurrent use.
func (s *Set) Kept(from func(*Set) (any, error)) (any, error) {
	s.made.Do(func() { s.kept, s.err = from(s) })
	return s.kept, s.err
}

// Digest identifies everything in the set that decides what is found and how
// it is rated, as a hexadecimal hash. Words for people (titles, remedies,
// sources) and examples are not part of it.
func (s *Set) Digest() string { return s.digest }

// complete fills in a missing reach and checks the rule.
func (r *Rule) complete() error {
	if r.Before == 0 && r.After == 0 {
		// An error here is one that Check finds and words better.
		r.Before, r.After, _ = Reach(r)
	}
	return Check(r)
}

func (r *Rule) clone() *Rule {
	c := *r
	c.Keywords = slices.Clone(r.Keywords)
	c.Near = slices.Clone(r.Near)
	c.Examples = slices.Clone(r.Examples)
	c.Negatives = slices.Clone(r.Negatives)
	return &c
}

// digest hashes every field with its length, so that no two different sets hash the
// same bytes.
func digest(all []*Rule) string {
	h := sha256.New()
	var b []byte
	for _, r := range all {
		b = appendStrings(b[:0], r.ID, r.Provider, r.Pattern, r.Name, r.Proof)
		b = appendStrings(appendInts(b, len(r.Keywords)), r.Keywords...)
		b = appendStrings(appendInts(b, len(r.Near)), r.Near...)
		b = appendInts(b, int(r.Severity), int(r.Kind), r.Secret, int(r.Boundary), asInt(r.Backtrack),
			r.Before, r.After, asInt(r.Generic), asInt(r.Homemade))
		b = appendInts(b, int(math.Float64bits(r.Entropy)), int(math.Float64bits(r.Confidence)))
		if r.Whole {
			b = appendInts(b, -1) // no length, as the next rule begins with
		}
		if r.Exact {
			b = appendInts(b, -2)
		}
		if r.Foreign {
			b = appendInts(b, -3)
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func appendStrings(b []byte, list ...string) []byte {
	for _, s := range list {
		b = append(appendInts(b, len(s)), s...)
	}
	return b
}

func appendInts(b []byte, list ...int) []byte {
	for _, n := range list {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return b
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
