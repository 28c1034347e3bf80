package worktree

import (
	"os"
	"strings"
	"sync"
)

// openDirs is how many directories a place keeps open. A walk and its readers
// go through a tree in order, so that a few hold nearly every next parent.
const openDirs = 16

// place is a directory through which files are opened. It keeps parents open,
// because an os.Root opens every component of a path: reading 5,600 files five
// directories deep took 83 ms with it and 258 ms without (2026-11-23). What it
// holds open is closed by the runtime when no File refers to it any more.
type place struct {
	root *os.Root

	mu   sync.Mutex // guards the rest
	dirs [openDirs]openDir
	next int // the slot to use again
}

type openDir struct {
	rel  string
	root *os.Root
}

// open opens a file or directory below the place for reading.
func (p *place) open(rel string) (*os.File, error) {
	if rel == "" {
		rel = "."
	}
	if slash := strings.LastIndexByte(rel, '/'); slash > 0 {
		if parent := p.parent(rel[:slash]); parent != nil {
			if f, err := parent.OpenFile(rel[slash+1:], os.O_RDONLY|openFlags, 0); err == nil {
				return f, nil
			}
			// The parent may have been closed or moved meanwhile.
		}
	}
	return p.root.OpenFile(rel, os.O_RDONLY|openFlags, 0)
}

// parent returns a directory held open, nil if it cannot be opened. Another
// goroutine may close it at any time, which makes the next use of it fail.
func (p *place) parent(rel string) *os.Root {
	if r := p.held(rel); r != nil {
		return r
	}
	above, name := p.root, rel
	if slash := strings.LastIndexByte(rel, '/'); slash > 0 {
		if r := p.held(rel[:slash]); r != nil {
			above, name = r, rel[slash+1:]
		}
	}
	// The slash makes it fail on a pipe rather than wait for its writer.
	r, err := above.OpenRoot(name + "/")
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	slot := &p.dirs[p.next]
	p.next = (p.next + 1) % openDirs
	if slot.root != nil {
		slot.root.Close()
	}
	*slot = openDir{rel, r}
	return r
}

func (p *place) held(rel string) *os.Root {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.dirs {
		if p.dirs[i].root != nil && p.dirs[i].rel == rel {
			return p.dirs[i].root
		}
	}
	return nil
}
