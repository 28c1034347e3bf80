package report

import (
	"fmt"
	"strings"
	"time"
)

const (
	lineTicks = 5  // at most so many labels fit a phone's width
	lineDots  = 40 // commits marked in one row
)

// pageLine is the time line of a page. Positions are in percent of its width.
type pageLine struct {
	Ticks []pageTick
	Rows  []pageRow
	More  int // findings that it has no row for
}

type pageTick struct {
	X, Label, Anchor string
}

type pageRow struct {
	ID, Severity, Title, Path string // Path without its folders
	X, Width                  string // of the bar; Width is "" if its end is not known
	Open                      bool   // it goes on: HEAD holds the secret
	Dots                      []string
	Span                      string
}

// stretch is the time in which a secret was there, as far as it is known.
type stretch struct {
	from, to time.Time
	open     bool
	dots     []time.Time
	text     string
}

// timeLine gives the time line of all findings with a date, or nil if there is
// none: files and streams have no past.
func timeLine(v *view) *pageLine {
	if !v.hasPast() {
		return nil
	}
	var low, high time.Time
	for _, it := range v.findings() {
		s := it.stretch()
		if s.from.IsZero() {
			continue
		}
		if low.IsZero() || s.from.Before(low) {
			low = s.from
		}
		for _, t := range append(s.dots, s.to) {
			if t.After(high) {
				high = t
			}
		}
	}
	if low.IsZero() {
		return nil
	}
	scale := scaleOf(low, high)
	line := &pageLine{Ticks: scale.ticks()}
	ids := pageIDs{}
	for _, it := range v.findings() {
		id := ids.of(it.fingerprint)
		s := it.stretch()
		switch {
		case s.from.IsZero():
		case len(line.Rows) == pageRows:
			line.More++
		default:
			line.Rows = append(line.Rows, scale.row(s, it, id))
		}
	}
	return line
}

func (it *item) stretch() stretch {
	var s stretch
	for i := range it.Places {
		if c := it.Places[it.place(i)].Commit; c != nil && plausible(c.Date) {
			s.dots = append(s.dots, c.Date.UTC())
		}
	}
	for _, t := range s.dots {
		if s.from.IsZero() || t.Before(s.from) {
			s.from = t
		}
	}
	s.open = it.InHead
	if x := it.Exposure; x != nil && x.First != nil && plausible(x.First.Date) {
		s.from = x.First.Date.UTC()
		if to := s.from.AddDate(0, 0, max(x.Days, 0)); plausible(to) {
			s.to = to
		}
		if x.Removed != nil && x.Removed.Date.After(s.from) && plausible(x.Removed.Date) {
			s.to = x.Removed.Date.UTC()
		}
		s.text = count(x.Days, "day")
	} else if !s.from.IsZero() {
		s.text = day(s.from)
	}
	if s.open && !s.from.IsZero() {
		s.text = "since " + day(s.from)
	}
	return s
}

// plausible says that a commit may be of this time. A date may be anything, and
// one that is far out would press all the others into a point.
func plausible(t time.Time) bool {
	return t.Year() >= 1970 && t.Year() < 2200
}

// scale maps times to percent, with a margin on both sides.
type scale struct{ low, high time.Time }

const (
	scaleMargin = 3.0
	scaleWidth  = 100 - 2*scaleMargin
)

func scaleOf(low, high time.Time) scale {
	if high.Sub(low) < 24*time.Hour {
		low, high = low.Add(-24*time.Hour), low.Add(24*time.Hour)
	}
	return scale{low, high}
}

func (s scale) at(t time.Time) float64 {
	return scaleMargin + scaleWidth*min(max(t.Sub(s.low).Seconds()/s.high.Sub(s.low).Seconds(), 0), 1)
}

func percent(x float64) string { return fmt.Sprintf("%.2f", x) }

func (s scale) row(in stretch, it *item, id string) pageRow {
	name := it.spot(0).name
	from := s.at(in.from)
	row := pageRow{ID: id, Severity: it.severity.String(), Title: it.title, Path: name[strings.LastIndexByte(name, '/')+1:], X: percent(from), Open: in.open, Span: in.text}
	switch {
	case in.open:
		row.Width = percent(100 - from)
	case !in.to.IsZero():
		row.Width = percent(max(s.at(in.to)-from, 0.5))
	}
	seen := map[string]bool{}
	for _, t := range in.dots {
		if x := percent(s.at(t)); !seen[x] && len(row.Dots) < lineDots {
			seen[x] = true
			row.Dots = append(row.Dots, x)
		}
	}
	return row
}

// ticks marks round dates, as many as fit.
func (s scale) ticks() []pageTick {
	steps := []struct {
		years, months, days int
		layout              string
	}{
		{0, 0, 1, "Jan 2"}, {0, 0, 7, "Jan 2"}, {0, 1, 0, "Jan 2006"}, {0, 3, 0, "Jan 2006"}, {1, 0, 0, "2006"}, {2, 0, 0, "2006"},
		{5, 0, 0, "2006"}, {10, 0, 0, "2006"}, {20, 0, 0, "2006"}, {50, 0, 0, "2006"},
	}
	for _, step := range steps {
		var list []pageTick
		at := s.low.Truncate(24 * time.Hour)
		switch {
		case step.years > 0:
			at = time.Date(at.Year()/step.years*step.years, 1, 1, 0, 0, 0, 0, time.UTC)
		case step.months > 0:
			at = time.Date(at.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		}
		for ; !at.After(s.high) && len(list) <= lineTicks; at = at.AddDate(step.years, step.months, step.days) {
			if at.Before(s.low) {
				continue
			}
			x := s.at(at)
			tick := pageTick{X: percent(x), Label: at.Format(step.layout)}
			if x < 8 {
				tick.Anchor = "start"
			} else if x > 92 {
				tick.Anchor = "end"
			}
			list = append(list, tick)
		}
		if len(list) <= lineTicks {
			return list
		}
	}
	return nil
}
