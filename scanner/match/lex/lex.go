// Package lex reads NAME op VALUE at an anchor that lies inside a name, in
// whatever language or file format the bytes are: dotenv, YAML, TOML, JSON,
// XML, shell, SQL, headers, command lines and the assignments, calls and
// fallbacks of programming languages. In a pair of fields the value may come
// before its name.
//
// It refuses to know rules, files and what a secret looks like: it may return
// values that are no secret at all, and leaves them to the judge. Its
// invariant: At is a total function of its window. It reads no byte outside
// it, never panics, allocates nothing and takes time linear in its length.
// The answer does not depend on any byte beyond those that Look reports.
package lex

// Assignment is a name with the literal it is given. Offsets are bytes into
// the window, spans are half open. The name always holds the start of the
// anchor; the value never overlaps the name and is never empty.
type Assignment struct {
	NameStart, NameEnd     int
	ValueStart, ValueEnd   int  // without quotes and without the scheme
	SchemeStart, SchemeEnd int  // the word before a header's value, as in "Bearer X"; else an empty span
	Quote                  byte // ' " ` or 0
	Call                   bool // NAME("value")
	Ref                    bool // the value is the literal that is used in place of a reference: env.X || "value"
	Joined                 bool // the literal goes on in a second one: "value" + "more"
	Cut                    bool // the value runs into the end of the window: incomplete, unless the data ends there too
}

const (
	maxName  = 128 // a longer run of name bytes is data, not a name
	maxType  = 24  // a longer word before "=" is base64, not a type
	minValue = 3   // shorter values are never reported
	minCut   = 400 // a quoted value that the window cuts counts from this length on
)

// At reads the assignment whose name holds the anchor win[start:end). It
// returns false if there is no name op value there, if the value is empty, a
// plain reference or shorter than three bytes, or if a quoted value of less
// than 400 bytes is not closed inside the window. A value without quotes that
// runs into the end of the window is returned with Cut set, whatever its
// length, because only the caller knows whether the data ends there too.
func At(win []byte, start, end int) (Assignment, bool) {
	a, _, ok := Look(win, start, end)
	return a, ok
}

// Look is At that also returns how much of the window it looked at. The answer does
// not depend on anything beyond.
func Look(win []byte, start, end int) (a Assignment, seen Seen, ok bool) {
	if start < 0 || end <= start || end > len(win) {
		return Assignment{}, Seen{From: -1, To: len(win) + 1}, false
	}
	l := lexer{win: win, lo: start, n: uint(end - start), start: start, end: end}
	if !l.nameEnds() || !l.read() {
		return Assignment{}, l.seen(), false
	}
	l.out.NameStart, l.out.NameEnd = l.nameStart, l.nameEnd
	return l.out, l.seen(), true
}

// Seen is what of a window was looked at: win[From:To]. It goes beyond an end of the
// window if that was asked for.
type Seen struct{ From, To int }

func (l *lexer) seen() Seen {
	s := Seen{l.lo, l.lo + int(l.n)}
	if l.past[0] {
		s.From = -1
	}
	if l.past[1] {
		s.To = len(l.win) + 1
	}
	return s
}

// lexer is the state of one call of At.
type lexer struct {
	win                []byte
	start, end         int // the anchor
	nameStart, nameEnd int // nameStart is set by findName
	out                Assignment
	lo                 int     // nothing but win[lo:][:n] was asked for
	n                  uint    // see lo
	past               [2]bool // it was asked what stands before, or behind, the window
}

// nameEnds sets nameEnd. It returns false if no name ends there.
func (l *lexer) nameEnds() bool {
	e := l.end
	for l.has(e) && class[l.win[e]]&inName != 0 {
		e++
		if e-l.start > maxName {
			return false
		}
	}
	if !l.has(e) || class[l.win[e]]&afterName == 0 {
		return false
	}
	l.nameEnd = e
	last := l.win[e-1]
	return e == l.end || last != '.' && last != '-'
}

// read chooses the form by the first byte after the name. Every case looks to
// the right first, because that is where most anchors fail.
func (l *lexer) read() bool {
	e := l.nameEnd
	switch l.win[e] {
	case '=', ':', '|', '?':
		return l.findName() && l.operator(e)
	case '"', '\'', '`', '\\':
		return l.quotedName(e)
	case ' ', '\t':
		return l.afterBlank(e)
	case '(':
		return l.call(e)
	case '[':
		return l.array(e)
	case '>':
		return l.findName() && l.element(e)
	case '<':
		return l.plist(e)
	case '\n', '\r':
		return l.linePair(e)
	case '&':
		return l.entityQuote(e)
	case ',':
		if class[l.at(e+1)]&ident != 0 {
			return l.findName() && l.noted(e+1)
		}
		if i := l.skipBlank(e + 1); l.at(i) == 'v' { // {name: NAME, value: v} of YAML
			return l.hasWord(i, "value:") && l.findName() && l.pair(e)
		}
		return l.tuple(e + 1)
	case ';', ']':
		return l.logCommand(e)
	case '}':
		return l.braced(e + 1)
	case noBreak[0]:
		return l.at(e+1) == noBreak[1] && l.afterBlank(e)
	case '*':
		// **Name**: value
		if i := l.skipBlank(e + 2); l.at(e+1) == '*' && (l.at(i) == ':' || l.at(i) == '=') {
			return l.findName() && l.operator(i)
		}
	}
	return false
}

// has reports whether the window holds a byte at i. Nothing else may ask where
// the window ends: see TestEndsAreAskedForOnce.
func (l *lexer) has(i int) bool {
	return uint(i-l.lo) < l.n || l.further(i)
}

// further is has for what was not asked for yet.
//
//go:noinline
func (l *lexer) further(i int) bool {
	switch {
	case i < 0:
		l.past[0] = true
		return false
	case i >= len(l.win):
		l.past[1] = true
		return false
	case i < l.lo:
		lo := max(0, i-stride+1)
		l.lo, l.n = lo, l.n+uint(l.lo-lo)
	default:
		l.n = uint(min(len(l.win), i+stride) - l.lo)
	}
	return true
}

// stride is how exactly is told what was looked at, in bytes.
const stride = 8

// at returns the byte at i, or 0 outside the window.
func (l *lexer) at(i int) byte {
	if uint(i-l.lo) < l.n || l.further(i) {
		return l.win[i]
	}
	return 0
}

// hasWord reports whether the window holds word at i.
func (l *lexer) hasWord(i int, word string) bool {
	if i >= l.lo && l.lo+int(l.n)-i >= len(word) {
		return string(l.win[i:i+len(word)]) == word
	}
	for k := range len(word) { // a part of another word needs no more to be seen
		if l.at(i+k) != word[k] {
			return false
		}
	}
	return true
}

// noBreak is a no-break space, as word processors and wikis make of a blank.
const noBreak = "\u00a0"

// skipBlank returns the first offset from i on that is no blank or tab.
func (l *lexer) skipBlank(i int) int {
	for l.has(i) {
		switch {
		case l.win[i] == ' ' || l.win[i] == '\t':
			i++
		case l.win[i] == noBreak[0] && l.at(i+1) == noBreak[1]:
			i += len(noBreak)
		default:
			return i
		}
	}
	return i
}

// skipSpace is skipBlank that also skips line ends.
func (l *lexer) skipSpace(i int) int {
	for l.has(i) && class[l.win[i]]&space != 0 {
		i++
	}
	return i
}
