package proof

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// The keys are made when the test starts, because no key may stand in a file.
var rsaDER, pkcs8DER, ecDER, edDER = makeKeys()

func makeKeys() (a, b, c, d []byte) {
	rk, err := rsa.GenerateKey(crand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	ek, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		panic(err)
	}
	_, dk, err := ed25519.GenerateKey(crand.Reader)
	if err != nil {
		panic(err)
	}
	b, _ = x509.MarshalPKCS8PrivateKey(rk)
	c, _ = x509.MarshalECPrivateKey(ek)
	d, _ = x509.MarshalPKCS8PrivateKey(dk)
	return x509.MarshalPKCS1PrivateKey(rk), b, c, d
}

func pemText(label string, data []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: data}))
}

func serviceAccountJSON() string {
	b, _ := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "p-1", "private_key_id": strings.Repeat("0f", 20),
		"private_key": pemText("PRIVATE KEY", pkcs8DER), "client_email": "x@p-1.iam.gserviceaccount.com",
	})
	return string(b)
}

func sshString(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

func opensshKey(g gen, cipher string) []byte {
	kind := sshString([]byte("ssh-ed25519"))
	pub := sshString(append(append([]byte{}, kind...), sshString(g.raw(32))...))
	check := g.raw(4)
	private := append(append([]byte{}, check...), check...)
	private = append(private, kind...)
	private = append(private, sshString(g.raw(64))...)
	if cipher != "none" {
		private = g.raw(len(private))
	}
	out := []byte("openssh-key-v1\x00")
	for _, s := range []string{cipher, "none", ""} {
		out = append(out, sshString([]byte(s))...)
	}
	out = append(out, 0, 0, 0, 1)
	out = append(out, pub...)
	return append(out, sshString(private)...)
}

func dsaDER(g gen) []byte {
	n := []*big.Int{big.NewInt(0)}
	for range 5 {
		n = append(n, new(big.Int).SetBytes(append([]byte{1}, g.raw(64)...)))
	}
	b, _ := asn1.Marshal(n)
	return b
}

func secp256k1DER(g gen) []byte {
	b, _ := asn1.Marshal(struct {
		Version int
		Key     []byte
		Curve   asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
	}{1, g.raw(32), asn1.ObjectIdentifier{1, 3, 132, 0, 10}})
	return b
}

func puttyKey(g gen) string {
	lines := func(n int) (s string) {
		for range n {
			s += std(g.raw(48)) + "\r\n"
		}
		return s
	}
	return "PuTTY-User-Key-File-" + "2: ssh-rsa\r\nEncryption: none\r\nComment: c\r\nPublic-Lines: 2\r\n" + lines(2) +
		"Private-Lines: 3\r\n" + lines(3) + "Private-MAC: " + g.text(hexa, 40) + "\r\n"
}

func privateKeys(g gen) []string {
	block := pemText("RSA PRIVATE KEY", rsaDER)
	lines := strings.Split(strings.TrimSpace(block), "\n")
	diffed := "+" + strings.Join(lines, "\n+")
	return []string{
		block,
		pemText("PRIVATE KEY", pkcs8DER), pemText("EC PRIVATE KEY", ecDER), pemText("PRIVATE KEY", edDER),
		pemText("OPENSSH PRIVATE KEY", opensshKey(g, "none")),
		pemText("DSA PRIVATE KEY", dsaDER(g)),
		pemText("EC PRIVATE KEY", secp256k1DER(g)),
		strings.ReplaceAll(block, "\n", "\r\n"),
		strings.ReplaceAll(block, "\n", `\n`),
		strings.ReplaceAll(block, "\n", `\\n`),
		strings.ReplaceAll(block, "\n", `\r\n`),
		strings.ReplaceAll(block, "\n", "\n        "),
		strings.ReplaceAll(block, "\n", "\n# "),
		strings.ReplaceAll(block, "\n", "\n\t// "),
		strings.ReplaceAll(block, "\n", "\\n\" +\n    \""),
		strings.ReplaceAll(block, "\n", "\\\n"),
		strings.ReplaceAll(block, "\n", "&#10;"),
		strings.ReplaceAll(block, "\n", "%0A"),
		strings.ReplaceAll(block, "\n", " "),
		strings.ReplaceAll(strings.ReplaceAll(block, "/", `\/`), "\n", `\u000a`),
		"key = [\"" + strings.Join(lines, "\",\n \"") + "\"].join()",
		diffed[1:],
		std([]byte(block)),
		pemText("PGP PRIVATE KEY BLOCK", append([]byte{0x95}, g.raw(400)...)),
		puttyKey(g),
	}
}

func TestPrivateKeyStates(t *testing.T) {
	g := newGen()
	block := pemText("RSA PRIVATE KEY", rsaDER)
	begin := "-----BEGIN " + "RSA PRIVATE KEY-----"
	end := strings.Replace(begin, "BEGIN", "END", 1)
	altered := append([]byte{}, rsaDER...)
	altered[20] ^= 1
	encrypted := fmt.Sprintf("%s\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,%s\n\n%s\n%s", begin, g.text(hexa, 32), std(g.raw(640)), end)
	encPKCS8, _ := asn1.Marshal(struct {
		Algorithm struct{ ID asn1.ObjectIdentifier }
		Data      []byte
	}{struct{ ID asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}}, g.raw(640)})
	tests := []struct {
		what, token string
		state       State
		marks       Marks
	}{
		{"cut off", block[:len(block)/2], Mismatch, 0},
		{"no end", block[:strings.Index(block, "-----END")], Mismatch, 0},
		{"altered modulus", pemText("RSA PRIVATE KEY", altered), Mismatch, 0},
		{"half the DER", pemText("RSA PRIVATE KEY", rsaDER[:600]), Mismatch, 0},
		{"first line in code", `if strings.HasPrefix(s, "` + begin + `") { return parse(s) }`, Mismatch, Sample},
		{"dots", begin + "\n...\n" + end, Mismatch, Sample},
		{"begun, then dots", begin + "\n" + std(rsaDER[:24]) + "...\n" + end, Mismatch, Sample},
		{"half, then dots", begin + "\n" + std(rsaDER[:300]) + "...\n" + end, Mismatch, 0},
		{"begun, then its end", pemText("RSA PRIVATE KEY", rsaDER[:36]), Mismatch, Sample},
		{"prose", begin + "\nYour private key goes here, never commit it to git!\n" + end, Mismatch, Sample},
		{"code", begin + `\n" . implode("\n", $lines); $key = $key . "\n` + end, Mismatch, Sample},
		{"lines in quotes", "\"" + strings.ReplaceAll(strings.TrimSpace(block), "\n", "~\",\n\"") + "\"", Mismatch, 0},
		{"legacy encryption", encrypted, Verified, Encrypted},
		{"encrypted PKCS #8", pemText("ENCRYPTED PRIVATE KEY", encPKCS8), Verified, Encrypted},
		{"encrypted OpenSSH", pemText("OPENSSH PRIVATE KEY", opensshKey(g, "aes256-ctr")), Verified, Encrypted},
		{"OpenSSH cut", pemText("OPENSSH PRIVATE KEY", opensshKey(g, "none")[:80]), Mismatch, 0},
		{"no key at all", "hello", NotApplicable, 0},
	}
	for _, tt := range tests {
		if r := Check("private-key", []byte(tt.token)); r.State != tt.state || r.Marks != tt.marks {
			t.Errorf("%s: state %d marks %b note %q", tt.what, r.State, r.Marks, r.Note)
		}
	}
}

func BenchmarkPrivateKey(b *testing.B) {
	block := []byte(pemText("RSA PRIVATE KEY", rsaDER))
	for b.Loop() {
		Check("private-key", block)
	}
}
