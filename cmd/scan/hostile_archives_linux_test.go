package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// hostileArchives have blobs that are archives. In each the secret in good.txt has
// to be found. A limit that was met is a gap; what is broken is a note in a history.
func hostileArchives() []hostile {
	blobs := func(h *hostileRepo, data ...[]byte) {
		h.Helper()
		var list []packEntry
		for _, d := range data {
			list = append(list, blobEntry(string(d)))
		}
		h.files(list...)
	}
	many := func(h *hostileRepo, n int, of []byte) {
		h.Helper()
		var list [][]byte
		for i := range n {
			list = append(list, bytes.ReplaceAll(of, []byte("name"), fmt.Appendf(nil, "%04d", i)))
		}
		blobs(h, list...)
	}
	zeros := make([]byte, 16<<20)
	bomb := func() []byte { return zipOf(member{"name", noise(600_000, 0)}, member{"zeros", make([]byte, 60<<20)}) }
	return []hostile{
		{name: "archives: names that leave the folder", want: finds, whole: true, make: func(h *hostileRepo) {
			var files []member
			for _, name := range []string{"../../../../../../tmp/slip", "/etc/passwd", `..\..\slip`, `C:\slip`, "a\x1b[2Jb", "a\n::error::b", strings.Repeat("a/", 3000) + "x", ""} {
				files = append(files, member{name, []byte("TOKEN=" + h.secret + "\n")})
			}
			blobs(h, zipOf(files...), tarOf(files...))
		}},
		{name: "archives: zip of 16 MB of zeros", want: finds, make: func(h *hostileRepo) { blobs(h, zipOf(member{"a", zeros})) }},
		{name: "archives: a gzip of ten, each 16 MB of zeros", want: finds, make: func(h *hostileRepo) { blobs(h, gzipOf(bytes.Repeat(gzipOf(zeros), 10))) }},
		{name: "archives: gzip of 800 streams, 13 GB of zeros", want: finds, make: func(h *hostileRepo) { blobs(h, bytes.Repeat(gzipOf(zeros), 800)) }},
		{name: "archives: a million empty gzip streams", want: finds, whole: true, make: func(h *hostileRepo) { blobs(h, bytes.Repeat(gzipOf(nil), 1_000_000)) }},
		{name: "archives: 1,000 files that are one", want: finds, make: func(h *hostileRepo) { blobs(h, overlappedZip(zeros[:1<<20], 1000)) }},
		{name: "archives: 8 bombs at once", want: finds, whole: true, args: []string{"--history", "-j", "8"}, make: func(h *hostileRepo) { many(h, 8, bomb()) }},
		{name: "archives: 16 bombs at once", heavy: true, want: finds, whole: true, args: []string{"--history", "-j", "8"}, make: func(h *hostileRepo) { many(h, 16, bomb()) }},
		{name: "archives: 2,000 small ones that grow a thousandfold", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) {
			many(h, 2000, zipOf(member{"name", zeros[:1000_000]}))
		}},
		{name: "archives: zip in zip, 30 deep", want: finds, make: func(h *hostileRepo) {
			blobs(h, nested(30, func(data []byte) []byte { return zipOf(member{"inner.zip", data}) }))
		}},
		{name: "archives: gzip in gzip, 1,000 deep", heavy: true, want: finds, make: func(h *hostileRepo) { blobs(h, nested(1000, gzipOf)) }},
		{name: "archives: 65,000 tiny files", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) { blobs(h, zipOf(tiny(65_000)...), tarOf(tiny(65_000)...)) }},
		{name: "archives: a list of files that lies about sizes", want: finds, whole: true, make: func(h *hostileRepo) {
			var list [][]byte
			for _, size := range []uint32{0, 1, 1000, 1 << 31, 1<<32 - 2, 1<<32 - 1} {
				data := zipOf(member{"a", zeros[:100_000]})
				at := bytes.LastIndex(data, []byte("PK\x01\x02"))
				binary.LittleEndian.PutUint32(data[at+24:], size) // of the content
				list = append(list, data)
				data = bytes.Clone(data)
				binary.LittleEndian.PutUint32(data[at+20:], size) // of what is stored
				list = append(list, data)
			}
			blobs(h, list...)
		}},
		{name: "archives: an end that lies about its list", want: finds, whole: true, make: func(h *hostileRepo) {
			var list [][]byte
			for _, field := range []int{8, 10, 12, 16, 20} {
				for _, value := range []uint16{0, 1, 0x7fff, 0xffff} {
					data := zipOf(member{"a", []byte("text")})
					at := bytes.LastIndex(data, []byte("PK\x05\x06"))
					binary.LittleEndian.PutUint16(data[at+field:], value)
					list = append(list, data)
				}
			}
			blobs(h, list...)
		}},
		{name: "archives: encrypted, cut, and garbage", want: finds, whole: true, make: func(h *hostileRepo) {
			locked := zipOf(member{"a", []byte("text")})
			locked[bytes.LastIndex(locked, []byte("PK\x01\x02"))+8] |= 1
			long := zipOf(member{"a", noise(100_000, 1)})
			packed := gzipOf(noise(100_000, 2))
			blobs(h, locked, long[:len(long)/2], packed[:len(packed)/2], append([]byte("PK\x03\x04"), noise(100_000, 3)...),
				append([]byte("\x1f\x8b\x08\x00"), noise(100_000, 4)...), append([]byte("\x28\xb5\x2f\xfd"), noise(100_000, 5)...))
		}},
		{name: "archives: tar that says 8 GB and is cut", want: finds, whole: true, make: func(h *hostileRepo) { blobs(h, tarHeader("a", 8<<30, '0', "")) }},
		{name: "archives: tar with a hole of 8 TB", want: finds, make: func(h *hostileRepo) { blobs(h, sparseTar()) }},
		{name: "archives: tar of 120,000 folders", want: finds, whole: true, make: func(h *hostileRepo) {
			var b bytes.Buffer
			for i := range 120_000 {
				b.Write(tarHeader(fmt.Sprintf("d%d/", i), 0, '5', ""))
			}
			blobs(h, b.Bytes())
		}},
		{name: "archives: Zstandard of 1 GB of zeros", want: finds, make: func(h *hostileRepo) {
			w, err := zstd.NewWriter(nil)
			if err != nil {
				h.Fatal(err)
			}
			blobs(h, bytes.Repeat(w.EncodeAll(zeros, nil), 64))
		}},
		{name: "archives: Zstandard that asks for 2 GB", want: finds, whole: true, make: func(h *hostileRepo) { blobs(h, append([]byte("\x28\xb5\x2f\xfd\x00\xa8"), noise(1000, 6)...)) }},
		{name: "archives: 10,000 files in each other that hold nothing", want: finds, make: func(h *hostileRepo) { blobs(h, hollowZip(1<<20, 10_000)) }},
		{name: "archives: a list of a million files", heavy: true, want: finds, make: func(h *hostileRepo) { blobs(h, hollowZip(0, 1_000_000)) }},
		{name: "archives: gzip of 140 MB on disk that becomes 140 GB", heavy: true, args: []string{"."}, want: finds, make: func(h *hostileRepo) {
			h.write("a.gz", string(bytes.Repeat(gzipOf(zeros), 140<<20/len(gzipOf(zeros)))))
		}},
		{name: "archives: zip and tar of 200 MB on disk", heavy: true, args: []string{"."}, want: finds, whole: true, make: func(h *hostileRepo) {
			files := []member{{"big.sql", slices.Concat(noise(60<<20, 1), []byte("\nTOKEN="+h.secret+"\n"), noise(60<<20, 2))}}
			for i := range 80 {
				files = append(files, member{fmt.Sprint("small", i), noise(1<<20, i)})
			}
			h.write("good.txt", "nothing\n")
			h.write("a.zip", string(zipOf(files...)))
			h.write("a.tar", string(tarOf(files...)))
		}},
		{name: "archives: zip and tar of 200 MB in a history", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) {
			files := []member{{"big.sql", slices.Concat(noise(60<<20, 1), []byte("\nTOKEN="+h.secret+"\n"), noise(60<<20, 2))}}
			for i := range 80 {
				files = append(files, member{fmt.Sprint("small", i), noise(1<<20, i)})
			}
			blobs(h, zipOf(files...), tarOf(files...))
		}},
		{name: "archives: gzip of 140 MB in a history that becomes 140 GB", heavy: true, want: finds, make: func(h *hostileRepo) {
			blobs(h, bytes.Repeat(gzipOf(zeros), 140<<20/len(gzipOf(zeros))))
		}},
		{name: "archives: zip of 140 MB in a history whose list goes back and forth", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) {
			var files []member
			for i := range 140 {
				files = append(files, member{fmt.Sprint("f", i), noise(1<<20, i)})
			}
			blobs(h, backward(zipOf(files...)))
		}},
		{name: "archives: files on disk", args: []string{"."}, want: finds, make: func(h *hostileRepo) {
			h.write("a.zip", string(zipOf(member{"a", zeros})))
			h.write("b.gz", string(bytes.Repeat(gzipOf(zeros), 10)))
			h.write("c.tar", string(sparseTar()))
			h.write("d.zip", string(overlappedZip(zeros[:1<<20], 1000)))
		}},
	}
}

// backward turns the list of a zip file around.
func backward(data []byte) []byte {
	const entry = "PK\x01\x02"
	at, end := bytes.Index(data, []byte(entry)), bytes.LastIndex(data, []byte("PK\x05\x06"))
	entries := bytes.SplitAfter(data[at:end], []byte(entry))[1:]
	for i := range entries {
		entries[i] = append([]byte(entry), bytes.TrimSuffix(entries[i], []byte(entry))...)
	}
	slices.Reverse(entries)
	return slices.Concat(data[:at], bytes.Join(entries, nil), data[end:])
}

// member is a file of an archive.
type member struct {
	name string
	data []byte
}

func tiny(n int) (list []member) {
	for i := range n {
		list = append(list, member{fmt.Sprint(i), []byte("x")})
	}
	return list
}

func zipOf(files ...member) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		if len(f.name) > 1<<16-1 {
			continue
		}
		if to, err := w.Create(f.name); err == nil {
			to.Write(f.data) // a buffer takes all
		}
	}
	w.Close()
	return b.Bytes()
}

func tarOf(files ...member) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.data)), Mode: 0o644, Typeflag: tar.TypeReg}) == nil {
			w.Write(f.data)
		}
	}
	w.Close()
	return b.Bytes()
}

func gzipOf(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

func nested(levels int, pack func([]byte) []byte) []byte {
	data := []byte("innermost\n")
	for range levels {
		data = pack(data)
	}
	return data
}

// overlappedZip lists one compressed file many times.
func overlappedZip(content []byte, times int) []byte {
	one := zipOf(member{"0000", content})
	at := bytes.LastIndex(one, []byte("PK\x01\x02"))
	end := bytes.LastIndex(one, []byte("PK\x05\x06"))
	entry, tail := one[at:end], bytes.Clone(one[end:])
	out := bytes.Clone(one[:at])
	for i := range times {
		e := bytes.Clone(entry)
		copy(e[46:], fmt.Sprintf("%04d", i))
		out = append(out, e...)
	}
	binary.LittleEndian.PutUint16(tail[8:], uint16(times))
	binary.LittleEndian.PutUint16(tail[10:], uint16(times))
	binary.LittleEndian.PutUint32(tail[12:], uint32(len(entry)*times))
	return append(out, tail...)
}

// hollowZip lists files that are one and the same run of that many bytes, which are
// deflated and of which nothing comes.
func hollowZip(size, times int) []byte {
	data := zipOf(member{"0000", []byte("x")})
	at := bytes.LastIndex(data, []byte("PK\x01\x02"))
	end := bytes.LastIndex(data, []byte("PK\x05\x06"))
	start := 30 + len("0000")
	entry, tail := bytes.Clone(data[at:end]), bytes.Clone(data[end:])
	packed := append(bytes.Repeat([]byte{0, 0, 0, 0xff, 0xff}, size/5), 3, 0) // empty blocks that are stored, and a last one
	for field, value := range map[int]int{16: 0, 20: len(packed), 24: 0} {    // checksum, and both sizes
		binary.LittleEndian.PutUint32(entry[field:], uint32(value))
	}
	out := append(bytes.Clone(data[:start]), packed...)
	binary.LittleEndian.PutUint16(tail[8:], uint16(times))
	binary.LittleEndian.PutUint16(tail[10:], uint16(times))
	binary.LittleEndian.PutUint32(tail[12:], uint32(len(entry)*times))
	binary.LittleEndian.PutUint32(tail[16:], uint32(len(out)))
	return slices.Concat(out, bytes.Repeat(entry, times), tail)
}

// tarHeader writes one block of a tar file; more goes into the fields behind the
// magic of an old GNU tar.
func tarHeader(name string, size int64, typ byte, more string) []byte {
	b := make([]byte, 512)
	copy(b, name)
	copy(b[100:], "0000644\x000000000\x000000000\x00")
	if size < 1<<33 {
		copy(b[124:], fmt.Sprintf("%011o\x00", size))
	} else {
		b[124] = 0x80
		binary.BigEndian.PutUint64(b[128:], uint64(size))
	}
	copy(b[136:], "00000000000\x00        ")
	b[156] = typ
	copy(b[257:], "ustar  \x00")
	copy(b[345:], more)
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

// sparseTar has a file of 512 stored bytes behind a hole of 8 TB.
func sparseTar() []byte {
	fields := make([]byte, 150)
	number := func(at int, n int64) {
		fields[at] = 0x80
		binary.BigEndian.PutUint64(fields[at+4:], uint64(n))
	}
	const hole = int64(8) << 40
	number(41, hole) // where the stored bytes go
	number(53, 512)  // how many they are
	number(138, hole+512)
	return append(append(tarHeader("sparse", 512, 'S', string(fields)), make([]byte, 512)...), make([]byte, 1024)...)
}

// noise is data that does not compress.
func noise(n, seed int) []byte {
	data := make([]byte, n)
	x := uint64(seed)*0x9e3779b97f4a7c15 + 1
	for i := range data {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		data[i] = byte(x)
	}
	return data
}
