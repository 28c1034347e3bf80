package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

const (
	progressDelay = time.Second            // a scan that ends sooner shows no progress
	progressEvery = 100 * time.Millisecond // a faster meter only costs time
)

// terminal is the only writer to stderr. Each message is lines that begin with
// "scan: "; all text in them is made safe for a terminal. A message about wrong
// usage always ends with what to do.
type terminal struct {
	out      io.Writer
	meter    bool // stderr can show a progress line
	width    int
	now      func() time.Time
	started  time.Time
	drawn    time.Time // mutable: when the progress line was drawn last
	stage    string    // mutable: the stage that progress was last called with
	entered  time.Time // mutable: when that was
	drawnAny bool      // mutable: a progress line is on the screen
}

func newTerminal(stderr io.Writer, env environment) *terminal {
	width, isTerminal := terminalWidth(stderr)
	return &terminal{
		out:     stderr,
		meter:   isTerminal && env.get("TERM") != "dumb",
		width:   width,
		now:     time.Now,
		started: time.Now(),
	}
}

// print writes a message of one or more lines.
func (t *terminal) print(format string, args ...any) {
	t.clear()
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Fprintf(t.out, "scan: %s\n", report.Clean(strings.TrimRight(line, "\r\n")))
	}
}

// fault reports an error. Its text may quote what stood where something else was
// expected, in a configuration or a ref, and that may be a secret.
func (t *terminal) fault(text string) { t.print("%s", masked(text)) }

// usage reports a mistake in the call, and what to do instead.
func (t *terminal) usage(err *usageError) {
	t.fault(err.text)
	if err.hint != "" {
		t.fault("hint: " + err.hint)
	}
	t.print(`hint: "scan --help" lists all flags, with examples`)
}

// progress draws the progress line, unless it is too early or too soon.
func (t *terminal) progress(p scanner.Progress) {
	now := t.now()
	if p.Stage != t.stage {
		t.stage, t.entered = p.Stage, now
	}
	if now.Sub(t.started) < progressDelay || now.Sub(t.drawn) < progressEvery {
		return
	}
	t.drawn, t.drawnAny = now, true
	text := p.Stage + pace(p, now.Sub(t.entered))
	if p.Findings > 0 {
		text += fmt.Sprintf(", findings: %d", p.Findings)
	}
	line := []rune(report.Clean("scan: " + text))
	if len(line) >= t.width {
		line = line[:max(t.width-1, 0)] // a full line would wrap and stay on the screen
	}
	fmt.Fprintf(t.out, "\r%s\x1b[K", string(line))
}

// pace says how much is done, how fast it goes and how long it will take.
func pace(p scanner.Progress, spent time.Duration) string {
	if p.Done <= 0 {
		return ""
	}
	text := fmt.Sprintf(" %d", p.Done)
	if p.Total > 0 {
		text = fmt.Sprintf(" %d/%d (%d %%)", p.Done, p.Total, p.Done*100/p.Total)
	}
	if spent < progressDelay/2 {
		return text // too short for a rate
	}
	rate := float64(p.Done) / spent.Seconds()
	text += fmt.Sprintf(", %.0f/s", rate)
	if left := float64(p.Total-p.Done) / rate; p.Total > 0 && left >= 1 {
		text += fmt.Sprintf(", %v left", time.Duration(left)*time.Second)
	}
	return text
}

// clear takes the progress line away.
func (t *terminal) clear() {
	if t.drawnAny {
		fmt.Fprint(t.out, "\r\x1b[K")
		t.drawnAny = false
	}
}

// stats says what a scan cost.
func (t *terminal) stats(s finding.Stats) {
	t.print("elapsed %v, objects %d, known %d", s.Elapsed.Round(time.Millisecond), s.Objects, s.Known)
	t.print("bytes decoded %d, searched %d", s.BytesDecoded, s.BytesSearched)
	t.print("carried: anchors %d, verdicts %d", s.AnchorsCarried, s.VerdictsCarried)
	for _, stage := range s.Stages {
		t.print("stage %s: %v", stage.Name, stage.Elapsed.Round(time.Millisecond))
	}
}

// terminalWidth gives the number of columns of the terminal that w writes to,
// and whether it is one at all.
func terminalWidth(w any) (int, bool) {
	file, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	width, ok := console(file.Fd())
	if ok && width <= 0 {
		width = 80
	}
	return width, ok
}
