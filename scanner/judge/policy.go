package judge

import (
	"bytes"
	"strings"
	"time"

	"keyrake/rules"
	"keyrake/scanner/judge/proof"
)

// Options sets the thresholds of a Policy. The zero value is the default.
type Options struct {
	MinConfidence  float64   // least confidence that is reported; 0 is 0.5
	StrictChecksum bool      // drop what fails its checksum instead of reporting it at half confidence
	Now            time.Time // tokens that ended 30 days before get severity low; zero asks nothing
}

// Policy reviews candidates. It is immutable and safe for concurrent use.
type Policy struct {
	opt   Options
	model *model
	only  [reasonCount][]string // the reasons of a verdict with one reason, ready made
}

// New returns a Policy.
func New(opt Options) *Policy {
	if opt.MinConfidence <= 0 {
		opt.MinConfidence = 0.5
	}
	p := &Policy{opt: opt, model: newModel()}
	for r := range p.only {
		p.only[r] = []string{reason(r).String()}
	}
	return p
}

// The confidences that rules start from if they do not name one.
const (
	specificBase = 0.8
	contextBase  = 0.75
	genericBase  = 0.75
	verifiedAt   = 0.99
	structureAt  = 0.9
	encryptedAt  = 0.8
)

// The rules for keys of services that nobody knows. The first takes what
// stands between name and value from its own pattern, the second has the lexer;
// the next knows a call, then one what people write into texts. One has the name
// of a service and nothing else, under which an MD5 is hardly kept, and the last
// the address of a webhook.
const (
	wideKey   = "generic-key"
	namedKey  = "generic-key-name"
	calledKey = "generic-client"
	listedKey = "generic-listed"
	service   = "generic-service"
	webhook   = "generic-webhook"
)

// signingKey is the rule for keys of calls that make digests, and name them.
const signingKey = "call-key"

// hearing is the state of one review; it stays on the stack.
type hearing struct {
	p        *Policy
	model    *model
	rule     *rules.Rule
	before   []byte // what stands before the name, or before the value
	after    []byte // what stands behind the value, without its closing quote
	tight    bool   // name=value, or name: value
	colon    bool   // name:value
	equals   bool   // name=value
	compared bool   // name == value
	basic    bool   // Basic value
	bearer   bool   // Bearer value
	quote    byte
	call     bool
	name     []byte
	op       []byte // what stands between name and value
	said     naming
	shape    shape
	lone     bool // the name is "key", and nothing says whose
	keyed    bool // the place says that this is a key
	shouted  bool // the name is in upper case, as in env files, where values need no quotes
	dropped  bool
	proof    Proof
	sev      rules.Severity
	note     string
	why      [8]reason
	n        int

	weighing *Weighing // where to tell of the scale, or nil
}

func (h *hearing) say(r reason) {
	if h.n < len(h.why) {
		h.why[h.n] = r
		h.n++
	}
}

// drop ends the hearing: the value is not a secret.
func (h *hearing) drop(r reason, confidence float64) float64 {
	h.say(r)
	h.dropped = true
	return confidence
}

// Review decides whether a candidate is a secret. A verdict may share its
// Reasons with others: callers must not change them.
func (p *Policy) Review(in Input) Verdict { return p.review(in, nil) }

func (p *Policy) review(in Input, w *Weighing) Verdict {
	if in.Rule == nil || in.Start < 0 || in.End < in.Start || in.End > len(in.Window) {
		return Verdict{}
	}
	h := hearing{p: p, model: p.model, rule: in.Rule, quote: in.Quote, call: in.Call, sev: in.Rule.Severity, weighing: w}
	h.before = in.Window[:in.Start]
	if in.NameStart >= 0 && in.NameStart < in.NameEnd && in.NameEnd <= len(in.Window) {
		h.name = in.Window[in.NameStart:in.NameEnd]
		h.before = in.Window[:min(in.Start, in.NameStart)]
	}
	v := in.Window[in.Start:in.End]
	h.after = in.Window[in.End:]
	if in.Quote == 0 && in.Start > 0 && len(h.after) > 0 && h.after[0] == in.Window[in.Start-1] && isQuote(h.after[0]) {
		in.Quote = h.after[0] // rules that know their secret by its shape tell nothing of quotes
		h.quote = in.Quote
	}
	if in.Quote != 0 && len(h.after) > 0 && h.after[0] == in.Quote {
		h.after = h.after[1:]
	}
	if len(h.name) == 0 && in.Rule.Generic && in.Rule.Kind == rules.Token {
		h.name, h.lone = keyName(in.Window, in.Start, in.Rule.ID == wideKey)
		h.keyed = !h.lone
		h.tight = in.Start > 0 && (in.Window[in.Start-1] == '=' || bytes.HasSuffix(in.Window[:in.Start], []byte(": ")))
		if h.tight && len(h.name) > 0 && h.quote == 0 {
			h.before = in.Window[:bytes.LastIndex(in.Window[:in.Start], h.name)]
		}
	}
	switch in.Rule.ID {
	case namedKey:
		h.keyed = true
	case service:
		h.keyed = in.Call || isKeptAsKey(in.Window[min(in.NameEnd, in.Start):in.Start], in.End-in.Start)
	}
	if len(h.name) > 0 && in.NameEnd > in.NameStart && in.NameEnd < in.Start {
		op := in.Window[in.NameEnd:in.Start]
		h.op = op
		h.tight, h.colon, h.equals = isTight(op), string(op) == ":", string(op) == "="
		h.compared = bytes.Contains(op, []byte("==")) || bytes.Contains(op, []byte("!="))
	}
	h.basic = h.follows(in.Window[:in.Start], "basic ")
	h.bearer = h.follows(in.Window[:in.Start], "bearer ")
	h.shape = p.model.measure(v)
	confidence, proven := h.prove(v)
	switch {
	case proven:
	case h.rule.Exact:
		confidence = h.exact()
	default:
		confidence = h.weigh(v)
		if !h.dropped && isSample(v) {
			confidence = h.drop(documentedSample, 0.05)
		}
		if !h.dropped {
			alone := confidence
			confidence *= h.context()
			if h.rule.Provider != "generic" && alone >= p.opt.MinConfidence && !h.dropped {
				confidence = max(confidence, p.opt.MinConfidence) // a token of a service is one beside the word test, too
			}
		}
		confidence = h.scaled(v, confidence)
	}
	return h.verdict(confidence)
}

// isKeptAsKey reports whether a digest or a UUID of n bytes may be a key where it
// stands under nothing but the name of a service. An MD5 or a UUID is hardly kept
// so; a longer digest is, in lists, which use no equals sign.
func isKeptAsKey(op []byte, n int) bool {
	return n == 32 || n == 36 || bytes.IndexByte(op, '=') >= 0
}

func (h *hearing) verdict(confidence float64) Verdict {
	floor := h.p.opt.MinConfidence
	if h.proof == Mismatch && !h.dropped {
		h.say(proofMismatch)
		confidence *= 0.5
		floor *= 0.5
		if h.p.opt.StrictChecksum {
			h.dropped = true
		}
	}
	v := Verdict{
		Report:     !h.dropped && confidence >= floor,
		Confidence: confidence,
		Severity:   h.sev,
		Proof:      h.proof,
	}
	if h.n == 1 && h.note == "" {
		v.Reasons = h.p.only[h.why[0]][:1:1]
		return v
	}
	v.Reasons = make([]string, 0, h.n+1)
	for _, r := range h.why[:h.n] {
		v.Reasons = append(v.Reasons, r.String())
	}
	if h.note != "" {
		v.Reasons = append(v.Reasons, h.note)
	}
	return v
}

// prove runs the rule's offline check. It ends the review only if the check
// settles the matter.
func (h *hearing) prove(v []byte) (confidence float64, settled bool) {
	if h.rule.Proof == "" {
		return 0, false
	}
	r := proof.Check(h.rule.Proof, v)
	h.note = r.Note
	switch {
	case r.Has(proof.Public):
		h.sev = rules.Info
		h.say(publicByDesign)
		return 0.4, true
	case r.State == proof.NotApplicable && strings.HasSuffix(h.rule.Proof, "-url"):
		return h.drop(urlValue, 0.2), true
	case r.State == proof.NotApplicable:
		return 0, false
	case r.Has(proof.Sample):
		return h.drop(sampleReason(r), 0.1), true
	case r.State == proof.Mismatch:
		h.proof = Mismatch
		return 0, false
	case isSample(v):
		return h.drop(documentedSample, 0.05), true
	}
	h.proof = Verified
	if r.Has(proof.Encrypted) {
		h.sev = min(h.sev, rules.Medium)
		h.say(keyEncrypted)
	}
	if at := h.p.opt.Now; r.Expires > 0 && !at.IsZero() && at.Unix()-r.Expires > 30*24*3600 {
		h.sev = min(h.sev, rules.Low)
		h.say(longExpired)
	}
	if r.Core != nil {
		return h.inner(v, r), true
	}
	if r.Has(proof.Encrypted) {
		h.say(proofVerified)
		return encryptedAt, true // a key, but worth nothing without its passphrase
	}
	if r.Has(proof.Structure) {
		h.say(proofStructure)
		return max(structureAt, h.rule.Confidence), true
	}
	h.say(proofVerified)
	return verifiedAt, true
}

func sampleReason(r proof.Result) reason {
	if r.State == proof.Mismatch {
		return shellOnly
	}
	return documentedSample
}

// weigh picks the standard of evidence by what the rule knows.
func (h *hearing) weigh(v []byte) float64 {
	if h.isSpecific(v) {
		return h.specific(v)
	}
	h.said = readName(h.name)
	h.shouted = isShouted(h.name)
	if strings.Contains(h.rule.ID, "password") || h.rule.Generic && h.said&saysPassword != 0 {
		return h.password(v)
	}
	if h.rule.Generic {
		return h.generic(v)
	}
	return h.contextual(v)
}

// exact takes what a rule found for what it says.
func (h *hearing) exact() float64 {
	if h.rule.Entropy > 0 && h.shape.entropy < h.rule.Entropy {
		return h.drop(lowEntropy, 0.2)
	}
	h.say(everyMatch)
	return base(h.rule.Confidence, specificBase)
}

// isSpecific says whether the secret carries its own mark: a keyword of its
// rule is inside it.
func (h *hearing) isSpecific(v []byte) bool {
	return !h.rule.Generic && h.rule.Kind == rules.Token && h.isMarked(v)
}

// isMarked says whether a keyword of the rule is inside the value.
func (h *hearing) isMarked(v []byte) bool {
	var room [2 * maxLook]byte
	low := room[:0]
	for _, c := range v[:min(len(v), len(room))] {
		low = append(low, lowerOf(c))
	}
	for _, k := range h.rule.Keywords { // one rule has hundreds
		if bytes.Contains(low[:min(len(low), maxLook-1+len(k))], []byte(k)) {
			return true
		}
	}
	return false
}

// find returns the first place of a lower-case keyword in v, in any case.
func (m *model) find(v []byte, keyword string) int {
	for i := 0; i+len(keyword) <= len(v) && i < maxLook; i++ {
		j := 0
		for j < len(keyword) && lowerOf(v[i+j]) == keyword[j] {
			j++
		}
		if j == len(keyword) {
			return i
		}
	}
	return -1
}

func lowerOf(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// isTight says whether an operator is written as in files of settings rather
// than as in code.
func isTight(op []byte) bool {
	switch string(op) {
	case "=", ":", ": ":
		return true
	}
	return false
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

func isShouted(name []byte) bool {
	return len(name) > 0 && bytes.IndexFunc(name, func(r rune) bool { return r >= 'a' && r <= 'z' }) < 0
}
