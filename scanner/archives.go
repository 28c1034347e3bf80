package scanner

import (
	"bytes"
	"fmt"
	"slices"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/store"
)

// unpack searches what the archive data holds, if it is one. It returns false
// if data is to be searched as it stands: it is no archive that can be opened, not all of it
// could be read, or something stands before it. What a limit stopped is a gap, and so is a broken or encrypted
// archive among files, where it can be mended; in a history, which cannot, it
// is noted.
func (w *worker) unpack(s *scan, where int, what func() string, data []byte) bool {
	if form := archive.Closed(data); form != "" {
		w.closed = append(w.closed, finding.Gap{What: what(), Reason: form})
	}
	if s.opt.ArchiveDepth < 1 || !archive.Is(data) {
		return false
	}
	source, met := s.report.Coverage.Source, map[string]bool{}
	problems := archive.Walk(data, s.archiveLimits(), func(path string, inner []byte) {
		st := w.take()
		w.content(st, inner)
		w.inner = path
		before := len(w.list)
		w.record(s, where, func() string { return what() + "!" + path }, inner, st)
		if source == "history" && len(w.list) > before && !met[path] && s.inner.Add(int64(len(inner))) <= maxReread {
			w.opened = append(w.opened, heldInner{int32(where), path, bytes.Clone(inner)})
		}
		met[path] = true
		w.inner = ""
		w.free = append(w.free, st)
	})
	w.notOpened(s, what, problems)
	return len(problems) == 0 && !archive.Prefixed(data)
}

// notOpened tells what of an archive could not be read.
func (w *worker) notOpened(s *scan, what func() string, problems []archive.Problem) {
	source := s.report.Coverage.Source
	for _, p := range problems {
		g := finding.Gap{What: what(), Reason: p.Reason}
		if p.Path != "" {
			g.What += "!" + p.Path
		}
		if p.Limit || source != "history" && source != "range" {
			w.gaps = append(w.gaps, g)
		} else {
			w.sealed = append(w.sealed, g)
		}
	}
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

func (s *scan) archiveLimits() archive.Limits {
	limits := archive.Default()
	limits.Depth = s.opt.ArchiveDepth
	limits.Bytes = min(limits.Bytes, s.opt.MaxFileBytes)
	limits.Large = s.large
	return limits
}

// noteSealed notes the archives of a history that could not be read, and what is packed
// in a form that is not opened.
func (s *scan) noteSealed() {
	var sealed, closed []finding.Gap
	for _, w := range s.workers {
		sealed, closed = append(sealed, w.sealed...), append(closed, w.closed...)
	}
	note := func(what string, list []finding.Gap) {
		if len(list) == 0 {
			return
		}
		list = sortGaps(slices.Clone(list))
		s.report.Coverage.Notes = append(s.report.Coverage.Notes, fmt.Sprintf(
			"%s, of which only the bytes as they stand were searched: %d; the first is %s: %s", what, len(list), list[0].What, list[0].Reason))
	}
	note("broken or encrypted archives, and files in them", sealed)
	note("contents that are packed in a form which is not opened", closed)
}
