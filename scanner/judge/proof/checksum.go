package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"strconv"
)

const (
	digits62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	hexLower = "0123456789abcdef"
	hexUpper = "0123456789ABCDEF"
)

// body cuts one of the prefixes off a token and wants n bytes to be left.
func body(token []byte, n int, prefixes ...string) ([]byte, bool) {
	for _, p := range prefixes {
		if len(token) == len(p)+n && string(token[:len(p)]) == p {
			return token[len(p):], true
		}
	}
	return nil, false
}

// sumIsHex says whether sum is the 8 digits of v.
func sumIsHex(v uint32, sum []byte, digits string) bool {
	if len(sum) != 8 {
		return false
	}
	for i := range 8 {
		if sum[i] != digits[v>>(28-4*i)&15] {
			return false
		}
	}
	return true
}

// sumIs62 says whether sum is v in base 62, padded with zeros to 6 digits.
func sumIs62(v uint32, sum []byte) bool {
	if len(sum) != 6 {
		return false
	}
	for i := 5; i >= 0; i-- {
		if sum[i] != digits62[v%62] {
			return false
		}
		v /= 62
	}
	return true
}

// cloudflare: 40 characters and the CRC-32 of these alone, without the prefix.
func cloudflare(token []byte) Result {
	b, ok := body(token, 48, "cfut_", "cfat_", "cfk_", "cfast_")
	if !ok {
		return Result{}
	}
	return verdict(sumIsHex(crc32.ChecksumIEEE(b[:40]), b[40:], hexLower))
}

// github: classic tokens end in the CRC-32 of the body in base 62.
func github(token []byte) Result {
	b, ok := body(token, 36, "ghp_", "gho_", "ghu_", "ghs_", "ghr_")
	if !ok {
		b, ok = body(token, 76, "ghr_")
	}
	if !ok {
		return Result{}
	}
	n := len(b) - 6
	return verdict(sumIs62(crc32.ChecksumIEEE(b[:n]), b[n:]))
}

// githubPAT only speaks for a token: the rule is known from one fixture.
func githubPAT(token []byte) Result {
	b, ok := body(token, 82, "github_pat_")
	if !ok || b[22] != '_' {
		return Result{}
	}
	head := len(token) - 16
	sum := sha256.Sum256(token[:head])
	var text [56]byte
	base32.StdEncoding.Encode(text[:], sum[:])
	if bytes.Equal(text[:8], token[head:head+8]) {
		return verified("")
	}
	return Result{}
}

func npm(token []byte) Result {
	b, ok := body(token, 36, "npm_")
	if !ok {
		return Result{}
	}
	return verdict(sumIs62(crc32.ChecksumIEEE(b[:30]), b[30:]))
}

func vercel(token []byte) Result {
	b, ok := body(token, 56, "vcp_", "vci_", "vca_", "vcr_", "vck_")
	if !ok {
		return Result{}
	}
	return verdict(sumIs62(crc32.ChecksumIEEE(b[:50]), b[50:]))
}

// grafana: the sum covers the prefix and is written lowest byte first.
func grafana(token []byte) Result {
	b, ok := body(token, 41, "glsa_")
	if !ok || b[32] != '_' {
		return Result{}
	}
	sum := littleEndian(crc32.ChecksumIEEE(token[:5+32]))
	var text [8]byte
	hex.Encode(text[:], sum[:])
	return verdict(bytes.EqualFold(text[:], b[33:]))
}

func confluent(token []byte) Result {
	b, ok := body(token, 60, "cflt")
	if !ok {
		return Result{}
	}
	sum := littleEndian(crc32.ChecksumIEEE(b[:54]))
	var text [8]byte
	base64.StdEncoding.Encode(text[:], sum[:])
	return verdict(bytes.Equal(text[:6], b[54:]))
}

func littleEndian(v uint32) (b [4]byte) {
	binary.LittleEndian.PutUint32(b[:], v)
	return b
}

// atlassian: everything up to and with the equals sign is summed.
func atlassian(token []byte) Result {
	n := len(token) - 8
	if n < 9 || token[n-1] != '=' || !bytes.HasPrefix(token, []byte("ATATT3")) {
		return Result{}
	}
	return verdict(sumIsHex(crc32.ChecksumIEEE(token[:n]), token[n:], hexUpper))
}

func zuplo(token []byte) Result {
	b, ok := body(token, 41, "zpka_")
	if !ok || b[32] != '_' {
		return Result{}
	}
	return verdict(sumIsHex(crc32.ChecksumIEEE(b[:32]), b[33:], hexLower))
}

// gitlabRoutable only speaks for a token: no published one proves the rule. It
// ends in two base-36 digits for the payload's length and seven for the CRC-32
// of all that stands before them.
func gitlabRoutable(token []byte) Result {
	n := len(token) - 7
	if n < 12 || !bytes.HasPrefix(token, []byte("gl")) {
		return Result{}
	}
	sum, err := strconv.ParseUint(string(token[n:]), 36, 64)
	if err != nil || sum != uint64(crc32.ChecksumIEEE(token[:n])) {
		return Result{}
	}
	return verified("")
}
