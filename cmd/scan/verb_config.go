package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"keyrake/config"
	"keyrake/scanner/known"
	"keyrake/scanner/report"
)

func configVerb() subcommand {
	return subcommand{
		name:     "config",
		summary:  "show the settings of a scan and where each comes from",
		synopsis: "config show [FLAGS] [PATH...]",
		about: `
Settings come from .scan.yaml at the top of the repository that is scanned, from
the file that --config or SCAN_CONFIG names, from the environment, and from the
flags, in rising strength. Of a bare repository the files of HEAD count. show
takes the flags of a scan and prints the settings that it would have.

A file has these keys; those with one value have a variable each:
  min-confidence   SCAN_MIN_CONFIDENCE
  fail-on          SCAN_FAIL_ON
  max-file-size    SCAN_MAX_FILE_SIZE
  format           SCAN_FORMAT
  baseline         SCAN_BASELINE
  show-suppressed  SCAN_SHOW_SUPPRESSED
  rules            SCAN_RULES, files with commas between them
  enable-rule      SCAN_ENABLE_RULE, ids with commas between them
  disable-rule     SCAN_DISABLE_RULE, ids with commas between them
  severity         a mapping of rule ids to severities
  ignore           a list of mappings with path, reason and, if wanted, until
  allow            the same with fingerprint instead of path, or with tests of
                   what was found: paths, outside, secrets, matches, lines,
                   above (lists of RE2 patterns), words, commits; with rules for
                   these only; with every: true one of each sort has to hold
  extends          files whose settings come first, relative to this one
SCAN_NO_REPO_CONFIG=true is --no-repo-config.`,
		run: runConfig,
	}
}

func runConfig(_ context.Context, p *process, args []string) (exitCode, error) {
	action, args, err := takeAction(args, "show")
	if err != nil {
		return exitUsage, err
	}
	c, err := parseFlags(args)
	if err != nil {
		return exitUsage, err
	}
	if c.help || action == "" {
		return exitClean, pflag.ErrHelp
	}
	s, err := gather(c, p.env)
	if err != nil {
		return exitUsage, err
	}
	defer s.close()
	text, err := s.describe()
	if err != nil {
		return exitUsage, err
	}
	for _, note := range s.notes {
		p.term.print("%s", note)
	}
	if _, err := io.WriteString(p.stdout, masked(string(text))); err != nil {
		return exitIncomplete, err
	}
	return exitClean, nil
}

// describe writes the settings as a table of key, value and origin.
func (s *settings) describe() ([]byte, error) {
	active, muted, err := s.rules()
	if err != nil {
		return nil, err
	}
	if _, err := s.severities(active); err != nil {
		return nil, err
	}
	policy, err := s.policy(active, muted)
	if err != nil {
		return nil, err
	}
	var rows [][3]string
	row := func(key, value string, from fmt.Stringer) {
		rows = append(rows, [3]string{key, report.Clean(value), report.Clean(from.String())})
	}
	for _, key := range config.Singles() {
		if v, ok := s.Single(key); ok {
			row(key, v.Text, v.From)
		} else if text := s.standard(key, policy); text != "" {
			row(key, text, known.Origin{File: "default"})
		}
	}
	for _, key := range config.Plurals() {
		for _, v := range s.Plural(key) {
			row(key, v.Text, v.From)
		}
	}
	severities := s.Severities()
	for _, id := range slices.Sorted(maps.Keys(severities)) {
		row("severity", id+": "+severities[id].Severity.String(), severities[id].From)
	}
	for _, l := range policy.Lists {
		for _, e := range l.Entries() {
			key, text := s.entry(e)
			row(key, text, e.From)
		}
	}
	rows = append(rows, [3]string{"active rules", fmt.Sprint(active.Len() - len(muted)), ""})
	return settingsTable(rows), nil
}

// settingsTable aligns rows. A long value moves its own origin and no other.
func settingsTable(rows [][3]string) []byte {
	const most = 32
	var keys, values int
	for _, r := range rows {
		keys = max(keys, utf8.RuneCountInString(r[0]))
		if n := utf8.RuneCountInString(r[1]); n <= most {
			values = max(values, n)
		}
	}
	var out bytes.Buffer
	for _, r := range rows {
		out.WriteString(strings.TrimRight(fmt.Sprintf("%-*s  %-*s  %s", keys, r[0], values, r[1], r[2]), " ") + "\n")
	}
	return out.Bytes()
}

// standard gives a setting's default.
func (s *settings) standard(key string, p *known.Policy) string {
	switch key {
	case config.MinConfidence:
		return fmt.Sprint(defaultConfidence)
	case config.FailOn:
		return usualThreshold().severity.String()
	case config.MaxFileSize:
		return "no limit"
	case config.Format:
		return "text"
	case config.ShowSuppressed:
		return "false"
	case config.Baseline:
		if p.Baseline != nil {
			return p.Baseline.Name
		}
		return "none"
	}
	return ""
}

// entry words an accepted path or fingerprint.
func (s *settings) entry(e known.Entry) (key, text string) {
	key, text = "ignore", e.Pattern
	switch {
	case e.When != nil:
		key, text = "allow", e.When.String()
	case e.Fingerprint != "":
		key, text = "allow", e.Fingerprint
	}
	if !e.Until.IsZero() {
		text += " until " + e.Until.Format(time.DateOnly)
		if e.Until.Before(s.today) {
			text += " (expired)"
		}
	}
	if e.Reason != "" {
		text += " -- " + e.Reason
	}
	return key, text
}
