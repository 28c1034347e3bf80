package archive

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// openZstd opens a Zstandard file. The caller closes the decoder.
func openZstd(from io.Reader) (*zstd.Decoder, *frames, error) {
	f := &frames{in: bufio.NewReader(from), room: largeFile}
	z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow))
	if err != nil {
		return nil, nil, fmt.Errorf("open Zstandard: %w", err)
	}
	return z, f, nil
}

// frames is what a Zstandard file is read from. It keeps the frames that programs pass over (RFC 8878, 3.1.2).
type frames struct {
	in *bufio.Reader
	// mutable
	left   int64 // bytes up to where the next part begins
	keeps  bool  // they are passed over
	blocks bool  // that part is a block
	sum    int64 // bytes of the checksum that stands behind the last block
	texts  []string
	text   []byte // of the frame that is read
	room   int    // bytes that texts may still take
}

// Read implements io.Reader.
func (f *frames) Read(p []byte) (int, error) {
	if f.left == 0 {
		f.begin()
	}
	n, err := f.in.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	if !f.keeps || n == 0 {
		return n, err
	}
	if f.room -= n; f.room < 0 {
		return 0, errTooMuch
	}
	if f.text = append(f.text, p[:n]...); f.left == 0 {
		f.keep()
	}
	return n, err
}

// begin sees how long the next part is. One that it does not know is left to who reads, as all behind it is.
func (f *frames) begin() {
	f.keeps, f.left = false, math.MaxInt64
	if f.blocks {
		b, _ := f.in.Peek(blockHead)
		if len(b) < blockHead {
			return
		}
		block := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16
		f.left = blockHead + block>>3
		if block>>1&3 == 1 { // one byte, so many times
			f.left = blockHead + 1
		}
		if block&1 == 1 {
			f.blocks, f.left = false, f.left+f.sum
		}
		return
	}
	b, _ := f.in.Peek(zstd.HeaderMaxSize)
	if kindOf(b) != isZstd {
		return
	}
	if b[0]&0xf0 == 0x50 {
		if len(b) >= frameHead {
			f.keeps, f.left = true, frameHead+int64(binary.LittleEndian.Uint32(b[4:]))
		}
		return
	}
	var h zstd.Header
	if h.Decode(b) != nil || h.HeaderSize > len(b) {
		return
	}
	f.blocks, f.left, f.sum = true, int64(h.HeaderSize), 0
	if h.HasCheckSum {
		f.sum = 4
	}
}

const (
	blockHead = 3 // bytes before a block
	frameHead = 8 // and before a frame that is passed over
)

func (f *frames) keep() {
	if len(f.text) > frameHead {
		f.texts = append(f.texts, string(f.text[frameHead:]))
	}
	f.text = f.text[:0]
}

// show shows the frames that were passed over, as comments.
func (f *frames) show(show func(text io.Reader) error) error {
	f.keep() // what is cut
	if text := beside(f.texts...); text != "" {
		return show(strings.NewReader(text))
	}
	return nil
}
