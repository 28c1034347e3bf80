package scanner

import (
	"bytes"
	"fmt"
	"io"
	"math"

	"keyrake/scanner/finding"
	"keyrake/scanner/known"
	"keyrake/scanner/match/decode"
	"keyrake/scanner/window"
)

// leastPiece is the least that is searched at once of a content that is too large to
// be held, in bytes.
const leastPiece = 64 << 10

// mostSpots is how many places of secrets in one such content are told: what is
// packed well may hold more than there is memory for.
const mostSpots = 1 << 17

// headBytes is how much of a content tells what it is.
const headBytes = 512

// pieceSize is how large pieces are in so much memory; 0 is no bound.
func pieceSize(memory int64) int {
	const share = 32 // for each worker
	if memory <= 0 {
		return window.Usual
	}
	return int(min(max(memory/share, leastPiece), window.Usual))
}

// pieces searches a content of any size piece by piece, and finds what a search of
// the whole finds: whether an anchor stands somewhere, and what is decided about it,
// hangs on no more than Program.Widest on both sides. What does hang on the whole is
// a gap, where there is such a thing: rules that are tried on whole contents. It returns
// how many bytes were read; the error is that of from.
func (w *worker) pieces(s *scan, where int, what func() string, from io.Reader) (int64, error) {
	all := &counter{from: from}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(all, head)
	head = head[:n]
	if err == nil {
		from = io.MultiReader(bytes.NewReader(head), all)
	} else if from = bytes.NewReader(head); err != io.EOF && err != io.ErrUnexpectedEOF {
		from = io.MultiReader(from, failing{err})
	}
	before, after := w.prog.Widest()
	room, beyond := 2*before+after+known.Reach, after+known.Reach+1
	v := window.New(from, room, s.piece, beyond)
	other := plainWatch{from: from}
	if order, text, ok := decode.UTF16Order(head); ok {
		v = window.NewUTF16(&other, order, text, room, s.piece, beyond)
	}
	w.inWindows(s, where, what, v, before)
	if other.seen {
		w.tooLarge(what(), fmt.Sprintf("it has %d bytes, and begins as UTF-16; other text stands in it, which is searched in contents of up to %d bytes only; raise --memory", all.n, s.opt.MaxFileBytes))
	}
	if w.prog.HasWhole() {
		w.tooLarge(what(), fmt.Sprintf("it has %d bytes, and rules with \"whole: true\" are not tried on contents of that size; raise --memory", all.n))
	}
	return all.n, v.Err
}

func (w *worker) tooLarge(what, reason string) {
	w.gaps = append(w.gaps, finding.Gap{What: what, Reason: reason, Cause: finding.TooLarge})
}

// inWindows searches each window's own part. before is how far before an anchor a hit
// may begin.
func (w *worker) inWindows(s *scan, where int, what func() string, v *window.Windows, before int) {
	w.matcher.Content(math.MaxInt32) // as much as any content may spend
	st, first := w.take(), len(w.list)
	defer w.give(st)
	var ripe, rest []hit
	for keep := 0; v.Next(keep); {
		if len(w.list)-first >= mostSpots {
			keep = v.Hi
			continue
		}
		st.hits = append(st.hits[:0], rest...)
		w.found = w.prog.Anchors(w.found[:0], v.Data, v.Lo, v.Hi)
		w.searched += int64(v.Hi - v.Lo)
		for _, a := range w.found {
			w.settle(st, v.Data, a, false)
		}
		w.matcher.Refund(v.Hi - v.Lo)
		settled := v.Hi - before // all hits that begin before are known
		if v.End {
			settled = math.MaxInt
		}
		ripe, rest = ripen(st.hits, ripe[:0], rest[:0], settled)
		if len(ripe) > 0 || len(w.expired) > 0 {
			w.recordWindow(s, where, what, v, ripe)
		}
		keep = v.Hi - before - 1
		for i := range rest {
			keep = min(keep, rest[i].from())
		}
		keep = max(0, keep-known.Reach)
		for i := range rest {
			rest[i].anchor.Off -= int32(keep)
		}
	}
	*st = state{anchors: st.anchors[:0], hits: st.hits[:0]}
	if more := len(w.list) - first; more >= mostSpots {
		w.list = w.list[:first+mostSpots]
		w.tooLarge(what(), fmt.Sprintf("more than %d places in it hold secrets; what comes after was not searched", mostSpots))
	}
}

// ripen splits hits into those that are told, and those that wait for what begins at
// settled or behind. As in strongest, what overlaps is settled from left to right,
// and hangs on nothing before but the last hit that was kept.
func ripen(hits, ripe, rest []hit, settled int) (told, waiting []hit) {
	for _, h := range hits {
		if h.from() < settled {
			ripe = append(ripe, h)
		} else {
			rest = append(rest, h)
		}
	}
	ripe = strongest(ripe)
	if n := len(ripe); n > 0 && ripe[n-1].to() > settled {
		rest = append(rest, ripe[n-1])
		ripe = ripe[:n-1]
	}
	return ripe, rest
}

// recordWindow takes over what was found in a window.
func (w *worker) recordWindow(s *scan, where int, what func() string, v *window.Windows, hits []hit) {
	at, from := v.Origin, len(w.list)
	w.origin = &at
	w.record(s, where, what, v.Data, &state{hits: hits, plain: true})
	w.origin = nil
	if !v.IsUTF16() {
		return
	}
	text, off := 0, 0
	for i := from; i < len(w.list); i++ {
		o := &w.list[i]
		off += decode.UTF16Length(v.Data[text:o.off])
		text, o.off = int(o.off), int32(off)
	}
}

// plainWatch sees whether text that is no UTF-16 is read through it.
type plainWatch struct {
	from io.Reader
	run  decode.Plain
	seen bool
}

// Read implements io.Reader.
func (p *plainWatch) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	p.seen = p.seen || p.run.Add(b[:n])
	return n, err
}

// counter counts what is read through it.
type counter struct {
	from io.Reader
	n    int64
}

// Read implements io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	return n, err
}

// failing is a reader of nothing but an error.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
