package store

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// doubt notes that a pack has other bytes under the name h. git does not look.
func (s *Store) doubt(h plumbing.Hash, pack string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doubts == nil {
		s.doubts = map[plumbing.Hash]string{}
	}
	if old, ok := s.doubts[h]; !ok || pack < old {
		s.doubts[h] = pack
	}
}

// ProveCopies holds all copies of an object in packs to its name, if there are
// several: of which git shows one depends on what it read before.
func (s *Store) ProveCopies(h plumbing.Hash) {
	var copies []*pack.Pack
	for _, p := range s.packs {
		if _, ok := p.Offset(h); ok {
			copies = append(copies, p)
		}
	}
	for _, p := range copies {
		if len(copies) > 1 {
			typ, data, _, err := p.Get(h, s.Get)
			if err == nil && Prove(h, typ, data) != nil {
				s.doubt(h, p.Path())
			}
		}
	}
}

// Doubts lists the objects of which a pack had bytes that do not hash to their
// name, among those that were to be proven: even where another copy was right, git
// may show this one.
func (s *Store) Doubts() (list []Problem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for h, pack := range s.doubts {
		list = append(list, Problem{"object " + h.String(), "pack " + pack + " has other bytes under this name, which git may show; run \"git fsck\""})
	}
	return list
}

// multi is an index of several packs, with those of its folder.
type multi struct {
	*pack.MultiIndex
	path  string
	packs map[string]*pack.Pack // by the names of their files, without an ending
}

func (m *multi) pack(name string) *pack.Pack { return m.packs[name] }

// The names under which git keeps an index of several packs: one file, or, since
// git 2.47, a folder of layers with a list of them.
const (
	multiFile  = "multi-pack-index"
	multiChain = "multi-pack-index.d"
)

// openMulti opens the index of the packs in dir, if there is one, of either form:
// which of them git reads depends on its version. The packs of dir are open.
func (s *Store) openMulti(dir string, names []string) {
	packs := map[string]*pack.Pack{}
	for _, p := range s.packs {
		if filepath.Dir(p.Path()) == dir {
			packs[strings.TrimSuffix(filepath.Base(p.Path()), ".pack")] = p
		}
	}
	open := func(path string) (multi, error) {
		x, err := pack.OpenMulti(path)
		return multi{x, path, packs}, err
	}
	add := func(path string, list []multi, err error) {
		switch {
		case err == nil:
			s.multi = append(s.multi, list...)
		case !errors.Is(err, fs.ErrNotExist): // git wrote another one
			s.problem(path, err)
		}
	}
	if _, ok := slices.BinarySearch(names, multiFile); ok {
		path := filepath.Join(dir, multiFile)
		m, err := open(path)
		add(path, []multi{m}, err)
	}
	if _, ok := slices.BinarySearch(names, multiChain); ok {
		folder := filepath.Join(dir, multiChain)
		path := filepath.Join(folder, multiFile+"-chain")
		list, err := pack.OpenChain(path, func(name string) (multi, error) {
			return open(filepath.Join(folder, multiFile+"-"+name+".midx"))
		}, func(m multi) { m.Close() })
		add(path, list, err)
	}
}

// placed tells whether git finds an object where it is found here.
func (s *Store) placed(h plumbing.Hash) error {
	for i := range s.multi {
		if err := s.multi[i].CheckOne(h, s.multi[i].pack); err != nil {
			return err
		}
	}
	return nil
}
