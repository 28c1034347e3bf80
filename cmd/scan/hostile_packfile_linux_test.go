package main

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Types of entries in a pack, as git numbers them.
const (
	typeCommit = 1
	typeTree   = 2
	typeBlob   = 3
	typeOffset = 6
	typeRef    = 7
)

type objectName [sha1.Size]byte

func (n objectName) String() string { return hex.EncodeToString(n[:]) }

func parseName(s string) (n objectName) {
	hex.Decode(n[:], []byte(s))
	return n
}

// packEntry is one entry of a pack. Everything that it says may be a lie.
type packEntry struct {
	name   objectName
	typ    int
	data   []byte     // the object, or the delta
	stream []byte     // stands in place of the deflated data
	size   uint64     // declared; 0 is the true one
	back   int        // of an offset delta: how many entries before stands its base
	base   objectName // of a ref delta
	off    uint64     // in the index, if not 0
	crc    uint32     // in the index, if not 0
	junk   []byte     // stands behind it
}

func hashOf(kind string, data []byte) objectName {
	return sha1.Sum(fmt.Appendf(nil, "%s %d\x00%s", kind, len(data), data))
}

func blobEntry(text string) packEntry {
	return packEntry{name: hashOf("blob", []byte(text)), typ: typeBlob, data: []byte(text)}
}

func treeEntry(data []byte) packEntry {
	return packEntry{name: hashOf("tree", data), typ: typeTree, data: data}
}

func commitEntry(tree objectName, parents ...objectName) packEntry {
	text := fmt.Appendf(nil, "tree %s\n", tree)
	for _, p := range parents {
		text = fmt.Appendf(text, "parent %s\n", p)
	}
	text = append(text, "author A <a@example.org> 1750000000 +0000\ncommitter A <a@example.org> 1750000000 +0000\n\nm\n"...)
	return packEntry{name: hashOf("commit", text), typ: typeCommit, data: text}
}

// treeOf writes a tree of files.
func treeOf(names ...any) []byte {
	var b []byte
	for i := 0; i < len(names); i += 2 {
		mode := "100644"
		name := names[i].(string)
		if strings.HasSuffix(name, "/") {
			mode, name = "40000", strings.TrimSuffix(name, "/")
		}
		n := names[i+1].(objectName)
		b = fmt.Appendf(b, "%s %s\x00%s", mode, name, n[:])
	}
	return b
}

// deflated packs small data without compression: making a compressor for each
// of very many objects takes minutes.
func deflated(data []byte) []byte {
	if n := len(data); n < 1000 {
		b := append([]byte{0x78, 0x01, 1, byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}, data...)
		return binary.BigEndian.AppendUint32(b, adler32.Checksum(data))
	}
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

// deflatedRun is what n times the byte c becomes, made without deflating n bytes.
func deflatedRun(c byte, n int) []byte {
	const piece = 1 << 20
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, zlib.BestCompression)
	text := bytes.Repeat([]byte{c}, piece)
	z.Write(text)
	z.Flush()
	first := b.Len()
	z.Write(text)
	z.Flush()
	again := slices.Clone(b.Bytes()[first:]) // it refers to what stands before, which is always the same
	out := slices.Clone(b.Bytes()[:first])
	if n < piece {
		out = out[:2] // the header alone
	}
	for i := 1; i < n/piece; i++ {
		out = append(out, again...)
	}
	b.Reset()
	z.Reset(&b)
	z.Write(text[:n%piece])
	z.Close()
	tail := b.Bytes()
	out = append(out, tail[2:len(tail)-4]...)
	const mod = 65521 // RFC 1950
	k := uint64(n) % mod
	s1 := (1 + k*uint64(c)) % mod
	triangle := uint64(n) * uint64(n+1) / 2 % mod
	s2 := (k + triangle*uint64(c)) % mod
	return binary.BigEndian.AppendUint32(out, uint32(s2<<16|s1))
}

func deltaHead(base, result int) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(base)), uint64(result))
}

// copyAll appends instructions that copy n bytes from the base's start, each at
// most the 16 MiB that one can.
func copyAll(d []byte, n int) []byte {
	for n > 0 {
		k := min(n, 1<<24-1)
		d = append(d, 0xf0, byte(k), byte(k>>8), byte(k>>16))
		n -= k
	}
	return d
}

// buildPack gives a pack and its index, of version 2.
func buildPack(entries []packEntry) (pack, idx []byte) {
	pack = binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), uint32(len(entries)))
	offs, crcs := make([]uint64, len(entries)), make([]uint32, len(entries))
	for i := range entries {
		e := &entries[i]
		offs[i] = uint64(len(pack))
		size := e.size
		if size == 0 {
			size = uint64(len(e.data))
		}
		head := []byte{byte(e.typ)<<4 | byte(size&15)}
		for size >>= 4; size > 0; size >>= 7 {
			head[len(head)-1] |= 0x80
			head = append(head, byte(size&0x7f))
		}
		switch e.typ {
		case typeRef:
			head = append(head, e.base[:]...)
		case typeOffset:
			head = append(head, offsetBack(offs[i]-offs[i-e.back])...)
		}
		stream := e.stream
		if stream == nil {
			stream = deflated(e.data)
		}
		pack = append(append(pack, head...), stream...)
		crcs[i] = crc32.ChecksumIEEE(pack[offs[i]:])
		pack = append(pack, e.junk...)
	}
	for i, e := range entries {
		if e.crc != 0 {
			crcs[i] = e.crc
		}
		if e.off != 0 {
			offs[i] = e.off
		}
	}
	sum := sha1.Sum(pack)
	return append(pack, sum[:]...), buildIndex(entries, offs, crcs, sum)
}

func offsetBack(back uint64) []byte {
	d := []byte{byte(back & 0x7f)}
	for back >>= 7; back > 0; back >>= 7 {
		back--
		d = append(d, 0x80|byte(back&0x7f))
	}
	slices.Reverse(d)
	return d
}

func buildIndex(entries []packEntry, offs []uint64, crcs []uint32, sum objectName) []byte {
	order := make([]int, len(entries))
	var fan [256]uint32
	for i := range entries {
		order[i] = i
		fan[entries[i].name[0]]++
	}
	slices.SortStableFunc(order, func(a, b int) int { return bytes.Compare(entries[a].name[:], entries[b].name[:]) })
	x := []byte("\xfftOc\x00\x00\x00\x02")
	total := uint32(0)
	for _, n := range fan {
		total += n
		x = binary.BigEndian.AppendUint32(x, total)
	}
	for _, i := range order {
		x = append(x, entries[i].name[:]...)
	}
	for _, i := range order {
		x = binary.BigEndian.AppendUint32(x, crcs[i])
	}
	var large []byte
	for _, i := range order {
		if offs[i] < 1<<31 {
			x = binary.BigEndian.AppendUint32(x, uint32(offs[i]))
			continue
		}
		x = binary.BigEndian.AppendUint32(x, uint32(1<<31|len(large)/8))
		large = binary.BigEndian.AppendUint64(large, offs[i])
	}
	x = append(append(x, large...), sum[:]...)
	return sealIndex(append(x, make([]byte, 20)...))
}

// sealIndex makes an index's own checksum right.
func sealIndex(x []byte) []byte {
	sum := sha1.Sum(x[:len(x)-20])
	copy(x[len(x)-20:], sum[:])
	return x
}

// addPack puts a pack beside the one that is there.
func (h *hostileRepo) addPack(entries []packEntry) {
	h.Helper()
	pack, idx := buildPack(entries)
	h.write(".git/objects/pack/pack-"+strings.Repeat("e", 40)+".pack", string(pack))
	h.write(".git/objects/pack/pack-"+strings.Repeat("e", 40)+".idx", string(idx))
}

// reach adds a pack with a commit of the entries, which a branch points to.
func (h *hostileRepo) reach(tree objectName, entries ...packEntry) {
	h.Helper()
	c := commitEntry(tree)
	h.addPack(append(entries, c))
	h.write(".git/refs/heads/evil", c.name.String()+"\n")
}

// files adds a pack with a commit that holds the blobs as files.
func (h *hostileRepo) files(blobs ...packEntry) {
	h.Helper()
	var names []any
	for i, b := range blobs {
		names = append(names, fmt.Sprintf("f%07d", i), b.name)
	}
	tree := treeEntry(treeOf(names...))
	h.reach(tree.name, append(blobs, tree)...)
}

// packFile gives the path of the first pack's file with this ending.
func (h *hostileRepo) packFile(ending string) string {
	h.Helper()
	list, err := filepath.Glob(h.path(".git/objects/pack/*" + ending))
	if err != nil || len(list) == 0 {
		h.Fatalf("no %s: %v", ending, err)
	}
	rel, err := filepath.Rel(h.dir, list[0])
	if err != nil {
		h.Fatal(err)
	}
	return filepath.ToSlash(rel)
}

// deflatedPrefix is deflatedRun for n zeros behind a short head.
func deflatedPrefix(head []byte, n int) []byte {
	body := deflatedRun(0, n)
	out := append(slices.Clone(body[:2]), 0, byte(len(head)), 0, ^byte(len(head)), 0xff)
	out = append(out, head...)
	out = append(out, body[2:len(body)-4]...)
	const mod = 65521
	s1, s2 := uint64(1), uint64(0)
	for _, c := range head {
		s1 = (s1 + uint64(c)) % mod
		s2 = (s2 + s1) % mod
	}
	s2 = (s2 + uint64(n)%mod*s1) % mod
	return binary.BigEndian.AppendUint32(out, uint32(s2<<16|s1))
}

func inflated(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
