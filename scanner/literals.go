package scanner

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/match/literal"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/walk/worktree"
	"keyrake/scanner/window"
)

// LiteralHit is one place where a pattern stands, word for word, letter case
// aside. It says nothing about secrets.
type LiteralHit struct {
	Pattern int // index of the pattern
	finding.Place
}

// Literals looks for plain patterns, without rules or judgement: in the files
// below paths or, with paths nil, in every blob, commit and tag of the history
// that a ref reaches. The hits are in a fixed order.
func Literals(ctx context.Context, opt Options, env GitEnv, patterns, paths []string) (_ []LiteralHit, _ *finding.Coverage, err error) {
	defer pack.Guard(&err)()
	lower := make([]string, len(patterns))
	for i, p := range patterns {
		lower[i] = string(bytes.ToLower([]byte(p)))
	}
	set, err := literal.New(lower)
	if err != nil {
		return nil, nil, err
	}
	source := "history"
	if paths != nil {
		source = "files"
	}
	s, err := newScan(opt, source)
	if err != nil {
		return nil, nil, err
	}
	g := grep{scan: s, set: set, found: make([][]LiteralHit, s.opt.Jobs)}
	if paths != nil {
		err = g.files(ctx, env, paths)
	} else {
		err = g.history(ctx, env)
	}
	hits := slices.Concat(g.found...)
	slices.SortFunc(hits, func(a, b LiteralHit) int {
		return cmp.Or(cmp.Compare(a.Pattern, b.Pattern), comparePlaces(a.Place, b.Place))
	})
	return hits, &s.close().Coverage, errors.Join(err, s.interrupted(ctx))
}

// grep gathers the hits of each worker.
type grep struct {
	*scan
	set   *literal.Set
	found [][]LiteralHit
}

// search adds the hits of one content; at completes their places.
func (g *grep) search(worker int, data []byte, at finding.Place) {
	g.part(worker, data, 0, len(data), nil, at)
}

// large does so for a content of any size.
func (g *grep) large(worker int, content io.Reader, at finding.Place) (int64, error) {
	before := len(g.found[worker])
	all := &counter{from: content}
	v := window.New(all, 0, window.Usual, g.set.MaxLen())
	for keep := 0; v.Next(keep); keep = v.Hi {
		g.part(worker, v.Data, v.Lo, v.Hi, &v.Origin, at)
	}
	if v.Err != nil {
		g.found[worker] = g.found[worker][:before]
	}
	return all.n, v.Err
}

// part adds the hits that begin in data[lo:hi).
func (g *grep) part(worker int, data []byte, lo, hi int, origin *window.Origin, at finding.Place) {
	line, start, from := int32(1), 0, 0
	for _, h := range g.set.Find(nil, data, lo, hi) {
		off := int(h.Off)
		line, start = advance(data, from, off, line, start)
		from = off
		p := at
		p.Offset, p.Line, p.Column = off, int(line), off-start+1
		p.EndLine, p.EndColumn = p.Line, p.Column
		origin.Move(&p)
		g.found[worker] = append(g.found[worker], LiteralHit{int(h.Lit), p})
	}
}

func (g *grep) files(ctx context.Context, env GitEnv, paths []string) error {
	var buf []byte
	cov := &g.report.Coverage.Files
	res, err := worktree.Walk(ctx, worktree.Options{Roots: paths, MaxFileBytes: g.opt.MaxFileBytes, Locate: env.locate}, func(f worktree.File) error {
		data, err := f.Read(buf[:0])
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		cov.Reached++
		if errors.Is(err, worktree.ErrTooLarge) {
			err = f.Stream(func(r io.Reader) error {
				n, err := g.large(0, stopping{ctx, r}, finding.Place{Kind: finding.File, Path: f.Path})
				cov.Bytes += n
				return err
			})
			if err == nil {
				cov.Read++
				return nil
			}
		}
		if err != nil {
			g.gap(f.Path, err.Error())
			return ctx.Err()
		}
		buf = data
		cov.Read++
		cov.Bytes += int64(len(data))
		g.search(0, data, finding.Place{Kind: finding.File, Path: f.Path})
		return ctx.Err()
	})
	for _, p := range res.Problems {
		g.gap(p.What, p.Reason)
	}
	return err
}

func (g *grep) history(ctx context.Context, env GitEnv) error {
	r, err := env.open()
	if err != nil {
		return err
	}
	objects := store.Open(r.ObjectDirs)
	defer objects.Close()
	objects.List()
	tips := g.tips(r)
	res, err := history.Walk(ctx, history.Options{
		Store: objects, Tips: tips, Shallow: r.Shallow, Jobs: g.opt.Jobs, Memory: g.opt.MemoryLimit, MaxObject: g.opt.MaxFileBytes, Large: g.largeBlob,
	}, grepVisitor{g})
	if err != nil {
		return err
	}
	g.cover(r, objects, res, tips)
	return g.locate(ctx, objects, res)
}

// grepVisitor is the history.Visitor of a grep. It carries nothing: a few
// plain words are found faster than they are carried.
type grepVisitor struct{ *grep }

// Visit implements history.Visitor.
func (v grepVisitor) Visit(worker, _ int, o *pack.Object, _ struct{}) struct{} {
	v.search(worker, o.Data, finding.Place{Object: o.Name.String()})
	return struct{}{}
}

// largeBlob is history.Options.Large.
func (g *grep) largeBlob(worker, _ int, o *pack.Object, _ int64, content io.Reader) error {
	_, err := g.large(worker, content, finding.Place{Object: o.Name.String()})
	return err
}

// Release implements history.Visitor.
func (grepVisitor) Release(int, struct{}) {}

// locate drops what no ref reaches and what was seen twice, and gives each hit
// the first path and commit of its blob.
func (g *grep) locate(ctx context.Context, objects *store.Store, res *history.Result) error {
	hits := slices.Concat(g.found...)
	type spot struct {
		object       string
		off, pattern int
	}
	seen := map[spot]bool{} // an object that is stored twice was searched twice
	kinds := map[plumbing.ObjectType]finding.Kind{
		plumbing.BlobObject: finding.Blob, plumbing.CommitObject: finding.CommitMessage, plumbing.TagObject: finding.TagMessage,
	}
	kept, blobs := hits[:0], []plumbing.Hash(nil)
	for _, h := range hits {
		name := plumbing.NewHash(h.Object)
		n, ok := objects.Number(name)
		key := spot{h.Object, h.Offset, h.Pattern}
		if !ok || !res.Reachable(n) || seen[key] {
			continue
		}
		seen[key] = true
		h.Kind = kinds[res.Type(n)]
		kept = append(kept, h)
		if h.Kind == finding.Blob {
			blobs = append(blobs, name)
		}
	}
	where, err := res.Attribute(ctx, blobs, plumbing.ZeroHash)
	if err != nil {
		return err
	}
	for i := range kept {
		if spots := where.Spots[plumbing.NewHash(kept[i].Object)]; len(spots) > 0 {
			kept[i].Path = spots[0].Path
			kept[i].Commit = &finding.Commit{ID: spots[0].First.String()}
		}
	}
	g.found = [][]LiteralHit{kept}
	return nil
}
