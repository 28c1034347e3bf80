package proof

import (
	"bytes"
	"encoding/base64"
)

// pemBlock is one armoured block. Only its content matters here, so unlike
// encoding/pem the reader copes with the ways in which blocks sit in source
// code: \n escapes, quotes, indentation, comment and diff marks, CRLF.
type pemBlock struct {
	label     string
	encrypted bool   // a Proc-Type or DEK-Info header says so
	text      []byte // base64 without white space
	data      []byte // nil if the text is not base64
}

// findPEM returns the first whole block whose label ends in want.
func findPEM(token []byte, want string) (pemBlock, bool) {
	for {
		i := bytes.Index(token, []byte("-----BEGIN "))
		if i < 0 {
			return pemBlock{}, false
		}
		token = token[i+len("-----BEGIN "):]
		j := bytes.Index(token[:min(64, len(token))], []byte("-----"))
		if j < 0 {
			continue
		}
		label := token[:j]
		rest := token[j+5:]
		if !bytes.HasSuffix(label, []byte(want)) {
			continue
		}
		end := bytes.Index(rest, append(append([]byte("-----END "), label...), "-----"...))
		if end < 0 {
			return pemBlock{}, false
		}
		b := pemBlock{label: string(label)}
		b.read(rest[:end])
		return b, true
	}
}

func (b *pemBlock) read(body []byte) {
	lines := bytes.Split(unescape(body), []byte("\n"))
	diff := isDiff(lines)
	text := make([]byte, 0, len(body))
	for _, line := range lines {
		line = bareLine(line, diff)
		switch {
		case len(line) == 0:
		case bytes.IndexByte(line, ':') >= 0:
			if bytes.HasPrefix(line, []byte("Proc-Type:")) && bytes.Contains(line, []byte("ENCRYPTED")) ||
				bytes.HasPrefix(line, []byte("DEK-Info:")) {
				b.encrypted = true
			}
		case line[0] == '=' && len(line) == 5 && bytes.HasSuffix([]byte(b.label), []byte("BLOCK")):
			// the checksum of an OpenPGP armour
		default:
			text = append(text, line...)
		}
	}
	b.text = bytes.TrimRight(text, "=")
	if data, err := base64.RawStdEncoding.DecodeString(string(b.text)); err == nil && len(data) > 0 {
		b.data = data
	}
}

// unescape turns the escapes of JSON, shells, HTML and URLs into line breaks.
// Backslashes may be doubled any number of times.
func unescape(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		switch c := body[i]; c {
		case '\\':
			for i+1 < len(body) && body[i+1] == '\\' {
				i++
			}
			if i+1 >= len(body) {
				continue
			}
			i++
			switch body[i] {
			case 'n', 'r', 't', '\n', '\r':
				out = append(out, '\n')
			case 'u':
				if i+4 < len(body) {
					i += 4
				}
				out = append(out, '\n')
			default:
				out = append(out, body[i])
			}
		case '\r':
			out = append(out, '\n')
		case '&':
			if j := bytes.IndexByte(body[i:min(len(body), i+8)], ';'); j > 0 {
				i += j
			}
			out = append(out, '\n')
		case '%':
			// %0A and %0D; a plus as %2B.
			if i+2 < len(body) && body[i+1] == '0' {
				out = append(out, '\n')
				i += 2
			} else if i+2 < len(body) && body[i+1] == '2' && body[i+2]|0x20 == 'b' {
				out = append(out, '+')
				i += 2
			}
		default:
			out = append(out, c)
		}
	}
	return out
}

// isDiff says whether every line of a block starts with a plus sign, which
// then is the mark of a patch and not the first digit of base64.
func isDiff(lines [][]byte) bool {
	marked := 0
	for _, line := range lines {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if line[0] != '+' {
			return false
		}
		marked++
	}
	return marked >= 3
}

// bareLine strips what source code puts round a line of base64.
func bareLine(line []byte, diff bool) []byte {
	line = bytes.TrimSpace(line)
	// One line may hold several quoted pieces: "abc" + "def".
	if q := bytes.IndexAny(line, "\"'`"); q >= 0 {
		line = quoted(line)
	}
	if diff && len(line) > 0 {
		line = line[1:]
	}
	for _, mark := range []string{"#", "//", "*", ";", "--", ">", "|", "+", "-"} {
		if after, ok := bytes.CutPrefix(line, []byte(mark+" ")); ok {
			line = after
			break
		}
	}
	if string(line) == "//" {
		return nil
	}
	line = bytes.Trim(line, " \t,;#*-")
	if bytes.IndexByte(line, ' ') < 0 || bytes.IndexByte(line, ':') >= 0 {
		return line
	}
	return bytes.ReplaceAll(line, []byte(" "), nil)
}

func quoted(line []byte) []byte {
	out := make([]byte, 0, len(line))
	pieces := bytes.FieldsFunc(line, func(r rune) bool { return r == '"' || r == '\'' || r == '`' })
	for _, p := range pieces {
		// What stands between two literals is an operator, not base64.
		if t := bytes.Trim(p, " \t+.,&()\\"); len(t) > 0 {
			out = append(out, bytes.TrimSpace(p)...)
		}
	}
	return out
}
