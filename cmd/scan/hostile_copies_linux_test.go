package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestForgedLarge: a copy that is too large to be held is held to its name all the same.
func TestForgedLarge(t *testing.T) {
	const size = 12 << 20 // with 20 MB of memory
	large := strings.Repeat("nothing to see here\n", size/20)
	long := large + lowText
	delta := append(copyAll(deltaHead(len(large), len(long)), len(large)), byte(len(lowText)))
	for name, list := range map[string][2][]packEntry{
		"two whole ones":             {{{data: []byte(large)}}, {{data: []byte(long)}}},
		"two, the other way":         {{{data: []byte(long)}}, {{data: []byte(large)}}},
		"a small and a large one":    {{{data: []byte(cleanText)}}, {{data: []byte(long)}}},
		"a small one and a delta":    {{{data: []byte(cleanText)}}, {{typ: typeRef, base: hashOf("blob", []byte(large)), data: append(delta, lowText...)}, blobEntry(large)}},
		"a small and a large commit": {{{data: []byte(cleanText)}}, {{typ: typeCommit, data: []byte(long)}}},
	} {
		t.Run(name, func(t *testing.T) {
			h := hostileBase(t)
			h.write("good.txt", "nothing\n")
			h.git("", "add", ".")
			h.git("", "commit", "-q", "--amend", "-m", "clean")
			h.git("", "reflog", "expire", "--expire=now", "--all")
			h.git("", "gc", "-q", "--prune=now")
			blob := hashOf("blob", []byte(cleanText))
			if strings.HasPrefix(name, "two") {
				blob = hashOf("blob", []byte(large))
			}
			for i, letter := range []string{"a", "b"} {
				if list[i][0].name = blob; list[i][0].typ == 0 {
					list[i][0].typ = typeBlob
				}
				h.onePack(letter, list[i]...)
			}
			tree := treeEntry(treeOf("forged.txt", blob))
			commit := commitEntry(tree.name)
			h.onePack("t", tree, commit)
			h.write(".git/refs/heads/main", commit.name.String()+"\n")
			h.write(".git/HEAD", "ref: refs/heads/main\n")
			for _, args := range [][]string{{"--history", "--no-cache"}, {"--history"}, {"--history"}, {"--range", "HEAD"}} {
				r := runScan(t, h.dir, nil, nil, append(args, "--memory", "20MB", "--fail-on", "low")...)
				r.calm(t)
				if told := strings.Contains(r.stdout, "forged.txt"); r.code == exitClean || r.code == exitFindings && !told && !strings.Contains(r.stdout, "incomplete") {
					t.Errorf("%v: exit code %d\n%s%s", args, r.code, r.stdout, r.stderr)
				}
			}
		})
	}
}

// TestForgedRefs: where packed-refs has a ref twice, or not in its place, git lists what
// a scan would take for reached by no ref.
func TestForgedRefs(t *testing.T) {
	const sorted = "# pack-refs with: peeled fully-peeled sorted \n"
	for name, text := range map[string]string{
		"twice":                       sorted + "CLEAN refs/heads/b\nSECRET refs/heads/b\n",
		"twice, in a file of old":     "CLEAN refs/heads/b\nSECRET refs/heads/b\n",
		"behind a ref that is larger": sorted + "CLEAN refs/heads/z\nSECRET refs/heads/a\n",
	} {
		t.Run(name, func(t *testing.T) {
			h := hostileBase(t)
			secret := h.git("", "rev-parse", "HEAD")
			h.write("good.txt", "nothing\n")
			h.git("", "add", ".")
			h.git("", "commit", "-q", "--amend", "-m", "clean")
			clean := h.git("", "rev-parse", "HEAD")
			h.git("", "branch", "a")
			os.RemoveAll(h.path(".git/logs"))
			h.write(".git/packed-refs", strings.NewReplacer("CLEAN", clean, "SECRET", secret).Replace(text))
			if !strings.Contains(h.git("", "rev-list", "--all"), secret) {
				t.Fatal("git does not list it")
			}
			for _, args := range [][]string{{"--history", "--no-cache"}, {"--history"}, {"--history"}} {
				if r := runScan(t, h.dir, nil, nil, args...); r.code == exitClean {
					t.Errorf("%v: exit code %d\n%s%s", args, r.code, r.stdout, r.stderr)
				}
			}
		})
	}
}

// TestForgedKind: what a range leaves out calls a tree a blob, so that git leaves the tree
// out as well, and all that is in it.
func TestForgedKind(t *testing.T) {
	h := hostileBase(t)
	blob := blobEntry("TOKEN=" + h.secret + "\n")
	below := treeEntry(treeOf("s.txt", blob.name))
	first := treeEntry(treeOf("x", below.name))
	second := treeEntry(treeOf("dir/", below.name))
	before := commitEntry(first.name)
	after := commitEntry(second.name, before.name)
	h.onePack("a", blob, below, first, second, before, after)
	h.write(".git/refs/heads/main", after.name.String()+"\n")
	if shown := h.git("", "show", "main:dir/s.txt"); !strings.Contains(shown, h.secret) {
		t.Fatalf("git shows %q", shown)
	}
	if r := runScan(t, h.dir, nil, nil, "--range", "main~1..main"); r.code != exitFindings || !strings.Contains(r.stdout, "dir/s.txt") {
		t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// touchPack sets the time of a pack: git asks the youngest first.
func (h *hostileRepo) touchPack(letter string, by time.Duration) {
	h.Helper()
	at := time.Now().Add(by)
	for _, ending := range []string{".pack", ".idx"} {
		if err := os.Chtimes(h.path(h.packNamed(letter)+ending), at, at); err != nil {
			h.Fatal(err)
		}
	}
}

// hidePack moves a pack into a folder, and has the index of several packs name it there.
func (h *hostileRepo) hidePack(letter string) {
	h.Helper()
	const path = ".git/objects/pack/multi-pack-index"
	old := filepath.Base(h.packNamed(letter))
	name := "zz/" + old[3:]
	if err := os.Mkdir(h.path(".git/objects/pack/zz"), 0o777); err != nil {
		h.Fatal(err)
	}
	for _, ending := range []string{".pack", ".idx"} {
		if err := os.Rename(h.path(".git/objects/pack/"+old+ending), h.path(".git/objects/pack/"+name+ending)); err != nil {
			h.Fatal(err)
		}
	}
	d := bytes.Replace(h.read(path), []byte(old), []byte(name), 1)
	os.Remove(h.path(path))
	h.write(path, string(sealIndex(d)))
}

// looseAt writes a loose blob under any name, into a file beside those of names like it.
func (h *hostileRepo) looseAt(name objectName, file, text string) {
	h.Helper()
	h.write(".git/objects/"+name.String()[:2]+"/"+file, string(deflated(fmt.Appendf(nil, "blob %d\x00%s", len(text), text))))
}
