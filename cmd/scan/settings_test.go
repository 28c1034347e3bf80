package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"keyrake/config"
)

// settle gives the settings of a call in an empty folder outside of a
// repository, with a file of settings.
func settle(t *testing.T, file string, env environment, args ...string) (*command, *settings, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if file != "" {
		if err := os.WriteFile("c.yaml", []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", "c.yaml")
	}
	failOn := ""
	c, err := parseFlags(args, func(fs *pflag.FlagSet) {
		// Whoever adds the flag has its setting at once.
		if fs.Lookup(config.FailOn) == nil {
			fs.StringVar(&failOn, config.FailOn, "", "")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := gather(c, env)
	return c, s, err
}

// TestEverySettingHasAll holds that each setting can be said in a file, by a
// variable and by a flag, each stronger than the one before.
func TestEverySettingHasAll(t *testing.T) {
	values := map[string][3]string{
		config.MinConfidence: {"0.1", "0.2", "0.3"}, config.FailOn: {"low", "medium", "high"}, config.MaxFileSize: {"1kB", "2kB", "3kB"},
		config.Format: {"json", "jsonl", "text"}, config.Baseline: {"a", "b", "c"}, config.ShowSuppressed: {"true", "false", "true"},
	}
	for _, key := range config.Singles() {
		v, ok := values[key]
		if !ok {
			t.Fatalf("the test does not know %s", key)
		}
		file, env, flag := key+": "+v[0]+"\n", environment{variable(key) + "=" + v[1]}, "--"+key+"="+v[2]
		for _, c := range []struct {
			env  environment
			args []string
			want string
		}{
			{nil, nil, v[0] + " c.yaml:1"},
			{env, nil, v[1] + " " + variable(key)},
			{env, []string{flag}, v[2] + " --" + key},
			{nil, []string{flag}, v[2] + " --" + key},
		} {
			cmd, s, err := settle(t, file, c.env, c.args...)
			if err != nil {
				t.Errorf("%s: %v", key, err)
				continue
			}
			got, _ := s.Single(key)
			if text := got.Text + " " + got.From.String(); text != c.want {
				t.Errorf("%s: %q, want %q", key, text, c.want)
			}
			// The baseline is read by its name and not through the flag.
			set := given(cmd.flags.Lookup(key))
			if want, _, _ := strings.Cut(c.want, " "); set != want && key != config.Baseline {
				t.Errorf("%s: the flag is %q, want %q", key, set, want)
			}
		}
		if _, s, err := settle(t, "", nil); err != nil || fmt.Sprint(s.Single(key)) != fmt.Sprint(config.Value{}, false) {
			t.Errorf("%s without a word: %v, %v", key, s, err)
		}
	}
	for _, key := range config.Plurals() {
		_, s, err := settle(t, key+": [a]\n", environment{variable(key) + "= b,c "}, "--"+key, "d")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range s.Plural(key) {
			got = append(got, filepath.ToSlash(v.Text)+" "+v.From.String())
		}
		want := "a c.yaml:1|b " + variable(key) + "|c " + variable(key) + "|d --" + key
		if text := strings.Join(got, "|"); text != want {
			t.Errorf("%s: %s, want %s", key, text, want)
		}
	}
}

// TestVariablesAreDocumented: the help of the verb names every variable.
func TestVariablesAreDocumented(t *testing.T) {
	help := configVerb().usage()
	for _, key := range append(append(config.Singles(), config.Plurals()...), "config", "no-repo-config") {
		if !strings.Contains(help, variable(key)) {
			t.Errorf("scan config --help does not name %s", variable(key))
		}
	}
}

// TestFloor: what a file asks of the confidence is looked for all the same, what
// a variable or a flag asks is not.
func TestFloor(t *testing.T) {
	for _, c := range []struct {
		file  string
		env   environment
		args  []string
		gate  float64
		floor float64
	}{
		{"min-confidence: 0.9\n", nil, nil, 0, 0.9},
		{"min-confidence: 0.3\n", nil, nil, 0.3, 0},
		{"min-confidence: 0.9\n", environment{"SCAN_MIN_CONFIDENCE=0.8"}, nil, 0.8, 0},
		{"min-confidence: 0.9\n", nil, []string{"--min-confidence=0.7"}, 0.7, 0},
	} {
		cmd, s, err := settle(t, c.file, c.env, c.args...)
		if err != nil || gate(cmd) != c.gate || s.floor.Confidence != c.floor {
			t.Errorf("%+v: gate %v, floor %v, %v", c, gate(cmd), s.floor, err)
		}
	}
}
