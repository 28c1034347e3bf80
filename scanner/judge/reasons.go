package judge

// reason is one step of a decision. The texts are fixed, so that none can hold
// a part of a secret; facts decoded by a proof are the only other reasons.
type reason uint8

const (
	none reason = iota
	proofVerified
	proofStructure
	proofMismatch
	keyEncrypted
	localHost
	guessedInside
	longExpired
	publicByDesign
	documentedSample
	shellOnly
	emptyValue
	tooShort
	repeated
	sequence
	placeholderWord
	fewCharacters
	lowEntropy
	oneCase
	hexObject
	digitsOnly
	uuidValue
	reference
	template
	expression
	dottedName
	filePath
	urlValue
	emailValue
	hostValue
	dateOrVersion
	sentence
	identifier
	encodedText
	notBasic
	testVector
	hashValue
	hashName
	integrityField
	encryptedValue
	publicKind
	nameNegative
	namePublic
	nameExample
	nameText
	nameTest
	nameStrong
	nameWeak
	looksRandom
	maybeRandom
	notRandom
	shapeFits
	everyMatch
	humanPassword
	plainWord
	sameAsName
	sameAsUser
	speaksOfSecrets
	defaultPassword
	mixedPassword
	strongPassword
	unquotedWord
	comparedWord
	callArgument
	callOfOther
	exampleContext
	commentContext
	documentedCode
	reasonCount
)

var reasonText = [reasonCount]string{
	proofVerified:    "checksum or structure verified",
	proofStructure:   "structure is complete",
	proofMismatch:    "checksum does not fit: altered, made up, or a newer format",
	keyEncrypted:     "key is encrypted with a passphrase",
	localHost:        "for the local machine only",
	guessedInside:    "soon guessed, and for a host that only its own network knows",
	longExpired:      "expired more than 30 days ago",
	publicByDesign:   "public by design",
	documentedSample: "value is a published sample",
	shellOnly:        "no key material inside",
	emptyValue:       "no value",
	tooShort:         "value is too short",
	repeated:         "value looks like a placeholder: repeated characters",
	sequence:         "value looks like a placeholder: counting or keyboard sequence",
	placeholderWord:  "value looks like a placeholder: a word used in place of a secret",
	fewCharacters:    "value looks like a placeholder: few different characters",
	lowEntropy:       "value has less entropy than a real one",
	oneCase:          "value lacks upper or lower case letters, which a real one has",
	hexObject:        "value looks like a git object or another hash",
	digitsOnly:       "value is a number",
	uuidValue:        "value is a UUID",
	reference:        "value refers to a secret that is kept elsewhere",
	template:         "value is a template to be filled in",
	expression:       "value is an expression in code",
	dottedName:       "value is a dotted name",
	filePath:         "value is a path",
	urlValue:         "value is a URL without credentials",
	emailValue:       "value is an e-mail address",
	hostValue:        "value is a host name",
	dateOrVersion:    "value is a date or a version",
	sentence:         "value is text for people",
	encodedText:      "value is plain text in base64",
	notBasic:         "value is no user and password in base64",
	testVector:       "is among other values of a cryptographic test",
	identifier:       "value reads like a name in code",
	hashValue:        "value is a password hash or a digest",
	hashName:         "name says that the value is a hash",
	integrityField:   "line holds an integrity checksum",
	encryptedValue:   "value is encrypted",
	publicKind:       "value is the public half of a key",
	nameNegative:     "name says that the value is not the secret itself",
	namePublic:       "name says that the value is public",
	nameText:         "name is that of a text for people",
	nameExample:      "name says that the value is an example",
	nameTest:         "name speaks of a test",
	nameStrong:       "name says that the value is a secret",
	nameWeak:         "name says little",
	looksRandom:      "value looks random",
	maybeRandom:      "value may be random",
	notRandom:        "value reads like words, not like a random string",
	shapeFits:        "value has the shape of this credential",
	everyMatch:       "its rule takes every match for a secret",
	humanPassword:    "value looks like a password that a person made",
	plainWord:        "value is one plain word",
	sameAsName:       "value repeats its name",
	sameAsUser:       "value repeats what comes before it, such as the name of the user",
	speaksOfSecrets:  "value speaks of secrets itself, as samples do",
	defaultPassword:  "value is a common default",
	mixedPassword:    "value mixes letters with digits or marks",
	strongPassword:   "value looks like a generated password",
	unquotedWord:     "value is a bare word, which code reads as a name",
	comparedWord:     "a value is compared with it",
	callArgument:     "value is an argument of a call",
	callOfOther:      "the call makes no client of a service",
	exampleContext:   "the same line speaks of an example or a test",
	commentContext:   "is in a comment",
	documentedCode:   "is in sample code in a comment",
}

// String returns the text that a person reads.
func (r reason) String() string { return reasonText[r] }
