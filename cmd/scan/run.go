package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"keyrake/rules"
	"keyrake/scanner"
	"keyrake/scanner/finding"
	"keyrake/scanner/report"
)

// run is the whole command. Tests call it as main does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) exitCode {
	env := environment(environ)
	term := newTerminal(stderr, env)
	if err := unknownTopic(args); err != nil {
		return refuse(term, err)
	}
	args = wordsToFlags(args)
	if verb, ok := findSubcommand(args); ok {
		return verb.call(ctx, &process{stdin, stdout, term, env}, args[1:])
	}
	if args, ok := goneFlag(args); ok {
		return verifyGoneVerb().call(ctx, &process{stdin, stdout, term, env}, args)
	}
	c, err := parseFlags(args)
	if err != nil {
		return refuse(term, err)
	}
	if c.help || c.version {
		return inform(term, stdout, c)
	}
	if err := c.mistyped(); err != nil {
		return refuse(term, err)
	}
	if task := env.get("WRANGLER_COMMAND"); c.wrangler && publishesNothing(task) {
		term.print("not scanned: wrangler %s publishes nothing", report.Clean(task))
		return exitClean
	}
	return perform(ctx, &process{stdin, stdout, term, env}, c, nil)
}

// perform scans and writes the reports. more adds settings, if it is not nil.
func perform(ctx context.Context, p *process, c *command, more func(*settings) error) exitCode {
	term, env := p.term, p.env
	set, err := gather(c, env)
	if err != nil {
		return refuse(term, err)
	}
	defer set.close()
	if more != nil {
		if err := more(set); err != nil {
			return refuse(term, err)
		}
	}
	opt, err := options(c, set, term)
	if err != nil {
		return refuse(term, err)
	}
	if err := c.checkOutputs(); err != nil {
		return refuse(term, err)
	}
	r, err := p.scanned(ctx, c, opt)
	if err != nil {
		complain(term, r, err)
	}
	if r != nil {
		r.Coverage.Gaps = append(r.Coverage.Gaps, set.gaps...)
	}
	code := c.exit(r, err)
	if r == nil {
		return code
	}
	set.tell(c, term, r)
	if err != nil && r.Coverage.Complete() {
		// A report that was cut short must not call itself complete.
		r.Coverage.Gaps = append(r.Coverage.Gaps, finding.Gap{What: "the scan", Reason: "it ended early: " + masked(err.Error())})
	}
	if len(r.Findings) > manyFindings {
		runtime.GC() // what the scan held beside the report goes before writers ask for more
	}
	if err := deliver(c, r, p.stdout, env); err != nil {
		term.fault("the report could not be written: " + err.Error())
		return exitIncomplete
	}
	onScreen := slices.Contains(c.targets(), target{"text", ""})
	if !c.quiet && !onScreen {
		term.print("%s", report.Summary(r))
	}
	if !c.quiet {
		c.tellPassed(term, r, onScreen && !c.showLow)
	}
	if c.stats {
		term.stats(r.Stats)
	}
	if term.meter && !c.quiet && len(r.Findings) > 0 && c.mode != modeStdin {
		term.print(`hint: "scan explain FILE:LINE" says why; "scan triage" goes through them`)
	}
	return code
}

// checkOutputs reports, before the scan, a file that could not be written after it.
func (c *command) checkOutputs() error {
	for _, t := range c.targets() {
		if t.file == "" {
			continue
		}
		if err := checkOutput(t.file); err != nil {
			return err
		}
	}
	return nil
}

// publishesNothing reports whether wrangler runs its build for what is known not to
// publish. Versions that do not say what for, and tasks that come to be, are taken to.
func publishesNothing(task string) bool { return task == "dev" || task == "types" }

// refuse says why nothing was scanned.
func refuse(term *terminal, err error) exitCode {
	var wrong *usageError
	if errors.As(err, &wrong) {
		term.usage(wrong)
	} else {
		term.fault(err.Error())
	}
	return exitUsage
}

// inform prints the usage text or the version.
func inform(term *terminal, stdout io.Writer, c *command) exitCode {
	var text string
	if c.help {
		text = usage()
	} else {
		set := rules.Builtin()
		text = fmt.Sprintf("scan %s\nrules %s (%d built in)\n%s %s/%s\n", version(), set.Digest(), set.Len(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	}
	if _, err := io.WriteString(stdout, text); err != nil {
		term.print("%v", err)
		return exitIncomplete
	}
	return exitClean
}

// version gives the module's version as the go command stamped it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// engine names this very program, so that what another build of it kept is not
// used. "" is an unknown one.
func engine() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %d %d", version(), info.Size(), info.ModTime().UnixNano())
}

// options turns the command line and the settings into options of the scanner.
// It reads the rule files and what is known and accepted.
func options(c *command, set *settings, term *terminal) (scanner.Options, error) {
	active, muted, err := set.rules()
	if err != nil {
		return scanner.Options{}, err
	}
	policy, err := set.policy(active, muted)
	if err != nil {
		return scanner.Options{}, err
	}
	opt := scanner.Options{
		Rules:         active,
		Jobs:          c.jobs,
		MemoryLimit:   c.memory,
		FullScan:      c.fullScan,
		ArchiveDepth:  c.archives,
		Prove:         c.prove,
		MaxFileBytes:  c.maxFileBytes,
		MinConfidence: gate(c),
		Unreachable:   c.unreachable,
		Known:         policy,
		FileRules:     set.fileRules(),
		Searched:      func(findings int) { keep(c.mode, findings) },
	}
	if c.mode == modeHistory && !c.noCache {
		opt.Cache = &scanner.CacheOptions{Engine: engine(), Miss: collectLate}
	}
	if c.publish {
		opt.Publish = &scanner.PublishOptions{Remote: c.publishRemote}
	}
	if opt.Severities, err = set.severities(active); err != nil {
		return scanner.Options{}, err
	}
	if term.meter && !c.quiet {
		opt.Progress = term.progress
	}
	return opt, nil
}

// readRules reads a rule file.
func readRules(name string) ([]rules.Rule, error) {
	source, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return rules.Parse(name, source)
}

// gate is the least confidence of a finding. The scanner takes 0 for "as usual",
// so who asks for 0 gets next to it.
func gate(c *command) float64 {
	if c.minConfidence == 0 && c.anyConfidence {
		return math.SmallestNonzeroFloat64
	}
	return c.minConfidence
}

// prepare gathers the settings of a scan and makes its options of them. The
// settings are to be closed.
func (p *process) prepare(c *command) (*settings, scanner.Options, error) {
	set, err := gather(c, p.env)
	if err != nil {
		return nil, scanner.Options{}, err
	}
	opt, err := options(c, set, p.term)
	if err != nil {
		return nil, scanner.Options{}, errors.Join(err, set.close())
	}
	return set, opt, nil
}

// scanned scans, and takes the progress off the terminal.
func (p *process) scanned(ctx context.Context, c *command, opt scanner.Options) (*finding.Report, error) {
	r, err := scan(ctx, c, opt, p.env, p.stdin, p.term)
	p.term.clear()
	return r, err
}

// scan runs the scanner in the mode that was asked for.
func scan(ctx context.Context, c *command, opt scanner.Options, env environment, stdin io.Reader, term *terminal) (*finding.Report, error) {
	collect(c.mode, c.memory, opt.Cache != nil)
	switch c.mode {
	case modeStaged:
		return scanner.Staged(ctx, opt, env.git(c))
	case modeHistory:
		return scanner.History(ctx, opt, env.git(c))
	case modeRange:
		rg := scanner.RangeOptions{Include: c.ranges, NotOn: c.notOn}
		if c.sinceRef != "" {
			rg.Exclude = []string{c.sinceRef}
		}
		return scanner.Range(ctx, opt, env.git(c), rg)
	case modeStdin:
		if _, ok := terminalWidth(stdin); ok && !c.quiet {
			term.print("reading standard input")
		}
		return scanner.Stream(ctx, opt, "stdin", interruptible(ctx, stdin))
	}
	paths := c.paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	return scanner.Files(ctx, opt, scanner.FilesOptions{Paths: paths, NoIgnore: c.noIgnore, Git: env.git(c)})
}

// interruptible gives a reader that ends with an error as soon as ctx is done,
// which a read that waits for a person or a pipe would not.
func interruptible(ctx context.Context, in io.Reader) io.Reader {
	pr, pw := io.Pipe()
	context.AfterFunc(ctx, func() { pw.CloseWithError(ctx.Err()) })
	go func() {
		_, err := io.Copy(pw, in)
		pw.CloseWithError(err)
	}()
	return pr
}

// complain says why a scan ended early, or did not start.
func complain(term *terminal, r *finding.Report, err error) {
	switch {
	case errors.Is(err, context.Canceled) && r != nil:
		term.print("interrupted: the report holds what was found until then")
	case errors.Is(err, context.Canceled):
		term.print("interrupted")
	default:
		term.fault(plain(err).Error())
	}
}

// deliver writes the report to where it was asked for. One that cannot be
// written does not keep the others back.
func deliver(c *command, r *finding.Report, stdout io.Writer, env environment) error {
	now := time.Now()
	var failed []error
	for _, t := range c.targets() {
		if err := t.deliver(c, r, stdout, env, now); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
