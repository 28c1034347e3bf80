package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
)

// flushAt is how much text is held before it is written.
const flushAt = 64 << 10

// jsonWriter writes JSON piece by piece, so that of a million findings no more
// than some are held as text. What it writes is safe for a terminal and a log.
type jsonWriter struct {
	w    io.Writer
	what string // that is written, for errors
	buf  bytes.Buffer
	enc  *json.Encoder // to buf
	out  []byte        // scratch
	err  error         // the first
}

// list is a list in a value that is written one by one. The value holds it as an
// empty one; at its depth below the value no other list has its key.
type list struct {
	key   string
	depth int
	each  iter.Seq2[any, []list] // its entries, with lists in them
}

func newJSONWriter(w io.Writer, what string) *jsonWriter {
	j := &jsonWriter{w: w, what: what}
	j.enc = json.NewEncoder(&j.buf)
	j.enc.SetEscapeHTML(false)
	return j
}

// line writes a value in a line.
func (j *jsonWriter) line(value any) bool {
	if j.err == nil {
		j.failed(j.enc.Encode(value))
	}
	return j.flushed(flushAt)
}

// document writes an indented value with its lists, and the newline after it.
func (j *jsonWriter) document(value any, lists ...list) error {
	j.value(0, value, lists)
	j.buf.WriteByte('\n')
	return j.close()
}

// array writes an indented array.
func (j *jsonWriter) array(each iter.Seq2[any, []list]) error {
	j.buf.WriteByte('[')
	j.entries(0, each)
	j.buf.WriteString("]\n")
	return j.close()
}

// value writes an indented value, and tells whether more is wanted.
func (j *jsonWriter) value(depth int, value any, lists []list) bool {
	if j.err != nil {
		return false
	}
	start := j.buf.Len()
	j.enc.SetIndent(newLine(depth)[1:], "  ")
	if j.failed(j.enc.Encode(value)) {
		return false
	}
	j.buf.Truncate(j.buf.Len() - len("\n"))
	if len(lists) == 0 {
		return j.flushed(flushAt)
	}
	frame := bytes.Clone(j.buf.Bytes()[start:])
	j.buf.Truncate(start)
	for _, l := range lists {
		// A newline stands between keys and nowhere within a text.
		mark := newLine(depth+l.depth) + `"` + l.key + `": [`
		before, after, ok := bytes.Cut(frame, []byte(mark))
		if !ok {
			panic("report: internal error: no list " + l.key)
		}
		j.buf.Write(before)
		j.buf.WriteString(mark)
		j.entries(depth+l.depth, l.each)
		frame = after
	}
	j.buf.Write(frame)
	return j.flushed(flushAt)
}

// entries writes the entries of a list whose key stands at a depth.
func (j *jsonWriter) entries(depth int, each iter.Seq2[any, []list]) {
	n := 0
	for value, lists := range each {
		if n++; n > 1 {
			j.buf.WriteByte(',')
		}
		j.buf.WriteString(newLine(depth + 1))
		if !j.value(depth+1, value, lists) {
			return
		}
	}
	if n > 0 {
		j.buf.WriteString(newLine(depth))
	}
}

func newLine(depth int) string { return "\n" + strings.Repeat("  ", depth) }

func (j *jsonWriter) failed(err error) bool {
	if err != nil && j.err == nil {
		j.err = fmt.Errorf("encode %s: %w", j.what, err)
	}
	return j.err != nil
}

// flushed writes what is held if it is that much, and tells whether all went well.
func (j *jsonWriter) flushed(least int) bool {
	if j.err == nil && j.buf.Len() >= least {
		j.out = appendVisible(j.out[:0], j.buf.Bytes())
		j.buf.Reset()
		_, j.err = j.w.Write(j.out)
	}
	return j.err == nil
}

func (j *jsonWriter) close() error {
	j.flushed(0)
	return j.err
}
