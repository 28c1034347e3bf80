package judge

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// word is a sign of a placeholder. Its text is folded: lower case, and '-' for
// every separator.
type word struct {
	text  string
	where uint8
}

const (
	anywhere  = iota // long enough not to occur in a random value
	delimited        // no letter on either side
)

// placeholderWords: a random value of 40 characters holds one of those marked
// anywhere less than once in 100,000.
var placeholderWords = []word{
	{"changeme", anywhere}, {"change-me", anywhere}, {"changeit", anywhere}, {"change-this", anywhere}, {"changethis", anywhere}, {"replacethis", anywhere},
	{"placeholder", anywhere}, {"redacted", anywhere}, {"replace-", anywhere}, {"replaceme", anywhere},
	{"example", anywhere}, {"sample", delimited}, {"dummy", anywhere}, {"insert-", anywhere},
	{"your-", anywhere}, {"yourapi", anywhere}, {"yourtoken", anywhere}, {"yoursecret", anywhere},
	{"yourpass", anywhere}, {"yourkey", anywhere}, {"your", delimited}, {"goes-here", anywhere},
	{"goeshere", anywhere}, {"-here", delimited}, {"foobar", anywhere}, {"deadbeef", anywhere}, {"lorem", delimited},
	{"not-real", anywhere}, {"notreal", anywhere}, {"not-a-", anywhere}, {"notasecret", anywhere},
	{"todo", delimited}, {"fixme", delimited}, {"tbd", delimited}, {"fake", delimited}, {"mock", delimited},
	{"test", delimited}, {"testing", delimited}, {"tests", delimited}, {"demo", delimited},
	{"foo", delimited}, {"bar", delimited}, {"baz", delimited}, {"invalid", delimited}, {"undefined", delimited},
	{"null", delimited}, {"none", delimited}, {"nil", delimited}, {"some-", delimited}, {"xxxx", anywhere},
	{"fakekey", anywhere}, {"faketoken", anywhere}, {"secret-key", delimited}, {"my-secret", anywhere},
	{"mysecret", anywhere}, {"mytoken", anywhere}, {"my-token", anywhere}, {"api-key", delimited},
	{"access-token", delimited}, {"access-key", delimited}, {"super-secret", anywhere}, {"supersecret", anywhere}, {"top-secret", anywhere},
	{"----", anywhere}, {"***", anywhere}, {"\u2026", anywhere},
}

// placeholder looks for signs that a value only stands for a secret. A strict
// search is for values whose shape already speaks for them: it wants signs
// that a random value shows about never.
func (m *model) placeholder(v []byte, s *shape, strict bool) reason {
	switch {
	case s.n == 0:
		return emptyValue
	case s.maxRun >= 8, s.maxRun >= 5 && !strict && s.maxRun*2 >= s.n, s.maxRun*2 > s.n && s.n >= 6:
		return repeated
	case s.distinct <= 2 && s.n >= 4, s.n >= 20 && s.distinct <= 5:
		return fewCharacters
	case s.n >= 4 && s.steps == s.n-1, s.n >= 6 && s.steps*10 >= (s.n-1)*6, s.n >= 24 && s.steps*2 >= s.n:
		return sequence
	case s.n >= 9 && isPeriodic(v[:s.n]):
		return repeated
	case s.n >= 16 && isCounted(v[:s.n], 65):
		return sequence
	}
	// A random value of some length holds "nil" between two marks now and then.
	random := !strict && s.n >= 20 && s.odds > 0.8*float64(s.n)
	if m.hasWord(v[:s.n], strict, random) || bytes.HasSuffix(v, []byte("...")) {
		return placeholderWord
	}
	return none
}

// isPeriodic says whether a value is a unit of up to a third of its length,
// over and over.
func isPeriodic(v []byte) bool {
	for unit := 1; unit <= len(v)/3 && unit <= 16; unit++ {
		i := unit
		for i < len(v) && v[i] == v[i-unit] {
			i++
		}
		if i == len(v) {
			return true
		}
	}
	return false
}

// isCounted says whether so much of a value counts up, by its neighbours or by every
// other character, marks aside: a1b2c3d4-e5f6-7890-abcd-ef1234567890.
func isCounted(v []byte, percent int) bool {
	var last [2]byte
	seen, steps := 0, 0
	for _, c := range v {
		c = lowerOf(c)
		if !isLower(c) && !isNumber(c) {
			continue
		}
		if seen++; seen > 2 && (follows(last[0], c) || follows(last[1], c)) {
			steps++
		}
		last = [2]byte{last[1], c}
	}
	return seen >= 7 && steps*100 >= (seen-2)*percent
}

func follows(a, b byte) bool { return b == a+1 || a == '9' && (b == '0' || b == 'a') }

func (m *model) hasWord(v []byte, strict, random bool) bool {
	letterBefore := false
	for i := 0; i+1 < len(v); i++ {
		f := m.fold[v[i]]
		if !m.pair[f&31][m.fold[v[i+1]]&31] {
			letterBefore = f >= 'a' && f <= 'z'
			continue
		}
		at := 26
		if f >= 'a' && f <= 'z' {
			at = int(f - 'a')
		}
		for _, w := range m.words[at] {
			if w.where == delimited && (strict || letterBefore && w.text[0] != '-') {
				continue
			}
			if len(w.text) > len(v)-i || !m.foldedPrefix(v[i:], w.text) {
				continue
			}
			if (strict || random) && len(w.text) < 5 {
				continue
			}
			if w.where == anywhere || w.text[len(w.text)-1] == '-' {
				return true
			}
			end := i + len(w.text)
			if end == len(v) || m.class[v[end]] < classLower {
				return true
			}
		}
		letterBefore = at < 26
	}
	return false
}

func (m *model) foldedPrefix(v []byte, text string) bool {
	for j := range len(text) {
		if m.fold[v[j]] != text[j] {
			return false
		}
	}
	return true
}

// isSample says whether a value is one that vendors print in their
// documentation. Only hashes are kept, so that no sample stands in this file.
func isSample(v []byte) bool {
	if len(v) < 10 || len(v) > 256 {
		return false
	}
	sum := sha256.Sum256(v)
	head := binary.BigEndian.Uint64(sum[:8])
	for _, h := range sampleHashes {
		if h == head {
			return true
		}
	}
	return false
}

// sampleHashes are the first 8 bytes of SHA-256 of published samples: the
// tokens, account ids, tunnel secret, Access secret, stream key and OAuth client
// ids in Cloudflare's documentation and tools, Turnstile's dummy keys, the account
// key of Azure's storage emulator, Stripe's documentation keys, and the AWS
// key id that articles on key ids print; and the credentials that RFC 5849,
// 6749, 6750, 7617, OpenID Connect and the JWT debugger show; and the UUIDs of RFC 4122,
// PostgreSQL's manual, Wikipedia, OpenAPI tools and libraries for UUIDs; and the keys of
// the accounts that Hardhat and Anvil begin with, the passphrases of Stellar's networks
// the key in the header of Firebase's SDK, and those of MinIO's public server for trials.
var sampleHashes = [...]uint64{
	0x0011cc25eb432071, 0x002031b96bd32256, 0x00cf4c781dc37003, 0x095101cf732c298a, 0x0aca198ee7979a67,
	0x0aedba9d586f34f9, 0x16ee5d3878cffdda, 0x1bbb9293c38acc5e, 0x1c30fa0aedcd4406, 0x1e3e58656012d861,
	0x203fa897acf2b02d, 0x239a5169e1ad8bc1, 0x28e543d3753fc9d1, 0x293257ab6495ebb1, 0x2cafc0970149a84f,
	0x2cd1f6f312c5f208, 0x2e1b414f6df9dc92, 0x2f405bf83e03848e, 0x2ff8b0fb93aca981, 0x30a5154b77ab8b2d,
	0x38e69fdd19aefeb4, 0x3b675cf9c99a8468, 0x3dcbd9b81ca44ff9, 0x4060ed0ca2678bf6, 0x46b15590837dbf3a,
	0x4c20e6f5cc11b937, 0x4c741cf6c71aaf49, 0x4d3e46eec8244d1d, 0x59feecfa04eb096b, 0x5bde0625664c450f,
	0x5c28b2022dca14af, 0x5d7b5f2a9e44137c, 0x5de22089c247b9b2, 0x60a09e4357868c1e, 0x6316e01c9e1d33de,
	0x64034b44c579b335, 0x649e1f5c769e718b, 0x6aa14267d94944e6, 0x6c96130f130ab0d6, 0x6ca6473b42d9c17e,
	0x6ef6c93be1f4ce8f, 0x7249228325d57f30, 0x73f71af093fdf154, 0x7869a8f7da83aac0, 0x7ac33997544e3175,
	0x7b47ad6c3e48f236, 0x7f75367e78812551, 0x80db82fffae6d59f, 0x80f8b7c904d4a43f, 0x8335c55334821eef,
	0x841b4f5b0b34e19a, 0x8651e7dbcb3dcc3a, 0x8f400c257611ed5d, 0x967f21586cdf1248, 0x986c0dc956dc822b,
	0x9d03b692e941d5ac, 0x9e309cccd311ea64, 0x9e837b1603a7ced4, 0xa35b81a7d7927b70, 0xa3a9e1ed9732cab2,
	0xa71b359a87afde13, 0xad62d48d8b069026, 0xad71fb4165536675, 0xb26ab6529d20ebeb, 0xb69d88ff1ad5834a,
	0xb6b9ee08c38f62da, 0xb87dad10a32a2d81, 0xb8e148545b13c78b, 0xbb4978fbe7638de8, 0xbb9b1163338b2a51,
	0xbc1a50966c9e6486, 0xbe394de37f9d6cf6, 0xbf145d9380bbe05b, 0xc20fbc2b96183894, 0xc7aa09cd25da8b6a,
	0xc87b68d5ff9f5c5f, 0xca7459e2b26776de, 0xcb87c87e4a138d9a, 0xcee0302d59844d32, 0xcf4d418ed3de92d7,
	0xd6d6a0807a81cf99, 0xda816f9f2c16e6c5, 0xdcc484414c5dc51b, 0xdd0102d1cd0c6ac7, 0xdf452eef23e8cf2c,
	0xe5855ff48799c52c, 0xe9974c507d2a8021, 0xea9bdfd02c0c412c, 0xf02322197a196ceb, 0xf070994a85994785,
	0xf2d6ca16515033e5, 0xf5f554316817f0dc, 0xfb8f35129df87662, 0xfd4f33b1736b58cf,
}
