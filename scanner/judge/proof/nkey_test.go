package proof

import (
	"encoding/base32"
	"encoding/binary"
	"math/rand"
	"testing"
)

// makeNkey makes a key of 32 random bytes; kind is the letter of its kind.
func makeNkey(r *rand.Rand, kind byte, seed bool) []byte {
	k := kind - 'A'
	raw := []byte{k << 3}
	if seed {
		raw = []byte{('S'-'A')<<3 | k>>2, k << 6}
	}
	for range 32 {
		raw = append(raw, byte(r.Intn(256)))
	}
	raw = binary.LittleEndian.AppendUint16(raw, crc16(raw))
	return []byte(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
}

func TestNkey(t *testing.T) {
	if got := crc16([]byte("123456789")); got != 0x31c3 { // the check value of CRC-16/XMODEM
		t.Fatalf("crc16: %#x", got)
	}
	r := rand.New(rand.NewSource(1))
	for _, kind := range []byte("ACNOUX") {
		seed := makeNkey(r, kind, true)
		if seed[0] != 'S' || seed[1] != kind {
			t.Errorf("%c: a seed begins with %q", kind, seed[:2])
		}
		if got := Check("nats-nkey", seed); got.State != Verified || got.Has(Public) {
			t.Errorf("%c: seed: %+v", kind, got)
		}
		public := makeNkey(r, kind, false)
		if got := Check("nats-nkey", public); got.State != Verified || !got.Has(Public) {
			t.Errorf("%c: public key: %+v", kind, got)
		}
		other := byte('A')
		if seed[20] == other {
			other = 'B'
		}
		seed[20] = other
		if got := Check("nats-nkey", seed); got.State != Mismatch {
			t.Errorf("%c: altered seed: %+v", kind, got)
		}
	}
	for _, text := range []string{"", "SU", string(make([]byte, 58)), "SZ" + string(makeNkey(r, 'U', true)[2:])} {
		if got := Check("nats-nkey", []byte(text)); got.State == Verified {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
