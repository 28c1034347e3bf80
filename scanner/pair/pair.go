// Package pair finds what a secret is used with: the id, account, user or key
// beside it in the same text, without which it opens nothing.
//
// It refuses to know files, histories and reports: it is given a rule, a text
// and the place of the secret in it. Its invariant: its answer depends on
// nothing else, and it takes no reference or placeholder for an id.
package pair

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/match/lex"
)

// Mate is a part at [Start, End) of the text.
type Mate struct {
	Role       string
	Open       bool // it is no secret by itself
	Start, End int
}

// reach is how far on either side of a secret its parts are looked for.
const reach = 4096

// maxTries bounds how many names and forms are looked at for one role.
const maxTries = 64

// May reports whether a secret of rule r can have parts at all.
func May(r *rules.Rule) bool {
	return len(rolesOf(r)) > 0 || mayHaveUser(r)
}

// Find gives the parts of the secret at data[start:end), which rule r found,
// each role once and in the order of roles.
func Find(r *rules.Rule, data []byte, start, end int) (mates []Mate) {
	if start < 0 || end > len(data) || start >= end {
		return nil
	}
	lo, hi := max(0, start-reach), min(len(data), end+reach)
	s := seeker{win: data[lo:hi:hi], start: start - lo, end: end - lo}
	if line := s.lineBefore(); len(rolesOf(r)) > 0 || tellsUse(line) {
		s.findName(line)
	}
	for _, ro := range rolesOf(r) {
		if m, ok := s.seek(ro); ok {
			mates = append(mates, m)
		}
	}
	if len(mates) == 0 && mayHaveUser(r) {
		if m, ok := s.user(); ok {
			mates = append(mates, m)
		}
	}
	for i := range mates {
		mates[i].Start, mates[i].End = mates[i].Start+lo, mates[i].End+lo
	}
	return mates
}

// InFile gives the distinct values of a role that a file holds anywhere
// in it, at most a few.
func InFile(role string, data []byte) (mates []Mate) {
	for _, ro := range everywhere() {
		if ro.name != role || len(data) > maxFile {
			continue
		}
		s := seeker{win: data}
		for _, m := range s.all(ro) {
			same := func(x Mate) bool { return bytes.Equal(data[x.Start:x.End], data[m.Start:m.End]) }
			if !slices.ContainsFunc(mates, same) && len(mates) < maxValues {
				mates = append(mates, m)
			}
		}
	}
	slices.SortFunc(mates, func(a, b Mate) int { return cmp.Compare(a.Start, b.Start) })
	return mates
}

const (
	maxFile   = 1 << 20
	maxValues = 3
)

// seeker looks for parts in the window round one secret.
type seeker struct {
	win        []byte
	start, end int    // of the secret
	name       string // that the secret is assigned to, or ""
}

var nameBefore = express(`([A-Za-z_][\w.-]{1,80})["'\]` + "`" + `]{0,2}[ \t]*(?:=>|:=|\|\||\?\?|[=:,(])[ \t]*(?:new )?["'` + "`" + `]?(?:(?i:bearer|basic) )?$`)

// lineBefore is what stands before the secret on its line, or the last of that.
func (s *seeker) lineBefore() []byte {
	line := s.win[:s.start]
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	return line[max(0, len(line)-200):]
}

// tellsUse reports whether a name in the line can be what isPassword or isClientSecret
// takes. Most names are others, and the expression that reads them costs much more.
func tellsUse(line []byte) bool {
	line = bytes.ToLower(line)
	return bytes.Contains(line, []byte("pass")) || bytes.Contains(line, []byte("pwd")) || bytes.Contains(line, []byte("secret"))
}

// findName reads the name that the secret is assigned to.
func (s *seeker) findName(line []byte) {
	if m := nameBefore().FindSubmatch(line); m != nil {
		s.name = string(m[1])
	}
}

// seek gives the value of a role that belongs to the secret: of those that
// stand there, the one with the fewest breaks between, then the nearest.
func (s *seeker) seek(ro *role) (Mate, bool) {
	list := s.all(ro)
	list = slices.DeleteFunc(list, func(m Mate) bool { return m.Start < s.end && s.start < m.End })
	if len(list) == 0 {
		return Mate{}, false
	}
	return slices.MinFunc(list, func(a, b Mate) int {
		return cmp.Or(cmp.Compare(s.breaks(a), s.breaks(b)), cmp.Compare(s.distance(a), s.distance(b)), cmp.Compare(a.Start, b.Start))
	}), true
}

// all lists where values of a role stand.
func (s *seeker) all(ro *role) (list []Mate) {
	add := func(from, to int) {
		if text := s.win[from:to]; ro.value().Match(text) && !isReference(text) {
			list = append(list, Mate{ro.name, ro.open, from, to})
		}
	}
	for _, form := range ro.forms {
		if !bytes.Contains(s.win, form.word) {
			continue
		}
		for _, m := range form.pattern().FindAllSubmatchIndex(s.win, maxTries) {
			add(m[2], m[3])
		}
	}
	if ro.names == nil {
		return list
	}
	for _, m := range ro.names.all(s.win, maxTries) {
		a, ok := lex.At(s.win, m[0], m[1])
		if !ok || tellsSecret(s.win[min(m[1], a.NameEnd):a.NameEnd]) {
			continue // LOGIN_PASSWORD is no login
		}
		if ro.fits == nil || ro.fits(s.name, string(s.win[a.NameStart:a.NameEnd])) {
			add(a.ValueStart, a.ValueEnd)
		}
	}
	return list
}

// tellsSecret reports whether the end of a name says that its value is a secret.
func tellsSecret(end []byte) bool {
	end = bytes.ToLower(end)
	for _, w := range [...]string{"pass", "pwd", "secret", "token", "credential", "key"} {
		if bytes.Contains(end, []byte(w)) {
			return true
		}
	}
	return false
}

// between gives the bytes between a part and the secret.
func (s *seeker) between(m Mate) []byte {
	if m.End <= s.start {
		return s.win[m.End:s.start]
	}
	return s.win[s.end:m.Start]
}

func (s *seeker) distance(m Mate) int { return len(s.between(m)) }

// breaks counts what ends a block between a part and the secret: empty lines,
// braces, headings of sections.
func (s *seeker) breaks(m Mate) int { return Breaks(s.between(m)) }

// Breaks counts the ends of blocks in a text, up to a few.
func Breaks(text []byte) (n int) {
	for i := 0; i < len(text) && n < maxTries; i++ {
		switch text[i] {
		case '{', '}':
			n++
		case '\n':
			if end := breakAt(text, i); end > 0 {
				n++
				i = end - 1
			}
		}
	}
	return n
}

// breakAt gives the end of the break that begins with the line end at i: an empty
// line, the bracket of a heading, or a line of dashes; 0 if there is none.
func breakAt(text []byte, i int) int {
	j := i + 1
	for j < len(text) && (text[j] == ' ' || text[j] == '\t') {
		j++
	}
	rest := text[j:]
	switch {
	case bytes.HasPrefix(rest, []byte("\n")), bytes.HasPrefix(rest, []byte("[")):
		return j + 1
	case bytes.HasPrefix(rest, []byte("\r\n")):
		return j + 2
	case bytes.HasPrefix(text[i+1:], []byte("---")):
		return i + 4
	}
	return 0
}

// user finds who a password is of: the user of the URL that it stands in, or a
// name of the same stem in the same block.
func (s *seeker) user() (Mate, bool) {
	shift := max(0, s.start-100)
	before := s.win[shift:s.start]
	if !bytes.HasSuffix(before, []byte(":")) { // most are in no URL
		before = nil
	}
	if m := userInURL().FindSubmatchIndex(before); m != nil {
		if !isReference(s.win[m[2]+shift : m[3]+shift]) {
			return Mate{"user", true, m[2] + shift, m[3] + shift}, true
		}
	}
	if isClientSecret(s.name) {
		return s.seek(clientRole)
	}
	if !isPassword(s.name) {
		return Mate{}, false
	}
	list := slices.DeleteFunc(s.all(userRole), func(m Mate) bool {
		return m.Start < s.end && s.start < m.End || s.breaks(m) > 0 || s.distance(m) > 400
	})
	if len(list) == 0 {
		return Mate{}, false
	}
	return slices.MinFunc(list, func(a, b Mate) int {
		return cmp.Or(cmp.Compare(s.distance(a), s.distance(b)), cmp.Compare(a.Start, b.Start))
	}), true
}

var userInURL = express(`://([A-Za-z0-9_.@%+-]{1,64}):$`)

// reference is what stands for a value that is elsewhere, or for none.
var reference = express(`(?i)^(?:process|env|os|config|settings|self|this|req|request|args|options|secrets|vars?|var|data|local|props|params)\.|[<>${}()]|your|example|placeholder|xxxx|^(?:null|none|true|false|undefined|string|text|todo)$`)

func isReference(text []byte) bool { return reference().Match(text) }

// stem is what two names of one thing have in common: DB_PASSWORD and DB_USER
// have "db", clientSecret and clientId have "".
func stem(name string) string {
	words := strings.Split(strings.ToLower(wordEnd().ReplaceAllString(name, "$1 $2")), " ")
	words = strings.FieldsFunc(strings.Join(words, " "), func(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '.' })
	for len(words) > 0 && isTail(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	return strings.Join(words, "_")
}

var wordEnd = express(`([a-z0-9])([A-Z])`)

// isTail reports whether a word says what sort of part a name is of.
func isTail(word string) bool {
	switch word {
	case "secret", "token", "key", "api", "auth", "access", "password", "passwd", "pass", "pwd", "passphrase", "value", "id", "ids", "client", "consumer",
		"app", "application", "account", "sid", "user", "username", "name", "login", "email", "project", "clientsecret", "clientid", "apikey":
		return true
	}
	return false
}
