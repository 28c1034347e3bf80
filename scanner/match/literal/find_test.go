package literal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// naive is the plain twin of Find: every literal at every position.
func naive(lits []string, data []byte, lo, hi int) []Hit {
	folded := make([]byte, len(data))
	for i, c := range data {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		folded[i] = c
	}
	var hits []Hit
	for off := max(lo, 0); off < min(hi, len(data)); off++ {
		for i, lit := range lits {
			if bytes.HasPrefix(folded[off:], []byte(lit)) {
				hits = append(hits, Hit{Off: int32(off), Lit: uint16(i)})
			}
		}
	}
	return hits
}

// twins are a Set with each filter that this machine has.
func twins(tb testing.TB, lits []string) []*Set {
	tb.Helper()
	var sets []*Set
	for k := portable; k <= best(); k++ {
		sets = append(sets, mustCompile(tb, lits, k))
	}
	return sets
}

// atPageEnd copies data to the very end of a memory page, so that reading far
// behind it has a chance to fault, and gives the copy no spare capacity.
func atPageEnd(data []byte) []byte {
	const page = 1 << 14
	whole := make([]byte, (len(data)/page+1)*page)
	for i := range whole {
		whole[i] = 'a'
	}
	at := len(whole) - len(data)
	copy(whole[at:], data)
	return whole[at:len(whole):len(whole)]
}

func compare(tb testing.TB, sets []*Set, data []byte, lo, hi int) {
	tb.Helper()
	want := naive(sets[0].tables.Literals, data, lo, hi)
	for _, s := range sets {
		if got := s.Find(nil, data, lo, hi); !slices.Equal(got, want) {
			tb.Fatalf("kernel %d, literals %q\n data %q, range [%d:%d)\n got  %v\n want %v",
				s.kernel, s.tables.Literals, data, lo, hi, got, want)
		}
	}
}

func TestFindTable(t *testing.T) {
	tests := []struct {
		name string
		lits []string
		data string
		want []Hit
	}{
		{"nothing", nil, "token", nil},
		{"overlapping", []string{"token", "api_token", "tok", "ken"}, "My_API_TOKEN=1",
			[]Hit{{3, 1}, {7, 0}, {7, 2}, {9, 3}}},
		{"same start", []string{"tokens", "tok", "token"}, "tokens", []Hit{{0, 0}, {0, 1}, {0, 2}}},
		{"self overlap", []string{"aaa"}, "aAaaA", []Hit{{0, 0}, {1, 0}, {2, 0}}},
		{"short at the end", []string{"eyj"}, "..eyJ", []Hit{{2, 0}}},
		{"short before a high byte", []string{"eyj"}, "eyJ\xff\xfe", []Hit{{0, 0}}},
		{"shorter than any", []string{"eyj", "token"}, "ey", nil},
		{"cut off", []string{"token"}, "toke", nil},
		{"end is not padded", []string{"a\x00\x00", "tok\x00"}, "xxatok", nil},
		{"long", []string{strings.Repeat("x", MaxLen-1) + "y"}, strings.Repeat("X", MaxLen) + "Y", []Hit{{1, 0}}},
		{"long, last byte differs", []string{strings.Repeat("x", MaxLen-1) + "y"}, strings.Repeat("X", MaxLen) + "Z", nil},
		{"invalid UTF-8 around", []string{"auth"}, "\xc3\x28\xa0AUTH\xe2\x82", []Hit{{3, 0}}},
		{"high twins of letters", []string{"auth"}, "\xe1\xf5\xf4\xe8 \xc1uth a\xd5th", nil},
		{"at sign is no backtick", []string{"`abc", "@xyz"}, "@abc `xyz", nil},
		{"brackets are no braces", []string{"[abc", "{xyz"}, "{abc [xyz", nil},
		{"underscore is no DEL", []string{"api_key"}, "api\x7fkey", nil},
		{"DEL is no underscore", []string{"api\x7fkey"}, "api_key", nil},
		{"dash is no CR", []string{"api-key", "---"}, "api\rkey\r\r\r", nil},
		{"digits are no control bytes", []string{"auth0", "123"}, "auth\x10 \x11\x12\x13", nil},
		{"same class, other byte", []string{"://", "r8_"}, "*?/ \n// r(_ rx_", nil},
		{"Kelvin sign is no k", []string{"key"}, "\u212aey", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := atPageEnd([]byte(tt.data))
			for _, s := range twins(t, tt.lits) {
				if got := s.Find(nil, data, 0, len(data)); !slices.Equal(got, tt.want) {
					t.Errorf("kernel %d: got %v, want %v", s.kernel, got, tt.want)
				}
			}
			if got := naive(tt.lits, data, 0, len(data)); !slices.Equal(got, tt.want) {
				t.Errorf("naive: got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNew(t *testing.T) {
	many := make([]string, MaxCount+1)
	for i := range many {
		many[i] = fmt.Sprintf("lit%05d", i)
	}
	tests := []struct {
		name string
		lits []string
		want string // part of the error; "" wants none
	}{
		{"empty", nil, ""},
		{"limits", []string{"abc", strings.Repeat("a", MaxLen)}, ""},
		{"most", many[:MaxCount], ""},
		{"too many", many, "at most 8192"},
		{"short", []string{"token", "ab"}, `"ab" is too short: a literal has 3 to 32 bytes`},
		{"long", []string{strings.Repeat("a", MaxLen+1)}, "is too long: a literal has 3 to 32 bytes"},
		{"not ASCII", []string{"naïve"}, "not ASCII"},
		{"upper case", []string{"Token"}, "upper-case"},
		{"twice", []string{"token", "auth", "token"}, `"token" is listed twice (numbers 0 and 2)`},
		{"short twice", []string{"eyj", "eyj"}, "is listed twice (numbers 0 and 1)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := New(tt.lits)
			if tt.want == "" {
				if err != nil || s == nil {
					t.Fatalf("got error %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
	if got := mustNew(t, []string{"abc", "abcde"}).MaxLen(); got != 5 {
		t.Errorf("MaxLen: got %d, want 5", got)
	}
	if got := mustNew(t, nil).MaxLen(); got != 0 {
		t.Errorf("MaxLen of nothing: got %d, want 0", got)
	}
}

// randomBytes draws n bytes from alphabet.
func randomBytes(r *rand.Rand, alphabet string, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return b
}

func randomLiterals(r *rand.Rand, alphabet string, n int) []string {
	var lits []string
	for range n {
		lit := string(randomBytes(r, alphabet, minLen+min(r.IntN(30), r.IntN(30), r.IntN(30))))
		if !slices.Contains(lits, lit) {
			lits = append(lits, lit)
		}
	}
	return lits
}

func TestFindRandom(t *testing.T) {
	alphabets := []struct{ lits, data string }{
		{"ab", "abAB"},
		{"abc_", "abcABC_\x7f"},
		{"k`@[{", "kK`@[{"},
		{"-:/0p", "-\r:\x1a/\x0f0\x10\x00pP\xf0"},
		{"aeinrst_-", "aeinrstAEINRST_- \n\xc3\xff"},
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, a := range alphabets {
		for range 150 {
			sets := twins(t, randomLiterals(r, a.lits, 1+r.IntN(40)))
			data := atPageEnd(randomBytes(r, a.data, r.IntN(300)))
			compare(t, sets, data, 0, len(data))
			lo, hi := r.IntN(len(data)+2)-1, r.IntN(len(data)+2)
			compare(t, sets, data, lo, hi)
		}
	}
}

// TestFindRanges takes every range of some small data, and data of every
// length.
func TestFindRanges(t *testing.T) {
	lits := benchLiterals(420)
	sets := twins(t, lits)
	text := "x token=eyJ github_PAT_ postgres://API-KEY auth0.api_token ://r8_-----BEGIN pwd AKIA-hf_"
	for end := range len(text) + 1 {
		compare(t, sets, atPageEnd([]byte(text[:end])), 0, end)
		compare(t, sets, atPageEnd([]byte(text[end:])), 0, len(text)-end)
	}
	data := atPageEnd([]byte(text))
	all := naive(lits, data, 0, len(data))
	for lo := -1; lo <= len(data)+1; lo++ {
		for hi := lo - 1; hi <= len(data)+1; hi++ {
			var want []Hit
			for _, h := range all {
				if int(h.Off) >= lo && int(h.Off) < hi {
					want = append(want, h)
				}
			}
			for _, s := range sets {
				if got := s.Find(nil, data, lo, hi); !slices.Equal(got, want) {
					t.Fatalf("kernel %d [%d:%d): got %v, want %v", s.kernel, lo, hi, got, want)
				}
			}
		}
	}
}

// TestFindSplit holds that ranges side by side give what one range gives, and
// that Find leaves alone what dst holds.
func TestFindSplit(t *testing.T) {
	text := sourceText(t, 1<<20)
	first := Hit{Off: 1 << 30, Lit: 7}
	r := rand.New(rand.NewPCG(5, 6))
	for _, s := range twins(t, benchLiterals(420)) {
		whole := s.Find([]Hit{first}, text, 0, len(text))
		parts := []Hit{first}
		for lo := 0; lo < len(text); {
			hi := lo + 1 + r.IntN(1500)
			parts = s.Find(parts, text, lo, hi)
			lo = hi
		}
		if !slices.Equal(whole, parts) {
			t.Errorf("kernel %d: %d hits in one range, %d in many", s.kernel, len(whole), len(parts))
		}
	}
}

func TestFindSource(t *testing.T) {
	lits := benchLiterals(600)
	sets := twins(t, lits)
	text := sourceText(t, 2<<20)
	folded := bytes.ToLower(bytes.ToValidUTF8(text, []byte("?")))
	var want []Hit
	for i, lit := range lits {
		for off := 0; ; off++ {
			next := bytes.Index(folded[off:], []byte(lit))
			if next < 0 {
				break
			}
			off += next
			want = append(want, Hit{Off: int32(off), Lit: uint16(i)})
		}
	}
	slices.SortFunc(want, func(a, b Hit) int {
		if after(a, b) {
			return 1
		}
		return -1
	})
	for _, s := range sets {
		if got := s.Find(nil, folded, 0, len(folded)); !slices.Equal(got, want) {
			t.Errorf("kernel %d, lower case: got %d hits, want %d", s.kernel, len(got), len(want))
		}
		upper := bytes.Map(func(c rune) rune {
			if 'a' <= c && c <= 'z' {
				return c - 'a' + 'A'
			}
			return c
		}, folded)
		if got := s.Find(nil, upper, 0, len(upper)); !slices.Equal(got, want) {
			t.Errorf("kernel %d, upper case: got %d hits, want %d", s.kernel, len(got), len(want))
		}
	}
}

// admits is the plain twin of the vector filters.
func (s *Set) admits(window []byte) bool {
	takes := ^uint64(0)
	for j := range lanes {
		takes &= s.takes(j, window[j])
	}
	return takes != 0
}

// takes has a bit for each bucket that takes c in lane j.
func (s *Set) takes(j int, c byte) (takes uint64) {
	if s.kernel == avx512 {
		for b, row := range s.wide[j] {
			takes |= uint64(row[symbol(c)]) << (8 * b)
		}
		return takes
	}
	for b, rows := range s.vec[j] {
		takes |= uint64(rows[c%32/16][c%16]) << (8 * b)
	}
	return takes
}

// TestVectorTwins holds that the vector code admits and sifts the same
// positions as plain code for every byte in every lane.
func TestVectorTwins(t *testing.T) {
	if best() == portable {
		t.Skip("no vector code on this machine")
	}
	for k := avx2; k <= best(); k++ {
		for _, n := range []int{0, 1, 5, 60, 420, 2000} {
			checkVector(t, mustCompile(t, append(benchLiterals(n), "zq\x00\x7f~"), k), n)
		}
	}
}

func checkVector(t *testing.T, s *Set, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 8))
	data := make([]byte, chunkBlocks*block+overread)
	for range 150 {
		noise(r, data, s.tables.Literals)
		blocks := 1 + r.IntN(chunkBlocks)
		part := atPageEnd(data[:blocks*block+overread])
		var vecRoom, plainRoom longRoom
		vec, plain := vecRoom.scratch(), plainRoom.scratch()
		s.filter(part, blocks, vec)
		for i := range blocks * block {
			if s.admits(part[i:]) {
				plain.masks[i/block] |= 1 << (i % block)
			}
		}
		if !slices.Equal(vec.masks, plain.masks) {
			t.Fatalf("kernel %d, %d literals, %d blocks:\n vec   %x\n plain %x", s.kernel, n, blocks, vec.masks, plain.masks)
		}
		got := s.sift(part, blocks, vec)
		if want := plain.list[:s.tables.sift(part, blocks, plain)]; !slices.Equal(got, want) {
			t.Fatalf("kernel %d, %d literals, %d blocks: sifted\n vec   %v\n plain %v", s.kernel, n, blocks, got, want)
		}
	}
}

// noise fills data with random bytes, most of them ASCII, and some literals.
func noise(r *rand.Rand, data []byte, lits []string) {
	for i := range data {
		data[i] = byte(r.UintN(256))
		if r.IntN(4) != 0 {
			data[i] &= 0x7f
		}
		if lit := lits[r.IntN(len(lits))]; r.IntN(20) == 0 {
			copy(data[i/2:], lit)
		}
	}
}

// TestShortChainApart holds that a gram of three bytes never shares its chain
// with a gram of four that begins alike, or its literals would be found twice.
func TestShortChainApart(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 2000 {
		gram := r.Uint32() | foldAll
		for c := range uint32(256) {
			four := gram&threeOnly | (c|0x20)<<24
			if gramHash(four)>>slotShift == gramHash(gram&threeOnly)>>slotShift {
				t.Fatalf("grams %x and %x share a chain", four, gram&threeOnly)
			}
		}
	}
}

func TestFindAllocatesNothing(t *testing.T) {
	text := sourceText(t, 1<<16)
	for _, s := range twins(t, benchLiterals(420)) {
		dst := make([]Hit, 0, len(text))
		if n := testing.AllocsPerRun(10, func() { s.Find(dst, text, 0, len(text)) }); n != 0 {
			t.Errorf("kernel %d: %v allocations", s.kernel, n)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("token api_token tok", []byte("My API_TOKEN and a token"), 0, 100)
	f.Add("eyj ://", []byte("https://eyJ"), 3, 11)
	f.Add("aaa aaaa aaaaaaaaa", bytes.Repeat([]byte("aA"), 40), 1, 70)
	f.Add("api_key -----begin", []byte("api\x7fkey \r\r\r\r\rBEGIN"), 0, 20)
	f.Fuzz(func(t *testing.T, words string, data []byte, lo, hi int) {
		var lits []string
		for w := range strings.FieldsSeq(words) {
			w = strings.ToLower(w)
			if check(w) == nil && !slices.Contains(lits, w) {
				lits = append(lits, w)
			}
		}
		if len(lits) == 0 || len(lits) > MaxCount || len(data) > 1<<12 {
			return
		}
		compare(t, twins(t, lits), atPageEnd(data), lo, hi)
	})
}
