package scanner

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/needle"
	"keyrake/scanner/replacement"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/warm"
)

// What a history scan keeps for the next one is two files. The outcome (this file and
// cache_outcome.go) is the whole report of one state of the repository, and is used if
// nothing that was read has changed. What is known of objects (cache_objects.go,
// cache_keep.go, cache_marks.go) is used for any other state that has the same objects
// still, and with other rules as far as cache_rules.go says. Neither holds a secret:
// cache_decide.go reads the secrets again where they stand, and asks the rules and the
// judge once more. ARCHITECTURE.md says why it is done so.

// CacheOptions let a history scan keep what it found out below the git directory.
type CacheOptions struct {
	// Engine names the program that scans, and all of it that decides what is
	// found: what another engine kept is not used. "" keeps nothing.
	Engine string
	// Miss is called before objects are read, if the whole report was not kept. It
	// may be nil.
	Miss func()
}

// memo says where the outcome of a history scan is kept, and under which seal: the
// state of all that the scan read.
type memo struct {
	path, objects string   // the files of the outcome, and of what is known of objects
	keyFile       string   // beside them
	words         []string // what the outcome depends on beside files
	search        []string // what that which is found in an object depends on, beside the rules
	seal          warm.Seal
	key           warm.Key // mutable: what is kept of objects is sealed with it
}

// outcome is the report that is kept, without the secrets and without anything that
// one could be guessed from. It says where each secret stands, so that the secret can
// be read again from there.
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
	Fate   finding.Fate
}

// kept is a finding without its secret and what was said about it.
type kept struct {
	Places      []finding.Place // without their ends
	Severity    rules.Severity  // the group's
	Unreachable bool
	Exposure    *finding.Exposure
	Fate        finding.Fate

	Refs  []decided // the first is of the verdict, all of how the secret is written at places
	Forms []int     // for each place, which of Refs it is written as
}

// memo finds out where the outcome of this scan is kept. It is nil if nothing may be
// kept.
func (s *scan) memo(r *repo.Repo, env GitEnv) *memo {
	words, search, ok := s.opt.words()
	if !ok || env.ObjectDirectory != "" || env.AlternateObjectDirectories != "" {
		return nil // a quarantine's objects are gone a moment later
	}
	if s.inPieces {
		words, search = append(words, "in pieces"), append(search, "in pieces")
	}
	dir := filepath.Join(r.GitDir, "keyrake")
	m := &memo{path: filepath.Join(dir, "history"), objects: filepath.Join(dir, "objects"), keyFile: filepath.Join(dir, "key"), words: words, search: search}
	for _, h := range r.Shallow {
		m.search = append(m.search, h.String())
	}
	m.seal = m.look(r)
	return m
}

// words lists the options that decide what a report says (words), and those of them
// that decide what is found in an object (search). It is not ok to keep anything if an
// option is set that is not named here: it may change the report.
func (o Options) words() (words, search []string, ok bool) {
	if o.Cache == nil || o.Cache.Engine == "" || o.FullScan {
		return nil, nil, false
	}
	search = []string{o.Cache.Engine}
	v := reflect.ValueOf(o)
	for i := range v.NumField() {
		switch name := v.Type().Field(i).Name; name {
		case "Rules":
			if slices.ContainsFunc(o.Rules.All(), func(r *rules.Rule) bool { return r.Whole }) {
				return nil, nil, false // what they find has no keyword to be found by again
			}
			words = append(words, o.Rules.Digest())
		case "Cache", "Jobs", "MemoryLimit", "FullScan", "Progress", "Searched", "own", "ownSteps", "full", "places": // told above, or change no report
		case "FileRules":
			for i := range o.FileRules {
				search = append(search, name, o.FileRules[i].ID)
			}
		case "Severities": // given to what was kept, see accept
		case "Unreachable":
			words = append(words, fmt.Sprint(name, o.Unreachable))
		case "MaxFileBytes", "MinConfidence", "ArchiveDepth":
			search = append(search, fmt.Sprint(name, v.Field(i).Interface()))
		case "Known": // suppresses what was kept, but for rules that lose against others
			if o.Known != nil && o.Known.NeedsLines() {
				return nil, nil, false // lines are not kept
			}
			if o.Known != nil {
				search = append(search, name, fmt.Sprintf("%q", slices.Sorted(maps.Keys(o.Known.Muted))))
			}
		case "Publish":
			if o.Publish != nil {
				words = append(words, name, o.Publish.Remote)
			}
		default:
			if !v.Field(i).IsZero() {
				return nil, nil, false
			}
		}
	}
	return slices.Concat(words, search), search, true
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
	grafts, problems := r.Grafts()
	s.Text(r.ConfigDigest(), fmt.Sprint(grafts, problems))
	for _, dir := range r.LogDirs() {
		s.Tree(dir)
	}
	for _, dir := range r.ObjectDirs {
		s.Objects(dir)
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
	var all []decided
	s.wanted = map[contentOf]bool{}
	for i := range o.Findings {
		all = append(all, o.Findings[i].Refs...)
		for _, p := range o.Findings[i].Places {
			if p.Inner > 0 {
				s.wanted[contentOf{p.Inside(), p.Object}] = true
			}
		}
	}
	made, ok := s.decideAgain(objects, all)
	if !ok {
		return false
	}
	list, ok := s.put(o.Findings, made)
	if !ok {
		return false
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

// put makes the findings again, from what was kept of them and from the decisions that
// were made about their references, which come in the same order.
func (s *scan) put(list []kept, made []decision) ([]finding.Finding, bool) {
	gs := make([]group, len(list))
	at := make([]int, len(list)) // in made
	for i, next := 0, 0; i < len(list); i++ {
		k := &list[i]
		if len(k.Refs) == 0 || len(k.Places) == 0 || len(k.Forms) != len(k.Places) {
			return nil, false
		}
		gs[i], at[i] = group{secret: made[next].secret, best: made[next].verdict, severity: k.Severity}, next
		next += len(k.Refs)
	}
	fs := make([]finding.Finding, len(list))
	var from findingMaker
	for i := range list {
		k := &list[i]
		places := slices.Clone(k.Places)
		for p := range places {
			form := k.Forms[p]
			if form < 0 || form >= len(k.Refs) || made[at[i]+form].secret != gs[i].secret {
				return nil, false
			}
			made[at[i]+form].shape.end(&places[p])
		}
		fs[i] = from.finding(&gs[i], places)
		fs[i].Unreachable, fs[i].Exposure, fs[i].Fate = k.Unreachable, k.Exposure, k.Fate
		if k.Exposure != nil {
			for p := range k.Exposure.SameText {
				shapeOf(gs[i].secret).end(&k.Exposure.SameText[p])
			}
		}
	}
	return fs, true
}

// file makes a finding again that is a file and not a secret.
func (s *scan) file(k *keptFile) (finding.Finding, bool) {
	if len(k.Places) == 0 {
		return finding.Finding{}, false
	}
	r := s.fileRule(k.Places[0].Path)
	if r == nil || r.ID != k.Rule {
		return finding.Finding{}, false
	}
	f := fileFinding(r, &k.Places[0])
	f.Places, f.InHead, f.Fate = k.Places, k.InHead, k.Fate
	return f, true
}

// remember keeps what the scan found out, if the repository is still in the state that
// was scanned. Errors are not told, as the repository may be read-only and the report
// is complete without: only the next scan takes longer.
func (s *scan) remember(m *memo, r *repo.Repo, objects *store.Store, res *history.Result, from *past) {
	if m == nil || s.accepted || !m.seal.Same(m.look(r)) {
		return
	}
	ref := newReferrer(s, objects, from)
	objs := &pastKeeper{referrer: ref, from: from}
	fresh := !from.holds(res)
	if fresh {
		objs.gather(res)
	}
	out := &outcomeKeeper{referrer: ref}
	ok := s.lasting() && s.steady(r, objects) && len(s.inNames()) == 0 && out.gather() // a name that is to be masked is not to be kept
	ref.find()
	if fresh {
		objs.keep(m, res)
	}
	if ok {
		out.keep(m)
	}
}

// lasting tells whether a scan of the same state would find the same gaps. An error of
// a disk, or a rule that ran out of time, may not happen again.
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

// holdsSecret tells whether data, which is to be kept, holds one of the secrets that were
// found: a file may be named after one. Short secrets that can be guessed are not
// looked for, as they may be ordinary words.
func (s *scan) holdsSecret(data []byte) bool {
	const least = 16
	var list []replacement.Entry
	for i := range s.report.Findings {
		secret := s.report.Findings[i].Secret.Reveal()
		if len(secret) >= least || finding.Unguessable(secret) {
			list = append(list, replacement.Entry{Text: secret})
		}
	}
	needles, err := needle.New(list, false)
	if err != nil {
		return true
	}
	found := false
	needle.NewSearch(needles).Each(data, func(int, int, int) { found = true })
	return found
}

// steady tells whether what was missing is still missing at a second look: a disk may
// have shown a folder as empty for a moment. As it may do so twice, the files of missing
// objects are asked for by their names as well.
func (s *scan) steady(r *repo.Repo, objects *store.Store) bool {
	if len(s.report.Coverage.Gaps) == 0 {
		return true
	}
	for _, g := range s.report.Coverage.Gaps {
		for _, dir := range r.ObjectDirs {
			if len(g.Object) < 3 {
				continue
			}
			if _, err := os.Lstat(filepath.Join(dir, g.Object[:2], g.Object[2:])); !errors.Is(err, fs.ErrNotExist) {
				return false
			}
		}
	}
	again := store.Open(r.ObjectDirs)
	defer again.Close()
	again.List()
	return again.Len() == objects.Len()
}
