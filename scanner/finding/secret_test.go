package finding

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// canary is a secret that no masked form may hold any inner part of.
func canary() string {
	return strings.Join([]string{"head", "INNER", "PART", "of", "a", "secret", "yz"}, "-")
}

func TestMask(t *testing.T) {
	dashes := strings.Repeat("-", 5)
	pem := dashes + "BEGIN EC PRIVATE KEY" + dashes + "\nline\nline\n" + dashes + "END EC PRIVATE KEY" + dashes
	tests := []struct{ name, value, want string }{
		{"empty", "", ""},
		{"one", "x", "•••• (1 character)"},
		{"19 characters", strings.Repeat("x", 19), "•••• (19 characters)"},
		{"20 characters", "abcd" + strings.Repeat("-", 14) + "yz", "abcd…yz"},
		{"20 bytes but fewer characters", strings.Repeat("ä", 10), "•••• (10 characters)"},
		{"long, not ASCII", "äöüß" + strings.Repeat("x", 20) + "éè", "äöüß…éè"},
		{"control characters in the shown part", "ab\x1b[" + strings.Repeat("x", 20), "•••• (24 characters)"},
		{"bidi in the shown part", strings.Repeat("x", 20) + "\u202e", "•••• (21 characters)"},
		{"not UTF-8", strings.Repeat("x", 30) + "\xff", "•••• (31 bytes)"},
		{"two lines", strings.Repeat("x", 30) + "\n" + strings.Repeat("y", 30), "•••• (2 lines)"},
		{"newline at the end", "abcd" + strings.Repeat("x", 30) + "\n", "•••• (35 characters)"},
		{"PEM", pem, dashes + "BEGIN EC PRIVATE KEY" + dashes + " … (4 lines)"},
		{"PEM on one line", strings.ReplaceAll(pem, "\n", `\n`), dashes + "BEGIN EC PRIVATE KEY" + dashes + " … (1 line)"},
		{"PEM with a key for a label", dashes + "BEGIN abcdef" + dashes + "\nx", "•••• (2 lines)"},
	}
	for _, test := range tests {
		if got := NewSecret([]byte(test.value)).String(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestSecretNeverPrints prints a secret in every way that the standard library
// knows, on its own and inside other values.
func TestSecretNeverPrints(t *testing.T) {
	s := NewSecret([]byte(canary()))
	type outer struct {
		Exported Secret
		hidden   Secret
		list     []Secret
	}
	nested := outer{s, s, []Secret{s}}
	outputs := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%c", "%U", "%T", "%p", "%40s", "%.9s", "%t"} {
		for name, v := range map[string]any{"secret": s, "pointer": &s, "struct": nested, "slice": []Secret{s}, "map": map[string]Secret{"k": s}, "error": fmt.Errorf("x %v", s)} {
			outputs[verb+" "+name] = fmt.Sprintf(verb, v)
		}
	}
	encode := func(name string, data []byte, err error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		outputs[name] = string(data)
	}
	data, err := json.Marshal(nested)
	encode("json", data, err)
	data, err = json.Marshal(Finding{Secret: s})
	encode("json finding", data, err)
	data, err = xml.Marshal(s)
	encode("xml", data, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s, "n", nested)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "n", nested)
	outputs["slog"] = log.String()

	var kept bytes.Buffer
	err = gob.NewEncoder(&kept).Encode(Place{Path: "p", Around: s})
	encode("gob", kept.Bytes(), err)
	var back Place
	if err := gob.NewDecoder(&kept).Decode(&back); err != nil || back.Path != "p" || back.Around.Len() != 0 {
		t.Errorf("gob: %v, %v", back, err)
	}

	hexed := fmt.Sprintf("%x", "INNER")
	for name, out := range outputs {
		for _, bad := range []string{"INNER", "secret-yz", hexed, strings.ToUpper(hexed), "73 78 78 69 82"} {
			if strings.Contains(out, bad) {
				t.Errorf("%s gives out the secret: %s", name, out)
			}
		}
	}
	if got := fmt.Sprintf("%s|%v|%10s", s, s, s); got != "head…yz|head…yz|   head…yz" {
		t.Errorf("masked forms: %q", got)
	}
	if s.Reveal() != canary() || s.Len() != len(canary()) {
		t.Errorf("Reveal gives %q", s.Reveal())
	}
}

func TestNewSecretCopies(t *testing.T) {
	data := []byte(canary())
	s := NewSecret(data)
	clear(data)
	if s.Reveal() != canary() {
		t.Error("the secret changes with the slice that it was made from")
	}
}
