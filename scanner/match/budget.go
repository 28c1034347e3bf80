package match

import (
	"io"
	"slices"
	"time"
	"unicode/utf8"
)

// What a rule may spend on one content. An expression is linear in its window,
// but windows of many anchors overlap: a rule that looks 64 KiB far, at a
// keyword that stands everywhere, would read each byte 64 thousand times. The
// rules that are built in stay far below.
const (
	leastSteps   = 1 << 20   // bytes stepped through; some 30 ns each
	stepsPerByte = 16        // of the content
	mostSteps    = 512 << 20 // whatever the size of the content
	wideWindow   = 4 << 10   // bytes
	quickShare   = 5         // what is not an expression takes a 32nd part of the time

	// mostPatience is how long all matches of a backtracking rule in one content
	// may take.
	mostPatience = 5 * time.Second
)

// budget counts what the rules spend on the content at hand.
type budget struct {
	limit int64
	spent []int64         // by rule: steps
	slow  []time.Duration // by rule: time of backtracking
	used  []int32         // the rules that spent something
}

// Content begins a content of n bytes: each rule may spend anew.
func (m *Matcher) Content(n int) {
	b := &m.budget
	b.limit = min(leastSteps+stepsPerByte*int64(n), mostSteps)
	for _, r := range b.used {
		b.spent[r], b.slow[r] = 0, 0
	}
	b.used = b.used[:0]
}

// Refund gives the rules back what n more bytes allow them, of a content that is
// searched in pieces. A rule that has run out of time has nothing more to come.
func (m *Matcher) Refund(n int) {
	b := &m.budget
	for _, r := range b.used {
		if b.spent[r] <= b.limit {
			b.spent[r] = max(1, b.spent[r]-stepsPerByte*int64(n))
		}
	}
}

// pay takes steps from what a rule may spend, and tells whether there was
// enough. When there is not, the rule has run out of time.
func (m *Matcher) pay(r *compiled, steps int) bool {
	if m.free {
		return true
	}
	b := &m.budget
	if b.spent == nil {
		b.spent, b.slow = make([]int64, len(m.prog.all)), make([]time.Duration, len(m.prog.all))
		b.limit = max(b.limit, leastSteps)
	}
	spent := &b.spent[r.number]
	if *spent == 0 {
		b.used = append(b.used, r.number)
	}
	if *spent > b.limit || b.slow[r.number] > mostPatience {
		return false
	}
	if !m.takeFor(r, steps+1) {
		steps = mostSteps
	}
	if *spent += int64(steps) + 1; *spent > b.limit {
		m.expired = append(m.expired, r.Rule)
		return false
	}
	return true
}

// afford takes what it costs to look at a window of n bytes once.
func (m *Matcher) afford(r *compiled, n int) bool { return m.pay(r, n>>quickShare) }

// affordAll is afford for all rules that share the reading of one assignment. Only
// a window that no rule but somebody's own has is worth to count.
func (m *Matcher) affordAll(owners []int32, n int) bool {
	if n < wideWindow {
		return true
	}
	ok := true
	for _, number := range owners {
		ok = m.afford(m.prog.rule(number), 2*n) && ok
	}
	return ok
}

// run runs an expression that is tried at one place only. A linear one is
// taken to step through all of its window, until so much was spent that it is
// worth to count: most give up early.
func (m *Matcher) run(r *compiled, e engine, win []byte) ([]int, error) {
	switch e := e.(type) {
	case linear:
		if m.free {
			break
		}
		if !r.Foreign && (m.budget.spent == nil || m.budget.spent[r.number] < m.budget.limit/2) {
			if !m.pay(r, len(win)) {
				return nil, nil
			}
			break
		}
		if !m.pay(r, 0) {
			return nil, nil
		}
		text := stepper{win: win}
		spans := e.re.FindReaderSubmatchIndex(&text)
		m.pay(r, text.at)
		return spans, nil
	case backtracker:
		if !m.pay(r, 0) {
			return nil, nil
		}
		defer m.clock(r, time.Now())
	}
	return e.first(m.spans[:0], win)
}

// runAll runs an expression that may match anywhere in the window, and tells
// whether one of the matches holds what is asked for. The first one does mostly.
func (m *Matcher) runAll(r *compiled, e engine, win []byte, holds func(spans []int) bool) (bool, error) {
	switch e := e.(type) {
	case linear:
		if r.stepwise {
			held := false
			m.step(r, e, win, func(spans []int) bool {
				held = holds(spans)
				return held
			})
			return held, nil
		}
		if !m.pay(r, len(win)) {
			return false, nil
		}
		if first, err := e.first(nil, win); first == nil || err != nil || holds(first) {
			return first != nil, err
		}
		held := false
		err := m.more(r, e, win, func(all [][]int) bool {
			held = slices.ContainsFunc(all, holds)
			return held
		})
		return held, err
	case backtracker:
		if !m.pay(r, 0) {
			return false, nil
		}
		defer m.clock(r, time.Now())
	}
	all, err := e.all(win)
	return slices.ContainsFunc(all, holds), err
}

// fewMatches is how many matches in a window are no matter. To find each, an
// expression may look at all that comes behind it, so that many cost as much as
// the square of the window.
const fewMatches = 16

// more hands what matches in the window to done, again and again with more of it,
// until that is enough, that is all, or the rule has run out of time.
func (m *Matcher) more(r *compiled, e linear, win []byte, done func(all [][]int) bool) error {
	for most := fewMatches; ; most *= 4 {
		if most > fewMatches && !m.pay(r, most*len(win)) {
			return nil
		}
		all := e.re.FindAllSubmatchIndex(win, most)
		if r.Foreign && most == fewMatches && !m.pay(r, len(all)*len(win)) {
			return nil
		}
		if done(all) || len(all) < most {
			return nil
		}
	}
}

// each gives all matches of a rule in a window, or those that it can afford.
func (m *Matcher) each(r *compiled, e engine, win []byte) (list [][]int, err error) {
	l, ok := e.(linear)
	switch {
	case !ok || !r.Foreign:
		return e.all(win)
	case r.stepwise:
		m.step(r, l, win, func(spans []int) bool {
			list = append(list, spans)
			return false
		})
		return list, nil
	case !m.pay(r, len(win)):
		return nil, nil
	}
	if first, err := l.first(nil, win); first == nil {
		return nil, err
	}
	err = m.more(r, l, win, func(all [][]int) bool {
		list = all
		return false
	})
	return list, err
}

// step goes from match to match, counting each byte that is read, until one is
// enough or the rule has run out of time.
func (m *Matcher) step(r *compiled, l linear, win []byte, enough func(spans []int) bool) {
	for at := 0; at < len(win) && m.pay(r, 0); {
		text := stepper{win: win[at:]}
		spans := l.re.FindReaderSubmatchIndex(&text)
		m.pay(r, text.at)
		if spans == nil {
			return
		}
		for i := range spans {
			if spans[i] >= 0 {
				spans[i] += at
			}
		}
		if enough(spans) {
			return
		}
		at = max(spans[1], at+1)
	}
}

// clock takes the time of a backtracking match.
func (m *Matcher) clock(r *compiled, since time.Time) {
	slow := &m.budget.slow[r.number]
	before := *slow
	*slow += time.Since(since)
	if before <= mostPatience && *slow > mostPatience {
		m.expired = append(m.expired, r.Rule)
	}
}

// stepper gives the runes of a window, and counts how far they were read.
type stepper struct {
	win []byte
	at  int
}

// ReadRune implements io.RuneReader.
func (s *stepper) ReadRune() (rune, int, error) {
	if s.at == len(s.win) {
		return 0, 0, io.EOF
	}
	r, n := rune(s.win[s.at]), 1
	if r >= utf8.RuneSelf {
		r, n = utf8.DecodeRune(s.win[s.at:])
	}
	s.at += n
	return r, n, nil
}
