package scanner

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/worktree"
)

// FilesOptions say which files to scan.
type FilesOptions struct {
	Paths    []string // files and directories
	NoIgnore bool     // also what git ignores
	Git      GitEnv   // for the repository that a path lies in
}

// Files scans files on disk: in a repository those that git tracks or does not
// ignore, elsewhere all.
func Files(ctx context.Context, opt Options, src FilesOptions) (*finding.Report, error) {
	return opt.run(ctx, func(ctx context.Context, opt Options) (*finding.Report, error) { return scanFiles(ctx, opt, src) })
}

func scanFiles(ctx context.Context, opt Options, src FilesOptions) (*finding.Report, error) {
	s, err := newScan(opt, "files")
	if err != nil {
		return nil, err
	}
	s.enter("read and search files")
	from := bases(src.Paths)
	var listed []worktree.File
	var named []finding.Place // of files that are findings by their paths
	track := tracker{env: src.Git}
	queue := make(chan job, 64)
	var wg sync.WaitGroup
	for _, w := range s.workers {
		wg.Go(func() { w.files(ctx, queue) })
	}
	res, err := worktree.Walk(ctx, worktree.Options{
		Roots: src.Paths, NoIgnore: src.NoIgnore, MaxFileBytes: s.opt.MaxFileBytes, Locate: src.Git.locate,
	}, func(f worktree.File) error {
		select {
		case queue <- job{f, len(listed)}:
			listed = append(listed, f)
			b := &from[f.Root]
			if s.fileRule(b.fromTop(&f)) != nil && (f.Tracked || track.has(f.Path)) && !f.Empty() {
				named = append(named, finding.Place{Kind: finding.File, Path: f.Path, Disk: b.onDisk(&f)})
			}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	close(queue)
	wg.Wait()
	if s.overspent() {
		return s.stopped()
	}
	if err != nil && ctx.Err() == nil {
		s.close()
		return nil, err
	}
	cov := &s.report.Coverage
	cov.Files.Reached = res.Files
	for _, w := range s.workers {
		cov.Files.Read += w.read
		cov.Files.Bytes += w.bytes
		cov.Files.Reached -= w.vanished
	}
	for _, p := range res.Problems {
		cov.Files.Reached++
		s.gap(p.What, p.Reason)
	}
	cov.Notes = append(append(cov.Notes, res.Notes...), track.notes...)
	disks := s.disks(listed, from)
	s.findings(func(o *occurrence) finding.Place {
		p := o.place(finding.File, listed[o.where].Path, "")
		p.Disk = disks(int(o.where))
		return p
	})
	s.byName(named, fromDisk(maxFixedFile))
	s.fix(fromDisk(maxFixedFile))
	s.pair(onDisk(listed, s.opt.MaxFileBytes, disks))
	return s.close(), s.interrupted(ctx)
}

// job is one file for a worker.
type job struct {
	worktree.File
	number int
}

func (j job) target() target { return target{j.number, func() string { return j.Path }} }

// files reads and searches what comes through the queue.
func (w *worker) files(ctx context.Context, queue <-chan job) {
	var buf []byte
	st := new(state)
	for f := range queue {
		data, err := f.Read(buf[:0])
		if errors.Is(err, fs.ErrNotExist) {
			w.vanished++ // deleted between listing and reading
			continue
		}
		if errors.Is(err, worktree.ErrTooLarge) && w.scan.inPieces {
			w.largeFile(ctx, f)
			continue
		}
		var p worktree.Problem
		if errors.As(err, &p) {
			w.gap(finding.Gap{What: p.What, Reason: p.Reason})
			continue
		}
		before := len(w.list)
		if t := f.target(); !w.unpack(t, data) {
			w.content(st, data)
			w.record(t, data, st)
		}
		w.nameVersion(f.number, data, before)
		w.read++
		w.bytes += int64(len(data))
		w.scan.done.Add(1)
		buf = data
	}
}

// disks gives, by the number of a listed file, where it lies: one answer for all places in it.
func (s *scan) disks(listed []worktree.File, from []base) func(number int) *finding.Disk {
	known := map[int]*finding.Disk{}
	return func(number int) *finding.Disk {
		d, ok := known[number]
		if !ok {
			f := &listed[number]
			d = from[f.Root].onDisk(f)
			for _, w := range s.workers {
				d.Blob, d.BlobLF = cmp.Or(d.Blob, w.versions[number][0]), cmp.Or(d.BlobLF, w.versions[number][1])
			}
			known[number] = d
		}
		return d
	}
}

// nameVersion notes what git calls the content of a file, if a secret that can be guessed
// was found in it since before: in a history it is accepted by that name.
func (w *worker) nameVersion(number int, data []byte, before int) {
	for i := before; i < len(w.list); i++ {
		if finding.Unguessable(w.secrets[w.list[i].secret]) {
			continue
		}
		if w.versions == nil {
			w.versions = map[int][2]string{}
		}
		name := [2]string{plumbing.ComputeHash(plumbing.BlobObject, data).String()}
		if crlf := []byte("\r\n"); bytes.Contains(data, crlf) && bytes.Count(data, crlf) == bytes.Count(data, crlf[1:]) {
			name[1] = plumbing.ComputeHash(plumbing.BlobObject, bytes.ReplaceAll(data, crlf, []byte("\n"))).String()
		}
		w.versions[number] = name
		return
	}
}

// Stream scans what r holds; name stands for it in the report.
func Stream(ctx context.Context, opt Options, name string, r io.Reader) (*finding.Report, error) {
	in := &pipe{name: name, from: r}
	return opt.run(ctx, func(ctx context.Context, opt Options) (*finding.Report, error) {
		s, err := newScan(opt, "stdin")
		if err != nil {
			return nil, err
		}
		s.enter("read and search the stream")
		return s.stream(ctx, in)
	})
}

// pipe is what is searched by Stream, maybe twice, and can be read but once.
type pipe struct {
	name  string
	from  io.Reader
	begin []byte // as much as is searched at once
	err   error  // that reading it ended with
	read  bool   // its begin was read
	ended bool   // so was all that follows
}

func (s *scan) stream(ctx context.Context, in *pipe) (*finding.Report, error) {
	cov := &s.report.Coverage
	cov.Files.Reached = 1
	if !in.read {
		in.begin, in.err = io.ReadAll(io.LimitReader(in.from, s.opt.MaxFileBytes+1))
		in.read = true
	}
	data, err := in.begin, in.err
	size, more := int64(len(data)), int64(len(data)) > s.opt.MaxFileBytes
	w, st, t := s.workers[0], new(state), target{0, func() string { return in.name }}
	if more && s.inPieces && !in.ended {
		in.ended = true
		size, err = w.largeStream(t, data, in.from)
		data, more = nil, false // parts of what was found are not looked for in so much
	} else {
		data = data[:min(size, s.opt.MaxFileBytes)]
		size = int64(len(data))
		if !w.unpack(t, data) {
			w.content(st, data)
			w.record(t, data, st)
		}
	}
	if s.overspent() {
		return s.stopped()
	}
	switch {
	case err != nil && ctx.Err() == nil:
		s.gap(in.name, fmt.Sprintf("reading it stopped after %d bytes: %v", size, err))
	case more:
		s.gap(in.name, fmt.Sprintf("it has more than %d bytes; what comes after was not searched", size))
	case err == nil:
		cov.Files.Read = 1
	}
	cov.Files.Bytes = size
	s.findings(func(o *occurrence) finding.Place { return o.place(finding.Stream, in.name, "") })
	s.pair(inMemory(data))
	return s.close(), s.interrupted(ctx)
}
