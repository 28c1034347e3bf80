package pair

import (
	"math/rand/v2"
	"reflect"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
)

// roles lists all of them.
func roles() (list []*role) {
	for _, row := range table {
		list = append(list, row.roles...)
	}
	return append(list, userRole, clientRole)
}

// TestNames holds the quick search to the expressions, which are its twins.
func TestNames(t *testing.T) {
	pieces := []string{
		"user", "USER", "uſer", "login", "Login", "email", "e-mail", "E-Mail", "e", "-", "mail", "us", "er", "account", "acct", "_id", "Id", "tag", ".", "_", "app",
		"application", "client", "consumer", "key", "\u212aey", "access", "acceſs", "é", "\xff", "\xe2\x84", "\xc5", " ", "=", "x", "id", "\n",
	}
	rng := rand.New(rand.NewPCG(71, 72))
	found, none := 0, 0
	for range 40_000 {
		var text []byte
		for range rng.IntN(14) {
			text = append(text, pieces[rng.IntN(len(pieces))]...)
		}
		most := 1 + rng.IntN(4)
		for _, ro := range roles() {
			for _, f := range ro.forms {
				if f.pattern().Match(text) {
					t.Fatalf("%q has the form of %s", text, ro.name)
				}
			}
			if ro.names == nil {
				continue
			}
			want, got := ro.names.pattern().FindAllIndex(text, most), ro.names.all(text, most)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: names in %q at %v, want %v", ro.name, text, got, want)
			}
			if len(got) > 0 {
				found++
			} else {
				none++
			}
		}
	}
	if found < 10_000 || none < 10_000 {
		t.Errorf("%d texts with names and %d without: too few to tell anything", found, none)
	}
}

// TestForms: no form is written without its word.
func TestForms(t *testing.T) {
	for _, ro := range roles() {
		for _, f := range ro.forms {
			tree, err := syntax.Parse(f.pattern().String(), syntax.Perl)
			if err != nil {
				t.Fatal(err)
			}
			needed := false
			for _, sub := range append([]*syntax.Regexp{tree}, inRow(tree)...) {
				needed = needed || sub.Op == syntax.OpLiteral && strings.Contains(string(sub.Rune), string(f.word))
			}
			if len(f.word) == 0 || !needed {
				t.Errorf("%s: %q is not in each match of %s", ro.name, f.word, f.pattern())
			}
		}
	}
}

// inRow lists the parts that each match of an expression has.
func inRow(re *syntax.Regexp) (list []*syntax.Regexp) {
	if re.Op == syntax.OpConcat || re.Op == syntax.OpCapture {
		for _, sub := range re.Sub {
			list = append(append(list, sub), inRow(sub)...)
		}
	}
	return list
}

// TestBreaks holds the count to an expression.
func TestBreaks(t *testing.T) {
	breaks := regexp.MustCompile(`\n[ \t]*\r?\n|\n[ \t]*\[|[{}]|\n---`)
	rng := rand.New(rand.NewPCG(81, 82))
	for range 100_000 {
		text := make([]byte, rng.IntN(150))
		for i := range text {
			text[i] = "\n\n\n \t\r[{}---x"[rng.IntN(13)]
		}
		if want, got := len(breaks.FindAllIndex(text, maxTries)), Breaks(text); got != want {
			t.Fatalf("%d breaks in %q, want %d", got, text, want)
		}
	}
}
