package proof

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"strings"
)

// maxDER bounds the arithmetic that crypto/x509 does to validate a key: RSA
// keys of 8192 bits take less than 5 KiB. Larger ones are checked by shape.
const maxDER = 5 << 10

// privateKey: a PEM block, an OpenSSH or PuTTY key, or any of these in base64.
func privateKey(token []byte) Result {
	if bytes.Contains(token, []byte("PuTTY-User-Key-File-")) {
		return putty(token)
	}
	if !bytes.Contains(token, []byte("-----BEGIN ")) {
		raw, ok := decode64(bytes.TrimSpace(token))
		if !ok || !bytes.Contains(raw, []byte("-----BEGIN ")) {
			return Result{}
		}
		token = raw
	}
	block, ok := findPEM(token, "PRIVATE KEY")
	if !ok {
		block, ok = findPEM(token, "PRIVATE KEY BLOCK")
	}
	if !ok {
		return cutOff(token)
	}
	if len(block.text) < 32 {
		return Result{State: Mismatch, Marks: Sample, Note: "no key material"}
	}
	if onlyBegun(block) {
		return Result{State: Mismatch, Marks: Sample, Note: "the key is left out"}
	}
	if block.data == nil {
		if longestRun(block.text) < 24 { // prose, or code that puts a key together
			return Result{State: Mismatch, Marks: Sample, Note: "no key material"}
		}
		return mismatch("not base64")
	}
	return readKey(block)
}

// longestRun is the length of the longest row of base64's letters.
func longestRun(text []byte) (longest int) {
	run := 0
	for _, c := range text {
		if isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '+' || c == '/' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

// onlyBegun reports whether a block shows how a key begins and leaves the rest out,
// as documentation does: with dots, or with an end after a few bytes of what
// says that it has hundreds. In so few stand the version and a part of the
// modulus, which are public.
func onlyBegun(block pemBlock) bool {
	const few = 128
	if len(block.text) < few && bytes.Contains(block.text, []byte("...")) {
		return true
	}
	der := block.data
	if len(der) < 4 || len(der) >= few || der[0] != 0x30 || der[1] != 0x82 {
		return false
	}
	return int(der[2])<<8|int(der[3]) > 4*len(der)
}

// cutOff judges a block without an end: a key that was cut, or code that only
// speaks of the first line.
func cutOff(token []byte) Result {
	i := bytes.Index(token, []byte("PRIVATE KEY"))
	if i < 0 {
		return Result{}
	}
	run := 0
	for _, c := range unescape(token[i+len("PRIVATE KEY"):]) {
		switch {
		case isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '+' || c == '/':
			run++
		case c == '\n' || c == '\r' || c == ' ' || c == '-' || c == '=':
		default:
			run = 0
		}
		if run >= 48 {
			return mismatch("cut off")
		}
	}
	return Result{State: Mismatch, Marks: Sample, Note: "no key material"}
}

func readKey(block pemBlock) Result {
	der := block.data
	switch {
	case strings.HasSuffix(block.label, "PRIVATE KEY BLOCK"):
		// A secret key or secret subkey packet, in the old or new format.
		if tag := der[0]; tag&0x80 == 0 || tag&0x40 == 0 && tag>>2&15 != 5 || tag&0x40 != 0 && tag&63 != 5 {
			return mismatch("not an OpenPGP secret key")
		}
		return verified("OpenPGP secret key")
	case strings.HasPrefix(block.label, "OPENSSH"):
		return openSSH(der)
	case block.encrypted:
		// The DER is inside the ciphertext; all that shows is whole blocks.
		if len(der)%8 != 0 || !varied(der) {
			return mismatch("")
		}
		return Result{State: Verified, Marks: Encrypted, Note: "encrypted key"}
	case strings.HasPrefix(block.label, "ENCRYPTED"):
		return encryptedPKCS8(der)
	}
	if kind := parseDER(der); kind != "" {
		return verified(kind)
	}
	return shapeDER(der)
}

func parseDER(der []byte) string {
	if len(der) > maxDER {
		return ""
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "RSA key"
	}
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return "PKCS #8 key"
	}
	if _, err := x509.ParseECPrivateKey(der); err == nil {
		return "EC key"
	}
	return ""
}

// shapeDER accepts what crypto/x509 does not know: other curves, DSA, large or
// unusual RSA keys.
func shapeDER(der []byte) Result {
	var ec struct {
		Version int
		Key     []byte
		Curve   asn1.RawValue `asn1:"optional,explicit,tag:0"`
		Public  asn1.RawValue `asn1:"optional,explicit,tag:1"`
	}
	if whole(der, &ec) && ec.Version == 1 && len(ec.Key) >= 16 && varied(ec.Key) {
		return verified("EC key")
	}
	var pkcs8 struct {
		Version   int
		Algorithm struct {
			ID     asn1.ObjectIdentifier
			Params asn1.RawValue `asn1:"optional"`
		}
		Key        []byte
		Attributes asn1.RawValue `asn1:"optional,tag:0"`
		Public     asn1.RawValue `asn1:"optional,tag:1"`
	}
	if whole(der, &pkcs8) && pkcs8.Version <= 1 && len(pkcs8.Key) >= 16 && varied(pkcs8.Key) {
		if pkcs8.Algorithm.ID.String() == "1.2.840.113549.1.1.1" {
			return shapeNumbers(pkcs8.Key)
		}
		return verified("PKCS #8 key")
	}
	return shapeNumbers(der)
}

// shapeNumbers reads the integers of an RSA or DSA key.
func shapeNumbers(der []byte) Result {
	var n []*big.Int
	if !whole(der, &n) {
		return mismatch("not a complete key")
	}
	switch {
	case len(n) == 9 && (len(der) > maxDER || new(big.Int).Mul(n[4], n[5]).Cmp(n[1]) == 0):
		return verified("RSA key")
	case len(n) == 6 && n[0].Sign() == 0 && n[4].BitLen() > 64 && n[5].BitLen() > 64:
		return verified("DSA key")
	}
	return mismatch("not a complete key")
}

func whole(der []byte, v any) bool {
	rest, err := asn1.Unmarshal(der, v)
	return err == nil && len(rest) == 0
}

func encryptedPKCS8(der []byte) Result {
	var info struct {
		Algorithm struct {
			ID     asn1.ObjectIdentifier
			Params asn1.RawValue `asn1:"optional"`
		}
		Data []byte
	}
	if !whole(der, &info) || len(info.Data) < 32 {
		return mismatch("not a complete key")
	}
	return Result{State: Verified, Marks: Encrypted, Note: "encrypted PKCS #8 key"}
}

// openSSH reads the openssh-key-v1 envelope: cipher, key derivation with its
// options, number of keys, the public keys and one private section. Without a
// cipher the section starts with the same check number twice.
func openSSH(data []byte) Result {
	data, ok := bytes.CutPrefix(data, []byte("openssh-key-v1\x00"))
	if !ok {
		return mismatch("not an OpenSSH key")
	}
	r := wire{data: data}
	cipher := string(r.bytes())
	r.bytes()
	r.bytes()
	keys := r.number()
	if keys == 0 || keys > 16 {
		return mismatch("not an OpenSSH key")
	}
	kind := ""
	for range keys {
		w := wire{data: r.bytes()}
		kind = public(string(w.bytes()))
	}
	private := wire{data: r.bytes()}
	if r.bad || len(private.data) < 16 {
		return mismatch("cut off")
	}
	if cipher != "none" {
		return Result{State: Verified, Marks: Encrypted, Note: "encrypted OpenSSH key, " + kind}
	}
	// It begins with one random number twice, by which a decryption is known to be right.
	first, second := private.number(), private.number()
	if first != second || public(string(private.bytes())) != kind || private.bad {
		return mismatch("not an OpenSSH key")
	}
	return verified("OpenSSH key, " + kind)
}

// wire reads the length-prefixed strings of the SSH protocols; bad stays set
// after the first field that does not fit.
type wire struct {
	data []byte
	bad  bool
}

func (w *wire) number() uint32 {
	if len(w.data) < 4 {
		w.bad = true
		w.data = nil
		return 0
	}
	v := uint32(w.data[0])<<24 | uint32(w.data[1])<<16 | uint32(w.data[2])<<8 | uint32(w.data[3])
	w.data = w.data[4:]
	return v
}

func (w *wire) bytes() []byte {
	n := w.number()
	if uint64(n) > uint64(len(w.data)) {
		w.bad = true
		w.data = nil
		return nil
	}
	b := w.data[:n]
	w.data = w.data[n:]
	return b
}

// putty reads the header lines of a PuTTY key and wants as many lines of
// private base64 as they announce.
func putty(token []byte) Result {
	i := bytes.Index(token, []byte("PuTTY-User-Key-File-"))
	r := Result{State: Verified, Note: "PuTTY key"}
	left, kept := -1, 0
	for line := range bytes.Lines(unescape(token[i:])) {
		line = bytes.TrimSpace(line)
		switch name, value, ok := bytes.Cut(line, []byte(": ")); {
		case ok && string(name) == "Encryption" && string(value) != "none":
			r.Marks |= Encrypted
			r.Note = "encrypted PuTTY key"
		case ok && string(name) == "Private-Lines":
			left = 0
			for _, c := range value {
				if isDigit(c) && left < 1000 {
					left = left*10 + int(c-'0')
				}
			}
		case !ok && left > 0 && len(line) > 0:
			if _, fine := decode64(line); !fine {
				return mismatch("not base64")
			}
			left--
			kept++
		}
	}
	if left != 0 || kept == 0 {
		return mismatch("cut off")
	}
	return r
}
