package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"keyrake/bench/packfile"
	"keyrake/rules/example"
)

// shape is one way in which a repository can be large.
type shape struct {
	name  string
	unit  string
	full  int // what the largest repository has of the unit
	about string
	write func(r *repository, n int) error
}

func shapes() []shape {
	return []shape{
		{"objects", "objects", 2_000_000, "4,096 files in 64 folders; each commit changes one line of one file", objects},
		{"content", "MB of content", 50_000, "versions of one file of 10 MB, each with 40 changes of 1.6 kB", content},
		{"depth", "commits", 1_000_000, "commits in one line, all with the same tree", depth},
		{"refs", "refs", 1_000_000, "branches in packed-refs, to 1,000 commits", refs},
		{"findings", "findings", 1_000_000, "different tokens, 1,000 in a file", findings},
	}
}

// repository is a bare repository that is being written.
type repository struct {
	dir  string
	pack *packfile.Writer
	rng  *rand.Rand
	last packfile.Name // the commit before
	when int
	refs bytes.Buffer // packed-refs
}

// generate writes a repository of a shape below dir, which must not exist, and
// says what it became.
func generate(dir string, s shape, n int) (made, error) {
	packs := filepath.Join(dir, "objects", "pack")
	for _, folder := range []string{packs, filepath.Join(dir, "refs", "heads")} {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return made{}, err
		}
	}
	pack, err := packfile.New(packs)
	if err != nil {
		return made{}, err
	}
	r := &repository{dir: dir, pack: pack, rng: rand.New(rand.NewPCG(1, uint64(n)))}
	if err := s.write(r, n); err != nil {
		return made{}, fmt.Errorf("write %d %s: %w", n, s.unit, err)
	}
	m := made{Objects: pack.Count(), Logical: pack.Logical()}
	if m.Pack, err = pack.Close(); err != nil {
		return made{}, err
	}
	files := map[string]string{
		"HEAD":        "ref: refs/heads/main\n",
		"config":      "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
		"packed-refs": "# pack-refs with: peeled fully-peeled sorted \n" + r.refs.String() + fmt.Sprintf("%x refs/heads/main\n", r.last),
	}
	for file, text := range files {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
			return made{}, err
		}
	}
	return m, nil
}

// made is what a generated repository holds.
type made struct {
	Objects int   `json:"objects"`
	Logical int64 `json:"logical"` // bytes of all objects
	Pack    int64 `json:"pack"`    // bytes of the pack
}

func (r *repository) commit(tree packfile.Name) error {
	text := fmt.Appendf(nil, "tree %x\n", tree)
	if r.last != (packfile.Name{}) {
		text = fmt.Appendf(text, "parent %x\n", r.last)
	}
	r.when++
	who := fmt.Sprintf("Ada Example <ada@example.org> %d +0000", 1_500_000_000+60*r.when)
	text = fmt.Appendf(text, "author %s\ncommitter %s\n\nchange %d\n", who, who, r.when)
	n, _, err := r.pack.Whole(packfile.Commit, text)
	r.last = n
	return err
}

// thing is an object that later ones change: its bytes, and where it stands in
// the pack after how many deltas.
type thing struct {
	typ   int
	data  []byte
	name  packfile.Name
	off   int64
	depth int
}

// longest is the longest chain of deltas, as git's own.
const longest = 50

func (r *repository) create(typ int, data []byte) (t thing, err error) {
	t = thing{typ: typ, data: data}
	t.name, t.off, err = r.pack.Whole(typ, data)
	return t, err
}

// replace puts text in the place of as many bytes at off.
func (r *repository) replace(t *thing, off int, text []byte) (err error) {
	copy(t.data[off:], text)
	if t.depth++; t.depth > longest {
		t.depth = 0
		t.name, t.off, err = r.pack.Whole(t.typ, t.data)
		return err
	}
	var e packfile.Edits
	e.Copy(0, off)
	e.Insert(text)
	e.Copy(off+len(text), len(t.data)-off-len(text))
	t.name, t.off, err = r.pack.Delta(t.typ, t.data, e.Delta(len(t.data)), t.off)
	return err
}

const (
	folders = 64
	width   = 64 // files in each
	lines   = 12 // in each file
)

// row is an entry of a tree; all have equal length.
func row(mode, kind string, i int, n packfile.Name) []byte {
	return append(fmt.Appendf(nil, "%s %s%03d\x00", mode, kind, i), n[:]...)
}

// objects makes four objects for each commit: it, two trees and a blob.
func objects(r *repository, n int) error {
	var files [folders * width]thing
	var dirs [folders]thing
	var err error
	var top []byte
	for d := range dirs {
		var data []byte
		for f := range width {
			at := d*width + f
			text := make([]byte, 0, 600)
			for range lines {
				text = append(text, r.line()...)
			}
			if files[at], err = r.create(packfile.Blob, text); err != nil {
				return err
			}
			data = append(data, row("100644", "file", f, files[at].name)...)
		}
		if dirs[d], err = r.create(packfile.Tree, data); err != nil {
			return err
		}
		top = append(top, row("40000", "folder", d, dirs[d].name)...)
	}
	root, err := r.create(packfile.Tree, top)
	if err == nil {
		err = r.commit(root.name)
	}
	for err == nil && r.pack.Count() < n {
		d, f := r.rng.IntN(folders), r.rng.IntN(width)
		err = r.change(&files[d*width+f], &dirs[d], &root, d, f)
	}
	return err
}

// change commits another line in a file.
func (r *repository) change(file, dir, root *thing, d, f int) error {
	line := r.line()
	if err := r.replace(file, len(line)*r.rng.IntN(lines), line); err != nil {
		return err
	}
	step := len(dir.data) / width
	if err := r.replace(dir, (f+1)*step-len(packfile.Name{}), file.name[:]); err != nil {
		return err
	}
	step = len(root.data) / folders
	if err := r.replace(root, (d+1)*step-len(packfile.Name{}), dir.name[:]); err != nil {
		return err
	}
	return r.commit(root.name)
}

// line is one line of something like code, always of the same length.
func (r *repository) line() []byte {
	return fmt.Appendf(nil, "\tvalue%04x = compute(other%04x, %8d) // note %04x\n", r.rng.IntN(1<<16), r.rng.IntN(1<<16), r.rng.IntN(1e8), r.rng.IntN(1<<16))
}

const (
	bigFile = 10_000_000
	changes = 40
	changed = 1600 // bytes of each

	// noise makes text that does not compress to less than five eighths, and that
	// holds no keyword of a rule.
	noise = "bdfgjlmnqrtvxzBDFGJLMNQRTVXZ()\n "
)

// content makes version k from k with its lowest bit cleared: no chain is
// longer than the count has bits, and one version on each level is held.
func content(r *repository, n int) error {
	var levels []thing
	for k := range n / (bigFile / 1_000_000) {
		level := 0
		for bits := k; bits > 0; bits &= bits - 1 {
			level++
		}
		var next thing
		var err error
		if level == 0 {
			var text []byte
			for len(text) < bigFile {
				text = append(text, r.line()...)
			}
			next, err = r.create(packfile.Blob, text[:bigFile])
		} else {
			next, err = r.version(&levels[level-1])
		}
		if err != nil {
			return err
		}
		levels = append(levels[:level], next)
		tree, err := r.create(packfile.Tree, row("100644", "file", 0, next.name))
		if err != nil {
			return err
		}
		if err := r.commit(tree.name); err != nil {
			return err
		}
	}
	return nil
}

// version makes a new version of a big file.
func (r *repository) version(base *thing) (thing, error) {
	next := thing{typ: packfile.Blob, data: bytes.Clone(base.data)}
	var e packfile.Edits
	at := 0
	for i := range changes {
		off := i*(bigFile/changes) + r.rng.IntN(bigFile/changes-changed)
		text := next.data[off : off+changed]
		for j := range text {
			text[j] = noise[r.rng.IntN(len(noise))]
		}
		e.Copy(at, off-at)
		e.Insert(text)
		at = off + changed
	}
	e.Copy(at, bigFile-at)
	var err error
	next.name, next.off, err = r.pack.Delta(packfile.Blob, next.data, e.Delta(bigFile), base.off)
	return next, err
}

// tree makes a tree with one file.
func (r *repository) tree(text []byte) (packfile.Name, error) {
	blob, err := r.create(packfile.Blob, text)
	if err != nil {
		return packfile.Name{}, err
	}
	tree, err := r.create(packfile.Tree, row("100644", "file", 0, blob.name))
	return tree.name, err
}

func depth(r *repository, n int) error {
	tree, err := r.tree([]byte("one file\n"))
	for i := 0; i < n && err == nil; i++ {
		err = r.commit(tree)
	}
	return err
}

func refs(r *repository, n int) error {
	var tips [1000]packfile.Name
	tree, err := r.tree([]byte("one file\n"))
	for i := 0; i < len(tips) && err == nil; i++ {
		err = r.commit(tree)
		tips[i] = r.last
	}
	for i := range n - 1 {
		fmt.Fprintf(&r.refs, "%s refs/heads/b%07d\n", hex.EncodeToString(tips[i%len(tips)][:]), i)
	}
	return err
}

// tokens is how many findings one file has.
const tokens = 1000

func findings(r *repository, n int) error {
	template := bytes.Repeat([]byte("TOKEN = {{cf \"cfut\"}}\n"), tokens)
	var rows []byte
	for i := range n / tokens {
		text, err := example.Expand(string(template), fmt.Sprint("scale ", i))
		if err != nil {
			return err
		}
		blob, err := r.create(packfile.Blob, []byte(text))
		if err != nil {
			return err
		}
		rows = append(rows, row("100644", "file", i, blob.name)...)
	}
	tree, err := r.create(packfile.Tree, rows)
	if err != nil {
		return err
	}
	return r.commit(tree.name)
}
