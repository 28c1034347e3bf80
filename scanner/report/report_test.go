package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fatih/color"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

var update = flag.Bool("update", false, "write the golden files")

// madeUp assembles a text that stands for a secret.
func madeUp() string { return "head" + strings.Repeat("-INNER", 5) + "yz" }

func sampleRule() *rules.Rule {
	return &rules.Rule{
		ID: "sample-token", Title: "Sample token", Provider: "sample", Severity: rules.Critical,
		Remedy: "Revoke it in the sample console under Tokens, make a new one with the least rights that it needs, and put that into the secret store.",
	}
}

func sample() *finding.Report {
	day := time.Date(2026, 1, 2, 23, 30, 0, 0, time.FixedZone("", -3*3600))
	commit := &finding.Commit{ID: strings.Repeat("1a2b", 10), Author: "Jane Doe", Email: "jane@example.com", Date: day}
	place := func(kind finding.Kind, path string, line int) finding.Place {
		return finding.Place{Kind: kind, Path: path, Object: strings.Repeat("c0de", 10), Offset: 99, Line: line, Column: 7, EndLine: line, EndColumn: 38, Commit: commit}
	}
	other := *sampleRule()
	other.ID, other.Title, other.Remedy = "other", "Other key", "Rotate it."
	return &finding.Report{
		Findings: []finding.Finding{{
			Rule: sampleRule(), Secret: finding.NewSecret([]byte(madeUp())), Severity: rules.Critical,
			Confidence: 0.9 + 0.08, Proof: "verified", Reasons: []string{"checksum fits"}, Fingerprint: strings.Repeat("ab", 16), InHead: true,
			Places: []finding.Place{
				place(finding.Blob, "src/worker.js", 12), place(finding.Blob, "lib/"+madeUp()+".js", 3), place(finding.CommitMessage, "", 1),
				place(finding.TagMessage, "", 5), place(finding.Blob, "d", 1), place(finding.Blob, "e", 1),
			},
		}, {
			Rule: &other, Secret: finding.NewSecret([]byte("short")), Severity: rules.Low, Confidence: 0.5,
			Places:      []finding.Place{{Kind: finding.Blob, Object: strings.Repeat("beef", 10), Line: 1, Column: 1, EndLine: 1, EndColumn: 5}},
			Unreachable: true,
		}},
		Coverage: finding.Coverage{
			Source: "history", Commits: finding.Count{Reached: 1200, Read: 1200, Bytes: 240_000}, Trees: finding.Count{Reached: 1, Read: 1, Bytes: 34},
			Blobs: finding.Count{Reached: 115_266, Read: 115_265, Bytes: 5_149_000_000}, Unreachable: 3,
			Gaps:  []finding.Gap{{What: "blob " + strings.Repeat("dead", 10), Reason: "it is missing: run git fetch"}},
			Notes: []string{"3 submodules were not entered"},
		},
		Stats: finding.Stats{Elapsed: 8249 * time.Millisecond},
	}
}

// exposures are findings of every sort of exposure.
func exposures() *finding.Report {
	day := time.Date(2026, 1, 2, 23, 30, 0, 0, time.UTC)
	commit := func(digits, author string, days int) *finding.Commit {
		return &finding.Commit{ID: strings.Repeat(digits, 10), Author: author, Date: day.AddDate(0, 0, days)}
	}
	r := sample()
	names := func(n int, prefix string) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("%s%03d", prefix, i))
		}
		return list
	}
	first := commit("1a2b", "Jane\x1b[31m", 0)
	list := []*finding.Exposure{
		{First: first, Introduced: []string{first.ID}, Days: 3, Paths: []string{"src/worker.js"}, Branches: []string{"main"}, Remotes: []string{"origin/main"}, Pushed: true},
		{First: first, Last: first, Removed: commit("3c4d", "Joe", 1), Days: 1, Branches: names(100, "b"), Tags: []string{"v1", madeUp()}, Cut: true},
		{First: first, Last: commit("5e6f", "Joe", 2), Local: true, Branches: []string{"topic"}, Steps: []string{"git commit --amend"}},
		{First: first, Local: true, Branches: []string{"topic"}, Steps: []string{"git rebase -i x topic", "git commit --amend && git rebase --continue"}},
		{Local: true, Only: "stash", Others: []string{"stash@{0}"}, Steps: []string{"git stash drop 'stash@{0}'"}},
		{Partial: true, First: first, Branches: []string{"topic"}, Paths: []string{"src/worker.js"}, IfNew: []string{"git add -- src/worker.js && git commit --amend --no-edit"}},
		{Partial: true, Tags: []string{"v1"}, IfNew: []string{"git filter-repo --force --replace-text x"}},
		{Partial: true, Only: "stash", Others: []string{"stash@{0}"}, IfNew: []string{"git stash drop 'stash@{0}'"}},
		{Only: "unreachable"},
		{First: first, Removed: first, SameText: []finding.Place{{Kind: finding.Blob, Path: "b\nad", Line: 2, Column: 3}, {Path: "c", Line: 1, Column: 1}}},
	}
	f := r.Findings[0]
	f.Places = f.Places[:1]
	r.Findings = nil
	for i, x := range list {
		f.Exposure = x
		f.Places = slices.Clone(f.Places)
		f.Places[0].InHead = i == 0
		f.Unreachable = x.Only == "unreachable"
		r.Findings = append(r.Findings, f)
	}
	return r
}

func render(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var buf bytes.Buffer
	if err := write(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func text(t *testing.T, r *finding.Report, opt Options) string {
	t.Helper()
	return render(t, func(b *bytes.Buffer) error { return Text(b, r, opt) })
}

func jsonText(t *testing.T, r *finding.Report, opt Options) string {
	t.Helper()
	return render(t, func(b *bytes.Buffer) error { return JSON(b, r, opt) })
}

func TestGolden(t *testing.T) {
	tests := map[string]string{
		"sample.txt":     text(t, sample(), Options{}),
		"sample.json":    jsonText(t, sample(), Options{Version: "v1.2.3"}),
		"exposures.txt":  text(t, exposures(), Options{}),
		"exposures.json": jsonText(t, exposures(), Options{Version: "v1.2.3"}),
		"plan.txt": render(t, func(b *bytes.Buffer) error {
			return Cleanup(b, exposures(), &Plan{
				Entries: 7, Omitted: []string{"\u2022\u2022\u2022\u2022 (2 characters)"}, Blobs: []string{strings.Repeat("b10b", 10)},
				Messages: true, Logs: []string{"HEAD"}, Borrowed: []string{"/srv/other/objects"},
			}, Options{})
		}),
	}
	for _, f := range Formats() {
		if f.Name != "text" && f.Name != "json" && f.Name != "html" { // a browser looks at that one
			tests["full-"+f.Name+f.Extension] = written(t, f, full(), Options{Version: "v1.2.3", Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)})
		}
	}
	for name, got := range tests {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; run with -update and read the change:\n%s", name, got)
		}
	}
}

func TestColor(t *testing.T) {
	// The library's global, which looks at stdout, must not matter.
	defer func(old bool) { color.NoColor = old }(color.NoColor)
	color.NoColor = false
	plain, colored := text(t, sample(), Options{}), text(t, sample(), Options{Color: true})
	if strings.Contains(plain, "\x1b") {
		t.Error("colour without being asked for")
	}
	if !strings.Contains(colored, "\x1b[31;1mCRITICAL\x1b[") {
		t.Errorf("the severity has no colour: %q", colored[:60])
	}
	color.NoColor = true
	if text(t, sample(), Options{Color: true}) != colored {
		t.Error("the library's global decides on colour")
	}
	if got := sgr.ReplaceAllString(colored, ""); got != plain {
		t.Error("the texts with and without colour differ")
	}
	if strings.Contains(jsonText(t, sample(), Options{Color: true}), "\x1b") {
		t.Error("JSON with colour")
	}
}

func TestShownMultiLineSecret(t *testing.T) {
	r := sample()
	r.Findings = r.Findings[1:]
	r.Findings[0].Secret = finding.NewSecret([]byte("first\r\nsecond\x1b\nthird"))
	want := "  secret    first\n            second\\x1b\n            third\n"
	if got := text(t, r, Options{ShowSecrets: true}); !strings.Contains(got, want) {
		t.Errorf("got\n%s", got)
	}
}

func TestGapsAndNotesAreCounted(t *testing.T) {
	r := &finding.Report{Coverage: finding.Coverage{Source: "files"}}
	for i := range 25 {
		r.Coverage.Gaps = append(r.Coverage.Gaps, finding.Gap{What: fmt.Sprintf("gap%02d", i), Reason: "r"})
		r.Coverage.Notes = append(r.Coverage.Notes, fmt.Sprintf("note%02d", i))
	}
	out := text(t, r, Options{})
	for _, want := range []string{"(25):", "gap19: r", "and 5 further gaps", "note19", "and 5 further notes"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	for _, bad := range []string{"gap20", "note20"} {
		if strings.Contains(out, bad) {
			t.Errorf("%q stands in\n%s", bad, out)
		}
	}
	if n := strings.Count(jsonText(t, r, Options{}), `"what"`); n != 25 {
		t.Errorf("JSON holds %d gaps, want all 25", n)
	}
}

// TestGapReasonsAreToldOnce keeps a list of many objects with one cause short.
func TestGapReasonsAreToldOnce(t *testing.T) {
	r := &finding.Report{Coverage: finding.Coverage{Source: "files"}}
	for i, reason := range []string{"it was never fetched", "it was never fetched", "it is damaged", "it was never fetched"} {
		r.Coverage.Gaps = append(r.Coverage.Gaps, finding.Gap{What: fmt.Sprintf("blob %d", i), Reason: reason})
	}
	want := "  blob 0: it was never fetched\n  blob 1: the same\n  blob 2: it is damaged\n  blob 3: it was never fetched\n"
	if out := text(t, r, Options{}); !strings.Contains(out, want) {
		t.Errorf("got\n%s", out)
	}
}

func TestJSONBytesThatAreNotUTF8(t *testing.T) {
	r := sample()
	path, secret := "a\xff\u202e\\b", "x\xfe"+strings.Repeat("y", 30)
	r.Findings = r.Findings[:1]
	r.Findings[0].Places[0].Path = path
	r.Findings[0].Secret = finding.NewSecret([]byte(secret))
	var got struct {
		Findings []struct {
			Path, Secret string
			PathBytes    []byte `json:"path_bytes"`
			SecretBytes  []byte `json:"secret_bytes"`
			Places       []map[string]any
		}
	}
	out := jsonText(t, r, Options{ShowSecrets: true})
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	f := got.Findings[0]
	if f.Path != "a\\xff\u202e\\b" || string(f.PathBytes) != path {
		t.Errorf("path %q, bytes %q", f.Path, f.PathBytes)
	}
	if !strings.HasPrefix(f.Secret, `x\xfey`) || string(f.SecretBytes) != secret {
		t.Errorf("secret %q, bytes %q", f.Secret, f.SecretBytes)
	}
	if f.Places[0]["path_bytes"] != base64.StdEncoding.EncodeToString([]byte(path)) {
		t.Error("the place has no path_bytes")
	}
	if _, ok := f.Places[1]["path_bytes"]; ok {
		t.Error("a path that is UTF-8 has path_bytes")
	}
	if masked := jsonText(t, r, Options{}); strings.Contains(masked, "secret_bytes") {
		t.Error("a masked report holds secret_bytes")
	}
}

func TestJSONEmptyListsAreLists(t *testing.T) {
	if out := jsonText(t, &finding.Report{}, Options{}); strings.Contains(out, "null") {
		t.Errorf("null in %s", out)
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
