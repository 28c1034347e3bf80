package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// doubt notes what is wrong with a copy of h. git does not look. Of several things
// it keeps one that does not depend on the order in which they were seen.
func (s *Store) doubt(h plumbing.Hash, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doubts == nil {
		s.doubts = map[plumbing.Hash]string{}
	}
	if old, ok := s.doubts[h]; !ok || what < old {
		s.doubts[h] = what
	}
}

// Other notes that the file at path, a pack or a loose object, has other bytes under the
// name h.
func (s *Store) Other(h plumbing.Hash, path string) {
	s.doubt(h, path+" has other bytes under this name, which git may show; run \"git fsck\"")
}

// ProveCopies holds all copies of an object in packs to its name, if there are
// several: of which git shows one depends on what it read before. A copy that cannot be
// read as it is stored is no copy, but for one that is too large to be held.
func (s *Store) ProveCopies(ctx context.Context, h plumbing.Hash) {
	var copies []*pack.Pack
	for _, p := range s.packs {
		if err := p.Ordered(h); err != nil {
			s.doubt(h, err.Error())
		}
		if _, ok := p.Offset(h); ok {
			copies = append(copies, p)
		}
	}
	if len(copies) < 2 {
		return
	}
	for _, p := range copies {
		typ, data, _, err := p.Get(h, s.Get)
		if err == nil {
			err = Prove(h, typ, data)
		} else if errors.Is(err, pack.ErrLimit) {
			err = proveLarge(ctx, p, h)
		}
		switch {
		case errors.Is(err, ErrName):
			s.Other(h, p.Path())
		case errors.Is(err, pack.ErrLimit):
			s.doubt(h, "the copy in "+p.Path()+" is too large to be held to its name, and git may show that one; raise --memory")
		}
	}
}

// proveLarge holds an object that stands whole in a pack to its name, piece by piece.
func proveLarge(ctx context.Context, p *pack.Pack, h plumbing.Hash) error {
	_, err := p.Stream(ctx, h, 0, func(typ plumbing.ObjectType, size int64, content io.Reader) error {
		_, err := io.Copy(io.Discard, Proving(h, typ, size, content))
		return err
	})
	return err
}

// Doubts lists the objects of which a copy is not what its name says, or may not be,
// among those that were to be proven: even where another copy was right, git may show
// this one.
func (s *Store) Doubts() (list []Problem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for h, what := range s.doubts {
		list = append(list, Problem{"object " + h.String(), what})
	}
	slices.SortFunc(list, func(a, b Problem) int { return strings.Compare(a.What, b.What) })
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
		if err == nil {
			s.unlisted(x, path, dir, names)
		}
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

// unlisted tells of packs that git finds by an index of several packs alone: in other
// folders, or where the disk knows no case.
func (s *Store) unlisted(x *pack.MultiIndex, path, dir string, names []string) {
	for _, name := range x.Packs() {
		if _, ok := slices.BinarySearch(names, name+".pack"); !ok && exists(filepath.Join(dir, name+".pack")) {
			s.Problems = append(s.Problems, Problem{path, fmt.Sprintf("it lists a pack that is not beside it, %q, which was not searched; \"git multi-pack-index write\" makes a new one", name)})
		}
	}
}

// placed reports whether git finds an object where it is found here.
func (s *Store) placed(h plumbing.Hash) error {
	for i := range s.multi {
		if err := s.multi[i].CheckOne(h, s.multi[i].pack); err != nil {
			return err
		}
	}
	return nil
}
