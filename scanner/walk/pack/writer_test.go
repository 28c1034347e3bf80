package pack

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// item is one entry of a pack made by hand. Everything that it says may be a lie.
type item struct {
	name plumbing.Hash
	typ  plumbing.ObjectType
	data []byte        // of the object, or the instructions
	base int           // ofs-delta: position of the base, which stands before
	ref  plumbing.Hash // ref-delta: name of the base
	size uint64        // declared size; 0 is the true one
	head []byte        // stands in place of the whole header
	junk []byte        // stands after the zlib stream
	crc  uint32        // changes the CRC of the index
	off  uint64        // changes the offset of the index
}

// nameOf is the name that git gives to an object.
func nameOf(typ plumbing.ObjectType, data []byte) plumbing.Hash {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", typ, len(data))
	h.Write(data)
	return plumbing.Hash(h.Sum(nil))
}

func blob(data string) item {
	return item{name: nameOf(plumbing.BlobObject, []byte(data)), typ: plumbing.BlobObject, data: []byte(data)}
}

// change is a blob with content data, stored as delta on ref.
func change(data string, ref plumbing.Hash, delta []byte) item {
	return item{name: nameOf(plumbing.BlobObject, []byte(data)), typ: plumbing.REFDeltaObject, ref: ref, data: delta}
}

func deltaOf(base, result int, ops ...[]byte) []byte {
	d := binary.AppendUvarint(nil, uint64(base))
	d = binary.AppendUvarint(d, uint64(result))
	return append(d, bytes.Join(ops, nil)...)
}

func opInsert(s string) []byte { return append([]byte{byte(len(s))}, s...) }

func opCopy(from, n int) []byte {
	op := []byte{0x80}
	for i := range 4 {
		if b := byte(from >> (8 * i)); b != 0 {
			op[0] |= 1 << i
			op = append(op, b)
		}
	}
	for i := range 3 {
		if b := byte(n >> (8 * i)); b != 0 {
			op[0] |= 0x10 << i
			op = append(op, b)
		}
	}
	return op
}

// deflate packs small data without compression, which is fast to write and
// leaves every byte of it in sight.
func deflate(data []byte) []byte {
	if n := len(data); n < 200 {
		b := append([]byte{0x78, 0x01, 1, byte(n), 0, ^byte(n), 0xff}, data...)
		return binary.BigEndian.AppendUint32(b, adler32.Checksum(data))
	}
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

func entryHeader(it *item, off uint64, offs []uint64) []byte {
	if it.head != nil {
		return it.head
	}
	size := it.size
	if size == 0 {
		size = uint64(len(it.data))
	}
	b := []byte{byte(it.typ)<<4 | byte(size&15)}
	for size >>= 4; size > 0; size >>= 7 {
		b[len(b)-1] |= 0x80
		b = append(b, byte(size&0x7f))
	}
	switch it.typ {
	case plumbing.REFDeltaObject:
		b = append(b, it.ref[:]...)
	case plumbing.OFSDeltaObject:
		back := off - offs[it.base]
		d := []byte{byte(back & 0x7f)}
		for back >>= 7; back > 0; back >>= 7 {
			back--
			d = append(d, 0x80|byte(back&0x7f))
		}
		slices.Reverse(d)
		b = append(b, d...)
	}
	return b
}

// writePack lays items out as a pack and an index of the given version.
func writePack(version int, items []item) (pack, idx []byte) {
	pack = append(pack, "PACK\x00\x00\x00\x02"...)
	pack = binary.BigEndian.AppendUint32(pack, uint32(len(items)))
	offs, crcs := make([]uint64, len(items)), make([]uint32, len(items))
	for i := range items {
		it := &items[i]
		offs[i] = uint64(len(pack))
		pack = append(pack, entryHeader(it, offs[i], offs)...)
		pack = append(pack, deflate(it.data)...)
		pack = append(pack, it.junk...)
		crcs[i] = crc32.ChecksumIEEE(pack[offs[i]:]) ^ it.crc
	}
	for i := range items {
		offs[i] += items[i].off
	}
	sum := sha1.Sum(pack)
	return append(pack, sum[:]...), writeIndex(version, items, offs, crcs, sum)
}

func writeIndex(version int, items []item, offs []uint64, crcs []uint32, sum [20]byte) []byte {
	order := make([]int, len(items))
	var fan [256]uint32
	for i := range items {
		order[i] = i
		for b := int(items[i].name[0]); b < 256; b++ {
			fan[b]++
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return bytes.Compare(items[a].name[:], items[b].name[:]) })
	var x []byte
	if version == 2 {
		x = append(x, "\xfftOc\x00\x00\x00\x02"...)
	}
	for _, n := range fan {
		x = binary.BigEndian.AppendUint32(x, n)
	}
	for _, i := range order {
		if version == 1 {
			x = binary.BigEndian.AppendUint32(x, uint32(offs[i]))
		}
		x = append(x, items[i].name[:]...)
	}
	if version == 2 {
		for _, i := range order {
			x = binary.BigEndian.AppendUint32(x, crcs[i])
		}
		for _, i := range order {
			x = binary.BigEndian.AppendUint32(x, uint32(offs[i]))
		}
	}
	x = append(x, sum[:]...)
	own := sha1.Sum(x)
	return append(x, own[:]...)
}

// openBytes does what Open does, on bytes.
func openBytes(pack, idx []byte) (*Pack, error) {
	p := &Pack{path: "made.pack", data: pack}
	var err error
	if p.index, err = ParseIndex(idx); err != nil {
		return nil, err
	}
	return p, p.checkFrame()
}

// made is a pack of items, opened from files.
func made(t testing.TB, version int, items []item) *Pack {
	t.Helper()
	pack, idx := writePack(version, items)
	path := filepath.Join(t.TempDir(), "made.pack")
	for name, data := range map[string][]byte{path: pack, path[:len(path)-5] + ".idx": idx} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}
