package example

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
)

const hexes = "0123456789abcdef"

// cf is a token of the 2026 format: 40 characters and their CRC-32.
func (g *generator) cf(prefix string) (string, error) {
	switch prefix {
	case "cfut", "cfat", "cfk", "cfast":
		body := g.pick(alnum62, 40)
		return fmt.Sprintf("%s_%s%08x", prefix, body, crc(body)), nil
	}
	return "", fmt.Errorf("cf %q: known are cfut, cfat, cfk, cfast", prefix)
}

func (g *generator) cfLegacy() string { return g.pick(b64urls, 40) }

func (g *generator) cfoat() string {
	return "cfoat_" + g.pick(b64urls, 43) + "." + g.pick(b64urls, 43)
}

func (g *generator) originCA() string {
	return "v1.0-" + g.pick(hexes, 24) + "-" + g.pick(hexes, 146)
}

func (g *generator) tunnel() string {
	return base64Of(fmt.Sprintf(`{"a":"%s","t":"%s","s":"%s"}`,
		g.pick(hexes, 32), g.uuid(), base64.StdEncoding.EncodeToString(g.bytes(32))))
}

func (g *generator) tunnelCredentials() string {
	return fmt.Sprintf(`{"AccountTag":"%s","TunnelSecret":"%s","TunnelID":"%s","Endpoint":""}`,
		g.pick(hexes, 32), base64.StdEncoding.EncodeToString(g.bytes(32)), g.uuid())
}

func (g *generator) argoCert() string {
	data := fmt.Sprintf(`{"zoneID":"%s","accountID":"%s","apiToken":"%s"}`,
		g.pick(hexes, 32), g.pick(hexes, 32), g.cfLegacy())
	return string(pem.EncodeToMemory(&pem.Block{Type: "ARGO TUNNEL TOKEN", Bytes: []byte(data)}))
}

// turnstile is a secret: longer than the public key with the same start.
func (g *generator) turnstile() string { return "0x4AAAAAAA" + g.pick(b64urls, 25) }
func (g *generator) sitekey() string   { return "0x4AAAAAAA" + g.pick(b64urls, 14) }

func (g *generator) streamPEM() (string, error) {
	block, err := g.pem("rsa")
	return base64Of(block), err
}

func (g *generator) streamJWK() (string, error) {
	k := g.rsaKey(1024)
	number := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	jwk := struct {
		Use string `json:"use"`
		Kty string `json:"kty"`
		Kid string `json:"kid"`
		Alg string `json:"alg"`
		N   string `json:"n"`
		E   string `json:"e"`
		D   string `json:"d"`
		P   string `json:"p"`
		Q   string `json:"q"`
	}{"sig", "RSA", g.pick(hexes, 32), "RS256", number(k.n.Bytes()), "AQAB", number(k.d.Bytes()), number(k.p.Bytes()), number(k.q.Bytes())}
	b, err := json.Marshal(jwk)
	return base64Of(string(b)), err
}
