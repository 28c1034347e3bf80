package judge

import "bytes"

// explained gives the reason for which a value with this name, at this place, is no
// secret, or none. strong tells whether the name promises one.
func (h *hearing) explained(v []byte, strong bool) reason {
	s := &h.shape
	switch {
	case (len(h.name) > 0 && h.keyed || h.rule.ID == webhook) && h.isCutOff():
		return expression
	case h.lone && (len(h.after) > 1 && h.after[0] == '.' && isLower(h.after[1]) || isBelowFolder(v)):
		return filePath
	case h.lone && h.isAttribute():
		return identifier
	case h.isSearchKey():
		return publicKind
	case h.rule.ID == service && (isForVisitors(h.name) || h.nameHolds("webanalytics")):
		return publicKind
	case h.lone && h.endsInDigest(v), h.rule.ID == wideKey && string(h.name) == "data-key":
		return hexObject
	case (h.colon || bytes.HasPrefix(h.op, []byte("</"))) && isPackage(h.name):
		return identifier
	case (h.quote != 0 || !h.shouted) && h.isNamesake(v):
		return sameAsName
	case h.isTypeOf(v), !strong && isCamel(v):
		return identifier
	case saysFile(h.name):
		return nameNegative
	case s.n == 8 && s.isHex() && s.digit > 0:
		return hexObject // the selector of a function, a short commit
	case s.n < 16 && isCounted(v, 80):
		return sequence
	case h.isAddress(v), h.isFingerprint():
		return publicKind
	case h.isListedSum():
		return integrityField
	case h.rule.ID == calledKey && !makesService(h.before, s):
		return callOfOther
	case s.digit == 0 && (h.rule.ID == listedKey || s.n < 20 && (h.rule.ID == wideKey || h.rule.ID == namedKey)):
		return notRandom
	case h.said&saysHash != 0:
		return hashName
	case h.said&saysOther != 0:
		return nameNegative
	case h.said&saysExample != 0:
		return nameExample
	case isHashLike(s) && !strong && !h.keyed:
		return hexObject
	case isUUID(v, s) && (!strong && !h.keyed || h.call && bytes.Contains(h.name, []byte("ManagedIdentity"))):
		return uuidValue
	}
	return none
}

// endsInDigest says whether the last word of a value is as long a row of hex
// digits as a digest: the keys of caches end so.
func (h *hearing) endsInDigest(v []byte) bool {
	body := v[bytes.LastIndexAny(v, "_-")+1:]
	if len(body) < 32 || len(body) == len(v) {
		return false
	}
	s := h.model.measure(body)
	return isHashLike(&s)
}

// isPackage says whether a name is that of a package, of which the name of its
// part and a version follow a colon: org.acme.tokens:core:1.2.
func isPackage(name []byte) bool {
	for _, head := range [...]string{"io.", "com.", "org.", "net.", "dev.", "de.", "me."} {
		if len(name) > len(head) && string(name[:len(head)]) == head {
			return true
		}
	}
	return false
}
