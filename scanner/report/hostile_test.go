package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyrake/scanner/finding"
)

// full is sample with an exposure and a suppressed finding, so that every part
// of every writer has something to show.
func full() *finding.Report {
	r := sample()
	first := r.Findings[0].Places[0].Commit
	gone, last := *first, *first
	gone.Date, last.Date = first.Date.AddDate(0, 0, 50), first.Date.AddDate(0, 0, 40)
	r.Findings[0].Exposure = &finding.Exposure{
		First: first, Last: &last, Removed: &gone, Days: 50, Paths: []string{"src/worker.js"}, Branches: []string{"main"}, Tags: []string{"v1"},
		Remotes: []string{"origin/main"}, Others: []string{"refs/stash"}, Pushed: true,
	}
	r.Findings[1].Exposure = &finding.Exposure{Only: "unreachable"}
	at := r.Findings[0].Places[0]
	parts := []finding.Part{
		{Role: "account id", Value: finding.NewSecret([]byte("acct-0123456789")), Open: true, Places: []finding.Place{at}},
		{Role: "access key id", Value: finding.NewSecret([]byte("KEYID-" + madeUp() + "-LURKS")), Rule: r.Findings[0].Rule, Places: []finding.Place{at, at}},
	}
	links := []finding.Link{{Says: "ends with it", Title: "Another key", Fingerprint: strings.Repeat("ef", 16)}}
	r.Findings[0].Tie(finding.Ties{Parts: parts, Links: links})
	hidden := r.Findings[0]
	rule := *hidden.Rule
	hidden.Rule, hidden.Fingerprint = &rule, strings.Repeat("cd", 16)
	hidden.Secret = finding.NewSecret([]byte(madeUp() + "-LURKS"))
	r.Suppressed = []finding.Suppressed{{Finding: hidden, By: ".scanignore:3", Reason: "a sample"}}
	return r
}

// everyText gives all texts of a report that come from outside.
func everyText(r *finding.Report) []*string {
	texts := []*string{&r.Coverage.Source, &r.Coverage.Gaps[0].What, &r.Coverage.Gaps[0].Reason, &r.Coverage.Notes[0]}
	commit := func(c *finding.Commit) {
		if c != nil {
			texts = append(texts, &c.ID, &c.Author, &c.Email)
		}
	}
	add := func(f *finding.Finding) {
		rule := *f.Rule
		f.Rule = &rule
		texts = append(texts, &rule.ID, &rule.Title, &rule.Provider, &rule.Remedy, &f.Proof, &f.Fingerprint)
		f.Reasons = []string{"a", "b"}
		texts = append(texts, &f.Reasons[0], &f.Reasons[1])
		for i := range f.Places {
			p := &f.Places[i]
			texts = append(texts, &p.Path, &p.Object)
			commit(p.Commit)
		}
		f.Tie(finding.Ties{}) // a copy of its own
		for i := range f.Tied().Parts {
			p := &f.Tied().Parts[i]
			p.Places = slices.Clone(p.Places)
			texts = append(texts, &p.Role, &p.Places[0].Path, &p.Places[0].Object)
			if p.Rule != nil {
				own := *p.Rule
				p.Rule = &own
				texts = append(texts, &own.ID, &own.Title)
			}
		}
		for i := range f.Tied().Links {
			texts = append(texts, &f.Tied().Links[i].Says, &f.Tied().Links[i].Title, &f.Tied().Links[i].Fingerprint)
		}
		if x := f.Exposure; x != nil {
			commit(x.First)
			commit(x.Last)
			commit(x.Removed)
			for _, list := range [][]string{x.Paths, x.Branches, x.Tags, x.Remotes, x.Others} {
				for i := range list {
					texts = append(texts, &list[i])
				}
			}
			texts = append(texts, &x.Only)
		}
	}
	for i := range r.Findings {
		add(&r.Findings[i])
	}
	for i := range r.Suppressed {
		add(&r.Suppressed[i].Finding)
		texts = append(texts, &r.Suppressed[i].By, &r.Suppressed[i].Reason)
	}
	return texts
}

// hostileReport fills every string of a report with hostile text.
func hostileReport(rng *rand.Rand) *finding.Report {
	r := full()
	for _, text := range everyText(r) {
		*text = hostile(rng)
	}
	for i := range r.Findings {
		r.Findings[i].Secret = finding.NewSecret([]byte(hostile(rng)))
		for k := range r.Findings[i].Tied().Parts {
			r.Findings[i].Tied().Parts[k].Value = finding.NewSecret([]byte(hostile(rng)))
		}
	}
	if rng.IntN(2) == 0 {
		r.Coverage.Source = "history"
	}
	return r
}

func written(t *testing.T, f Format, r *finding.Report, opt Options) string {
	t.Helper()
	return render(t, func(b *bytes.Buffer) error { return f.Write(b, r, opt) })
}

var (
	annotation = regexp.MustCompile(`^::(error|warning|notice) (file=[^:,]*,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,)?title=[^:,]*::[^\n]*\n$`)
	ownTag     = regexp.MustCompile(`</?(details|summary|br|span|sub|code)>|<!-- keyrake -->`)
	literal    = regexp.MustCompile(`\\[\\` + "`" + `*_{}\[\]#|~$:>.]|&#\d+;|` + "`[^`\n]*`")
)

// misread says what is wrong with hostile text in one format, beyond what unsafe sees.
func misread(format, out string) string {
	switch format {
	case "json", "sarif", "github-sarif", "gitlab", "codequality":
		if !json.Valid([]byte(out)) {
			return "no JSON"
		}
	case "jsonl":
		for line := range strings.Lines(out) {
			if !json.Valid([]byte(line)) {
				return "no JSON line"
			}
		}
	case "github":
		n := 0
		for line := range strings.Lines(out) {
			if n++; !annotation.MatchString(line) {
				return "a broken command: " + line
			}
		}
		if n > gitHubShown+1 {
			return "too many annotations"
		}
	case "junit":
		return misreadXML(out)
	case "csv":
		return misreadCSV(out)
	case "markdown":
		rest := literal.ReplaceAllString(strings.ReplaceAll(out, "<span>@</span>", ""), "·") // what stands on either side does not meet
		rest = ownTag.ReplaceAllString(rest, "")
		for _, bad := range []string{"<", "](", "@", "://", "`", "[", "|", "~"} {
			if strings.Contains(rest, bad) {
				return "markup " + bad + " in " + rest
			}
		}
	}
	return ""
}

func misreadXML(out string) string {
	dec := xml.NewDecoder(strings.NewReader(out))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			return err.Error()
		}
		switch token.(type) {
		case xml.Comment, xml.Directive:
			return fmt.Sprintf("a node of another kind: %v", token)
		}
	}
}

func misreadCSV(out string) string {
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll() // demands equally many cells
	if err != nil {
		return err.Error()
	}
	for _, row := range rows {
		for _, cell := range row {
			for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(`;,|"`, r) }) {
				if strings.ContainsAny(strings.TrimLeft(part, " ")+".", "=+-@") && strings.IndexAny(strings.TrimLeft(part, " "), "=+-@") == 0 {
					return "a formula: " + cell
				}
			}
		}
	}
	return ""
}

// TestNothingHostileReachesTheWriter looks at what each writer makes of hostile text.
func TestNothingHostileReachesTheWriter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	for range rounds {
		checkWriters(t, hostileReport(rng), Options{ShowSecrets: rng.IntN(2) == 0, Width: rng.IntN(200)})
	}
}

// checkWriters writes a report in every format and looks for what is unsafe.
func checkWriters(t *testing.T, r *finding.Report, opt Options) {
	t.Helper()
	for _, f := range Formats() {
		out := written(t, f, r, opt)
		seen := out
		switch f.Name {
		case "github":
			seen = strings.ReplaceAll("\n"+out, "\n::", "\n")
		case "csv":
			seen = strings.ReplaceAll(out, "\r\n", "\n")
		case "html":
			seen = strings.NewReplacer(pageStyle, "", pageScript, "").Replace(out)
		case "markdown":
			seen = strings.ReplaceAll(out, "\n## ", "\n")
		}
		if reason := unsafe(seen, "\n"); reason != "" {
			t.Fatalf("%s holds %s", f.Name, reason)
		}
		if reason := misread(f.Name, out); reason != "" {
			t.Fatalf("%s: %s", f.Name, reason)
		}
	}
	opt.Color = true
	if reason := unsafe(sgr.ReplaceAllString(text(t, r, opt), ""), "\n"); reason != "" {
		t.Fatalf("coloured text holds %s", reason)
	}
	if reason := unsafe(Summary(r), ""); reason != "" {
		t.Fatalf("summary holds %s", reason)
	}
}

// FuzzFormats fills every string of a report with pieces of one text.
func FuzzFormats(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 20 {
		f.Add(hostile(rng)+hostile(rng), byte(i), i%2 == 0)
	}
	f.Add(`http:\//a\.b`, byte(40), true)
	f.Fuzz(func(t *testing.T, text string, step byte, show bool) {
		if len(text) > 2000 {
			return
		}
		r := full()
		at, size := 0, 1+int(step)
		for _, s := range everyText(r) {
			part := text[min(at, len(text)):min(at+size, len(text))]
			if at += size; at >= len(text) {
				at = 0
			}
			*s = part
		}
		for i := range r.Findings {
			r.Findings[i].Secret = finding.NewSecret([]byte(text))
		}
		if step&1 == 1 {
			r.Coverage.Source = "history"
		}
		checkWriters(t, r, Options{ShowSecrets: show, Width: int(step)})
	})
}

// skeleton is what is left of a page without its texts and values.
func skeleton(page string) string {
	page = regexp.MustCompile(`"[^"]*"`).ReplaceAllString(page, `""`)
	return regexp.MustCompile(`>[^<]*<`).ReplaceAllString(page, "><")
}

// TestHostileTextChangesNoElement: whatever the texts are, the page has the same
// elements with the same attributes.
func TestHostileTextChangesNoElement(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	page := func(text func() string) string {
		r := full()
		for _, s := range everyText(r) {
			*s = text()
		}
		r.Coverage.Source = "history"
		return html(t, r, Options{ShowSecrets: true})
	}
	want := skeleton(page(func() string { return "x" }))
	for range 200 {
		if got := skeleton(page(func() string { return "x" + hostile(rng) })); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
	if n := strings.Count(want, "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
}

// TestSecretsAreMaskedEverywhere puts secrets wherever a text can stand.
func TestSecretsAreMaskedEverywhere(t *testing.T) {
	for _, secret := range []string{madeUp(), madeUp() + "-LURKS"} { // a found one, and one that is suppressed and longer
		for i := range everyText(full()) {
			r := full()
			at := everyText(r)[i]
			if isOurs(r, at) {
				continue
			}
			*at = "a " + secret + " b"
			for _, f := range Formats() {
				if out := written(t, f, r, Options{}); strings.Contains(out, "INNER") || strings.Contains(out, "-LURKS") {
					t.Fatalf("%s gives out the secret of text %d:\n%s", f.Name, i, out)
				}
			}
		}
	}
	r := full()
	for _, f := range Formats() {
		if out := written(t, f, r, Options{ShowSecrets: true}); !strings.Contains(out, strings.TrimSuffix(madeUp(), "yz")) {
			t.Errorf("%s hides the secret that was asked for:\n%s", f.Name, out)
		}
	}
}

// isOurs tells the words of a rule and of the program, and the names of objects,
// from what somebody wrote into a repository.
func isOurs(r *finding.Report, text *string) bool {
	ours := []*string{&r.Coverage.Source}
	for _, f := range []*finding.Finding{&r.Findings[0], &r.Findings[1], &r.Suppressed[0].Finding} {
		ours = append(ours, &f.Rule.ID, &f.Rule.Title, &f.Rule.Provider, &f.Rule.Remedy, &f.Proof, &f.Fingerprint)
		for k := range f.Tied().Links {
			ours = append(ours, &f.Tied().Links[k].Fingerprint)
		}
		for k := range f.Tied().Parts {
			ours = append(ours, &f.Tied().Parts[k].Places[0].Object)
			if own := f.Tied().Parts[k].Rule; own != nil {
				ours = append(ours, &own.ID, &own.Title)
			}
		}
		for i := range f.Places {
			ours = append(ours, &f.Places[i].Object)
			if c := f.Places[i].Commit; c != nil {
				ours = append(ours, &c.ID)
			}
		}
		if x := f.Exposure; x != nil {
			ours = append(ours, &x.Only)
			for _, c := range []*finding.Commit{x.First, x.Last, x.Removed} {
				if c != nil {
					ours = append(ours, &c.ID)
				}
			}
		}
	}
	return slices.Contains(ours, text)
}

// TestNoEmail: no report names a person by address.
func TestNoEmail(t *testing.T) {
	for _, f := range Formats() {
		if out := written(t, f, full(), Options{}); strings.Contains(out, "jane@") {
			t.Errorf("%s holds an e-mail address", f.Name)
		}
	}
}

// TestReportsHoldNoTimesOfTheRun: what the scan cost shows in the text only,
// and its time in GitLab's report only.
func TestReportsHoldNoTimesOfTheRun(t *testing.T) {
	for _, f := range Formats() {
		r := full()
		first := written(t, f, r, Options{})
		r.Stats = finding.Stats{Elapsed: 1e13, Objects: 7}
		if same := written(t, f, r, Options{}) == first; same == (f.Name == "text" || f.Name == "gitlab") {
			t.Errorf("%s: the same for another duration: %v", f.Name, same)
		}
	}
}

// TestIncompleteIsSaid: no format lets an incomplete scan pass for a clean one.
func TestIncompleteIsSaid(t *testing.T) {
	clean := finding.Coverage{Source: "files", Files: finding.Count{Reached: 1, Read: 1}}
	gap := clean
	gap.Gaps = []finding.Gap{{What: "lost.txt", Reason: "it is gone"}}
	for _, f := range Formats() {
		a, b := written(t, f, &finding.Report{Coverage: clean}, Options{}), written(t, f, &finding.Report{Coverage: gap}, Options{})
		if strings.Contains(a, "lost.txt") || !strings.Contains(b, "lost.txt") {
			t.Errorf("%s does not name the gap:\n%s", f.Name, b)
		}
	}
}

func TestWriteErrorsComeBack(t *testing.T) {
	for _, f := range Formats() {
		if err := f.Write(brokenWriter{}, full(), Options{}); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}
