package history

import (
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
func Describe(s *store.Store, h plumbing.Hash) (Info, error) {
	typ, data, err := s.Get(h)
	if err != nil {
		return Info{}, err
	}
	if typ != plumbing.CommitObject {
		return Info{}, fmt.Errorf("read commit %s: it is a %s", h, typ)
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
