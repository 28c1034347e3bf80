package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// shortFactor multiplies the runs of commands that take milliseconds.
const shortFactor = 5

// noRepo stands for the repository in the suite that needs none.
const noRepo = "-"

// bench is one run of the program. It keeps its temporary folders.
type bench struct {
	opts    *options
	results *results
	log     io.Writer
	work    string
	places  map[string]string
}

// measureAll runs the suites on all repositories and saves after each pair. A
// repository that cannot be prepared is reported and left out.
func measureAll(ctx context.Context, opts *options, res *results, log io.Writer) error {
	work, err := os.MkdirTemp(opts.work, "keyrake-bench-*")
	if err != nil {
		return fmt.Errorf("temporary folder: %w", err)
	}
	defer os.RemoveAll(work)
	b := &bench{opts: opts, results: res, log: log, work: work, places: map[string]string{
		"empty": filepath.Join(work, "empty"), "literals": filepath.Join(work, "literals"), "cwd": filepath.Join(work, "cwd"),
	}}
	for _, name := range []string{"empty", "cwd"} {
		if err := os.Mkdir(b.places[name], 0o755); err != nil {
			return fmt.Errorf("temporary folder: %w", err)
		}
	}
	if err := writeLiterals(b.places["literals"]); err != nil {
		return err
	}
	if err := b.describe(ctx); err != nil {
		return err
	}

	var errs []error
	if slices.Contains(opts.suites, suiteStart) {
		errs = append(errs, b.suite(ctx, suiteStart, noRepo, b.places))
	}
	for _, repo := range opts.repos {
		if ctx.Err() == nil {
			errs = append(errs, b.repository(ctx, repo))
		}
	}
	return errors.Join(errs...)
}

// describe notes the machine and the tools, and warns of a busy machine.
func (b *bench) describe(ctx context.Context) error {
	here, before := thisMachine(), b.results.Machine
	if len(b.results.Records) > 0 && (here.CPU != before.CPU || here.Cores != before.Cores) {
		return fmt.Errorf("records %s are from another machine (%s, %d cores): name a new file", b.opts.records, before.CPU, before.Cores)
	}
	b.results.Machine = here
	b.results.touch(time.Now())
	for _, t := range b.opts.tools {
		b.results.Tools[t.name] = version(ctx, t)
	}
	if load := busyWith(); load > 0.5 {
		fmt.Fprintf(b.log, "bench: the machine is busy (load %.1f): the figures will be too high\n", load)
	}
	return nil
}

// repository runs all suites that need a repository on one.
func (b *bench) repository(ctx context.Context, path string) error {
	name := strings.TrimSuffix(filepath.Base(path), ".git")
	info, err := inspectRepo(ctx, name, path)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(b.results.Repos, func(r repoInfo) bool { return r.Name == name }); i >= 0 {
		b.results.Repos[i] = info
	} else {
		b.results.Repos = append(b.results.Repos, info)
	}
	places := mapWith(b.places, "repo", path)
	if slices.Contains(b.opts.suites, suiteHistory) {
		whole, err := b.complete(ctx, path, name)
		if err != nil {
			return err
		}
		if err := b.suite(ctx, suiteHistory, name, mapWith(places, "repo", whole)); err != nil {
			return err
		}
	}
	if !slices.Contains(b.opts.suites, suiteDir) && !slices.Contains(b.opts.suites, suiteStaged) {
		return nil
	}

	checkout := filepath.Join(b.work, name)
	// Shared objects: the checkout holds the files and an index, no second copy
	// of the packs that a scanner of folders could read.
	if _, err := gitOutput(ctx, b.work, "clone", "--quiet", "--shared", path, checkout); err != nil {
		return err
	}
	defer os.RemoveAll(checkout)
	places = mapWith(places, "dir", checkout)
	if slices.Contains(b.opts.suites, suiteDir) {
		if err := b.suite(ctx, suiteDir, name, places); err != nil {
			return err
		}
	}
	if !slices.Contains(b.opts.suites, suiteStaged) {
		return nil
	}
	if err := stageFile(ctx, checkout); err != nil {
		return err
	}
	return b.suite(ctx, suiteStaged, name, mapWith(places, "cwd", checkout))
}

// stageFile puts one harmless file of 5 KB into the index.
func stageFile(ctx context.Context, checkout string) error {
	const file = "keyrake_bench_staged.go"
	var text strings.Builder
	text.WriteString("package steps\n\n")
	for i := 0; text.Len() < 5000; i++ {
		fmt.Fprintf(&text, "// step%d adds its own number.\nfunc step%d(n int) int { return n + %d }\n\n", i, i, i)
	}
	if err := os.WriteFile(filepath.Join(checkout, file), []byte(text.String()), 0o644); err != nil {
		return fmt.Errorf("stage a file: %w", err)
	}
	_, err := gitOutput(ctx, checkout, "add", "--force", file)
	return err
}

// suite measures the commands of a suite on one repository, except those that
// the records hold already, and saves them.
func (b *bench) suite(ctx context.Context, suite, repo string, places map[string]string) error {
	cmds := commandsFor(suite, b.opts.tools, places)
	cmds = slices.DeleteFunc(cmds, func(c command) bool { return b.results.has(suite, repo, c.label) })
	recs, err := b.takeTurns(ctx, repo, cmds)
	if err != nil {
		return err
	}
	b.results.Records = append(b.results.Records, recs...)
	return b.results.save(b.opts.records)
}

// takeTurns warms every command up once and then runs them in rounds.
func (b *bench) takeTurns(ctx context.Context, repo string, cmds []command) ([]record, error) {
	recs := make([]record, len(cmds))
	want := make([]int, len(cmds))
	rounds := 0
	for i, c := range cmds {
		s, err := b.measure(ctx, repo, "warm-up", c)
		if err != nil {
			return nil, err
		}
		recs[i] = record{Suite: c.suite, Repo: repo, Label: c.label, Kind: c.kind}
		var kept bool
		want[i], kept = b.plan(c, s)
		if kept {
			recs[i].Samples = []sample{s}
		}
		rounds = max(rounds, want[i])
	}
	for round := 1; round <= rounds; round++ {
		for i, c := range cmds {
			if len(recs[i].Samples) >= want[i] {
				continue
			}
			s, err := b.measure(ctx, repo, fmt.Sprintf("run %d", round), c)
			if err != nil {
				return nil, err
			}
			recs[i].Samples = append(recs[i].Samples, s)
			if s.TimedOut {
				want[i] = 0
			}
		}
	}
	return recs, nil
}

// plan decides from the warm-up how many samples a command gets, and whether
// the warm-up is one of them.
func (b *bench) plan(c command, warmUp sample) (want int, keep bool) {
	switch {
	case warmUp.TimedOut, !goodExit(c.kind, warmUp.Exit):
		return 1, true
	case b.opts.slowRuns > 0 && warmUp.Wall > b.opts.slowAfter.Seconds():
		return b.opts.slowRuns, true
	case short(c.suite):
		return b.opts.runs * shortFactor, false
	}
	return b.opts.runs, false
}

func short(suite string) bool { return suite == suiteStaged || suite == suiteStart }

func (b *bench) measure(ctx context.Context, repo, turn string, c command) (sample, error) {
	s, err := measure(ctx, c, limits{timeout: b.opts.timeout, anon: !short(c.suite)})
	if err == nil && (!short(c.suite) || turn == "warm-up") {
		fmt.Fprintf(b.log, "%-8s %-14s %-8s %-32s %8.3f s, CPU %8.3f s, exit %d\n", c.suite, repo, turn, c.label, s.Wall, s.CPU, s.Exit)
	}
	return s, err
}

// mapWith returns a copy of m with one entry more.
func mapWith(m map[string]string, key, value string) map[string]string {
	c := map[string]string{key: value}
	for k, v := range m {
		if k != key {
			c[k] = v
		}
	}
	return c
}
