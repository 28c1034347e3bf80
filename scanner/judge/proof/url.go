package proof

import (
	"bytes"
	"net/url"
)

func dbURL(token []byte) Result {
	scheme, _, ok := bytes.Cut(token, []byte("://"))
	if !ok || bytes.HasPrefix(scheme, []byte("http")) {
		return Result{}
	}
	return urlPassword(token)
}

func basicAuthURL(token []byte) Result {
	if !bytes.HasPrefix(token, []byte("http://")) && !bytes.HasPrefix(token, []byte("https://")) {
		return Result{}
	}
	return urlPassword(token)
}

// urlPassword finds the password between the scheme and the last @ of the
// authority. It splits by hand because net/url refuses the raw characters that
// people leave in passwords.
func urlPassword(token []byte) Result {
	_, rest, _ := bytes.Cut(token, []byte("://"))
	end := bytes.IndexAny(rest, "?# \t\r\n\"'`<>")
	if end < 0 {
		end = len(rest)
	}
	at := bytes.LastIndexByte(rest[:end], '@')
	if at < 0 {
		// The password itself may hold one of the bytes that end an authority.
		at = bytes.LastIndexByte(rest, '@')
	}
	if at < 0 {
		return Result{}
	}
	user, pass, ok := bytes.Cut(rest[:at], []byte(":"))
	host := hostOf(rest[at+1:])
	if !ok || len(pass) == 0 || len(host) == 0 || bytes.IndexByte(user, '/') >= 0 || isPort(pass) {
		return Result{}
	}
	r := Result{State: Verified, Marks: Structure, Core: pass, Note: "host " + public(string(host))}
	if plain, err := url.PathUnescape(string(pass)); err == nil {
		r.Core = []byte(plain)
	}
	if isLocal(string(host)) {
		r.Marks |= Local
	}
	if isSampleHost(string(host)) {
		r.Marks |= Sample
	}
	return r
}

// isPort tells host:8080/path@2 from user:password@host.
func isPort(pass []byte) bool {
	cut := bytes.IndexAny(pass, "/?#")
	return cut == 0 || cut > 0 && allDigits(pass[:cut])
}

func hostOf(rest []byte) []byte {
	if len(rest) > 0 && rest[0] == '[' {
		if i := bytes.IndexByte(rest, ']'); i > 0 {
			return rest[:i+1]
		}
	}
	if i := bytes.IndexAny(rest, ":/?#, \t\r\n\"'`<>)\\;"); i >= 0 {
		return rest[:i]
	}
	return rest
}

func isLocal(host string) bool {
	switch host {
	case "localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal":
		return true
	}
	return false
}

// isSampleHost knows the names that RFC 2606 keeps for samples, and the words
// that stand for "your host".
func isSampleHost(host string) bool {
	switch host {
	case "host", "hostname", "HOST", "HOSTNAME", "server", "domain", "example", "myhost", "yourhost", "dbhost", "ip", "IP", "address":
		return true
	}
	for _, end := range []string{"example.com", "example.org", "example.net", ".example", ".invalid", ".test"} {
		if len(host) >= len(end) && host[len(host)-len(end):] == end {
			return true
		}
	}
	return false
}
