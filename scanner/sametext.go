package scanner

import (
	"cmp"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/replacement"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
)

// maxSameText bounds the places of one finding that sameText lists.
const maxSameText = 20

// sameText looks through the files of HEAD for secrets that HEAD does not hold
// as the scan found them: who moves a key into a comment, or out of the
// assignment that a rule knows it by, has not taken it away. A weak secret is
// looked for at its own paths and as a word alone: elsewhere it is chance.
func (s *scan) sameText(r *repo.Repo, objects *store.Store) {
	var list []*finding.Finding
	var entries []replacement.Entry
	for i := range s.report.Findings {
		f := &s.report.Findings[i]
		if text := f.Secret.Reveal(); f.Exposure != nil && !f.InHead && len(text) >= replacement.MinText {
			list = append(list, f)
			entries = append(entries, replacement.Entry{Text: text, Word: !unguessable(text)})
		}
	}
	head := s.head(r) // an error is a gap already
	if len(list) == 0 || !head.born || head.err != nil {
		return
	}
	words, err := newNeedles(entries)
	if err != nil {
		s.gap("files of HEAD", err.Error())
		return
	}
	search := &needleSearch{needles: words}
	read := objects.NewReader(max(s.opt.MemoryLimit/4, 1<<20))
	for _, at := range headFiles(objects, read, head.commit) {
		_, data, err := read.Get(at.blob)
		if err != nil {
			continue // it is a gap already
		}
		search.each(data, func(entry, from, to int) {
			f := list[entry]
			if entries[entry].Word && !slices.Contains(f.Exposure.Paths, at.path) {
				return
			}
			o := occurrence{off: int32(from)}
			var start int
			o.line, start = advance(data, 0, from, 1, 0)
			o.col, o.wide = int32(from-start)+1, wideness(data[start:from])
			o.endLine, start = advance(data, from, to-1, o.line, start)
			o.endCol, o.endWide = int32(to-1-start)+1, wideness(data[start:to])
			p := o.place(finding.Blob, at.path, at.blob.String())
			p.InHead = true
			if f.Exposure.SameText == nil {
				own := *f.Exposure // others may share it
				f.Exposure = &own
			}
			f.Exposure.SameText = append(f.Exposure.SameText, p)
			if len(f.Exposure.SameText) >= 50*maxSameText {
				cutSameText(f)
			}
		})
	}
	for _, f := range list {
		if f.Exposure.SameText != nil {
			cutSameText(f)
		}
	}
}

// cutSameText leaves the first places, whatever the order in which they came.
func cutSameText(f *finding.Finding) {
	list := f.Exposure.SameText
	slices.SortFunc(list, comparePlaces)
	f.Exposure.SameText = list[:min(len(list), maxSameText)]
}

// headFile is a file of HEAD.
type headFile struct {
	path string
	blob plumbing.Hash
}

// headFiles lists the files of a commit, in the order in which they are best read.
func headFiles(objects *store.Store, read *store.Reader, commit plumbing.Hash) (files []headFile) {
	typ, data, err := read.Get(commit)
	if err != nil {
		return nil
	}
	var folders []headFile
	history.EachLink(typ, data, func(h plumbing.Hash, typ plumbing.ObjectType) {
		if typ == plumbing.TreeObject {
			folders = append(folders, headFile{blob: h})
		}
	})
	// A few trees can stand for more paths than there is memory for.
	const maxFiles = 1 << 20
	for visits := 0; len(folders) > 0 && visits < maxFiles; visits++ {
		at := folders[len(folders)-1]
		folders = folders[:len(folders)-1]
		_, data, err := read.Get(at.blob)
		if err != nil || len(files) > maxFiles {
			continue
		}
		_ = history.EachEntry(data, func(name []byte, typ plumbing.ObjectType, h plumbing.Hash) {
			next := headFile{at.path + string(name), h}
			switch typ {
			case plumbing.TreeObject:
				next.path += "/"
				folders = append(folders, next)
			case plumbing.BlobObject:
				files = append(files, next)
			}
		})
	}
	slices.SortFunc(files, func(a, b headFile) int { return cmp.Compare(a.path, b.path) })
	store.SortByPlace(objects, files, func(f headFile) plumbing.Hash { return f.blob })
	return files
}
