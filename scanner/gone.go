package scanner

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/judge"
	"keyrake/scanner/needle"
	"keyrake/scanner/replacement"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/regular"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/window"
)

// Gone looks for listed secrets in every object of a repository, whether a ref
// reaches it or not, in what archives hold, in the names that trees hold, in the
// names of refs and in the reflogs, as they are and encoded for machines. Each that
// stands somewhere is a finding. The
// report is complete only if all of that was read, and all places were told.
func Gone(ctx context.Context, opt Options, env GitEnv, list []replacement.Entry) (_ *finding.Report, err error) {
	defer pack.Guard(&err)()
	return opt.run(ctx, func(ctx context.Context, opt Options) (*finding.Report, error) {
		return gone(ctx, opt, env, list)
	})
}

func gone(ctx context.Context, opt Options, env GitEnv, list []replacement.Entry) (*finding.Report, error) {
	r, err := env.open()
	if err != nil {
		return nil, err
	}
	words, err := needle.New(list, true)
	if err != nil {
		return nil, err
	}
	s, err := newScan(opt, "history")
	if err != nil {
		return nil, err
	}
	s.everywhere = true
	objects := store.Open(r.ObjectDirs)
	defer objects.Close()
	objects.Bound(s.opt.MaxFileBytes)
	objects.List()
	s.enter("read and search objects")
	s.total.Store(int64(objects.Len()))
	g := &goner{scan: s, objects: objects}
	for range s.opt.Jobs {
		g.searches = append(g.searches, needle.NewSearch(words))
	}
	tips := s.tips(r)
	res, err := history.Walk(ctx, history.Options{
		Store: objects, Tips: tips, Shallow: r.Shallow, Jobs: s.opt.Jobs,
		Memory: s.opt.MemoryLimit, MaxObject: s.opt.MaxFileBytes, Large: g.large(ctx),
	}, g)
	if err != nil && ctx.Err() == nil {
		s.gap(r.GitDir, err.Error())
	}
	s.cover(r, objects, res, tips)
	s.enter("search names")
	if e := g.trees(ctx); e != nil && ctx.Err() == nil {
		s.gap("trees", e.Error())
	}
	g.leftovers(r)
	texts := g.texts(r)
	if s.overspent() {
		return s.stopped()
	}
	err = s.interrupted(ctx)
	s.enter("find paths and commits")
	if e := s.attribute(context.WithoutCancel(ctx), r, objects, res); e != nil {
		s.gap("commits", fmt.Sprintf("cannot determine the commits of findings: %v", e))
	}
	s.notePointers()
	s.noteSubmodules(r)
	s.report.Findings = append(s.report.Findings, texts...)
	arrange(s.report.Findings)
	return s.close(), err
}

// listed is the rule of what Gone finds.
func listed() *verdict {
	return &verdict{
		rule: &rules.Rule{
			ID: "listed-secret", Title: "Listed secret that is not gone", Severity: rules.High,
			Remedy: `Rewrite what holds it, then run "` + finding.LetGo + `"; "scan plan" tells the steps.`,
		},
		Verdict: judge.Verdict{Confidence: 1, Severity: rules.High, Reasons: []string{"it is on the list"}},
	}
}

// goner is the history.Visitor that looks for listed secrets.
type goner struct {
	*scan
	objects  *store.Store
	searches []*needle.Search
}

// Visit implements history.Visitor.
func (g *goner) Visit(worker, n int, o *pack.Object, _ struct{}) struct{} {
	if first, ok := g.objects.Number(o.Name); ok {
		n = first
	}
	w := g.workers[worker]
	w.read++
	if w.read&1023 == 0 {
		g.done.Add(1024)
	}
	g.search(worker, n, o.Data)
	if o.Type == plumbing.BlobObject {
		w.point(o.Name.String(), o.Data)
		w.mayHold(object(n, o), o.Data)
	}
	if o.Type == plumbing.BlobObject && g.opt.ArchiveDepth > 0 && archive.Is(o.Data) {
		problems := archive.Walk(o.Data, g.archiveLimits(), func(path string, inner []byte) {
			w.inner = path
			g.search(worker, n, inner)
			w.inner = ""
		})
		w.notProven(object(n, o), problems)
	}
	return struct{}{}
}

// mayHold tells that a content, which begins with head, is of a form that is not opened. Where a scan notes it,
// here it is a gap: what nobody looked into may hold a secret still.
func (w *worker) mayHold(t target, head []byte) {
	if form := archive.Closed(head); form != "" {
		w.gap(finding.Gap{What: t.name(), Reason: form + " is not opened: whether a listed secret stands in it is not known"})
	}
}

// notProven tells, as gaps, what of an archive could not be read.
func (w *worker) notProven(t target, problems []archive.Problem) {
	for _, p := range problems {
		w.gap(notRead(t, p))
	}
}

// search looks for what is listed in a content, or in a file of an archive.
func (g *goner) search(worker, n int, data []byte) {
	w := g.workers[worker]
	r := ruler{text: data}
	g.searches[worker].Each(data, func(entry, from, to int) {
		if !g.room.has(false) {
			return
		}
		found := w.occurrence(n, &r, from, to, g.searches[0].Entry(entry).Text)
		found.inner = w.inner
		w.list = append(w.list, found)
	})
}

// large gives history.Options.Large.
func (g *goner) large(ctx context.Context) func(int, int, *pack.Object, int64, io.Reader) error {
	return func(worker, n int, o *pack.Object, size int64, content io.Reader) error {
		if first, ok := g.objects.Number(o.Name); ok {
			n = first
		}
		w := g.workers[worker]
		w.read++
		undo := w.undo()
		err := g.pieces(worker, n, o, g.objects.At(ctx, o.Name, g.opt.MaxFileBytes, size, content), size)
		if err != nil {
			undo()
		}
		return err
	}
}

// pieces searches a blob that is too large to be held, as it stands and what it holds.
func (g *goner) pieces(worker, n int, o *pack.Object, from *store.At, size int64) error {
	w := g.workers[worker]
	search := func(content io.Reader) error {
		var r windowRuler
		return g.searches[worker].EachLarge(content, func(v *window.Windows, entry, from, to int) {
			if !g.room.has(false) {
				return
			}
			found := w.occurrence(n, r.of(v), from, to, g.searches[0].Entry(entry).Text)
			at := v.Origin
			found.origin, found.inner = &at, w.inner
			w.list = append(w.list, found)
		})
	}
	t, head := object(n, o), headOf(from)
	w.mayHold(t, head)
	begins := archive.Is(head)
	all, err := from.Whole()
	if err == nil {
		err = search(all)
	}
	if err == nil && g.opt.ArchiveDepth > 0 && (begins || endsAsZip(from, size)) {
		limits, out := w.largeArchive(t, func(_ target, content io.Reader) (int64, error) {
			all := &counter{from: content}
			err := search(all)
			return all.n, err
		})
		out.Whole = func(path string, data []byte) {
			w.inner = path
			g.search(worker, n, data)
			w.inner = ""
		}
		w.notProven(t, archive.WalkLarge(from, size, limits, out))
	}
	return cmp.Or(err, from.Close())
}

// Release implements history.Visitor.
func (*goner) Release(int, struct{}) {}

// occurrence is one of a listed secret; lines are those of the bytes.
func (w *worker) occurrence(n int, r *ruler, from, to int, text string) occurrence {
	if w.listed == nil {
		w.listed = listed()
	}
	o := r.occurrence(from, to)
	o.where, o.secret, o.verdict = int32(n), w.id([]byte(text)), w.listed
	return o
}

// trees searches the names that trees hold: a file may be called by a secret.
func (g *goner) trees(ctx context.Context) error {
	for i, p := range g.objects.Packs() {
		err := pack.Walk(ctx, p, pack.Options{
			Jobs: g.opt.Jobs, Memory: g.opt.MemoryLimit, MaxObject: g.opt.MaxFileBytes, External: g.objects.Get,
			Types: func(t plumbing.ObjectType) bool { return t == plumbing.TreeObject },
		}, treeNames{g, g.objects.PackBase(i)})
		if err != nil {
			return err
		}
	}
	for _, l := range g.objects.LooseObjects() {
		typ, data, err := g.objects.ReadLoose(l.Path, g.opt.MaxFileBytes)
		if n, ok := g.objects.Number(l.Name); ok && err == nil && typ == plumbing.TreeObject {
			g.Visit(0, n, &pack.Object{Name: l.Name, Type: typ, Data: data, Leaf: true}, struct{}{})
		} // one that cannot be read is a gap already
	}
	return nil
}

// treeNames is the pack.Visitor of trees.
type treeNames struct {
	*goner
	base int
}

func (v treeNames) Visit(worker int, o *pack.Object, _ struct{}) struct{} {
	return v.goner.Visit(worker, v.base+o.Entry, o, struct{}{})
}

// texts gives findings in what is no object: in reflogs, which quote the first lines of
// messages, and in the names of refs.
func (g *goner) texts(r *repo.Repo) (found []finding.Finding) {
	var dirs []string
	for _, dir := range []string{r.GitDir, r.CommonDir} {
		dirs = append(dirs, filepath.Join(dir, "logs"))
	}
	others, _ := os.ReadDir(filepath.Join(r.CommonDir, "worktrees"))
	for _, e := range others {
		dirs = append(dirs, filepath.Join(r.CommonDir, "worktrees", e.Name(), "logs"))
	}
	seen := map[string]bool{}
	search := func(name string, data []byte) {
		if !seen[name] {
			seen[name] = true
			found = append(found, g.text(name, data)...)
		}
	}
	for _, dir := range dirs {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && regular.Is(d.Type()) {
				var data []byte
				if data, err = os.ReadFile(path); err == nil {
					search(path, data)
				}
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				g.gap(path, err.Error())
			}
			return nil
		})
	}
	var names bytes.Buffer
	for _, ref := range g.refs {
		fmt.Fprintln(&names, ref.Name)
	}
	search(filepath.Join(r.CommonDir, "refs"), names.Bytes())
	return found
}

// text gives a finding for each secret that stands in a text with a name of its own.
func (g *goner) text(name string, data []byte) (found []finding.Finding) {
	w := g.workers[0]
	r := ruler{text: data}
	places := map[int][]finding.Place{}
	g.searches[0].Each(data, func(entry, from, to int) {
		if g.room.has(false) {
			o := w.occurrence(0, &r, from, to, g.searches[0].Entry(entry).Text)
			places[entry] = append(places[entry], o.place(finding.File, name, ""))
		}
	})
	for entry, list := range places {
		slices.SortFunc(list, func(a, b finding.Place) int { return cmp.Compare(a.Offset, b.Offset) })
		one := group{secret: g.searches[0].Entry(entry).Text, best: w.listed}
		found = append(found, new(findingMaker).finding(&one, list))
	}
	return found
}

// leftovers are files of git commands that were broken off. They may hold
// anything, and no reader of objects knows them.
func (g *goner) leftovers(r *repo.Repo) {
	for _, dir := range r.ObjectDirs {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				if !errors.Is(err, fs.ErrNotExist) {
					g.gap(path, err.Error())
				}
				return nil
			}
			if name := d.Name(); regular.Is(d.Type()) && (strings.HasPrefix(name, "tmp_") || strings.HasPrefix(name, ".tmp-")) {
				g.gap(path, `a git command that was broken off left it, and it was not read; run "git prune --expire=now"`)
			}
			return nil
		})
	}
}
