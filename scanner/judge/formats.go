package judge

import "bytes"

// isEmail wants a name, an @, and a domain with a dot that ends in letters.
func isEmail(v []byte) bool {
	at := bytes.IndexByte(v, '@')
	if at < 1 || at == len(v)-1 {
		return false
	}
	domain := v[at+1:]
	dot := bytes.LastIndexByte(domain, '.')
	if dot < 1 || len(domain)-dot < 3 {
		return false
	}
	for _, c := range domain {
		if !isLetter(c) && !isNumber(c) && c != '.' && c != '-' {
			return false
		}
	}
	for _, c := range domain[dot+1:] {
		if !isLetter(c) {
			return false
		}
	}
	return true
}

// isPath takes slashes for a path if the rest reads like names. Base64 has
// slashes as well, but does not read.
func isPath(v []byte, s *shape) bool {
	if isAbsolute(v) {
		return true
	}
	lead := v[0] == '/' || v[0] == '~' || v[0] == '.' || len(v) > 2 && v[1] == ':'
	if lead && s.digit == 0 && s.upper == 0 && s.slashes+s.lower == s.n {
		return true
	}
	if lead {
		return s.odds < 0.8*float64(s.n)
	}
	return s.odds < 0 && (s.slashes >= 2 || s.dots > 0 || s.digit*3 < s.n)
}

// isAbsolute says whether v begins with a folder that all systems have at their root.
func isAbsolute(v []byte) bool {
	for _, root := range [...]string{"/var/", "/etc/", "/usr/", "/home/", "/opt/", "/tmp/", "/root/", "/run/", "/dev/", "/proc/", "/mnt/", "/srv/", "/Users/", "/Library/"} {
		if bytes.HasPrefix(v, []byte(root)) {
			return true
		}
	}
	return false
}

// isWindowsPath says whether v begins as paths with backslashes do, which may be
// escaped: C:\\temp, ..\temp.
func isWindowsPath(v []byte) bool {
	for len(v) > 0 && v[0] == '.' {
		if v = v[1:]; len(v) > 1 && v[0] == '\\' {
			return true
		}
	}
	return len(v) > 3 && isLetter(v[0]) && v[1] == ':' && v[2] == '\\'
}

// isLabel says whether v is three or more pieces, each a number, a word in one
// case, or such a word with a number behind it (SHA256), as in the names of
// algorithms and of regions.
func isLabel(v []byte) bool {
	pieces, digits, lower, upper := 1, 0, 0, 0
	for _, c := range v {
		switch {
		case isNumber(c):
			digits++
			if letters := lower + upper; letters > 0 && (letters < 3 || digits > 3) {
				return false
			}
			continue
		case isLower(c):
			lower++
		case isUpper(c):
			upper++
		case c == '-' || c == '_' || c == '.' || c == '/' || c == ' ':
			pieces++
			digits, lower, upper = 0, 0, 0
			continue
		default:
			return false
		}
		if digits > 0 || upper > 1 && lower > 0 {
			return false
		}
	}
	return pieces >= 3
}

// isDateOrVersion wants digits and the marks of dates, times, versions and
// network addresses, with an optional leading v.
func isDateOrVersion(v []byte, s *shape) bool {
	if s.digit*2 < s.n || s.lower+s.upper > 3 {
		return false
	}
	marks := 0
	for _, c := range v {
		switch c {
		case '.', '-', ':', '/', ' ', '+':
			marks++
		case 'v', 'T', 'Z':
		default:
			if !isNumber(c) {
				return false
			}
		}
	}
	return marks >= 2
}

func isUUID(v []byte, s *shape) bool {
	return len(v) == 36 && s.hexDigits == 32 && v[8] == '-' && v[13] == '-' && v[18] == '-' && v[23] == '-'
}
