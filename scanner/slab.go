package scanner

import "strings"

// slab cuts small pieces from larger ones, for what there may be a million of:
// the collector looks at a few large pieces sooner than at all the small ones.
// A large piece is free again once all that was cut from it is.
type slab[T any] struct {
	left []T
	size int // of the last large piece
}

// largestPiece is how many values a large piece holds at most, if one that is asked
// for is not larger. The first ones are smaller, as most scans find little.
const largestPiece = 4096

// cut gives an empty piece with room for n values.
func (s *slab[T]) cut(n int) []T {
	if n > len(s.left) {
		s.size = min(max(2*s.size, 16), largestPiece)
		s.left = make([]T, max(n, s.size))
	}
	piece := s.left[:0:n]
	s.left = s.left[n:]
	return piece
}

// texts keeps texts in few pieces of memory.
type texts struct {
	piece strings.Builder
	size  int // of the last piece
}

// largestText is how many bytes one piece has at most.
const largestText = 16 << 10

// keep gives text as a string of its own.
func (t *texts) keep(text []byte) string {
	if t.piece.Cap()-t.piece.Len() < len(text) {
		if len(text) > largestText/8 {
			return string(text)
		}
		t.size = min(max(2*t.size, 256, len(text)), largestText)
		t.piece.Reset()
		t.piece.Grow(t.size)
	}
	start := t.piece.Len()
	t.piece.Write(text) // within its room, so that what was kept stays where it is
	return t.piece.String()[start:]
}
