package finding

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Secret holds the bytes of a credential and prints as its masked form,
// whatever verb or encoder prints it. Its zero value is an empty secret.
//
// The bytes are held by a pointer because fmt cannot call methods on the
// unexported fields of a struct: there it would print a plain slice, but of a
// pointer it prints only the address.
type Secret struct {
	value *string
}

// NewSecret copies data into a Secret.
func NewSecret(data []byte) Secret {
	value := string(data)
	return Secret{&value}
}

// SecretAt makes a Secret of a text that stays where it is and must not change:
// of a million, none has memory of its own.
func SecretAt(text *string) Secret { return Secret{text} }

// Reveal gives the secret itself, unmasked. It is the only way to the bytes.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Len is the number of bytes in the secret.
func (s Secret) Len() int { return len(s.Reveal()) }

// String gives the masked form.
func (s Secret) String() string { return mask(s.Reveal()) }

// GoString gives the masked form for %#v.
func (s Secret) GoString() string { return fmt.Sprintf("finding.Secret(%q)", s.String()) }

// Format prints the masked form for every verb, so that %x or %d cannot give
// out what %s hides.
func (s Secret) Format(f fmt.State, verb rune) {
	switch {
	case verb == 'v' && f.Flag('#'):
		fmt.Fprint(f, s.GoString())
	case verb == 'q':
		fmt.Fprintf(f, fmt.FormatString(f, 'q'), s.String())
	default:
		fmt.Fprintf(f, fmt.FormatString(f, 's'), s.String())
	}
}

// MarshalText gives the masked form.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON gives the masked form as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// GobEncode keeps nothing: what is stored holds no secret, not even masked.
func (s Secret) GobEncode() ([]byte, error) { return nil, nil }

// GobDecode gives an empty secret.
func (s *Secret) GobDecode([]byte) error { *s = Secret{}; return nil }

const (
	hidden       = "••••"
	minPartShown = 20 // shorter secrets show no character: six of them would be too large a part
	headShown    = 4
	tailShown    = 2
)

// mask hides a secret: a PEM block shows what sort of block it is, a long token
// its first four and last two characters, anything else only its size. Of no
// secret there is nothing to show.
func mask(value string) string {
	if value == "" {
		return ""
	}
	lines := countLines(value)
	if header := pemHeader(value); header != "" {
		return header + " … (" + plural(lines, "line") + ")"
	}
	if lines > 1 {
		return hidden + " (" + plural(lines, "line") + ")"
	}
	if !utf8.ValidString(value) {
		return hidden + " (" + plural(len(value), "byte") + ")"
	}
	n := utf8.RuneCountInString(value)
	if n >= minPartShown {
		head, tail := runesAt(value, headShown), len(value)
		for range tailShown {
			_, size := utf8.DecodeLastRuneInString(value[:tail])
			tail -= size
		}
		if printable(value[:head]) && printable(value[tail:]) {
			return value[:head] + "…" + value[tail:]
		}
	}
	return hidden + " (" + plural(n, "character") + ")"
}

// countLines counts lines of text; a newline at the very end opens no further one.
func countLines(value string) int {
	value = strings.TrimSuffix(value, "\n")
	return strings.Count(value, "\n") + 1
}

// pemHeader gives the "-----BEGIN … KEY-----" that value starts with, or "". The
// label has to be plain capitals, so that no key text can pass for a header.
func pemHeader(value string) string {
	if !strings.HasPrefix(value, "-----BEGIN ") {
		return ""
	}
	return regexp.MustCompile(`^-----BEGIN [A-Z0-9 ]{1,40}-----`).FindString(value)
}

// runesAt gives where the first n characters of value end.
func runesAt(value string, n int) (end int) {
	for range n {
		_, size := utf8.DecodeRuneInString(value[end:])
		end += size
	}
	return end
}

func printable(text string) bool {
	for _, r := range text {
		if !unicode.IsGraphic(r) {
			return false
		}
	}
	return true
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
