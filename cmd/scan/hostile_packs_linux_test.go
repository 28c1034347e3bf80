package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
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

// hostileObjects have objects that are costly to read.
func hostileObjects() []hostile {
	return []hostile{
		{name: "inflate bomb: a blob of 4 GB", heavy: true, want: finds, make: func(h *hostileRepo) { h.files(runOf(0, 4<<30)) }},
		{name: "inflate bomb: a blob of 1.9 GB", heavy: true, want: finds, make: func(h *hostileRepo) { h.files(runOf(0, 1_900_000_000)) }},
		{name: "inflate bomb: 8 blobs of 120 MB", want: finds, whole: true, make: func(h *hostileRepo) {
			var blobs []packEntry
			for i := range 8 {
				blobs = append(blobs, runOf(byte(i), 120_000_000))
			}
			h.files(blobs...)
		}},
		{name: "a line of 1 GB", heavy: true, want: finds, make: func(h *hostileRepo) { h.files(runOf('x', 1<<30)) }},
		{name: "a blob of 600 MB, as its name says", want: finds, whole: true, make: func(h *hostileRepo) { h.named(beyond) }},
		{name: "a blob of 1 GB, as its name says", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) { h.named(1 << 30) }},
		{name: "a line of 120 MB", want: finds, whole: true, make: func(h *hostileRepo) { h.files(runOf('x', 120_000_000)) }},
		{name: "6 loose blobs of 100 MB", want: finds, whole: true, make: func(h *hostileRepo) {
			for i := range 6 {
				h.loose(100<<20+i<<20, "")
			}
		}},
		{name: "8 loose blobs of 120 MB", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) {
			for i := range 8 {
				h.loose(120<<20+i<<20, "")
			}
		}},
		{name: "a loose blob of 4 GB", heavy: true, want: finds, make: func(h *hostileRepo) { h.loose(4<<30, "") }},
		{name: "a loose blob of 1 GB", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) { h.loose(1<<30, "") }},
		{name: "a loose blob of 600 MB", want: finds, whole: true, make: func(h *hostileRepo) { h.loose(beyond, "") }},
		{name: "a loose blob that declares 1 GB too few", want: finds, make: func(h *hostileRepo) { h.loose(1<<30, "blob 10\x00") }},
		{name: "delta bomb: 16 results of 256 MB", want: finds, make: func(h *hostileRepo) { h.deltas(16, 1<<20, 256<<20, false) }},
		{name: "delta bomb: 16 results of 120 MB", want: finds, whole: true, make: func(h *hostileRepo) { h.deltas(16, 1<<20, 120_000_000, false) }},
		{name: "delta bomb: a chain of 120 MB results", want: finds, whole: true, make: func(h *hostileRepo) { h.deltas(8, 120_000_000, 120_000_000, true) }},
		{name: "delta bomb: 1,000 results of 16 MB", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) { h.deltas(1000, 1<<20, 16<<20, false) }},
		{name: "delta cycle", want: finds, make: func(h *hostileRepo) {
			a, b := blobEntry("a"), blobEntry("b")
			d := append(deltaHead(1, 1), 1, 'x')
			a.typ, a.base, a.data = typeRef, b.name, d
			b.typ, b.base, b.data = typeRef, a.name, d
			h.files(a, b)
		}},
		{name: "delta of itself", want: finds, make: func(h *hostileRepo) {
			a := blobEntry("a")
			a.typ, a.base, a.data = typeRef, a.name, append(deltaHead(1, 1), 1, 'x')
			h.files(a)
		}},
		{name: "delta cycle over two packs", want: finds, make: func(h *hostileRepo) {
			a, b := blobEntry("a"), blobEntry("b")
			d := append(deltaHead(1, 1), 1, 'x')
			a.typ, a.base, a.data = typeRef, b.name, d
			b.typ, b.base, b.data = typeRef, a.name, d
			h.files(b)
			pack, idx := buildPack([]packEntry{a})
			h.write(".git/objects/pack/pack-"+strings.Repeat("f", 40)+".pack", string(pack))
			h.write(".git/objects/pack/pack-"+strings.Repeat("f", 40)+".idx", string(idx))
		}},
		{name: "delta chain of 100,000", want: finds, whole: true, make: func(h *hostileRepo) { h.chain(100_000) }},
		{name: "a tree with a million entries", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) { wideTree(h, 1_000_000) }},
		{name: "a tree with 300,000 entries", want: finds, whole: true, make: func(h *hostileRepo) { wideTree(h, 300_000) }},
		{name: "trees 100,000 levels deep", want: finds, whole: true, make: func(h *hostileRepo) { deepTrees(h, 100_000) }},
		{name: "a tree bomb of 10 to the power of 10 files", heavy: true, want: finds, make: func(h *hostileRepo) { treeBomb(h, h.secret) }},
		{name: "one secret at a million places", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) {
			lines := strings.Repeat("x="+h.secret+"\n", 1000)
			var list []packEntry
			for i := range 1000 {
				list = append(list, blobEntry(fmt.Sprint(i, "\n", lines)))
			}
			h.files(list...)
		}},
		{name: "one secret in a file of a million lines", heavy: true, args: []string{"."}, want: finds, whole: true, make: func(h *hostileRepo) {
			h.write("x.txt", strings.Repeat("x="+h.secret+"\n", 1_000_000))
		}},
		{name: "one secret at a million paths", want: finds, make: func(h *hostileRepo) {
			b := blobEntry("x=" + h.secret)
			many := func(name objectName, end string) packEntry {
				var names []any
				for i := range 1000 {
					names = append(names, fmt.Sprintf("n%03d%s", i, end), name)
				}
				return treeEntry(treeOf(names...))
			}
			inner := many(b.name, "")
			outer := many(inner.name, "/")
			h.reach(outer.name, b, inner, outer)
		}},
		{name: "tree with broken entries", want: either, make: func(h *hostileRepo) {
			t := treeEntry([]byte("100644 x\x00short"))
			h.reach(t.name, t)
		}},
		{name: "tree with ../ and .git as names", want: finds, whole: true, make: func(h *hostileRepo) {
			b := blobEntry("x=" + h.secret)
			t := treeEntry(treeOf("../../../etc/passwd", b.name, ".git", b.name, "..", b.name, "/abs", b.name))
			h.reach(t.name, b, t)
		}},
		{name: "commits 100,000 deep", want: finds, whole: true, make: func(h *hostileRepo) { longHistory(h, 100_000) }},
		{name: "commits 300,000 deep", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) { longHistory(h, 300_000) }},
		{name: "a commit with 50,000 parents", want: finds, whole: true, make: func(h *hostileRepo) { octopus(h, 50_000) }},
		{name: "a commit that names itself by grafts", want: finds, whole: true, make: func(h *hostileRepo) {
			c := h.git("", "rev-parse", "HEAD")
			h.write(".git/info/grafts", c+" "+c+"\n")
		}},
		{name: "a commit that is no text", want: either, make: func(h *hostileRepo) {
			c := packEntry{name: hashOf("commit", []byte("\x00\xff")), typ: typeCommit, data: []byte("\x00\xff")}
			h.addPack([]packEntry{c})
			h.write(".git/refs/heads/evil", c.name.String())
		}},
		{name: "a message of 200 MB", want: finds, make: func(h *hostileRepo) {
			tree := treeEntry(treeOf())
			text := commitEntry(tree.name).data
			text = append(text, strings.Repeat("line of a message\n", 200<<20/18)...)
			c := packEntry{name: hashOf("commit", text), typ: typeCommit, data: text}
			h.addPack([]packEntry{tree, c})
			h.write(".git/refs/heads/evil", c.name.String())
		}},
	}
}

// beyond is the length of a content that may not be held as a whole.
const beyond = 600 << 20

func wideTree(h *hostileRepo, n int) {
	h.Helper()
	b := blobEntry("x")
	var tree []byte
	for i := range n {
		tree = fmt.Appendf(tree, "100644 f%07d\x00%s", i, b.name[:])
	}
	t := treeEntry(tree)
	h.reach(t.name, b, t)
}

// runOf is a blob of n times the byte c. Its name is made up, as making it takes
// long: one that is too large to be held is read to its end, and then is damaged.
func runOf(c byte, n int) packEntry {
	e := packEntry{typ: typeBlob, size: uint64(n), stream: deflatedRun(c, n)}
	e.name = sha1.Sum(fmt.Append(nil, c, n))
	return e
}

// named adds a blob of n bytes under the name that it has.
func (h *hostileRepo) named(n int) {
	h.Helper()
	e := runOf('x', n)
	e.name = hashOfRun('x', n)
	h.files(e)
}

// hashOfRun is the name that a blob of n times the byte c has.
func hashOfRun(c byte, n int) objectName {
	sum := sha1.New()
	fmt.Fprintf(sum, "blob %d\x00", n)
	for run := bytes.Repeat([]byte{c}, 1<<20); n > 0; n -= len(run) {
		sum.Write(run[:min(n, len(run))])
	}
	return objectName(sum.Sum(nil))
}

// loose adds a loose blob of n bytes, which a branch reaches.
func (h *hostileRepo) loose(n int, head string) {
	h.Helper()
	if head == "" {
		head = fmt.Sprintf("blob %d\x00", n)
	}
	sum := sha1.New()
	sum.Write([]byte(head))
	zero := make([]byte, 1<<20)
	if n <= 1<<30 && strings.Contains(head, fmt.Sprint(n)) {
		for range n >> 20 {
			sum.Write(zero)
		}
	}
	name := objectName(sum.Sum(nil))
	file, err := os.Create(h.path(".git/huge"))
	if err != nil {
		h.Fatal(err)
	}
	// A stored block for the header, then the run; the checksum is the header's and the run's.
	stream := deflatedPrefix([]byte(head), n)
	if _, err := file.Write(stream); err != nil {
		h.Fatal(err)
	}
	file.Close()
	at := ".git/objects/" + name.String()[:2] + "/" + name.String()[2:]
	h.write(at, "")
	if err := os.Rename(h.path(".git/huge"), h.path(at)); err != nil {
		h.Fatal(err)
	}
	tree := treeEntry(treeOf("huge", name))
	h.reach(tree.name, tree)
}

// deltas adds blobs of size bytes that are stored as a few copies each.
func (h *hostileRepo) deltas(n, base, size int, chain bool) {
	h.Helper()
	list := []packEntry{runOf('x', base)}
	from := base
	for i := range n {
		if chain && i > 0 {
			from = size
		}
		d := append(deltaHead(from, size), 4)
		d = fmt.Appendf(d, "%04d", i)
		for left := size - 4; left > 0; left -= min(left, from) {
			d = copyAll(d, min(left, from))
		}
		e := packEntry{typ: typeRef, base: list[0].name, data: d, name: sha1.Sum(fmt.Append(nil, "delta", i))}
		if chain {
			e.base = list[len(list)-1].name
		}
		list = append(list, e)
	}
	h.files(list...)
}

func (h *hostileRepo) chain(n int) {
	h.Helper()
	text := func(i int) string { return fmt.Sprintf("line %08d", i) }
	list := []packEntry{blobEntry(text(0))}
	for i := 1; i < n; i++ {
		e := blobEntry(text(i))
		e.typ, e.back = typeOffset, 1
		e.data = append(append(deltaHead(13, 13), 0x90, 5, 8), text(i)[5:]...)
		list = append(list, e)
	}
	h.files(list...)
}

func deepTrees(h *hostileRepo, depth int) {
	b := blobEntry("x=" + h.secret)
	list := []packEntry{b, treeEntry(treeOf("file", b.name))}
	for range depth {
		list = append(list, treeEntry(treeOf("d/", list[len(list)-1].name)))
	}
	h.reach(list[len(list)-1].name, list...)
}

func treeBomb(h *hostileRepo, secret string) {
	b := blobEntry("x=" + secret)
	list := []packEntry{b, treeEntry(treeOf("a", b.name, "b", b.name, "c", b.name, "d", b.name, "e", b.name, "f", b.name, "g", b.name, "h", b.name, "i", b.name, "j", b.name))}
	for range 9 {
		n := list[len(list)-1].name
		list = append(list, treeEntry(treeOf("a/", n, "b/", n, "c/", n, "d/", n, "e/", n, "f/", n, "g/", n, "h/", n, "i/", n, "j/", n)))
	}
	h.reach(list[len(list)-1].name, list...)
}

func longHistory(h *hostileRepo, n int) {
	tree := treeEntry(treeOf("good.txt", parseName(h.git("", "rev-parse", "HEAD:good.txt"))))
	list := []packEntry{tree, commitEntry(tree.name)}
	for range n {
		list = append(list, commitEntry(tree.name, list[len(list)-1].name))
	}
	h.addPack(list)
	h.write(".git/refs/heads/evil", list[len(list)-1].name.String())
}

func octopus(h *hostileRepo, n int) {
	var list []packEntry
	var parents []objectName
	for i := range n {
		b := blobEntry(fmt.Sprint(i % 1000))
		if i < 1000 {
			list = append(list, b, treeEntry(treeOf("f", b.name)))
		}
		tree := hashOf("tree", treeOf("f", b.name))
		c := commitEntry(tree)
		c.data = fmt.Append(c.data, i)
		c.name = hashOf("commit", c.data)
		list, parents = append(list, c), append(parents, c.name)
	}
	top := commitEntry(list[1].name, parents...)
	h.addPack(append(list, top))
	h.write(".git/refs/heads/evil", top.name.String())
}

func TestDeflatedRun(t *testing.T) {
	for _, n := range []int{1, 1 << 20, 3<<20 + 5} {
		if got := inflated(t, deflatedRun('q', n)); len(got) != n || strings.Trim(string(got), "q") != "" {
			t.Errorf("%d bytes became %d", n, len(got))
		}
		if got := inflated(t, deflatedPrefix([]byte("head"), n)); string(slices.Clip(got[:4])) != "head" || len(got) != n+4 {
			t.Errorf("%d bytes with a head became %d", n, len(got))
		}
	}
}
