package migrate

import (
	"fmt"
	"strconv"
	"strings"

	"keyrake/rules"
)

// RulesYAML writes the rules as a rule file; nil if there are none.
func (im *Import) RulesYAML() []byte {
	if len(im.Rules) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Rules from %s.\nrules:\n", oneLine(im.Name))
	for i := range im.Rules {
		writeRule(&b, &im.Rules[i])
	}
	return []byte(b.String())
}

func writeRule(b *strings.Builder, r *rules.Rule) {
	field := func(key, value string) { fmt.Fprintf(b, "    %s: %s\n", key, value) }
	fmt.Fprintf(b, "  - id: %s\n", scalar(r.ID))
	field("title", scalar(r.Title))
	field("provider", scalar(r.Provider))
	field("severity", r.Severity.String())
	if r.Whole {
		field("whole", "true")
	}
	if len(r.Keywords) > 0 {
		field("keywords", flow(r.Keywords))
	}
	field("pattern", scalar(r.Pattern))
	if r.Secret > 0 {
		field("secret", fmt.Sprint(r.Secret))
	}
	field("boundary", "none")
	if len(r.Near) > 0 {
		field("near", flow(r.Near))
	}
	if r.Entropy > 0 {
		field("entropy", fmt.Sprint(r.Entropy))
	}
	if !r.Whole {
		field("reach", fmt.Sprintf("{before: %d, after: %d}", r.Before, r.After))
	}
	if r.Exact {
		field("exact", "true")
	}
	field("confidence", fmt.Sprint(r.Confidence))
	field("remedy", scalar(r.Remedy))
	field("source", scalar(r.Source))
}

// ConfigYAML writes the settings as a .scan.yaml. rulesFile is the name of the
// rule file as this one names it; "" if there is none.
func (im *Import) ConfigYAML(rulesFile string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# From %s.\n", oneLine(im.Name))
	if rulesFile != "" {
		fmt.Fprintf(&b, "rules: [%s]\n", scalar(rulesFile))
	}
	if im.Alone && len(im.Rules) > 0 {
		ids := make([]string, len(im.Rules))
		for i := range im.Rules {
			ids[i] = im.Rules[i].ID
		}
		fmt.Fprintf(&b, "# With that file gitleaks looked for these alone. To do without Keyrake's own rules, too:\n# enable-rule: %s\n", flow(ids))
	}
	if len(im.Disable) > 0 {
		fmt.Fprintf(&b, "disable-rule: %s\n", flow(im.Disable))
	}
	if len(im.Allows) > 0 {
		b.WriteString("allow:\n")
	}
	for i := range im.Allows {
		im.Allows[i].write(&b)
	}
	return []byte(b.String())
}

func (a *Allow) write(b *strings.Builder) {
	fmt.Fprintf(b, "  - reason: %s\n", scalar(a.Reason))
	c := &a.When
	for _, f := range []struct {
		key  string
		list []string
	}{
		{"rules", c.Rules}, {"paths", c.Paths}, {"outside", c.Outside}, {"secrets", c.Secrets}, {"matches", c.Matches},
		{"lines", c.Lines}, {"above", c.Above}, {"words", c.Words}, {"commits", c.Commits},
	} {
		if len(f.list) == 0 {
			continue
		}
		fmt.Fprintf(b, "    %s:\n", f.key)
		for _, s := range f.list {
			fmt.Fprintf(b, "      - %s\n", scalar(s))
		}
	}
	if c.Every {
		b.WriteString("    every: true\n")
	}
}

// scalar writes a text as a YAML value that is a text and nothing else.
func scalar(text string) string {
	plain := strings.IndexFunc(text, func(c rune) bool { return c < ' ' || c > '~' }) < 0
	if plain {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return strconv.Quote(strings.ToValidUTF8(text, "\uFFFD")) // whose escapes are YAML's
}

func flow(list []string) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = scalar(s)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
