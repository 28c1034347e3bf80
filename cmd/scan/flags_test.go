package main

import (
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"keyrake/rules"
)

func TestParseFlags(t *testing.T) {
	base := func(change func(*command)) *command {
		c := &command{format: "text", color: "auto", hyperlink: "auto", jobs: runtime.GOMAXPROCS(0), memory: defaultMemory, archives: archiveDepth, failOn: usualThreshold()}
		change(c)
		return c
	}
	tests := []struct {
		args string
		want *command
	}{
		{"", base(func(c *command) {})},
		{"a b", base(func(c *command) { c.paths = []string{"a", "b"} })},
		{"a --no-ignore b", base(func(c *command) { c.paths, c.noIgnore = []string{"a", "b"}, true })},
		{"--staged", base(func(c *command) { c.mode = modeStaged })},
		{"--history", base(func(c *command) { c.mode = modeHistory })},
		{"--history repo --full-scan", base(func(c *command) { c.mode, c.paths, c.fullScan = modeHistory, []string{"repo"}, true })},
		{"--max-archive-depth 0", base(func(c *command) { c.archives = 0 })},
		{"--stdin", base(func(c *command) { c.mode = modeStdin })},
		{"-", base(func(c *command) { c.mode = modeStdin })},
		{"--stdin -", base(func(c *command) { c.mode = modeStdin })},
		{"-- - --staged", base(func(c *command) { c.paths = []string{"-", "--staged"} })},
		{"--rules a,b --rules c", base(func(c *command) { c.ruleFiles = []string{"a,b", "c"} })},
		{"-qj3 -o out --format=json", base(func(c *command) { c.quiet, c.jobs, c.output, c.format = true, 3, "out", "json" })},
		{"-o -", base(func(c *command) {})},
		{"--color never --show-secrets --stats", base(func(c *command) { c.color, c.showSecrets, c.stats = "never", true, true })},
		{"--memory 1.5GiB --max-file-size 20kB", base(func(c *command) { c.memory, c.maxFileBytes = 3<<29, 20_000 })},
		{"--min-confidence 0.25", base(func(c *command) { c.minConfidence = 0.25 })},
		{"--report html=x --report sarif=a=b", base(func(c *command) { c.reports = []target{{"html", "x"}, {"sarif", "a=b"}} })},
		{"--report json=-", base(func(c *command) { c.reportsOnly, c.reports = true, []target{{"json", ""}} })},
		{"--report json=- -o x", base(func(c *command) { c.output, c.reports = "x", []target{{"json", ""}} })},
		{"--fail-on high,0.9 --exit-zero", base(func(c *command) {
			c.failOn, c.exitZero = threshold{text: "high,0.9", severity: rules.High, confidence: 0.9}, true
		})},
		{"--version --staged --history", base(func(c *command) { c.version = true })},
		{"--help a -", base(func(c *command) { c.help = true })},
	}
	for _, test := range tests {
		got, err := parseFlags(strings.Fields(test.args))
		if err != nil {
			t.Errorf("scan %s: %v", test.args, err)
			continue
		}
		got.flags = nil
		if len(got.paths) == 0 {
			got.paths = nil
		}
		if len(got.ruleFiles) == 0 {
			got.ruleFiles = nil
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("scan %s:\n got %+v\nwant %+v", test.args, got, test.want)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	tests := []struct {
		args []string
		want string // text and hint
	}{
		{[]string{"--staged", "--history"}, "--staged and --history cannot be used together"},
		{[]string{"--history", "-"}, "--history and --stdin cannot be used together"},
		{[]string{"--history", "a", "b"}, "--history reads one repository, but 2 are named: a, b"},
		{[]string{"--staged", "a"}, `--staged takes no PATH, but "a" is named`},
		{[]string{"--stdin", "a"}, `--stdin takes no PATH, but "a" is named`},
		{[]string{"-", "a"}, `"-" means standard input`},
		{[]string{""}, "a PATH is empty"},
		{[]string{"-o", ""}, "--output needs the name of a file"},
		{[]string{"--history", "--no-ignore"}, "--no-ignore is about files on disk and cannot be used with --history"},
		{[]string{"--histroy"}, "unknown flag --histroy|did you mean --history?"},
		{[]string{"--hist"}, "unknown flag --hist|did you mean --history?"},
		{[]string{"--colour=never"}, "unknown flag --colour|did you mean --color?"},
		{[]string{"-staged"}, "unknown flag -staged|did you mean --staged?"},
		{[]string{"--frobnicate"}, "unknown flag --frobnicate|"},
		{[]string{"-x"}, "unknown flag -x|.scanignore accepts paths"},
		{[]string{"-y"}, "unknown flag -y|"},
		{[]string{"--json"}, "unknown flag --json|--format json"},
		{[]string{"--jobs"}, "--jobs needs a value"},
		{[]string{"-j"}, "--jobs needs a value"},
		{[]string{"-j", "0"}, `--jobs "0": give a number from 1 to 1024`},
		{[]string{"-j", "many"}, `--jobs "many": give a number from 1 to 1024`},
		{[]string{"--format", "xml"}, `--format "xml": use one of text, json`},
		{[]string{"--report", "json"}, `--report "json": give FORMAT=FILE`},
		{[]string{"--report", "json=-", "--format", "text"}, "two reports are to go to standard output"},
		{[]string{"--report", "json=a/../x", "-o", "x"}, "two reports are to go to a/../x"},
		{[]string{"--fail-on", "0.5,0.6"}, `--fail-on "0.5,0.6": give a severity`},
		{[]string{"--fail-on", "NaN"}, `--fail-on "NaN": give a severity`},
		{[]string{"--color", "maybe"}, `--color "maybe": use one of auto, always, never`},
		{[]string{"--min-confidence", "NaN"}, `--min-confidence "NaN": give a number from 0 to 1`},
		{[]string{"--memory", "big"}, `--memory "big": give a size such as`},
		{[]string{"--staged=perhaps"}, `--staged takes no value, but is given "perhaps"`},
		{[]string{"--=x"}, "bad flag syntax"},
	}
	for _, test := range tests {
		_, err := parseFlags(test.args)
		var wrong *usageError
		if !errors.As(err, &wrong) {
			t.Errorf("scan %q: %v, want a usage error", test.args, err)
			continue
		}
		if got := wrong.text + "|" + wrong.hint; !strings.Contains(got, test.want) {
			t.Errorf("scan %q: %s, want %s", test.args, got, test.want)
		}
	}
}

func TestParseSize(t *testing.T) {
	tests := map[string]int64{
		"1": 1, "1000": 1000, "1kB": 1000, "1KB": 1000, "2 MB": 2e6, "3GB": 3e9, "1K": 1024, "1KiB": 1024, "2m": 2 << 20, "0.5GiB": 1 << 29,
		"": -1, "0": -1, "-1": -1, "kB": -1, "1TB": -1, "1e3": 1000, "0x10": -1, "NaN": -1, "Inf": -1, "1e300": -1, "1kBB": -1, "9999999GiB": -1,
	}
	for text, want := range tests {
		got, err := parseSize(text)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("parseSize(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

// TestTablesNameEveryFlag compares what is told of flags with the flags.
func TestTablesNameEveryFlag(t *testing.T) {
	var defined []string
	newFlagSet(&command{}).VisitAll(func(f *pflag.Flag) { defined = append(defined, f.Shorthand+" "+f.Name) })
	for _, flag := range modeFlags[modeStaged:] {
		defined = append(defined, " "+strings.TrimPrefix(flag, "--"))
	}
	defined = append(defined, " verify-gone") // a verb as a flag, taken before the others
	var documented []string
	for _, s := range scanSections() {
		for _, o := range s.options {
			documented = append(documented, o.short+" "+o.name)
		}
	}
	slices.Sort(defined)
	slices.Sort(documented)
	if !slices.Equal(defined, documented) {
		t.Errorf("defined    %q\ndocumented %q", defined, documented)
	}
}

// TestUsageFits holds the texts of --help to the width of a plain terminal.
func TestUsageFits(t *testing.T) {
	texts := map[string]string{"scan": usage()}
	for _, s := range subcommands() {
		texts[s.name] = s.usage()
	}
	for name, text := range texts {
		for i, line := range strings.Split(text, "\n") {
			if len([]rune(line)) > usageWidth {
				t.Errorf("%s --help, line %d is wider than %d columns: %s", name, i+1, usageWidth, line)
			}
		}
	}
}
