package scanner

import (
	"bytes"
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
	blobs := map[string]bool{}
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
		if !slices.Contains(c.List, e) {
			c.List = append(c.List, e)
		}
		for _, p := range f.Places {
			c.Messages = c.Messages || p.Kind == finding.CommitMessage || p.Kind == finding.TagMessage
			if p.Kind != finding.Blob || blobs[p.Object] {
				continue
			}
			blobs[p.Object] = !inObject(objects, plumbing.NewHash(p.Object), e)
		}
	}
	for name, left := range blobs {
		if left {
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

// inObject tells whether a blob is text that holds e as it stands.
func inObject(objects *store.Store, h plumbing.Hash, e replacement.Entry) (found bool) {
	_, data, err := objects.Get(h)
	if err == nil {
		return replaceable(data, e)
	}
	if !errors.Is(err, pack.ErrLimit) {
		return false
	}
	err = objects.Stream(context.Background(), h, func(_ plumbing.ObjectType, _ int64, content io.Reader) error {
		found = false
		v := window.New(content, 1, window.Usual, len(e.Text)+1)
		binary := false
		for keep := 0; v.Next(keep); keep = max(0, v.Hi-1) {
			binary = binary || v.Lo == 0 && bytes.IndexByte(v.Data[:min(len(v.Data), binaryHead)], 0) >= 0
			found = found || !binary && standsIn(v.Data, v.Lo, e)
		}
		return v.Err
	})
	return found && err == nil
}

func replaceable(data []byte, e replacement.Entry) bool {
	if bytes.IndexByte(data[:min(len(data), binaryHead)], 0) >= 0 {
		return false
	}
	return standsIn(data, 0, e)
}

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
