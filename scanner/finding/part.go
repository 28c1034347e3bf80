package finding

import "keyrake/rules"

// Part is what a secret is used with: the id, the account or the name that goes
// with it. A secret with its parts is one finding, named by the secret alone.
type Part struct {
	Role   string // "account id", "access key id", "user"
	Value  Secret
	Open   bool        // it is no secret by itself and may be shown as it is
	Rule   *rules.Rule // what it would be a finding of by itself; nil if it would be none
	Places []Place     // never empty; the first is the one that made it a part
}

// Shown is the value as a report may show it: masked, unless it is open.
func (p *Part) Shown() string {
	if p.Open {
		return p.Value.Reveal()
	}
	return p.Value.String()
}

// Link is another finding that is valid only as long as this one is, by what both hold.
type Link struct {
	Says        string // what the other is to this one: "is the SHA-256 of the token of …"
	Title       string // of the other
	Fingerprint string // of the other
}

// AppendHidden appends all that a report must not show of f: the secret, and the
// parts that are secret too.
func (f *Finding) AppendHidden(list []Secret) []Secret {
	list = append(list, f.Secret)
	for _, p := range f.Tied().Parts {
		if !p.Open {
			list = append(list, p.Value)
		}
	}
	return list
}

// Alone lists f and the findings that its parts would be without it, each with
// its own rule and secret and under the fingerprint of f.
func (f *Finding) Alone() []Finding {
	list := []Finding{*f}
	for _, p := range f.Tied().Parts {
		if p.Rule != nil {
			list = append(list, Finding{Rule: p.Rule, Secret: p.Value, Severity: p.Rule.Severity, Confidence: f.Confidence,
				Fingerprint: f.Fingerprint, Places: p.Places, InHead: p.Places[0].InHead, Unreachable: f.Unreachable})
		}
	}
	return list
}
