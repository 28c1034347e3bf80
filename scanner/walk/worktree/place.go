package worktree

import (
	"io/fs"
	"strings"
	"sync"
)

// place is a directory below which files are opened, each from the folder that it
// lies in. It is closed by the runtime when no File refers to it any more.
type place struct {
	root *folder
	held *heldFolders
}

// openFolders is how many folders a walk keeps open. Files are read in the order
// in which they were listed, so that few hold nearly every next one.
const openFolders = 64

// heldFolders are the folders that a walk keeps open.
type heldFolders struct {
	mu   sync.Mutex              // guards the rest
	list [openFolders]heldFolder // the last used first
}

type heldFolder struct {
	at     *place
	rel    string
	folder *folder
}

func openPlace(path string, held *heldFolders) (*place, error) {
	root, err := openFolder(path)
	return &place{root, held}, err
}

// list lists the directory rel, "" for the place itself.
func (p *place) list(rel string) ([]fs.DirEntry, error) {
	f, err := p.folder(rel)
	if err != nil {
		return nil, err
	}
	defer p.held.keep(p, rel, f)
	return f.list()
}

// open opens the file rel for reading.
func (p *place) open(rel string) (handle, error) {
	above, name := split(rel)
	if f := p.held.get(p, above); f != nil {
		if h, err := f.open(name); err == nil {
			return h, nil
		}
		// It may have been closed or moved meanwhile.
	}
	f, err := p.folder(above)
	if err != nil {
		return handle{}, err
	}
	defer p.held.keep(p, above, f)
	return f.open(name)
}

// read reads the file rel.
func (p *place) read(rel string, limit int64) ([]byte, error) {
	h, err := p.open(rel)
	if err != nil {
		return nil, err
	}
	defer h.close()
	return h.readAll(nil, limit)
}

// folder opens the directory rel anew.
func (p *place) folder(rel string) (*folder, error) {
	above, name := split(rel)
	if f := p.held.get(p, above); f != nil && rel != "" {
		if sub, err := f.folder(name); err == nil {
			return sub, nil
		}
	}
	f, err := p.root.folder(".")
	for part := range strings.SplitSeq(rel, "/") {
		if err != nil || rel == "" {
			break
		}
		up := f
		f, err = up.folder(part)
		up.close()
	}
	return f, err
}

func split(rel string) (above, name string) {
	slash := strings.LastIndexByte(rel, '/')
	return rel[:max(slash, 0)], rel[slash+1:]
}

// get gives a folder that is held open, nil if it is not. Another goroutine may
// close it at any time, which makes the next use of it fail.
func (h *heldFolders) get(at *place, rel string) *folder {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.list {
		if x := h.list[i]; x.at == at && x.rel == rel {
			copy(h.list[1:i+1], h.list[:i])
			h.list[0] = x
			return x.folder
		}
	}
	return nil
}

// keep holds a folder open.
func (h *heldFolders) keep(at *place, rel string, f *folder) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := 0
	for i < len(h.list)-1 && (h.list[i].at != at || h.list[i].rel != rel) {
		i++
	}
	if old := h.list[i].folder; old != nil {
		old.close()
	}
	copy(h.list[1:i+1], h.list[:i])
	h.list[0] = heldFolder{at, rel, f}
}
