package example

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
)

// pem writes a key that nobody uses. Its trailing line end is cut off.
func (g *generator) pem(kind string) (string, error) {
	var label string
	var der []byte
	var err error
	switch kind {
	case "rsa":
		label = "RSA PRIVATE KEY"
		der, err = g.rsaKey(1024).pkcs1()
	case "pkcs8":
		label = "PRIVATE KEY"
		if der, err = g.rsaKey(1024).pkcs1(); err == nil {
			der, err = wrapPKCS8(der)
		}
	case "ec":
		label = "EC PRIVATE KEY"
		der, err = g.ecKey()
	case "ed25519":
		label = "PRIVATE KEY"
		der, err = x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(g.bytes(32)))
	case "public":
		label = "PUBLIC KEY"
		der, err = x509.MarshalPKIXPublicKey(ed25519.NewKeyFromSeed(g.bytes(32)).Public())
	case "encrypted":
		label = "ENCRYPTED PRIVATE KEY"
		der, err = g.encryptedKey()
	case "openssh":
		label, der = "OPENSSH PRIVATE KEY", g.opensshKey()
	case "pgp":
		return g.pgpKey(), nil
	default:
		return "", fmt.Errorf("pem %q: known are rsa, pkcs8, ec, ed25519, openssh, encrypted, pgp, public", kind)
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})), "\n"), nil
}

// rsaKey is built by hand, because crypto/rsa no longer takes a source of
// random bytes.
type rsaKey struct{ n, d, p, q *big.Int }

func (g *generator) rsaKey(bits int) rsaKey {
	one, e := big.NewInt(1), big.NewInt(65537)
	for {
		p, q := g.prime(bits/2), g.prime(bits/2)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, phi)
		if d != nil && p.Cmp(q) != 0 {
			return rsaKey{new(big.Int).Mul(p, q), d, p, q}
		}
	}
}

func (g *generator) prime(bits int) *big.Int {
	p := new(big.Int).SetBytes(g.bytes(bits / 8))
	p.SetBit(p, bits-1, 1).SetBit(p, bits-2, 1).SetBit(p, 0, 1)
	for two := big.NewInt(2); !p.ProbablyPrime(4); {
		p.Add(p, two)
	}
	return p
}

func (k rsaKey) pkcs1() ([]byte, error) {
	one := big.NewInt(1)
	return asn1.Marshal(struct {
		Version                     int
		N, E, D, P, Q, Dp, Dq, Qinv *big.Int
	}{0, k.n, big.NewInt(65537), k.d, k.p, k.q,
		new(big.Int).Mod(k.d, new(big.Int).Sub(k.p, one)),
		new(big.Int).Mod(k.d, new(big.Int).Sub(k.q, one)),
		new(big.Int).ModInverse(k.q, k.p)})
}

type algorithm struct {
	ID     asn1.ObjectIdentifier
	Params asn1.RawValue `asn1:"optional"`
}

func wrapPKCS8(der []byte) ([]byte, error) {
	return asn1.Marshal(struct {
		Version int
		Alg     algorithm
		Key     []byte
	}{0, algorithm{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, asn1.NullRawValue}, der})
}

func (g *generator) ecKey() ([]byte, error) {
	raw := g.bytes(32)
	raw[0] &= 0x7f // stays below the order of the curve
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, err
	}
	return x509.MarshalECPrivateKey(key)
}

func (g *generator) encryptedKey() ([]byte, error) {
	return asn1.Marshal(struct {
		Alg  algorithm
		Data []byte
	}{algorithm{ID: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}, Params: asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: []byte{}}}, g.bytes(144)})
}

func (g *generator) opensshKey() []byte {
	key := ed25519.NewKeyFromSeed(g.bytes(32))
	public := []byte(key.Public().(ed25519.PublicKey))
	text := func(b []byte, s string) []byte {
		return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	shared := text(text(nil, "ssh-ed25519"), string(public))
	check := string(g.bytes(4))
	private := text(text(append([]byte(check+check), shared...), string(key)), g.word()+"@laptop")
	for i := byte(1); len(private)%8 != 0; i++ {
		private = append(private, i)
	}
	out := text(text(text([]byte("openssh-key-v1\x00"), "none"), "none"), "")
	out = binary.BigEndian.AppendUint32(out, 1)
	return text(text(out, string(shared)), string(private))
}

// pgpKey has the armour and the first packet's head of a key; the rest is
// random.
func (g *generator) pgpKey() string {
	data := append([]byte{0x95, 0x03, 0xd8, 0x04}, g.bytes(980)...)
	var b strings.Builder
	b.WriteString("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n")
	lines(&b, base64.StdEncoding.EncodeToString(data))
	sum := uint32(0xb704ce)
	for _, c := range data {
		sum ^= uint32(c) << 16
		for range 8 {
			if sum <<= 1; sum&0x1000000 != 0 {
				sum ^= 0x1864cfb
			}
		}
	}
	b.WriteString("=" + base64.StdEncoding.EncodeToString([]byte{byte(sum >> 16), byte(sum >> 8), byte(sum)}))
	b.WriteString("\n-----END PGP " + "PRIVATE KEY BLOCK-----") // in two parts: these lines are no key
	return b.String()
}

func (g *generator) putty() string {
	var b strings.Builder
	fmt.Fprintf(&b, "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: %s@laptop\nPublic-Lines: 2\n", g.word())
	lines(&b, base64.StdEncoding.EncodeToString(append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), g.bytes(32)...)))
	b.WriteString("Private-Lines: 1\n")
	lines(&b, base64.StdEncoding.EncodeToString(append([]byte("\x00\x00\x00\x20"), g.bytes(32)...)))
	b.WriteString("Private-MAC: " + g.pick(hexes, 64))
	return b.String()
}

func lines(b *strings.Builder, s string) {
	for len(s) > 0 {
		n := min(64, len(s))
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
}

func (g *generator) serviceAccount() (string, error) {
	key, err := g.pem("pkcs8")
	if err != nil {
		return "", err
	}
	project := g.word() + "-" + g.pick("123456789", 6)
	account := struct {
		Type       string `json:"type"`
		Project    string `json:"project_id"`
		KeyID      string `json:"private_key_id"`
		PrivateKey string `json:"private_key"`
		Email      string `json:"client_email"`
		ID         string `json:"client_id"`
		TokenURI   string `json:"token_uri"`
	}{"service_account", project, g.pick(hexes, 40), key + "\n", "deploy@" + project + ".iam.gserviceaccount.com",
		g.pick("123456789", 21), "https://oauth2.googleapis.com/token"}
	b, err := json.MarshalIndent(account, "", "  ")
	return string(b), err
}

// der is what stands between the first and the last line of a key's PEM form.
func (g *generator) der(kind string) (string, error) {
	text, err := g.pem(kind)
	if err != nil {
		return "", err
	}
	lines := strings.Split(text, "\n")
	return strings.Join(lines[1:len(lines)-1], ""), nil
}
