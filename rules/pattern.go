package rules

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
)

// pattern is a rule's Pattern, read far enough to check it. For a Backtrack
// rule re is wider than the pattern: look-around is taken out, so re accepts
// whatever the pattern accepts.
type pattern struct {
	re     *syntax.Regexp
	around int  // longest text that look-around reads beyond the match
	open   bool // some part has no longest text that this package could see
}

func parsePattern(r *Rule) (*pattern, error) {
	if !r.Backtrack {
		re, err := syntax.Parse(r.Pattern, syntax.Perl)
		if err != nil {
			return nil, fmt.Errorf("pattern does not compile: %s", syntaxReason(err))
		}
		return &pattern{re: re}, nil
	}
	p := &pattern{}
	plain, err := p.relax(r.Pattern)
	if err != nil {
		return nil, err
	}
	re, err := syntax.Parse(plain, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("pattern does not compile: %s", syntaxReason(err))
	}
	p.re = re
	return p, nil
}

func (p *pattern) maxLen() (int, bool) {
	n, ok := maxLen(p.re)
	return n + p.around, ok && !p.open
}

// syntaxReason words a regexp error without the package's prefix.
func syntaxReason(err error) string {
	var se *syntax.Error
	if errors.As(err, &se) {
		if se.Code == syntax.ErrInvalidPerlOp {
			return fmt.Sprintf("%s: `%s` (look-around and atomic groups need backtrack: true)", se.Code, se.Expr)
		}
		return fmt.Sprintf("%s: `%s`", se.Code, se.Expr)
	}
	return err.Error()
}

// relax rewrites a backtracking pattern into RE2 syntax that accepts at least
// the same texts: look-around becomes empty, atomic groups become plain ones,
// and a back-reference becomes empty and marks the length as unknown.
func (p *pattern) relax(s string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(s); {
		switch {
		case s[i] == '\\':
			end := escapeEnd(s, i)
			esc := s[i:end]
			if len(esc) > 1 && (esc[1] >= '1' && esc[1] <= '9' || esc[1] == 'k') {
				p.open = true
				esc = "(?:)"
			}
			if esc == `\Z` {
				esc = `\z`
			}
			out.WriteString(esc)
			i = end
		case s[i] == '[':
			end := classEnd(s, i)
			out.WriteString(s[i:end])
			i = end
		case hasAnyPrefix(s[i:], "(?=", "(?!", "(?<=", "(?<!"):
			end, err := groupEnd(s, i)
			if err != nil {
				return "", err
			}
			open := strings.IndexAny(s[i:], "=!") + i + 1
			if err := p.lookAround(s[open : end-1]); err != nil {
				return "", err
			}
			out.WriteString("(?:)")
			i = end
		case strings.HasPrefix(s[i:], "(?>"):
			out.WriteString("(?:")
			i += 3
		case strings.HasPrefix(s[i:], "(?("):
			return "", errors.New("pattern uses a conditional group (?(…)…): write the cases as alternatives")
		default:
			out.WriteByte(s[i])
			i++
		}
	}
	return out.String(), nil
}

func (p *pattern) lookAround(inner string) error {
	plain, err := p.relax(inner)
	if err != nil {
		return err
	}
	re, err := syntax.Parse(plain, syntax.Perl)
	if err != nil {
		return fmt.Errorf("pattern does not compile: %s", syntaxReason(err))
	}
	n, ok := maxLen(re)
	p.around += n
	p.open = p.open || !ok
	return nil
}

// escapeEnd returns the end of the escape at s[i]. Longer escapes are only told
// apart where their letters could be mistaken for syntax.
func escapeEnd(s string, i int) int {
	if i+1 >= len(s) {
		return len(s)
	}
	if s[i+1] == 'k' && i+2 < len(s) && s[i+2] == '<' {
		if n := strings.IndexByte(s[i:], '>'); n >= 0 {
			return i + n + 1
		}
	}
	return i + 2
}

// classEnd returns the end of the character class at s[i]. A ] right after [ or
// [^ is a member.
func classEnd(s string, i int) int {
	j := i + 1
	if j < len(s) && s[j] == '^' {
		j++
	}
	if j < len(s) && s[j] == ']' {
		j++
	}
	for j < len(s) {
		switch s[j] {
		case '\\':
			j++
		case '[':
			if strings.HasPrefix(s[j:], "[:") {
				if n := strings.Index(s[j:], ":]"); n >= 0 {
					j += n + 1
				}
			}
		case ']':
			return j + 1
		}
		j++
	}
	return len(s)
}

// groupEnd returns the end of the group at s[i].
func groupEnd(s string, i int) (int, error) {
	depth := 0
	for j := i; j < len(s); {
		switch s[j] {
		case '\\':
			j = escapeEnd(s, j)
			continue
		case '[':
			j = classEnd(s, j)
			continue
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return j + 1, nil
			}
		}
		j++
	}
	return 0, errors.New("pattern does not compile: missing closing )")
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// textAnchor reports whether an expression looks for the start or the end of
// the text, which a window does not have.
func textAnchor(re *syntax.Regexp) bool {
	if re.Op == syntax.OpBeginText || re.Op == syntax.OpEndText {
		return true
	}
	for _, sub := range re.Sub {
		if textAnchor(sub) {
			return true
		}
	}
	return false
}

// matchesEmpty reports whether an expression accepts the empty text.
func matchesEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune) == 0
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpRepeat:
		return re.Min == 0 || matchesEmpty(re.Sub[0])
	case syntax.OpPlus, syntax.OpCapture:
		return matchesEmpty(re.Sub[0])
	case syntax.OpConcat:
		return allSubs(re, matchesEmpty)
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if matchesEmpty(sub) {
				return true
			}
		}
		return false
	}
	return true
}
