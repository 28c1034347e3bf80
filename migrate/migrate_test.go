package migrate

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"keyrake/config"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/known"
)

var update = flag.Bool("update", false, "write testdata/all.want")

func options() Options {
	have := []string{"github-token", "generic-secret", "generic-password", "jwt"}
	return Options{Have: func(id string) bool { return slices.Contains(have, id) }}
}

// TestFile imports one file that has everything, and compares what comes out.
// The files load here as they do in a scan.
func TestFile(t *testing.T) {
	data, err := os.ReadFile("testdata/all.toml")
	if err != nil {
		t.Fatal(err)
	}
	im, err := Gitleaks("all.toml", data, options())
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	got.Write(im.RulesYAML())
	got.WriteString("----\n")
	got.Write(im.ConfigYAML("scan-rules.yaml"))
	got.WriteString("----\n")
	for _, r := range im.Remarks {
		got.WriteString(r.String() + "\n")
	}
	if *update {
		if err := os.WriteFile("testdata/all.want", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/all.want")
	if err != nil || got.String() != string(want) {
		t.Errorf("%v, got\n%s", err, got.String())
	}
	loads(t, im)
}

// loads checks that what was written is read as it was meant.
func loads(t *testing.T, im *Import) {
	t.Helper()
	if text := im.RulesYAML(); text != nil {
		list, err := rules.Parse("r", text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if got, want := fmt.Sprintf("%+v", list), fmt.Sprintf("%+v", im.Rules); got != want {
			t.Errorf("the rules are\n%s, want\n%s", got, want)
		}
	}
	text := im.ConfigYAML("r")
	s, err := config.Load(config.Files{Read: func(string, int64) ([]byte, error) { return text, nil }}, "c")
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	entries := s.Entries()
	if len(entries) != len(im.Allows) {
		t.Fatalf("%d entries, want %d", len(entries), len(im.Allows))
	}
	for i, e := range entries {
		if e.When.String() != im.Allows[i].When.String() || e.Reason != oneLine(im.Allows[i].Reason) {
			t.Errorf("entry %d is %s -- %s", i, e.When, e.Reason)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a = 5m\n", "f:1: "},
		{"rules = 3\n", "f:1: "},
		{"[allowlist]\npaths=['a']\n[[allowlists]]\npaths=['b']\n", "cannot be used together"},
		{"[extend]\nuseDefault=true\npath='x'\n", "cannot be used together"},
	} {
		if _, err := Gitleaks("f", []byte(c.text), options()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.text, err, c.want)
		}
	}
}

// TestExtends: rules of an extended file come along, and where both have a rule
// the one that extends wins and gets the allowlists of both.
func TestExtends(t *testing.T) {
	opt := options()
	files := map[string]string{
		"base.toml": "[extend]\npath='more.toml'\n[[rules]]\nid='one'\nregex='base_[a-z]{20}'\n[[rules.allowlists]]\nstopwords=['b']\n[[rules]]\nid='two'\nregex='two_[a-z]{20}'\n",
		"more.toml": "[extend]\npath='deep.toml'\n[[rules]]\nid='three'\nregex='three_[a-z]{20}'\n",
	}
	opt.Read = func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, os.ErrNotExist
		}
		return []byte(text), nil
	}
	im, err := Gitleaks("f", []byte("[extend]\npath='base.toml'\n[[rules]]\nid='one'\nregex='top_[a-z]{20}'\n"), opt)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range im.Rules {
		ids = append(ids, r.ID+" "+strings.Join(r.Keywords, " "))
	}
	if got := strings.Join(ids, ", "); got != "one top_, two two_, three three_" {
		t.Errorf("rules %s", got)
	}
	if got := im.Allows[0].When.String(); got != "rules one or words b" {
		t.Errorf("allows %s", got)
	}
	if got := fmt.Sprint(im.Remarks); !strings.Contains(got, "gitleaks follows no more than two files") {
		t.Errorf("remarks %s", got)
	}
	loads(t, im)
}

func TestIgnore(t *testing.T) {
	list, remarks := Ignore([]byte("# x\n\na/b.go:rule:3\nABCD:a\\c.go:rule:4\nnonsense\na:b:c\n"))
	if len(list) != 2 || list[0].Spot != (known.Spot{Path: "a/b.go", Line: 3}) || list[1].Spot != (known.Spot{Commit: "abcd", Path: "a/c.go", Line: 4}) {
		t.Errorf("%+v", list)
	}
	if len(remarks) != 2 || remarks[0].Line != 5 || remarks[1].Line != 6 {
		t.Errorf("%v", remarks)
	}
}

// TestMatch: a secret decides where the file tells it, else the place does.
func TestMatch(t *testing.T) {
	at := func(secret, path string, line int, commit string) finding.Finding {
		return finding.Finding{Rule: &rules.Rule{ID: "r"}, Secret: finding.NewSecret([]byte(secret)),
			Places: []finding.Place{{Path: path, Line: line, Commit: &finding.Commit{ID: commit}}}}
	}
	fs := []finding.Finding{at("alpha", "a", 1, "c1"), at("beta", "a", 1, "c2"), at("gamma", "b", 2, "c1")}
	report, err := Report("f", []byte(`[{"RuleID":"x","File":"a","StartLine":9,"Commit":"c1","Secret":"beta"},{"RuleID":"x","File":"b","StartLine":2,"Secret":"REDACTED"},{"RuleID":"x","File":"b","StartLine":3,"Secret":"alp..."}]`))
	if err != nil {
		t.Fatal(err)
	}
	const shaOfAlpha = "be76331b95dfc399cd776d2fc68021e0db03cc4f"
	secrets, remarks, err := DetectSecrets("f", []byte(`{"version":"1.5.0","plugins_used":[],"filters_used":[{"path":"detect_secrets.filters.regex.should_exclude_line","pattern":["x"]}],"results":{"z":[
		{"type":"T","hashed_secret":"`+shaOfAlpha+`","line_number":7,"is_secret":false},
		{"type":"T","hashed_secret":"00","line_number":1},{"type":"T","hashed_secret":"01","line_number":2,"is_secret":true}]}}`))
	if err != nil || len(remarks) != 2 || len(secrets) != 2 {
		t.Fatalf("%v %v %v", err, remarks, secrets)
	}
	list := append(append(report, secrets...),
		Entry{Spot: known.Spot{Path: "a", Line: 1}}, Entry{Spot: known.Spot{Commit: "c2", Path: "a", Line: 1}}, Entry{Spot: known.Spot{Commit: "c9", Path: "b", Line: 2}})
	hits, loose := Match(fs, list)
	if got := fmt.Sprint(hits, loose); got != "[[1] [2] [] [0] [] [0 1] [1] [2]] [false false false false false false false true]" {
		t.Error(got)
	}
	for _, bad := range []string{"", "{}", "[1]"} {
		if _, _, err := DetectSecrets("f", []byte(bad)); err == nil {
			t.Errorf("%q is a baseline", bad)
		}
		if _, err := Report("f", []byte(bad)); err == nil {
			t.Errorf("%q is a report", bad)
		}
	}
}

// FuzzGitleaks holds that whatever is in a file, it is refused or becomes files
// that load.
func FuzzGitleaks(f *testing.F) {
	data, err := os.ReadFile("testdata/all.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("[[rules]]\nid=\"a\"\nregex='''(?i)(x{1,5}|y+)$'''\nkeywords=['abc']\npath='''\\.go'''\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if im, err := Gitleaks("f", data, options()); err == nil {
			loads(t, im)
		}
	})
}
