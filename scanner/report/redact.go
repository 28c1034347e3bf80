package report

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"keyrake/scanner/finding"
)

// minRedacted is the shortest secret that is masked inside other text. A
// shorter one may well be an ordinary word of a path.
const minRedacted = 16

// Mask masks secrets wherever they occur in a text. It holds a few bytes for
// each: a report may have a million.
type Mask struct {
	secrets []finding.Secret // the longest first
	first   []int32          // by the hash of the first bytes: a secret, counted from 1
	next    []int32          // by secret: another one with the same hash
	shift   uint
}

// Redactor gives the mask for the secrets of some reports, for text that is
// written beside them.
func Redactor(reports ...*finding.Report) *Mask {
	var secrets []finding.Secret
	for _, r := range reports {
		secrets = appendSecrets(secrets, r)
	}
	return newMask(secrets)
}

// redactor gives the mask for every secret of r in paths, names and reasons: a
// file may be named for the token that it holds.
func redactor(r *finding.Report, opt Options) *Mask {
	if opt.ShowSecrets {
		return &Mask{}
	}
	return newMask(appendSecrets(nil, r))
}

func appendSecrets(list []finding.Secret, r *finding.Report) []finding.Secret {
	list = append(slices.Grow(list, len(r.Named)+len(r.Findings)+len(r.Suppressed)), r.Named...)
	for i := range r.Findings {
		list = r.Findings[i].AppendHidden(list)
	}
	for i := range r.Suppressed {
		list = r.Suppressed[i].AppendHidden(list)
	}
	return slices.DeleteFunc(list, func(s finding.Secret) bool { return s.Len() < minRedacted })
}

// newMask takes secrets of at least minRedacted bytes. A longer one comes before
// one that it starts with, or its end would be left over.
func newMask(secrets []finding.Secret) *Mask {
	if len(secrets) == 0 {
		return &Mask{}
	}
	slices.SortStableFunc(secrets, func(a, b finding.Secret) int { return cmp.Compare(b.Len(), a.Len()) })
	m := &Mask{secrets: secrets, next: make([]int32, len(secrets))}
	size := bits.Len(uint(len(secrets))) + 1
	m.first, m.shift = make([]int32, 1<<size), 64-uint(size)
	for i := len(secrets) - 1; i >= 0; i-- {
		at := &m.first[m.hash(secrets[i].Reveal())]
		m.next[i], *at = *at, int32(i+1)
	}
	return m
}

// hash mixes the first minRedacted bytes of text.
func (m *Mask) hash(text string) uint64 {
	var b [minRedacted]byte
	copy(b[:], text)
	a, c := binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])
	return (a*0x9e3779b97f4a7c15 ^ bits.RotateLeft64(c*0xc2b2ae3d27d4eb4f, 31)) * 0x9e3779b97f4a7c15 >> m.shift
}

// Replace gives text with every secret in it masked.
func (m *Mask) Replace(text string) string {
	if len(m.secrets) == 0 {
		return text
	}
	var b strings.Builder
	done := 0
	for i := 0; i+minRedacted <= len(text); {
		s := m.at(text[i:])
		if s == nil {
			i++
			continue
		}
		b.WriteString(text[done:i])
		b.WriteString(s.String())
		i += s.Len()
		done = i
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// at gives the longest secret that text starts with, nil if it starts with none.
func (m *Mask) at(text string) *finding.Secret {
	for n := m.first[m.hash(text)]; n > 0; n = m.next[n-1] {
		if s := &m.secrets[n-1]; strings.HasPrefix(text, s.Reveal()) {
			return s
		}
	}
	return nil
}
