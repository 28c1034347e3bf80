package scanner

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/match"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/warm"
)

// CacheOptions let a history scan keep its outcome below the git directory, for
// as long as nothing that it read changes.
type CacheOptions struct {
	// Engine names the program that scans, and all of it that decides what is
	// found: what another engine kept is not used. "" keeps nothing.
	Engine string
}

// memo is where the outcome of one history scan is kept, and under which seal.
type memo struct {
	path  string
	words []string // what the outcome depends on beside files
	seal  warm.Seal
}

// outcome is what is kept: a report without secrets, and without anything that
// tells of one. Where a secret stands is kept; what it says is read again.
type outcome struct {
	Findings []kept
	Coverage finding.Coverage
	Publish  *finding.Publish
	Objects  int // for Stats
	Files    []keptFile
}

// keptFile is a finding that is a file.
type keptFile struct {
	Rule   string
	Places []finding.Place
	InHead bool
	Fate   string
}

// kept is a finding without its secret and what was said about it.
type kept struct {
	Places      []finding.Place // without their ends
	Unreachable bool
	Exposure    *finding.Exposure
	Fate        string

	// The rule said it of the hit number Nth at the anchor, in the content of Object.
	Object plumbing.Hash
	Anchor match.Anchor
	Nth    int
	Rule   string
}

// memo finds out where the outcome of a scan is kept; nil if it may not be.
func (s *scan) memo(r *repo.Repo, env GitEnv) *memo {
	words, ok := s.opt.words()
	if !ok || env.ObjectDirectory != "" || env.AlternateObjectDirectories != "" {
		return nil // a quarantine's objects are gone a moment later
	}
	m := &memo{path: filepath.Join(r.GitDir, "keyrake", "history"), words: words}
	m.seal = m.look(r)
	return m
}

// words lists the options that decide what a report says. It is false if the
// outcome may not be kept: an option that is not known here may change it.
func (o Options) words() ([]string, bool) {
	if o.Cache == nil || o.Cache.Engine == "" || o.FullScan {
		return nil, false
	}
	words := []string{o.Cache.Engine, o.Rules.Digest()}
	v := reflect.ValueOf(o)
	for i := range v.NumField() {
		switch name := v.Type().Field(i).Name; name {
		case "Rules", "Cache", "Jobs", "MemoryLimit", "FullScan", "Progress": // told above, or change no report
		case "FileRules":
			for i := range o.FileRules {
				words = append(words, name, o.FileRules[i].ID)
			}
		case "Severities": // given to what was kept, see accept
		case "MaxFileBytes", "MinConfidence", "Unreachable", "ArchiveDepth":
			words = append(words, fmt.Sprint(name, v.Field(i).Interface()))
		case "Known": // suppresses what was kept, but for rules that lose against others
			if o.Known != nil && o.Known.NeedsLines() {
				return nil, false // lines are not kept
			}
			if o.Known != nil {
				words = append(words, name, fmt.Sprintf("%q", slices.Sorted(maps.Keys(o.Known.Muted))))
			}
		case "Publish":
			if o.Publish != nil {
				words = append(words, name, o.Publish.Remote)
			}
		default:
			if !v.Field(i).IsZero() {
				return nil, false
			}
		}
	}
	return words, true
}

// look seals the state of all that a history scan reads.
func (m *memo) look(r *repo.Repo) warm.Seal {
	now := time.Now()
	s := warm.NewSealer()
	s.Text(m.words...)
	refs, problems := r.Refs()
	for _, ref := range refs {
		s.Text(ref.Name, ref.Target.String(), string(ref.Kind), fmt.Sprint(ref.Extra), ref.Worktree)
	}
	head, name, born, err := r.Head()
	s.Text("HEAD", head.String(), name, fmt.Sprint(born, err), r.GitDir, r.CommonDir, r.WorkTree, fmt.Sprint(r.Bare, r.Promisor, len(refs)))
	for _, p := range slices.Concat(r.Problems, problems) {
		s.Text(p.What, p.Reason)
	}
	for _, h := range r.Shallow {
		s.Text(h.String())
	}
	s.Text(r.ConfigDigest())
	for _, dir := range r.LogDirs() {
		s.Tree(dir)
	}
	for _, dir := range r.ObjectDirs {
		s.Tree(dir)
	}
	return s.Seal(now)
}

// recall takes the report from what an earlier scan kept. It is false, and
// changes nothing, unless that is the report of this very state.
func (s *scan) recall(m *memo, objects *store.Store) bool {
	if m == nil {
		return false
	}
	s.enter("look at what was kept")
	data, ok := warm.Load(m.path, m.seal)
	if !ok {
		return false
	}
	var o outcome
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&o); err != nil {
		return false
	}
	list := make([]finding.Finding, len(o.Findings))
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	store.SortByPlace(objects, order, func(i int) plumbing.Hash { return o.Findings[i].Object })
	from := objects.NewReader(s.readerMemory())
	for _, i := range order {
		k := &o.Findings[i]
		hits, text := s.again(from, k.Object, k.Anchor)
		if k.Nth < 0 || k.Nth >= len(hits) || hits[k.Nth].verdict.rule.ID != k.Rule || len(k.Places) == 0 {
			return false
		}
		h := &hits[k.Nth]
		secret := string(text[h.from():h.to()])
		for p := range k.Places {
			end(&k.Places[p], secret)
		}
		g := group{secret: secret, best: h.verdict}
		list[i] = g.finding(k.Places)
		list[i].Unreachable, list[i].Exposure, list[i].Fate = k.Unreachable, k.Exposure, k.Fate
	}
	for i := range o.Files {
		f, ok := s.file(&o.Files[i])
		if !ok {
			return false
		}
		list = append(list, f)
	}
	arrange(list)
	s.report.Findings, s.report.Coverage, s.report.Publish, s.report.Stats.Objects = list, o.Coverage, o.Publish, o.Objects
	return true
}

// file makes a finding that is a file again.
func (s *scan) file(k *keptFile) (finding.Finding, bool) {
	if len(k.Places) == 0 {
		return finding.Finding{}, false
	}
	r := s.fileRule(k.Places[0].Path)
	if r == nil || r.ID != k.Rule {
		return finding.Finding{}, false
	}
	f := fileFinding(r, k.Places[0].Path)
	f.Places, f.InHead, f.Fate = k.Places, k.InHead, k.Fate
	return f, true
}

// again decides once more about an anchor; text is the content that it is in.
// hits is nil if that cannot be done as before.
func (s *scan) again(from *store.Reader, object plumbing.Hash, a match.Anchor) (hits []hit, text []byte) {
	_, text, err := from.GetProven(object)
	if err != nil {
		return nil, nil
	}
	if decoded, ok := decodeUTF16(text); ok {
		text = decoded
	}
	w := s.workers[0]
	if a.Off < 0 || int(a.Lit) >= len(w.prog.Keywords()) || int(a.Off)+w.prog.Len(a) > len(text) {
		return nil, nil
	}
	hits = w.decide(nil, text, a)
	if len(w.expired) > 0 {
		w.expired = w.expired[:0]
		return nil, nil
	}
	return hits, text
}

// end puts in where a secret that starts at p ends.
func end(p *finding.Place, secret string) {
	body := secret[:max(0, len(secret)-1)]
	p.EndLine = p.Line + strings.Count(body, "\n")
	if nl := strings.LastIndexByte(body, '\n'); nl >= 0 {
		p.EndColumn = len(body) - nl
	} else {
		p.EndColumn = p.Column + len(body)
	}
}

// remember keeps the outcome, if the state is still the one that was scanned and
// the outcome is one that it alone decides: nothing was taken out of it yet. An error costs the next scan its
// start and nobody a report, so none is told: the repository may be read-only.
func (s *scan) remember(m *memo, r *repo.Repo, objects *store.Store) {
	if m == nil || s.accepted || !s.lasting() || !m.seal.Same(m.look(r)) {
		return
	}
	o := outcome{Coverage: s.report.Coverage, Publish: s.report.Publish, Objects: s.report.Stats.Objects}
	groups := groups(s.collectors())
	of := map[string]*group{}
	for i := range groups {
		of[groups[i].secret] = &groups[i]
	}
	from := objects.NewReader(s.readerMemory())
	for i := range s.report.Findings {
		if f := &s.report.Findings[i]; f.Secret.Len() == 0 {
			o.Files = append(o.Files, keptFile{f.Rule.ID, f.Places, f.InHead, f.Fate})
			continue
		}
		k, ok := s.keep(from, objects, &s.report.Findings[i], of)
		if !ok {
			return
		}
		o.Findings = append(o.Findings, k)
	}
	if len(s.inNames()) > 0 { // a name that is to be masked is not to be kept
		return
	}
	var data bytes.Buffer
	if err := gob.NewEncoder(&data).Encode(&o); err != nil || s.tells(data.Bytes()) {
		return
	}
	_ = warm.Save(m.path, m.seal, data.Bytes())
}

// lasting tells whether a scan of the same state would read as much: an error of
// a disk, or a rule that ran out of time, may not come back.
func (s *scan) lasting() bool {
	for _, w := range s.workers {
		if len(w.gaps) > 0 {
			return false
		}
	}
	return !slices.ContainsFunc(s.report.Coverage.Gaps, func(g finding.Gap) bool {
		switch g.Cause {
		case finding.Missing, finding.Promised, finding.Shallow, finding.TooLarge, finding.Elsewhere:
			return false
		}
		return true
	})
}

// keep strips a finding, after making sure that it can be put together again.
func (s *scan) keep(from *store.Reader, objects *store.Store, f *finding.Finding, of map[string]*group) (k kept, ok bool) {
	secret := f.Secret.Reveal()
	g := of[secret]
	if g == nil {
		return k, false
	}
	i := slices.IndexFunc(g.spots, func(o occurrence) bool { return o.verdict == g.best })
	k = kept{Unreachable: f.Unreachable, Exposure: f.Exposure, Fate: f.Fate, Rule: f.Rule.ID}
	k.Object, k.Anchor, k.Places = objects.Name(int(g.spots[i].where)), g.spots[i].anchor, slices.Clone(f.Places)
	for p := range k.Places {
		place := k.Places[p]
		if end(&place, secret); place != f.Places[p] {
			return k, false
		}
		k.Places[p].EndLine, k.Places[p].EndColumn = 0, 0 // they tell how long the secret is
	}
	hits, text := s.again(from, k.Object, k.Anchor)
	k.Nth = slices.IndexFunc(hits, func(h hit) bool {
		return string(text[h.from():h.to()]) == secret && h.verdict.rule == g.best.rule && reflect.DeepEqual(h.verdict.Verdict, g.best.Verdict)
	})
	return k, k.Nth >= 0
}

// tells tells whether what is to be kept holds a secret: a path may be named for
// one. Shorter values may well be words.
func (s *scan) tells(data []byte) bool {
	const least = 16
	for i := range s.report.Findings {
		secret := s.report.Findings[i].Secret.Reveal()
		if (len(secret) >= least || unguessable(secret)) && bytes.Contains(data, []byte(secret)) {
			return true
		}
	}
	return false
}
