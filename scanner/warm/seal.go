package warm

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"time"
)

// Seal identifies a state of files and words: equal states have equal seals, and
// a file that was changed in between has another. It reveals nothing of that
// state.
type Seal struct {
	sum   [sha256.Size]byte
	known bool // the system tells when a file was changed
}

// Same reports whether two seals are known to identify one state.
func (s Seal) Same(other Seal) bool { return s.known && s == other }

// Sealer gathers a state.
type Sealer struct {
	hash   hash.Hash
	known  bool
	newest time.Time // change of a file
	looks  int       // files and folders looked at
	coarse bool      // the clock of some file has whole seconds only
}

// NewSealer starts with an empty state.
func NewSealer() *Sealer { return &Sealer{hash: sha256.New(), known: true} }

// Text adds words.
func (s *Sealer) Text(words ...string) {
	for _, w := range words {
		s.number(int64(len(w)))
		s.hash.Write([]byte(w))
	}
	s.number(-1)
}

func (s *Sealer) number(n int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	s.hash.Write(b[:])
}

// Tree adds every file below dir by its name and identity: device, inode, size,
// and the times of the last change to its bytes and to its record, of which the
// second cannot be set by hand. Of folders it adds the names alone, since files
// that come and go change their times. A folder that does not exist is empty.
func (s *Sealer) Tree(dir string) { s.tree(dir, 0) }

// The bounds of all that one state may have. Links can lead in a circle, or to
// the whole disk; such a state is unknown.
const (
	maxDepth = 32
	maxLooks = 500_000
)

func (s *Sealer) tree(dir string, depth int) {
	if depth > maxDepth {
		s.known = false
		return
	}
	s.folder(dir, func(path string) { s.tree(path, depth+1) })
}

// Objects adds what can be read as objects from an object folder of git: the
// files right in its folders pack, info and 00 to ff, and the layers of git's indexes
// and commit-graphs in folders of theirs. What else is there may be a whole disk, if
// a hostile repository names that as its alternate.
func (s *Sealer) Objects(dir string) {
	s.Text("objects", dir)
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		s.known = false
	}
	for _, e := range entries {
		if holdsObjects(e.Name()) {
			s.folder(filepath.Join(dir, e.Name()), s.layers)
		}
	}
}

func (s *Sealer) layers(path string) {
	s.Text("folder", path)
	if name := filepath.Base(path); name == "commit-graphs" || name == "multi-pack-index.d" {
		s.folder(path, func(path string) { s.Text("folder", path) })
	}
}

func holdsObjects(folder string) bool {
	if len(folder) == 2 {
		_, err := hex.DecodeString(folder)
		return err == nil
	}
	return folder == "pack" || folder == "info"
}

// folder adds the files in dir and hands each folder in it to deeper.
func (s *Sealer) folder(dir string, deeper func(path string)) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		s.known = false
	}
	s.Text("folder", dir)
	for _, e := range entries {
		if s.looks++; s.looks > maxLooks {
			s.known = false
			return
		}
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path) // what a link leads to is what is read
		switch {
		case err != nil:
			s.Text("gone", e.Name())
		case info.IsDir():
			deeper(path)
		default:
			s.file(e.Name(), info)
		}
	}
	s.number(-2)
}

// Mark identifies the bytes of one file: as long as the mark is the same, they are.
type Mark [16]byte

// MarkOf marks the file at path; false if it is not known what changes it.
func MarkOf(path string) (m Mark, ok bool) {
	info, err := os.Stat(path) // what a link leads to is what is read
	if err != nil {
		return m, false
	}
	s := NewSealer()
	s.file("", info)
	copy(m[:], s.hash.Sum(nil))
	return m, s.known
}

func (s *Sealer) file(name string, info os.FileInfo) {
	id, ok := identify(info)
	s.known = s.known && ok
	s.Text(name, fmt.Sprint(info.Mode(), info.Size(), info.ModTime().UnixNano(), id.device, id.inode, id.changed.UnixNano()))
	if id.changed.After(s.newest) {
		s.newest = id.changed
	}
	s.coarse = s.coarse || id.changed.Nanosecond() == 0
}

// Seal closes the state. It is unknown if a file was changed so shortly before
// now that another change might bear the same time.
func (s *Sealer) Seal(now time.Time) Seal {
	tick := 50 * time.Millisecond // clocks of files tick at 1 to 10 ms
	if s.coarse {
		tick = 2 * time.Second
	}
	seal := Seal{known: s.known && now.Sub(s.newest) > tick}
	s.hash.Sum(seal.sum[:0])
	return seal
}
