package store

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// MinAbbreviation is the least number of digits of an abbreviated object name,
// as git has it.
const MinAbbreviation = 4

// Abbreviated lists the objects whose names begin with these hexadecimal
// digits, sorted. It reads the indexes of packs and one folder of each object
// directory, so it costs the same in any repository.
func (s *Store) Abbreviated(digits string) ([]plumbing.Hash, error) {
	var prefix plumbing.Hash
	if len(digits) < MinAbbreviation || len(digits) > 2*len(prefix) {
		return nil, errors.New("an abbreviated object name has 4 to 40 digits")
	}
	if _, err := hex.Decode(prefix[:], []byte(digits+strings.Repeat("0", 2*len(prefix)-len(digits)))); err != nil {
		return nil, errors.New("an object name is made of hexadecimal digits")
	}
	var list []plumbing.Hash
	for _, p := range s.packs {
		p.Abbreviated(prefix, len(digits), func(h plumbing.Hash) { list = append(list, h) })
	}
	folder := strings.ToLower(digits[:2])
	for _, d := range s.dirs {
		names, err := readNames(filepath.Join(d, folder))
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			if h, ok := looseName(folder + n); ok && pack.HasPrefix(h, prefix, len(digits)) {
				list = append(list, h)
			}
		}
	}
	slices.SortFunc(list, func(a, b plumbing.Hash) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(list), nil
}

// looseName parses the name that a loose object's folder and file spell.
func looseName(text string) (h plumbing.Hash, ok bool) {
	if len(text) != 2*len(h) {
		return h, false
	}
	_, err := hex.Decode(h[:], []byte(text))
	return h, err == nil
}

// Has reports whether some pack lists h or a loose file has its name. The object
// itself is not looked at.
func (s *Store) Has(h plumbing.Hash) bool {
	for _, p := range s.packs {
		if p.Has(h) {
			return true
		}
	}
	name := h.String()
	for _, d := range s.dirs {
		if exists(filepath.Join(d, name[:2], name[2:])) {
			return true
		}
	}
	return false
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
