// Package store is a repository's object database: packs and loose objects of
// all its object directories, alternates included, under one numbering.
//
// It refuses to know refs and what the objects mean. Its invariants: an object
// is found wherever git would find it; whatever cannot be opened is listed in
// Problems, never passed over; content is returned as it is stored (replace
// refs and grafts change nothing).
package store

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
	"keyrake/scanner/walk/regular"
)

// ErrNotFound means that no object directory holds an object.
var ErrNotFound = errors.New("no such object")

// Problem is a part of the object database that could not be read.
type Problem struct{ What, Reason string }

// Store is an open object database. It is safe for concurrent use once opened.
type Store struct {
	dirs     []string
	packs    []*pack.Pack
	multi    []multi
	Problems []Problem // filled by Open and List

	bound  int64 // mutable, by Bound
	big    pack.Big
	listed bool
	base   []int   // number of the first object of each pack; after the last, of the first loose object
	loose  []Loose // sorted by name

	mu     sync.Mutex // guards doubts
	doubts map[plumbing.Hash]string
}

// Loose is an object with a file of its own.
type Loose struct {
	Name plumbing.Hash
	Path string
}

// Open opens the packs of dirs, which are object directories in the order in
// which they are searched. Objects are not listed before List is called, so
// that reading a few of them costs little in a large repository.
func Open(dirs []string) *Store {
	s := &Store{dirs: dirs}
	for _, d := range dirs {
		dir := filepath.Join(d, "pack")
		names, err := readNames(dir)
		if err != nil {
			s.problem(dir, err)
		}
		for _, n := range names {
			if strings.HasSuffix(n, ".pack") {
				s.openPack(dir, n, names)
			} else if strings.HasSuffix(n, ".idx") {
				if _, ok := slices.BinarySearch(names, strings.TrimSuffix(n, ".idx")+".pack"); !ok && !isTemporary(n) {
					s.Problems = append(s.Problems, Problem{filepath.Join(dir, n), "the pack of this index is missing; restore it, or clone again"})
				}
			}
		}
		s.openMulti(dir, names)
	}
	return s
}

func (s *Store) openPack(dir, n string, names []string) {
	path := filepath.Join(dir, n)
	if _, ok := slices.BinarySearch(names, strings.TrimSuffix(n, ".pack")+".idx"); !ok {
		if isTemporary(n) {
			return
		}
		s.Problems = append(s.Problems, Problem{path, "the pack has no index; run \"git index-pack " + n + "\" to make one"})
		return
	}
	p, err := pack.Open(path)
	if err != nil {
		s.problem(path, err)
		return
	}
	p.Use(&s.big)
	s.packs = append(s.packs, p)
}

// isTemporary reports whether n is a file that "git repack" was writing or gave up.
func isTemporary(n string) bool { return strings.HasPrefix(n, ".tmp-") }

func (s *Store) problem(what string, err error) {
	s.Problems = append(s.Problems, Problem{what, err.Error()})
}

// readNames lists a directory in order; one that does not exist is empty.
func readNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

// Close gives back all that is mapped. Nothing from the store may be used after it.
func (s *Store) Close() error {
	var errs []error
	for _, p := range s.packs {
		errs = append(errs, p.Close())
	}
	for _, m := range s.multi {
		errs = append(errs, m.Close())
	}
	return errors.Join(errs...)
}

// Bound sets how many bytes an object that Get reads may have; 0 is no bound. A
// larger one is an error that wraps pack.ErrLimit. It must not be called while
// the store is in use.
func (s *Store) Bound(limit int64) {
	s.bound = limit
	for _, p := range s.packs {
		p.Bound(limit)
	}
}

// List lists the loose objects and numbers all objects: those of the packs in
// pack order, one pack after the other, then the loose ones. It must be called
// before Packs, Loose, Number and Len, and not while the store is in use.
func (s *Store) List() {
	if s.listed {
		return
	}
	s.listed = true
	n := 0
	for _, p := range s.packs {
		for _, err := range p.Damage() {
			s.problem(p.Path(), err)
		}
		s.base = append(s.base, n)
		n += p.Len()
	}
	s.base = append(s.base, n)
	for _, m := range s.multi {
		if err := m.Check(m.pack); err != nil {
			s.problem(m.path, err)
		}
	}
	for _, d := range s.dirs {
		s.listLoose(d)
	}
	slices.SortStableFunc(s.loose, func(a, b Loose) int { return bytes.Compare(a.Name[:], b.Name[:]) })
	s.loose = slices.CompactFunc(s.loose, func(a, b Loose) bool { return a.Name == b.Name })
}

func (s *Store) listLoose(dir string) {
	for b := range 256 {
		sub := filepath.Join(dir, fmt.Sprintf("%02x", b))
		names, err := readNames(sub)
		if err != nil {
			s.problem(sub, err)
		}
		for _, n := range names {
			var h plumbing.Hash
			if len(n) != 2*len(h)-2 || strings.ToLower(n) != n {
				continue // git's temporary files, and what git does not find
			}
			if _, err := hex.Decode(h[1:], []byte(n)); err != nil {
				continue
			}
			h[0] = byte(b)
			s.loose = append(s.loose, Loose{h, filepath.Join(sub, n)})
		}
	}
}

// Packs are the open packs.
func (s *Store) Packs() []*pack.Pack { return s.packs }

// PackBase is the number of the first object of pack i.
func (s *Store) PackBase(i int) int { return s.base[i] }

// LooseObjects lists the loose objects, sorted by name.
func (s *Store) LooseObjects() []Loose { return s.loose }

// LooseBase is the number of the first loose object.
func (s *Store) LooseBase() int { return s.base[len(s.packs)] }

// Len is how many numbers are given out. An object that is stored more than
// once has several; Number returns the first.
func (s *Store) Len() int { return s.LooseBase() + len(s.loose) }

// Number finds the number of h.
func (s *Store) Number(h plumbing.Hash) (int, bool) {
	for i, p := range s.packs {
		if e, ok := p.Find(h); ok {
			return s.base[i] + e, true
		}
	}
	i, ok := slices.BinarySearchFunc(s.loose, h, func(l Loose, h plumbing.Hash) int { return bytes.Compare(l.Name[:], h[:]) })
	return s.LooseBase() + i, ok
}

// Numbers appends to list what Number finds for each of names, or -1. In a pack it
// takes a small part of the time.
func (s *Store) Numbers(list []int32, names []plumbing.Hash) []int32 {
	from := len(list)
	if len(s.packs) == 0 {
		for range names {
			list = append(list, -1)
		}
	} else if list = s.packs[0].FindAll(list, names); len(s.packs) == 1 && len(s.loose) == 0 {
		return list
	}
	for i, h := range names {
		if list[from+i] < 0 {
			if n, ok := s.Number(h); ok {
				list[from+i] = int32(n)
			}
		}
	}
	return list
}

// First is the number that Number finds for h, which is the name of the object
// with number n: an earlier one if an earlier pack holds the object too.
func (s *Store) First(n int, h plumbing.Hash) int {
	for i, p := range s.packs {
		if n < s.base[i+1] {
			return n
		}
		if e, ok := p.Find(h); ok {
			return s.base[i] + e
		}
	}
	return n
}

// Name is the name of the object with number n.
func (s *Store) Name(n int) plumbing.Hash {
	if b := s.LooseBase(); n >= b {
		return s.loose[n-b].Name
	}
	i, _ := slices.BinarySearch(s.base, n+1)
	return s.packs[i-1].Name(n - s.base[i-1])
}

// SizeOf is how many bytes the object with number n has.
func (s *Store) SizeOf(n int) (uint64, error) {
	if b := s.LooseBase(); n >= b {
		_, data, err := s.ReadLoose(s.loose[n-b].Path, s.bound)
		defer s.big.Put(data)
		return uint64(len(data)), err
	}
	i, _ := slices.BinarySearch(s.base, n+1)
	return s.packs[i-1].SizeOf(n - s.base[i-1])
}

// Get reads one object. The error wraps ErrNotFound if no directory holds it.
func (s *Store) Get(h plumbing.Hash) (plumbing.ObjectType, []byte, error) {
	return s.get(h, false, new(int))
}

// GetProven is Get for an object of which a copy was found broken: it takes
// only a copy that hashes to h.
func (s *Store) GetProven(h plumbing.Hash) (plumbing.ObjectType, []byte, error) {
	if err := s.placed(h); err != nil {
		return 0, nil, err
	}
	return s.get(h, true, new(int))
}

// maxFar bounds how many bases outside the packs of their deltas are tried for
// one object. With bad copies in many packs, the ways to try them all would be
// past counting.
const maxFar = 50

func (s *Store) get(h plumbing.Hash, proven bool, far *int) (plumbing.ObjectType, []byte, error) {
	if *far++; *far > maxFar {
		return 0, nil, errors.New("its chain of deltas crosses too many packs")
	}
	var broken error
	for _, p := range s.packs {
		typ, data, ok, err := p.Get(h, func(h plumbing.Hash) (plumbing.ObjectType, []byte, error) { return s.get(h, false, far) })
		if err == nil && ok && proven {
			if err = Prove(h, typ, data); err != nil {
				s.Other(h, p.Path())
			}
		}
		if ok && err == nil {
			return typ, data, nil
		}
		broken = errors.Join(broken, err)
	}
	name := h.String()
	for _, d := range s.dirs {
		typ, data, err := s.ReadLoose(filepath.Join(d, name[:2], name[2:]), s.bound)
		if err == nil && proven {
			err = Prove(h, typ, data)
		}
		if err == nil {
			return typ, data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			broken = errors.Join(broken, err)
		}
	}
	if broken == nil {
		broken = ErrNotFound
	}
	return 0, nil, fmt.Errorf("read object %s: %w", h, broken)
}

// Done takes back what Get or ReadLoose gave, when nobody looks at it any more, for the
// next large object. What is not given back is the collector's.
func (s *Store) Done(data []byte) { s.big.Put(data) }

// ReadLoose reads the loose object in the file at path. limit bounds its
// content in bytes; 0 is no bound.
func (s *Store) ReadLoose(path string, limit int64) (plumbing.ObjectType, []byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	z, err := zlib.NewReader(f)
	if err != nil {
		return 0, nil, fmt.Errorf("loose object %s: %w", path, err)
	}
	typ, size, rest, err := looseHeader(z)
	if err != nil {
		return 0, nil, fmt.Errorf("loose object %s: %w", path, err)
	}
	if limit > 0 && size > limit {
		return typ, nil, fmt.Errorf("it has %d bytes, %w of %d", size, pack.ErrLimit, limit)
	}
	info, err := f.Stat()
	if err != nil {
		return typ, nil, err
	}
	another := fmt.Errorf("loose object %s declares %d bytes and holds another number", path, size)
	// The declared size is not to be trusted with memory that the file cannot fill.
	if size > info.Size()*mostDeflated {
		return typ, nil, another
	}
	data := s.big.Get(int(size))
	n := copy(data, rest)
	if _, err := io.ReadFull(z, data[n:]); err == io.ErrUnexpectedEOF || err == io.EOF && n < len(data) {
		return typ, nil, another
	} else if err != nil && err != io.EOF {
		return typ, nil, fmt.Errorf("loose object %s: %w", path, err)
	}
	switch n, err := z.Read(make([]byte, 1)); {
	case n > 0:
		return typ, nil, another
	case err != nil && err != io.EOF: // the checksum
		return typ, nil, fmt.Errorf("loose object %s: %w", path, err)
	}
	return typ, data, nil
}

// mostDeflated is how many bytes a deflated byte can stand for at most, and a
// little more (RFC 1951: 258 bytes from 2 bits).
const mostDeflated = 1100

// openRegular opens a regular file, and nothing that a read could wait for.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !regular.Is(info.Mode()) {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	return os.Open(path)
}

// looseHeader reads "type size\0" and returns what was read beyond it.
func looseHeader(z io.Reader) (typ plumbing.ObjectType, size int64, rest []byte, err error) {
	head := make([]byte, 64)
	n, err := io.ReadFull(z, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		return 0, 0, nil, err
	}
	head = head[:n]
	name, tail, ok := bytes.Cut(head, []byte{' '})
	digits, rest, ok2 := bytes.Cut(tail, []byte{0})
	if !ok || !ok2 {
		return 0, 0, nil, errors.New("its header is broken")
	}
	if typ, err = plumbing.ParseObjectType(string(name)); err != nil || typ.IsDelta() {
		return 0, 0, nil, fmt.Errorf("its type %q is unknown", name)
	}
	size, err = strconv.ParseInt(string(digits), 10, 64)
	if err != nil || size < int64(len(rest)) {
		return 0, 0, nil, errors.New("its header names an impossible size")
	}
	return typ, size, rest, nil
}
