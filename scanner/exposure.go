package scanner

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/trace"
)

// exposer tells of each finding of a history how far it is exposed.
type exposer struct {
	l      *locator
	repo   *repo.Repo
	tip    *tip
	head   plumbing.Hash
	branch string // that HEAD stands on, short; "" if it is detached
	traces []trace.Result
	// subjects has the trace of each group. Groups that stand in the same objects
	// share one.
	subjects []int32
	subject  map[subject]int // of a weak secret at a path
	known    map[way]*finding.Exposure
	names    [refGroups][]string
	stashes  map[string]plumbing.Hash // by their names
	remotes  bool                     // there are remote-tracking refs
	root     func(commit plumbing.Hash) bool
	partial  bool // a range was looked at
	whole    bool // all that refs reach was looked at
	unsure   bool // more refs may reach it
}

// subject is a secret at one path; see group.findings.
type subject struct {
	trace int
	path  string
}

// The groups of refs whose reach is told apart.
const (
	branchRefs = iota
	tagRefs
	remoteRefs
	hostRefs // that only a host makes
	otherRefs
	stashRefs
	refGroups
)

// expose traces the secrets of gs.
func (s *scan) expose(r *repo.Repo, res *history.Result, l *locator, gs []group) *exposer {
	e := newExposer(l, r, s.head(r))
	e.root = s.where.Root
	lost := false
	for g := range gs {
		for _, o := range gs[g].spots {
			lost = lost || res.Type(int(o.where)) != plumbing.TreeObject && !res.Reachable(int(o.where))
		}
	}
	ask := e.ask(gs, s.everywhere || s.crowded)
	if lost {
		logs, problems := r.Reflogs()
		addGaps(s, problems)
		for _, entry := range logs {
			ask.Logs = append(ask.Logs, entry.Target)
		}
	}
	e.traces = s.where.Trace(ask)
	return e
}

func newExposer(l *locator, r *repo.Repo, head *tip) *exposer {
	return &exposer{l: l, repo: r, tip: head, whole: true, subject: map[subject]int{}, known: map[way]*finding.Exposure{}}
}

// ask makes the question that is put to a history or a range. With everywhere, no
// secret is told apart by its paths.
func (e *exposer) ask(gs []group, everywhere bool) trace.Subjects {
	head, name := e.tip.commit, e.tip.name // an error is a gap already
	e.head, e.branch = head, strings.TrimPrefix(name, "refs/heads/")
	e.subjects = make([]int32, len(gs))
	q := question{holders: map[plumbing.Hash][]int{}, messages: map[plumbing.Hash][]int{}}
	var shared [2]map[string]int32 // weak ones are others, by the objects that hold a secret
	for i := range shared {
		shared[i] = map[string]int32{}
	}
	for g := range gs {
		spots := gs[g].spots
		key, kind := q.key(spots), 0
		guessed := !everywhere && !finding.Unguessable(gs[g].secret)
		if guessed {
			kind = 1
		}
		if n, ok := shared[kind][string(key)]; ok {
			e.subjects[g] = n // it goes the way of another
			continue
		}
		e.subjects[g] = int32(len(q.weak))
		shared[kind][string(key)] = e.subjects[g]
		q.add(e.l, spots, guessed)
	}
	count := len(q.weak)
	return trace.Subjects{
		Messages: q.messages, Head: head, Tips: e.tips(),
		Count: func() int { return count },
		Of: func(blob plumbing.Hash, path string) []int {
			list := slices.Clone(q.holders[blob])
			for i, n := range list {
				if !q.weak[n] || path == "" {
					continue
				}
				at, ok := e.subject[subject{n, path}]
				if !ok {
					at = count
					count++
					e.subject[subject{n, path}] = at
				}
				list[i] = at
			}
			return list
		},
	}
}

// question tells which subjects stand in which blobs, and in which messages.
type question struct {
	holders, messages map[plumbing.Hash][]int
	weak              []bool // by subject: at each path it is another one
	where             []int32
	text              []byte
}

// key names the objects that hold a secret, until it is called again.
func (q *question) key(spots []occurrence) []byte {
	q.where, q.text = q.where[:0], q.text[:0]
	for _, o := range spots {
		q.where = append(q.where, o.where)
	}
	slices.Sort(q.where)
	for _, n := range slices.Compact(q.where) {
		q.text = binary.LittleEndian.AppendUint32(q.text, uint32(n))
	}
	return q.text
}

// add adds a subject, which stands there.
func (q *question) add(l *locator, spots []occurrence, weak bool) {
	n := len(q.weak)
	q.weak = append(q.weak, weak)
	for _, o := range spots {
		to := q.holders
		h, typ := l.object(o.where)
		switch typ {
		case plumbing.CommitObject, plumbing.TagObject:
			to = q.messages
		case plumbing.TreeObject:
			continue // a name in a tree has no trace
		}
		if list := to[h]; len(list) == 0 || list[len(list)-1] != n {
			to[h] = append(list, n)
		}
	}
}

// tips sorts the refs into their groups, and notes their names.
func (e *exposer) tips() [][]plumbing.Hash {
	refs := e.l.refs
	tips := make([][]plumbing.Hash, refGroups)
	named := map[plumbing.Hash]bool{} // what HEADs point to: by something other than a HEAD
	for i := range refs {
		if isHead(refs[i].Name) {
			named[refs[i].Target] = false
		}
	}
	for i := range refs {
		ref := &refs[i]
		if _, ok := named[ref.Target]; ok && !isHead(ref.Name) && (ref.Kind == repo.Branch || ref.Kind == repo.Remote) {
			named[ref.Target] = true
		}
	}
	for _, ref := range refs {
		if !isTip(&ref) || isHead(ref.Name) && named[ref.Target] {
			continue
		}
		g, name := groupOf(ref)
		if ref.Name == "refs/stash" {
			continue // it is stash@{0}, unless it has no log
		}
		e.names[g] = append(e.names[g], name)
		tips[g] = append(tips[g], ref.Target)
	}
	if len(tips[stashRefs]) == 0 {
		for _, ref := range refs {
			if ref.Name == "refs/stash" {
				e.names[stashRefs], tips[stashRefs] = []string{"stash@{0}"}, []plumbing.Hash{ref.Target}
			}
		}
	}
	e.stashes = map[string]plumbing.Hash{}
	for i, name := range e.names[stashRefs] {
		e.stashes[name] = tips[stashRefs][i]
	}
	e.remotes = len(tips[remoteRefs]) > 0
	return tips
}

// of tells how far a finding of group g is exposed; nil if that is not known.
func (e *exposer) of(g int, f *finding.Finding) *finding.Exposure {
	if slices.ContainsFunc(f.Places, func(p finding.Place) bool { return p.Kind == finding.TreeNames }) {
		return nil // names are not traced
	}
	n := int(e.subjects[g])
	if m, ok := e.subject[subject{n, f.Places[0].File()}]; ok {
		n = m
	}
	paths, said := pathsAndMessages(f)
	inHead := e.traces[n].InHead || e.partial && f.InHead
	key := way{n, strings.Join(paths, "\x00"), said, inHead}
	if x := e.known[key]; x != nil {
		return x
	}
	t := &e.traces[n]
	x := &finding.Exposure{Paths: paths, Partial: e.partial}
	e.known[key] = x
	x.First, x.Removed = e.commit(t.First), e.commit(t.Removed)
	if !inHead {
		x.Last = e.commit(t.Last)
	}
	for _, h := range t.Introduced {
		x.Introduced = append(x.Introduced, h.String())
	}
	x.Days = e.days(x, inHead)
	e.reach(x, t)
	switch {
	case x.Local && e.whole:
		x.Steps = e.steps(x, said)
	case x.Local:
		x.Local, x.IfNew = false, e.steps(x, said)
	}
	return x
}

// way is all that an exposure depends on. Those of many secrets in one file are
// one, which they share.
type way struct {
	trace int
	paths string
	said  inMessages
	head  bool // HEAD has it
}

// inMessages tells in which messages a finding stands.
type inMessages struct{ commit, tag bool }

// pathsAndMessages lists the paths of a finding, sorted, and its kinds of messages. Git knows
// of an archive as a whole.
func pathsAndMessages(f *finding.Finding) (paths []string, in inMessages) {
	for i := range f.Places {
		if p := f.Places[i].File(); p != "" {
			paths = append(paths, p)
		}
		in.commit = in.commit || f.Places[i].Kind == finding.CommitMessage
		in.tag = in.tag || f.Places[i].Kind == finding.TagMessage
	}
	slices.Sort(paths)
	return slices.Compact(paths), in
}

func (e *exposer) commit(h plumbing.Hash) *finding.Commit {
	if h.IsZero() {
		return nil
	}
	return e.l.commit(h)
}

// days counts from the first commit to the end of the exposure, as far as it is
// known. Clocks may go wrong; there are no negative days.
func (e *exposer) days(x *finding.Exposure, inHead bool) int {
	end := x.Removed
	if end == nil {
		end = x.Last
	}
	if inHead {
		end = e.commit(e.head)
	}
	if x.First == nil || end == nil {
		return 0
	}
	return max(0, int(end.Date.Sub(x.First.Date)/(24*time.Hour)))
}

// reach names the refs and draws the verdict from them, as far as they hold what was
// looked at.
func (e *exposer) reach(x *finding.Exposure, t *trace.Result) {
	names := func(group int) (list []string) {
		r := &t.Reach[group]
		x.Cut = x.Cut || r.More
		if len(r.Tips) > 0 {
			list = make([]string, 0, len(r.Tips))
		}
		for _, i := range r.Tips {
			list = append(list, e.names[group][i])
		}
		return list
	}
	x.Branches, x.Tags, x.Remotes = names(branchRefs), names(tagRefs), names(remoteRefs)
	host, others, stash := names(hostRefs), names(otherRefs), names(stashRefs)
	x.Others = slices.Concat(host, others, stash)
	slices.Sort(x.Others)
	x.Pushed = len(x.Remotes)+len(host) > 0
	switch known := len(x.Branches) + len(x.Tags) + len(x.Remotes) + len(host) + len(others); {
	case known > 0:
	case len(stash) > 0:
		x.Only = "stash"
	case t.Logged:
		x.Only = "reflog"
	case !e.partial: // what a hook asks about is on no ref yet
		x.Only = "unreachable"
	}
	// Refs of other kinds may have been fetched, and tags leave no trace of
	// being pushed, unless there is nowhere to push to.
	alone := len(e.repo.Remotes()) == 0 && !e.remotes
	private := len(x.Tags) == 0 && !slices.ContainsFunc(others, func(name string) bool { return !isHead(name) })
	x.Local = !x.Pushed && !e.unsure && !e.repo.Bare && (alone || e.remotes && private)
}
