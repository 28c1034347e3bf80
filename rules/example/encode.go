package example

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
)

func base64Of(s string) string    { return base64.StdEncoding.EncodeToString([]byte(s)) }
func base64URLOf(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
func hexOf(s string) string       { return hex.EncodeToString([]byte(s)) }
func percentOf(s string) string   { return url.QueryEscape(s) }

// escapeOf writes a text as it stands between the quotes of a JSON string.
func escapeOf(s string) (string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	return strings.Trim(string(b), `"`), nil
}

var errTooShort = errors.New("the text is too short")

// bad changes the last letter or digit to another one of its kind, so that a
// checksum no longer fits.
func bad(s string) (string, error) {
	for i := len(s) - 1; i >= 0; i-- {
		switch c := s[i]; {
		case c == '9', c == 'Z', c == 'z', c == 'F', c == 'f':
			return s[:i] + string(c-1) + s[i+1:], nil
		case strings.IndexByte(alnum62, c) >= 0:
			return s[:i] + string(c+1) + s[i+1:], nil
		}
	}
	return "", errTooShort
}

func short(s string) (string, error) { return head(len(s)-1, s) }

func (g *generator) long(s string) string { return s + g.pick(alnum62, 1) }

func head(n int, s string) (string, error) {
	if n < 0 || n > len(s) {
		return "", errTooShort
	}
	return s[:n], nil
}

func tail(n int, s string) (string, error) {
	if n < 0 || n > len(s) {
		return "", errTooShort
	}
	return s[n:], nil
}
