package rules

import (
	"fmt"
	"strings"
	"testing"
)

// file returns a rule file with one rule that is fine but for the given lines,
// which replace or follow the lines with the same key. The rule starts on line 2.
func file(lines ...string) string {
	fields := []string{
		"id: acme-token", "title: Acme token", "provider: acme", "keywords: [acme_]",
		"pattern: 'acme_[A-Za-z0-9]{20}'", "remedy: Ask Acme.",
	}
next:
	for _, l := range lines {
		key, _, _ := strings.Cut(l, ":")
		for i, f := range fields {
			if strings.HasPrefix(f, key+":") {
				fields[i] = l
				continue next
			}
		}
		fields = append(fields, l)
	}
	return "rules:\n  - " + strings.Join(fields, "\n    ") + "\n"
}

func TestParse(t *testing.T) {
	got, err := Parse("rules.yaml", []byte(file(
		"severity: critical", "near: [acme.dev]", "pattern: 'acme_(?P<key>[A-Za-z0-9]{20})'", "secret: key",
		"boundary: left", "confidence: 0.9", "generic: true", "proof: jwt", "entropy: 3.5", "examples: [a, b]")))
	if err != nil {
		t.Fatal(err)
	}
	want := Rule{
		ID: "acme-token", Title: "Acme token", Provider: "acme", Severity: Critical, Kind: Token,
		Keywords: []string{"acme_"}, Pattern: "acme_(?P<key>[A-Za-z0-9]{20})", Near: []string{"acme.dev"},
		Secret: 1, Boundary: BoundaryLeft, Entropy: 3.5, Proof: "jwt", Before: 400, After: 400,
		Confidence: 0.9, Generic: true, Remedy: "Ask Acme.", Examples: []string{"a", "b"},
	}
	if g, w := fmt.Sprintf("%+v", got[0]), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"", "r.yaml:1: the file is empty: list at least one rule under rules"},
		{"rules: []\n", "r.yaml:1: the file holds no rules: list at least one under rules"},
		{"a: b: c\n", "r.yaml:1: not valid YAML: mapping values are not allowed in this context"},
		{"- x\n", "r.yaml:1: the file is not a mapping with the key rules"},
		{"rule: []\n", "r.yaml:1: key \"rule\" is unknown: did you mean \"rules\"?\nr.yaml:1: the key rules is missing"},
		{"rules: 3\n", "r.yaml:1: rules is not a list"},
		{"rules:\n  - 3\n", "r.yaml:2: a rule is not a mapping"},
		{"rules: []\n---\nrules: []\n", "r.yaml:2: the file holds a second YAML document: keep all rules in one list"},
		{"rules: []\n---\na: b: c\n", "r.yaml:3: not valid YAML: mapping values are not allowed in this context"},
		{"rules: &a [*a]\n", "r.yaml:1: YAML alias *a is not allowed: write the value out"},
		{file("keyword: [x]"), `r.yaml:8: rule acme-token: key "keyword" is unknown: did you mean "keywords"?`},
		{file("colour: red"), `r.yaml:8: rule acme-token: key "colour" is unknown: known are ` + strings.Join(ruleKeys, ", ")},
		{file("severity: bad"), `r.yaml:8: rule acme-token: severity "bad" is not one of info, low, medium, high, critical`},
		{file("severity: low", "near: x"), "r.yaml:9: rule acme-token: near is not a list"},
		{file("near: [[x]]"), "r.yaml:8: rule acme-token: near holds something that is not a text"},
		{file("title:"), "r.yaml:3: rule acme-token: title is not a text"},
		{file("generic: yes"), "r.yaml:8: rule acme-token: generic is not true or false"},
		{file("confidence: much"), `r.yaml:8: rule acme-token: confidence "much" is not a number`},
		{file("confidence: 2"), "r.yaml:8: rule acme-token: confidence 2 is not above 0 and at most 1"},
		{file("entropy: NaN"), "r.yaml:8: rule acme-token: entropy NaN is not between 0 and 8 bits per character"},
		{file("keywords: [ab]"), `r.yaml:5: rule acme-token: keyword "ab" is shorter than 3 bytes: it would stop the search at too many places` + "\n" +
			"r.yaml:6: rule acme-token: pattern can match text that holds none of the keywords, which the search would miss: spell a keyword out in every branch"},
		{file("keywords: [ACME_]"), `r.yaml:5: rule acme-token: keyword "ACME_" is not lower case: letter case is ignored, write "acme_"` + "\n" +
			"r.yaml:6: rule acme-token: pattern can match text that holds none of the keywords, which the search would miss: spell a keyword out in every branch"},
		{file("keywords: [acme_, acme_]"), `r.yaml:5: rule acme-token: keyword "acme_" is there twice`},
		{file("keywords: []"), "r.yaml:5: rule acme-token: keywords are missing: the search needs at least one to find the rule's matches; whole: true does without, and is slower"},
		{file("pattern: 'acme_(['"), "r.yaml:6: rule acme-token: pattern does not compile: missing closing ]: `[`"},
		{file("pattern: 'acme_(?=x)'"), "r.yaml:6: rule acme-token: pattern does not compile: invalid or unsupported Perl syntax: `(?=` (look-around and atomic groups need backtrack: true)"},
		{file("pattern: 'acme_[a-z]+'"), "r.yaml:6: rule acme-token: the pattern has no longest match: bound its quantifiers or declare reach: {before: N, after: N}"},
		{file("pattern: 'acme_(?:[a-z]{900}){1,20}'"), "r.yaml:6: rule acme-token: pattern does not compile: invalid repeat count: `{1,20}`"},
		{file("pattern: 'acme_(?:[^a]{100}[^b]{900}){5}'", "reach: {after: 70000}"), "r.yaml:6: rule acme-token: pattern does not compile: invalid repeat count: `{5}`"},
		{file("pattern: '^acme_[a-z]{9}'"), "r.yaml:6: rule acme-token: pattern asks for the start or end of the text, which a window does not have: use (?m)^ and (?m)$ for lines or boundary for neighbours"},
		{file("pattern: '(?:acme_)?'"), "r.yaml:6: rule acme-token: pattern matches the empty text\n" +
			"r.yaml:6: rule acme-token: pattern can match text that holds none of the keywords, which the search would miss: spell a keyword out in every branch"},
		{file("secret: 1"), "r.yaml:8: rule acme-token: secret names group 1, but the pattern has 0"},
		{file("secret: key"), `r.yaml:8: rule acme-token: secret names group "key", which the pattern does not have`},
		{file("name: token"), "r.yaml:8: rule acme-token: name belongs to rules of kind assignment: remove it or set kind: assignment"},
		{file("kind: assignment", "name: '('"), "r.yaml:9: rule acme-token: name does not compile: missing closing ): `(?i)(`"},
		{file("proof: jtw"), `r.yaml:8: rule acme-token: proof "jtw" does not exist: did you mean "jwt"?`},
		{file("reach: {before: 10}"), "r.yaml:8: rule acme-token: reach.before 10 is less than the 96 bytes that the pattern needs: raise it or bound the pattern"},
		{file("reach: {after: 70000}"), "r.yaml:8: rule acme-token: reach.after 70000 is more than the ceiling of 65536 bytes"},
		{file("reach: {after: x}"), `r.yaml:8: rule acme-token: reach.after "x" is not a number of bytes above 0`},
		{file("reach: {afer: 9}"), `r.yaml:8: rule acme-token: key "afer" is unknown: did you mean "after"?`},
		{file("pattern: '[a-z]+acme_'", "reach: {after: 99}"), "r.yaml:8: rule acme-token: reach.before is missing"},
		{file("id: Acme"), `r.yaml:2: rule Acme: id "Acme" is not lower-case words joined by hyphens, at most 64 bytes`},
		{file("remedy: ''"), "r.yaml:7: rule acme-token: remedy is missing: say how to revoke and rotate, and where"},
		{file() + file()[7:], "r.yaml:8: rule acme-token: the id is already used on line 2"},
		{file("backtrack: true", "pattern: 'acme_(?:[a-z]+)+'", "reach: {after: 99}"), "r.yaml:6: rule acme-token: " + errNested.Error()},
	} {
		_, err := Parse("r.yaml", []byte(c.src))
		if err == nil {
			t.Errorf("%q: no error, want %s", c.src, c.want)
		} else if err.Error() != c.want {
			t.Errorf("%q:\ngot  %s\nwant %s", c.src, err, c.want)
		}
	}
}

func TestParseRefusesLargeFiles(t *testing.T) {
	_, err := Parse("r.yaml", make([]byte, maxFile+1))
	if want := "r.yaml:1: the file has 4194305 bytes, more than the 4194304 that a rule file may have"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(file()))
	f.Add([]byte(file("backtrack: true", `pattern: 'acme_(?<!x)(a|b)\1*'`, "reach: {before: 9, after: 99}")))
	f.Add([]byte(file("kind: assignment", "secret: x", "near: [y]")))
	f.Add([]byte("rules: &a [*a]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		list, err := Parse("f.yaml", src)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "f.yaml:") {
					t.Fatalf("an error without file and line: %q", line)
				}
			}
			return
		}
		for i := range list {
			if err := Check(&list[i]); err != nil {
				t.Fatalf("Parse let a bad rule through: %v", err)
			}
		}
		if _, err := NewSet(list); err != nil {
			t.Fatalf("Parse let a bad list through: %v", err)
		}
	})
}
