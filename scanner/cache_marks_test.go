package scanner

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"keyrake/scanner/walk/store"
	"keyrake/scanner/warm"
)

// TestKnownByBytes: what was read is known by its bytes, in whatever files they
// are and however these were touched, and not because a cache says so that was
// made elsewhere.
func TestKnownByBytes(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("nothing is kept on this system")
	}
	l := newLedger(t, 5)
	for range 25 {
		l.write(l.mutator)
	}
	l.git("repack", "-adfq")
	l.write(l.mutator) // and loose objects
	packs := func() []string {
		list, _ := filepath.Glob(filepath.Join(l.Dir, ".git", "objects", "pack", "pack-*"))
		return list
	}
	loose := func() []string {
		list, _ := filepath.Glob(filepath.Join(l.Dir, ".git", "objects", "??", "*"))
		return list
	}
	move := func(to string) {
		if err := os.Rename(l.Dir, to); err != nil {
			t.Fatal(err)
		}
		l.Dir = to
	}
	copied := func(names []string) {
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			os.Remove(name)
			if err := os.WriteFile(name, data, 0o444); err != nil {
				t.Fatal(err)
			}
		}
	}
	time.Sleep(70 * time.Millisecond) // else files are too young for a seal to be known
	l.scan(true, 1)
	for _, step := range []struct {
		name   string
		change func()
		unread float64 // part of the objects that may be read again
	}{
		{"packs are touched, as git does to keep them", func() {
			for _, name := range packs() {
				os.Chtimes(name, time.Now(), time.Now())
			}
		}, 0.1},
		{"loose objects are touched", func() {
			for _, name := range loose() {
				os.Chtimes(name, time.Now(), time.Now())
			}
		}, 0.1},
		{"the repository is moved", func() { move(l.Dir + "-moved") }, 0.1},
		{"packs and loose objects are other files", func() { copied(packs()); copied(loose()) }, 0.1},
		{"packs have other names", func() {
			for _, name := range packs() {
				os.Rename(name, strings.Replace(name, "/pack-", "/pack-0", 1))
			}
		}, 0.1},
		{"objects are packed", func() { l.git("gc", "-q") }, 0.3},
		{"objects that are lost for refs go", func() {
			l.git("reset", "-q", "--hard", "HEAD~3")
			l.git("reflog", "expire", "--expire=now", "--all")
			l.git("gc", "-q", "--prune=now")
		}, 0.3},
		{"all is packed from scratch", func() { l.git("-c", "core.compression=1", "repack", "-adFq", "--depth=2") }, 1},
		{"the key is lost", func() {
			os.Remove(filepath.Join(l.Dir, ".git", "keyrake", "key"))
			os.Remove(filepath.Join(l.Dir, ".git", "keyrake", "history"))
		}, 1},
		{"all of it is a copy", func() {
			to := l.Dir + "-copied"
			if err := os.CopyFS(filepath.Join(to, ".git"), os.DirFS(filepath.Join(l.Dir, ".git"))); err != nil {
				t.Fatal(err)
			}
			l.Dir = to
		}, 1},
	} {
		step.change()
		time.Sleep(70 * time.Millisecond)
		want, _ := l.scan(false, 1)
		got, stats := l.scan(true, 1)
		if got != want {
			t.Fatalf("%s: %s", step.name, difference(want, got))
		}
		unread := float64(stats.Objects-stats.Known) / float64(stats.Objects)
		if unread > step.unread || step.unread == 1 && stats.Known > 0 || stats.BytesDecoded == 0 {
			t.Errorf("%s: %d of %d objects were known", step.name, stats.Known, stats.Objects)
		}
		if got, again := l.scan(true, 2); got != want || again.BytesDecoded > 0 {
			t.Errorf("%s: a second scan reads %d bytes again", step.name, again.BytesDecoded)
		}
	}
}

// TestNotFromElsewhere: a cache that says of a repository's very objects that they
// hold nothing is not believed if it came with them.
func TestNotFromElsewhere(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("nothing is kept on this system")
	}
	l := newLedger(t, 6)
	l.run("write", "a.txt", "TOKEN="+l.token(), strings.Repeat("filler\n", 300))
	l.run("commit", "one")
	l.git("repack", "-adq")
	time.Sleep(70 * time.Millisecond)
	want, _ := l.scan(false, 1)
	l.scan(true, 1)
	keyrake := filepath.Join(l.Dir, ".git", "keyrake")
	os.Remove(filepath.Join(keyrake, "history"))
	if _, stats := l.scan(true, 1); stats.Known == 0 {
		t.Fatal("nothing is known")
	}
	for _, name := range []string{"key", "objects"} { // as a copy brings them
		os.Remove(filepath.Join(keyrake, "history"))
		path := filepath.Join(keyrake, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		os.Remove(path)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, stats := l.scan(true, 1); got != want || (stats.Known > 0) == (name == "key") {
			t.Errorf("with another file of the same %s, %d objects are known", name, stats.Known)
		}
	}
}

// TestUnmarked: a pack that cannot be marked is none that was known.
func TestUnmarked(t *testing.T) {
	l := newLedger(t, 7)
	l.git("repack", "-adq")
	objects := store.Open([]string{filepath.Join(l.Dir, ".git", "objects")})
	defer objects.Close()
	objects.List()
	mark := markPack(objects.Packs()[0])
	b := newBytesOf(objects, nil)
	if now := b.packsNow(&past{Packs: []packMark{{}, mark}}); now[0] != -1 || now[1] != 0 && mark != (packMark{}) {
		t.Error(now)
	}
	if err := os.Remove(objects.Packs()[0].Path()); err != nil {
		t.Skip("an open file cannot be removed here")
	}
	if now := b.packsNow(&past{Packs: []packMark{{}, mark}}); now[0] != -1 || now[1] != -1 {
		t.Error(now)
	}
}

// TestLayout: whoever changes what is kept of objects names another layout, so
// that nothing that another build kept is misread.
func TestLayout(t *testing.T) {
	const known = "objects 4: scanner.past{Packs []scanner.packMark{Pack warm.Mark; Index warm.Mark}; Loose []warm.Mark; " +
		"Rules []scanner.pastRule{ID string; Digest string; Words []string; Said bool}; Words []string; Labels []string; " +
		"Decided []scanner.decided{Object plumbing.Hash; Inner string; Anchor literal.Hit{Off int32; Lit uint16}; Stored bool; Nth int; Rule string}; Spots []uint8; Reread []int32; Own int64}, 9 words for a spot"
	var b []byte
	n := 0
	for b = putSpot(nil, &occurrence{}, 0, 0); len(b) > 0; b = b[1:] {
		n++ // each is one byte
	}
	if got := fmt.Sprintf("%s: %s, %d words for a spot", layout, formOf(reflect.TypeFor[past]()), n); got != known {
		t.Errorf("what is kept has the form\n%s\nand was\n%s\nName another layout, and its form here", got, known)
	}
	m := &memo{search: []string{"a"}}
	was := m.objectsSeal()
	for name, other := range map[string]*memo{
		"another engine": {search: []string{"b"}},
		"another key":    {search: []string{"a"}, key: warm.Key{Bytes: []byte("k")}},
		"another file":   {search: []string{"a"}, key: warm.Key{Mark: warm.Mark{1}}},
	} {
		if other.objectsSeal().Same(was) {
			t.Errorf("%s: the same seal", name)
		}
	}
}

// formOf writes the exported fields of a type, with those of the types that they
// are made of.
func formOf(typ reflect.Type) string {
	switch typ.Kind() {
	case reflect.Slice:
		return "[]" + formOf(typ.Elem())
	case reflect.Struct:
	default:
		return typ.String()
	}
	var fields []string
	for i := range typ.NumField() {
		if f := typ.Field(i); f.IsExported() {
			fields = append(fields, f.Name+" "+formOf(f.Type))
		}
	}
	return typ.String() + "{" + strings.Join(fields, "; ") + "}"
}
