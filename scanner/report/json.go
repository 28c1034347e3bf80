package report

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"math"
	"time"
	"unicode/utf8"

	"keyrake/scanner/finding"
)

// Schema names the form of the JSON report. Fields may be added to a schema,
// but none is changed or taken away.
const Schema = "keyrake/1"

// JSON writes the report as one indented JSON object. It holds no times of the
// run, so that the same input gives the same bytes.
func JSON(w io.Writer, r *finding.Report, opt Options) error {
	e := jsonEncoder{opt: opt, redact: redactor(r, opt)}
	out := newJSONWriter(w, "JSON report")
	doc := jsonReport{jsonHead: e.head(r), Findings: []jsonFinding{}}
	lists := []list{{"findings", 1, e.entries(r)}}
	if opt.ShowSuppressed && len(r.Suppressed) > 0 {
		doc.Suppressed = &[]jsonSuppressed{}
		lists = append(lists, list{"suppressed", 1, e.suppressed(r)})
	}
	return out.document(doc, lists...)
}

// renderJSONLines writes one line of JSON for each place of each finding, with the
// fields of both, and last a line with the summary and the gaps.
func renderJSONLines(w io.Writer, r *finding.Report, opt Options) error {
	e := jsonEncoder{opt: opt, redact: redactor(r, opt)}
	out := newJSONWriter(w, "JSON lines")
	var line jsonFinding // a new one for each would be half of all garbage
	for i := range r.Findings {
		f := &r.Findings[i]
		line = e.finding(f)
		for k := range f.Places {
			line.jsonPlace = e.place(&f.Places[k])
			line.InHead = line.jsonPlace.InHead
			if k > 0 { // the first line tells what is the same at all places
				line.Exposure, line.Parts, line.Links = nil, nil, nil
			}
			if !out.line(&line) {
				return out.err
			}
		}
		for again := range e.alone(f) {
			out.line(&again)
		}
	}
	for i := range r.Suppressed {
		if !opt.ShowSuppressed {
			break
		}
		line := e.hidden(&r.Suppressed[i])
		for k := range r.Suppressed[i].Places {
			line.jsonPlace = e.place(&r.Suppressed[i].Places[k])
			line.InHead = line.jsonPlace.InHead
			out.line(&line)
		}
	}
	out.line(e.head(r))
	return out.close()
}

type jsonReport struct {
	jsonHead
	Findings   []jsonFinding     `json:"findings"`             // one by one
	Suppressed *[]jsonSuppressed `json:"suppressed,omitempty"` // only if asked for, one by one
}

// jsonHead is all of a report but its findings.
type jsonHead struct {
	Schema   string       `json:"schema"`
	Version  string       `json:"version,omitempty"`
	Source   string       `json:"source"`
	Complete bool         `json:"complete"`
	Redacted bool         `json:"redacted"`
	Summary  jsonSummary  `json:"summary"`
	Gaps     []jsonGap    `json:"gaps"`
	Notes    []string     `json:"notes"`
	Publish  *jsonPublish `json:"publish,omitempty"`
	Nothing  string       `json:"nothing,omitempty"` // why there was nothing to scan
	Shallow  []string     `json:"shallow,omitempty"` // where the clone was cut off
}

type jsonSummary struct {
	Findings    int       `json:"findings"`
	Failing     int       `json:"failing"` // those that fail the scan
	Files       jsonCount `json:"files"`
	Commits     jsonCount `json:"commits"`
	Trees       jsonCount `json:"trees"`
	Blobs       jsonCount `json:"blobs"`
	Tags        jsonCount `json:"tags"`
	Unreachable int       `json:"unreachable"`
	Suppressed  int       `json:"suppressed"`

	SuppressedBy []jsonSuppressor `json:"suppressed_by"`
}

type jsonCount struct {
	Reached int   `json:"reached"`
	Read    int   `json:"read"`
	Bytes   int64 `json:"bytes"`
}

type jsonGap struct {
	What   string        `json:"what"`
	Reason string        `json:"reason"`
	Cause  finding.Cause `json:"cause"`
	Object string        `json:"object,omitempty"`
}

// jsonPlace is the first part of a finding, where it describes the first place,
// and each entry of its places.
type jsonPlace struct {
	Path      string `json:"path"`
	PathBytes string `json:"path_bytes,omitempty"` // base64, only if the path is not UTF-8
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	Kind      string `json:"kind"`
	Blob      string `json:"blob"`
	Offset    int    `json:"offset"`
	Commit    string `json:"commit"`
	Author    string `json:"author"`
	Date      string `json:"date"`
	InHead    bool   `json:"in_head"`
}

type jsonFinding struct {
	Rule        string  `json:"rule"`
	Title       string  `json:"title"`
	Provider    string  `json:"provider"`
	Severity    string  `json:"severity"`
	Confidence  float64 `json:"confidence"`
	Gate        bool    `json:"gate"` // it fails the scan
	Proof       string  `json:"proof"`
	Secret      string  `json:"secret"`
	SecretBytes string  `json:"secret_bytes,omitempty"` // base64, only if shown and not UTF-8
	Fingerprint string  `json:"fingerprint"`
	jsonPlace
	InHead      bool          `json:"in_head"` // shadows the first place's: some place is in HEAD
	Unreachable bool          `json:"unreachable"`
	Fate        string        `json:"fate,omitempty"` // in a publish view
	Reasons     []string      `json:"reasons"`
	Fix         string        `json:"fix,omitempty"`
	Remedy      string        `json:"remedy"`
	Parts       []jsonPart    `json:"parts,omitempty"`    // what the secret is used with
	Links       []jsonLink    `json:"links,omitempty"`    // other findings that are valid only as long as it is
	Exposure    *jsonExposure `json:"exposure,omitempty"` // of a history scan; in the first line of a finding alone
	Places      *[]jsonPlace  `json:"places,omitempty"`   // one by one; left out of a line, which is one place
	Repeat      bool          `json:"repeat,omitempty"`   // a further place of the entry before it
}

// jsonEncoder turns a report into the structs above.
type jsonEncoder struct {
	opt    Options
	redact *Mask
	// The exposure that was written last, which many findings of one file share.
	last    *finding.Exposure
	exposed *jsonExposure
}

// entries gives what the report has for its findings.
func (e *jsonEncoder) entries(r *finding.Report) iter.Seq2[any, []list] {
	past := hasPast(r.Coverage.Source)
	return func(yield func(any, []list) bool) {
		for i := range r.Findings {
			f := &r.Findings[i]
			out := e.finding(f)
			if !yield(e.placed(&out, f)) {
				return
			}
			if past {
				continue
			}
			for again := range e.repeats(out, f) {
				if !yield(&again, nil) {
					return
				}
			}
			for again := range e.alone(f) {
				if !yield(&again, nil) {
					return
				}
			}
		}
	}
}

// placed gives an entry with the list of its places.
func (e *jsonEncoder) placed(out *jsonFinding, f *finding.Finding) (*jsonFinding, []list) {
	if len(f.Places) == 0 {
		return out, nil
	}
	out.Places = &[]jsonPlace{}
	return out, []list{{"places", 1, func(yield func(any, []list) bool) {
		for i := range f.Places {
			p := e.place(&f.Places[i])
			if !yield(&p, nil) {
				return
			}
		}
	}}}
}

// repeats gives an entry for each place after the first, so that a program which
// reads the path and line of each entry misses no place of a file. The versions
// of a history have no such reader, and their places are many.
func (e *jsonEncoder) repeats(again jsonFinding, f *finding.Finding) iter.Seq[jsonFinding] {
	again.Places, again.Repeat = nil, true
	return func(yield func(jsonFinding) bool) {
		for i := range f.Places {
			if i == 0 {
				continue
			}
			again.jsonPlace = e.place(&f.Places[i])
			again.InHead = again.jsonPlace.InHead
			if !yield(again) {
				return
			}
		}
	}
}

func (e *jsonEncoder) head(r *finding.Report) jsonHead {
	c := &r.Coverage
	out := jsonHead{
		Schema:   Schema,
		Version:  e.opt.Version,
		Source:   c.Source,
		Complete: c.Complete(),
		Redacted: !e.opt.ShowSecrets,
		Summary: jsonSummary{
			Findings:    len(r.Findings),
			Failing:     e.opt.failing(r),
			Files:       jsonCount(c.Files),
			Commits:     jsonCount(c.Commits),
			Trees:       jsonCount(c.Trees),
			Blobs:       jsonCount(c.Blobs),
			Tags:        jsonCount(c.Tags),
			Unreachable: c.Unreachable,
			Suppressed:  len(r.Suppressed),

			SuppressedBy: e.suppressors(r),
		},
		Gaps:    make([]jsonGap, 0, len(c.Gaps)),
		Notes:   e.texts(c.Notes),
		Shallow: c.Shallow,
		Publish: e.publish(r.Publish),
	}
	if readNothing(c) && c.Complete() && len(r.Findings) == 0 {
		out.Nothing = whyNothing(c)
	}
	for _, g := range c.Gaps {
		out.Gaps = append(out.Gaps, jsonGap{e.text(g.What), e.text(g.Reason), cmp.Or(g.Cause, finding.Unreadable), g.Object})
	}
	return out
}

func (e *jsonEncoder) finding(f *finding.Finding) jsonFinding {
	out := jsonFinding{
		Rule:        f.Rule.ID,
		Title:       f.Rule.Title,
		Provider:    f.Rule.Provider,
		Severity:    f.Severity.String(),
		Confidence:  math.Round(f.Confidence*1e4) / 1e4,
		Gate:        !e.opt.passes(f),
		Proof:       f.Proof,
		Secret:      f.Secret.String(),
		Fingerprint: f.Fingerprint,
		InHead:      f.InHead,
		Unreachable: f.Unreachable,
		Fate:        f.Fate.String(),
		Reasons:     e.texts(f.Reasons),
		Fix:         e.redact.Replace(f.Tied().Fix),
		Remedy:      f.Rule.Remedy,
		Parts:       e.parts(f),
		Links:       e.links(f),
	}
	if e.opt.ShowSecrets {
		out.Secret, out.SecretBytes = reversible(f.Secret.Reveal())
	}
	out.Exposure = e.exposure(f.Exposure)
	if len(f.Places) > 0 {
		out.jsonPlace = e.place(&f.Places[0])
	}
	return out
}

func (e *jsonEncoder) place(p *finding.Place) jsonPlace {
	out := jsonPlace{
		Line:      p.Line,
		Column:    p.Column,
		EndLine:   p.EndLine,
		EndColumn: p.EndColumn,
		Kind:      p.Kind.String(),
		Blob:      p.Object,
		Offset:    p.Offset,
		InHead:    p.InHead,
	}
	out.Path, out.PathBytes = reversible(e.redact.Replace(p.Path))
	if c := p.Commit; c != nil {
		out.Commit = c.ID
		out.Author = e.text(c.Author)
		if !c.Date.IsZero() {
			out.Date = c.Date.UTC().Format(time.RFC3339)
		}
	}
	return out
}

// text masks secrets in text from outside and makes it UTF-8.
func (e *jsonEncoder) text(text string) string { return decodable(e.redact.Replace(text)) }

func (e *jsonEncoder) texts(texts []string) []string {
	out := make([]string, 0, len(texts))
	for _, text := range texts {
		out = append(out, e.text(text))
	}
	return out
}

// reversible gives text in a form that JSON can hold and, only if that form
// differs, its very bytes in base64.
func reversible(text string) (shown, encoded string) {
	if utf8.ValidString(text) {
		return text, ""
	}
	return decodable(text), base64.StdEncoding.EncodeToString([]byte(text))
}

// appendVisible writes as \u escapes what encoding/json leaves raw although a
// terminal (DEL, C1, bidi) or a CI runner ("##[") would obey it. Such characters
// can stand only inside JSON strings, where the escape means the same.
func appendVisible(out, doc []byte) []byte {
	done := 0 // what is plain from there on is copied at once
	for i := 0; i < len(doc); {
		if c := doc[i]; c < 0x7f && c != '#' {
			i++
			continue
		}
		out = append(out, doc[done:i]...)
		r, size := rune(doc[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(doc[i:])
		}
		switch {
		case r == '#' && i+1 < len(doc) && doc[i+1] == '#', r == 0x7f:
			out = fmt.Appendf(out, `\u%04x`, r)
		case r < utf8.RuneSelf || visible(r):
			out = append(out, doc[i:i+size]...)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		i += size
		done = i
	}
	return append(out, doc[done:]...)
}
