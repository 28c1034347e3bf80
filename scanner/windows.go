package scanner

import (
	"bytes"
	"encoding/binary"
	"io"

	"keyrake/scanner/finding"
)

// windows shows a content of any size piece by piece: in each window a part that is
// its own, data[lo:hi), with as much on both sides as a search of that looks at. The
// parts follow each other without a gap.
type windows struct {
	from  io.Reader
	size  int  // of an own part, in bytes; the last one may be larger
	after int  // bytes behind it that are shown too, as far as there are so many
	wide  bool // the content is UTF-16, of which from gives the text

	// mutable
	data   []byte
	lo, hi int
	origin origin // of data
	end    bool   // data ends where the content does, or where it could not be read on
	err    error  // that it could not
}

// origin is where a window begins in its content.
type origin struct {
	off  int   // bytes of the content, as it is stored
	line int   // newlines before
	col  int   // bytes of the line that the window begins in
	wide int32 // what is before in that line, as finding.Place has it
}

// newWindows makes windows with at least before bytes kept before the own part, if
// next is asked for no more.
func newWindows(from io.Reader, before, size, after int) *windows {
	return &windows{from: from, size: size, after: after, data: make([]byte, 0, before+size+after)}
}

// next goes on to the next window, in which what stands from data[keep] on is still
// there. It is false if the last one has the content's end.
func (v *windows) next(keep int) bool {
	if v.end {
		return false
	}
	v.origin.pass(v.data[:keep], v.wide)
	v.lo = v.hi - keep
	kept := v.data[keep:]
	if need := max(len(kept), v.lo+v.size+v.after); need > cap(v.data) {
		v.data = make([]byte, 0, need)
	}
	v.data = v.data[:copy(v.data[:cap(v.data)], kept)]
	v.fill()
	v.hi = len(v.data)
	if !v.end {
		v.hi -= v.after
	}
	return true
}

func (v *windows) fill() {
	for idle := 0; len(v.data) < cap(v.data) && !v.end; idle++ {
		n, err := v.from.Read(v.data[len(v.data):cap(v.data)])
		v.data = v.data[:len(v.data)+n]
		switch {
		case n > 0:
			idle = 0
		case err == nil && idle > 100:
			err = io.ErrNoProgress
		}
		if err != nil {
			v.end = true
			if err != io.EOF {
				v.err = err
			}
		}
	}
}

// pass moves the origin behind text.
func (o *origin) pass(text []byte, wide bool) {
	if wide {
		o.off += utf16Length(text)
	} else {
		o.off += len(text)
	}
	if lines := bytes.Count(text, []byte{'\n'}); lines > 0 {
		o.line += lines
		o.col, o.wide = 0, 0
		text = text[bytes.LastIndexByte(text, '\n')+1:]
	}
	o.col += len(text)
	o.wide += wideRun(text)
}

// wideRun is wideness for long texts, most of which are ASCII or have no line.
func wideRun(text []byte) (n int32) {
	const high = 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		if binary.LittleEndian.Uint64(text)&high != 0 {
			n += wideness(text[:8])
		}
	}
	return n + wideness(text)
}

// lines is how many lines end before the window; none before a whole content.
func (o *origin) lines() int {
	if o == nil {
		return 0
	}
	return o.line
}

// place says of a place in the window where in the content it is.
func (o *origin) place(p *finding.Place) {
	if o == nil {
		return
	}
	if p.Line == 1 {
		p.Column += o.col
		p.Wide += o.wide
	}
	if p.EndLine == 1 {
		p.EndColumn += o.col
		p.EndWide += o.wide
	}
	p.Offset += o.off
	p.Line += o.line
	p.EndLine += o.line
}
