package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
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
	of string
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
	base := ".git/objects/pack/pack-" + strings.Repeat(fmt.Sprintf("%x", letter[0]), 20)
	h.write(base+".pack", string(pack))
	h.write(base+".idx", string(idx))
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
