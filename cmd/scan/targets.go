package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

// target is one report that a scan writes.
type target struct {
	format string
	file   string // "" is stdout
}

func formatNames() []string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// addReport reads one --report FORMAT=FILE.
func (c *command) addReport(text string) error {
	format, file, ok := strings.Cut(text, "=")
	if !ok || file == "" {
		return errors.New("give FORMAT=FILE, such as sarif=scan.sarif")
	}
	t := target{file: file}
	if err := choose(&t.format, format, formatNames()...); err != nil {
		return err
	}
	if file == "-" {
		t.file = ""
	}
	c.reports = append(c.reports, t)
	return nil
}

// settleReports drops the text on stdout where nobody asked for it and --report
// writes there, and refuses two reports in one place.
func (c *command) settleReports(asked bool) error {
	for _, t := range c.reports {
		if t.file == "" && !asked {
			c.reportsOnly = true
		}
	}
	seen := map[string]bool{}
	for _, t := range c.targets() {
		place := t.file
		if place != "" {
			place = filepath.Clean(place)
		}
		switch {
		case seen[place] && place == "":
			return &usageError{"two reports are to go to standard output", "give one of them a file: --report FORMAT=FILE"}
		case seen[place]:
			return &usageError{"two reports are to go to " + t.file, "give each a file of its own"}
		}
		seen[place] = true
	}
	return nil
}

// targets lists all reports to write.
func (c *command) targets() []target {
	var list []target
	if !c.reportsOnly {
		list = append(list, target{c.format, c.output})
	}
	return append(list, c.reports...)
}

// deliver writes one report.
func (t target) deliver(c *command, r *finding.Report, stdout io.Writer, env environment, now time.Time) error {
	format, ok := report.FormatNamed(t.format)
	if !ok {
		return fmt.Errorf("there is no format %q", t.format)
	}
	opt := report.Options{ShowSecrets: c.showSecrets, Version: version(), Now: now, ShowSuppressed: c.showSuppressed, Passes: c.passes, ShowLow: c.showLow, Quiet: c.quiet}
	write := func(w io.Writer) error { return format.Write(w, r, opt) }
	if t.file == "" {
		width, isTerminal := terminalWidth(stdout)
		opt.Width, opt.Color = width, env.useColor(c.color, isTerminal)
		if env.useLinks(c.hyperlink, isTerminal) {
			opt.Link, opt.CommitLink = c.linker(env)
		}
		return write(stdout)
	}
	opt.Color = c.color == "always" // what CI sets for its log is not meant for files
	return writeOutput(t.file, write)
}
