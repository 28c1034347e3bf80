package proof

import (
	"encoding/base64"
	"encoding/binary"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// registries makes tokens of the kinds whose sums registry.go and azure.go
// check, each put together the way its issuer writes it.
func (g gen) registries() map[string][]string {
	jsr := "jsrp_" + g.text(alnum, 29)
	synapse := "syt_" + strings.TrimRight(std([]byte("harbor")), "=") + "_" + g.text(alnum[10:], 20)
	mas := "mat_" + g.text(alnum, 30)
	netbird, polar := g.text(alnum, 30), g.text(alnum, 37)
	return map[string][]string{
		"jsr-crc32":     {jsr + sixty2(sum(jsr))},
		"matrix-crc32":  {synapse + "_" + sixty2(sum(synapse)), mas + "_" + backwards62(sum(mas))},
		"netbird-crc32": {"nbp_" + netbird + sixty2(sum(netbird))},
		"polar-crc32":   {"polar_oat_" + polar + sixty2(sum(polar))},
		"azure-key": {g.azure(64, "+ASt", "Default0", std), g.azure(32, "+AEh", "Listen00", std), g.azure(39, "+ACR", "ACRDflt0", std),
			g.azure(40, "AzFu", "Functi00", base64.URLEncoding.EncodeToString), g.annotated(), std(g.raw(64))},
		"crates-temporary": {g.cratesTemporary()},
		"entra-secret":     {g.entra()},
	}
}

// backwards62 writes the digits of v from the lowest on, behind zeros.
func backwards62(v uint32) string {
	b := []byte(strings.TrimLeft(sixty2(v), "0"))
	slices.Reverse(b)
	return strings.Repeat("0", 6-len(b)) + string(b)
}

// azure writes n bytes whose text has the mark before the last six digits.
// A mark that does not fall on whole bytes is put into the text and read back.
func (g gen) azure(n int, mark, seed string, write func([]byte) string) string {
	text := []byte(write(g.raw(n)))
	pad := len(text) - len(strings.TrimRight(string(text), "="))
	copy(text[len(text)-pad-10:], mark)
	key, _ := decode64(text)
	binary.LittleEndian.PutUint32(key[n-4:], marvin(key[:n-4], seed))
	if out := write(key); string(out[len(out)-pad-10:][:4]) == mark {
		return out
	}
	return g.azure(n, mark, seed, write)
}

func (g gen) annotated() string {
	text := g.text(alnum, 52) + "JQQJ99BD" + "ACAA" + g.text(alnum, 8) + "AAAB" + "ACOG"
	raw, _ := base64.StdEncoding.DecodeString(text)
	v := binary.LittleEndian.AppendUint32(nil, marvin(raw, "Default0"))
	digits := swapCase(new(big.Int).SetBytes(v).Text(62)) + "000000"
	return text + digits[:4]
}

func (g gen) entra() string {
	const digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~"
	text := g.text(alnum, 3) + "8Q~" + g.text(alnum, 31)
	v, all := marvin([]byte(text), "AadPwd00"), []byte("aaaaaa")
	for i := 5; i >= 0; i-- {
		all[i] = digits[v%66]
		v /= 66
	}
	return text + string(all[:3])
}

func (g gen) cratesTemporary() string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	raw := g.text(alnum, 31)
	x := 0
	for _, c := range []byte(raw) {
		x ^= int(c)
	}
	return "cio_tp_" + raw + digits[x%62:][:1]
}

// The hash has to be the one that .NET publishes test values for.
func TestMarvin(t *testing.T) {
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], 0x004fb61a001bdbcc)
	for data, want := range map[string]uint64{
		"":                             0x30ed35c100cd3c7d,
		"\xaf":                         0x48e73fc77d75ddc1,
		"\xe7\x0f":                     0xb5f6e1fc485dbff8,
		"\x37\xf4\x95":                 0xf0b07c789b8cf7e8,
		"\x86\x42\xdc\x59":             0x7008f2e87e9cf556,
		"\x15\x3f\xb7\x98\x26":         0xe6c08c6da2afa997,
		"\x09\x32\xe6\x24\x6c\x47":     0x6f04bf1a5ea24060,
		"\xab\x42\x7e\xa8\xd1\x0f\xc7": 0xe11847e4f0678c41,
	} {
		if got := marvin([]byte(data), string(seed[:])); got != uint32(want>>32)^uint32(want) {
			t.Errorf("marvin(%x) = %08x, want %08x", data, got, uint32(want>>32)^uint32(want))
		}
	}
}

// A checksum that does not fit says nothing where kinds without one, or with
// another seed, may exist.
func TestRegistryStates(t *testing.T) {
	g := newGen()
	entra := g.entra()
	hub := g.azure(32, "+AEh", "Listen00", std)
	for _, c := range []struct {
		name, token string
		want        State
	}{
		{"entra-secret", alter(entra, 10), NotApplicable},
		{"entra-secret", entra[:3] + "7" + entra[4:], NotApplicable},
		{"azure-key", alter(hub, 5), NotApplicable},
		{"azure-key", g.azure(32, "+AEh", "Nobody00", std), NotApplicable},
		{"azure-key", alter(g.annotated(), 5), NotApplicable},
		{"azure-key", std(make([]byte, 64)), Mismatch},
		{"polar-crc32", "polar_pat_" + g.text(alnum, 38), NotApplicable},
		{"polar-crc32", "polar_oat_" + g.text(alnum, 43), Mismatch},
		{"matrix-crc32", "mat_" + g.text(alnum, 30), NotApplicable},
		{"matrix-crc32", "mat_" + g.text(alnum, 30) + "_" + g.text(alnum, 6), Mismatch},
		{"crates-temporary", alter(g.cratesTemporary(), 38), Mismatch},
		{"crates-temporary", "cio" + g.text(alnum, 32), NotApplicable},
	} {
		if got := Check(c.name, []byte(c.token)).State; got != c.want {
			t.Errorf("%s: state %d, want %d", c.name, got, c.want)
		}
	}
}
