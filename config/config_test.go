package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

// tree is files in memory.
func tree(foreign bool, files map[string]string) Files {
	return Files{Foreign: foreign, Read: func(name string, limit int64) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}}
}

func TestParse(t *testing.T) {
	const print = "0123456789abcdef0123456789abcdef"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"comment", "# nothing\n", ""},
		{"null", "~\n", ""},
		{"single", "min-confidence: 0.7\nbaseline: x/y.txt\n", "min-confidence=0.7@f:1 baseline=x/y.txt@f:2"},
		{"one for a list", "disable-rule: a\n", "disable-rule=a@f:1"},
		{"list", "enable-rule:\n  - a\n  - b\n", "enable-rule=a@f:2 enable-rule=b@f:3"},
		{"severity", "severity:\n  a: HIGH\n", "severity:a=high@f:2"},
		{"ignore", "ignore:\n- path: a\n  reason: why  not\n  until: 2027-01-01\n", "entry:a||why not|2027-01-01@f:2"},
		{"allow", "allow: [{fingerprint: '" + print + "', reason: x}]\n", "entry:|" + print + "|x|0001-01-01@f:1"},
		{"unknown", "min-confidance: 1\n", `f:1: key "min-confidance" is unknown: did you mean "min-confidence"?`},
		{"merge key", "<<: {format: text}\n", `f:1: key "<<" is unknown`},
		{"twice", "format: a\nformat: b\n", `f:2: key "format" is there twice`},
		{"a map for a value", "format: {a: b}\n", "f:1: format needs one value"},
		{"no value", "format:\n", "f:1: format needs one value"},
		{"blank", "format: '  '\n", "f:1: format needs one value"},
		{"list in list", "rules: [[a]]\n", "f:1: rules needs one value"},
		{"severity of a list", "severity: [a]\n", "f:1: severity is not a mapping"},
		{"bad severity", "severity: {a: loud}\n", `f:1: severity "loud" is unknown: use one of`},
		{"entries no list", "ignore: a\n", "f:1: this is not a list"},
		{"entry no mapping", "ignore: [a]\n", "f:1: the entry is not a mapping"},
		{"entry unknown", "allow: [{path: a}]\n", `f:1: key "path" is unknown`},
		{"entry without a reason", "ignore: [{path: a}]\n", "f:1: the reason is missing"},
		{"entry without a test", "allow: [{reason: a}]\n", "f:1: the entry does not say what it accepts: give it a fingerprint, or one of rules, paths, "},
		{"tab in the first line", "\tformat: text\n", "f:1: not valid YAML: found character that cannot start any token"},
		{"unknown anchor", "a: 1\nb: *x\n", "f: not valid YAML: unknown anchor"},
		{"entry without a path", "ignore: [{reason: a}]\n", "f:1: the key path is missing"},
		{"entry without end", "ignore: [{path: a, reason: b, until: x}]\n", `f:1: "x" is not a day`},
		{"short print", "allow: [{fingerprint: abc, reason: b}]\n", "f:1: a fingerprint has 32"},
		{"alias", "format: text\nrules: [&a x, *a]\n", "f:2: YAML anchor &a is not allowed"},
		{"bomb", "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "f:1: YAML anchor &a is not allowed"},
		{"deep", strings.Repeat("[", 20) + strings.Repeat("]", 20), "f:1: the file nests more than 8 deep"},
		{"very deep", strings.Repeat("[", 20000), "f"},
		{"wide", "rules: [" + strings.Repeat("a,", maxNodes+1) + "]", "f:1: the file holds more than"},
		{"large", strings.Repeat("#", maxBytes+1), "f: the file has"},
		{"not text", "format: \xff\n", "f: the file is not UTF-8"},
		{"not YAML", "a: [\n", "f:"},
		{"two documents", "format: a\n---\nformat: b\n", "the file holds a second YAML document"},
		{"list", "- a\n", "f:1: the file is not a mapping"},
		{"odd key", "? [a]\n: b\n", "f:1: a key of the file is not a word"},
	} {
		d, err := parse("f", []byte(c.text), false)
		got := fmt.Sprint(err)
		if err == nil {
			got = d.layer.text()
		}
		if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// text writes a layer in one line, for comparisons.
func (l Layer) text() string {
	var parts []string
	for _, key := range Singles() {
		if v, ok := l.Singles[key]; ok {
			parts = append(parts, fmt.Sprintf("%s=%s@%s", key, v.Text, v.From))
		}
	}
	for _, key := range Plurals() {
		for _, v := range l.Plurals[key] {
			parts = append(parts, fmt.Sprintf("%s=%s@%s", key, v.Text, v.From))
		}
	}
	for _, v := range l.Severities {
		parts = append(parts, fmt.Sprintf("severity:%s=%s@%s", v.Rule, v.Severity, v.From))
	}
	for _, e := range l.Entries {
		parts = append(parts, fmt.Sprintf("entry:%s|%s|%s|%s@%s", e.Pattern, e.Fingerprint, e.Reason, e.Until.Format("2006-01-02"), e.From))
	}
	return strings.Join(parts, " ")
}

func TestLoad(t *testing.T) {
	files := map[string]string{
		".scan.yaml":     "extends: [conf/a.yaml, conf/b.yaml]\nformat: json\nrules: own.yaml\n",
		"conf/a.yaml":    "extends: ../c.yaml\nformat: text\nmin-confidence: 0.1\nrules: a.yaml\nbaseline: ../known\n",
		"conf/b.yaml":    "min-confidence: 0.2\ndisable-rule: x\n",
		"c.yaml":         "fail-on: low\nmin-confidence: 0.3\nenable-rule: y\n",
		"circle.yaml":    "extends: d/circle.yaml\n",
		"d/circle.yaml":  "extends: ../circle.yaml\n",
		"self.yaml":      "extends: ./self.yaml\n",
		"lost.yaml":      "extends: none.yaml\n",
		"web.yaml":       "extends: HTTP://x\n",
		"abs.yaml":       "extends: /abs.yaml\n",
		"broken.yaml":    "extends: bad.yaml\n",
		"bad.yaml":       "x: 1\n",
		"many.yaml":      "extends: [" + strings.Repeat("c.yaml, ", 30) + "]\n",
		"outside.yaml":   "baseline: ../../x\n",
		"chain/0.yaml":   "extends: 1.yaml",
		"chain/1.yaml":   "extends: 2.yaml",
		"chain/2.yaml":   "extends: 3.yaml",
		"chain/3.yaml":   "extends: 4.yaml",
		"chain/4.yaml":   "format: text",
		"chain/top.yaml": "extends: 0.yaml",
	}
	s, err := Load(tree(true, files), ".scan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		Format: "json .scan.yaml:2", MinConfidence: "0.2 conf/b.yaml:1", FailOn: "low c.yaml:1", Baseline: "known conf/a.yaml:5", MaxFileSize: " ",
	} {
		v, _ := s.Single(key)
		from := ""
		if v.Text != "" {
			from = v.From.String()
		}
		if got := v.Text + " " + from; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
		if v.Text != "" && (!v.Foreign || !v.InFile()) {
			t.Errorf("%s is not of the repository's file", key)
		}
	}
	var rules []string
	for _, v := range s.Plural(RuleFiles) {
		rules = append(rules, v.Text)
	}
	if got := strings.Join(rules, " "); got != "conf/a.yaml own.yaml" {
		t.Errorf("rule files %s", got)
	}
	for name, want := range map[string]string{
		"circle.yaml":    "circle.yaml:1: d/circle.yaml:1: extends goes in a circle: circle.yaml extends d/circle.yaml extends circle.yaml",
		"self.yaml":      "extends goes in a circle",
		"lost.yaml":      "lost.yaml:1: none.yaml: there is no such file",
		"web.yaml":       "only files can be extended, nothing is fetched",
		"abs.yaml":       "abs.yaml:1: /abs.yaml: there is no such file",
		"broken.yaml":    `broken.yaml:1: bad.yaml:1: key "x" is unknown`,
		"many.yaml":      "too far: at most 20 files, 5 deep",
		"chain/top.yaml": "too far: at most 20 files, 5 deep",
		"none.yaml":      "none.yaml: there is no such file",
	} {
		if _, err := Load(tree(true, files), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if _, err := Load(tree(true, files), "chain/0.yaml"); err != nil {
		t.Errorf("five files deep: %v", err)
	}
	var missing *MissingError
	_, err = Load(tree(false, files), "lost.yaml")
	if _, direct := err.(*MissingError); direct || !errors.As(err, &missing) {
		t.Errorf("a missing base looks like a missing file: %v", err)
	}
	if s, err := Load(tree(true, files), "outside.yaml"); err != nil || s[0].Singles[Baseline].Text != "../../x" {
		t.Errorf("a path out of the repository is for Read to refuse: %v, %v", s, err)
	}
}

func TestOff(t *testing.T) {
	layer := func(enable, disable string) Layer {
		l := Layer{Plurals: map[string][]Value{}}
		for key, text := range map[string]string{EnableRule: enable, DisableRule: disable} {
			for _, id := range strings.Fields(text) {
				l.Plurals[key] = append(l.Plurals[key], Value{Text: id})
			}
		}
		return l
	}
	for _, c := range []struct {
		name   string
		layers Settings
		off    string
	}{
		{"nothing", nil, ""},
		{"disable", Settings{layer("", "a b")}, "a b"},
		{"enable", Settings{layer("a", "")}, "b c"},
		{"enable and disable", Settings{layer("a b", "b")}, "b c"},
		{"a stronger layer turns on again", Settings{layer("", "a"), layer("a b c", "")}, ""},
		{"a stronger layer takes away", Settings{layer("a b", ""), layer("", "a")}, "a c"},
		{"a stronger layer says nothing", Settings{layer("", "a"), layer("", "")}, "a"},
	} {
		var off []string
		for _, id := range []string{"a", "b", "c"} {
			if _, yes := c.layers.Off(func(v Value) bool { return v.Text == id }); yes {
				off = append(off, id)
			}
		}
		if got := strings.Join(off, " "); got != c.off {
			t.Errorf("%s: off are %q, want %q", c.name, got, c.off)
		}
	}
}

// TestStrongestSeverity: of two layers the later one's severity counts.
func TestStrongestSeverity(t *testing.T) {
	s, err := Load(tree(false, map[string]string{"a": "extends: b\nseverity: {r: low}\n", "b": "severity: {r: high, q: info}\n"}), "a")
	if err != nil {
		t.Fatal(err)
	}
	all := s.Severities()
	if len(all) != 2 || all["r"].Severity.String() != "low" || all["r"].From.String() != "a:2" || all["q"].From.String() != "b:1" {
		t.Errorf("%v", all)
	}
}

// FuzzParse holds that whatever is in a file, it is either refused with the
// file's name or makes settings that are text on one line with an origin.
func FuzzParse(f *testing.F) {
	f.Add([]byte("min-confidence: 0.7\nrules: [a, b]\nseverity: {a: low}\nignore: [{path: a, reason: b, until: 2027-01-01}]\nextends: x\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("? ? ? x\n"))
	f.Add([]byte("--- !!map {format: !!binary aGk=}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := parse("f", data, true)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "f:") && len(data) < 100 && !strings.Contains(string(data), "\n") {
					t.Fatalf("no file in %q", line)
				}
			}
			return
		}
		for key, v := range d.layer.Singles {
			if strings.TrimSpace(v.Text) == "" || v.From.Line < 1 || !v.Foreign {
				t.Fatalf("%s is %+v", key, v)
			}
		}
		for _, e := range d.layer.Entries {
			if e.Check() != nil {
				t.Fatalf("%+v", e)
			}
		}
	})
}
