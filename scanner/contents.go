package scanner

import (
	"bytes"
	"errors"
	"path"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/match/decode"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/history"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/store"
	"keyrake/scanner/walk/worktree"
)

// contents reads the contents that findings stand in once more, to look at what
// is beside them, and other files of the same state of the project.
type contents struct {
	// content gives the bytes of the file, object or stream of a place.
	content func(*finding.Place) ([]byte, error)
	// beside finds the file with another path in the state of the project that a
	// place belongs to. That is the disk, if files were scanned; the index, for what
	// is staged; HEAD, for what HEAD holds; else the commit that brought the place in.
	// It is nil where there are no other files.
	beside func(*finding.Place, string) (finding.Place, bool)
	// held are the paths in archives that will be asked for. An archive is opened
	// once for all of them; one that holds a hundred findings was opened a hundred
	// times for a third of all CPU of a history of curl.
	held   map[string]bool
	opened opened    // mutable
	seen   seenInner // nil if no archive was opened yet
}

// seenInner has files of archives that were looked at before, by their paths in
// those and the archives' names.
type seenInner map[contentOf][]byte

// opened is what was taken out of archives.
type opened struct {
	archives map[contentOf]bool // those that are done, by what stands before the "!"
	files    map[contentOf][]byte
	size     int // of files, in bytes
}

// hold notes that the file in an archive that a place is in will be asked for.
func (c *contents) hold(p *finding.Place) {
	if p.Inner > 0 {
		if c.held == nil {
			c.held = map[string]bool{}
		}
		c.held[p.Path] = true
	}
}

// maxReread bounds the contents that are read again, in bytes.
const maxReread = 8 << 20

var (
	errTooMuch   = errors.New("it is larger than what is looked at again")
	errNotInside = errors.New("the archive does not hold it any more, or more than is looked at again")
)

// onDisk reads the contents of a scan of these files. Files of more than limit bytes are not
// read again. disks tells where they lie.
func onDisk(files []worktree.File, limit int64, disks func(number int) *finding.Disk) contents {
	var scanned map[string]int
	return contents{
		content: fromDisk(limit),
		beside: func(_ *finding.Place, name string) (finding.Place, bool) {
			if scanned == nil {
				scanned = make(map[string]int, len(files))
				for i := range files {
					scanned[files[i].Path] = i
				}
			}
			i, ok := scanned[name]
			if !ok {
				return finding.Place{}, false
			}
			return finding.Place{Kind: finding.File, Path: name, Disk: disks(i)}, true
		},
	}
}

// inStore reads the contents of a history. head is the commit of HEAD, or zero. Up to
// memory bytes of objects are held, so that not every version of a file has to be
// made anew from the first one.
func inStore(objects *store.Store, head plumbing.Hash, memory int64) contents {
	c := inObjects(objects, memory)
	files := history.NewLookup(objects)
	c.beside = func(p *finding.Place, name string) (finding.Place, bool) {
		at := head
		if !p.InHead {
			if p.Commit == nil {
				return finding.Place{}, false
			}
			at = plumbing.NewHash(p.Commit.ID)
		}
		h := files.At(at, name)
		return finding.Place{Kind: finding.Blob, Path: name, Object: h.String(), Commit: p.Commit, InHead: p.InHead}, !h.IsZero()
	}
	return c
}

// inIndex reads the contents of what is staged.
func inIndex(objects *store.Store, r *repo.Repo) contents {
	c := inObjects(objects, maxReread)
	var blobs map[string]string // of the index, once it was asked for
	c.beside = func(_ *finding.Place, name string) (finding.Place, bool) {
		if blobs == nil {
			blobs = map[string]string{}
			_ = r.Index(func(index *repo.Index) { // Staged has told what is wrong with it
				for _, e := range index.All() {
					blobs[e.Path] = e.Hash.String()
				}
			})
		}
		return finding.Place{Kind: finding.Staged, Path: name, Object: blobs[name]}, blobs[name] != ""
	}
	return c
}

func inObjects(objects *store.Store, memory int64) contents {
	from := objects.NewReader(memory)
	return contents{content: func(p *finding.Place) ([]byte, error) {
		if p.Object == "" {
			return nil, errors.New("it is no object")
		}
		_, data, err := from.Get(plumbing.NewHash(p.Object))
		return data, err
	}}
}

// inMemory reads the content of a stream.
func inMemory(data []byte) contents {
	return contents{content: func(*finding.Place) ([]byte, error) { return data, nil }}
}

// text gives the text that a place counts its lines in. wide says that it was
// UTF-16, so that offsets are others in it.
func (c *contents) text(p *finding.Place) (text []byte, wide bool, err error) {
	data, known := c.opened.files[contentOf{p.Path, p.Object}]
	if !known {
		data, known = c.seen[contentOf{p.Inside(), p.Object}]
	}
	if !known {
		if data, err = c.content(p); err != nil {
			return nil, false, err
		}
		if p.Inner > 0 {
			inner, ok := c.unpack(p, data)
			if !ok {
				return nil, false, errNotInside
			}
			data = inner
		}
	}
	if len(data) > maxReread {
		return nil, false, errTooMuch
	}
	if decoded, ok := decode.UTF16(data); ok && !p.AsStored {
		return decoded, true, nil
	}
	return data, false, nil
}

// unpack finds the file in an archive that a place is in, and keeps what else is
// held there.
func (c *contents) unpack(p *finding.Place, data []byte) (inner []byte, ok bool) {
	at := contentOf{p.File(), p.Object}
	if c.opened.size > maxReread {
		c.opened = opened{}
	}
	o := &c.opened
	if o.archives == nil {
		o.archives, o.files = map[contentOf]bool{}, map[contentOf][]byte{}
	}
	first := !o.archives[at]
	o.archives[at] = true
	limits := archive.Default()
	limits.Bytes = 8 * maxReread
	archive.Walk(data, limits, func(name string, content []byte) {
		path := p.File() + "!" + name
		asked := !ok && name == p.Inside()
		if asked {
			inner, ok = bytes.Clone(content), true
		}
		if first && (asked || c.held[path]) && o.size+len(content) <= 2*maxReread {
			o.files[contentOf{path, p.Object}] = bytes.Clone(content)
			o.size += len(content)
		}
	})
	return inner, ok
}

// offsetOf turns a line and column into an offset; -1 if there is no such place.
func offsetOf(text []byte, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		for at < len(text) && text[at] != '\n' {
			at++
		}
		if at++; at > len(text) {
			return -1
		}
	}
	return at + column - 1
}

// upward lists the folders from that of a file up to the top.
func upward(name string) (list []string) {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		list = append(list, dir)
		if dir == "." || dir == "/" {
			return list
		}
	}
}
