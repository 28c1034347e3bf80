package proof

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base32"
)

// IsAddress reports whether v is an address on a chain, where everybody may see it:
// of Ethereum and its kin by its shape, of Bitcoin and its kin, Tron and Stellar by
// their checksums.
func IsAddress(v []byte) bool {
	switch n := len(v); {
	case n == 42 && v[0] == '0' && v[1] == 'x':
		return isHexDigits(v[2:])
	case n == 56 && v[0] == 'G':
		var raw [35]byte
		if k, err := base32.StdEncoding.Decode(raw[:], v); err != nil || k != 35 {
			return false
		}
		sum := crc16(raw[:33])
		return raw[0] == 6<<3 && raw[33] == byte(sum) && raw[34] == byte(sum>>8)
	case n >= 26 && n <= 35 && bytes.IndexByte([]byte("139ADLMTX"), v[0]) >= 0:
		data, r := base58Check(v, bitcoinDigits)
		return r.State == Verified && len(data) == 21
	case n == 42 || n == 62:
		if !bytes.HasPrefix(v, []byte("bc1")) {
			return false
		}
		sum, ok := bech32Sum(v, 2)
		return ok && (sum == 1 || sum == 0x2bc830a3) // BIP 173, BIP 350
	}
	return false
}

// IsBase58Key reports whether v is as many digits to the base of 58 as a public key
// of Solana has, in all its kinds, and makes as many bytes.
func IsBase58Key(v []byte) bool {
	if len(v) != 43 && len(v) != 44 {
		return false
	}
	raw, ok := base58(v, bitcoinDigits)
	return ok && len(raw) == ed25519.PublicKeySize
}

func isHexDigits(v []byte) bool {
	for _, c := range v {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}
