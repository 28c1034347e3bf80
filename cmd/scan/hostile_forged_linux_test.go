package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// A password is a finding of severity low, which nothing else holds to the name
// of its blob.
const (
	lowText   = "[mail]\npassword = \"hunter22\"\n"
	cleanText = "[mail]\nhost = \"mail.example.org\"\n"
)

// forgery is a repository in which a name stands for two contents, of which the
// one has a secret. git shows one of them.
type forgery struct {
	name string
	// make puts it into h: name stands in HEAD as forged.txt.
	make func(h *hostileRepo, name objectName, secret, clean string)
	// names which content the name is made of: "secret" or "clean".
	of      string
	history bool // git shows the other, and only a history looks at both
}

var forgeries = []forgery{
	{name: "two packs, the clean one lies", of: "secret", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)})
		h.onePack("b", packEntry{name: name, typ: typeBlob, data: []byte(secret)})
	}},
	{name: "two packs, the secret one lies", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)})
		h.onePack("b", packEntry{name: name, typ: typeBlob, data: []byte(secret)})
	}},
	{name: "a pack that lies, and a loose object", of: "secret", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)})
		h.looseBlob(secret)
	}},
	{name: "a pack that lies, and a clean loose object", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(secret)})
		h.looseBlob(clean)
	}},
	{name: "a delta whose base stands twice", of: "secret", make: func(h *hostileRepo, name objectName, secret, clean string) {
		right := []byte(secret + "########")
		wrong := append([]byte(clean), strings.Repeat("#", len(right)-len(clean))...)
		base := hashOf("blob", right)
		h.onePack("a", packEntry{name: base, typ: typeBlob, data: wrong})
		h.onePack("b", packEntry{name: base, typ: typeBlob, data: right})
		h.onePack("c", packEntry{name: name, typ: typeRef, base: base, data: copyAll(deltaHead(len(right), len(secret)), len(secret))})
	}},
	{name: "two names at one place", of: "clean", make: func(h *hostileRepo, name objectName, secret, _ string) {
		list := []packEntry{{name: name, typ: typeBlob, data: []byte(secret)}, {name: hashOf("blob", []byte(secret)), typ: typeBlob, data: []byte(secret), off: 12}}
		h.onePack("a", list...)
	}},
	{name: "an index of several packs that lies", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		// The pack's own index has both under their names; the other index has the
		// secret under the name of the clean one.
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)}, packEntry{name: hashOf("blob", []byte(secret)), typ: typeBlob, data: []byte(secret)})
		h.git("", "multi-pack-index", "write")
		h.forgeMulti(name, hashOf("blob", []byte(secret)))
	}},
	{name: "such an index in layers", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)}, packEntry{name: hashOf("blob", []byte(secret)), typ: typeBlob, data: []byte(secret)})
		h.git("", "multi-pack-index", "write")
		h.forgeMulti(name, hashOf("blob", []byte(secret)))
		h.layerMulti()
	}},
	{name: "an index of several packs that names one elsewhere", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)})
		h.onePack("z", packEntry{name: name, typ: typeBlob, data: []byte(secret)})
		h.touchPack("a", -time.Hour)
		h.git("", "multi-pack-index", "write")
		h.hidePack("z")
	}},
	{name: "a copy whose checksum in the index is wrong", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)})
		h.onePack("b", packEntry{name: name, typ: typeBlob, data: []byte(secret), crc: 1})
		h.touchPack("a", -time.Hour)
	}},
	{name: "a copy with bytes behind it", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)})
		h.onePack("b", packEntry{name: name, typ: typeBlob, data: []byte(secret), junk: []byte("##")})
		h.touchPack("a", -time.Hour)
	}},
	{name: "twice in one index", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)}, packEntry{name: name, typ: typeBlob, data: []byte(secret)})
	}},
	{name: "names out of their order", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)})
		low, high := objectName{name[0]}, objectName{name[0], 0xff}
		h.onePack("b", packEntry{name: low, typ: typeBlob, data: []byte("x")}, packEntry{name: name, typ: typeBlob, data: []byte(secret)}, packEntry{name: high, typ: typeBlob, data: []byte("y")})
		h.touchPack("a", -time.Hour)
		path := h.packNamed("b") + ".idx"
		x := h.read(path)
		copy(x[8+1024:], []byte{name[0], 0xff, 0xff}) // the first of its names
		os.Remove(h.path(path))
		h.write(path, string(sealIndex(x)))
	}},
	{name: "a loose object beside a pack", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(clean)})
		h.looseAt(name, name.String()[2:], secret)
	}, history: true},
	{name: "a loose object with a twin in capitals", of: "clean", make: func(h *hostileRepo, name objectName, secret, clean string) {
		h.looseAt(name, name.String()[2:], secret)
		h.looseAt(name, strings.ToUpper(name.String()[2:]), clean)
	}},
}

// TestForgedNames: where a name stands for two contents, a scan tells of the secret
// or that something is wrong, whichever of them git shows.
func TestForgedNames(t *testing.T) {
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			h := hostileBase(t)
			h.write("good.txt", "nothing\n")
			h.git("", "add", ".")
			h.git("", "commit", "-q", "--amend", "-m", "clean")
			h.git("", "reflog", "expire", "--expire=now", "--all")
			h.git("", "gc", "-q", "--prune=now")
			if r := runScan(t, h.dir, nil, nil, "--history", "--no-cache"); r.code != exitClean {
				t.Fatalf("before it: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
			}
			name := hashOf("blob", []byte(cleanText))
			if f.of == "secret" {
				name = hashOf("blob", []byte(lowText))
			}
			// A tree has the name before any object does.
			tree := treeEntry(treeOf("forged.txt", name))
			commit := commitEntry(tree.name)
			h.onePack("t", tree, commit)
			h.write(".git/refs/heads/main", commit.name.String()+"\n")
			f.make(h, name, lowText, cleanText)
			h.write(".git/HEAD", "ref: refs/heads/main\n")
			shown, err := exec.Command("git", "-C", h.dir, "cat-file", "blob", name.String()).CombinedOutput()
			t.Logf("git shows %q, %v", shown, err)
			for _, args := range [][]string{
				{"--history", "--no-cache"}, {"--history"}, {"--history"}, {"--history", "--no-cache", "-j", "1"}, {"--history", "--prove", "--no-cache"},
				{"--range", "HEAD"},
			} {
				if f.history && args[0] == "--range" {
					continue
				}
				r := runScan(t, h.dir, nil, nil, append(args, "--fail-on", "low")...)
				r.calm(t)
				told := strings.Contains(r.stdout, "forged.txt")
				switch {
				case r.code == exitIncomplete, r.code == exitFindings && (told || strings.Contains(r.stdout, "incomplete")):
				default:
					t.Errorf("%v: exit code %d\n%s%s", args, r.code, r.stdout, r.stderr)
				}
			}
		})
	}
}

// TestForgedAccepted: a password that can be guessed is accepted by its place. Other
// bytes under the name of that blob are not accepted with it.
func TestForgedAccepted(t *testing.T) {
	h := hostileBase(t)
	h.write("good.txt", "nothing\n")
	h.write("forged.txt", lowText)
	h.git("", "add", ".")
	h.git("", "commit", "-q", "--amend", "-m", "one")
	h.git("", "reflog", "expire", "--expire=now", "--all")
	h.git("", "gc", "-q", "--prune=now")
	var d document
	if r := runScan(t, h.dir, nil, nil, "--history", "--format", "json"); json.Unmarshal([]byte(r.stdout), &d) != nil || len(d.Findings) != 1 {
		t.Fatalf("exit code %d\n%s", r.code, r.stdout)
	}
	h.write(".scanignore", fmt.Sprint("fingerprint:", d.Findings[0]["fingerprint"], " -- a sample\n"))
	args := []string{"--history", "--fail-on", "low"}
	if r := runScan(t, h.dir, nil, nil, args...); r.code != exitClean || !strings.Contains(r.stdout+r.stderr, "suppressed") {
		t.Fatalf("before it: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	forge(h, "HEAD:forged.txt", typeBlob, []byte(strings.Replace(lowText, "hunter22", "hunter33", 1)))
	for range 2 {
		if r := runScan(t, h.dir, nil, nil, args...); r.code == exitClean || !strings.Contains(r.stdout, "hash to its name") {
			t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
		}
	}
}

// TestForgedVersion: the same, of a later version. What was never accepted is not
// accepted by it, though it stood in the file before.
func TestForgedVersion(t *testing.T) {
	h := hostileBase(t)
	other := strings.Replace(lowText, "hunter22", "hunter33", 1)
	h.write("forged.txt", other)
	h.git("", "add", ".")
	h.git("", "commit", "-q", "--amend", "-m", "one")
	h.write("forged.txt", lowText)
	h.git("", "commit", "-q", "-a", "-m", "two")
	h.git("", "reflog", "expire", "--expire=now", "--all")
	h.git("", "gc", "-q", "--prune=now")
	var d document
	if r := runScan(t, h.dir, nil, nil, "--format", "json", "forged.txt"); json.Unmarshal([]byte(r.stdout), &d) != nil || len(d.Findings) != 1 {
		t.Fatalf("exit code %d\n%s", r.code, r.stdout)
	}
	if r := runScan(t, h.dir, nil, nil, "triage", "--accept", fmt.Sprint(d.Findings[0]["fingerprint"]), "--reason", "a sample", "forged.txt"); r.code != exitClean {
		t.Fatalf("triage: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	args := []string{"--history", "--fail-on", "low"}
	if r := runScan(t, h.dir, nil, nil, args...); r.code != exitFindings || !strings.Contains(r.stdout, "1 finding suppressed") {
		t.Fatalf("before it: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	forge(h, "HEAD:forged.txt", typeBlob, []byte(other))
	if r := runScan(t, h.dir, nil, nil, args...); r.code == exitClean || !strings.Contains(r.stdout, "hash to its name") {
		t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// TestForgedIndex: a staged name that stands for other bytes is not read.
func TestForgedIndex(t *testing.T) {
	h := hostileBase(t)
	h.write("forged.txt", cleanText)
	h.git("", "add", "forged.txt")
	name := hashOf("blob", []byte(cleanText))
	os.Remove(h.path(".git/objects/" + name.String()[:2] + "/" + name.String()[2:]))
	h.onePack("a", packEntry{name: name, typ: typeBlob, data: []byte(lowText)})
	if r := runScan(t, h.dir, nil, nil, "--staged"); r.code != exitIncomplete {
		t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if r := runScan(t, h.dir, nil, nil, "hook", "run", "pre-commit"); r.code == exitClean {
		t.Error("the commit was let through")
	}
}

// onePack adds a pack whose name begins with so many of one letter.
func (h *hostileRepo) onePack(letter string, list ...packEntry) {
	h.Helper()
	pack, idx := buildPack(list)
	base := h.packNamed(letter)
	h.write(base+".pack", string(pack))
	h.write(base+".idx", string(idx))
}

// packNamed is where onePack put a pack, without an ending.
func (h *hostileRepo) packNamed(letter string) string {
	return ".git/objects/pack/pack-" + strings.Repeat(fmt.Sprintf("%x", letter[0]), 20)
}

// looseBlob writes a loose blob, which a pack may have as well.
func (h *hostileRepo) looseBlob(text string) {
	h.Helper()
	name := hashOf("blob", []byte(text)).String()
	h.write(".git/objects/"+name[:2]+"/"+name[2:], string(deflated(fmt.Appendf(nil, "blob %d\x00%s", len(text), text))))
}

// forgeMulti has the index of several packs say that victim stands where other
// does, with every checksum right.
func (h *hostileRepo) forgeMulti(victim, other objectName) {
	h.Helper()
	const path = ".git/objects/pack/multi-pack-index"
	d := h.read(path)
	chunk := func(id string) int {
		for i := range int(d[6]) {
			if row := d[12+12*i:]; string(row[:4]) == id {
				return int(binary.BigEndian.Uint64(row[4:]))
			}
		}
		h.Fatalf("no chunk %s", id)
		return 0
	}
	n := int(binary.BigEndian.Uint32(d[chunk("OIDF")+1020:]))
	place := func(name objectName) []byte {
		for i := range n {
			if at := chunk("OIDL") + 20*i; string(d[at:at+20]) == string(name[:]) {
				return d[chunk("OOFF")+8*i:][:8]
			}
		}
		h.Fatalf("%s is not listed", name)
		return nil
	}
	copy(place(victim), place(other))
	os.Remove(h.path(path))
	h.write(path, string(sealIndex(d)))
}

// layerMulti makes a layer of the index of several packs, as git does since 2.47.
func (h *hostileRepo) layerMulti() {
	h.Helper()
	const folder = ".git/objects/pack/multi-pack-index.d/"
	data := h.read(".git/objects/pack/multi-pack-index")
	name := fmt.Sprintf("%x", data[len(data)-20:])
	os.Remove(h.path(".git/objects/pack/multi-pack-index"))
	h.write(folder+"multi-pack-index-"+name+".midx", string(data))
	h.write(folder+"multi-pack-index-chain", name+"\n")
}

// forgeGraph has the commit-graph say of a commit that it has another tree, if that
// is named, or that its first parent is the one that other has.
func (h *hostileRepo) forgeGraph(path string, commit, other objectName, tree *objectName) {
	h.Helper()
	d := h.read(path)
	chunk := func(id string) int {
		for i := range int(d[6]) {
			if row := d[8+12*i:]; string(row[:4]) == id {
				return int(binary.BigEndian.Uint64(row[4:]))
			}
		}
		h.Fatalf("no chunk %s", id)
		return 0
	}
	n := int(binary.BigEndian.Uint32(d[chunk("OIDF")+1020:]))
	entry := func(name objectName) []byte {
		for i := range n {
			if at := chunk("OIDL") + 20*i; string(d[at:at+20]) == string(name[:]) {
				return d[chunk("CDAT")+36*i:][:36]
			}
		}
		h.Fatalf("%s is not listed", name)
		return nil
	}
	if tree != nil {
		copy(entry(commit), tree[:])
	} else {
		copy(entry(commit)[20:], entry(other)[20:28])
	}
	os.Remove(h.path(path))
	h.write(path, string(sealIndex(d)))
}

// TestForgedGraph: a commit-graph that gives a commit another tree, or other parents,
// than it has, so that git shows a secret that no ref reaches, or hides one. A scan
// tells in every mode that the two differ, also when it knows the repository already.
func TestForgedGraph(t *testing.T) {
	for _, c := range []struct {
		name   string
		layers bool
		tree   bool // else parents
		hides  bool // git shows less, not more
	}{
		{name: "another tree", tree: true}, {name: "another tree, in a layer", tree: true, layers: true},
		{name: "other parents"}, {name: "other parents, in a layer", layers: true}, {name: "fewer parents", hides: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := hostileBase(t)
			path := ".git/objects/info/commit-graph"
			write := []string{"commit-graph", "write", "--stdin-commits"}
			if c.layers {
				write = append(write, "--split=no-merge")
			}
			// One line of commits is clean, and another, which only the graph
			// remembers, has the secret.
			bad := h.git("", "rev-parse", "HEAD")
			h.write("good.txt", "nothing\n")
			h.git("", "add", ".")
			h.git("", "commit", "-q", "--amend", "-m", "clean")
			h.git("", "commit", "-q", "--allow-empty", "-m", "second")
			below := h.git("", "commit-tree", "-p", bad, "-m", "beside", "HEAD^{tree}")
			head := h.git("", "rev-parse", "HEAD")
			h.git("", "reflog", "expire", "--expire=now", "--all")
			if c.hides {
				h.git("", "reset", "-q", "--hard", below)
				head, bad, below = below, head, h.git("", "commit-tree", "-m", "root", "HEAD^{tree}")
				h.git("", "reflog", "expire", "--expire=now", "--all")
			}
			h.git(strings.Join([]string{head, bad, below}, "\n")+"\n", write...)
			if c.layers {
				top := h.git("", "commit-tree", "-p", "HEAD", "-m", "third", "HEAD^{tree}")
				h.git("", "update-ref", "refs/heads/"+h.git("", "branch", "--show-current"), top)
				h.git(top+"\n", write...)
				path = ".git/objects/info/commit-graphs/graph-" + strings.Fields(string(h.read(".git/objects/info/commit-graphs/commit-graph-chain")))[0] + ".graph"
				h.git("", "reflog", "expire", "--expire=now", "--all")
			}
			clean := exitClean
			if c.hides {
				clean = exitFindings
			}
			for range 2 { // what the second one says was kept
				if r := runScan(t, h.dir, nil, nil, "--history"); r.code != clean {
					t.Fatalf("before it: exit code %d\n%s%s", r.code, r.stdout, r.stderr)
				}
			}
			if c.tree {
				tree := parseName(h.git("", "rev-parse", bad+"^{tree}"))
				h.forgeGraph(path, parseName(head), objectName{}, &tree)
			} else {
				h.forgeGraph(path, parseName(head), parseName(below), nil)
			}
			if shown := strings.Contains(h.git("", "log", "-p", "-m", "--root"), h.secret); shown == c.hides {
				t.Fatalf("git shows the secret: %v", shown)
			}
			h.write("msg", "refs/heads/main "+head+" refs/heads/main "+strings.Repeat("0", 40)+"\n")
			modes := [][]string{{"--history"}, {"--history"}, {"--range", "HEAD"}}
			if c.name == "another tree" || os.Getenv(heavyVariable) != "" {
				modes = append(modes, []string{"--history", "--no-cache"}, []string{"--history", "-j", "1", "--unreachable"}, []string{"--since-ref", head + "^"}, []string{"verify-gone", "msg"},
					[]string{"literal", "--history"}, []string{"baseline", "create", "--history", "--baseline", "b"}, []string{"hook", "run", "pre-push", "origin", "x"})
			}
			if !c.layers {
				modes = append(modes, []string{"--staged"}, []string{"hook", "run", "pre-commit"})
			}
			for _, args := range modes {
				stdin, err := os.Open(h.path("msg"))
				if err != nil {
					t.Fatal(err)
				}
				r := runScan(t, h.dir, nil, stdin, args...)
				stdin.Close()
				r.calm(t)
				told := strings.Contains(r.stdout+r.stderr, "than it has") || args[0] == "baseline" && strings.Contains(r.stderr, "incomplete")
				if r.code == exitClean || !told {
					t.Errorf("%v: exit code %d\n%s%s", args, r.code, clip(r.stdout), clip(r.stderr))
				}
			}
		})
	}
}

// TestForgedGenerations: generation numbers of a commit-graph that lie let git stop early
// or late, but show nothing that no ref reaches; a scan does not look at them.
func TestForgedGenerations(t *testing.T) {
	const path = ".git/objects/info/commit-graph"
	h := hostileBase(t)
	bad := h.git("", "rev-parse", "HEAD")
	blob := h.git("", "rev-parse", "HEAD:good.txt")
	h.write("good.txt", "nothing\n")
	h.git("", "add", ".")
	h.git("", "commit", "-q", "--amend", "-m", "clean")
	for range 4 {
		h.git("", "commit", "-q", "--allow-empty", "-m", "more")
	}
	above := h.git("", "commit-tree", "-p", "HEAD", "-p", bad, "-m", "beside", "HEAD^{tree}")
	h.git("", "reflog", "expire", "--expire=now", "--all")
	h.git(above+"\n", "commit-graph", "write", "--stdin-commits", "--changed-paths")
	whole := h.read(path)
	d := whole
	entries, n := 0, 0
	for i := range int(d[6]) {
		at := int(binary.BigEndian.Uint64(d[8+12*i+4:]))
		switch string(d[8+12*i:][:4]) {
		case "OIDF":
			n = int(binary.BigEndian.Uint32(d[at+1020:]))
		case "CDAT":
			entries = at
		}
	}
	for _, lie := range []uint64{0, 1, 1 << 29, 1<<30 - 20} {
		d := slices.Clone(whole)
		for i := range n {
			row := d[entries+36*i+28:]
			const time = 1<<34 - 1 // its bits, which stay
			if lie++; i%2 == 0 {
				binary.BigEndian.PutUint64(row, binary.BigEndian.Uint64(row)&time|lie<<34)
			}
		}
		os.Remove(h.path(path))
		h.write(path, string(sealIndex(d)))
		if strings.Contains(h.git("", "rev-list", "--objects", "--all"), blob) || strings.Contains(h.git("", "log", "--topo-order", "-p", "HEAD~2..HEAD"), h.secret) {
			t.Errorf("%x: git shows what no ref reaches", lie)
		}
		for _, args := range [][]string{{"--history", "--no-cache"}, {"--range", "HEAD~2..HEAD"}} {
			if r := runScan(t, h.dir, nil, nil, args...); r.code != exitClean {
				t.Errorf("%x %v: exit code %d\n%s%s", lie, args, r.code, r.stdout, r.stderr)
			}
		}
	}
}
