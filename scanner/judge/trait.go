package judge

import "math/bits"

// Trait is one fact about a weak secret: about its name, its value, the place
// where it is, or what is near it. It holds or does not hold. The scale
// gives each a number of points.
type Trait uint8

const (
	nameOther   Trait = iota // of something that is no password: a secret, a token, a key
	nameOf                   // another word says whose it is
	nameAuth                 // auth, oauth
	nameToken                // token
	nameAuthTok              // both
	nameKey                  // key
	nameDotted               // a path of settings
	nameCamel                // camelCase
	nameState                // old, wrong, confirm

	upTo5
	upTo7
	upTo9
	upTo12
	upTo16
	upTo24
	beyond24
	longSecret // 17 or more, no mark, and the name is no password's
	noDigit
	onlyDigits
	threeDigits
	digitsInside // not only at the end
	mixedFreely  // the same, and no word for secrets
	onlyLower
	capital // only the first letter is one
	noMark
	oneJoint  // one of - _ .
	twoJoints // more
	specialMark
	specialWord // a special mark, and no word for secrets
	oddsBelow   // reads like words
	oddsLow
	oddsMiddle
	oddsHigh     // reads like a random string
	aboutSecrets // holds a word for secrets
	inLeet       // is such words, with digits in place of letters
	inLeetWhole  // is one such word, or another common default, in that spelling
	commonValue  // a common default
	commonOther  // and the name is no password's
	exampleWord  // holds a word used in place of a secret
	partOfName   // holds a word of its name
	stateWord    // wrong, changed
	countsUp     // counts or follows the keyboard
	repeats      // four of one character
	fewKinds     // few different characters
	commonWords  // nothing but words for secrets and the common ones beside them
	ownWord      // of two words one is for secrets, and the other one is no common one
	ownWordPass  // and is to be a password

	unquoted
	unquotedEnd  // and its line ends there
	unquotedLine // and name and value are all that the line holds
	unquotedHost // and a host stands near
	singleQuote
	equalsSign
	equalsBlank // with blanks
	otherSign
	afterComma
	afterSemicolon
	afterParen
	afterBrace
	afterAmpersand
	afterBlank
	quotedName
	memberName // behind a dot
	sigilName  // behind $, @ or :
	queryName  // behind & or ?
	firstOnLine
	callOnLine

	nearUser
	nearUserOwn   // and the value is no common one
	nearUserShort // and the value is short
	nearHost
	nearHostOwn
	nearSetting // of a container or a shell, and the line ends there
	nearSame    // the same value once more
	nearPart    // a word of it before

	nearCode     // a line of code near
	nearSettings // a line of settings near, and none of code
	nearText     // a sentence near
	inComment

	readsName // from here on: what the judge would say by itself
	readsWords
	readsHuman
	readsWord
	readsSecrets
	readsDefault
	traitCount
)

var traitText = [traitCount]string{
	nameOther:   "name is no password's",
	nameOf:      "name says whose it is",
	nameAuth:    "name speaks of auth",
	nameToken:   "name speaks of a token",
	nameAuthTok: "name speaks of a token for auth",
	nameKey:     "name speaks of a key",
	nameDotted:  "name is a path of settings",
	nameCamel:   "name is in camel case",
	nameState:   "name speaks of an old, new, wrong or repeated one",

	upTo5:        "5 characters or less",
	upTo7:        "6 or 7 characters",
	upTo9:        "8 or 9 characters",
	upTo12:       "10 to 12 characters",
	upTo16:       "13 to 16 characters",
	upTo24:       "17 to 24 characters",
	beyond24:     "25 characters or more",
	longSecret:   "long, without a mark, and no password",
	noDigit:      "no digit",
	onlyDigits:   "nothing but digits",
	threeDigits:  "three digits or more",
	digitsInside: "digits not only at the end",
	mixedFreely:  "digits between letters, and no word for secrets",
	onlyLower:    "all letters in lower case",
	capital:      "begins with the only capital",
	noMark:       "no mark",
	oneJoint:     "two parts",
	twoJoints:    "three parts or more",
	specialMark:  "a special character",
	specialWord:  "a special character, and no word for secrets",
	oddsBelow:    "reads like words",
	oddsLow:      "reads a little like words",
	oddsMiddle:   "hardly reads like words",
	oddsHigh:     "does not read like words",
	aboutSecrets: "holds a word for secrets",
	inLeet:       "little more than words for secrets",
	inLeetWhole:  "a common default with digits in place of letters",
	commonValue:  "a common default",
	commonOther:  "a common default, and no password",
	exampleWord:  "holds a word of examples",
	partOfName:   "holds a word of its name",
	stateWord:    "a word for a state",
	countsUp:     "counts up",
	repeats:      "repeats a character",
	fewKinds:     "few different characters",
	commonWords:  "words for secrets and common ones, nothing else",
	ownWord:      "a word of its own beside one for secrets",
	ownWordPass:  "a password with a word of its own",

	unquoted:       "no quotes",
	unquotedEnd:    "no quotes, and the line ends there",
	unquotedLine:   "no quotes, and nothing else on the line",
	unquotedHost:   "no quotes, and a host near",
	singleQuote:    "single quotes",
	equalsSign:     "name=value",
	equalsBlank:    "name = value",
	otherSign:      "neither = nor :",
	afterComma:     "a comma follows",
	afterSemicolon: "a semicolon follows",
	afterParen:     "a parenthesis follows",
	afterBrace:     "a brace follows",
	afterAmpersand: "an ampersand follows",
	afterBlank:     "a blank follows",
	quotedName:     "name in quotes",
	memberName:     "name behind a dot",
	sigilName:      "name behind a sign",
	queryName:      "name in a query",
	firstOnLine:    "name begins the line",
	callOnLine:     "a call on the line",

	nearUser:      "a user near",
	nearUserOwn:   "a user near, and no common value",
	nearUserShort: "a user near, and a short value",
	nearHost:      "a host near",
	nearHostOwn:   "a host near, and no common value",
	nearSetting:   "among settings, and the line ends there",
	nearSame:      "the same value near",
	nearPart:      "a word of it near",

	nearCode:     "code near",
	nearSettings: "settings near",
	nearText:     "sentences near",
	inComment:    "in a comment",

	readsName:    "the reasons: reads like a name in code",
	readsWords:   "the reasons: reads like words",
	readsHuman:   "the reasons: reads like a password that a person made",
	readsWord:    "the reasons: is one plain word",
	readsSecrets: "the reasons: speaks of secrets itself",
	readsDefault: "the reasons: is a common default",
}

// String says what holds.
func (t Trait) String() string { return traitText[t] }

// Direction is which way a trait may count, by common sense: 1 only for a
// secret, -1 only against one, 0 either.
func (t Trait) Direction() int {
	switch t {
	case nameState, upTo5, twoJoints, aboutSecrets, inLeet, inLeetWhole, commonValue, commonOther, commonWords, exampleWord, stateWord, countsUp, repeats, fewKinds,
		sigilName, callOnLine, nearSame, nearPart:
		return -1
	case threeDigits, digitsInside, mixedFreely, longSecret, specialMark, specialWord, nameAuthTok, oddsHigh, nearUser, nearUserOwn, nearHost, nearHostOwn, nearSetting:
		return 1
	}
	return 0
}

// Traits is how many there are.
const Traits = int(traitCount)

// traits is a set of them.
type traits [(traitCount + 63) / 64]uint64

func (t *traits) add(x Trait, holds bool) {
	if holds {
		t[x/64] |= 1 << (x % 64)
	}
}

func (t *traits) has(x Trait) bool { return t[x/64]>>(x%64)&1 != 0 }

// list returns them in order.
func (t *traits) list() []Trait {
	var all []Trait
	for i, w := range t {
		for ; w != 0; w &= w - 1 {
			all = append(all, Trait(i*64+bits.TrailingZeros64(w)))
		}
	}
	return all
}
