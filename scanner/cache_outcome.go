package scanner

import (
	"bytes"
	"encoding/gob"
	"slices"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/warm"
)

// outcomeKeeper makes an outcome from the report, by taking the secrets out.
type outcomeKeeper struct {
	*referrer
	out   outcome
	found []*finding.Finding
	refs  [][]int // of each of them
}

// gather takes the secrets out of all findings, and asks the referrer for places at
// which they can be read again. It is false if a finding cannot be kept.
func (k *outcomeKeeper) gather() bool {
	k.out = outcome{Coverage: k.report.Coverage, Publish: k.report.Publish, Objects: k.report.Stats.Objects}
	of := map[string]*grouped{}
	groups := k.merged
	for i := range groups {
		of[groups[i].secret] = &grouped{group: &groups[i]}
	}
	for i := range k.report.Findings {
		f := &k.report.Findings[i]
		if f.Secret.Len() == 0 {
			k.out.Files = append(k.out.Files, keptFile{f.Rule.ID, f.Places, f.InHead, f.Fate})
		} else if g := of[f.Secret.Reveal()]; g == nil || !k.strip(f, g) {
			return false
		}
	}
	return true
}

// keep writes the outcome to its file, if the report can be put together from it again
// just as it is.
func (k *outcomeKeeper) keep(m *memo) {
	var made []decision
	for i, refs := range k.refs {
		for _, n := range refs {
			if !k.ok[n] {
				return
			}
			made = append(made, k.made[n])
			k.out.Findings[i].Refs = append(k.out.Findings[i].Refs, k.list[n])
		}
	}
	again, ok := k.put(k.out.Findings, made)
	if !ok {
		return
	}
	link(again)
	for i, f := range k.found {
		g := &again[i]
		if f.Rule != g.Rule || f.Fingerprint != g.Fingerprint || f.Severity != g.Severity || f.Confidence != g.Confidence || f.Proof != g.Proof ||
			f.InHead != g.InHead || !slices.Equal(f.Reasons, g.Reasons) || !slices.Equal(f.Places, g.Places) {
			return
		}
	}
	var data bytes.Buffer
	if err := gob.NewEncoder(&data).Encode(strippedEnds(&k.out)); err != nil || k.holdsSecret(data.Bytes()) {
		return
	}
	_ = warm.Save(m.path, m.seal, &data)
}

// strippedEnds takes out where secrets end: that would tell how long they are.
func strippedEnds(o *outcome) *outcome {
	for i := range o.Findings {
		k := &o.Findings[i]
		for p := range k.Places {
			k.Places[p].EndLine, k.Places[p].EndColumn, k.Places[p].EndWide = 0, 0, 0
		}
		if k.Exposure != nil {
			x := *k.Exposure
			x.SameText = slices.Clone(x.SameText)
			for p := range x.SameText {
				x.SameText[p].EndLine, x.SameText[p].EndColumn, x.SameText[p].EndWide = 0, 0, 0
			}
			k.Exposure = &x
		}
	}
	return o
}

// grouped is a group whose occurrences can be found by where they stand.
type grouped struct {
	*group
	best *occurrence // whose verdict is the group's, before it was linked to others
	at   map[standing][]*occurrence
}

func (g *grouped) find(objects *store.Store) {
	g.best, g.at = &g.spots[0], map[standing][]*occurrence{}
	for i := range g.spots {
		o := &g.spots[i]
		if stronger(o.verdict, g.best.verdict) < 0 {
			g.best = o
		}
		s := standing{objects.Name(int(o.where)).String(), o.offset()}
		g.at[s] = append(g.at[s], o)
	}
}

// strip takes the secret out of one finding. It is false if an occurrence for one of
// its places is not found.
func (k *outcomeKeeper) strip(f *finding.Finding, g *grouped) bool {
	if g.at == nil {
		g.find(k.objects)
	}
	out := kept{Severity: g.severity, Unreachable: f.Unreachable, Exposure: f.Exposure, Fate: f.Fate, Places: slices.Clone(f.Places)}
	refs := []int{k.ask(g.best, g.secret)}
	forms := map[ends]int{g.best.shape(): 0}
	for p := range f.Places {
		place := &f.Places[p]
		here := g.at[standing{place.Object, place.Offset}]
		i := slices.IndexFunc(here, func(o *occurrence) bool { return o.inner == place.Inside() })
		if i < 0 {
			return false
		}
		form, ok := forms[here[i].shape()]
		if !ok {
			form = len(refs)
			forms[here[i].shape()] = form
			refs = append(refs, k.ask(here[i], g.secret))
		}
		out.Forms = append(out.Forms, form)
	}
	k.found, k.refs = append(k.found, f), append(k.refs, refs)
	k.out.Findings = append(k.out.Findings, out)
	return true
}

// standing is where something stands: an object by its name, and an offset.
type standing struct {
	object string
	off    int
}
