package known

import (
	"bytes"
	"slices"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/finding"
)

const (
	markWord = "scan:allow"
	// markReach is how far from the secret a mark may stand, in bytes. It bounds
	// the work on files of one long line.
	markReach = 2048
	maxReason = 300
	// Reach is how far before a secret and behind it MarkAt and Around look, in bytes.
	Reach = lineReach + 1 + markReach + 1
	// lineReach is how far before the secret its line may start for the line before
	// to count.
	lineReach = 2 * markReach
)

func hasMark(text []byte) bool { return bytes.Contains(text, []byte(markWord)) }

// MarkAt gives the mark for a secret at text[from:to] that the rule found: on
// the line where the secret starts or, alone in a comment, on the line before.
// A mark without a reason, or for other rules, is given too, if there is no
// better one: it may yet fit another rule that found the same secret. Line is
// the number of the line that the secret starts in.
func MarkAt(text []byte, from, to, line int, rule string) *finding.Mark {
	near := max(0, from-lineReach-1)
	start := near + bytes.LastIndexByte(text[near:from], '\n') + 1 // or near, which is too far for the line above
	same, before := sameLine(text, start, from, to), lineBefore(text, start, from)
	if !hasMark(same) && !hasMark(before) {
		if isForeign(tailOf(text, from, to)) {
			return &finding.Mark{Foreign: true, Line: line}
		}
		return nil
	}
	var best *finding.Mark
	for _, m := range append(parseMarks(same, line), parseMarks(before, line-1)...) {
		m.Fits = slices.Contains(m.Rules, rule)
		if best == nil || rank(&m) > rank(best) {
			best = &m
		}
	}
	return best
}

// Around gives the line before the one that holds the offset, and that line,
// each as far away as a mark may be, with a newline between them. Of a line that
// starts far before the offset the one above is left out.
func Around(text []byte, offset int) []byte {
	start := bytes.LastIndexByte(text[:offset], '\n') + 1
	end := min(len(text), offset+2*markReach)
	if n := bytes.IndexByte(text[offset:end], '\n'); n >= 0 {
		end = offset + n
	}
	above := text[max(0, start-1-markReach):max(0, start-1)]
	if offset-start > lineReach {
		above = nil
	}
	above = above[bytes.LastIndexByte(above, '\n')+1:]
	trim := func(line []byte) []byte { return bytes.TrimSuffix(line, []byte("\r")) }
	return slices.Concat(trim(above), []byte("\n"), trim(text[max(start, offset-markReach):end]))
}

// rank orders marks: one that fits comes first, and with a reason before one without.
func rank(m *finding.Mark) (n int) {
	if m.Fits {
		n += 2
	}
	if m.Reason != "" {
		n++
	}
	return n
}

// sameLine is the line of the secret without the secret itself, as far as a
// mark may stand. A secret of several lines has its first line only.
func sameLine(text []byte, start, from, to int) []byte {
	if tail := tailOf(text, from, to); hasMark(tail) {
		return tail
	}
	return text[max(start, from-markReach):from]
}

// tailOf is what follows a secret on its line, as far as a mark may stand.
func tailOf(text []byte, from, to int) []byte {
	if bytes.IndexByte(text[from:to], '\n') >= 0 {
		return nil
	}
	tail := text[to:min(len(text), to+markReach)]
	if end := bytes.IndexByte(tail, '\n'); end >= 0 {
		tail = tail[:end]
	}
	return tail
}

// isForeign tells of marks that other scanners heed: gitleaks, detect-secrets,
// trufflehog and ggshield.
func isForeign(tail []byte) bool {
	for _, word := range [...]string{"gitleaks:allow", "pragma: allowlist", "pragma: whitelist", "trufflehog:ignore", "ggignore"} {
		if bytes.Contains(tail, []byte(word)) {
			return true
		}
	}
	return false
}

// lineBefore is the line above the one of the secret at from, which starts at start, if nothing but the
// opening of a comment stands before its mark. At the end of a line of code a
// mark speaks of that line; it must not reach the next one, where somebody may
// add a secret later.
func lineBefore(text []byte, start, from int) []byte {
	if start == 0 || from-start > lineReach {
		return nil
	}
	end := start - 1
	line := text[max(0, end-markReach):end]
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	at := bytes.Index(line, []byte(markWord))
	if at < 0 || end-len(line) > 0 && text[end-len(line)-1] != '\n' {
		return nil // no mark, or only the end of a longer line
	}
	before := strings.ToLower(strings.TrimSpace(string(line[:at])))
	if before != "rem" && before != "dnl" && strings.ContainsFunc(before, isWord) {
		return nil
	}
	return line
}

func isWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r >= 0x80
}

// parseMarks reads the marks of one line: "scan:allow RULE[,RULE…] -- reason".
// One that names no rule is among them, so that it can be told that it has no effect.
func parseMarks(line []byte, number int) (list []finding.Mark) {
	for rest := line; ; {
		at := bytes.Index(rest, []byte(markWord))
		if at < 0 {
			return list
		}
		glued := at > 0 && (isWord(rune(rest[at-1])) || rest[at-1] == '-')
		rest = rest[at+len(markWord):]
		body := rest
		if next := bytes.Index(rest, []byte(markWord)); next >= 0 {
			body = rest[:next]
		}
		if glued || len(body) > 0 && strings.IndexByte(" \t\r", body[0]) < 0 {
			continue
		}
		names, reason, _ := strings.Cut(string(body), "--")
		list = append(list, finding.Mark{Rules: ruleNames(names), Reason: markReason(reason), Line: number})
	}
}

// ruleNames reads the rules before the reason: ids with commas or blanks
// between them. What follows something else is the end of the comment.
func ruleNames(text string) (list []string) {
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' }) {
		if strings.ContainsFunc(name, func(r rune) bool { return r != '-' && (!isWord(r) || r >= 'A' && r <= 'Z' || r >= 0x80) }) {
			break
		}
		list = append(list, name)
	}
	return list
}

// markReason takes the end of a comment off, and what follows it.
func markReason(text string) string {
	for _, end := range []string{"*/", "-->", "%>", "#}", "}}"} {
		text, _, _ = strings.Cut(text, end)
	}
	text = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(text), "\"'`,;)]}"))
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "")
	}
	if !strings.ContainsFunc(text, isWord) {
		return ""
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

func fits(m *finding.Mark, r *rules.Rule) bool { return m.Fits || slices.Contains(m.Rules, r.ID) }
