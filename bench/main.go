// Command bench measures Keyrake beside git, ripgrep and other scanners on real
// repositories, and writes Markdown tables of what it saw.
//
// Every process is measured from the outside: wall time by the clock, CPU and
// peak memory from what the kernel reports when the process ends. The commands
// of one suite take turns (A B C A B C ...) after one warm-up each, so that a
// change in the machine's load falls on all of them alike.
//
// It refuses to know what a scanner prints: it measures cost, never findings.
// Its invariant is that all scanners get the same repository, the same working
// folder and the same environment, and that a run which failed is marked so in
// the table. It needs a Unix system; figures without mapped files need Linux.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options is the command line, resolved.
type options struct {
	tools     []tool
	repos     []string
	suites    []string
	runs      int
	timeout   time.Duration
	slowAfter time.Duration
	slowRuns  int
	out       string
	records   string
	work      string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	opts, err := parseOptions(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	results, err := loadResults(opts.records)
	if err != nil {
		return err
	}
	if len(opts.repos) > 0 || slices.Contains(opts.suites, suiteStart) {
		err = measureAll(ctx, opts, results, stderr)
	}
	// What was measured before an error is still worth a table.
	table := renderMarkdown(results)
	if opts.out != "" {
		err = errors.Join(err, os.WriteFile(opts.out, []byte(table), 0o644))
	}
	_, werr := io.WriteString(stdout, table)
	return errors.Join(err, werr)
}

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	var o options
	var scan, repos, tools, suites string
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&scan, "scan", "", "the scan program to measure (the same as scan=PATH in -tools)")
	fs.StringVar(&repos, "repos", "", "bare repositories, separated by commas")
	fs.StringVar(&tools, "tools", "", "other programs as NAME=PATH, separated by commas; NAME or NAME-VARIANT, where NAME is one of "+strings.Join(toolKinds(), ", "))
	fs.StringVar(&suites, "suites", strings.Join(suiteNames(), ","), "what to measure")
	fs.IntVar(&o.runs, "runs", 5, "measured runs of each command; of the short ones five times as many")
	fs.DurationVar(&o.timeout, "timeout", 600*time.Second, "end a run after this time")
	fs.DurationVar(&o.slowAfter, "slow-after", 30*time.Second, "a command whose warm-up lasts longer is slow")
	fs.IntVar(&o.slowRuns, "slow-runs", 0, "runs of a slow command, the warm-up counted as the first (0: treat it like the others)")
	fs.StringVar(&o.out, "out", "", "write the Markdown to this file, too")
	fs.StringVar(&o.records, "records", "", "keep all figures in this JSON file; what it holds already is not measured again")
	fs.StringVar(&o.work, "work", "", "folder for temporary checkouts (default: the system's)")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q: repositories are named with -repos", fs.Arg(0))
	}
	if o.runs < 1 || o.slowRuns < 0 {
		return nil, errors.New("-runs must be 1 or more and -slow-runs 0 or more")
	}
	var err error
	if o.tools, err = parseTools(scan, tools); err != nil {
		return nil, err
	}
	if o.suites, err = parseSuites(suites); err != nil {
		return nil, err
	}
	for _, repo := range splitList(repos) {
		abs, err := filepath.Abs(repo)
		if err != nil {
			return nil, fmt.Errorf("repository %s: %w", repo, err)
		}
		if _, err := os.Stat(abs); err != nil {
			return nil, fmt.Errorf("repository: %w", err)
		}
		o.repos = append(o.repos, abs)
	}
	return &o, nil
}

func parseSuites(list string) ([]string, error) {
	names := splitList(list)
	for _, name := range names {
		if !slices.Contains(suiteNames(), name) {
			return nil, fmt.Errorf("-suites: unknown suite %q; known are %s", name, strings.Join(suiteNames(), ", "))
		}
	}
	return names, nil
}

// splitList splits at commas and drops what is empty.
func splitList(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}
