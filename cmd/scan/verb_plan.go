package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/replacement"
	"keyrake/scanner/report"
)

func planVerb() subcommand {
	return subcommand{
		name:     "plan",
		summary:  "scan a history and write the steps that clean it up",
		synopsis: "plan [FLAGS] [REPO]",
		about: `Scans the whole history and turns what it finds into an ordered sheet: what to
rotate first and how, what to take out of which file, the commands that rewrite
the history, what keeps the old objects after that, and how to prove that they
are gone. It changes nothing itself.

With --filter-repo it also writes the list that "git filter-repo --replace-text"
takes. The list holds the secrets in full: it is readable only by you, is never
written inside the work tree, and is to be deleted in the end. A short secret
is replaced only where it is a word of its own.

Exit codes are those of a scan.`,
		sections: []section{{"Flags", []option{
			{"filter-repo", "", "FILE", "write the list of replacements to FILE"},
			{"rules", "", "FILE", "add the rules in FILE (may be given several times)"},
			{"min-confidence", "", "N", "plan for findings of this confidence or more, from 0 to 1 (default 0.5)"},
			{"no-repo-config", "", "", "plan for what the repository accepts (.scanignore, baseline, marks), too"},
			{"jobs", "j", "N", "workers (default: one for each CPU)"},
		}}},
		run: runPlan,
	}
}

func runPlan(ctx context.Context, p *process, args []string) (exitCode, error) {
	c := newHistoryCommand()
	list := ""
	fs := newVerbFlags("plan")
	fs.StringVar(&list, "filter-repo", "", "")
	fs.StringArrayVar(&c.ruleFiles, "rules", nil, "")
	fs.BoolVar(&c.noRepoConfig, "no-repo-config", false, "")
	c.confidenceFlag(fs)
	fs.FuncP("jobs", "j", "", func(s string) (err error) { c.jobs, err = parseJobs(s); return err })
	if err := parseVerb(fs, args); err != nil {
		return 0, err
	}
	if err := c.takeRepository(fs, 0); err != nil {
		return 0, err
	}
	if list == "" && fs.Changed("filter-repo") {
		return 0, &usageError{"--filter-repo needs the name of a file", ""}
	}
	c.adopt(fs)
	set, opt, err := p.prepare(c)
	if err != nil {
		return exitUsage, err
	}
	defer set.close()
	if list != "" { // before the scan, which may take long
		if err := checkList(p.env.git(c), list); err != nil {
			return exitUsage, err
		}
	}
	collect(modeHistory, defaultMemory, false)
	r, err := scanner.History(ctx, opt, p.env.git(c))
	p.term.clear()
	if r == nil || err != nil {
		return exitIncomplete, err
	}
	clean, err := scanner.Plan(p.env.git(c), r)
	if err != nil {
		return exitIncomplete, err
	}
	if list != "" && len(clean.List) > 0 {
		err := writeOutput(list, func(w io.Writer) error { return replacement.Write(w, clean.List) })
		if err != nil {
			return exitIncomplete, err
		}
	}
	if _, err := os.Stat(list); list != "" && len(clean.List) == 0 && err == nil {
		p.term.print("%s was left as it is: there is nothing to replace now, and what it lists is from an earlier plan", list)
	}
	if len(r.Findings) == 0 && len(r.Suppressed) > 0 {
		p.term.print("nothing but what was accepted; --no-repo-config plans for that too")
	}
	width, isTerminal := terminalWidth(p.stdout)
	show := report.Options{Width: width, Version: version(), Color: p.env.useColor("auto", isTerminal)}
	if err := report.Cleanup(p.stdout, r, sheetOf(clean, list), show); err != nil {
		return exitIncomplete, err
	}
	return codeFor(r, nil, false), nil
}

// checkList refuses a place where the list would be committed or served.
func checkList(env scanner.GitEnv, list string) error {
	inside, err := scanner.InsideRepository(env, list)
	if err == nil && inside {
		err = fmt.Errorf("write %s: it is inside the repository, and the list holds secrets; name a file elsewhere, such as ../secrets.txt", list)
	}
	if err != nil {
		return err
	}
	return checkOutput(list)
}

func sheetOf(c *scanner.Cleanup, list string) *report.Plan {
	p := &report.Plan{
		List: finding.Quote(list), Entries: len(c.List), Blobs: c.Blobs, Messages: c.Messages, Logs: c.Logs, Borrowed: c.Borrowed,
	}
	for _, s := range c.Omitted {
		p.Omitted = append(p.Omitted, s.String())
	}
	return p
}
