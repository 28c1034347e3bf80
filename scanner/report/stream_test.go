package report

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"keyrake/scanner/finding"
)

// numerous is a report of so many findings with so many places each.
func numerous(findings, places int) *finding.Report {
	r := sample()
	commit := r.Findings[0].Places[0].Commit
	rule := r.Findings[0].Rule
	r.Findings = nil
	for i := range findings {
		f := finding.Finding{Rule: rule, Secret: finding.NewSecret(fmt.Appendf(nil, "secret number %020d", i)), Severity: rule.Severity, Confidence: 0.9, Fingerprint: qualityName("made up", "", i)}
		for k := range places {
			f.Places = append(f.Places, finding.Place{Kind: finding.Blob, Path: "src/file.js", Object: strings.Repeat("c0de", 10), Line: i + k + 1, Column: 7, EndLine: i + k + 1, EndColumn: 38, Commit: commit})
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

// meter is a writer that looks at the memory in use once so much was written.
type meter struct {
	written, look int64
	largest       int
	held          uint64
}

func (m *meter) Write(p []byte) (int, error) {
	before := m.written
	m.written += int64(len(p))
	m.largest = max(m.largest, len(p))
	if before < m.look && m.written >= m.look {
		m.held = held()
	}
	return len(p), nil
}

// held is how much memory is in use.
func held() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// TestWritersHoldNoText: in the middle of a large report no format holds the text
// so far, nor a text of each finding.
func TestWritersHoldNoText(t *testing.T) {
	const (
		look   = 3 << 20 // bytes of text
		atOnce = 1 << 20
		most   = 3 << 19 // held: the mask, names of cards and numbers of places
	)
	short := map[string]bool{"markdown": true, "github": true}
	for name, r := range map[string]*finding.Report{"findings": numerous(20_000, 1), "places": numerous(1, 20_000)} {
		for _, f := range Formats() {
			if short[f.Name] {
				continue
			}
			m := meter{look: look}
			before := held()
			if err := f.Write(&m, r, Options{ShowLow: true}); err != nil {
				t.Fatal(err)
			}
			if m.largest > atOnce {
				t.Errorf("%s, %s: %d bytes are written at once", f.Name, name, m.largest)
			}
			if m.held == 0 && name == "findings" {
				t.Errorf("%s: it has %d bytes only", f.Name, m.written)
			}
			if more := int64(m.held) - int64(before); more > most {
				t.Errorf("%s, %s: %d bytes are held", f.Name, name, more)
			}
			t.Logf("%s, %s: %d bytes held of %d", f.Name, name, max(int64(m.held)-int64(before), 0), m.written)
		}
	}
}

// fullDisk fails once it has taken so many bytes, and counts what comes after.
type fullDisk struct{ room, after int }

var errFull = errors.New("no space left")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.room < len(p) {
		d.after++
		return 0, errFull
	}
	d.room -= len(p)
	return len(p), nil
}

// TestWritersTellOfAFullDisk: an error in the middle ends the writing.
func TestWritersTellOfAFullDisk(t *testing.T) {
	r := numerous(2000, 2)
	for _, f := range Formats() {
		disk := &fullDisk{room: 100_000}
		err := f.Write(disk, r, Options{ShowLow: true})
		if f.Name == "markdown" || f.Name == "github" { // they are shorter
			continue
		}
		if !errors.Is(err, errFull) || disk.after != 1 {
			t.Errorf("%s: %v, %d writes after it", f.Name, err, disk.after)
		}
	}
}
