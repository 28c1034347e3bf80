package known

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"keyrake/scanner/finding"
)

// maxDerived bounds how many guessable secrets one scan hashes slowly: a
// hostile repository may hold any number of them. Those beyond are not compared
// and so count as findings.
const maxDerived = 2000

// lookup gives, by secret, the lines of b that accept it. limit says what was
// not compared, if anything was not.
func (b *Baseline) lookup(fs []finding.Finding, jobs int) (in map[string]*entry, limit string) {
	if b == nil || len(b.list) == 0 {
		return nil, ""
	}
	at := map[hashed]*entry{}
	slowly := false
	for i := range b.list {
		e := &b.list[i]
		at[hashed{e.kind, e.hash}] = e
		slowly = slowly || e.kind == slow
	}
	hashes, left := b.key.hashAll(secrets(fs, slowly), jobs)
	in = map[string]*entry{}
	for secret, h := range hashes {
		if e := at[h]; e != nil {
			in[secret] = e
		}
	}
	if left > 0 {
		limit = fmt.Sprintf("%s: %s not compared with it, since they can be guessed and each takes long; they count as findings", b.Name, plural(left, "secret was", "secrets were"))
	}
	return in, limit
}

// hashed is a hash with its kind.
type hashed struct {
	kind byte
	sum  [digestSize]byte
}

// secrets lists what to hash, sorted; guessable ones only if slowly.
func secrets(fs []finding.Finding, slowly bool) []string {
	var list []string
	for i := range fs {
		if s := fs[i].Identity(); slowly || kindOf(s) == fast {
			list = append(list, s)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// hashAll hashes a sorted list with jobs workers. left is the number of those
// above maxDerived that it did not hash.
func (k *key) hashAll(list []string, jobs int) (hashes map[string]hashed, left int) {
	var costly []string
	hashes = make(map[string]hashed, len(list))
	for _, s := range list {
		if kindOf(s) == fast {
			hashes[s] = hashed{fast, k.hash(s)}
		} else {
			costly = append(costly, s)
		}
	}
	left = max(0, len(costly)-maxDerived)
	costly = costly[:len(costly)-left]
	sums := make([][digestSize]byte, len(costly))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(max(1, jobs), len(costly)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if i >= len(costly) {
					return
				}
				sums[i] = k.hash(costly[i])
			}
		})
	}
	wg.Wait()
	for i, s := range costly {
		hashes[s] = hashed{slow, sums[i]}
	}
	return hashes, left
}

// Line is one accepted secret, for a person.
type Line struct {
	Rule   string
	Hash   string // as in the file
	Reason string
}

// Lines lists the accepted secrets in the order of the file.
func (b *Baseline) Lines() []Line {
	list := make([]Line, len(b.list))
	for i := range b.list {
		list[i] = b.list[i].public()
	}
	return list
}

func (e *entry) public() Line {
	_, hash, _ := strings.Cut(e.text(), " ")
	hash, _, _ = strings.Cut(hash, " ")
	return Line{e.rule, hash, e.reason}
}

// Add accepts the findings, each with the reason, and says how many secrets are
// new in b. It does not hash more guessable secrets than a scan would compare.
func (b *Baseline) Add(fs []finding.Finding, reason string, jobs int) (added, left int) {
	fs = alone(fs)
	have := map[hashed]bool{}
	for i := range b.list {
		have[hashed{b.list[i].kind, b.list[i].hash}] = true
	}
	var hashes map[string]hashed
	hashes, left = b.key.hashAll(secrets(fs, true), jobs)
	for i := range fs {
		h, ok := hashes[fs[i].Identity()]
		if !ok || have[h] {
			continue
		}
		have[h] = true
		b.list = append(b.list, entry{rule: fs[i].Rule.ID, kind: h.kind, hash: h.sum, reason: oneLine(reason)})
		added++
	}
	b.sort()
	return added, left
}

// Prune takes out the secrets that are not among fs, and gives them. Lines of
// rules that judge does not accept stay: nothing looked for them.
func (b *Baseline) Prune(fs []finding.Finding, judge func(rule string) bool, jobs int) (gone []Line, left int) {
	fs = alone(fs)
	slowly := slices.ContainsFunc(b.list, func(e entry) bool { return e.kind == slow })
	var hashes map[string]hashed
	hashes, left = b.key.hashAll(secrets(fs, slowly), jobs)
	if left > 0 {
		return nil, left
	}
	here := map[hashed]bool{}
	for _, h := range hashes {
		here[h] = true
	}
	kept := b.list[:0:0]
	for i := range b.list {
		e := &b.list[i]
		if here[hashed{e.kind, e.hash}] || !judge(e.rule) {
			kept = append(kept, *e)
		} else {
			gone = append(gone, e.public())
		}
	}
	b.list = kept
	return gone, 0
}

// alone lists each finding and what its parts would be without it: a baseline
// knows each secret by itself, whatever stood beside it.
func alone(fs []finding.Finding) (list []finding.Finding) {
	for i := range fs {
		list = append(list, fs[i].Alone()...)
	}
	return list
}

// oneLine makes text fit for the end of a line.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	return strings.TrimSpace(text)
}
