package finding

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote writes a word for a POSIX shell; "" stays "". What cannot be printed is
// written as $'\012', which a terminal shows and a shell reads as it is.
func Quote(word string) string {
	if strings.ContainsFunc(word, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }) {
		var b strings.Builder
		for i := range len(word) {
			switch c := word[i]; {
			case c == '\\' || c == '\'':
				b.WriteString(`\` + string(c))
			case c < ' ' || c > '~':
				fmt.Fprintf(&b, `\%03o`, c)
			default:
				b.WriteByte(c)
			}
		}
		return "$'" + b.String() + "'"
	}
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/@+=:,", r)
	}
	if !strings.HasPrefix(word, "-") && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Command writes a command's words for a POSIX shell; those that begin with a dash are its
// flags.
func Command(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		rest := strings.TrimLeft(w, "-")
		quoted[i] = w[:len(w)-len(rest)] + Quote(rest)
	}
	return strings.Join(quoted, " ")
}

// LetGo is the command that lets git delete what nothing but reflogs keeps. Told to expire them
// at once by its settings, and not by --expire, git leaves the reflog of refs/stash alone,
// which is the list of stashes (git-reflog, gc.reflogExpire).
const LetGo = "git -c gc.reflogExpire=now -c gc.reflogExpireUnreachable=now gc --prune=now"

// Pathspec names one file for git by its path from the top of the repository, whatever folder git
// is called in and whatever marks the path holds (gitglossary, pathspec).
func Pathspec(path string) string {
	first := func(r rune) bool { return r == '.' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	if strings.ContainsAny(path, `*?[\`) || strings.IndexFunc(path, first) != 0 { // ":/!a" leaves a out
		return ":(top,literal)" + path
	}
	return ":/" + path
}
