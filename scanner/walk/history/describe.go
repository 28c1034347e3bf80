package history

import (
	"bytes"
	"fmt"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"keyrake/scanner/walk/store"
)

// Info is what a report tells of a commit.
type Info struct {
	Author, Email string
	When          time.Time // the author's clock
}

// Describe reads the commit named h.
func Describe(s *store.Reader, h plumbing.Hash) (Info, error) {
	typ, data, err := s.Unproven(h)
	if err != nil {
		return Info{}, err
	}
	if typ != plumbing.CommitObject {
		return Info{}, fmt.Errorf("read commit %s: it is a %s", h, typ)
	}
	if end := bytes.Index(data, []byte("\n\n")); end >= 0 {
		data = data[:end+2] // the message is not asked for
	}
	raw := &plumbing.MemoryObject{}
	raw.SetType(typ)
	if _, err := raw.Write(data); err != nil {
		return Info{}, fmt.Errorf("read commit %s: %w", h, err)
	}
	var c object.Commit
	if err := c.Decode(raw); err != nil {
		return Info{}, fmt.Errorf("read commit %s: %w", h, err)
	}
	return Info{c.Author.Name, c.Author.Email, c.Author.When}, nil
}
