package warm

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestKey: a key stays as it is, and is another one in any other file.
func TestKey(t *testing.T) {
	needIdentity(t)
	path := filepath.Join(t.TempDir(), "keyrake", "key")
	if _, ok := LoadKey(path); ok {
		t.Fatal("a key that is not there")
	}
	k, ok := MakeKey(path)
	if !ok || len(k.Bytes) != keyBytes {
		t.Fatalf("%d bytes, %t", len(k.Bytes), ok)
	}
	same, ok := MakeKey(path)
	if !ok || !bytes.Equal(same.Bytes, k.Bytes) || same.Mark != k.Mark {
		t.Error("the key changes")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	seal := func(k Key) Seal {
		s := NewSealer()
		s.Key(k)
		return s.Seal(later())
	}
	time.Sleep(30 * time.Millisecond) // longer than a tick of the file's clock
	os.Remove(path)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if copied, ok := LoadKey(path); !ok || !bytes.Equal(copied.Bytes, k.Bytes) || seal(copied).Same(seal(k)) {
		t.Error("a copy seals as the key itself")
	}
	if err := os.WriteFile(path, data[:len(data)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if other, ok := MakeKey(path); !ok || bytes.Equal(other.Bytes, k.Bytes) {
		t.Error("a damaged key is not made anew")
	}
}
