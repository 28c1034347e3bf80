package lex

// maxBetween bounds what may stand between a name and its value, in bytes: a
// comment, or another key.
const maxBetween = 96

// maxKeys is how many keys of a mapping are looked at for its value.
const maxKeys = 4

// comment returns the offset behind a comment at i and the space that follows it, or i
// if there is none.
func (l *lexer) comment(i int) int {
	if l.at(i) != '/' || l.at(i+1) != '*' && l.at(i+1) != '/' {
		return i
	}
	line := l.at(i+1) == '/'
	for n := i + 2; n < i+maxBetween && l.has(n); n++ {
		switch c := l.win[n]; {
		case line && c == '\n':
			return l.skipSpace(n)
		case !line && c == '*' && l.at(n+1) == '/':
			return l.skipSpace(n + 2)
		}
	}
	return i
}

// nested reads the value of a name that is given a mapping with the key value or
// default: what the variables of GitLab, the inputs of GitHub's actions, the parameters of
// Azure, the outputs of Terraform and the variables of Cloudflare Pages are. The first key
// of the mapping is at i. It tells too whether there is such a mapping.
func (l *lexer) nested(i int) (ok, read bool) {
	for range maxKeys {
		end, holds := l.mappingKey(i)
		if end < 0 {
			return false, false
		}
		if holds {
			if l.at(end) == '=' {
				return l.value(end+1, literalOnly), true
			}
			return l.value(end+1, colon), true
		}
		j := end
		for ; j < i+maxBetween && l.has(j) && l.win[j] != '\n' && l.win[j] != '{' && l.win[j] != '}'; j++ {
			if l.win[j] != ',' {
				continue
			}
			if next, _ := l.mappingKey(l.skipBlank(j + 1)); next > 0 {
				break
			}
		}
		if l.at(j) != '\n' && l.at(j) != ',' {
			return false, false
		}
		i = l.skipSpace(j + 1)
	}
	return false, false
}

// mappingKey reads a key of nested's mappings at i: where the sign behind it stands, or
// -1, and whether it is one that holds the value.
func (l *lexer) mappingKey(i int) (end int, holds bool) {
	if class[l.at(i)]&quote != 0 {
		i++
	}
	k := i
	for l.has(k) && class[l.win[k]]&ident != 0 && k-i <= maxType {
		k++
	}
	switch string(l.win[i:k]) {
	case "value", "default":
		holds = true
	case "description", "type", "sensitive", "required":
	default:
		return -1, false
	}
	if class[l.at(k)]&quote != 0 {
		k++
	}
	if k = l.skipBlank(k); l.at(k) != ':' && (l.at(k) != '=' || l.at(k+1) == '=') {
		return -1, false
	}
	return k, holds
}

// anchored reads a YAML value behind its anchor, &name value; i is at the &. What is
// no literal has to be one long word: &mut String is a type.
func (l *lexer) anchored(i int) bool {
	j := i + 1
	for l.has(j) && class[l.win[j]]&inName != 0 {
		j++
	}
	k := l.skipBlank(j)
	if j == i+1 || k == j {
		return false
	}
	if l.startsLiteral(k) {
		return l.literal(k)
	}
	return l.isLongLast(k) && l.bare(k, cliWord)
}

// heredoc reads the first line of a text that begins behind its mark, <<EOT or <<-'EOT'
// or <<<EOT; i is at the first <.
func (l *lexer) heredoc(i int) bool {
	for l.at(i) == '<' {
		i++
	}
	for class[l.at(i)]&quote != 0 || l.at(i) == '-' || l.at(i) == '~' {
		i++
	}
	j := i
	for l.has(j) && class[l.win[j]]&ident != 0 {
		j++
	}
	if j == i {
		return false
	}
	if class[l.at(j)]&quote != 0 {
		j++
	}
	if l.at(j) == '\r' {
		j++
	}
	return l.at(j) == '\n' && l.line(l.skipSpace(j))
}

// line takes what stands from i to the end of the line as the value.
func (l *lexer) line(i int) bool {
	j := i
	for l.has(j) && l.win[j] != '\n' && l.win[j] != '\r' {
		j++
	}
	l.out.Cut = !l.has(j)
	for j > i && class[l.win[j-1]]&space != 0 {
		j--
	}
	return l.finish(i, j, 0)
}

// property reads the value of a property of C#, NAME { get; set; } = "v"; i is at the
// brace of "{ get;".
func (l *lexer) property(i int) bool {
	for n := i; n < i+maxBetween && l.has(n); n++ {
		if l.win[n] == '}' {
			n = l.skipBlank(n + 1)
			return l.at(n) == '=' && l.value(n+1, literalOnly)
		}
	}
	return false
}

// valueFlag reads NAME --value v, as command lines store it, with at most one other flag
// between; i is at the first dash.
func (l *lexer) valueFlag(i int) bool {
	for range 2 {
		if l.hasWord(i, "--value") {
			j := i + len("--value")
			return (l.at(j) == ' ' || l.at(j) == '=') && l.bare(l.skipBlank(j+1), cliWord)
		}
		for words := 0; words < 2; words++ {
			for n := i; class[l.at(i)]&inName != 0; i++ {
				if i-n > maxType {
					return false
				}
			}
			i = l.skipBlank(i)
		}
	}
	return false
}
