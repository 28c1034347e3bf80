package report

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
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
	// The object is written round its findings, which come one by one.
	var frame bytes.Buffer
	enc := json.NewEncoder(&frame)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(jsonReport{e.head(r), []jsonFinding{}, e.suppressed(r)}); err != nil {
		return fmt.Errorf("encode JSON report: %w", err)
	}
	const none = "\n  \"findings\": ["
	before, after, _ := bytes.Cut(frame.Bytes(), []byte(none))
	out := newJSONWriter(w, "    ", "  ")
	out.buf.Write(before)
	out.buf.WriteString(none)
	first := true
	for i := range r.Findings {
		for _, f := range e.entries(r, &r.Findings[i]) {
			out.buf.WriteString(map[bool]string{true: "\n    ", false: ",\n    "}[first])
			first = false
			if err := out.add(&f); err != nil {
				return fmt.Errorf("encode JSON report: %w", err)
			}
			out.buf.Truncate(out.buf.Len() - len("\n"))
		}
	}
	if !first {
		out.buf.WriteString("\n  ")
	}
	out.buf.Write(after)
	return out.flush()
}

// JSONLines writes one line of JSON for each place of each finding, with the
// fields of both, and last a line with the summary and the gaps.
func JSONLines(w io.Writer, r *finding.Report, opt Options) error {
	e := jsonEncoder{opt: opt, redact: redactor(r, opt)}
	lines := newJSONWriter(w, "", "")
	for i := range r.Findings {
		line := e.finding(&r.Findings[i])
		places := line.Places
		line.Places = nil
		for k, p := range places {
			line.jsonPlace, line.InHead = p, p.InHead
			if k > 0 { // the first line tells what is the same at all places
				line.Exposure, line.Parts, line.Links = nil, nil, nil
			}
			if err := lines.add(&line); err != nil {
				return fmt.Errorf("encode JSON lines: %w", err)
			}
		}
		for _, line := range e.alone(&r.Findings[i]) {
			if err := lines.add(&line); err != nil {
				return fmt.Errorf("encode JSON lines: %w", err)
			}
		}
	}
	for _, f := range e.suppressed(r) {
		for _, p := range f.Places {
			line := f
			line.jsonPlace, line.InHead, line.Places = p, p.InHead, nil
			if err := lines.add(&line); err != nil {
				return fmt.Errorf("encode JSON lines: %w", err)
			}
		}
	}
	if err := lines.add(e.head(r)); err != nil {
		return fmt.Errorf("encode JSON lines: %w", err)
	}
	return lines.flush()
}

// jsonWriter writes values one after the other, so that of a million findings no
// more than some are held as text.
type jsonWriter struct {
	w   io.Writer
	enc *json.Encoder
	buf bytes.Buffer
	out []byte // scratch
}

func newJSONWriter(w io.Writer, prefix, indent string) *jsonWriter {
	j := &jsonWriter{w: w}
	j.enc = json.NewEncoder(&j.buf)
	j.enc.SetEscapeHTML(false)
	j.enc.SetIndent(prefix, indent)
	return j
}

// add writes a value and a newline. What was written before may leave for good.
func (j *jsonWriter) add(value any) error {
	if j.buf.Len() >= 1<<20 {
		if err := j.flush(); err != nil {
			return err
		}
	}
	return j.enc.Encode(value)
}

func (j *jsonWriter) flush() error {
	j.out = appendVisible(j.out[:0], j.buf.Bytes())
	j.buf.Reset()
	_, err := j.w.Write(j.out)
	return err
}

type jsonReport struct {
	jsonHead
	Findings   []jsonFinding    `json:"findings"`
	Suppressed []jsonSuppressed `json:"suppressed,omitempty"` // only if asked for
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
	Failing     int       `json:"failing"` // of them, those that fail the scan
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
	Links       []jsonLink    `json:"links,omitempty"`    // other findings that stand or fall with it
	Exposure    *jsonExposure `json:"exposure,omitempty"` // of a history scan; in the first line of a finding alone
	Places      []jsonPlace   `json:"places,omitempty"`   // left out of a line, which is one place
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

// entries gives what the report has for a finding.
func (e *jsonEncoder) entries(r *finding.Report, of *finding.Finding) []jsonFinding {
	f := e.finding(of)
	if hasPast(r.Coverage.Source) {
		return []jsonFinding{f}
	}
	return slices.Concat([]jsonFinding{f}, f.repeats(), e.alone(of))
}

// repeats gives an entry for each place after the first, so that a program which
// reads the path and line of each entry misses no place of a file. The versions
// of a history have no such reader, and their places are many.
func (f jsonFinding) repeats() (list []jsonFinding) {
	for _, p := range f.Places[min(1, len(f.Places)):] {
		again := f
		again.jsonPlace, again.InHead, again.Places, again.Repeat = p, p.InHead, nil, true
		list = append(list, again)
	}
	return list
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
		Places:      make([]jsonPlace, 0, len(f.Places)),
	}
	if e.opt.ShowSecrets {
		out.Secret, out.SecretBytes = reversible(f.Secret.Reveal())
	}
	for i := range f.Places {
		out.Places = append(out.Places, e.place(&f.Places[i]))
	}
	out.Exposure = e.exposure(f.Exposure)
	if len(out.Places) > 0 {
		out.jsonPlace = out.Places[0]
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

// escapeInvisible writes as \u escapes what encoding/json leaves raw although a
// terminal (DEL, C1, bidi) or a CI runner ("##[") would obey it. Such characters
// can stand only inside JSON strings, where the escape means the same.
func escapeInvisible(doc []byte) []byte {
	return appendVisible(make([]byte, 0, len(doc)+len(doc)/64), doc)
}

func appendVisible(out, doc []byte) []byte {
	for i := 0; i < len(doc); {
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
	}
	return out
}
