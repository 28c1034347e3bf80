package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"keyrake/rules"
)

// Fingerprint names a finding for good, in 32 hexadecimal digits. A secret that
// cannot be guessed is named by its digest, so that it keeps its name wherever it
// moves. Of one that can be guessed no digest may be published, so its rule and its
// first place name it.
func Fingerprint(r *rules.Rule, secret string, first *Place) (name [32]byte) {
	if Unguessable(secret) {
		return digits(append([]byte("keyrake/1/secret\x00"), secret...))
	}
	return fingerprintAt(r, first, first.Object)
}

// fingerprintAt names what a rule finds at a place in an object, or in whatever stands
// there if there is none.
func fingerprintAt(r *rules.Rule, at *Place, object string) [32]byte {
	text := make([]byte, 0, 256)
	text = append(text, "keyrake/1/place\x00"+r.ID+"\x00"+at.key()+"\x00"+object...)
	text = append(text, 0, byte(at.Offset), byte(at.Offset>>8), byte(at.Offset>>16), byte(at.Offset>>24))
	if high := at.Offset >> 32; high > 0 {
		text = append(text, byte(high), byte(high>>8), byte(high>>16))
	}
	return digits(text)
}

func digits(text []byte) (name [32]byte) {
	sum := sha256.Sum256(text)
	hex.Encode(name[:], sum[:16])
	return name
}

// FileFingerprint names a finding that is a file, by its rule and its first place.
func FileFingerprint(r *rules.Rule, first *Place) string {
	name := digits([]byte("keyrake/1/file\x00" + r.ID + "\x00" + first.key()))
	return string(name[:])
}

// guessable reports whether f is named by where it stands.
func (f *Finding) guessable() bool {
	return f.Secret.Len() > 0 && len(f.Places) > 0 && !Unguessable(f.Secret.Reveal())
}

// Version is a further name of a finding that is named by its place: that of one
// version of the file which holds it. As a version is one content, it names that very
// secret, whatever is there in another one.
type Version struct {
	Fingerprint string
	Place       *Place
	Blob        string // hex name of the version; on disk one of the two that the file may have in git
}

// Versions calls use with each such name of f, until use returns false.
func (f *Finding) Versions(use func(Version) bool) {
	if !f.guessable() {
		return
	}
	for i := range f.Places {
		at := &f.Places[i]
		in := [2]Place{*at, *at}
		objects := [2]string{at.Object}
		if at.Disk != nil {
			objects = [2]string{at.Disk.Blob, at.Disk.BlobLF}
			in[1].Offset -= at.Line - 1 // each line before is a byte shorter there
		}
		for k, object := range objects {
			if object == "" {
				continue
			}
			if name := fingerprintAt(f.Rule, &in[k], object); !use(Version{string(name[:]), at, object}) {
				return
			}
		}
	}
}

// FingerprintOnDisk gives the name that f has in a scan of files, if the version at this
// place of it is what lies there; "" if it has but one name anyway.
func (f *Finding) FingerprintOnDisk(at *Place) string {
	if !f.guessable() {
		return ""
	}
	name := fingerprintAt(f.Rule, at, "")
	return string(name[:])
}

// IsCalled reports whether one of the names of f starts with these digits.
func (f *Finding) IsCalled(prefix string) bool {
	found := strings.HasPrefix(f.Fingerprint, prefix)
	if !found {
		f.Versions(func(v Version) bool {
			found = strings.HasPrefix(v.Fingerprint, prefix)
			return !found
		})
	}
	return found
}
