package scanner

import (
	"bytes"
	"strconv"
	"strings"

	"keyrake/scanner/finding"
)

// point notes a content that stands for one which Git LFS keeps elsewhere.
func (w *worker) point(object string, data []byte) bool {
	p, ok := pointer(data)
	if ok {
		p.Blob = object
		w.pointers = append(w.pointers, p)
	}
	return ok
}

// notePointers tells how many contents Git LFS keeps: what they hold was not
// searched, and a scan that is clean says nothing of it. To publish they are gaps.
func (s *scan) notePointers() {
	if s.opt.Publish != nil {
		return
	}
	kept := map[string]bool{}
	for _, w := range s.workers {
		for _, p := range w.pointers {
			kept[p.OID] = true
		}
		w.pointers = nil
	}
	if len(kept) == 0 {
		return
	}
	advice := `run "git lfs fetch --all" and scan .git/lfs/objects`
	if s.report.Coverage.Source == "files" {
		advice = `run "git lfs pull" and scan again`
	}
	s.note("%s kept by Git LFS, of which only the pointers were read; %s", are(len(kept), "content"), advice)
}

// maxPointer is less than what a pointer may have, in bytes (the Git LFS specification).
const maxPointer = 1024

// pointer reads a Git LFS pointer: a short text of lines, of which the first
// says what it is (the Git LFS specification).
func pointer(data []byte) (p finding.Pointer, ok bool) {
	if len(data) >= maxPointer || !bytes.HasPrefix(data, []byte("version https://git-lfs.github.com/spec/")) {
		return p, false
	}
	for line := range bytes.Lines(data) {
		key, value, _ := strings.Cut(string(bytes.TrimSpace(line)), " ")
		switch key {
		case "oid":
			p.OID = strings.TrimPrefix(value, "sha256:")
		case "size":
			p.Size, _ = strconv.ParseInt(value, 10, 64)
		}
	}
	return p, p.OID != ""
}
