package known

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

// cheap is a baseline whose slow hash costs nothing.
func cheap() *Baseline {
	b := NewBaseline("b", func(key []byte) { key[0] = 1 })
	b.key.cost = cost{8, 1}
	return b
}

func found(rule, secret string) finding.Finding {
	return finding.Finding{
		Rule: &rules.Rule{ID: rule}, Secret: finding.NewSecret([]byte(secret)), Confidence: 0.9,
		Places: []finding.Place{{Kind: finding.Blob, Path: "p", Object: "o", Line: 1}},
	}
}

func TestBaselineFile(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	token := drawn(rng, base62, 40)
	b := cheap()
	fs := []finding.Finding{found("z", token), found("a", "hunter2"), found("a", "letmein"), found("b", "hunter2")}
	if added, left := b.Add(fs, " several\n words ", 3); added != 3 || left != 0 {
		t.Errorf("%d added, %d left", added, left)
	}
	if added, _ := b.Add(fs, "", 1); added != 0 {
		t.Errorf("%d added again", added)
	}
	text := string(b.Bytes())
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 6 || !slices.IsSorted(lines[3:]) || !strings.HasSuffix(lines[4], " -- several words") {
		t.Errorf("the file is\n%s", text)
	}
	for _, bad := range []string{token[:8], "hunter2", "letmein", "p:1"} {
		if strings.Contains(text, bad) {
			t.Errorf("the file holds %q", bad)
		}
	}
	again, err := ParseBaseline("b", []byte(text))
	if err != nil || string(again.Bytes()) != text {
		t.Fatalf("%v\n%s", err, again.Bytes())
	}
	in, _ := again.lookup(fs, 2)
	if len(in) != 3 || in[token] == nil || in["hunter2"] == nil {
		t.Errorf("known again: %v", in)
	}
	if in, _ := again.lookup([]finding.Finding{found("a", "hunter3"), found("z", token[1:]+"x")}, 2); len(in) != 0 {
		t.Errorf("other secrets are known: %v", in)
	}
	gone, _ := again.Prune(fs[:1], func(rule string) bool { return rule != "b" }, 1)
	if len(gone) != 2 || again.Len() != 1 {
		t.Errorf("gone %v, left %d", gone, again.Len())
	}
}

// TestPruneKeepsOtherRules: what nobody looked for may be there.
func TestPruneKeepsOtherRules(t *testing.T) {
	b := cheap()
	b.Add([]finding.Finding{found("a", "hunter2"), found("b", "letmein")}, "", 1)
	gone, _ := b.Prune(nil, func(rule string) bool { return rule == "a" }, 1)
	if len(gone) != 1 || gone[0].Rule != "a" || b.Len() != 1 {
		t.Errorf("gone %v, left %d", gone, b.Len())
	}
}

// TestMergedBaselines: two branches add to one file; keeping the lines of both,
// in any order, accepts what both accepted.
func TestMergedBaselines(t *testing.T) {
	base := cheap()
	base.Add([]finding.Finding{found("a", "one")}, "", 1)
	var sides [2][]string
	for i, secret := range []string{"two", "three"} {
		side, err := ParseBaseline("b", base.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		side.Add([]finding.Finding{found("a", secret)}, "", 1)
		sides[i] = slices.Collect(strings.Lines(string(side.Bytes())))
	}
	both, err := ParseBaseline("b", []byte(strings.Join(sides[0], "")+strings.Join(sides[1], "")))
	if err != nil || both.Len() != 3 {
		t.Fatalf("%v, %d lines", err, both.Len())
	}
}

// TestSlowIsBounded: a baseline without guessable secrets costs nothing slow,
// and one with them no more than maxDerived.
func TestSlowIsBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	b := cheap()
	b.key.cost = cost{1 << 20, 1000} // would take minutes
	b.Add([]finding.Finding{found("a", drawn(rng, base62, 40))}, "", 1)
	if in, limit := b.lookup([]finding.Finding{found("a", "hunter2")}, 1); len(in) != 0 || limit != "" {
		t.Errorf("%v, %q", in, limit)
	}
	b = cheap()
	b.Add([]finding.Finding{found("a", "pw0")}, "", 1)
	var fs []finding.Finding
	for i := range maxDerived + 3 {
		fs = append(fs, found("a", fmt.Sprintf("pw%d", i)))
	}
	in, limit := b.lookup(fs, 2)
	if len(in) != 1 || !strings.HasPrefix(limit, "b: 3 secrets were not compared") {
		t.Errorf("%v, %q", in, limit)
	}
	if _, left := b.Add(fs, "", 2); left != 3 {
		t.Errorf("%d left", left)
	}
	if _, left := b.Prune(fs, func(string) bool { return true }, 2); left != 3 {
		t.Errorf("%d left", left)
	}
}

func TestParseBaselineFaults(t *testing.T) {
	salt := "# salt " + strings.Repeat("00", keySize) + " argon2id m=7168 t=5 p=1\n"
	line := "rule f:" + strings.Repeat("00", digestSize)
	for _, c := range []struct{ text, want string }{
		{"", "is missing"},
		{"x", "b:1: this is no baseline"},
		{firstLine + "\n", "b:1: the line \"# salt …\" is missing"},
		{firstLine + "\n" + salt, ""},
		{firstLine + "\r\n" + salt + line + "\r\n", ""},
		{firstLine + "\n" + salt + line + " -- why\n# remark\n", ""},
		{firstLine + "\n" + salt + "rule\n", "b:3: the line is not"},
		{firstLine + "\n" + salt + line + "00\n", "b:3: the line is not"},
		{firstLine + "\n" + salt + line[:len(line)-1] + "x\n", "b:3: the line is not"},
		{firstLine + "\n" + salt + line + " more\n", "b:3: the line is not"},
		{firstLine + "\n" + salt + strings.Replace(line, "f:", "q:", 1), "b:3: a hash of the kind 'q'"},
		{firstLine + "\n" + strings.Replace(salt, "argon2id", "md5", 1), "b:2: the salt is not"},
		{firstLine + "\n" + strings.Replace(salt, "p=1", "p=9", 1), "b:2: the salt is not"},
		{firstLine + "\n" + strings.Replace(salt, "7168", "x", 1), "b:2: the salt is not"},
		{firstLine + "\n" + strings.Replace(salt, "7168", "99999999999", 1), "b:2: the cost"},
		{firstLine + "\n" + strings.Replace(salt, "t=5", "t=0", 1), "b:2: the cost"},
		{firstLine + "\n" + strings.Replace(salt, "t=5", "t=11", 1), "b:2: the cost"},
		{firstLine + "\n" + salt + strings.Replace(salt, "00", "01", 1), "b:3: there are two salts"},
		{firstLine + "\n" + salt + salt, ""},
		{strings.Repeat("x", maxBaseline+1), "b: the file has"},
	} {
		_, err := ParseBaseline("b", []byte(c.text))
		if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%q: %s, want %q", c.text[:min(len(c.text), 200)], got, c.want)
		}
	}
}

// FuzzParseBaseline holds that what is accepted is written so that it is
// accepted again as the same.
func FuzzParseBaseline(f *testing.F) {
	b := cheap()
	b.Add([]finding.Finding{found("a", "hunter2"), found("b", "letmein")}, "why", 1)
	f.Add(b.Bytes())
	f.Add([]byte(firstLine + "\n# salt\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ParseBaseline("b", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "b:") {
				t.Fatalf("no file in %q", err)
			}
			return
		}
		again, err := ParseBaseline("b", b.Bytes())
		if err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) || again.Len() != b.Len() {
			t.Fatalf("%v\n%q\n%q", err, b.Bytes(), again.Bytes())
		}
	})
}
