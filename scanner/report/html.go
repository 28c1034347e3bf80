package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"html/template"
	"io"
	"iter"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

//go:embed page/page.html
var pageTemplate string

//go:embed page/page.css
var pageStyle string

//go:embed page/page.js
var pageScript string

const (
	pagePlaces = 50  // places listed in a card
	pageRows   = 300 // findings in the time line
)

// renderHTML writes one page that needs nothing else: its policy allows its own style
// and script by their hashes, and no other resource, form or frame. It can be
// read and printed without the script, which only sorts and filters.
func renderHTML(w io.Writer, r *finding.Report, opt Options) error {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("report: internal error: %w", err)
	}
	out := bufio.NewWriterSize(w, flushAt)
	if err := t.Execute(out, pageOf(flatten(r, opt), opt)); err != nil {
		return fmt.Errorf("write HTML report: %w", err)
	}
	return out.Flush()
}

// page is what the template shows. All its texts are clean; the template
// escapes them for where they stand.
type page struct {
	Policy   string
	Style    template.CSS
	Script   template.JS
	Status   string
	Headline string
	Where    string
	Coverage string
	Version  string
	Complete bool
	History  bool
	Shown    bool // secrets are in clear

	Severities []pageSeverity // none if there is no finding
	Cards      iter.Seq[*pageCard]
	Line       *pageLine
	Suppressed iter.Seq[*pageCard]
	Hidden     int // how many of them
	Gaps       []finding.Gap
	Notes      []string
}

type pageSeverity struct {
	Name  string // "critical": also its class
	Title string
	Count int

	X, Width string // in the bar of all findings, percent
}

type pageCard struct {
	ID, Severity, Title, Provider, Rule  string
	Secret, Proof, Fingerprint, Remedy   string
	Level                                int
	Confidence                           string
	Percent                              int
	At, Path, First, Since               string
	InHead, Pushed, Unreachable, History bool
	Facts                                []fact
	Reasons, Steps                       []string
	Places                               []pagePlace
	More                                 int // places not listed
	By, Why                              string
}

type pagePlace struct {
	At, Commit, Author, Date string
	InHead                   bool
}

func pageOf(v *view, opt Options) page {
	out := page{
		Policy: "default-src 'none'; style-src 'sha256-" + pageHash(pageStyle) + "'; script-src 'sha256-" + pageHash(pageScript) +
			"'; base-uri 'none'; form-action 'none'",
		Style: template.CSS(pageStyle), Script: template.JS(pageScript),
		Status: v.status, Headline: pageHeadline(v), Where: pageWhere(v.source), Coverage: v.coverage,
		Version: Clean(opt.Version), Complete: v.complete, History: v.hasPast(), Shown: opt.ShowSecrets,
		Gaps: v.gaps, Notes: v.notes,
	}
	var counts [rules.Critical + 1]int
	for i := range v.report.Findings {
		counts[min(v.report.Findings[i].Severity, rules.Critical)]++
	}
	ids := pageIDs{}
	out.Cards = func(yield func(*pageCard) bool) {
		clear(ids)
		for _, it := range v.findings() {
			if card := it.card(v, ids.of(it.fingerprint)); !yield(&card) {
				return
			}
		}
	}
	out.Suppressed = func(yield func(*pageCard) bool) {
		for _, it := range v.suppressed() {
			if card := it.card(v, ids.of(it.fingerprint)); !yield(&card) {
				return
			}
		}
	}
	out.Hidden = len(v.report.Suppressed)
	before := 0
	for s := len(counts) - 1; s >= 0; s-- {
		if counts[s] > 0 {
			share := func(n int) string { return percent(100 * float64(n) / float64(v.count())) }
			out.Severities = append(out.Severities, pageSeverity{
				Name: rules.Severity(s).String(), Title: titled(rules.Severity(s)), Count: counts[s], X: share(before), Width: share(counts[s]),
			})
			before += counts[s]
		}
	}
	out.Line = timeLine(v)
	return out
}

func pageHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func pageHeadline(v *view) string {
	switch {
	case v.count() > 0:
		return count(v.count(), "secret") + " found"
	case !v.complete:
		return "No secret in what was read"
	case strings.HasPrefix(v.status, "nothing"):
		return "Nothing to scan"
	}
	return "No secret found"
}

func pageWhere(source string) string {
	switch source {
	case "history":
		return "in the whole history of the repository"
	case "range":
		return "in the commits that were asked for"
	case "staged":
		return "in what the next commit brings in"
	case "stdin":
		return "in the stream"
	case "files":
		return "in the files on disk"
	}
	return "in " + source
}

// pageIDs gives cards names that links to them can keep. It holds a few bytes
// of each: two names with the same are taken for one, and differ all the same.
type pageIDs map[uint64]struct{}

// of gives the name of the next card.
func (p pageIDs) of(fingerprint string) string {
	var b strings.Builder
	b.WriteString("f-")
	for _, r := range cut(fingerprint, 12) {
		if isWord(r) && r != ' ' {
			b.WriteRune(r)
		}
	}
	id := b.String()
	for n := 2; !p.take(id); n++ {
		id = fmt.Sprintf("%s-%d", b.String(), n)
	}
	return id
}

// take reports whether a name was free.
func (p pageIDs) take(id string) bool {
	h := fnv.New64a()
	h.Write([]byte(id))
	before := len(p)
	p[h.Sum64()] = struct{}{}
	return len(p) > before
}

func (it *item) card(v *view, id string) pageCard {
	s := it.spot(0)
	card := pageCard{
		ID: id, Severity: it.severity.String(), Title: it.title, Provider: it.provider, Rule: it.rule,
		Secret: it.secret, Proof: it.proof, Fingerprint: it.fingerprint, Remedy: it.remedy,
		Level: int(it.severity), Confidence: fmt.Sprintf("%.2f", it.confidence), Percent: int(it.confidence * 100),
		At: s.at(), Path: s.name, InHead: it.InHead, Unreachable: it.Unreachable, History: v.hasPast(),
		Reasons: it.reasons(), By: it.by, Why: it.why, Facts: it.facts(), Steps: it.steps(),
	}
	card.Pushed = it.Exposure != nil && it.Exposure.Pushed
	for i, p := range it.spots() {
		if p.date != "" && (card.First == "" || p.date < card.First) {
			card.First = p.date
		}
		if i >= pagePlaces {
			card.More++
			continue
		}
		card.Places = append(card.Places, pagePlace{p.at(), cut(p.commit, shortID), p.author, p.date, p.Place.InHead})
	}
	if x := it.Exposure; x != nil && x.First != nil && !x.First.Date.IsZero() {
		card.First = day(x.First.Date)
	}
	if s.commit != "" && it.Exposure == nil {
		card.Since = commitText(s.commit, s.author, s.date)
	}
	return card
}
