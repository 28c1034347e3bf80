package proof

import (
	"bytes"
	"encoding/base32"
	"encoding/binary"
	"fmt"
)

// awsAccount decodes the account that owns a key id. Any base-32 text decodes,
// so success proves nothing and is a note only; an account above twelve digits
// cannot be.
func awsAccount(token []byte) Result {
	if len(token) != 20 {
		return Result{}
	}
	// Ids from before 2019 carry no account; their fifth character is I or J.
	if c := token[4]; c == 'I' || c == 'J' {
		return Result{}
	}
	var raw [10]byte
	if n, err := base32.StdEncoding.Decode(raw[:], token[4:]); err != nil || n != 10 {
		return Result{}
	}
	six := append([]byte{0, 0}, raw[:6]...)
	account := binary.BigEndian.Uint64(six) & 0x7fffffffff80 >> 7
	if account > 999_999_999_999 {
		return mismatch("")
	}
	return Result{Note: fmt.Sprintf("AWS account %012d", account)}
}

// bedrock: a long-lived key is ABSK and base64 of a name, a colon and the
// secret; a short-lived one is a presigned URL in base64.
func bedrock(token []byte) Result {
	if b, ok := bytes.CutPrefix(token, []byte("bedrock-api-key-")); ok {
		raw, ok := decode64(b)
		return verdict(ok && bytes.HasPrefix(raw, []byte("bedrock.amazonaws.com/")))
	}
	b, ok := bytes.CutPrefix(token, []byte("ABSK"))
	if !ok {
		return Result{}
	}
	raw, ok := decode64(b)
	name, secret, cut := bytes.Cut(raw, []byte(":"))
	if !ok || !cut || len(secret) < 16 || !bytes.HasPrefix(name, []byte("BedrockAPIKey-")) {
		return mismatch("")
	}
	if _, account, ok := bytes.Cut(name, []byte("-at-")); ok && len(account) == 12 && allDigits(account) {
		return verified("AWS account " + string(account))
	}
	return verified("")
}

// azureStorage: an account key is 64 random bytes.
func azureStorage(token []byte) Result {
	if i := bytes.Index(token, []byte("AccountKey=")); i >= 0 {
		token = token[i+len("AccountKey="):]
		if j := bytes.IndexAny(token, ";\"' \r\n"); j >= 0 {
			token = token[:j]
		}
	}
	if len(token) != 88 || !bytes.HasSuffix(token, []byte("==")) {
		return Result{}
	}
	raw, ok := decode64(token)
	return verdict(ok && len(raw) == 64 && varied(raw))
}

// pypi: a version 2 macaroon: location, identifier, caveats and a signature of
// 32 bytes, each behind its type and length.
func pypi(token []byte) Result {
	b, ok := bytes.CutPrefix(token, []byte("pypi-"))
	if !ok {
		return Result{}
	}
	raw, ok := decode64(b)
	if !ok || len(raw) < 3 || raw[0] != 2 {
		return mismatch("")
	}
	location, ok := macaroon(raw[1:])
	if !ok || location != "pypi.org" && location != "test.pypi.org" {
		return mismatch("")
	}
	return verified("issued by " + location)
}

func macaroon(data []byte) (location string, ok bool) {
	const (
		end = iota
		place
		identifier
		_
		verification
		_
		signature
	)
	for len(data) > 0 {
		kind := data[0]
		data = data[1:]
		if kind == end {
			continue
		}
		size, n := binary.Uvarint(data)
		if n <= 0 || size > uint64(len(data)-n) {
			return "", false
		}
		field := data[n : n+int(size)]
		data = data[n+int(size):]
		switch kind {
		case place:
			location = public(string(field))
		case identifier, verification:
		case signature:
			return location, len(field) == 32 && len(data) == 0
		default:
			return "", false
		}
	}
	return "", false
}

// ageKey: bech32 in upper case over 32 bytes.
func ageKey(token []byte) Result {
	const human = "AGE-SECRET-KEY-"
	b, ok := body(token, 59, human)
	if !ok || b[0] != '1' {
		return Result{}
	}
	const alphabet = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"
	sum := uint32(1)
	for _, c := range []byte("age-secret-key-") {
		sum = polymod(sum, c>>5)
	}
	sum = polymod(sum, 0)
	for _, c := range []byte("age-secret-key-") {
		sum = polymod(sum, c&31)
	}
	for _, c := range b[1:] {
		v := bytes.IndexByte([]byte(alphabet), c)
		if v < 0 {
			return mismatch("")
		}
		sum = polymod(sum, byte(v))
	}
	return verdict(sum == 1)
}

func polymod(sum uint32, v byte) uint32 {
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ uint32(v)
	for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}
