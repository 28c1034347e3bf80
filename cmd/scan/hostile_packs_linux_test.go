package main

import (
	"encoding/binary"
	"os"
	"os/exec"
	"strings"
	"time"
)

var (
	finds      = []exitCode{exitFindings}
	incomplete = []exitCode{exitIncomplete}
	either     = []exitCode{exitFindings, exitIncomplete}
	refused    = []exitCode{exitUsage}
	notRead    = []exitCode{exitFindings, exitIncomplete, exitUsage}
)

// hostilePacks have packs and indexes that lie.
func hostilePacks() []hostile {
	edit := func(ending string, change func(data []byte) []byte) func(*hostileRepo) {
		return func(h *hostileRepo) {
			name := h.packFile(ending)
			h.write(name, string(change(h.read(name))))
		}
	}
	sealed := func(change func(data []byte)) func(*hostileRepo) {
		return edit(".idx", func(d []byte) []byte { change(d); return sealIndex(d) })
	}
	const fan, names = 8, 8 + 1024
	count := func(d []byte) int { return int(binary.BigEndian.Uint32(d[names-4:])) }
	offsets := func(d []byte) []byte { return d[names+24*count(d):] }
	return []hostile{
		{name: "idx: fan-out falls", want: incomplete, make: sealed(func(d []byte) { d[fan+3] = 200 })},
		{name: "idx: fan-out of 4 billion", want: incomplete, make: sealed(func(d []byte) {
			for i := range 256 {
				binary.BigEndian.PutUint32(d[fan+4*i:], 1<<32-1)
			}
		})},
		{name: "idx: count beyond the file", want: incomplete, make: sealed(func(d []byte) { binary.BigEndian.PutUint32(d[names-4:], 1_000_000) })},
		{name: "idx: fan-out hides names", want: either, whole: true, make: sealed(func(d []byte) {
			n := uint32(count(d))
			for i := range 255 {
				binary.BigEndian.PutUint32(d[fan+4*i:], n)
			}
		})},
		{name: "idx: offsets outside the pack", want: incomplete, make: sealed(func(d []byte) {
			for i := range count(d) {
				binary.BigEndian.PutUint32(offsets(d)[4*i:], 1<<30+uint32(i))
			}
		})},
		{name: "idx: large offsets that are not there", want: incomplete, make: sealed(func(d []byte) {
			for i := range count(d) {
				binary.BigEndian.PutUint32(offsets(d)[4*i:], 1<<31|uint32(i))
			}
		})},
		{name: "idx: all names at one offset", want: incomplete, make: sealed(func(d []byte) {
			for i := range count(d) {
				binary.BigEndian.PutUint32(offsets(d)[4*i:], 12)
			}
		})},
		{name: "idx: own checksum wrong", want: either, make: edit(".idx", func(d []byte) []byte { d[len(d)-1] ^= 1; return d })},
		{name: "idx: version 9", want: incomplete, make: sealed(func(d []byte) { d[7] = 9 })},
		{name: "idx: empty", want: incomplete, make: edit(".idx", func([]byte) []byte { return nil })},
		{name: "idx: of another pack", want: either, make: func(h *hostileRepo) {
			name := h.packFile(".pack")
			other := hostileBase(h.TB)
			other.write("more.txt", "more")
			other.git("", "add", ".")
			other.git("", "commit", "-q", "-m", "more")
			other.git("", "repack", "-q", "-a", "-d")
			h.write(strings.TrimSuffix(name, ".pack")+".idx", string(other.read(other.packFile(".idx"))))
		}},
		{name: "idx: a known name at other bytes", args: []string{"--history", "--prove"}, want: incomplete, make: replaceBlob},
		{name: "idx: a known tree at other bytes", want: either, make: replaceTree},
		{name: "pack: checksum wrong", want: either, make: edit(".pack", func(d []byte) []byte { d[len(d)-1] ^= 1; return d })},
		{name: "pack: count of 4 billion", want: either, make: edit(".pack", func(d []byte) []byte { copy(d[8:], "\xff\xff\xff\xff"); return d })},
		{name: "pack: version 9", want: incomplete, make: edit(".pack", func(d []byte) []byte { d[7] = 9; return d })},
		{name: "pack: empty", want: incomplete, make: edit(".pack", func([]byte) []byte { return nil })},
		{name: "pack: sparse, of a terabyte", want: either, make: func(h *hostileRepo) {
			path := h.path(h.packFile(".pack"))
			os.Chmod(path, 0o600)
			if err := os.Truncate(path, 1<<40); err != nil {
				h.Skip(err)
			}
			time.Sleep(100 * time.Millisecond) // what is settled is kept, and for that it was hashed
		}},
		{name: "pack: entry that declares 2^50 bytes", want: finds, make: func(h *hostileRepo) {
			b := blobEntry("x")
			b.size = 1 << 50
			h.files(b)
		}},
		{name: "pack: entry that declares too few bytes", want: finds, make: func(h *hostileRepo) {
			b := blobEntry(strings.Repeat("x", 100))
			b.size = 10
			h.files(b)
		}},
	}
}

// replaceBlob makes an index that has the name of the file with the secret
// stand for a harmless blob, with every checksum right.
func replaceBlob(h *hostileRepo) {
	forge(h, "HEAD:good.txt", typeBlob, []byte("nothing to see\n"))
}

func replaceTree(h *hostileRepo) {
	forge(h, "HEAD^{tree}", typeTree, treeOf("other.txt", parseName(h.git("", "rev-parse", "HEAD:other.txt"))))
}

// forge repacks the repository with other bytes under the name of rev.
func forge(h *hostileRepo, rev string, typ int, data []byte) {
	var entries []packEntry
	types := map[string]int{"commit": typeCommit, "tree": typeTree, "blob": typeBlob}
	victim := h.git("", "rev-parse", rev)
	for _, line := range strings.Split(h.git("", "cat-file", "--batch-all-objects", "--batch-check"), "\n") {
		f := strings.Fields(line)
		e := packEntry{name: parseName(f[0]), typ: types[f[1]], data: rawObject(h, f[1], f[0])}
		if f[0] == victim {
			e.typ, e.data = typ, data
		}
		entries = append(entries, e)
	}
	for _, ending := range []string{".pack", ".idx", ".rev"} {
		name := h.path(strings.TrimSuffix(h.packFile(".pack"), ".pack") + ending)
		defer os.Remove(name)
	}
	h.addPack(entries)
}

func rawObject(h *hostileRepo, typ, name string) []byte {
	h.Helper()
	cmd := exec.Command("git", "cat-file", typ, name)
	cmd.Dir = h.dir
	out, err := cmd.Output()
	if err != nil {
		h.Fatal(err)
	}
	return out
}
