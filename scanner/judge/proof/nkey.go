package proof

import (
	"encoding/base32"
	"encoding/binary"
)

// nkey: a NATS key in base32 that ends in the CRC-16 of the bytes before. A
// seed begins with S and the letter of its kind; a key without the S is public.
func nkey(token []byte) Result {
	var raw [36]byte
	if len(token) != 58 && len(token) != 56 {
		return Result{}
	}
	n, err := base32.StdEncoding.WithPadding(base32.NoPadding).Decode(raw[:], token)
	if err != nil {
		return Result{}
	}
	body := raw[:n-2]
	seed := body[0]>>3 == 'S'-'A'
	kind := body[0] >> 3
	if seed {
		kind = (body[0]&7)<<2 | body[1]>>6
	}
	name, known := nkeyKinds[kind+'A']
	switch {
	case !known || seed != (len(token) == 58):
		return Result{}
	case crc16(body) != binary.LittleEndian.Uint16(raw[n-2:]):
		return mismatch("")
	case seed:
		return verified("seed of a NATS " + name)
	}
	return Result{State: Verified, Marks: Public, Note: "public key of a NATS " + name}
}

// IsPublicNkey says whether token is the public half of a NATS key.
func IsPublicNkey(token []byte) bool {
	return len(token) == 56 && nkey(token).Has(Public)
}

var nkeyKinds = map[byte]string{'A': "account", 'C': "cluster", 'N': "server", 'O': "operator", 'U': "user", 'X': "curve key"}

// crc16 is CRC-16/XMODEM.
func crc16(data []byte) uint16 {
	crc := uint16(0)
	for _, b := range data {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
