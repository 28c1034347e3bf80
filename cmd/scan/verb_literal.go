package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"keyrake/rules"
	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

func literalVerb() subcommand {
	return subcommand{
		name:     "literal",
		summary:  "count and list plain words, for a checklist that asks for them",
		synopsis: "literal [FLAGS] [WORD[|WORD...]]...",
		about: `Looks for plain words, letter case aside, without rules and without judgement:
by default AKIA, cloudflare and api_key, which pre-launch checklists ask to be
searched for in git's history. Most hits are no secrets (every import and URL of
Cloudflare is one), so hits are information: they never fail a gate. What
"scan --history" finds does.

Exit codes: 0 whatever is found, 2 wrong usage, 3 something could not be read.`,
		sections: []section{{"Flags", []option{
			{"history", "", "", "search all that any ref reaches (default: the files below the current directory)"},
			{"most", "", "N", "list at most N places of each word, 0 for all (default 20)"},
			{"json", "", "", "print JSON: an object for each place, and last one with the counts"},
			{"jobs", "j", "N", "workers (default: one for each CPU)"},
		}}},
		run: runLiteral,
	}
}

// wordCount is how often a word stands, and in how many contents.
type wordCount struct {
	Word     string `json:"word"`
	Hits     int    `json:"hits"`
	Contents int    `json:"contents"`
}

func runLiteral(ctx context.Context, p *process, args []string) (exitCode, error) {
	c := newCommand()
	history, asJSON, most := false, false, 20
	fs := newVerbFlags("literal")
	fs.BoolVar(&history, "history", false, "")
	fs.BoolVar(&asJSON, "json", false, "")
	fs.Func("most", "", func(s string) (err error) { most, err = parseCount(s); return err })
	fs.FuncP("jobs", "j", "", func(s string) (err error) { c.jobs, err = parseJobs(s); return err })
	if err := parseVerb(fs, args); err != nil {
		return 0, err
	}
	words := strings.FieldsFunc(strings.Join(fs.Args(), "|"), func(r rune) bool { return r == '|' })
	switch {
	case fs.NArg() > 0 && len(words) == 0:
		return 0, &usageError{"the word is empty", "words have 3 to 32 bytes of printable ASCII"}
	case fs.NArg() == 0:
		words = []string{"AKIA", "cloudflare", "api_key"}
	}
	paths := []string{"."}
	if history {
		paths, c.mode = nil, modeHistory
	}
	opt := scanner.Options{Rules: rules.Builtin(), Jobs: c.jobs, MemoryLimit: c.memory}
	hits, cov, err := scanner.Literals(ctx, opt, p.env.git(c), words, paths)
	if cov == nil && err != nil {
		return 0, &usageError{err.Error(), "words have 3 to 32 bytes of printable ASCII"}
	}
	if err != nil {
		return exitIncomplete, err
	}
	out := bufio.NewWriter(p.stdout)
	err = errors.Join(writeHits(out, words, hits, cov, most, asJSON), out.Flush())
	for _, g := range cov.Gaps {
		p.term.fault("not read: " + g.What + ": " + g.Reason)
	}
	if err == nil && !cov.Complete() {
		return exitIncomplete, nil
	}
	return wrote(err)
}

func writeHits(out io.Writer, words []string, hits []scanner.LiteralHit, cov *finding.Coverage, most int, asJSON bool) error {
	counts := countWords(words, hits)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	listed := make([]int, len(words))
	for _, h := range hits {
		if listed[h.Pattern]++; most > 0 && listed[h.Pattern] > most {
			continue
		}
		commit := ""
		if h.Commit != nil {
			commit = h.Commit.ID
		}
		if asJSON {
			err := enc.Encode(struct {
				Word     string `json:"word"`
				Severity string `json:"severity"`
				Kind     string `json:"kind"`
				Path     string `json:"path"`
				Line     int    `json:"line"`
				Column   int    `json:"column"`
				Blob     string `json:"blob"`
				Commit   string `json:"commit"`
			}{words[h.Pattern], "info", h.Kind.String(), report.Clean(h.Path), h.Line, h.Column, h.Object, commit})
			if err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(out, "info  %s:%d:%d  %s%s\n", hitName(&h.Place), h.Line, h.Column, report.Clean(words[h.Pattern]), since(commit))
	}
	if asJSON {
		return enc.Encode(struct {
			Words    []wordCount `json:"words"`
			Complete bool        `json:"complete"`
		}{counts, cov.Complete()})
	}
	for i, n := range counts {
		rest := ""
		if most > 0 && listed[i] > most {
			rest = fmt.Sprintf(" (%d not listed)", listed[i]-most)
		}
		fmt.Fprintf(out, "%s: hits %d, in files or objects %d%s\n", report.Clean(n.Word), n.Hits, n.Contents, rest)
	}
	return nil
}

// hitName is what a hit stands in, as a person names it.
func hitName(p *finding.Place) string {
	if p.Path == "" {
		return strings.TrimSuffix(p.Kind.String(), "-message") + " " + p.Object
	}
	return report.Clean(p.Path)
}

func since(commit string) string {
	if commit == "" {
		return ""
	}
	return "  since commit " + commit[:10]
}

func countWords(words []string, hits []scanner.LiteralHit) []wordCount {
	counts := make([]wordCount, len(words))
	in := make([]map[string]bool, len(words))
	for i, w := range words {
		counts[i].Word, in[i] = w, map[string]bool{}
	}
	for _, h := range hits {
		counts[h.Pattern].Hits++
		in[h.Pattern][h.Object+"\x00"+h.Path] = true
	}
	for i := range counts {
		counts[i].Contents = len(in[i])
	}
	return counts
}
