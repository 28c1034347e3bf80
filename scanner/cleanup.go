package scanner

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/replacement"
	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/window"
)

// Cleanup is what it takes to get the findings of a history out of it, beyond
// what the report tells.
type Cleanup struct {
	List     []replacement.Entry // of the texts to replace
	Omitted  []finding.Secret    // too short to be replaced wherever they stand
	Blobs    []string            // that a replacement of text leaves as they are: binary, or the secret is encoded in them
	Messages bool                // commits or tags hold secrets in their messages
	Logs     []string            // reflogs with entries, which keep old commits
	Borrowed []string            // object directories of other repositories that this one borrows from
}

// Plan finds out how the findings of a history, as History reports them, can be
// taken out of it.
func Plan(env GitEnv, r *finding.Report) (*Cleanup, error) {
	at, err := env.open()
	if err != nil {
		return nil, err
	}
	objects := store.Open(at.ObjectDirs)
	defer objects.Close()
	objects.Bound(maxReplaced)
	c := &Cleanup{Logs: logNames(at)}
	c.Borrowed = at.ObjectDirs[1:]
	listed := map[replacement.Entry]bool{}
	blobs := map[string][]wanted{}
	var all []finding.Finding // with the parts that are secret
	for i := range r.Findings {
		all = append(all, r.Findings[i].Alone()...)
	}
	for i := range all {
		f := &all[i]
		text := f.Secret.Reveal()
		if text == "" {
			continue // a finding that is a file
		}
		if len(text) < replacement.MinText {
			c.Omitted = append(c.Omitted, f.Secret)
			continue
		}
		e := replacement.Entry{Text: text, Word: !finding.Unguessable(text)}
		if !listed[e] {
			listed[e] = true
			c.List = append(c.List, e)
		}
		for _, p := range f.Places {
			c.Messages = c.Messages || p.Kind == finding.CommitMessage || p.Kind == finding.TagMessage
			if p.Kind == finding.Blob {
				blobs[p.Object] = append(blobs[p.Object], wanted{e, p.Offset})
			}
		}
	}
	for name, texts := range blobs {
		if !holdsAll(objects, plumbing.NewHash(name), texts) {
			c.Blobs = append(c.Blobs, name)
		}
	}
	slices.Sort(c.Blobs)
	return c, nil
}

// binaryHead is how much of a blob git filter-repo looks at for a zero byte: a
// blob with one is binary to it, and no text of it is replaced.
const binaryHead = 8192

// maxReplaced is how many bytes of a blob are held to look for a text.
const maxReplaced = 64 << 20

// wanted is a text that was found in a blob, at an offset if it stands there as it is.
type wanted struct {
	replacement.Entry
	at int
}

// standsAt tells whether the text stands where it was found, in data that begins at an
// offset of the blob.
func (w *wanted) standsAt(data []byte, begin int) bool {
	at := w.at - begin
	return at >= 0 && at <= len(data) && bytes.HasPrefix(data[at:], []byte(w.Text)) && w.In(data, at)
}

// holdsAll tells whether a blob is text that holds all of these as they stand. Where each was
// found is looked at first: a blob may hold a hundred thousand of them.
func holdsAll(objects *store.Store, h plumbing.Hash, texts []wanted) bool {
	_, data, err := objects.Get(h)
	if err == nil {
		return !isBinary(data) && !slices.ContainsFunc(texts, func(w wanted) bool {
			return !w.standsAt(data, 0) && !standsIn(data, 0, w.Entry)
		})
	}
	if !errors.Is(err, pack.ErrLimit) {
		return false
	}
	slices.SortFunc(texts, func(a, b wanted) int { return cmp.Compare(a.at, b.at) })
	longest := 0
	for i := range texts {
		longest = max(longest, len(texts[i].Text))
	}
	var missing []wanted // where they were found
	left := texts
	text := inText(objects, h, longest, func(v *window.Windows) {
		if v.Lo == 0 {
			missing, left = nil, texts
		}
		begin := v.Origin.Offset()
		for ; len(left) > 0 && left[0].at < begin+v.Hi; left = left[1:] {
			if !left[0].standsAt(v.Data, begin) {
				missing = append(missing, left[0])
			}
		}
	})
	return text && !slices.ContainsFunc(append(missing, left...), func(w wanted) bool {
		found := false
		return !inText(objects, h, len(w.Text), func(v *window.Windows) {
			found = found && v.Lo > 0 || standsIn(v.Data, v.Lo, w.Entry)
		}) || !found
	})
}

// inText shows a blob that is too large to be held, of which texts up to a length are asked
// for, and tells whether it is text and could be read. It may begin anew.
func inText(objects *store.Store, h plumbing.Hash, longest int, show func(*window.Windows)) bool {
	binary := false
	err := objects.Stream(context.Background(), h, func(_ plumbing.ObjectType, _ int64, content io.Reader) error {
		v := window.New(content, 1, window.Usual, longest+1)
		for keep := 0; v.Next(keep); keep = max(0, v.Hi-1) {
			binary = binary || v.Lo == 0 && isBinary(v.Data)
			show(v)
		}
		return v.Err
	})
	return err == nil && !binary
}

func isBinary(data []byte) bool { return bytes.IndexByte(data[:min(len(data), binaryHead)], 0) >= 0 }

// standsIn tells whether e stands in data, from an offset on.
func standsIn(data []byte, from int, e replacement.Entry) bool {
	for {
		at := bytes.Index(data[from:], []byte(e.Text))
		if at < 0 {
			return false
		}
		if e.In(data, from+at) {
			return true
		}
		from += at + 1
	}
}

// logNames lists the reflogs that name anything.
func logNames(r *repo.Repo) (names []string) {
	entries, _ := r.Reflogs()
	for _, e := range entries {
		names = append(names, e.Log)
	}
	return slices.Compact(names)
}
