// Package window shows a content of any size piece by piece, so that it can be
// searched without being held in memory. Each window has a part that is its own,
// and on both sides of it as much as a search of that part may look at.
//
// It refuses to know what is searched for. Its invariants: the own parts follow each
// other without a gap or an overlap; a position in a window plus the window's origin
// is the position in the content.
package window

import (
	"bytes"
	"encoding/binary"
	"io"

	"keyrake/scanner/finding"
	"keyrake/scanner/match/decode"
)

// Usual is the usual size of an own part, in bytes.
const Usual = 1 << 20

// Windows goes through a content, window by window.
type Windows struct {
	// What the window at hand shows. All of it changes with Next.
	Data   []byte
	Lo, Hi int    // the own part is Data[Lo:Hi]
	Origin Origin // where Data begins
	End    bool   // Data ends where the content does, or where it could not be read on
	Err    error  // why it could not be read on

	from  io.Reader
	size  int  // of an own part, in bytes; the last one may be larger
	after int  // how many bytes behind the own part are shown too, if there are so many
	wide  bool // the content is UTF-16, of which from gives the text
}

// Origin is where a window begins in its content.
type Origin struct {
	off  int   // bytes of the content, as it is stored
	line int   // newlines before
	col  int   // bytes of the line that the window begins in
	wide int32 // what is before in that line, as finding.Place has it
}

// New makes windows whose own parts have size bytes, with after bytes shown behind
// them. before is how many bytes Next is usually asked to keep before the own part.
func New(content io.Reader, before, size, after int) *Windows {
	return &Windows{from: content, size: size, after: after, Data: make([]byte, 0, before+size+after)}
}

// NewUTF16 makes windows of the text of a content that is UTF-16 and whose text begins
// behind its first skip bytes.
func NewUTF16(content io.Reader, order binary.ByteOrder, skip, before, size, after int) *Windows {
	w := New(decode.NewUTF16Reader(content, order, skip), before, size, after)
	w.wide, w.Origin.off = true, skip
	return w
}

// IsUTF16 reports whether Data is text that is stored as UTF-16, so that offsets in it are not
// those of the content.
func (v *Windows) IsUTF16() bool { return v.wide }

// Next goes on to the next window, in which what is in Data from keep on is still
// there. It is false if the window at hand ends where the content does.
func (v *Windows) Next(keep int) bool {
	if v.End {
		return false
	}
	v.Origin.pass(v.Data[:keep], v.wide)
	v.Lo = v.Hi - keep
	kept := v.Data[keep:]
	if need := max(len(kept), v.Lo+v.size+v.after); need > cap(v.Data) {
		v.Data = make([]byte, 0, need)
	}
	v.Data = v.Data[:copy(v.Data[:cap(v.Data)], kept)]
	v.fill()
	v.Hi = len(v.Data)
	if !v.End {
		v.Hi -= v.after
	}
	return true
}

func (v *Windows) fill() {
	for idle := 0; len(v.Data) < cap(v.Data) && !v.End; idle++ {
		n, err := v.from.Read(v.Data[len(v.Data):cap(v.Data)])
		v.Data = v.Data[:len(v.Data)+n]
		switch {
		case n > 0:
			idle = 0
		case err == nil && idle > 100:
			err = io.ErrNoProgress
		}
		if err != nil {
			v.End = true
			if err != io.EOF {
				v.Err = err
			}
		}
	}
}

// pass moves the origin behind text.
func (o *Origin) pass(text []byte, wide bool) {
	if wide {
		o.off += decode.UTF16Length(text)
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

// wideRun is finding.Wideness for long texts, most of which are ASCII or have no line.
func wideRun(text []byte) (n int32) {
	const high = 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		if binary.LittleEndian.Uint64(text)&high != 0 {
			n += finding.Wideness(text[:8])
		}
	}
	return n + finding.Wideness(text)
}

// Lines is how many lines end before the window. A nil origin is the start of a
// content.
func (o *Origin) Lines() int {
	if o == nil {
		return 0
	}
	return o.line
}

// Offset is where in the content, as it is stored, the window begins.
func (o *Origin) Offset() int {
	if o == nil {
		return 0
	}
	return o.off
}

// Move turns a place in the window into the place in the content.
func (o *Origin) Move(p *finding.Place) {
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
