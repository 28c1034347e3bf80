package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
)

// hostileBig have many objects of which each takes much of the memory that there is.
func hostileBig() []hostile {
	const size = 120_000_000
	return []hostile{
		{name: "delta bomb: a chain of 120 MB results", want: finds, whole: true, make: func(h *hostileRepo) { h.deltas(8, size, size, true) }},
		{name: "delta bomb: a tree of 120 MB results", want: finds, whole: true, make: func(h *hostileRepo) { h.deltaTree(runOf('x', size), 12, size) }},
		{name: "delta bomb: results that grow to 120 MB", want: finds, whole: true, make: func(h *hostileRepo) { h.growing(17_000_000, size) }},
		{name: "delta bomb: 120 MB bases in another pack", want: finds, whole: true, make: func(h *hostileRepo) { h.farBases(8, size) }},
		{name: "delta bomb: copies of one byte", want: finds, whole: true, make: func(h *hostileRepo) { h.tinyCopies(4, 7_000_000) }},
		{name: "a secret in each of 6 results of 120 MB", want: finds, whole: true, make: func(h *hostileRepo) { h.manySecrets(6, size) }},
		{name: "keywords: a chain of 120 MB of nothing else", want: finds, whole: true, heavy: true, make: func(h *hostileRepo) { h.keywords(3, size) }},
		{name: "keywords: a tree of 16 MB of nothing else", want: finds, whole: true, heavy: true, make: func(h *hostileRepo) { h.deltaTree(keywordsOf(16_000_000), 12, 16_000_000) }},
		{name: "places: three million in one file", want: finds, heavy: true, make: func(h *hostileRepo) { h.places(3_000_000) }},
		{name: "places: ten million in versions of one file", want: finds, heavy: true, make: func(h *hostileRepo) { h.versions(10_000, 1000) }},
		{name: "places: three million, of a thousand secrets at as many paths", want: finds, heavy: true, make: func(h *hostileRepo) { h.manyNames(3000, 1000) }},
		{name: "places: 20,000 in one message", want: finds, whole: true, make: func(h *hostileRepo) { h.message(20_000) }},
		{name: "places: 20,000 in a line that is explained", args: []string{"explain", "line.txt:1"}, want: finds, make: func(h *hostileRepo) { h.line(20_000) }},
		{name: "places: 20,000 in a line, to be taken out", args: []string{"plan", "--filter-repo", "../list.txt"}, want: finds, make: func(h *hostileRepo) { h.line(20_000) }},
		{name: "places: 20,000 in a line that are looked for", args: []string{"verify-gone", "../list.txt"}, want: finds, make: func(h *hostileRepo) {
			h.line(20_000)
			h.write("../list.txt", strings.Join(regexp.MustCompile(`[\w-]{16}`).FindAllString(h.passwords(20_000), -1), "\n"))
		}},
		{name: "places: three million in one file that are looked for", args: []string{"verify-gone", "../list.txt"}, want: finds, heavy: true, make: func(h *hostileRepo) {
			h.places(3_000_000)
			h.write("../list.txt", regexp.MustCompile(`[\w-]{16}`).FindString(h.passwords(1)))
		}},
		{name: "delta bomb: a chain of 120 MB of UTF-16", want: finds, whole: true, make: func(h *hostileRepo) { h.wideText(4, size) }},
	}
}

// changed is a change that makes size bytes of base bytes: a new beginning, and copies.
func changed(base packEntry, from, size int, start string) packEntry {
	d := append(deltaHead(from, size), byte(len(start)))
	d = append(d, start...)
	for left := size - len(start); left > 0; left -= min(left, from) {
		d = copyAll(d, min(left, from))
	}
	return packEntry{typ: typeRef, base: base.name, data: d, name: sha1.Sum(fmt.Append(nil, "changed", base.name, start))}
}

// keywords adds n versions, of which each is made from the one before, of a text in which
// a keyword stands every five bytes.
func (h *hostileRepo) keywords(n, size int) {
	list := []packEntry{keywordsOf(size)}
	for i := range n {
		list = append(list, changed(list[i], size, size, fmt.Sprintf("%04d\n", i)))
	}
	h.files(list...)
}

func keywordsOf(size int) packEntry {
	return packEntry{typ: typeBlob, data: bytes.Repeat([]byte("key=\n"), size/5), name: sha1.Sum(fmt.Append(nil, "keywords", size))}
}

// places adds a file with n times the same password.
func (h *hostileRepo) places(n int) {
	h.files(blobEntry(strings.Repeat(h.passwords(1), n)))
}

// versions adds n versions of a file with so many passwords.
func (h *hostileRepo) versions(n, passwords int) {
	root := blobEntry(h.passwords(passwords))
	list := []packEntry{root}
	for i := range n {
		start := fmt.Sprintf("%05d\n", i)
		e := changed(root, len(root.data), len(start)+len(root.data), start)
		e.name = blobEntry(start + string(root.data)).name
		list = append(list, e)
	}
	h.files(list...)
}

// message adds a commit whose message has n passwords.
func (h *hostileRepo) message(n int) {
	c := commitEntry(treeEntry(nil).name)
	c.data = append(c.data, h.passwords(n)...)
	c.name = hashOf("commit", c.data)
	h.addPack([]packEntry{treeEntry(nil), c})
	h.write(".git/refs/heads/evil", c.name.String()+"\n")
}

// line adds a file of one line with n passwords, on disk too.
func (h *hostileRepo) line(n int) {
	h.write("line.txt", strings.ReplaceAll(h.passwords(n), "\n", ";"))
	h.git("", "add", "line.txt")
	h.git("", "commit", "-q", "-m", "line")
}

// manyNames adds a file with so many passwords under n names.
func (h *hostileRepo) manyNames(n, passwords int) {
	b := blobEntry(h.passwords(passwords))
	var names []any
	for i := range n {
		names = append(names, fmt.Sprintf("f%07d", i), b.name)
	}
	tree := treeEntry(treeOf(names...))
	h.reach(tree.name, b, tree)
}

// passwords makes n lines with a password each, which are never the same.
func (h *hostileRepo) passwords(n int) string {
	var text strings.Builder
	for i := range n {
		sum := sha1.Sum(fmt.Append(nil, h.Name(), i))
		fmt.Fprintf(&text, "password = \"%s\"\n", base64.RawURLEncoding.EncodeToString(sum[:12]))
	}
	return text.String()
}

// deltaTree adds n versions of size bytes, of which each but the last ones has two others made from it.
func (h *hostileRepo) deltaTree(root packEntry, n, size int) {
	list := []packEntry{root}
	for i := range n {
		list = append(list, changed(list[i/2], size, size, fmt.Sprintf("%04d\n", i)))
	}
	h.files(list...)
}

func (h *hostileRepo) growing(from, to int) {
	list := []packEntry{runOf('x', from)}
	for size := from; size < to; size = size * 5 / 4 {
		list = append(list, changed(list[len(list)-1], size, size*5/4, "grown"))
	}
	h.files(list...)
}

// farBases adds n changes to n blobs of another pack.
func (h *hostileRepo) farBases(n, size int) {
	var bases, list []packEntry
	for i := range n {
		bases = append(bases, runOf(byte('q'+i), size))
		list = append(list, changed(bases[i], size, size, "far"))
	}
	pack, idx := buildPack(bases)
	h.write(".git/objects/pack/pack-"+strings.Repeat("d", 40)+".pack", string(pack))
	h.write(".git/objects/pack/pack-"+strings.Repeat("d", 40)+".idx", string(idx))
	h.files(list...)
}

// tinyCopies adds n versions of size bytes, each of which is a copy of its own.
func (h *hostileRepo) tinyCopies(n, size int) {
	root := runOf('x', size)
	list := []packEntry{root}
	for i := range n {
		d := append(deltaHead(size, size), 1, byte(i))
		d = append(d, bytes.Repeat([]byte{0x90, 1}, size-1)...)
		list = append(list, packEntry{typ: typeRef, base: root.name, data: d, name: sha1.Sum([]byte{byte(i)})})
	}
	h.files(list...)
}

// manySecrets adds a chain of n versions under their true names, with a secret in each.
func (h *hostileRepo) manySecrets(n, size int) {
	root := runOf('x', size)
	root.name = hashOfRun('x', size)
	list := []packEntry{root}
	for i := range n {
		start := fmt.Sprintf("%d TOKEN=%s\n", i, h.secret)
		e := changed(list[i], size, size, start)
		sum := sha1.New()
		fmt.Fprintf(sum, "blob %d\x00%s", size, start)
		for k := i - 1; k >= 0; k-- { // the bases' starts stand behind this one's
			fmt.Fprintf(sum, "%d TOKEN=%s\n", k, h.secret)
		}
		for left := size - (i+1)*len(start); left > 0; left -= 1 << 20 {
			sum.Write(bytes.Repeat([]byte{'x'}, min(left, 1<<20)))
		}
		e.name = objectName(sum.Sum(nil))
		list = append(list, e)
	}
	h.files(list...)
}

// wideText adds a chain of n versions of a text in UTF-16.
func (h *hostileRepo) wideText(n, size int) {
	unit := binary.LittleEndian.AppendUint16(nil, 'x')
	root := packEntry{typ: typeBlob, data: append([]byte{0xff, 0xfe}, bytes.Repeat(unit, size/2-1)...)}
	root.name = sha1.Sum([]byte("wide"))
	list := []packEntry{root}
	for i := range n {
		d := append(deltaHead(size, size), 4, 0xff, 0xfe, byte('a'+i), 0)
		d = append(d, 0xb1, 4, 0xfc, 0xff) // 65,532 bytes from the fourth on
		for left := size - 4 - 0xfffc; left > 0; {
			k := min(left, 0xfffc)
			d = append(d, 0xb1, 4, byte(k), byte(k>>8))
			left -= k
		}
		list = append(list, packEntry{typ: typeRef, base: list[i].name, data: d, name: sha1.Sum([]byte{'w', byte(i)})})
	}
	h.files(list...)
}
