package proof

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// toBase58 is the encoder of which base58 is the reverse.
func toBase58(raw []byte, digits string) string {
	n, base, rest := new(big.Int).SetBytes(raw), big.NewInt(58), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, rest)
		out = append([]byte{digits[rest.Int64()]}, out...)
	}
	for _, b := range raw {
		if b != 0 {
			break
		}
		out = append([]byte{digits[0]}, out...)
	}
	return string(out)
}

func toBase58Check(raw []byte, digits string) string {
	one := sha256.Sum256(raw)
	two := sha256.Sum256(one[:])
	return toBase58(append(raw, two[:4]...), digits)
}

func toBech32(human string, data []byte) string {
	const digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	var five []byte
	bits, held := 0, 0
	for _, b := range data {
		bits, held = bits<<8|int(b), held+8
		for held >= 5 {
			held -= 5
			five = append(five, byte(bits>>held&31))
		}
	}
	if held > 0 {
		five = append(five, byte(bits<<(5-held)&31))
	}
	sum := uint32(1)
	feed := func(list ...byte) {
		for _, v := range list {
			sum = polymod(sum, v)
		}
	}
	for _, c := range []byte(human) {
		feed(c >> 5)
	}
	feed(0)
	for _, c := range []byte(human) {
		feed(c & 31)
	}
	feed(five...)
	feed(0, 0, 0, 0, 0, 0)
	sum ^= 1
	out := human + "1"
	for _, v := range five {
		out += string(digits[v])
	}
	for i := range 6 {
		out += string(digits[sum>>(5*(5-i))&31])
	}
	return out
}

func bitwiseCRC16(data []byte) uint16 {
	sum := 0
	for _, b := range data {
		for i := 7; i >= 0; i-- {
			bit := int(b)>>i&1 ^ sum>>15&1
			sum = sum << 1 & 0xffff
			if bit == 1 {
				sum ^= 0x1021
			}
		}
	}
	return uint16(sum)
}

// wallets makes a key of each kind of wallet.
func (g gen) wallets() map[string]string {
	secret := g.raw(32)
	pair := ed25519.NewKeyFromSeed(secret)
	seed := append([]byte{18 << 3}, secret...)
	sum := bitwiseCRC16(seed)
	return map[string]string{
		"base58check":  toBase58Check(append(append([]byte{0x80}, secret...), 1), bitcoinDigits),
		"xrp-seed":     toBase58Check(append([]byte{0x21}, secret[:16]...), rippleDigits),
		"bech32":       toBech32("nsec", secret),
		"stellar-seed": base32.StdEncoding.EncodeToString(append(seed, byte(sum), byte(sum>>8))),
		"solana-key":   toBase58(pair, bitcoinDigits),
	}
}

func TestWallets(t *testing.T) {
	g := newGen()
	for range 20 {
		for check, token := range g.wallets() {
			if r := Check(check, []byte(token)); r.State != Verified {
				t.Errorf("%s: a whole key of %d characters is not verified", check, len(token))
			}
			if r := Check(check, swapTwo(token)); r.State != Mismatch {
				t.Errorf("%s: a key with two characters exchanged is not a mismatch", check)
			}
		}
		list := "keypair = " + strings.ReplaceAll(fmt.Sprint([]byte(ed25519.NewKeyFromSeed(g.raw(32)))), " ", ", ")
		if r := Check("solana-key", []byte(list)); r.State != Verified {
			t.Error("solana-key: a list of bytes is not verified")
		}
		if r := Check("fly-macaroon", []byte("fm2_"+std(append([]byte{1}, g.raw(90)...)))); r.State != Mismatch {
			t.Error("fly-macaroon: random bytes are no mismatch")
		}
	}
}

// phrase encodes random bytes by writing them as one number to the base of 2048.
func (g gen) phrase(words int) string {
	data := g.raw(words * 4 / 3)
	sum := sha256.Sum256(data)
	n := new(big.Int).SetBytes(data)
	n.Lsh(n, uint(words/3)).Or(n, big.NewInt(int64(sum[0]>>(8-words/3))))
	out := make([]string, words)
	for i := words - 1; i >= 0; i-- {
		k := int(new(big.Int).And(n, big.NewInt(2047)).Int64())
		out[i] = strings.TrimSpace(phraseStarts[4*k : 4*k+4])
		n.Rsh(n, 11)
	}
	return strings.Join(out, " ")
}

func TestRecoveryPhrase(t *testing.T) {
	g := newGen()
	for _, words := range []int{12, 15, 18, 21, 24} {
		text := g.phrase(words)
		if r := Check("bip39", []byte("MNEMONIC=\""+text)); r.State != Verified || r.Marks != 0 {
			t.Errorf("%d words: state %d, marks %d", words, r.State, r.Marks)
		}
		_, rest, _ := strings.Cut(text, " ")
		wrong := 0
		for i := range 64 {
			if Check("bip39", []byte(strings.TrimSpace(phraseStarts[40*i:40*i+4])+" "+rest)).State == Mismatch {
				wrong++
			}
		}
		if wrong < 48 {
			t.Errorf("%d words: of 64 with another first word only %d are told", words, wrong)
		}
	}
	junk := strings.Repeat("test ", 11) + "junk"
	if r := Check("bip39", []byte(junk)); r.State != Verified || !r.Has(Sample) {
		t.Errorf("the phrase that development chains use: state %d, marks %d", r.State, r.Marks)
	}
	if r := Check("bip39", []byte(strings.Repeat("quarterly ", 11)+"zoo")); r.State != Mismatch {
		t.Errorf("a word of nine letters: state %d", r.State)
	}
}

// swapTwo exchanges two different characters near the middle.
func swapTwo(token string) []byte {
	b := bytes.Clone([]byte(token))
	for i := len(b) / 2; i+1 < len(b); i++ {
		if b[i] != b[i+1] {
			b[i], b[i+1] = b[i+1], b[i]
			return b
		}
	}
	return b
}
