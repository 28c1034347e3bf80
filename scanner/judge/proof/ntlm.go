package proof

import (
	"bytes"
	"encoding/binary"
)

// ntlmAnswer reads an AUTHENTICATE_MESSAGE of MS-NLMP: behind its signature and
// its type stand the length and the offset of each part. The answer to the
// server's challenge is 24 bytes or more; an anonymous one has no user.
func ntlmAnswer(token []byte) Result {
	const head = 52
	m, ok := decode64(token)
	if !ok || len(m) < head || !bytes.HasPrefix(m, []byte("NTLMSSP\x00\x03\x00\x00\x00")) {
		return Result{}
	}
	part := func(at int) []byte {
		n, from := int(binary.LittleEndian.Uint16(m[at:])), int(binary.LittleEndian.Uint32(m[at+4:]))
		if from < head || from > len(m) || n > len(m)-from {
			return nil
		}
		return m[from : from+n]
	}
	answer, user := part(20), part(36)
	if len(answer) < 24 || len(user) == 0 || len(bytes.Trim(answer, "\x00")) < 16 {
		return Result{}
	}
	return Result{State: Verified, Marks: Structure}
}
