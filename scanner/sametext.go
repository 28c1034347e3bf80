package scanner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/needle"
	"keyrake/scanner/replacement"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/window"
)

// maxSameText bounds the places of one finding that sameText lists.
const maxSameText = 20

// sameText looks through the files of HEAD for secrets that HEAD does not hold
// as the scan found them: who moves a key into a comment, or out of the
// assignment that a rule knows it by, has not taken it away. A weak secret is
// looked for at its own paths and as a word alone: elsewhere it is chance.
func (s *scan) sameText(ctx context.Context, r *repo.Repo, objects *store.Store) {
	var list []*finding.Finding
	for i := range s.report.Findings {
		f := &s.report.Findings[i]
		if f.Exposure != nil && !f.InHead && len(f.Secret.Reveal()) >= replacement.MinText {
			list = append(list, f)
		}
	}
	head := s.head(r) // an error is a gap already
	if len(list) == 0 || !head.born || head.err != nil {
		return
	}
	t := textInHead{ctx: ctx, objects: objects, jobs: s.opt.Jobs, memory: s.opt.MemoryLimit / 4, inPieces: s.inPieces, limit: s.opt.MaxFileBytes}
	if s.heads != nil {
		t.files, t.held = s.heads.files, s.heads.byName(objects)
	} else {
		t.files = headFiles(objects, objects.NewReader(max(t.memory, 1<<20)), head.commit)
	}
	for part := range slices.Chunk(list, mostSameText) {
		s.sameTextOf(t, part)
	}
}

// mostSameText is how many texts are looked for at once: a million of them would take
// 600 MB.
const mostSameText = 1 << 15

// sameTextOf does this for some findings.
func (s *scan) sameTextOf(t textInHead, list []*finding.Finding) {
	entries := make([]replacement.Entry, len(list))
	for i, f := range list {
		text := f.Secret.Reveal()
		entries[i] = replacement.Entry{Text: text, Word: !finding.Unguessable(text)}
	}
	words, err := needle.New(entries, false)
	if err != nil {
		s.gap("files of HEAD", err.Error())
		return
	}
	t.findings, t.needles = list, words
	found, made, sound := t.search(false)
	if !sound {
		found, made, _ = t.search(true)
	}
	if unread := t.searchMade(made, found); unread > 0 {
		s.gap("files of HEAD", fmt.Sprintf("in %s, too large to be held and stored as changes to another version, it was not looked for secrets that HEAD does not hold elsewhere; raise --memory", plural(unread, "file")))
	}
	for i, f := range list {
		if len(found[i]) > 0 {
			own := *f.Exposure // others may share it
			own.SameText = leastPlaces(found[i])
			f.Exposure = &own
		}
	}
}

// textInHead looks for the secrets of findings in the files of HEAD.
type textInHead struct {
	ctx      context.Context // of one search
	findings []*finding.Finding
	needles  *needle.Set // of the findings, in their order
	files    []headFile
	held     map[plumbing.Hash][]byte // contents that need not be read again
	objects  *store.Store
	jobs     int
	memory   int64
	inPieces bool  // what is too large to be held is searched too
	limit    int64 // bytes of what is held
}

// search lists the places of each finding. Each worker takes a run of files, which
// have bases in common. Contents are proven at once, or else several side by side;
// then it tells whether all are as their names say. made are files that were not
// searched: they are too large to be held, and stored as changes.
func (t *textInHead) search(proven bool) (found [][]finding.Place, made []headFile, sound bool) {
	parts := make([]textPart, min(max(t.jobs, 1), len(t.files)/8+1))
	var wg sync.WaitGroup
	for i := range parts {
		from, to := i*len(t.files)/len(parts), (i+1)*len(t.files)/len(parts)
		wg.Go(func() {
			parts[i] = textPart{textInHead: t, search: needle.NewSearch(t.needles), found: make([][]finding.Place, len(t.findings))}
			parts[i].files(t.files[from:to], proven, t.objects.NewReader(max(t.memory/int64(len(parts)), 1<<20)))
		})
	}
	wg.Wait()
	found, sound = parts[0].found, true
	for i := range parts {
		sound = sound && !parts[i].wrong
		made = append(made, parts[i].made...)
		for k, list := range parts[i].found {
			if i > 0 && len(list) > 0 {
				found[k] = append(found[k], list...)
			}
		}
	}
	return found, made, sound
}

// searchMade searches the files that search left out, as far as they are not too many,
// adds to what it found, and returns how many it left out.
func (t *textInHead) searchMade(made []headFile, found [][]finding.Place) (unread int) {
	p := textPart{textInHead: t, search: needle.NewSearch(t.needles), found: found}
	budget := newMadeBudget()
	for i := range made {
		if _, err := budget.spend(func() (int64, error) { return p.large(&made[i], t.limit) }); err != nil {
			unread++
		}
	}
	return unread
}

// textPart is what one worker of a textInHead has.
type textPart struct {
	*textInHead
	search *needle.Search
	found  [][]finding.Place
	wrong  bool       // a content is not what its name says
	made   []headFile // left to searchMade
}

func (p *textPart) files(files []headFile, proven bool, read *store.Reader) {
	prover := store.NewProver(func(plumbing.Hash, plumbing.ObjectType) { p.wrong = true })
	get := read.Unproven
	if proven {
		get = read.GetProven
	}
	for _, at := range files {
		typ, data, err := plumbing.BlobObject, p.held[at.blob], error(nil)
		if data == nil || proven {
			typ, data, err = get(at.blob)
		}
		if errors.Is(err, pack.ErrLimit) && p.inPieces {
			if _, err := p.large(&at, 0); errors.Is(err, pack.ErrLimit) {
				p.made = append(p.made, at)
			}
		}
		if err != nil {
			continue // it is a gap already
		}
		if !proven {
			prover.Prove(at.blob, typ, data)
		}
		r := ruler{text: data}
		p.search.Each(data, func(entry, from, to int) { p.note(entry, &at, &r, nil, from, to) })
	}
	prover.Finish()
}

// large searches a file that is too large to be held, and returns its size; made is
// that of StreamMade.
func (p *textPart) large(at *headFile, made int64) (size int64, err error) {
	err = p.objects.StreamMade(p.ctx, at.blob, made, func(_ plumbing.ObjectType, n int64, content io.Reader) error {
		size = n
		var r windowRuler
		return p.search.EachLarge(content, func(v *window.Windows, entry, from, to int) { p.note(entry, at, r.of(v), &v.Origin, from, to) })
	})
	return size, err
}

// note notes that a finding's text stands at [from:to] of a file, or of a window in it.
func (p *textPart) note(entry int, at *headFile, r *ruler, in *window.Origin, from, to int) {
	if p.needles.Entry(entry).Word && !slices.Contains(p.findings[entry].Exposure.Paths, at.path) {
		return
	}
	o := r.occurrence(from, to)
	o.origin = in
	place := o.place(finding.Blob, at.path, at.blob.String())
	place.InHead = true
	p.found[entry] = append(p.found[entry], place)
	if list := p.found[entry]; len(list) >= 50*maxSameText {
		p.found[entry] = leastPlaces(list)
	}
}

// leastPlaces leaves the first places, whatever the order in which they came.
func leastPlaces(list []finding.Place) []finding.Place {
	slices.SortFunc(list, comparePlaces)
	list = slices.CompactFunc(list, func(a, b finding.Place) bool { return comparePlaces(a, b) == 0 }) // of a copy that was broken
	return list[:min(len(list), maxSameText)]
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
