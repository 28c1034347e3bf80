// Package scanner is the pipeline: walk, match, judge, and the report that
// comes of them. It is the only package below the command that knows several
// stages.
//
// It refuses to know flags, terminals and formats. Its invariants: the same
// input gives the same report at any number of workers; searching a history by
// what changed finds what searching every version in full finds; whatever was
// not read or not searched to its end is a gap in the report's coverage.
package scanner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/judge"
	"keyrake/scanner/known"
	"keyrake/scanner/match"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/repo"
)

// Options say how to scan.
type Options struct {
	Rules         *rules.Set
	Jobs          int             // workers; 0 is 1
	MemoryLimit   int64           // bytes of delta bases held while a history is read, and for the places that are told; 0 is no bound
	FullScan      bool            // search every version of a file in full instead of what changed
	MaxFileBytes  int64           // larger contents are a gap; 0 searches those above half of MemoryLimit in pieces, where that is possible
	Prove         bool            // of a history, hold every blob to its name, not only those with findings above low
	Unreachable   bool            // of a history, report what no ref reaches too
	Publish       *PublishOptions // of a history, what becomes public if all is pushed; nil does not ask
	Cache         *CacheOptions   // what a history scan keeps for the next one; nil keeps nothing
	MinConfidence float64         // least confidence of a finding; 0 is the judge's own
	ArchiveDepth  int             // how deep archives inside of archives are opened; 0 opens none
	Progress      func(Progress)  // called from one goroutine, at most ten times a second; may be nil
	Searched      func(spots int) // called once the contents were searched, with what was found; may be nil

	Known      *known.Policy       // what is known and accepted; nil is nothing
	Severities map[string]Severity // by rule, instead of the judge's

	FileRules []rules.FileRule // files that are findings by their paths; nil knows none

	own      ownRules
	ownSteps int64  // instead of match.OwnSteps
	full     func() // called when more is found than can be told; nil if what comes later is left out
	places   int64  // how many can be, instead of what MemoryLimit allows
}

// Gate is the least confidence of a finding.
func (o Options) Gate() float64 {
	if o.MinConfidence > 0 {
		return o.MinConfidence
	}
	return judge.New(judge.Options{}).Gate()
}

// Progress tells how far a scan is.
type Progress struct {
	Stage       string
	Done, Total int64 // Total is 0 where it is not known
	Findings    int   // places found so far, before they are merged
}

// maxContent is the most that one content may have: offsets are 32 bits wide.
const maxContent = math.MaxInt32 - 1

// scan is what one run shares: the compiled rules and a worker's record each.
type scan struct {
	opt     Options
	started time.Time
	workers []*worker
	report  *finding.Report
	room    *room
	// mutable: what is known was taken out of the findings
	accepted bool

	// The refs and HEAD of the repository are read once: a second look could see
	// others, or fail.
	refs []repo.Ref
	tip  *tip

	merged     []group              // what the collectors of a history held
	where      *history.Attribution // of what stands in a history
	heads      *headTexts           // of the files of HEAD; nil if none were held
	seen       seenInner            // what decisions of an earlier scan were made about again
	seenBytes  int
	wanted     map[contentOf]bool // the same, that findings are known to stand in
	largeSlots chan struct{}      // places for those who open archives with large files

	inPieces bool // contents above MaxFileBytes are searched piece by piece
	piece    int  // bytes

	crowded    bool // a secret is one finding however weak, since there are too many
	fitted     bool // that, or not all places are listed: with more memory they would be
	everywhere bool // places that no ref reaches count like others; a secret is one finding however weak

	stage atomic.Pointer[string]
	done  atomic.Int64
	total atomic.Int64
	found atomic.Int64
	inner atomic.Int64 // bytes of files in archives with findings
	stop  chan struct{}
	ended sync.WaitGroup
}

// worker is what one goroutine owns.
type worker struct {
	searcher
	collector
	scan *scan
	// mutable
	free          []*state
	read          int               // contents read
	bytes         int64             // of them
	pointers      []finding.Pointer // to contents that Git LFS keeps
	vanished      int               // files deleted between listing and reading
	unopened      []finding.Gap     // archives of a history that could not be opened
	opened        []heldInner       // files of archives with findings
	largeArchives int               // archives that were read piece by piece
	unsupported   []finding.Gap     // contents in forms that are not opened, with the name of the form
	odd           []int32           // numbers of objects about which more was told than where secrets stand
	reread        []int32           // numbers of objects in which something was read in another form
	added         *searcher         // for rules that what is known does not come from; nil if there are none
	versions      map[int][2]string // what git calls the contents of files, by their number; of those that findings may be named by
	again         map[int]bool      // numbers of known objects that all rules searched anew
	_             [64]byte          // the next worker's counters are not on the same cache line
}

// target is what is searched: an object, a file or a stream.
type target struct {
	number int           // of the object or of the listed file
	name   func() string // for gaps, made only where there is one
}

// file is the file with this path in the archive that the target is.
func (t target) file(path string) target {
	return target{t.number, func() string { return t.name() + "!" + path }}
}

func newScan(opt Options, source string) (*scan, error) {
	if opt.Rules == nil || opt.Rules.Len() == 0 {
		return nil, errors.New("no rules to scan with")
	}
	opt.Jobs = max(1, opt.Jobs)
	inPieces := opt.MaxFileBytes <= 0
	if inPieces && opt.MemoryLimit > 0 {
		opt.MaxFileBytes = opt.MemoryLimit / 2 // a change needs what it was made from, too
	}
	if opt.MaxFileBytes <= 0 || opt.MaxFileBytes > maxContent {
		opt.MaxFileBytes = maxContent
	}
	if opt.own.allowance == nil {
		opt.own.allowance = match.NewAllowance(match.OwnSteps, nil)
	}
	prog, err := match.Compile(opt.Rules)
	if err != nil {
		return nil, err
	}
	s := &scan{opt: opt, started: time.Now(), report: &finding.Report{}, stop: make(chan struct{}), largeSlots: make(chan struct{}, 2), inPieces: inPieces, piece: pieceSize(opt.MemoryLimit), room: newRoom(&opt)}
	s.report.Coverage.Source = source
	s.tellAside()
	policy := judge.New(judge.Options{MinConfidence: opt.MinConfidence})
	for range opt.Jobs {
		w := &worker{scan: s}
		w.prog, w.matcher, w.policy = prog, prog.NewMatcher(), policy
		w.matcher.Allow(opt.own.allowance)
		w.room = s.room
		if opt.Known != nil {
			w.muted, w.lines = opt.Known.Muted, opt.Known.NeedsLines()
		}
		s.workers = append(s.workers, w)
	}
	s.enter("start")
	if opt.Progress != nil {
		s.ended.Go(s.tick)
	}
	return s, nil
}

// tick reports progress until the scan ends.
func (s *scan) tick() {
	t := time.NewTicker(100 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-t.C:
			s.opt.Progress(Progress{*s.stage.Load(), s.done.Load(), s.total.Load(), int(s.found.Load())})
		}
	}
}

// enter starts a stage; the time of the one before is noted.
func (s *scan) enter(stage string) {
	s.stage.Store(&stage)
	now := time.Since(s.started)
	st := &s.report.Stats
	if n := len(st.Stages); n > 0 {
		st.Stages[n-1].Elapsed = now - st.Stages[n-1].Elapsed
	}
	st.Stages = append(st.Stages, finding.Stage{Name: stage, Elapsed: now})
}

// close ends the scan and adds up what it cost.
func (s *scan) close() *finding.Report {
	s.accept()
	s.join()
	close(s.stop)
	s.ended.Wait()
	s.enter("end")
	st := &s.report.Stats
	st.Stages = st.Stages[1 : len(st.Stages)-1]
	st.Elapsed = time.Since(s.started)
	for _, w := range s.workers {
		st.BytesSearched += w.searched
		st.AnchorsCarried += w.carried.anchors
		st.VerdictsCarried += w.carried.verdicts
		s.report.Coverage.Gaps = append(s.report.Coverage.Gaps, w.gaps...)
	}
	s.tellRoom()
	s.report.Coverage.Gaps = sortGaps(s.report.Coverage.Gaps)
	s.judgePublish()
	s.noteUnopened()
	s.report.Named = s.inNames()
	return s.report
}

// record takes over what was found in one content.
func (w *worker) record(t target, data []byte, st *state) {
	before := len(w.list)
	w.add(t.number, data, st)
	if st.cut {
		w.tooLarge(t, fmt.Sprintf("more than %d places in it hold secrets; the rest is not reported", maxHits))
	}
	w.scan.found.Add(int64(len(w.list) - before))
	for _, r := range w.expired {
		w.gap(finding.Gap{What: t.name(), Cause: finding.TimedOut,
			Reason: fmt.Sprintf("rule %s ran out of time in it; look at the rule's expression", r.ID)})
	}
	w.expired = w.expired[:0]
}

// guard makes a gap of a fault in this goroutine; see pack.Guard.
func (w *worker) guard() func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if r := recover(); r != nil {
			if !pack.IsFault(r) {
				panic(r)
			}
			w.gap(finding.Gap{What: "objects", Reason: fmt.Sprintf("a pack or its index was cut while it was read; scan again (%v)", r)})
		}
	}
}

func (w *worker) take() *state {
	if n := len(w.free); n > 0 {
		s := w.free[n-1]
		w.free = w.free[:n-1]
		return s
	}
	return new(state)
}

// give takes back what take gave. One that a large content was searched with is left to
// the collector.
func (w *worker) give(s *state) {
	const large = 1 << 18
	if cap(s.anchors) < large && cap(s.hits) < large {
		w.free = append(w.free, s)
	}
}

// gap tells that something could not be read.
func (s *scan) gap(what, reason string) { s.addGap(finding.Gap{What: what, Reason: reason}) }

func (s *scan) addGap(g finding.Gap) { s.report.Coverage.Gaps = append(s.report.Coverage.Gaps, g) }

// addGaps makes gaps of what those who read a repository could not read. What is told
// twice is dropped by close.
func addGaps[P ~struct{ What, Reason string }](s *scan, problems []P) {
	for _, p := range problems {
		told := struct{ What, Reason string }(p)
		s.gap(told.What, told.Reason)
	}
}

// note tells something that a reader of the report is to know and that leaves nothing out.
func (s *scan) note(format string, args ...any) {
	s.report.Coverage.Notes = append(s.report.Coverage.Notes, fmt.Sprintf(format, args...))
}

// interrupted notes that the scan was broken off, and returns why.
func (s *scan) interrupted(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	s.addGap(finding.Gap{What: "scan", Reason: "it was interrupted before everything was read", Cause: finding.Interrupted})
	return ctx.Err()
}

// sortGaps puts gaps in a fixed order and drops those told twice.
func sortGaps(gaps []finding.Gap) []finding.Gap {
	for i := range gaps {
		gaps[i].Cause = cmp.Or(gaps[i].Cause, finding.Unreadable)
	}
	slices.SortFunc(gaps, func(a, b finding.Gap) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Cause, b.Cause))
	})
	return slices.Compact(gaps)
}

func (s *scan) collectors() []*collector {
	cs := make([]*collector, len(s.workers))
	for i, w := range s.workers {
		cs[i] = &w.collector
	}
	return cs
}

// readerMemory is how much each reader of objects may hold.
func (s *scan) readerMemory() int64 {
	const usual = 96 << 20 // as git has it
	if s.opt.MemoryLimit <= 0 {
		return usual
	}
	return min(usual, s.opt.MemoryLimit/int64(s.opt.Jobs+1))
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func are(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return plural(n, noun) + " are"
}
