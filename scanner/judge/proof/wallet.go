package proof

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"math/big"
	"strconv"
)

const (
	bitcoinDigits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	rippleDigits  = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
)

// base58 decodes a number to the base of 58; leading zero digits are zero bytes.
func base58(text []byte, digits string) ([]byte, bool) {
	n, base := new(big.Int), big.NewInt(58)
	zeros := 0
	for i, c := range text {
		d := bytes.IndexByte([]byte(digits), c)
		if d < 0 {
			return nil, false
		}
		if d == 0 && zeros == i {
			zeros++
		}
		n.Mul(n, base).Add(n, big.NewInt(int64(d)))
	}
	return append(make([]byte, zeros), n.Bytes()...), true
}

// base58Check: the last four bytes are the start of SHA-256, twice, of the rest.
func base58Check(token []byte, digits string) ([]byte, Result) {
	if len(token) > 128 {
		return nil, Result{}
	}
	raw, ok := base58(token, digits)
	if !ok || len(raw) < 8 {
		return nil, mismatch("")
	}
	data := raw[:len(raw)-4]
	one := sha256.Sum256(data)
	two := sha256.Sum256(one[:])
	return data, verdict(bytes.Equal(two[:4], raw[len(data):]))
}

// bitcoinKey: keys of Bitcoin in its wallet import format, and extended keys.
func bitcoinKey(token []byte) Result {
	_, r := base58Check(token, bitcoinDigits)
	return r
}

// xrpSeed: a family seed has the version 0x21 before its 16 bytes.
func xrpSeed(token []byte) Result {
	data, r := base58Check(token, rippleDigits)
	if r.State == Verified && (len(data) != 17 || data[0] != 0x21) {
		return mismatch("")
	}
	return r
}

// bech32Key: BIP 173, the checksum that nostr, Sui and age share.
func bech32Key(token []byte) Result {
	at := bytes.LastIndexByte(token, '1')
	if at < 1 || len(token)-at < 8 || len(token) > 128 {
		return Result{}
	}
	sum, ok := bech32Sum(token, at)
	if !ok {
		return mismatch("")
	}
	return verdict(sum == 1)
}

// bech32Sum is the checksum over a text whose prefix ends before at; false if it
// holds what no digit is.
func bech32Sum(token []byte, at int) (sum uint32, ok bool) {
	sum = 1
	for _, c := range token[:at] {
		sum = polymod(sum, c>>5)
	}
	sum = polymod(sum, 0)
	for _, c := range token[:at] {
		sum = polymod(sum, c&31)
	}
	for _, c := range token[at+1:] {
		v := bytes.IndexByte([]byte("qpzry9x8gf2tvdw0s3jn54khce6mua7l"), c)
		if v < 0 {
			return 0, false
		}
		sum = polymod(sum, byte(v))
	}
	return sum, true
}

// stellarSeed: base32 of a version byte, 32 bytes and their CRC-16 (XModem),
// low byte first.
func stellarSeed(token []byte) Result {
	if len(token) != 56 {
		return Result{}
	}
	var raw [35]byte
	if n, err := base32.StdEncoding.Decode(raw[:], token); err != nil || n != 35 {
		return mismatch("")
	}
	sum := crc16(raw[:33])
	return verdict(raw[0] == 18<<3 && raw[33] == byte(sum) && raw[34] == byte(sum>>8))
}

// solanaKey: 32 bytes of seed and the public key that follows from them, as a
// number to the base of 58 or as a list of bytes.
func solanaKey(token []byte) Result {
	var raw []byte
	if i := bytes.IndexByte(token, '['); i >= 0 {
		for field := range bytes.FieldsFuncSeq(token[i:], func(r rune) bool { return r < '0' || r > '9' }) {
			n, err := strconv.Atoi(string(field))
			if err != nil || n > 255 || len(raw) > 64 {
				return mismatch("")
			}
			raw = append(raw, byte(n))
		}
	} else {
		ok := false
		if raw, ok = base58(token[:min(len(token), 90)], bitcoinDigits); !ok || len(token) > 90 {
			return Result{}
		}
	}
	if len(raw) != ed25519.PrivateKeySize {
		return Result{}
	}
	fits := bytes.Equal(ed25519.NewKeyFromSeed(raw[:32])[32:], raw[32:])
	if i := bytes.IndexByte(token, '['); !fits && i >= 0 && !bytes.Contains(bytes.ToLower(token[:i]), []byte("key")) {
		return Result{State: Mismatch, Marks: Sample} // a table of 64 bytes that nobody calls a key
	}
	return verdict(fits)
}

// derKey: the content of a PEM block alone, in base64 on one line.
func derKey(token []byte) Result {
	raw, ok := decode64(token)
	if !ok {
		return mismatch("not base64")
	}
	if kind := parseDER(raw); kind != "" {
		return verified(kind)
	}
	return shapeDER(raw)
}

// flyMacaroon: one or more tokens of Fly.io in base64, each a list in MessagePack
// of four fields: the nonce, the place, the caveats and the signature.
func flyMacaroon(token []byte) Result {
	token = bytes.TrimPrefix(token, []byte("FlyV1 "))
	found := false
	for part := range bytes.SplitSeq(token, []byte(",")) {
		_, body, ok := bytes.Cut(part, []byte("_"))
		if !ok {
			return Result{}
		}
		raw, ok := decode64(body)
		if !ok || len(raw) < 48 || raw[0] != 0x94 || raw[1]&0xf0 != 0x90 {
			return mismatch("")
		}
		found = true
	}
	if !found {
		return Result{}
	}
	return Result{State: Verified, Marks: Structure}
}
