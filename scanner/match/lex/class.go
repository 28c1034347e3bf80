package lex

// The classes of a byte, as bits.
const (
	inName    = 1 << iota // continues a name
	afterName             // may follow a name that is given a value
	space                 // blank, tab, line end
	quote                 // ' " `
	ident                 // A-Z a-z 0-9 _ $
	letter                // A-Z a-z _ $
	bareStop              // the reader of unquoted values has to look at it
	inType                // may stand in a type annotation
)

var class = classes()

func classes() (t [256]uint8) {
	add := func(bit uint8, set string) {
		for i := range len(set) {
			t[set[i]] |= bit
		}
	}
	const lower = "abcdefghijklmnopqrstuvwxyz"
	const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	const digits = "0123456789"
	add(letter, lower+upper+"_$")
	add(ident, lower+upper+digits+"_$")
	add(inName, lower+upper+digits+"_$.-")
	add(afterName, "=:|?\"'`\\ \t([><\n\r*&,;]}\xc2")
	add(space, " \t\n\r")
	add(quote, "\"'`")
	add(bareStop, " \t\n\r\v\f,;)}]\"'`<>\\&#([@\x00")
	add(inType, lower+upper+digits+"_$<>[]|&'*?., \t")
	return t
}

// fold returns the ASCII lower case of c.
func fold(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// equalFold reports whether b is word, which is in lower case, without regard
// to ASCII case.
func equalFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i := range b {
		if fold(b[i]) != word[i] {
			return false
		}
	}
	return true
}

// hasSuffixFold reports whether b ends with word, which is in lower case.
func hasSuffixFold(b []byte, word string) bool {
	return len(b) >= len(word) && equalFold(b[len(b)-len(word):], word)
}

// isWordOfCode reports whether b is a type or a constant of some language, and
// so never a secret without quotes.
func isWordOfCode(b []byte) bool {
	switch string(b) {
	case "string", "String", "str", "int", "number", "Number", "boolean", "Boolean", "bool", "any", "Any",
		"unknown", "object", "Object", "bytes", "byte", "never", "void", "Buffer", "Uint8Array", "ArrayBuffer",
		"char", "float", "double", "long", "Optional", "Option", "Maybe", "interface", "symbol", "dict", "list",
		"null", "Null", "NULL", "nil", "undefined", "None", "true", "false", "True", "False", "TRUE", "FALSE",
		"this", "self", "function", "func", "async", "lambda", "class", "not", "typeof", "if", "else",
		"await", "new", "yield", "return", "SecretStr", "integer", "Promise", "Array", "Record", "uint8_t":
		return true
	}
	return false
}
