package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// mode is what a scan reads.
type mode int

const (
	modeFiles mode = iota
	modeStaged
	modeHistory
	modeStdin
	modeRange
)

// modeFlags gives each mode its flag; modeFiles has none.
var modeFlags = [...]string{modeStaged: "--staged", modeHistory: "--history", modeStdin: "--stdin", modeRange: "--range"}

// anyRemote is the value of --publish without one; no remote has such a name.
const anyRemote = "*"

const (
	defaultMemory = 256_000_000
	maxJobs       = 1024

	archiveDepth    = 2 // the default of --max-archive-depth
	maxArchiveDepth = 8
)

// command is the command line, checked and with its defaults.
type command struct {
	mode  mode
	paths []string // modeFiles: what to search; modeHistory and modeRange: at most one repository

	ranges   []string // modeRange
	sinceRef string   // modeRange
	notOn    []string // modeRange

	unreachable     bool // modeHistory
	publish         bool // modeHistory
	publishRemote   string
	noCache         bool
	allowIncomplete bool

	noIgnore      bool
	maxFileBytes  int64 // larger contents are left out; 0 means that none are, and that those too large to be held are searched in pieces
	ruleFiles     []string
	minConfidence float64
	anyConfidence bool // --min-confidence 0 was given
	enableRules   []string
	disableRules  []string

	configFile     string
	noRepoConfig   bool
	baseline       string
	showSuppressed bool
	flags          *pflag.FlagSet // as parsed
	wrangler       bool           // scan only if wrangler is about to publish

	format      string
	output      string // "" is stdout
	reports     []target
	reportsOnly bool // a report goes to stdout, so that the text does not
	failOn      threshold
	showLow     bool
	exitZero    bool
	showSecrets bool
	color       string
	hyperlink   string
	agent       bool
	quiet       bool
	stats       bool

	jobs     int
	memory   int64
	fullScan bool
	archives int // how deep archives are opened
	prove    bool

	version bool
	help    bool
}

// newCommand is a command line without anything on it: each default stands here, for scans and
// for all verbs that scan. Its flags are defined, but none was given.
func newCommand() *command {
	c := &command{format: "text", color: "auto", hyperlink: "auto", jobs: runtime.GOMAXPROCS(0), memory: defaultMemory, archives: archiveDepth, failOn: usualThreshold()}
	newFlagSet(c)
	return c
}

// parseFlags reads the command line. Its errors are usageErrors. more defines
// further flags, for a verb that scans.
func parseFlags(args []string, more ...func(*pflag.FlagSet)) (*command, error) {
	c := newCommand()
	fs := c.flags
	var staged, history, stdin bool
	fs.BoolVar(&staged, "staged", false, "")
	fs.BoolVar(&history, "history", false, "")
	fs.BoolVar(&stdin, "stdin", false, "")
	fs.StringArrayVar(&c.ranges, "range", nil, "")
	fs.String("verify-gone", "", "") // taken before, see goneFlag
	for _, define := range more {
		define(fs)
	}
	if err := fs.Parse(args); err != nil {
		return nil, explain(err, fs)
	}
	if c.help || c.version {
		return c, nil
	}
	if err := c.forAgents(fs); err != nil {
		return nil, err
	}
	if c.output == "" && fs.Changed("output") {
		return nil, &usageError{"--output needs the name of a file", "without --output the report goes to standard output"}
	}
	if c.output == "-" {
		c.output = ""
	}
	for _, name := range []string{"config", "enable-rule", "disable-rule"} {
		if f := fs.Lookup(name); f.Changed && slices.Contains([]string{"", "[]"}, f.Value.String()) {
			return nil, &usageError{"--" + name + " is empty: its variable may be", "leave it out, or give it a value"}
		}
	}
	if err := c.settleReports(fs.Changed("format") || fs.Changed("output")); err != nil {
		return nil, err
	}
	dash, err := c.takePaths(fs)
	if err != nil {
		return nil, err
	}
	return c, c.chooseMode(staged, history, stdin || dash, fs)
}

// newFlagSet defines every flag but those of the modes.
func newFlagSet(c *command) *pflag.FlagSet {
	fs := pflag.NewFlagSet("scan", pflag.ContinueOnError)
	fs.SortFlags = false
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}

	fs.StringVar(&c.sinceRef, "since-ref", "", "")
	fs.StringArrayVar(&c.notOn, "not-on", nil, "")
	fs.BoolVar(&c.unreachable, "unreachable", false, "")
	fs.Func("publish", "", func(s string) error {
		c.publish = true
		if c.publishRemote = s; s == anyRemote {
			c.publishRemote = ""
		}
		return nil
	})
	fs.Lookup("publish").NoOptDefVal = anyRemote
	fs.BoolVar(&c.allowIncomplete, "allow-incomplete", false, "")
	fs.BoolVar(&c.noIgnore, "no-ignore", false, "")
	fs.Func("max-file-size", "", func(s string) (err error) { c.maxFileBytes, err = parseSize(s); return err })
	fs.StringArrayVar(&c.ruleFiles, "rules", nil, "")
	c.confidenceFlag(fs)
	fs.StringSliceVar(&c.enableRules, "enable-rule", nil, "")
	fs.StringSliceVar(&c.disableRules, "disable-rule", nil, "")
	fs.StringVar(&c.configFile, "config", "", "")
	fs.BoolVar(&c.noRepoConfig, "no-repo-config", false, "")
	fs.StringVar(&c.baseline, "baseline", "", "")
	fs.BoolVar(&c.showSuppressed, "show-suppressed", false, "")
	fs.Func("format", "", func(s string) error { return choose(&c.format, s, formatNames()...) })
	fs.StringVarP(&c.output, "output", "o", "", "")
	fs.Func("report", "", c.addReport)
	fs.Func("fail-on", "", func(s string) (err error) { c.failOn, err = parseThreshold(s); return err })
	fs.BoolVar(&c.showLow, "show-low", false, "")
	fs.BoolVar(&c.exitZero, "exit-zero", false, "")
	fs.BoolVar(&c.showSecrets, "show-secrets", false, "")
	fs.Func("color", "", func(s string) error { return choose(&c.color, s, "auto", "always", "never") })
	fs.Func("hyperlink", "", func(s string) error { return choose(&c.hyperlink, s, "auto", "always", "never") })
	fs.BoolVar(&c.agent, "agent", false, "")
	fs.BoolVarP(&c.quiet, "quiet", "q", false, "")
	fs.BoolVar(&c.stats, "stats", false, "")
	fs.FuncP("jobs", "j", "", func(s string) (err error) { c.jobs, err = parseJobs(s); return err })
	fs.Func("memory", "", func(s string) (err error) { c.memory, err = parseMemory(s); return err })
	fs.BoolVar(&c.noCache, "no-cache", false, "")
	fs.Func("max-archive-depth", "", func(s string) (err error) { c.archives, err = parseDepth(s); return err })
	fs.BoolVar(&c.fullScan, "full-scan", false, "")
	fs.BoolVar(&c.wrangler, "wrangler", false, "")
	fs.BoolVar(&c.prove, "prove", false, "")
	fs.BoolVar(&c.version, "version", false, "")
	fs.BoolVarP(&c.help, "help", "h", false, "")
	record(fs)
	c.flags = fs
	return fs
}

// forAgents makes --agent what it stands for. Being set, the format holds
// against that of a configuration.
func (c *command) forAgents(fs *pflag.FlagSet) error {
	if !c.agent {
		return nil
	}
	if fs.Changed("format") {
		return &usageError{"--agent and --format cannot be used together", "--report FORMAT=FILE writes a further report"}
	}
	return errors.Join(fs.Set("format", "agent"), fs.Set("quiet", "true"))
}

// confidenceFlag defines --min-confidence.
func (c *command) confidenceFlag(fs *pflag.FlagSet) {
	fs.Func("min-confidence", "", func(s string) (err error) {
		c.minConfidence, err = parseConfidence(s)
		c.anyConfidence = err == nil && c.minConfidence == 0
		return err
	})
}

// takePaths sets the paths, and says whether "-" means standard input.
func (c *command) takePaths(fs *pflag.FlagSet) (dash bool, err error) {
	end := fs.ArgsLenAtDash() // "-" after "--" is a file's name
	for i, path := range fs.Args() {
		if path == "" {
			return false, &usageError{"a PATH is empty", `the current directory is "."`}
		}
		dash = dash || path == "-" && (end < 0 || i < end)
	}
	switch {
	case !dash:
		c.paths = fs.Args()
	case fs.NArg() > 1:
		return false, &usageError{`"-" means standard input and cannot be mixed with a PATH`, "scan the stream and the files in two calls"}
	}
	return dash, nil
}

// chooseMode sets the mode and checks what depends on it.
func (c *command) chooseMode(staged, history, stdin bool, fs *pflag.FlagSet) error {
	var asked []mode
	ranged := fs.Changed("range") || fs.Changed("since-ref") || fs.Changed("not-on")
	for _, m := range []struct {
		on   bool
		mode mode
	}{{staged, modeStaged}, {history, modeHistory}, {stdin, modeStdin}, {ranged, modeRange}} {
		if m.on {
			asked = append(asked, m.mode)
		}
	}
	if len(asked) > 1 {
		return &usageError{modeFlags[asked[0]] + " and " + modeFlags[asked[1]] + " cannot be used together", "choose one, and call scan once for each"}
	}
	if len(asked) == 1 {
		c.mode = asked[0]
	}
	switch flag := modeFlags[c.mode]; {
	case (c.mode == modeHistory || c.mode == modeRange) && len(c.paths) > 1:
		return &usageError{fmt.Sprintf(flag+" reads one repository, but %d are named: %s", len(c.paths), strings.Join(c.paths, ", ")), "call scan once for each"}
	case (c.mode == modeStaged || c.mode == modeStdin) && len(c.paths) > 0:
		return &usageError{fmt.Sprintf("%s takes no PATH, but %q is named", flag, c.paths[0]), "leave out the PATH or " + flag}
	case c.mode != modeHistory && c.publish:
		return &usageError{"--publish is about a whole history", "give --history too"}
	case c.mode != modeHistory && c.unreachable:
		return &usageError{"--unreachable is about a whole history", "give --history too"}
	case slices.Contains(c.ranges, "") || slices.Contains(c.notOn, "") || fs.Changed("since-ref") && c.sinceRef == "":
		return &usageError{"a revision or remote is empty", `for a range write "--range main..HEAD", with the names of your branches`}
	case slices.ContainsFunc(c.ranges, func(r string) bool { return len(r) > 3 && strings.HasPrefix(r, "..") }):
		// git reads HEAD..X. Of a variable that is empty this makes a range that mostly holds nothing, and passes.
		return &usageError{"a range has no beginning: its variable may be empty", `write "HEAD..X" if HEAD is meant`}
	case (c.mode == modeFiles || c.mode == modeStdin) && c.prove:
		return &usageError{"--prove is about the objects of a repository", "give --history too"}
	case c.mode != modeFiles && c.noIgnore:
		return &usageError{"--no-ignore is about files on disk and cannot be used with " + flag, "leave out one of them"}
	}
	return nil
}

// explain puts pflag's errors into our own words.
func explain(err error, fs *pflag.FlagSet) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return unknownFlag(unknown, fs)
	case errors.As(err, &missing):
		return &usageError{"--" + missing.GetFlag().Name + " needs a value", ""}
	case errors.As(err, &invalid):
		name := invalid.GetFlag().Name
		if invalid.GetFlag().Value.Type() == "bool" {
			return &usageError{fmt.Sprintf("--%s takes no value, but is given %q", name, invalid.GetValue()), ""}
		}
		return &usageError{fmt.Sprintf("--%s %q: %v", name, invalid.GetValue(), invalid.Unwrap()), ""}
	}
	return &usageError{err.Error(), ""}
}

func choose(to *string, value string, choices ...string) error {
	for _, c := range choices {
		if value == c {
			*to = value
			return nil
		}
	}
	return errors.New("use one of " + strings.Join(choices, ", "))
}

func parseDepth(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxArchiveDepth {
		return 0, fmt.Errorf("give a number from 0 to %d", maxArchiveDepth)
	}
	return n, nil
}

func parseJobs(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxJobs {
		return 0, fmt.Errorf("give a number from 1 to %d", maxJobs)
	}
	return n, nil
}

func parseConfidence(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= 1) { // also refuses NaN
		return 0, errors.New("give a number from 0 to 1")
	}
	return n, nil
}

// parseCount reads how many of something are to be shown.
func parseCount(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, errors.New("give a number, 0 for all")
	}
	return n, nil
}

// leastMemory is what --memory takes: less is a number without its unit.
const leastMemory = 1_000

func parseMemory(text string) (int64, error) {
	n, err := parseSize(text)
	if err == nil && n < leastMemory {
		err = errors.New("give at least 1kB")
	}
	return n, err
}

// parseSize reads a positive number of bytes such as 1000, 64kB or 1.5GiB.
func parseSize(text string) (int64, error) {
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	unit, ok := map[string]float64{
		"": 1, "b": 1,
		"kb": 1e3, "mb": 1e6, "gb": 1e9,
		"k": 1 << 10, "m": 1 << 20, "g": 1 << 30,
		"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30,
	}[strings.ToLower(strings.TrimSpace(text[len(digits):]))]
	n, err := strconv.ParseFloat(digits, 64)
	if size := n * unit; ok && err == nil && size >= 1 && size <= 1<<50 {
		return int64(size), nil
	}
	return 0, errors.New("give a size such as 500kB, 64MB or 2GiB")
}
