package store

import (
	"crypto/sha256"
	"io"

	"keyrake/scanner/walk/pack"
)

// maxDigested is how many bytes of a loose object are hashed: a file may have holes of
// terabytes.
const maxDigested = 1 << 30

// LooseDigest identifies the loose object at place i of the list, as its file has
// it; see pack.Digest. It is zero if the file cannot be read, or is very large.
func (s *Store) LooseDigest(i int, salt []byte) (d pack.Digest) {
	l := s.loose[i]
	f, err := openRegular(l.Path)
	if err != nil {
		return d
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > maxDigested {
		return d
	}
	h := sha256.New()
	h.Write(salt)
	h.Write(l.Name[:])
	if _, err := io.Copy(h, f); err != nil {
		return d
	}
	copy(d[:], h.Sum(nil))
	return d
}
