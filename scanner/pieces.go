package scanner

import (
	"bytes"
	"encoding/binary"
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
func (w *worker) pieces(t target, from io.Reader) (int64, error) {
	all := &counter{from: from}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(all, head)
	head = head[:n]
	if err == nil {
		from = io.MultiReader(bytes.NewReader(head), all)
	} else if from = bytes.NewReader(head); err != io.EOF && err != io.ErrUnexpectedEOF {
		from = io.MultiReader(from, failing{err})
	}
	list := []*windowSearch{}
	begin := func(v *window.Windows) { list = append(list, &windowSearch{v: v}) }
	before, after := w.prog.Widest()
	room, beyond := 2*before+after+known.Reach, after+known.Reach+1
	if order, text, ok := decode.UTF16Order(head); ok { // and maybe other text, as in content
		both := &forked{from: from}
		begin(window.New(both.reader(0), room, w.scan.piece, beyond))
		begin(window.NewUTF16(both.reader(1), order, text, room, w.scan.piece, beyond))
		list[0].order = order
		w.inBoth(t, list[0], list[1], both)
	} else {
		begin(window.New(from, room, w.scan.piece, beyond))
		w.inWindows(t, list[0])
	}
	for _, x := range list {
		if x.spots >= mostSpots {
			w.tooLarge(t, fmt.Sprintf("more than %d places in it hold secrets; what comes after was not searched", mostSpots))
		}
	}
	if w.prog.HasWhole() {
		w.tooLarge(t, fmt.Sprintf("it has %d bytes, and rules with \"whole: true\" are not tried on contents of that size; raise --memory", all.n))
	}
	return all.n, list[0].v.Err
}

func (w *worker) gap(g finding.Gap) { w.gaps = append(w.gaps, g) }

func (w *worker) tooLarge(t target, reason string) {
	w.gap(finding.Gap{What: t.name(), Reason: reason, Cause: finding.TooLarge})
}

// How many hits that overlap one another, and how many bytes of them, wait for their end.
const (
	mostChained = 1 << 12
	widestChain = 1 << 20
)

// windowSearch is a search of a content window by window.
type windowSearch struct {
	v     *window.Windows
	order binary.ByteOrder // of UTF-16 that is searched as it stands
	// mutable
	keep       int   // where what the next window shows begins in the one at hand
	ripe, rest []hit // scratch, and hits that are not chosen from yet
	spots      int   // places that were told
}

// inWindows searches a content.
func (w *worker) inWindows(t target, x *windowSearch) {
	w.matcher.Content(math.MaxInt32) // as much as any content may spend
	for w.inWindow(t, x) {
	}
}

// inBoth searches UTF-16 as it stands and what it says, by turns, so that not much of what
// both read has to be held. What is told is what add makes of a whole content.
func (w *worker) inBoth(t target, stored, text *windowSearch, both *forked) {
	w.matcher.Content(math.MaxInt32)
	var as []occurrence // it stands
	w.told = w.told[:0]
	for goOn := [2]bool{true, true}; goOn[0] || goOn[1]; {
		if goOn[0] && (!goOn[1] || both.at[0] <= both.at[1]) {
			from := len(w.list)
			goOn[0] = w.inWindow(t, stored)
			as = append(as, w.list[from:]...)
			w.list = w.list[:from]
		} else {
			goOn[1] = w.inWindow(t, text)
		}
	}
	middle := len(w.list)
	w.list = append(w.list, as...)
	w.unsaid(middle, w.told)
	w.scan.found.Add(int64(len(w.list) - middle - len(as)))
}

// inWindow searches the own part of the next window, and tells whether there was one.
func (w *worker) inWindow(t target, x *windowSearch) bool {
	v := x.v
	if !v.Next(x.keep) {
		return false
	}
	if x.spots >= mostSpots {
		x.keep = v.Hi
		return true
	}
	before, _ := w.prog.Widest() // how far before an anchor a hit may begin
	st := w.take()
	defer w.give(st)
	*st = state{anchors: st.anchors[:0], hits: st.hits[:0]}
	if w.found = w.found[:0]; x.order == nil || mayHoldOther(v, x.order) {
		w.found = w.prog.Anchors(w.found, v.Data, v.Lo, v.Hi)
	}
	w.searched += int64(v.Hi - v.Lo)
	for _, a := range w.found {
		w.decideAnchor(st, v.Data, a, false)
	}
	w.matcher.Refund(v.Hi - v.Lo)
	settled := v.Hi - before // all hits that begin before are known
	if v.End {
		settled = math.MaxInt
	}
	x.rest = append(x.rest, st.hits...)
	x.ripen(settled)
	if len(x.ripe) > 0 || len(w.expired) > 0 {
		w.recordWindow(t, x)
	}
	keep := v.Hi - before - 1
	for i := range x.rest {
		keep = min(keep, x.rest[i].from())
	}
	x.keep = max(0, keep-known.Reach)
	for i := range x.rest {
		x.rest[i].anchor.Off -= int32(x.keep)
	}
	return true
}

// mayHoldOther asks whether anything but the text of UTF-16 may stand in a window of it.
func mayHoldOther(v *window.Windows, order binary.ByteOrder) bool {
	data := v.Data[min(v.Origin.Offset()%2, len(v.Data)):] // units begin at even offsets
	if !v.End {
		data = data[:len(data)&^1]
	}
	return decode.MayHoldOther(data, order)
}

// ripen takes those of the hits that wait from which strongest can choose, all that begin
// before settled being known: the chains of overlapping hits that end there. A chain that
// is too long to wait for is parted.
func (x *windowSearch) ripen(settled int) {
	sortHits(x.rest)
	n, ready, end := 0, 0, 0
	for n < len(x.rest) && x.rest[n].from() < settled {
		if x.rest[n].from() >= end {
			ready = n
		}
		end = max(end, x.rest[n].to())
		n++
	}
	if end <= settled || n-ready > mostChained || settled-x.rest[ready].from() > widestChain {
		ready = n
	}
	x.ripe = strongest(append(x.ripe[:0], x.rest[:ready]...))
	x.rest = append(x.rest[:0], x.rest[ready:]...)
}

// recordWindow takes over what was found in a window.
func (w *worker) recordWindow(t target, x *windowSearch) {
	at, first := x.v.Origin, len(w.list)
	w.origin = &at
	w.record(t, x.v.Data, &state{hits: x.ripe, plain: true})
	if x.v.IsUTF16() {
		w.told = w.wide(w.told, first, x.v.Data, 0)
	}
	w.origin = nil
	x.spots += len(w.list) - first
	if more := x.spots - mostSpots; more > 0 {
		w.list = w.list[:len(w.list)-more]
	}
}
