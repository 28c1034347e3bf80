package scanner

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
)

// accept takes what is known and accepted out of the findings. It comes last,
// when they are complete and in order, and leaves both in order.
func (s *scan) accept() {
	if s.accepted {
		return
	}
	s.accepted = true
	s.rate()
	if s.opt.Known == nil {
		return
	}
	if s.opt.Known.Baseline != nil {
		s.enter("compare with the baseline")
	}
	r := s.report
	left, out, notes := s.opt.Known.Split(r.Findings, s.opt.Jobs)
	if len(out) > 0 {
		r.Findings, r.Suppressed = left, out
		arrange(r.Findings) // a finding may have lost its first place
	}
	r.Coverage.Notes = append(append(provenNotes(out), notes...), r.Coverage.Notes...)
}

// proveAccepted holds the blobs of accepted secrets that can be guessed to their
// names. Such a secret is accepted by its place; under the name of a blob that
// somebody accepted, an index could put any other one.
func (s *scan) proveAccepted(ctx context.Context, objects *store.Store) {
	s.accept()
	asked := map[string]bool{}
	var names []plumbing.Hash
	for i := range s.report.Suppressed {
		x := &s.report.Suppressed[i]
		if len(x.Places) == 0 || x.Secret.Len() == 0 || finding.Unguessable(x.Secret.Reveal()) {
			continue
		}
		if p := &x.Places[0]; p.Kind == finding.Blob {
			for _, name := range []string{p.Object, x.Version} {
				if name != "" && !asked[name] {
					asked[name] = true
					names = append(names, plumbing.NewHash(name))
				}
			}
		}
	}
	store.SortByPlace(objects, names, func(h plumbing.Hash) plumbing.Hash { return h })
	from := objects.NewReader(s.readerMemory())
	budget := newMadeBudget()
	for _, h := range names {
		_, _, err := from.GetProven(h)
		if errors.Is(err, pack.ErrLimit) && s.inPieces {
			_, err = budget.spend(func() (n int64, err error) {
				err = objects.StreamMade(ctx, h, s.opt.MaxFileBytes, func(_ plumbing.ObjectType, _ int64, content io.Reader) (err error) {
					n, err = io.Copy(io.Discard, content)
					return err
				})
				return n, err
			})
		}
		switch {
		case err == nil:
		case errors.Is(err, pack.ErrLimit) || ctx.Err() != nil:
			s.addGap(finding.Gap{What: "blob " + h.String(), Reason: fmt.Sprintf("what is accepted in it could not be held to its name: %v; raise --memory", err), Cause: finding.TooLarge, Object: h.String()})
		default: // where another copy is right, the wrong one is a doubt
			s.addGap(finding.Gap{What: "blob " + h.String(), Reason: err.Error(), Cause: finding.Damaged, Object: h.String()})
		}
	}
	s.doubts(objects)
}

// released tells whether an occurrence was accepted where its file stood before, and is
// not where it stands now: what HEAD, or whoever has what a range leaves out, holds in an
// accepted place is news elsewhere.
func (s *scan) released(o *occurrence, secret string, before, now finding.Place) bool {
	if s.opt.Known == nil {
		return false
	}
	accepted := func(at finding.Place) bool {
		p := o.place(at.Kind, at.Path, at.Object)
		name := finding.Fingerprint(o.verdict.rule, secret, &p)
		return s.opt.Known.Accepts(&finding.Finding{
			Rule: o.verdict.rule, Secret: finding.SecretAt(&secret), Fingerprint: string(name[:]), Places: []finding.Place{p},
		})
	}
	return accepted(before) && !accepted(now)
}

// maxProven is how many suppressed secrets that are proven have a note each.
const maxProven = 10

// provenNotes says loudly what was accepted although it is proven to be a
// credential: a mistake there costs most.
func provenNotes(list []finding.Suppressed) (notes []string) {
	n := 0
	for i := range list {
		x := &list[i]
		if x.Proof != "verified" {
			continue
		}
		if n++; n > maxProven {
			continue
		}
		notes = append(notes, fmt.Sprintf("PROVEN secret suppressed by %s: %s at %s; its form is verified, so treat it as live until it is revoked",
			x.By, x.Rule.ID, spot(&x.Places[0])))
	}
	if n > maxProven {
		notes = append(notes, fmt.Sprintf("and %s suppressed", plural(n-maxProven, "more PROVEN secret")))
	}
	return notes
}

// spot names a place in a note.
func spot(p *finding.Place) string {
	name := p.Path
	if name == "" {
		name = p.Object
	}
	return fmt.Sprintf("%s:%d", name, p.Line)
}
