package scanner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// leastRoom is how many places of secrets a scan tells at least; what is told of one
// takes placeBytes of memory. A repository of a few kB may have a hundred million.
const (
	leastRoom  = 1 << 20
	placeBytes = 256
)

// room is for the places of secrets that all workers of a scan find.
type room struct {
	most  int64
	full  func() // called when there are more; nil if those that come later are left out
	asked atomic.Int64

	mu   sync.Mutex // guards what follows
	told int64
	weak int64 // of those, no more than medium
	cut  bool  // some were left out
}

// newRoom is that of a scan with these options; nil, without bound, if memory has none.
func newRoom(o *Options) *room {
	if o.MemoryLimit <= 0 && o.places == 0 {
		return nil
	}
	return &room{most: cmp.Or(o.places, max(leastRoom, o.MemoryLimit/placeBytes)), full: o.full}
}

// take gives those of one content's hits that may be told.
func (r *room) take(hits []hit) []hit {
	if r == nil {
		return hits
	}
	kept := hits[:0]
	for _, h := range hits {
		if r.has(h.verdict.Severity <= rules.Medium) {
			kept = append(kept, h)
		}
	}
	return kept
}

// has asks for one more place, and tells whether there is room for it. What is weak, no
// more than medium, as most is where there is very much, gets half of the room.
func (r *room) has(weak bool) bool {
	if r == nil {
		return true
	}
	if r.full != nil {
		fits := r.asked.Add(1) <= r.most
		if !fits {
			r.full()
		}
		return fits
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told == r.most || weak && r.weak == r.most/2 {
		r.cut = true
		return false
	}
	r.told++
	if weak {
		r.weak++
	}
	return true
}

// over tells whether there are more than can be told, so that nothing is made of what
// was found.
func (r *room) over() bool { return r != nil && r.full != nil && r.asked.Load() > r.most }

// errPlaces says that there are more places of secrets than can be told.
var errPlaces = errors.New("more places hold secrets than there is memory for")

// run runs a scan within its bounds. If more places hold secrets than can be told, it is
// made once more by one worker, which leaves out those that come last: with several,
// which ones do would be chance.
func (o Options) run(ctx context.Context, scan func(context.Context, Options) (*finding.Report, error)) (*finding.Report, error) {
	if newRoom(&o) == nil {
		return o.allow(ctx, scan)
	}
	bounded, stop := context.WithCancel(ctx)
	defer stop()
	all := o
	all.full = stop
	r, err := all.allow(bounded, scan)
	if errors.Is(err, errPlaces) {
		o.Jobs, o.Cache = 1, nil
		r, err = o.allow(ctx, scan)
	}
	return r, err
}

// findingPart is by how much fewer findings than places there may be. A secret that can be
// guessed is a finding of its own at each path, and what a report says of how it is
// exposed takes more memory than a place.
const findingPart = 4

// fit has l and the scan tell of gs what there is room for. A blob may be at very many
// paths, and so are all secrets in it.
func (s *scan) fit(l *locator, gs []group) {
	if s.room == nil {
		return
	}
	occurrences, places, findings := 0, 0, 0
	for i := range gs {
		before := places
		for _, o := range gs[i].spots {
			name, _ := l.object(o.where)
			places += max(1, l.paths(o.where, name))
		}
		occurrences += len(gs[i].spots)
		if !finding.Unguessable(gs[i].secret) {
			findings += places - before
		}
	}
	most := int(s.room.most)
	if places > most {
		l.most = max(1, most/occurrences)
		s.gap("places", cutPlaces)
		s.fitted = true
	}
	if findings > most/findingPart && l.pathsOf(gs, most/findingPart) > most/findingPart {
		s.crowded, s.fitted = true, true
		s.note("secrets that can be guessed stand at more than %d paths; each is reported once, instead of once for each path, and its fingerprint differs; raise --memory", most/findingPart)
	}
}

// cutPlaces is the gap of a report that does not list all places.
const cutPlaces = "findings stand at more paths, or at longer ones, than can be listed; those that are listed are right"

// pathsOf counts the paths of the secrets in gs that can be guessed, beside one for each,
// up to a bit more than most.
func (l *locator) pathsOf(gs []group, most int) (n int) {
	for i := range gs {
		if n > most {
			break
		}
		if finding.Unguessable(gs[i].secret) {
			continue
		}
		paths := map[string]bool{}
		for _, o := range gs[i].spots {
			name, _ := l.object(o.where)
			for _, s := range l.spots(o.where, name) {
				paths[s.Path] = true
			}
		}
		n += max(0, len(paths)-1)
	}
	return n
}

// tellRoom makes a gap of places that were left out.
func (s *scan) tellRoom() {
	if s.room != nil && s.room.cut {
		s.addGap(finding.Gap{What: "findings", Cause: finding.TooLarge,
			Reason: fmt.Sprintf("more than %d places hold secrets, and not all of them are reported; raise --memory", s.room.most/2)})
	}
}
