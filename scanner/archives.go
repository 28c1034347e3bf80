package scanner

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/store"
)

// unpack searches what the archive data holds, if it is one. It returns false
// if data is to be searched as it stands: it is no archive that can be opened, not all of it
// could be read, or something stands before it. Of one that holds more than may be held,
// its content is read in pieces. What a limit stopped is a gap, and so is a broken or encrypted
// archive among files, where it can be mended; in a history, which cannot, it
// is noted.
func (w *worker) unpack(t target, data []byte) bool {
	s := w.scan
	w.noteUnsupported(t, data)
	if s.opt.ArchiveDepth < 1 || !archive.Is(data) {
		return false
	}
	undo := w.undo()
	problems := archive.Walk(data, s.archiveLimits(), w.archiveVisitor(t))
	is, _ := archive.IsAt(bytes.NewReader(data), int64(len(data)))
	if s.inPieces && is && slices.ContainsFunc(problems, func(p archive.Problem) bool { return p.Limit }) {
		undo()
		return w.unpackLarge(t, bytes.NewReader(data), int64(len(data)))
	}
	w.notOpened(t, problems)
	return len(problems) == 0 && !archive.Prefixed(data)
}

// noteUnsupported notes a content of a form that is not opened, by how it begins, and one
// that stands for what Git LFS keeps.
func (w *worker) noteUnsupported(t target, head []byte) {
	w.point("", head)
	if form := archive.Closed(head); form != "" {
		w.unsupported = append(w.unsupported, finding.Gap{What: t.name(), Reason: form})
	}
}

// archiveVisitor gives a function that searches a file in the archive that the content is.
func (w *worker) archiveVisitor(t target) func(path string, data []byte) {
	s := w.scan
	source, met := s.report.Coverage.Source, map[string]bool{}
	return func(path string, data []byte) {
		st := w.take()
		w.content(st, data)
		w.inner = path
		before := len(w.list)
		w.record(t.file(path), data, st)
		if source == "history" && len(w.list) > before && !met[path] && s.inner.Add(int64(len(data))) <= maxReread {
			w.opened = append(w.opened, heldInner{int32(t.number), path, bytes.Clone(data)})
		}
		met[path] = true
		w.inner = ""
		w.give(st)
	}
}

// notOpened tells what of an archive could not be read.
func (w *worker) notOpened(t target, problems []archive.Problem) {
	source := w.scan.report.Coverage.Source
	for _, p := range problems {
		g := notRead(t, p)
		if p.Limit || source != "history" && source != "range" {
			w.gap(g)
		} else {
			w.unopened = append(w.unopened, g)
		}
	}
}

func notRead(t target, p archive.Problem) finding.Gap {
	if p.Path != "" {
		t = t.file(p.Path)
	}
	return finding.Gap{What: t.name(), Reason: p.Reason}
}

// heldInner is a file of an archive of a history with findings, which is asked for again when their
// parts are looked for: archives with findings were opened twice.
type heldInner struct {
	where int32 // the archive
	path  string
	data  []byte
}

// seeHeld makes such files known to those who ask for them, once all was searched: all of them or, if that is
// more than is to be held, none, as which came first would depend on the workers.
func (s *scan) seeHeld(objects *store.Store) {
	for _, w := range s.workers {
		for _, h := range w.opened {
			if s.seen == nil {
				s.seen = seenInner{}
			}
			if s.inner.Load() <= maxReread {
				s.seen[contentOf{h.path, objects.Name(int(h.where)).String()}] = h.data
			}
		}
		w.opened = nil
	}
}

// What is read of an archive that is not held.
const (
	largeBytes   = 8 << 30 // that come out of it
	largeEntries = 200_000
	largeHeld    = 4 // the part of the largest content that is held, of one file in it
)

// unpackLarge is unpack for what is too large to be held, or whose content is.
func (w *worker) unpackLarge(t target, from io.ReaderAt, size int64) bool {
	is, prefixed := archive.IsAt(from, size)
	if w.scan.opt.ArchiveDepth < 1 || !is {
		return false
	}
	w.largeArchives++
	limits, pieces := w.largeArchive(t, w.pieces)
	pieces.Whole = w.archiveVisitor(t)
	if w.scan.report.Coverage.Source != "files" {
		limits.Bytes = min(limits.Bytes, mostGrowth*size+archive.Default().Bytes)
	}
	problems := archive.WalkLarge(from, size, limits, pieces)
	w.notOpened(t, problems)
	return len(problems) == 0 && !prefixed
}

// mostGrowth bounds what comes out of an archive in a repository, which may itself be stored in
// very few bytes: so many bytes for each of its own, and as many as out of any besides.
const mostGrowth = 16

// largeArchive gives the limits for an archive that is not held. Large files in it are
// handed to search, which tells their size.
func (w *worker) largeArchive(t target, search func(file target, content io.Reader) (int64, error)) (archive.Limits, archive.Pieces) {
	limits := w.scan.archiveLimits()
	limits.Bytes, limits.Entries = largeBytes, largeEntries
	held := w.scan.opt.MaxFileBytes / largeHeld
	return limits, archive.Pieces{
		Held: held,
		Large: func(path string, content io.Reader) error {
			w.inner = path
			defer func() { w.inner = "" }()
			file := t.file(path)
			begin := bufio.NewReader(content)
			head, _ := begin.Peek(headBytes)
			is := archive.Is(head)
			size, err := search(file, begin)
			if is {
				w.notHeld(file, size, held)
			}
			return err
		},
	}
}

// notHeld tells that an archive of so many bytes is not opened.
func (w *worker) notHeld(t target, size, most int64) {
	w.tooLarge(t, fmt.Sprintf("it is an archive of %d bytes, and larger ones than %d bytes are not opened here: it was searched as it stands; raise --memory", size, most))
}

func (s *scan) archiveLimits() archive.Limits {
	limits := archive.Default()
	limits.Depth = s.opt.ArchiveDepth
	limits.Bytes = min(limits.Bytes, s.opt.MaxFileBytes)
	if s.inPieces && s.opt.MemoryLimit > 0 {
		limits.Bytes = s.opt.MaxFileBytes // so that more memory opens more
	}
	limits.Large = s.largeSlots
	return limits
}

// noteUnopened notes, once, the archives of a history that could not be read, what is
// packed in a form that is not opened, and what Git LFS keeps.
func (s *scan) noteUnopened() {
	var unopened, unsupported []finding.Gap
	for _, w := range s.workers {
		unopened, unsupported = append(unopened, w.unopened...), append(unsupported, w.unsupported...)
		w.unopened, w.unsupported = nil, nil
	}
	note := func(what string, list []finding.Gap) {
		if len(list) == 0 {
			return
		}
		list = sortGaps(slices.Clone(list))
		s.note("%s, of which only the bytes as they stand were searched: %d; the first is %s: %s", what, len(list), list[0].What, list[0].Reason)
	}
	note("broken or encrypted archives, and files in them", unopened)
	note("contents that are packed in a form which is not opened", unsupported)
	s.notePointers()
}
