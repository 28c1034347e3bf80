package example

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

func crc(s string) uint32 { return crc32.ChecksumIEEE([]byte(s)) }

// base62 writes v in six digits.
func base62(v uint32) string {
	var b [6]byte
	for i := 5; i >= 0; i-- {
		b[i] = alnum62[v%62]
		v /= 62
	}
	return string(b[:])
}

// base36 writes v in n digits.
func base36(v uint64, n int) string {
	s := strconv.FormatUint(v, 36)
	return strings.Repeat("0", max(0, n-len(s))) + s
}

func littleEndian(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

func (g *generator) github(prefix string) string {
	n := 30
	if prefix == "ghr" {
		n = 70
	}
	body := g.pick(alnum62, n)
	return prefix + "_" + body + base62(crc(body))
}

func (g *generator) githubPAT() string {
	p := "github_pat_" + g.pick(numerals, 1) + g.pick(alnum62, 21) + "_" + g.pick(alnum62, 43)
	sum := sha256.Sum256([]byte(p))
	return p + base32.StdEncoding.EncodeToString(sum[:])[:8] + g.pick(alnum62, 8)
}

func (g *generator) githubJWT() string {
	return "ghs_" + g.pick("123456789", 7) + "_" + g.sign(`{"iss":"github","iat":2095356400,"exp":2095360000,"aud":"`+g.uuid()+`"}`)
}

func (g *generator) npm() string {
	body := g.pick(alnum62, 30)
	return "npm_" + body + base62(crc(body))
}

func (g *generator) vercel(prefix string) string {
	body := g.pick(alnum62, 50)
	return prefix + "_" + body + base62(crc(body))
}

func (g *generator) grafana() string {
	s := "glsa_" + g.pick(alnum62, 32)
	return s + "_" + hex.EncodeToString(littleEndian(crc(s)))
}

func (g *generator) grafanaCloud() string {
	return "glc_" + base64Of(fmt.Sprintf(`{"o":"%s","n":"%s-token","k":"%s","m":{"r":"eu"}}`, g.pick("123456789", 6), g.word(), g.pick(alnum62, 24)))
}

func (g *generator) confluent() string {
	body := g.pick(b64chars, 54)
	return "cflt" + body + base64.StdEncoding.EncodeToString(littleEndian(crc(body)))[:6]
}

func (g *generator) atlassian() string {
	s := "ATATT3xFfGF0" + g.pick(b64urls, 170) + "="
	return fmt.Sprintf("%s%08X", s, crc(s))
}

func (g *generator) zuplo() string {
	body := g.pick(lowers+numerals, 32)
	return fmt.Sprintf("zpka_%s_%08x", body, crc(body))
}

func (g *generator) gitlab() string { return g.gitlabToken("glpat-") }

// gitlabToken is a routable token: prefix, payload, version, length, CRC-32.
func (g *generator) gitlabToken(prefix string) string {
	payload := base64URLOf("o:1\nu:" + base36(uint64(g.rng.Uint32()), 5) + "\n" + g.pick(alnum62, 16))
	s := prefix + payload + ".01." + base36(uint64(len(payload)), 2)
	return s + base36(uint64(crc(s)), 7)
}

func (g *generator) sentry() string {
	return "sntrys_" + base64Of(fmt.Sprintf(`{"iat":17%s.%s,"url":"https://sentry.io","region_url":"https://us.sentry.io","org":"%s"}`,
		g.pick(numerals, 8), g.pick("123456789", 6), g.word())) + "_" + g.pick(b64chars, 43)
}

// pypi is a version 2 macaroon with one caveat.
func (g *generator) pypi() string {
	var b []byte
	field := func(kind byte, data string) {
		b = binary.AppendUvarint(append(b, kind), uint64(len(data)))
		b = append(b, data...)
	}
	b = append(b, 2)
	field(1, "pypi.org")
	field(2, g.uuid())
	b = append(b, 0)
	field(2, `[3,"`+g.uuid()+`"]`)
	b = append(b, 0, 0)
	field(6, string(g.bytes(32)))
	return "pypi-" + base64.RawURLEncoding.EncodeToString(b)
}

func (g *generator) discord() string {
	return base64URLOf("1"+g.pick(numerals, 17)) + "." + g.pick(b64urls, 6) + "." + g.pick(b64urls, 38)
}

func (g *generator) docker() string { return base64Of(g.word() + ":" + g.password()) }

// awsKey hides an account number in the id, as AWS does since 2019.
func (g *generator) awsKey(prefix string) string {
	for {
		n := uint64(100_000_000_000+g.rng.Int64N(899_999_999_999))<<7 | 1<<47 | g.rng.Uint64N(128)
		six := binary.BigEndian.AppendUint64(nil, n)[2:]
		id := base32.StdEncoding.EncodeToString(append(six, g.bytes(4)...))
		if id[0] != 'I' && id[0] != 'J' {
			return prefix + id
		}
	}
}

func (g *generator) awsSecret() string { return g.pick(b64chars, 40) }

func (g *generator) bedrock() string {
	return "ABSK" + base64Of("BedrockAPIKey-"+g.pick(lowers+numerals, 4)+"-at-"+g.pick("123456789", 12)+":"+g.pick(b64chars, 44))
}

func (g *generator) bedrockShort() string {
	return "bedrock-api-key-" + base64Of("bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="+
		g.awsKey("ASIA")+"&X-Amz-Signature="+g.pick("0123456789abcdef", 64)+"&Version=1")
}

func (g *generator) azureStorage() string { return base64.StdEncoding.EncodeToString(g.bytes(64)) }

func (g *generator) jwt(claims string) (string, error) {
	if !json.Valid([]byte(claims)) {
		return "", fmt.Errorf("jwt claims are not JSON: %s", claims)
	}
	return g.sign(claims), nil
}

// sign signs nothing: the signature only has the length of HS256.
func (g *generator) sign(claims string) string {
	return base64URLOf(`{"alg":"HS256","typ":"JWT"}`) + "." + base64URLOf(claims) + "." +
		base64.RawURLEncoding.EncodeToString(g.bytes(32))
}

// age is bech32 over 32 bytes, in upper case.
func (g *generator) age() string {
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	const human = "age-secret-key-"
	var data []byte
	acc, bits := 0, 0
	for _, b := range g.bytes(32) {
		acc, bits = acc<<8|int(b), bits+8
		for ; bits >= 5; bits -= 5 {
			data = append(data, byte(acc>>(bits-5)&31))
		}
		acc &= 1<<bits - 1
	}
	data = append(data, byte(acc<<(5-bits)&31))
	sum := uint32(1)
	step := func(v byte) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, c := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= c
			}
		}
	}
	for _, c := range []byte(human) {
		step(c >> 5)
	}
	step(0)
	for _, c := range []byte(human) {
		step(c & 31)
	}
	out := []byte(human + "1")
	for _, v := range data {
		step(v)
		out = append(out, alphabet[v])
	}
	for range 6 {
		step(0)
	}
	sum ^= 1
	for i := range 6 {
		out = append(out, alphabet[sum>>(5*(5-i))&31])
	}
	return strings.ToUpper(string(out))
}

func (g *generator) onePassword() string {
	return "ops_" + base64URLOf(fmt.Sprintf(`{"signInAddress":"%s.1password.com","userAuth":{"method":"SRPg-4096","alg":"PBES2g-HS256","iterations":650000,"salt":"%s"},"email":"%s@1passwordserviceaccounts.com","srpX":"%s","muk":{"alg":"A256GCM","ext":true,"k":"%s","key_ops":["decrypt","encrypt"],"kty":"oct","kid":"mp"},"secretKey":"A3-%s-%s","throttleSecret":{"seed":"%s","uuid":"%s"},"deviceUuid":"%s"}`,
		g.word(), g.pick(b64urls, 22), g.pick(lowers+numerals, 13), g.pick(hexes, 64), g.pick(b64urls, 43),
		g.pick(base32s, 6), g.pick(base32s, 6), g.pick(hexes, 64), g.pick(base32s, 26), g.pick(lowers+numerals, 26)))
}

// nkey makes a seed of NATS. Its last two bytes are a CRC-16/XMODEM.
func (g *generator) nkey(kind string) (string, error) {
	if len(kind) != 1 || !strings.Contains("ACNOUX", kind) {
		return "", fmt.Errorf("nkey: %q is no kind of seed", kind)
	}
	k := kind[0] - 'A'
	seed := append([]byte{('S'-'A')<<3 | k>>2, k << 6}, g.bytes(32)...)
	sum := uint16(0)
	for _, c := range seed {
		sum ^= uint16(c) << 8
		for range 8 {
			sum = sum<<1 ^ 0x1021*(sum>>15)
		}
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(binary.LittleEndian.AppendUint16(seed, sum)), nil
}

func (g *generator) django() string { return g.pick(lowers+numerals+"!@#%^&*(-_=+)", 50) }

func (g *generator) wpSalt() string { return g.pick(alnum62+"!@#^&*()-_~`+=,.;:/?|", 64) }
