package repo

import "strings"

// isSafeRefName is git's refname_is_safe: the name cannot lead out of refs/,
// or it is a name like HEAD, which stands beside refs/.
func isSafeRefName(name string) bool {
	rest, inRefs := strings.CutPrefix(name, "refs/")
	if inRefs {
		for part := range strings.SplitSeq(rest, "/") {
			if part == "" || part == "." || part == ".." {
				return false
			}
		}
		// A name with NUL cannot be a file, and os functions would err on it.
		return strings.IndexByte(name, 0) < 0
	}
	for i := range len(name) {
		if (name[i] < 'A' || name[i] > 'Z') && name[i] != '_' {
			return false
		}
	}
	return name != ""
}

// validRefName is git's check_refname_format for a full name. Refs whose names
// are safe but not valid ("refs/heads/main 2", left by a file synchroniser) are
// ignored by git; here they are listed as Extra.
func validRefName(name string) bool {
	if name == "" || name == "@" || strings.HasSuffix(name, ".") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	if strings.Contains(name, "..") || strings.Contains(name, "@{") {
		return false
	}
	for i := range len(name) {
		if name[i] < ' ' || name[i] == 0x7f || strings.IndexByte(" ~^:?*[\\", name[i]) >= 0 {
			return false
		}
	}
	return true
}
