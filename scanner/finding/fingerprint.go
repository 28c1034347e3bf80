package finding

import (
	"crypto/sha256"
	"encoding/hex"

	"keyrake/rules"
)

// Fingerprint names a finding for good, in 32 hexadecimal digits. A secret that
// cannot be guessed is named by its digest, so that it keeps its name wherever it
// moves. Of one that can be guessed no digest may be published, so its rule and its
// first place name it.
func Fingerprint(r *rules.Rule, secret string, first *Place) (name [32]byte) {
	text := make([]byte, 0, 256)
	if Unguessable(secret) {
		text = append(append(text, "keyrake/1/secret\x00"...), secret...)
	} else {
		text = append(text, "keyrake/1/place\x00"+r.ID+"\x00"+first.Path+"\x00"+first.Object...)
		text = append(text, 0, byte(first.Offset), byte(first.Offset>>8), byte(first.Offset>>16), byte(first.Offset>>24))
		if high := first.Offset >> 32; high > 0 {
			text = append(text, byte(high), byte(high>>8), byte(high>>16))
		}
	}
	sum := sha256.Sum256(text)
	hex.Encode(name[:], sum[:16])
	return name
}

// FileFingerprint names a finding that is a file, by its rule and path.
func FileFingerprint(r *rules.Rule, path string) string {
	sum := sha256.Sum256([]byte("keyrake/1/file\x00" + r.ID + "\x00" + path))
	return hex.EncodeToString(sum[:16])
}
