package history

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/walk/pack"
)

// TestLarge has a blob over the limit, which is read piece by piece: loose, in a
// pack, in two, and of two where one is damaged. Else it is a gap.
func TestLarge(t *testing.T) {
	dir, names := simple(t)
	text := strings.Repeat("\x00\x01\x02", 1<<20)
	big := gitOut(t, dir, text, "hash-object", "-w", "--stdin")
	gitOut(t, dir, "", "update-ref", "refs/big", big)
	var mu sync.Mutex // guards read
	read := 0
	check := func(name string, least, most int) {
		t.Helper()
		read = 0
		r, _ := walked(t, dir, func(o *Options) {
			o.MaxObject = 1 << 20
			o.Large = func(_, n int, o *pack.Object, size int64, content io.Reader) error {
				data, err := io.ReadAll(content)
				if err != nil {
					return err
				}
				if size != int64(len(text)) || string(data) != text || o.Name != hashOf(big) || o.Type != plumbing.BlobObject {
					t.Errorf("%s: object %s of %d bytes, %d were read", name, o.Name, size, len(data))
				}
				mu.Lock()
				defer mu.Unlock()
				read++
				return nil
			}
		})
		if read < least || read > most {
			t.Errorf("%s: it was read %d times", name, read)
		}
		if most == 0 {
			gapsAre(t, r, "blob "+big)
			return
		}
		gapsAre(t, r)
		if r.Blobs.Read != 3 || r.Blobs.Reached != 3 || r.Blobs.Bytes < int64(len(text)) || r.Blobs.Bytes > int64(len(text))+100 {
			t.Errorf("%s: %+v", name, r.Blobs)
		}
		if n, ok := r.opt.Store.Number(hashOf(big)); !ok || r.Type(n) != plumbing.BlobObject || r.Size(n) != len(text) || !r.Reachable(n) {
			t.Errorf("%s: %s of %d bytes", name, r.Type(n), r.Size(n))
		}
	}
	check("loose", 1, 1)
	all := append(slices.Collect(maps.Values(names)), big)
	packOf(t, dir, "a", all...)
	check("loose and in a pack", 1, 2)
	forget(t, dir)
	check("in a pack", 1, 1)
	packOf(t, dir, "b", all...)
	check("in two packs", 1, 2)
	for _, n := range []string{"a", "b"} {
		list, _ := filepath.Glob(filepath.Join(dir, "objects", "pack", n+"-*.pack"))
		data, err := os.ReadFile(list[0])
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 1 // in the long stream
		os.Chmod(list[0], 0o600)
		if err := os.WriteFile(list[0], data, 0o600); err != nil {
			t.Fatal(err)
		}
		if n == "a" {
			check("in two packs, the first of them damaged", 1, 2)
		} else {
			check("in two packs, both damaged", 0, 0)
		}
	}
}
