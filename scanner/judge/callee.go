package judge

import "bytes"

// isForVisitors says whether a call gets a key that pages are shipped with: those of
// services that count visitors, or send them messages.
func isForVisitors(name []byte) bool {
	switch string(name) {
	case "amplitude.init", "mixpanel.init", "posthog.init", "heap.load", "Pusher":
		return true
	}
	return false
}

// makesService says whether the call whose argument begins at the end of before
// may make a client of a service. What is called tells what is made of the
// value: an ObjectId and a Commit are no clients.
func makesService(before []byte, s *shape) bool {
	before = before[max(0, len(before)-120):]
	open := bytes.LastIndexByte(before, '(')
	if open < 0 {
		return true
	}
	from := open
	for from > 0 && (isNameByte(before[from-1]) || before[from-1] == ':' || before[from-1] == '\\') {
		from--
	}
	name := before[from:open]
	if isForVisitors(name) {
		return false
	}
	for _, maker := range [...]string{".new", "::new", ".init", ".initialize", ".create"} {
		if n := len(name) - len(maker); n > 0 && foldsTo(name[n:], maker) {
			name = name[:n]
		}
	}
	word, _ := lastWord(name)
	var buf [32]byte
	if len(word) <= len(buf) {
		switch string(letters(buf[:0], word)) {
		case "hex", "buffer", "bn", "big", "integer", "biginteger", "bigint", "decimal", "bytes", "address", "tx", "transaction", "block", "oid", "point",
			"scalar", "color", "colour", "uuid", "guid", "errors", "error", "exception", "date", "regexp", "set", "blob", "tree", "uint8array",
			"request", "response", "file", "array", "slice", "stringbuilder", "reader", "fragment", "node", "item", "contract", "asset", "job", "task", "image":
			return false
		}
	}
	said := readName(name)
	return said&(saysOther|saysHash|saysPublic|saysExample) == 0 && !(s.isHex() && s.n == 24)
}
