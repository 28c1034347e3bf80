package lex

// operator reads the operator at i, after a name without quotes or after the
// closing mark of a quoted or bracketed one, and the value behind it.
func (l *lexer) operator(i int) bool {
	next := l.at(i + 1)
	switch l.at(i) {
	case '=':
		switch next {
		case '=':
			// A comparison with a literal tells what the name may hold.
			if l.at(i+2) == '=' {
				i++
			}
			return l.comparison(i + 2)
		case '~':
			return false
		case '>':
			return l.value(i+2, literalOnly)
		}
		if c := l.at(l.nameStart - 1); c == '?' || c == '&' {
			return l.value(i+1, query)
		}
		return l.value(i+1, 0)
	case ':':
		return l.colon(i, next)
	case '|':
		if next == '|' {
			return l.orLiteral(i)
		}
		return l.defaultFilter(i + 1)
	case '?':
		switch {
		case next == '=':
			return l.value(i+2, 0)
		case next == ':':
			return l.value(i+2, colon|typed)
		case next == '?' || next == ' ':
			return l.orLiteral(i)
		}
	case '!':
		return next == '=' && l.differs(i)
	case '<':
		return next == '-' && l.value(i+2, literalOnly)
	case '>':
		return l.element(i)
	}
	return false
}

// differs reads NAME != "value" and NAME !== "value"; i is at the first sign. What a
// name must not differ from is mostly a word, so that the value has to be long and
// to hold a digit.
func (l *lexer) differs(i int) bool {
	i += len("!=")
	if l.at(i) == '=' {
		i++
	}
	if !l.comparison(i) {
		return false
	}
	if l.out.ValueEnd-l.out.ValueStart < minDiffering {
		return false
	}
	for _, c := range l.win[l.out.ValueStart:l.out.ValueEnd] {
		if '0' <= c && c <= '9' {
			return true
		}
	}
	return false
}

// comparison reads NAME == "value"; i is behind the operator.
func (l *lexer) comparison(i int) bool {
	i = l.skipBlank(i)
	return l.startsLiteral(i) && l.literal(i)
}

// colon reads the forms of a colon at i: ":", ":=", ":-" of the shell, "::".
func (l *lexer) colon(i int, next byte) bool {
	switch next {
	case '-', '=':
		if l.at(l.nameStart-1) == '{' && l.at(l.nameStart-2) == '$' {
			return l.shellDefault(i + 2)
		}
		if next == '=' {
			return l.value(i+2, 0)
		}
	case ':':
		return l.doubleColon(i + 2)
	case '/':
		if l.at(i+2) == '/' {
			return false
		}
	case '+', '?':
		if l.at(l.nameStart-1) == '{' {
			return false
		}
	case ' ', '\n', '\r':
		// cond ? name : "other"
		if l.at(l.nameStart-1) == ' ' && l.at(l.nameStart-2) == '?' {
			return false
		}
		if l.at(l.nameStart-1) == ' ' {
			l.spacedName()
		}
	}
	if l.at(l.nameStart-1) == '/' && l.at(l.nameStart-2) == '/' {
		return l.value(i+1, userinfo)
	}
	return l.value(i+1, colon)
}

// shellDefault reads the word of ${NAME:-word} at i.
func (l *lexer) shellDefault(i int) bool {
	if class[l.at(i)]&quote != 0 {
		return l.quoted(i, false)
	}
	j := i
	for l.has(j) && l.win[j] != '}' && class[l.win[j]]&(space|quote) == 0 {
		j++
	}
	return l.at(j) == '}' && l.finish(i, j, 0)
}

// defaultFilter reads NAME | default("value"), the filter of templates.
func (l *lexer) defaultFilter(i int) bool {
	i = l.skipBlank(i)
	if !l.hasWord(i, "default") {
		return false
	}
	i += len("default")
	if l.at(i) != '(' && l.at(i) != ' ' && l.at(i) != ':' {
		return false
	}
	l.out.Ref = true
	return l.value(i+1, literalOnly)
}

// quotedName reads the forms in which a quote, perhaps escaped, closes the
// name: "NAME": v, "NAME" => v, ("NAME", "v"), ["NAME"] = "v", key="NAME" v.
func (l *lexer) quotedName(e int) bool {
	q := e
	for l.at(q) == '\\' {
		q++
	}
	c, depth := l.at(q), q-e
	if class[c]&quote == 0 {
		return l.isEscapedSpace(q) && l.findName() && l.pair(q)
	}
	i := l.skipBlank(q + 1)
	switch l.at(i) {
	case ':', '=':
		if l.at(i) == '=' && l.at(i+1) == '=' {
			return false
		}
		return l.openQuote(c, depth, true) && l.operator(i)
	case ',':
		return l.argument(i+1, c, depth)
	case ';':
		return l.serialized(i+1, c, depth)
	case ']':
		return l.index(i+1, c, depth)
	case ')':
		return l.afterCall(i+1, c, depth)
	case '>':
		return l.openQuote(c, depth, false) && (l.beforeQuoteIs('=') && l.element(i) || l.pairBefore())
	case '{':
		return l.openQuote(c, depth, false) && l.variableBlock(i+1)
	case '\n', '\r', '\\':
		return l.openQuote(c, depth, false) && (l.pair(i) || l.pairBefore())
	case '}', '/':
		return l.openQuote(c, depth, false) && l.pairBefore()
	case '"', '\'', '`':
		// set -x "NAME" "v"
		return i > q+1 && l.openQuote(c, depth, false) && (l.isDirective(l.beforeQuote()+1) || l.isPut(l.beforeQuote())) && l.literal(i)
	}
	if i > q+1 && class[l.at(i)]&letter != 0 {
		return l.attribute(i, c, depth)
	}
	return false
}

// argument reads "NAME", "value": two arguments of a call, two elements of a
// list or map, a flag with its value, or a name/value pair.
func (l *lexer) argument(i int, q byte, depth int) bool {
	j := l.skipSpace(i)
	c := l.at(j)
	if class[c]&(quote|letter) == 0 && c != '\\' && c != '@' {
		return false
	}
	if !l.openQuote(q, depth, false) {
		return false
	}
	if l.pairKey() >= 0 {
		return l.pair(i) || l.pairBefore()
	}
	open := l.beforeQuote()
	switch {
	case l.isFlag():
		if l.hasWord(j, "default=") {
			j += len("default=")
		}
		return l.literal(j) && l.win[l.out.ValueStart] != '-'
	case l.at(open) == '(':
		if l.hasWord(j, "default=") {
			j += len("default=")
		}
		return l.literal(j)
	case l.at(open) == '[' || l.at(open) == '{':
		if !l.literal(j) {
			return false
		}
		end := l.at(l.skipSpace(l.skipSpace(l.afterValue())))
		return end == ']' || end == '}'
	case l.at(open) == ',' && (l.attributeOf(open, j) || l.buildField(open, j)):
		return true
	}
	line := l.quoteStart() - 1
	return (!l.has(line) || l.win[line] == '\n') && l.noted(i) // as a file of CSV has it
}

// buildField reads the value of buildConfigField("String", "NAME", "\"v\""), which is a
// literal of Java; the comma before the name is at comma, the value at i.
func (l *lexer) buildField(comma, i int) bool {
	k := comma - 1
	if class[l.at(k)]&quote == 0 || !equalFold(l.wordBefore(k), "string") || !l.literal(i) {
		return false
	}
	from, to := l.out.ValueStart, l.out.ValueEnd
	for l.at(from) == '\\' {
		from++
	}
	if class[l.win[from]]&quote == 0 || from == to-1 || l.win[to-1] != l.win[from] {
		return false
	}
	for to--; to > from && l.win[to-1] == '\\'; to-- {
	}
	return l.span(from+1, to)
}

// attributeOf reads the value of getattr(env, "NAME", "v") and setattr(env, "NAME", "v")
// of Python; the comma before the name is at comma, the value at i.
func (l *lexer) attributeOf(comma, i int) bool {
	k := comma
	for k > comma-maxType && class[l.at(k-1)]&inName != 0 {
		k--
	}
	if l.at(k-1) != '(' {
		return false
	}
	w := l.wordBefore(k - 1)
	return (string(w) == "getattr" || string(w) == "setattr") && l.literal(i)
}

// minDiffering is the least length of what a name is told not to differ from.
const minDiffering = 16

// minCompared is the least length of what a call compares a name with: shorter words are
// more often names of options.
const minCompared = 8

// tuple reads {NAME, "v"} of Erlang, and strcmp(NAME, "v"), which tells what the name may
// hold; i is behind the comma.
func (l *lexer) tuple(i int) bool {
	i = l.skipBlank(i)
	if class[l.at(i)]&quote == 0 || !l.findName() {
		return false
	}
	open := l.nameStart - 1
	for l.has(open) && (class[l.win[open]]&space != 0 || l.win[open] == '$') {
		open--
	}
	switch l.at(open) {
	case '{':
		return l.literal(i) && l.out.ValueEnd-l.out.ValueStart >= minNoted && l.at(l.skipSpace(l.afterValue())) == '}'
	case '(':
		w := l.wordBefore(open)
		return (hasSuffixFold(w, "cmp") || hasSuffixFold(w, "hash_equals") || hasSuffixFold(w, "compare_digest") || hasSuffixFold(w, "secure_compare")) &&
			l.literal(i) && l.out.ValueEnd-l.out.ValueStart >= minCompared
	}
	return false
}

// braced reads $ENV{NAME} = "v" of Perl and ${env:NAME} = "v" of PowerShell; i is behind
// the brace.
func (l *lexer) braced(i int) bool {
	i = l.skipBlank(i)
	return l.at(i) == '=' && l.at(i+1) != '=' && l.findName() && (l.at(l.nameStart-1) == '{' || l.at(l.nameStart-1) == ':') && l.value(i+1, literalOnly)
}

// logCommand reads what a log command of Azure Pipelines sets, as in
// ##vso[task.setvariable variable=NAME;issecret=true]v; i is behind the name.
func (l *lexer) logCommand(i int) bool {
	if l.at(i) == ';' && l.at(i+1) != 'i' {
		return false
	}
	end := i
	for end < i+maxBetween && l.has(end) && (class[l.win[end]]&inName != 0 || l.win[end] == ';' || l.win[end] == '=') {
		end++
	}
	if l.at(end) != ']' || class[l.at(end+1)]&ident == 0 || !l.findName() {
		return false
	}
	return l.at(l.nameStart-1) == '=' && string(l.wordBefore(l.nameStart-1)) == "variable" && l.bare(end+1, cliWord)
}

// afterValue returns the offset behind the closing quote of the value.
func (l *lexer) afterValue() int {
	i := l.out.ValueEnd
	for l.at(i) == '\\' {
		i++
	}
	if class[l.at(i)]&quote != 0 {
		i++
	}
	return i
}

// index reads what follows ["NAME"].
func (l *lexer) index(i int, q byte, depth int) bool {
	if l.at(i) == '!' {
		i++
	}
	i = l.skipSpace(i)
	switch l.at(i) {
	case '=', ':', '|', '?', 'o':
	default:
		return false
	}
	if !l.openQuote(q, depth, false) || !l.beforeQuoteIs('[') {
		return false
	}
	switch l.at(i) {
	case '=', ':':
		return l.at(i+1) != ':' && l.operator(i)
	}
	return l.orLiteral(i)
}

// afterCall reads the fallback after ("NAME"), as in getenv("NAME") or "v".
func (l *lexer) afterCall(i int, q byte, depth int) bool {
	i = l.skipSpace(i)
	switch l.at(i) {
	case '|', '?', 'o', '.':
		return l.openQuote(q, depth, false) && l.beforeQuoteIs('(') && l.orLiteral(i)
	case '=', '!': // get("NAME") === "v"
		if l.at(i+1) != '=' || !l.openQuote(q, depth, false) || !l.beforeQuoteIs('(') {
			return false
		}
		return l.differs(i)
	}
	return false
}

// beforeQuoteIs reports whether c stands before the quote that opens the name.
func (l *lexer) beforeQuoteIs(c byte) bool {
	i := l.beforeQuote()
	return l.has(i) && l.win[i] == c
}

// call reads NAME("value").
func (l *lexer) call(e int) bool {
	i := l.skipSpace(e + 1)
	c := l.at(i)
	if class[c]&quote == 0 && c != '\\' && l.prefixed(i) == i {
		return class[c]&letter != 0 && l.wrappedArgument(i)
	}
	l.out.Call = true
	return l.findName() && l.literal(i)
}

// wrappedArgument reads NAME(Base64.decode("value")); i is behind the first
// parenthesis.
func (l *lexer) wrappedArgument(i int) bool {
	j := i
	for l.has(j) && class[l.win[j]]&inName != 0 {
		j++
	}
	if l.at(j) != '(' || !isWrapper(l.win[i:j]) {
		return false
	}
	l.out.Call = true
	n := l.skipSpace(j + 1)
	return l.startsLiteral(n) && l.findName() && l.literal(n)
}

// doubleColon reads what stands behind the colons of NAME:: "v", as Jsonnet and AsciiDoc
// have it, of ::set-env name=NAME::v and of NAME::new("v").
func (l *lexer) doubleColon(i int) bool {
	if j := l.skipBlank(i); j > i {
		if l.startsLiteral(j) {
			return l.literal(j)
		}
		return l.isLongLast(j) && l.bare(j, cliWord)
	}
	if l.at(l.nameStart-1) == '=' && string(l.wordBefore(l.nameStart-1)) == "name" {
		return l.bare(i, cliWord)
	}
	return l.pathCall(i)
}

// pathCall reads NAME::new("value"); i is behind the colons.
func (l *lexer) pathCall(i int) bool {
	for l.has(i) && class[l.win[i]]&ident != 0 {
		i++
	}
	if l.at(i) != '(' {
		return false
	}
	l.out.Call = true
	return l.literal(l.skipSpace(i + 1))
}

// array reads NAME[] = "value" and NAME[32] = "value".
func (l *lexer) array(e int) bool {
	i := e + 1
	for c := l.at(i); '0' <= c && c <= '9'; c = l.at(i) {
		i++
	}
	if l.at(i) != ']' {
		return false
	}
	i = l.skipBlank(i + 1)
	if l.at(i) != '=' || l.at(i+1) == '=' {
		return false
	}
	return l.findName() && l.value(i+1, literalOnly)
}
