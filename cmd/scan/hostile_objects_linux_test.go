package main

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// hostileObjects have objects that are costly to read.
func hostileObjects() []hostile {
	return []hostile{
		{name: "inflate bomb: a blob of 4 GB", heavy: true, want: finds, make: func(h *hostileRepo) { h.files(runOf(0, 4<<30)) }},
		{name: "inflate bomb: a blob of 1.9 GB", heavy: true, want: finds, make: func(h *hostileRepo) { h.files(runOf(0, 1_900_000_000)) }},
		{name: "inflate bomb: 4 blobs of 120 MB", want: finds, whole: true, make: func(h *hostileRepo) { h.manyRuns(4) }},
		{name: "inflate bomb: 8 blobs of 120 MB", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) { h.manyRuns(8) }},
		{name: "a line of 1 GB", heavy: true, want: finds, make: func(h *hostileRepo) { h.files(runOf('x', 1<<30)) }},
		{name: "a blob beyond all memory, as its name says", args: little("--history"), memory: littleHeld, want: finds, whole: true, make: func(h *hostileRepo) { h.named(beyond) }},
		{name: "a hundred versions of 300 MB, as changes", heavy: true, want: finds, make: func(h *hostileRepo) {
			const size = 300 << 20
			root := runOf('x', size)
			root.name = hashOfRun('x', size)
			list := []packEntry{root}
			for i := range 100 {
				list = append(list, packEntry{name: sha1.Sum([]byte{byte(i)}), typ: typeRef, base: root.name, data: copyAll(deltaHead(size, size), size)})
			}
			h.files(list...)
		}},
		{name: "a blob of 1 GB, as its name says", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) { h.named(1 << 30) }},
		{name: "a line of 120 MB", want: finds, whole: true, make: func(h *hostileRepo) { h.files(runOf('x', 120_000_000)) }},
		{name: "4 loose blobs of 100 MB", want: finds, whole: true, make: func(h *hostileRepo) { h.manyLoose(4, 100<<20) }},
		{name: "8 loose blobs of 120 MB", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) { h.manyLoose(8, 120<<20) }},
		{name: "a loose blob of 4 GB", heavy: true, want: finds, make: func(h *hostileRepo) { h.loose(4<<30, "") }},
		{name: "a loose blob of 1 GB", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) { h.loose(1<<30, "") }},
		{name: "a loose blob beyond all memory", args: little("--history"), memory: littleHeld, want: finds, whole: true, make: func(h *hostileRepo) { h.loose(beyond, "") }},
		{name: "a loose blob that declares 1 GB too few", want: finds, make: func(h *hostileRepo) { h.loose(1<<30, "blob 10\x00") }},
		{name: "delta bomb: 16 results of 256 MB", want: finds, make: func(h *hostileRepo) { h.deltas(16, 1<<20, 256<<20, false) }},
		{name: "delta bomb: 16 results of 120 MB", want: finds, whole: true, make: func(h *hostileRepo) { h.deltas(16, 1<<20, 120_000_000, false) }},
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
		{name: "one secret at 160,000 paths", want: finds, make: func(h *hostileRepo) { manyPaths(h, 400) }},
		{name: "one secret at a million paths", heavy: true, want: finds, make: func(h *hostileRepo) { manyPaths(h, 1000) }},
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

// beyond is the length of a content that may not be held as a whole where the bound is
// that of little, and littleHeld is more than such a scan may hold of it.
const (
	beyond     = 160 << 20
	littleHeld = 64 << 20
)

// little is how a scan is called that may hold little.
func little(args ...string) []string { return append(args, "--memory", "128MB") }

// manyPaths has one blob in each of n folders under n names.
func manyPaths(h *hostileRepo, n int) {
	h.Helper()
	b := blobEntry("x=" + h.secret)
	many := func(name objectName, end string) packEntry {
		var names []any
		for i := range n {
			names = append(names, fmt.Sprintf("n%03d%s", i, end), name)
		}
		return treeEntry(treeOf(names...))
	}
	inner := many(b.name, "")
	outer := many(inner.name, "/")
	h.reach(outer.name, b, inner, outer)
}

func (h *hostileRepo) manyRuns(n int) {
	h.Helper()
	var blobs []packEntry
	for i := range n {
		blobs = append(blobs, runOf(byte(i), 120_000_000))
	}
	h.files(blobs...)
}

func (h *hostileRepo) manyLoose(n, size int) {
	h.Helper()
	for i := range n {
		h.loose(size+i<<20, "")
	}
}

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
