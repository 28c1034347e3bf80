package scanner

import (
	"errors"
	"path"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/archive"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/revision"
	"keyrake/scanner/walk/store"
)

// ground reads what findings stand in, and other files of the same state of
// their project.
type ground struct {
	// content gives the bytes of the file, object or stream of a place.
	content func(*finding.Place) ([]byte, error)
	// beside gives the file with another path in the state that a place is of: on
	// disk if it was scanned, in the index, in HEAD for what HEAD holds, else in the
	// commit that brought the place in. Nil knows no other files.
	beside func(*finding.Place, string) (finding.Place, bool)
}

// maxGround bounds contents that are looked at again.
const maxGround = 8 << 20

var errTooMuch = errors.New("it is larger than what is looked at again")

// onDisk is the ground of a scan of the files with these paths.
func onDisk(paths []string) ground {
	var scanned map[string]bool
	return ground{
		content: fromDisk,
		beside: func(_ *finding.Place, name string) (finding.Place, bool) {
			if scanned == nil {
				scanned = make(map[string]bool, len(paths))
				for _, p := range paths {
					scanned[p] = true
				}
			}
			return finding.Place{Kind: finding.File, Path: name}, scanned[name]
		},
	}
}

// inStore is the ground of what are objects. head may be zero; memory is how many
// bytes of contents may be held, so that versions of a file are not made anew
// each from its first one.
func inStore(objects *store.Store, head plumbing.Hash, memory int64) ground {
	g := inObjects(objects, memory)
	g.beside = func(p *finding.Place, name string) (finding.Place, bool) {
		at := head
		if !p.InHead {
			if p.Commit == nil {
				return finding.Place{}, false
			}
			at = plumbing.NewHash(p.Commit.ID)
		}
		h := revision.At(objects, at, name)
		return finding.Place{Kind: finding.Blob, Path: name, Object: h.String(), Commit: p.Commit, InHead: p.InHead}, !h.IsZero()
	}
	return g
}

// inIndex is the ground of what is staged.
func inIndex(objects *store.Store, r *repo.Repo) ground {
	g := inObjects(objects, maxGround)
	var blobs map[string]string // of the index, once it was asked for
	g.beside = func(_ *finding.Place, name string) (finding.Place, bool) {
		if blobs == nil {
			blobs = map[string]string{}
			if index, err := r.Index(); err == nil {
				for i := range index.Entries {
					blobs[index.Entries[i].Path] = index.Entries[i].Hash.String()
				}
			}
		}
		return finding.Place{Kind: finding.Staged, Path: name, Object: blobs[name]}, blobs[name] != ""
	}
	return g
}

func inObjects(objects *store.Store, memory int64) ground {
	from := objects.NewReader(memory)
	return ground{content: func(p *finding.Place) ([]byte, error) {
		if p.Object == "" {
			return nil, errors.New("it is no object")
		}
		_, data, err := from.Get(plumbing.NewHash(p.Object))
		return data, err
	}}
}

// inMemory is the ground of a stream.
func inMemory(data []byte) ground {
	return ground{content: func(*finding.Place) ([]byte, error) { return data, nil }}
}

// text gives the text that a place counts its lines in. wide says that it was
// UTF-16, so that offsets are others in it.
func (g *ground) text(p *finding.Place) (text []byte, wide bool, err error) {
	data, err := g.content(p)
	if err != nil {
		return nil, false, err
	}
	if inner, ok := unpacked(p, data); ok {
		data = inner
	}
	if len(data) > maxGround {
		return nil, false, errTooMuch
	}
	if decoded, ok := decodeUTF16(data); ok {
		return decoded, true, nil
	}
	return data, false, nil
}

// unpacked finds the file in an archive that a place is in, if it is in one.
func unpacked(p *finding.Place, data []byte) (inner []byte, ok bool) {
	if !archive.Is(data) {
		return nil, false
	}
	limits := archive.Default()
	archive.Walk(data, limits, func(name string, content []byte) {
		if end := "!" + name; !ok && len(p.Path) >= len(end) && p.Path[len(p.Path)-len(end):] == end {
			inner, ok = append([]byte(nil), content...), true
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
