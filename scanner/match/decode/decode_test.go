package decode

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestUnescape(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`plain 100% \n & more`, `plain 100% \n & more`},
		{"a%3Db%2fc%zz%4", "a=b/c%zz%4"},
		{`a\u003db\u{3d}c\u00e9\u0`, `a=b=c\u00e9\u0`},
		{`a\x3db\x9fc`, `a=b\x9fc`},
		{`https:\/\/host`, `https://host`},
		{"&quot;a&quot;&#61;&#x3D;&#8364;&amp;&nope;", `"a"==&#8364;&&nope;`},
	} {
		got, _ := Unescape(Text{}, []byte(c.text), 0, 0, len(c.text), true)
		if string(got.Bytes) != c.want {
			t.Errorf("%q: %q, want %q", c.text, got.Bytes, c.want)
		}
		if has := Escaped([]byte(c.text), 0, len(c.text), true); has != (c.text != c.want) {
			t.Errorf("%q: escaped %v", c.text, has)
		}
	}
	if got, _ := Unescape(Text{}, []byte("a%3D"), 0, 0, 4, false); string(got.Bytes) != "a%3D" {
		t.Errorf("percent escapes were read: %q", got.Bytes)
	}
}

func TestValue(t *testing.T) {
	std := base64.StdEncoding.EncodeToString
	for _, c := range []struct {
		value, want string
		scheme      Scheme
	}{
		{std([]byte("some text of ours")), "some text of ours", Base64},
		{std([]byte("some text of our")), "some text of our", Base64},
		{base64.RawURLEncoding.EncodeToString([]byte("some text? of ours~")), "some text? of ours~", Base64},
		{hex.EncodeToString([]byte("some text")), "some text", Hex},
		{std([]byte("short")), "", 0},
		{std([]byte("not\x00text at all")), "", 0},
		{"some text of ours that is plain", "", 0},
		{"c29tZSB0ZXh0IG9mIG91cnM=x", "", 0},
		{"d41d8cd98f00b204e9800998ecf8427e", "", 0},
		{"", "", 0},
	} {
		got, scheme, ok := Value([]byte(c.value))
		if string(got) != c.want || ok != (c.want != "") || scheme != c.scheme {
			t.Errorf("%q: %q, %v, %v", c.value, got, scheme, ok)
		}
	}
}

// FuzzUnescape: every byte has a source inside the range, in rising order, and
// what has no escape stays as it is.
func FuzzUnescape(f *testing.F) {
	f.Add([]byte(`a%3Db\u003dc\x3d&quot;&#61;`), 3)
	f.Fuzz(func(t *testing.T, data []byte, at int) {
		at = min(max(at, 0), len(data))
		text, at0 := Unescape(Text{}, data, 0, at, len(data), true)
		checkSources(t, data, &text)
		if at0 < 0 || at0 > len(text.Bytes) {
			t.Fatalf("%q: %d is at %d of %d", data, at, at0, len(text.Bytes))
		}
		if !Escaped(data, 0, len(data), true) && string(text.Bytes) != string(data) {
			t.Fatalf("%q: %q", data, text.Bytes)
		}
	})
}

// FuzzAround: text round a group is made of groups with sources inside the
// bounds.
func FuzzAround(f *testing.F) {
	f.Add([]byte(base64.StdEncoding.EncodeToString([]byte("some text that is long enough"))), 8, 0)
	f.Fuzz(func(t *testing.T, data []byte, at, scheme int) {
		s := Scheme(uint(scheme) % uint(Schemes))
		at = min(max(at, 0), len(data))
		text, at0 := Around(Text{}, data, at, 0, len(data), s)
		text.Last(data, len(data), s)
		checkSources(t, data, &text)
		for i, b := range text.Bytes {
			if !isText(b) {
				t.Fatalf("%q: %q at %d is no text", data, text.Bytes, i)
			}
		}
		if at0 < len(text.Bytes) && int(text.Sources[at0].From) != at {
			t.Fatalf("%q: the group at %d is said to be at %d", data, at, text.Sources[at0].From)
		}
	})
}

func checkSources(t *testing.T, data []byte, text *Text) {
	t.Helper()
	if len(text.Bytes) != len(text.Sources) {
		t.Fatalf("%d bytes, %d sources", len(text.Bytes), len(text.Sources))
	}
	last := int32(0)
	for _, s := range text.Sources {
		if s.From < last || s.To <= s.From || int(s.To) > len(data) {
			t.Fatalf("%q: source %+v after %d", data, s, last)
		}
		last = s.From
	}
}

func BenchmarkStretches(b *testing.B) {
	for name, line := range map[string]string{
		"code": "	for i := range list { total += list[i].Size() } // of all that is left\n",
		"lock": "    resolution: {integrity: sha512-" + fmt.Sprintf("%064d", 7) + "abcdefghijklmnopqrstuv==}\n",
	} {
		var data []byte
		for len(data) < 1<<20 {
			data = append(data, line...)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				Stretches(nil, data, 0, len(data))
			}
		})
	}
}

// TestQuads: groups of four at once are what they are one by one.
func TestQuads(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 62))
	for range 20_000 {
		n := r.IntN(40)
		plain := make([]byte, n)
		for i := range plain {
			plain[i] = byte(' ' + r.IntN('~'-' '))
		}
		if n > 0 && r.IntN(3) == 0 {
			plain[r.IntN(n)] = byte(r.IntN(256))
		}
		data := []byte(base64.StdEncoding.EncodeToString(plain) + "-x=+"[:r.IntN(5)])
		i, limit := r.IntN(len(data)+1), len(data)-r.IntN(2)*r.IntN(len(data)+1)
		var fast, slow Text
		fast.Forward(data, i, limit, Base64)
		for at0 := i; at0 < limit; {
			u := at(data, at0, limit, Base64)
			if u.width == 0 {
				break
			}
			slow.add(u, at0, Base64)
			if at0 += u.width; u.n < 3 {
				break
			}
		}
		if !bytes.Equal(fast.Bytes, slow.Bytes) || !slices.Equal(fast.Sources, slow.Sources) {
			t.Fatalf("%q[%d:%d]: %q %v, one by one %q %v", data, i, limit, fast.Bytes, fast.Sources, slow.Bytes, slow.Sources)
		}
	}
}
