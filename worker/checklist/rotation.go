package checklist

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"keyrake/worker"
)

const maxAge = 90 // days between two rotations

// rotation answers whether somebody wrote down when keys are replaced.
func (c *checker) rotation() (list []Evidence) {
	for _, f := range c.Project.Files {
		base := path.Base(f.Path)
		switch {
		case base == ".secrets-rotation.yml" || base == ".secrets-rotation.yaml":
			list = append(list, c.manifest(&f)...)
		case strings.HasSuffix(base, ".tf"):
			list = append(list, c.terraformAge(&f)...)
		case isProse(base):
			list = append(list, documented(&f)...)
		}
	}
	for _, p := range c.pipelines {
		list = append(list, scheduled(&p)...)
	}
	switch {
	case len(list) > 0:
		return list
	case !c.hasCredentials():
		return []Evidence{{Status: None, Text: "nothing here uses a key, so there is nothing to rotate"}}
	}
	return []Evidence{{Status: Fail, Text: "nothing in the repository says how often keys are rotated",
		Remedy: `write it into SECURITY.md ("API tokens are rotated every 60 days by …"), or keep .secrets-rotation.yml with name, last_rotated and max_age_days of each`}}
}

// hasCredentials reports whether there is anything to rotate.
func (c *checker) hasCredentials() bool {
	for _, w := range c.Project.Workers {
		for _, u := range w.Uses {
			if worker.IsSecretName(u.Name) {
				return true
			}
		}
		if slices.ContainsFunc(w.Examples(c.Project), func(x worker.Named) bool { return worker.IsSecretName(x.Name) }) {
			return true
		}
		for _, e := range w.Config.Environments() {
			for _, d := range e.Declared() {
				if d.Kind == "secrets" || d.Kind == "secrets_store_secrets" || d.Kind == "vars" && worker.IsSecretName(d.Name) && worker.IsLiteral(d.Text) {
					return true
				}
			}
		}
	}
	for _, p := range c.pipelines {
		for _, s := range p.Steps {
			if c.deploys(&s) {
				return true
			}
		}
	}
	return len(c.Files.Findings) > 0 || c.History != nil && len(c.History.Findings) > 0
}

var (
	rotates   = worker.Expression(`(?i)\brotat\w*`)
	notSo     = worker.Expression(`(?i)\b(?:no longer|not|never|nobody|none|without|todo|tbd|could|might|logs?)\b|n't\b`)
	sentences = worker.Expression(`[.!?;](?:\s|$)|\n\s*(?:\n|[-*+|#>]|\d+\.)`)
	ofSecrets = worker.Expression(`(?i)\b(key|token|secret|credential|password)s?\b`)
	interval  = worker.Expression(`(?i)\b(\d{1,4})[ -]?(day|week|month)s?\b|\b(daily|weekly|monthly|quarterly|yearly|annually|every (?:week|month|quarter|year))\b`)
	whatRolls = worker.Expression(`/tokens/[^\s"']*/value|wrangler\s+(?:versions\s+)?secret\s+(?:put|bulk)|rotate_secret|/rotate\b|vault\s+(?:kv|write)`)
	tfDays    = worker.Expression(`rotation_days\s*=\s*(\d+)`)
	tfExpires = worker.Expression(`expires_on\s*=\s*"(\d{4}-\d\d-\d\dT[^"]*)"`)
)

// days reads an interval that people write; 92 is a quarter at its longest.
func days(m []string) int {
	if m[1] != "" {
		n, _ := strconv.Atoi(m[1])
		switch strings.ToLower(m[2]) {
		case "week":
			n *= 7
		case "month":
			n = n*30 + (n+1)/2 + 1
			if m[1] == "3" {
				n = 92
			}
		}
		return n
	}
	for word, n := range map[string]int{"daily": 1, "week": 7, "month": 31, "quarter": 92, "year": 366, "annual": 366} {
		if strings.Contains(strings.ToLower(m[3]), word) {
			return n
		}
	}
	return 366
}

func isProse(base string) bool {
	switch strings.ToLower(path.Ext(base)) {
	case ".md", ".mdx", ".adoc", ".rst", ".txt":
		return !strings.EqualFold(base, "CHANGELOG.md")
	}
	return false
}

// documented reads what speaks of rotating, of keys and of a time: a sentence, or a line,
// as those of tables and lists are; under a heading that speaks of rotating keys, a time is
// enough.
func documented(f *worker.File) (list []Evidence) {
	text := strings.Split(string(f.Data), "\n")
	for i, line := range text {
		if !rotates().MatchString(line) {
			continue
		}
		m := timeOf(text, i)
		if m == nil {
			continue
		}
		at := worker.Place{Path: f.Path, Line: i + 1}
		switch n := days(m); {
		case n <= maxAge:
			list = append(list, Evidence{Pass, at, fmt.Sprintf("rotation is documented, every %d days", n), ""})
		case n == 92:
			list = append(list, Evidence{Unknown, at, "rotation is documented by the quarter, which can be 92 days", fmt.Sprintf("say %d days or less", maxAge)})
		default:
			list = append(list, Evidence{Fail, at, fmt.Sprintf("rotation is documented, but every %d days", n), fmt.Sprintf("say %d days or less", maxAge)})
		}
	}
	return list
}

// timeOf gives the match of the time in which keys are rotated, as line i and those round it
// say; nil if they do not say that.
func timeOf(text []string, i int) []string {
	says := func(s string) []string {
		if !rotates().MatchString(s) || !ofSecrets().MatchString(s) || notSo().MatchString(s) {
			return nil
		}
		return interval().FindStringSubmatch(s)
	}
	if strings.HasPrefix(text[i], "#") && ofSecrets().MatchString(text[i]) {
		if m := says(text[i]); m != nil {
			return m
		}
		below := strings.Join(text[i+1:min(len(text), i+4)], "\n")
		for _, s := range sentences().Split(below, -1) {
			if m := interval().FindStringSubmatch(s); m != nil && !notSo().MatchString(s) {
				return m
			}
		}
		return nil
	}
	for _, s := range sentences().Split(text[i], -1) {
		if m := says(s); m != nil {
			return m
		}
	}
	near := strings.Join(text[max(0, i-1):min(len(text), i+2)], "\n") // a sentence goes on in the next line
	for _, s := range sentences().Split(near, -1) {
		if m := says(s); m != nil {
			return m
		}
	}
	return nil
}

// scheduled looks at jobs that rotate by the calendar.
func scheduled(p *worker.Pipeline) (list []Evidence) {
	rolls := false
	for _, s := range p.Steps {
		for _, x := range s.Commands {
			rolls = rolls || whatRolls().MatchString(x.Text)
		}
	}
	if !rolls {
		return nil
	}
	for _, cron := range p.Crons {
		gap, err := worker.MaxGap(cron.Value)
		switch {
		case err != nil:
			list = append(list, Evidence{Unknown, cron.Place, "the schedule of a job that rotates cannot be read: " + err.Error(), ""})
		case gap > maxAge:
			list = append(list, Evidence{Fail, cron.Place, fmt.Sprintf("the job that rotates has gaps of %d days", gap), `a quarter has up to 92 days: use "0 0 1 */2 *" (62 at most) or "0 0 1 * *"`})
		default:
			list = append(list, Evidence{Pass, cron.Place, fmt.Sprintf("a job rotates at least every %d days", gap), ""},
				Evidence{Note, cron.Place, "GitHub runs schedules on the default branch only, and in public repositories not after 60 days without a commit", ""})
		}
	}
	return list
}

// terraformAge reads rotation and expiry of tokens.
func (c *checker) terraformAge(f *worker.File) (list []Evidence) {
	if !strings.Contains(string(f.Data), "cloudflare") {
		return nil
	}
	for _, m := range tfDays().FindAllSubmatchIndex(f.Data, -1) {
		n, _ := strconv.Atoi(string(f.Data[m[2]:m[3]]))
		e := Evidence{Pass, placeAt(f, m[0]), fmt.Sprintf("Terraform rotates every %d days", n), ""}
		if n > maxAge {
			e.Status, e.Remedy = Fail, fmt.Sprintf("rotation_days = %d or less", maxAge)
		}
		list = append(list, e)
	}
	for _, m := range tfExpires().FindAllSubmatchIndex(f.Data, -1) {
		t, err := time.Parse(time.RFC3339, string(f.Data[m[2]:m[3]]))
		if err != nil {
			continue
		}
		left := int(t.Sub(c.Today).Hours() / 24)
		e := Evidence{Pass, placeAt(f, m[0]), fmt.Sprintf("the token ends in %d days", left), ""}
		if left > maxAge {
			e.Status, e.Remedy = Fail, fmt.Sprintf("let it end within %d days", maxAge)
		} else if left < 0 {
			e.Status, e.Text = Unknown, "the token has ended already"
		}
		list = append(list, e)
	}
	return list
}

// manifest reads .secrets-rotation.yml: a list of keys with dates, by itself or
// under "secrets".
func (c *checker) manifest(f *worker.File) (list []Evidence) {
	var doc yaml.Node
	if err := yaml.Unmarshal(f.Data, &doc); err != nil || len(doc.Content) == 0 {
		return []Evidence{{Unknown, worker.Place{Path: f.Path}, "it is no YAML list of keys", ""}}
	}
	root := doc.Content[0]
	if root.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(root.Content); i += 2 {
			if root.Content[i].Value == "secrets" {
				root = root.Content[i+1]
				break
			}
		}
	}
	for _, n := range root.Content {
		var key struct {
			Name        string `yaml:"name"`
			LastRotated string `yaml:"last_rotated"`
			MaxAgeDays  int    `yaml:"max_age_days"`
		}
		at := worker.Place{Path: f.Path, Line: n.Line}
		last, err := time.Time{}, n.Decode(&key)
		if err == nil {
			last, err = time.Parse(time.DateOnly, key.LastRotated)
		}
		if err != nil || key.Name == "" {
			list = append(list, Evidence{Unknown, at, "an entry has no name or no last_rotated of the form 2026-01-31", "give both"})
			continue
		}
		most := maxAge
		if key.MaxAgeDays > 0 {
			most = min(most, key.MaxAgeDays)
		}
		age := int(c.Today.Sub(last).Hours() / 24)
		e := Evidence{Pass, at, fmt.Sprintf("%s was rotated %d days ago", key.Name, age), ""}
		switch {
		case age < 0:
			e.Status, e.Text, e.Remedy = Unknown, key.Name+" is said to be rotated on a day to come", "give the day on which it was"
		case age > most:
			e.Status, e.Remedy = Fail, fmt.Sprintf("rotate it now: %d days is the most", most)
		}
		list = append(list, e)
	}
	return list
}
