package proof

import (
	"crypto/sha256"
	"math/big"
	"strings"
	"testing"
)

// base58Text writes a number to the base of 58.
func base58Text(data []byte) string {
	n, base, digit := new(big.Int).SetBytes(data), big.NewInt(58), new(big.Int)
	var text []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, digit)
		text = append([]byte{bitcoinDigits[digit.Int64()]}, text...)
	}
	for i := 0; i < len(data) && data[i] == 0; i++ {
		text = append([]byte{'1'}, text...)
	}
	return string(text)
}

func TestAddresses(t *testing.T) {
	hash := sha256.Sum256([]byte("an account"))
	checked := func(version byte) string {
		data := append([]byte{version}, hash[:20]...)
		one := sha256.Sum256(data)
		two := sha256.Sum256(one[:])
		return base58Text(append(data, two[:4]...))
	}
	for _, version := range []byte{0x00, 0x05, 0x41} { // Bitcoin, its scripts, Tron
		v := checked(version)
		if !IsAddress([]byte(v)) {
			t.Errorf("version %d: %q is no address", version, v)
		}
		other := strings.Map(func(r rune) rune {
			if r == rune(v[9]) {
				return 'z'
			}
			return r
		}, v)
		if other != v && IsAddress([]byte(other)) {
			t.Errorf("version %d: %q is an address, though its checksum does not fit", version, other)
		}
	}
	for v, want := range map[string]bool{
		"0x" + strings.Repeat("aB09", 10): true, "0x" + strings.Repeat("aB09", 16): false, "0x" + strings.Repeat("xy", 20): false,
		"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4": true, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5": false, // BIP 173
		"": false, "0": false,
	} {
		if got := IsAddress([]byte(v)); got != want {
			t.Errorf("%q: %v, want %v", v, got, want)
		}
	}
	key := base58Text(append([]byte{0x7f}, hash[:31]...))
	if !IsBase58Key([]byte(key)) || IsBase58Key([]byte(key+"1")) || IsBase58Key([]byte(key[:42])) {
		t.Errorf("%q: wrong as a key of 32 bytes", key)
	}
}

// TestTableOfBytes: 64 bytes that nobody calls a key are none; a key whose halves
// do not fit stays a mismatch.
func TestTableOfBytes(t *testing.T) {
	list := "[" + strings.TrimSuffix(strings.Repeat("17,4,", 32), ",") + "]"
	if r := Check("solana-key", []byte("new Uint8Array("+list)); r.State != Mismatch || !r.Has(Sample) {
		t.Errorf("a table: %+v", r)
	}
	if r := Check("solana-key", []byte("SECRET_KEY = Uint8Array.from("+list)); r.State != Mismatch || r.Has(Sample) {
		t.Errorf("a key: %+v", r)
	}
}
