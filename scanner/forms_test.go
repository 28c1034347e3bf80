package scanner

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// formLines reads a list of testdata/breadth. In its lines ‹s› is a service's name
// in snake case, ‹k› in kebab case, ‹f› run together, ‹c› in camel case, ‹P› in
// Pascal case, ‹U› in capitals, ‹T› as a title; ‹V› is the value, ‹B› its base64,
// ‹BC› that of the value and a colon, ‹H1› and ‹H2› are its halves; \n is a line end.
func formLines(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/breadth/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(data), "\n"), "\n")
}

// fillForm writes a form out, and gives the texts that stand for the value.
func fillForm(form, service, v string) (text string, values []string) {
	parts := strings.Split(service, "-")
	var capital []string
	for _, p := range parts {
		capital = append(capital, strings.ToUpper(p[:1])+p[1:])
	}
	half := len(v) / 2
	std := base64.StdEncoding.EncodeToString
	encoded, basic := std([]byte(v)), std([]byte(v+":"))
	text = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(form)
	text = strings.NewReplacer("‹s›", strings.Join(parts, "_"), "‹k›", service, "‹f›", strings.Join(parts, ""),
		"‹c›", parts[0]+strings.Join(capital[1:], ""), "‹P›", strings.Join(capital, ""), "‹T›", strings.Join(capital, " "),
		"‹U›", strings.ToUpper(strings.Join(parts, "_")), "‹V›", v, "‹BC›", basic, "‹B›", encoded, "‹H1›", v[:half], "‹H2›", v[half:]).Replace(text)
	return "first line\n" + text + "\nlast line\n", []string{v, encoded, basic, v[half:]}
}

// formValues says how a value is made: {alphabet:length} and {uuid}.
var formValues = regexp.MustCompile(`\{(uuid|b64|[hHlUaud])(?::(\d+))?\}`)

func drawForm(rng *rand.Rand, template string) string {
	alphabets := map[string]string{
		"h": "0123456789abcdef", "H": "0123456789ABCDEF", "d": "0123456789", "l": "0123456789abcdefghijklmnopqrstuvwxyz",
		"U": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a": letterSet, "u": letterSet + "-_", "b64": letterSet + "+/",
	}
	draw := func(alphabet string, n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	return formValues.ReplaceAllStringFunc(template, func(m string) string {
		g := formValues.FindStringSubmatch(m)
		if g[1] == "uuid" {
			h := alphabets["h"]
			return draw(h, 8) + "-" + draw(h, 4) + "-4" + draw(h, 3) + "-a" + draw(h, 3) + "-" + draw(h, 12)
		}
		n := 0
		fmt.Sscan(g[2], &n)
		return draw(alphabets[g[1]], n)
	})
}

// formKeys are the shapes of keys. A first character that is a mark is left to
// the tests of the lexer.
var formKeys = strings.Fields(`{h:16} {h:24} {h:32} {h:40} {h:64} {H:32} {a:16} {a:20} {a:22} {a:24} {a:28} {a:32} {a:36} {a:40} {a:48} {a:64}
	{l:25} {l:32} {l:40} {U:20} {U:32} {a:1}{u:21} {a:1}{u:42} {a:1}{u:63} {a:1}{b64:42}= {uuid} {uuid} ab_{a:32} key-{a:40}`)

// TestForms searches for keys of services without a rule in the forms of all
// kinds of files.
func TestForms(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	rng := rand.New(rand.NewPCG(7, 11))
	spellings := formLines(t, "spellings.txt")
	found, total, k := 0, 0, 0
	share := map[string][2]int{}
	for _, service := range formLines(t, "services.txt") {
		for _, spelling := range spellings {
			if k++; k%13 != 0 {
				continue
			}
			group, form, _ := strings.Cut(spelling, "\t")
			text, values := fillForm(form, service, drawForm(rng, formKeys[rng.IntN(len(formKeys))]))
			n := share[group]
			if slices.ContainsFunc(values, func(v string) bool { return e.covers(text, v) }) {
				n[0]++
				found++
			}
			n[1]++
			total++
			share[group] = n
		}
	}
	for group, n := range share {
		t.Logf("%-8s %5.1f %% of %d", group, 100*float64(n[0])/float64(n[1]), n[1])
	}
	t.Logf("%d forms, %d of %d found", len(spellings), found, total)
	if found*100 < total*88 {
		t.Errorf("%d of %d found, want 88 %%", found, total)
	}
}

// covers tells whether a hit in text overlaps the first place of v.
func (e *examiner) covers(text, v string) bool {
	at := strings.Index(text, v)
	return at >= 0 && slices.ContainsFunc(e.hits(text), func(h hit) bool { return h.from() < at+len(v) && h.to() > at })
}

// TestFormsClean: next to no placeholder or reference is told in these forms.
func TestFormsClean(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	rng := rand.New(rand.NewPCG(9, 9))
	services := formLines(t, "services.txt")
	told, total := 0, 0
	for _, placeholder := range append(formLines(t, "placeholders.txt"), placeholders...) {
		for k, spelling := range formLines(t, "spellings.txt") {
			_, form, _ := strings.Cut(spelling, "\t")
			if k%3 != 0 || strings.Contains(form, "‹H1›") || strings.ContainsAny(placeholder, `"'`) && strings.ContainsAny(form, `"'`) {
				continue
			}
			service := services[rng.IntN(len(services))]
			text, _ := fillForm(strings.ReplaceAll(form, "‹V›", placeholder), service, "")
			total++
			if list := strongest(e.hits(text)); len(list) > 0 {
				told++
				t.Logf("%s at %.2f: %q", list[0].verdict.rule.ID, list[0].verdict.Confidence, text)
			}
		}
	}
	t.Logf("%d of %d told", told, total)
	if told*1000 > total*3 {
		t.Errorf("%d of %d told, want at most three in a thousand", told, total)
	}
}

// TestFormsOfOthers: ids, digests, public keys and the like are hardly ever told,
// and next to never by the rule of a service.
func TestFormsOfOthers(t *testing.T) {
	sequential(t)
	e := newExaminer(t)
	rng := rand.New(rand.NewPCG(9, 9))
	services := formLines(t, "services.txt")
	for i := range e.list {
		services = append(services, e.list[i].Provider)
	}
	told, specific, total := 0, 0, 0
	for _, form := range formLines(t, "lookalikes.txt") {
		for range 60 {
			text, _ := fillForm(drawForm(rng, form), services[rng.IntN(len(services))], "")
			total++
			if list := strongest(e.hits(text)); len(list) > 0 {
				told++
				if !list[0].verdict.rule.Generic {
					specific++
					t.Logf("%s at %.2f: %q", list[0].verdict.rule.ID, list[0].verdict.Confidence, text)
				}
			}
		}
	}
	t.Logf("%d of %d told, %d by rules of services", told, total, specific)
	if told*100 > total || specific*1000 > total*2 {
		t.Errorf("%d of %d told, %d by rules of services; want at most one in a hundred and two in a thousand", told, total, specific)
	}
}
