package migrate

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"keyrake/scanner/finding"
	"keyrake/scanner/known"
)

// Entry is one finding that another scanner's file accepts.
type Entry struct {
	known.Spot
	Rule   string // as the other scanner calls it
	Reason string
	From   int // line or number in the file
	// hash is the SHA-1 of the secret in hexadecimal digits, and secret the
	// secret itself: "" where the file does not give it.
	hash, secret string
	ours         bool // Keyrake wrote it: Rule is a rule of ours, and the secret was masked
	strict       bool // what another rule finds at its place is not accepted
}

// about gives the rules here that an entry speaks of, or else those it does not speak of: where
// the other scanner has a rule of its own for a secret, an entry for another rule is not about it.
func (e *Entry) about() (only, except []string) {
	if !e.strict {
		return nil, nil
	}
	known := issued()
	if ours := known[e.Rule]; len(ours) > 0 {
		return append(generic(), ours...), nil
	}
	for _, ours := range known {
		except = append(except, ours...)
	}
	slices.Sort(except)
	return nil, slices.DeleteFunc(slices.Compact(except), func(id string) bool { return id == e.Rule })
}

// takes reports whether an entry speaks of what a rule here finds.
func (e *Entry) takes(rule string) bool {
	only, except := e.about()
	return (len(only) == 0 || slices.Contains(only, rule)) && !slices.Contains(except, rule)
}

// What names an entry for a person. It holds no secret.
func (e *Entry) What() string {
	text := fmt.Sprintf("%s:%d", e.Path, e.Line)
	if e.Commit != "" {
		text = e.Commit[:min(len(e.Commit), 10)] + ":" + text
	}
	if e.Rule != "" {
		text += " (" + e.Rule + ")"
	}
	return text
}

// Ignore reads a .gitleaksignore.
func Ignore(data []byte) (list []Entry, remarks []Remark) {
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	number := 0
	for lines.Scan() {
		number++
		text := strings.TrimSpace(lines.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		e, ok := fingerprint(text)
		if !ok {
			remarks = append(remarks, Remark{Line: number, Lost: true, What: "line", Why: "it is neither FILE:RULE:LINE nor COMMIT:FILE:RULE:LINE; gitleaks does not use it either"})
			continue
		}
		e.From, e.Reason, e.strict = number, "from .gitleaksignore", true
		list = append(list, e)
	}
	if lines.Err() != nil {
		remarks = append(remarks, Remark{Line: number + 1, Lost: true, What: "the rest of the file", Why: "a line is longer than a megabyte"})
	}
	return list, remarks
}

// fingerprint reads FILE:RULE:LINE or COMMIT:FILE:RULE:LINE.
func fingerprint(text string) (e Entry, ok bool) {
	parts := strings.Split(text, ":")
	if len(parts) == 4 {
		e.Commit, parts = strings.ToLower(parts[0]), parts[1:]
	}
	if len(parts) != 3 {
		return e, false
	}
	line, err := strconv.Atoi(parts[2])
	e.Path, e.Rule, e.Line = strings.ReplaceAll(parts[0], `\`, "/"), parts[1], line
	return e, err == nil && line >= 0 && e.Path != ""
}

// Report reads a gitleaks report, which serves as its baseline.
func Report(name string, data []byte) ([]Entry, error) {
	var found []struct {
		RuleID, File, Commit, Secret string
		StartLine                    int
	}
	if err := json.Unmarshal(data, &found); err != nil {
		return nil, fmt.Errorf("%s: this is no report that gitleaks writes with --report-format json", name)
	}
	list := make([]Entry, len(found))
	for i, f := range found {
		e := Entry{Spot: known.Spot{Commit: strings.ToLower(f.Commit), Path: strings.ReplaceAll(f.File, `\`, "/"), Line: f.StartLine}, Rule: f.RuleID, From: i + 1, Reason: "from a baseline of gitleaks"}
		switch {
		case strings.Contains(f.Secret, "…") || strings.HasPrefix(f.Secret, "••••") || f.Secret == "" && strings.HasPrefix(f.RuleID, "file-"):
			e.ours = true
		case !strings.HasSuffix(f.Secret, "...") && f.Secret != "REDACTED":
			e.secret = f.Secret
		}
		list[i] = e
	}
	return list, nil
}

// DetectSecrets reads a .secrets.baseline. Its remarks name plugins and filters
// that have no counterpart, and findings that were marked as real.
func DetectSecrets(name string, data []byte) (list []Entry, remarks []Remark, err error) {
	var file struct {
		Version string `json:"version"`
		Plugins []struct {
			Name string `json:"name"`
		} `json:"plugins_used"`
		Filters []struct {
			Path    string   `json:"path"`
			Pattern patterns `json:"pattern"`
		} `json:"filters_used"`
		Results map[string][]struct {
			Type   string `json:"type"`
			Hash   string `json:"hashed_secret"`
			Line   int    `json:"line_number"`
			Secret *bool  `json:"is_secret"`
		} `json:"results"`
	}
	if err := json.Unmarshal(data, &file); err != nil || file.Results == nil {
		return nil, nil, fmt.Errorf("%s: this is no baseline that detect-secrets writes", name)
	}
	var files []string
	for f := range file.Results {
		files = append(files, f)
	}
	slices.Sort(files)
	for _, f := range files {
		for _, r := range file.Results[f] {
			e := Entry{Spot: known.Spot{Path: strings.ReplaceAll(f, `\`, "/"), Line: r.Line}, Rule: r.Type, From: len(list) + 1, Reason: "from a baseline of detect-secrets", hash: strings.ToLower(r.Hash)}
			if r.Secret != nil && *r.Secret {
				remarks = append(remarks, Remark{Lost: true, What: e.What(), Why: "it was audited as a real secret; it stays a finding: revoke it"})
				continue
			}
			if r.Secret != nil {
				e.Reason = "audited as no secret with detect-secrets"
			}
			list = append(list, e)
		}
	}
	for _, f := range file.Filters {
		if strings.HasSuffix(f.Path, "should_exclude_secret") || strings.HasSuffix(f.Path, "should_exclude_line") {
			remarks = append(remarks, Remark{Lost: true, What: "filter " + f.Path, Why: "its pattern is Python's; write it as secrets: or lines: of an allow entry in .scan.yaml"})
		}
	}
	return list, remarks, nil
}

// patterns is one pattern or a list of them.
type patterns []string

// UnmarshalJSON implements json.Unmarshaler.
func (p *patterns) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*p = patterns{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(p))
}

// DetectSecretsExcludes gives the paths that filters of a .secrets.baseline leave
// out. What Go cannot read as a pattern is a remark.
func DetectSecretsExcludes(data []byte) (out []Allow, remarks []Remark) {
	var file struct {
		Filters []struct {
			Path    string   `json:"path"`
			Pattern patterns `json:"pattern"`
		} `json:"filters_used"`
	}
	if json.Unmarshal(data, &file) != nil {
		return nil, nil
	}
	for _, f := range file.Filters {
		if !strings.HasSuffix(f.Path, "should_exclude_file") {
			continue
		}
		for _, p := range f.Pattern {
			if why := badPattern(p); why != "" {
				remarks = append(remarks, Remark{Lost: true, What: "excluded files " + p, Why: why})
				continue
			}
			out = append(out, Allow{When: known.Condition{Paths: []string{p}}, Reason: "excluded with detect-secrets"})
		}
	}
	return out, remarks
}

// DetectSecretsMarks accepts what is on a line with a pragma of
// detect-secrets, or below one that speaks of the next line.
func DetectSecretsMarks() Allow {
	return Allow{
		When:   known.Condition{Lines: []string{`(?i)pragma: ?(?:allow|white)list[ -]secret`}, Above: []string{`(?i)pragma: ?(?:allow|white)list[ -]nextline[ -]secret`}},
		Reason: "a pragma of detect-secrets, which gives no reason",
	}
}

// Match finds, for each entry, the findings that it accepts: a list of indexes
// of fs; none if nothing of it was found. Where an entry holds the secret, that
// decides; else its place does. loose says that no commit of the entry's name
// had it, but the same line of the file did.
func Match(fs []finding.Finding, list []Entry) (hits [][]int, loose []bool) {
	type line struct {
		path string
		line int
	}
	at := map[line][]int{}
	bySecret := map[string][]int{}
	byHash := map[string][]int{}
	for i := range fs {
		secret := fs[i].Secret.Reveal()
		sum := sha1.Sum([]byte(secret))
		h := hex.EncodeToString(sum[:])
		bySecret[secret], byHash[h] = append(bySecret[secret], i), append(byHash[h], i)
		for _, p := range fs[i].Places {
			k := line{p.Path, p.Line}
			if list := at[k]; len(list) == 0 || list[len(list)-1] != i {
				at[k] = append(list, i)
			}
		}
	}
	hits, loose = make([][]int, len(list)), make([]bool, len(list))
	for n := range list {
		e := &list[n]
		here := at[line{e.Path, e.Line}]
		switch {
		case e.secret != "":
			hits[n] = bySecret[e.secret]
		case e.hash != "":
			hits[n] = byHash[e.hash]
		case e.Commit == "":
			hits[n] = here
		default:
			for _, i := range here {
				if slices.ContainsFunc(fs[i].Places, func(p finding.Place) bool {
					return p.Path == e.Path && p.Line == e.Line && p.Commit != nil && p.Commit.ID == e.Commit
				}) {
					hits[n] = append(hits[n], i)
				}
			}
			if len(hits[n]) == 0 {
				hits[n], loose[n] = here, len(here) > 0
			}
		}
		if e.strict {
			hits[n] = slices.DeleteFunc(slices.Clone(hits[n]), func(i int) bool { return !e.takes(fs[i].Rule.ID) })
			loose[n] = loose[n] && len(hits[n]) > 0
		}
	}
	return hits, loose
}

// Accept gives conditions for entries of gitleaks as gitleaks compares them: by
// commit, file and line, in a .gitleaksignore by the rule, and in a report by the
// secret where it holds it.
func Accept(list []Entry) (out []Allow) {
	var bare []Allow
	at := map[string]int{} // bare ones, by their rules
	for i := range list {
		e := &list[i]
		if e.ours {
			out = append(out, Allow{When: known.Condition{Rules: []string{e.Rule}, Spots: []known.Spot{e.Spot}}, Reason: e.Reason, Line: e.From})
			continue
		}
		if e.secret == "" {
			only, except := e.about()
			key := fmt.Sprint(only, except)
			n, ok := at[key]
			if !ok {
				n = len(bare)
				at[key] = n
				bare = append(bare, Allow{When: known.Condition{Rules: only, Except: except}, Reason: e.Reason})
			}
			bare[n].When.Spots = append(bare[n].When.Spots, e.Spot)
			continue
		}
		out = append(out, Allow{
			When:   known.Condition{Spots: []known.Spot{e.Spot}, Secrets: []string{"^" + regexp.QuoteMeta(e.secret) + "$"}, Every: true},
			Reason: e.Reason, Line: e.From,
		})
	}
	return append(out, bare...)
}
