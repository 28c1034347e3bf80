package warm

import (
	"bytes"
	"crypto/rand"
	"time"
)

// Key is a random number that is kept in a file of its own beside what is kept,
// with the mark of that file. A copy of the folder has another mark, whatever it
// holds: what is sealed with the key and the mark was written here.
type Key struct {
	Bytes []byte
	Mark  Mark
}

const keyBytes = 32

// LoadKey reads the key at path; false if there is none that only the user can
// have written.
func LoadKey(path string) (k Key, ok bool) {
	if k.Bytes, ok = Load(path, keySeal()); !ok || len(k.Bytes) != keyBytes {
		return Key{}, false
	}
	k.Mark, ok = MarkOf(path)
	return k, ok
}

// MakeKey is LoadKey, and makes a key where there is none. Of two that are made
// at one time, one stays; what is sealed with the other is of no use.
func MakeKey(path string) (Key, bool) {
	if k, ok := LoadKey(path); ok {
		return k, true
	}
	fresh := make([]byte, keyBytes)
	rand.Read(fresh)
	if err := Save(path, keySeal(), bytes.NewReader(fresh)); err != nil {
		return Key{}, false
	}
	return LoadKey(path)
}

func keySeal() Seal {
	s := NewSealer()
	s.Text("key")
	return s.Seal(time.Now())
}

// Key adds a key.
func (s *Sealer) Key(k Key) {
	s.Text(string(k.Bytes), string(k.Mark[:]))
}
