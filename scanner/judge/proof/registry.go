package proof

import (
	"bytes"
	"hash/crc32"
)

// jsr: the sum covers the kind before the underscore as well.
func jsr(token []byte) Result {
	b, ok := body(token, 35, "jsrd_", "jsrp_", "jsrw_")
	if !ok {
		return Result{}
	}
	n := len(token) - 6
	return verdict(sumIs62(crc32.ChecksumIEEE(token[:n]), b[29:]))
}

// matrix: the sum covers everything before the last underscore. Synapse
// writes it highest digit first, the authentication service lowest first.
func matrix(token []byte) Result {
	cut := bytes.LastIndexByte(token, '_')
	if cut < 4 || len(token)-cut-1 != 6 {
		return Result{}
	}
	sum := append([]byte(nil), token[cut+1:]...)
	switch string(token[:4]) {
	case "syt_", "syr_":
	case "mat_", "mar_", "mct_", "mcr_":
		for i := range 3 {
			sum[i], sum[5-i] = sum[5-i], sum[i]
		}
		// Zeros that pad the number are put before its lowest digit.
		for len(sum) > 0 && sum[len(sum)-1] == '0' {
			sum = sum[:len(sum)-1]
		}
		sum = append(bytes.Repeat([]byte("0"), 6-len(sum)), sum...)
	default:
		return Result{}
	}
	return verdict(sumIs62(crc32.ChecksumIEEE(token[:cut]), sum))
}

func netbird(token []byte) Result {
	b, ok := body(token, 36, "nbp_")
	if !ok {
		return Result{}
	}
	return verdict(sumIs62(crc32.ChecksumIEEE(b[:30]), b[30:]))
}

// polar speaks against tokens of today's length alone: older ones were
// shorter, and whether they had a sum is not published.
func polar(token []byte) Result {
	cut := bytes.LastIndexByte(token, '_')
	if cut < 0 || !bytes.HasPrefix(token, []byte("polar_")) {
		return Result{}
	}
	b := token[cut+1:]
	n := len(b) - 6
	if n < 20 {
		return Result{}
	}
	if sumIs62(crc32.ChecksumIEEE(b[:n]), b[n:]) {
		return verified("")
	}
	if n == 37 {
		return mismatch("")
	}
	return Result{}
}

// cratesTemporary only speaks against a token: its sum is one character, which
// one made-up token in 62 has as well.
func cratesTemporary(token []byte) Result {
	b, ok := body(token, 32, "cio_tp_")
	if !ok {
		return Result{}
	}
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var all byte
	for _, c := range b[:31] {
		all ^= c
	}
	if b[31] != digits[int(all)%len(digits)] {
		return mismatch("")
	}
	return Result{}
}
