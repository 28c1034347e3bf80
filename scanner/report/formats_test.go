package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

func TestFormats(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Formats() {
		got, ok := FormatNamed(f.Name)
		if !ok || got.Media != f.Media || seen[f.Name] || f.Summary == "" || !strings.HasPrefix(f.Extension, ".") || f.Write == nil {
			t.Errorf("the row of %q is no good", f.Name)
		}
		seen[f.Name] = true
	}
	if _, ok := FormatNamed("xml"); ok {
		t.Error("there is a format xml")
	}
}

// TestALongerSecretIsMaskedWhole: of two secrets that start alike, neither
// leaves an end behind.
func TestALongerSecretIsMaskedWhole(t *testing.T) {
	r := sample()
	long := madeUp() + "-AND-MORE-OF-IT"
	second := r.Findings[0]
	second.Secret = finding.NewSecret([]byte(long))
	r.Findings = append(r.Findings, second)
	r.Coverage.Notes[0] = "in " + long
	for _, f := range Formats() {
		if out := written(t, f, r, Options{}); strings.Contains(out, "MORE") {
			t.Errorf("%s: %s", f.Name, out)
		}
	}
}

// TestHeadComesFirst: the place that is named is one that a person can open.
func TestHeadComesFirst(t *testing.T) {
	r := sample()
	f := &r.Findings[0]
	f.Places[4].InHead = true // "d"
	it := flatten(r, Options{}).at(0)
	var names []string
	for _, s := range it.spots() {
		names = append(names, s.path)
	}
	want := []string{"d", "src/worker.js", "lib/head…yz.js", "commit/" + f.Places[2].Object + "/message", "tag/" + f.Places[3].Object + "/message", "e"}
	if fmt.Sprint(names) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", names, want)
	}
}

type sarifRead struct {
	Runs []struct {
		AutomationDetails struct{ ID string }
		Invocations       []struct {
			ToolExecutionNotifications []struct{ Message struct{ Text string } }
		}
		Tool struct {
			Driver struct {
				Rules []struct {
					ID         string
					Properties map[string]any
				}
			}
		}
		Results []struct {
			RuleIndex        int
			Message          struct{ Text string }
			RelatedLocations []struct{ ID int }
			Suppressions     []any
		}
	}
}

func readSARIF(t *testing.T, text string) (out sarifRead) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSARIFKeepsToTheLimitsOfGitHub(t *testing.T) {
	r := full()
	f := r.Findings[0]
	for i := range 300 {
		p := f.Places[0]
		p.Line = 1000 + i
		f.Places = append(f.Places, p)
	}
	other := r.Findings[1]
	r.Findings = []finding.Finding{f}
	for range gitHubResults + 6 {
		r.Findings = append(r.Findings, other)
	}
	run := readSARIF(t, render(t, func(b *bytes.Buffer) error { return renderGitHubSARIF(b, r, Options{}) })).Runs[0]
	if len(run.Results) != gitHubResults {
		t.Errorf("%d results", len(run.Results))
	}
	first := run.Results[0]
	if n := len(first.RelatedLocations); n != sarifLocations-1 {
		t.Errorf("%d related locations", n)
	}
	if want := "It is in 206 further places"; !strings.Contains(first.Message.Text, want) {
		t.Errorf("%q is missing in %q", want, first.Message.Text)
	}
	if all := fmt.Sprint(run.Invocations); !strings.Contains(all, "7 further findings") {
		t.Errorf("what was left out is not told: %s", all)
	}
	for i, result := range run.Results {
		if len(result.Suppressions) > 0 {
			t.Fatalf("result %d is suppressed", i)
		}
	}
}

func TestSARIFSeverities(t *testing.T) {
	for s := rules.Info; s <= rules.Critical; s++ {
		r := sample()
		r.Findings = r.Findings[:1]
		r.Findings[0].Severity = s
		r.Findings[0].Rule.Confidence = []float64{0.3, 0.5, 0.75, 0.9, 0.95}[s]
		p := readSARIF(t, written(t, Format{Write: renderSARIF}, r, Options{})).Runs[0].Tool.Driver.Rules[0].Properties
		want := []string{"low 1.0", "medium 3.0", "high 5.5", "very-high 8.0", "very-high 9.5"}[s]
		if got := fmt.Sprint(p["precision"], " ", p["security-severity"]); got != want {
			t.Errorf("%v: %s, want %s", s, got, want)
		}
	}
}

func TestEscapeURI(t *testing.T) {
	tests := map[string]string{
		"src/a b.js": "src/a%20b.js", "größe": "gr%C3%B6%C3%9Fe", "a:b": "a%3Ab", "100%": "100%25", "a?b#c": "a%3Fb%23c", "\xff\n": "%FF%0A", "javascript:x": "javascript%3Ax",
	}
	for in, want := range tests {
		got := escapeURI(in)
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
		if back, err := url.PathUnescape(got); err != nil || back != in {
			t.Errorf("%s reads as %q, %v", got, back, err)
		}
	}
	for path, want := range map[string]sarifArtifact{"/tmp/a b": {URI: "file:///tmp/a%20b"}, "C:/x": {URI: "file:///C%3A/x"}, "../x": {"../x", "%SRCROOT%"}} {
		s := spot{Place: &finding.Place{Path: path}, opened: path}
		if got := s.sarif().Physical.Artifact; got != want {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

// What opens files for people is shown the archive, from its first line on, and says what is in it.
func TestInAnArchiveToolsOpenTheArchive(t *testing.T) {
	r := sample()
	r.Findings = r.Findings[:1]
	r.Findings[0].Places = []finding.Place{{Kind: finding.File, Path: "a b.zip!app/.env", Inner: 9, Line: 7, Column: 3, EndLine: 7, EndColumn: 40}}
	const at = "a b.zip!app/.env:7:3"
	for name, want := range map[string][]string{
		"sarif":        {`"uri": "a%20b.zip"`, `"startLine": 1,`, `"endColumn": 1`, ", in " + at, `"fullyQualifiedName": "a b.zip!app/.env"`},
		"github-sarif": {`"uri": "a%20b.zip"`, ", in " + at},
		"github":       {"file=a b.zip,line=1,endLine=1,title=", ", in " + at},
		"gitlab":       {`"file": "a b.zip"`, `"start_line": 1`, `"end_line": 1`, ", in a b.zip"},
		"codequality":  {`"path": "a b.zip"`, `"begin": 1`, ", in " + at},
		"junit":        {`file="a b.zip"`, at},
		"gitleaks":     {`"File": "a b.zip!app/.env"`, `"StartLine": 7`},
		"json":         {`"path": "a b.zip!app/.env"`, `"line": 7`},
	} {
		f, ok := FormatNamed(name)
		if !ok {
			t.Fatal(name)
		}
		got := written(t, f, r, Options{})
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s lacks %s:\n%s", name, w, got)
			}
		}
	}
	r.Findings[0].Places[0] = finding.Place{Kind: finding.Blob, Path: "!app/.env", Inner: 9, Object: strings.Repeat("12", 20), Line: 7, Column: 3}
	if got := text(t, r, Options{}); !strings.Contains(got, "blob 1212121212!app/.env:7:3") {
		t.Error(got)
	}
}

func TestSemantic(t *testing.T) {
	for in, want := range map[string]string{"v1.2.3": "1.2.3", "v1.2.3-rc.1": "1.2.3-rc.1", "(devel)": "", "": "", "v1": ""} {
		if got := semantic(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestUUID(t *testing.T) {
	a, b := uuid("a"), uuid("b")
	if a == b || a != uuid("a") || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(a) {
		t.Errorf("%s %s", a, b)
	}
}

func TestCodeQualityNamesStayWhenLinesMove(t *testing.T) {
	names := func(shift int) string {
		r := sample()
		for i := range r.Findings[0].Places {
			r.Findings[0].Places[i].Line += shift
		}
		var issues []struct{ Fingerprint string }
		if err := json.Unmarshal([]byte(written(t, Format{Write: renderCodeQuality}, r, Options{})), &issues); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, i := range issues {
			seen[i.Fingerprint] = true
		}
		if len(seen) != len(issues) {
			t.Errorf("%d names for %d issues", len(seen), len(issues))
		}
		return fmt.Sprint(issues)
	}
	if names(0) != names(17) {
		t.Error("the names change with the lines")
	}
}

func TestInert(t *testing.T) {
	tests := map[string]string{
		"": "", "a=b": "a=b", "=1": "'=1", " +1": " '+1", "-x": "'-x", "@x": "'@x", "＝1": "'＝1", "a;=1": "a;'=1", "a, -1": "a, '-1", "a-b": "a-b", "-----BEGIN": "'-----BEGIN",
	}
	for in, want := range tests {
		if got := inert(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestGitHubShowsTheWorst(t *testing.T) {
	r := many()
	for range 3 {
		r.Findings = append(r.Findings, r.Findings...)
	}
	r.Findings[len(r.Findings)-1].Severity = rules.Critical
	r.Findings[len(r.Findings)-1].Places[0].Path = "last"
	out := written(t, Format{Write: renderGitHub}, r, Options{})
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 11 || !strings.Contains(out, "38 further findings not annotated") {
		t.Errorf("%d lines:\n%s", len(lines), out)
	}
	for _, line := range lines[:10] {
		if !strings.HasPrefix(line, "::error ") {
			t.Errorf("not one of the worst: %s", line)
		}
	}
	if !strings.HasPrefix(lines[10], "::warning ") {
		t.Errorf("an eleventh error is not shown: %s", lines[10])
	}
}

func TestGitHubEscapes(t *testing.T) {
	r := many()
	r.Findings = r.Findings[:1]
	r.Findings[0].Places[0].Path = "a,b:c%0A::error::x\ny"
	want := `::error file=a%2Cb%3Ac%250A%3A%3Aerror%3A%3Ax\x0ay,line=1,endLine=1,col=1,endColumn=9,title=A::A: head…yz`
	if out := written(t, Format{Write: renderGitHub}, r, Options{}); !strings.HasPrefix(out, want) {
		t.Errorf("got  %s\nwant %s", out, want)
	}
}

func TestMarkdownStaysWithinAComment(t *testing.T) {
	r := many()
	for range 9 {
		r.Findings = append(r.Findings, r.Findings...)
	}
	for i := range 900 {
		r.Coverage.Gaps = append(r.Coverage.Gaps, finding.Gap{What: fmt.Sprint(i), Reason: strings.Repeat("r", 500)})
		r.Coverage.Notes = append(r.Coverage.Notes, strings.Repeat("n", 500))
	}
	out := written(t, Format{Write: renderMarkdown}, r, Options{})
	if n := len([]rune(out)); n > 65_536 || n < 50_000 {
		t.Errorf("%d characters", n)
	}
	for _, want := range []string{"further findings, not shown here", "(901 gaps)", "and 881 further gaps", "nothing was left unread"} {
		if strings.Contains(out, want) == (want == "nothing was left unread") {
			t.Errorf("%q", want)
		}
	}
}

func TestPageNames(t *testing.T) {
	ids := pageIDs{}
	for _, test := range []struct{ in, want string }{{"abcdef0123456789", "f-abcdef012345"}, {"abcdef0123456789", "f-abcdef012345-2"}, {`a"<b`, "f-ab"}, {"", "f-"}} {
		if got := ids.of(test.in); got != test.want {
			t.Errorf("%q: %s, want %s", test.in, got, test.want)
		}
	}
}

func TestTicks(t *testing.T) {
	day := func(text string) time.Time {
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	tests := []struct{ low, high, want string }{
		{"2024-02-27", "2024-03-01", "Feb 27,Feb 28,Feb 29,Mar 1"},
		{"2024-01-15", "2024-04-15", "Feb 2024,Mar 2024,Apr 2024"},
		{"2023-11-15", "2024-10-15", "Jan 2024,Apr 2024,Jul 2024,Oct 2024"},
		{"2021-06-01", "2024-10-15", "2022,2023,2024"},
		{"1970-01-01", "2026-01-01", "1980,2000,2020"},
	}
	for _, test := range tests {
		var labels []string
		last := -1.0
		for _, tick := range scaleOf(day(test.low), day(test.high)).ticks() {
			labels = append(labels, tick.Label)
			var x float64
			if _, err := fmt.Sscan(tick.X, &x); err != nil || x <= last || x > 100 {
				t.Errorf("%s to %s: a tick at %s", test.low, test.high, tick.X)
			}
			last = x
		}
		if got := strings.Join(labels, ","); got != test.want {
			t.Errorf("%s to %s: %s, want %s", test.low, test.high, got, test.want)
		}
	}
}

// TestDatesFromAnywhere: a commit may bear any date.
func TestDatesFromAnywhere(t *testing.T) {
	dates := []time.Time{{}, time.Unix(0, 0), time.Unix(math.MaxInt32, 0), time.Unix(1<<40, 0), time.Unix(-1<<40, 0), time.Unix(1<<55, 0), time.Unix(-1<<55, 0)}
	for _, a := range dates {
		for _, b := range dates {
			r := many()
			for i := range r.Findings {
				first, second := *r.Findings[i].Places[0].Commit, *r.Findings[i].Places[0].Commit
				first.Date, second.Date = a, b
				r.Findings[i].Places[0].Commit = &first
				r.Findings[i].Exposure = &finding.Exposure{First: &first, Removed: &second, Days: 1 << 40}
			}
			out := html(t, r, Options{})
			if strings.Contains(out, "NaN") || strings.Contains(out, "Inf") || regexp.MustCompile(` (x|x1|x2|cx|width)="-`).MatchString(out) {
				t.Errorf("%v to %v is drawn outside", a, b)
			}
		}
	}
}
