package finding

// Suppressed is a finding that was known and accepted, so that it does not
// count. It is kept because what was hidden is always reported. Where only some
// places of a finding are accepted, those are here and the others in a
// Finding of their own with the same fingerprint.
type Suppressed struct {
	Finding
	By       string // what suppressed it: "FILE:LINE", of the mark in the source or of the entry elsewhere
	Sort     string // what kind of thing that is, by which summaries count: a file's name or "scan:allow"
	InSource bool   // by a mark beside the secret itself
	Reason   string // the reason given there; may be empty
	Version  string // hex name of the blob by which its fingerprint was accepted, if that is not the first place's
}

// Mark is a "scan:allow RULE -- reason" in the text beside a secret.
type Mark struct {
	Rules   []string // the rules that it names
	Reason  string   // "" if it gives none: such a mark suppresses nothing
	Line    int      // 1-based
	Fits    bool     // it names the rule that found the secret at this place
	Foreign bool     // it is another scanner's, and suppresses nothing
}
