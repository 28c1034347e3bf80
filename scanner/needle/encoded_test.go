package needle

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"maps"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keyrake/scanner/replacement"
	"keyrake/scanner/window"
)

// encoders write whole contents.
var encoders = map[string]func(string) string{
	"base64":        func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64, URL":   func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"base64, raw":   func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
	"hexadecimal":   func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEXADECIMAL":   func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"URL query":     url.QueryEscape,
	"URL path":      url.PathEscape,
	"URL, %2f":      func(s string) string { return escapes.ReplaceAllStringFunc(url.QueryEscape(s), strings.ToLower) },
	"URL, of a tab": func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") },
	"HTML":          html.EscapeString,
	"JSON": func(s string) string {
		b, _ := json.Marshal(s)
		return string(b)
	},
	"JSON as it may be": func(s string) string {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(s)
		return b.String()
	},
	"JSON of PHP": func(s string) string {
		b, _ := json.Marshal(s)
		return strings.ReplaceAll(string(b), "/", `\/`)
	},
}

var escapes = regexp.MustCompile(`%..`)

// TestEachLarge moves a short word behind an escape over the edge between two windows: what
// is found is what a search of the whole finds.
func TestEachLarge(t *testing.T) {
	for _, encoded := range []bool{false, true} {
		set, err := New([]replacement.Entry{{Text: "hunter2", Word: true}}, encoded)
		if err != nil {
			t.Fatal(err)
		}
		n, found := NewSearch(set), 0
		for _, before := range []string{" ", "x", `\n`, `\u000a`, "&quot;"} {
			for off := window.Usual; off <= window.Usual+2*maxEscape; off++ {
				data := strings.Repeat(" ", off-len(before)) + before + "hunter2" + strings.Repeat(" ", 1000)
				var got, want []int
				n.Each([]byte(data), func(_, from, _ int) { want = append(want, from) })
				err := n.EachLarge(strings.NewReader(data), func(v *window.Windows, _, from, _ int) { got = append(got, off) })
				if err != nil || len(got) != len(want) {
					t.Fatalf("%q at %d, encoded %v: found %v, want %v, %v", before, off, encoded, got, want, err)
				}
				found += len(want)
			}
		}
		if found == 0 {
			t.Error("nothing was found")
		}
	}
}

// TestEncoded writes contents as encoders of others do, and looks for what stands in them.
func TestEncoded(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const letters = `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789`
	text := func(n int, alphabet string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	for _, name := range slices.Sorted(maps.Keys(encoders)) {
		encode := encoders[name]
		for range 300 {
			alphabet := letters
			if marks := `+/=-_.~"\&<>'%` + "\n"; rng.IntN(2) == 0 && (!strings.HasPrefix(name, "JSON of") || !strings.ContainsAny(marks, "<>&")) {
				alphabet += marks
			}
			word, other := text(7+rng.IntN(40), alphabet), text(20, letters)
			set, err := New([]replacement.Entry{{Text: other}, {Text: word, Word: rng.IntN(2) == 0}}, true)
			if err != nil {
				t.Fatal(err)
			}
			before, after := text(rng.IntN(90), " :\n"), text(rng.IntN(90), " :\n")
			data, found := encode(before+word+after), 0
			most := 2 // what ends in a backslash begins its own escape; the n of \n may be taken for the first character
			if strings.HasPrefix(name, "base64") || strings.HasPrefix(strings.ToLower(name), "hex") {
				end := []string{"\n", "\r\n", "\n    ", `\n`}[rng.IntN(4)]
				data = folded(data, []int{60, 64, 76, 1000}[rng.IntN(4)], end)
				if end != `\n` {
					most = 1
				}
			}
			NewSearch(set).Each([]byte(data), func(entry, from, to int) {
				if entry == 1 && 0 <= from && from < to && to <= len(data) {
					found++
				}
			})
			if found == 0 || found > most {
				t.Fatalf("%s: %q is found %d times in %q", name, word, found, data)
			}
			NewSearch(set).Each([]byte(encode(before+text(len(word), letters)+after)), func(entry, _, _ int) { t.Errorf("%s: entry %d is found where it is not", name, entry) })
		}
	}
}

// folded breaks text into lines of n characters.
func folded(text string, n int, end string) string {
	var b strings.Builder
	for ; len(text) > n; text = text[n:] {
		b.WriteString(text[:n] + end)
	}
	return b.String() + text
}
