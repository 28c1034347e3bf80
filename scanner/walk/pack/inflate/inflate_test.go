package inflate

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

var errSize = errors.New("size differs")

// reference does with compress/zlib what Zlib does.
func reference(size int, src []byte) (out []byte, n int, err error) {
	in := bytes.NewReader(src)
	r, err := zlib.NewReader(in)
	if err != nil {
		return nil, 0, err
	}
	return readExactly(r, size, in, len(src))
}

// referenceRaw does with compress/flate what Raw does.
func referenceRaw(size int, src []byte) (out []byte, n int, err error) {
	in := bytes.NewReader(src)
	return readExactly(flate.NewReader(in), size, in, len(src))
}

func readExactly(r io.Reader, size int, in *bytes.Reader, all int) (out []byte, n int, err error) {
	out = make([]byte, size)
	if _, err = io.ReadFull(r, out); err != nil {
		return nil, 0, err
	}
	switch n, err := r.Read(make([]byte, 1)); {
	case n != 0:
		return nil, 0, errSize
	case err != io.EOF:
		return nil, 0, err
	}
	return out, all - in.Len(), nil
}

// inflateGuarded calls Zlib with a dst that lies inside a larger array, and
// fails the test if a byte of that array outside dst has changed.
func inflateGuarded(t *testing.T, d *Decoder, size int, src []byte) ([]byte, int, error) {
	t.Helper()
	const guard = 40
	room := bytes.Repeat([]byte{0xa5}, guard+size+guard)
	dst := room[guard : guard+size]
	n, err := d.Zlib(dst, src)
	for i, v := range room {
		if v != 0xa5 && (i < guard || i >= guard+size) {
			t.Fatalf("byte %d outside dst of length %d was written", i-guard, size)
		}
	}
	return dst, n, err
}

// agree fails the test unless Zlib and compress/zlib say the same of src.
func agree(t *testing.T, d *Decoder, size int, src []byte) {
	t.Helper()
	want, wantN, wantErr := reference(size, src)
	got, n, err := inflateGuarded(t, d, size, src)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("size %d, src %x: error %v, compress/zlib says %v", size, clip(src), err, wantErr)
	}
	if err != nil {
		if n != 0 {
			t.Fatalf("size %d: %d bytes taken together with error %v", size, n, err)
		}
		return
	}
	if n != wantN {
		t.Fatalf("size %d: took %d bytes, want %d", size, n, wantN)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("size %d, src %x: result differs", size, clip(src))
	}
	agreeRaw(t, d, size, src[2:n])
}

// agreeRaw fails the test unless Raw and compress/flate say the same of src.
func agreeRaw(t *testing.T, d *Decoder, size int, src []byte) {
	t.Helper()
	want, wantN, wantErr := referenceRaw(size, src)
	got := make([]byte, size)
	n, err := d.Raw(got, src)
	if (err == nil) != (wantErr == nil) || n != wantN || err == nil && !bytes.Equal(got, want) {
		t.Fatalf("raw, size %d, src %x: %d bytes, error %v; compress/flate says %d, %v", size, clip(src), n, err, wantN, wantErr)
	}
}

func clip(b []byte) []byte { return b[:min(len(b), 300)] }

func deflate(t testing.TB, level int, parts ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range parts {
		if i > 0 {
			// An empty stored block between two others.
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// samples makes data of several kinds, n bytes each.
func samples(rng *rand.Rand, n int) map[string][]byte {
	noise, few, text, skew, runs := make([]byte, n), make([]byte, n), make([]byte, 0, n+16), make([]byte, n), make([]byte, 0, n+300)
	for i := range n {
		noise[i] = byte(rng.Uint32())
		few[i] = "abcd"[rng.IntN(4)]
		// Frequencies that halve give the longest codes.
		for skew[i] < 255 && rng.IntN(2) == 0 {
			skew[i]++
		}
	}
	words := strings.Fields("func return if err != nil { } the quick brown fox jumps over 0x1f 12345 package inflate")
	for len(text) < n {
		text = append(text, words[rng.IntN(len(words))]...)
		text = append(text, " \n"[rng.IntN(2)])
	}
	for len(runs) < n {
		unit := noise[:min(n, 1+rng.IntN(20))]
		for range 1 + rng.IntN(40) {
			runs = append(runs, unit...)
		}
	}
	return map[string][]byte{
		"noise": noise, "few": few, "text": text[:n], "skew": skew, "runs": runs[:n], "zeros": make([]byte, n),
	}
}

var levels = []int{zlib.HuffmanOnly, zlib.DefaultCompression, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}

func checkStream(t *testing.T, d *Decoder, data, stream []byte) {
	t.Helper()
	for _, tail := range []string{"", "\xff", "x\x9c\x03\x00", strings.Repeat("\xff", 40)} {
		got, n, err := inflateGuarded(t, d, len(data), append(stream[:len(stream):len(stream)], tail...))
		if err != nil || n != len(stream) || !bytes.Equal(got, data) {
			t.Fatalf("tail %x: took %d of %d bytes, same %t, error %v", tail, n, len(stream), bytes.Equal(got, data), err)
		}
	}
	for _, size := range []int{0, len(data) / 2, len(data) - 1, len(data) + 1, len(data) + 100} {
		if size < 0 || size == len(data) {
			continue
		}
		_, _, err := inflateGuarded(t, d, size, stream)
		if want := map[bool]error{true: errLong, false: errShort}[size < len(data)]; err != want {
			t.Fatalf("size %d instead of %d: got error %v, want %v", size, len(data), err, want)
		}
	}
}

func TestZlibRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var d Decoder
	sizes := []int{511, 4096, 32768, 65535, 65536, 200_000}
	for n := range 301 {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		for kind, data := range samples(rng, n) {
			for i, level := range levels {
				// All levels for some sizes, one by turns for the others.
				if n > 12 && n < 4096 && i != n%len(levels) || n > 65536 && i%3 != 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d/level%d", kind, n, level), func(t *testing.T) {
					checkStream(t, &d, data, deflate(t, level, data))
				})
			}
		}
	}
	for kind, data := range samples(rng, 3<<20) {
		t.Run(kind+"/large", func(t *testing.T) {
			checkStream(t, &d, data, deflate(t, 1, data))
		})
	}
}

// Several blocks of every kind in one stream.
func TestZlibManyBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	var d Decoder
	for range 50 {
		var parts [][]byte
		for _, data := range samples(rng, 1+rng.IntN(400)) {
			parts = append(parts, data)
		}
		data := bytes.Join(parts, nil)
		for _, level := range levels {
			checkStream(t, &d, data, deflate(t, level, parts...))
		}
	}
}

func smallStreams(t testing.TB) map[string][]byte {
	rng := rand.New(rand.NewPCG(9, 10))
	streams := map[string][]byte{}
	for kind, data := range samples(rng, 150) {
		streams[kind+"/fixed"] = deflate(t, 6, data[:20])
		streams[kind+"/stored"] = deflate(t, 0, data[:60])
		streams[kind+"/dynamic"] = deflate(t, 9, data)
		streams[kind+"/huffman"] = deflate(t, zlib.HuffmanOnly, data)
		streams[kind+"/blocks"] = deflate(t, 6, data[:30], data[30:])
	}
	return streams
}

func sizeOf(t testing.TB, stream []byte) int {
	t.Helper()
	r, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r)
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func TestZlibTruncated(t *testing.T) {
	var d Decoder
	for name, stream := range smallStreams(t) {
		size := sizeOf(t, stream)
		for n := range stream {
			if _, _, err := inflateGuarded(t, &d, size, stream[:n:n]); err == nil {
				t.Errorf("%s: no error for %d of %d bytes", name, n, len(stream))
			}
		}
	}
}

func TestZlibFlippedBits(t *testing.T) {
	var d Decoder
	for _, stream := range smallStreams(t) {
		size := sizeOf(t, stream)
		for i := range 8 * len(stream) {
			bad := bytes.Clone(stream)
			bad[i/8] ^= 1 << (i % 8)
			agree(t, &d, size, bad)
			agree(t, &d, size, withChecksum(&d, size, bad))
		}
	}
}

// withChecksum puts the right checksum behind a deflate stream, if it inflates
// to size bytes, so that it is not the checksum which hides a wrong decision.
func withChecksum(d *Decoder, size int, stream []byte) []byte {
	dst := make([]byte, size)
	c := cursor{dst: dst, src: stream, in: 2}
	for final := false; !final; {
		var err error
		if final, err = d.block(&c); err != nil {
			return stream
		}
	}
	c.align()
	if c.in > len(stream) {
		return stream
	}
	sum := adler32(dst)
	return append(stream[:c.in:c.in], byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
}

func TestZlibHeader(t *testing.T) {
	var d Decoder
	good := deflate(t, 6, []byte("some text"))
	for cmf := range 256 {
		for flags := range 256 {
			src := append([]byte{byte(cmf), byte(flags)}, good[2:]...)
			agree(t, &d, 9, src)
		}
	}
	dictionary := append([]byte{0x78, 0x20 | 0x80 | 27}, good[2:]...)
	for i := range 32 {
		dictionary[1] = 0xa0 | byte(i)
		if (0x7800|int(dictionary[1]))%31 == 0 {
			break
		}
	}
	if _, err := d.Zlib(make([]byte, 9), dictionary); err != errDictionary {
		t.Errorf("preset dictionary: got error %v", err)
	}
}

func TestZlibAllocatesNothing(t *testing.T) {
	var d Decoder
	data := bytes.Repeat([]byte("some text and more "), 50)
	src, dst := deflate(t, 6, data), make([]byte, len(data))
	if n := testing.AllocsPerRun(10, func() { d.Zlib(dst, src) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzZlib(f *testing.F) {
	for _, stream := range smallStreams(f) {
		f.Add(uint16(sizeOf(f, stream)), stream)
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, size uint16, src []byte) {
		agree(t, &d, int(size), src)
		// The same bytes as deflate data with the right header and checksum.
		raw := append([]byte{0x78, 0x9c}, src...)
		agree(t, &d, int(size), withChecksum(&d, int(size), raw))
		agreeRaw(t, &d, int(size), src)
	})
}
