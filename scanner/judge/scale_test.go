package judge

import "testing"

// TestScaleIsSound: no trait counts in a way that common sense forbids, each
// has a text of its own, and shares and points belong together.
func TestScaleIsSound(t *testing.T) {
	texts := map[string]Trait{}
	for x := range Trait(traitCount) {
		if x.String() == "" {
			t.Errorf("trait %d has no text", x)
		}
		if before, ok := texts[x.String()]; ok {
			t.Errorf("traits %d and %d have the same text %q", before, x, x)
		}
		texts[x.String()] = x
		if x.Points()*x.Direction() < 0 {
			t.Errorf("%q counts %+d", x, x.Points())
		}
	}
	for p := 2; p < 99; p++ {
		if logOdds[p] <= logOdds[p-1] {
			t.Errorf("%d in a hundred is not more than %d", p, p-1)
		}
		if got := chance(int(logOdds[p])); got != p {
			t.Errorf("%d points are %d in a hundred, want %d", logOdds[p], got, p)
		}
	}
	if logOdds[50] != 0 || chance(-100000) != 1 || chance(100000) != 99 {
		t.Error("the ends of the scale, or its middle, are off")
	}
}

// TestWeigh: what Weigh tells adds up to the verdict, and only weak secrets of
// rules that know nothing but a name are weighed.
func TestWeigh(t *testing.T) {
	p := New(Options{})
	weighed := 0
	for _, r := range lineRows {
		in := lineInput(fill("weigh", r.text))
		in.Rule = generic
		if r.password {
			in.Rule = passwd
		}
		v := p.Review(in)
		w, ok := p.Weigh(in)
		if !ok {
			continue
		}
		weighed++
		got := float64(min(mostWeak, chance(w.Sum()))) / 100
		if got != v.Confidence && !(w.Before >= 50 && v.Confidence == 0.5) {
			t.Errorf("%q: %d points are %.2f, and the verdict is %.2f", r.text, w.Sum(), got, v.Confidence)
		}
		if v.Report && v.Severity > passwd.Severity {
			t.Errorf("%q: severity %s", r.text, v.Severity)
		}
	}
	if weighed < 15 {
		t.Errorf("only %d rows were weighed", weighed)
	}
	if _, ok := p.Weigh(input(generic, "api_key", fill("weigh", "@b62:40"), '"')); ok {
		t.Error("a random key was weighed")
	}
}

// TestScaleKnowsItsOrder: the same weak password counts for more beside a user
// and a host than alone, and what stands for one counts for less.
func TestScaleKnowsItsOrder(t *testing.T) {
	p := New(Options{})
	at := func(text string) float64 {
		in := lineInput(text)
		in.Rule = passwd
		return p.Review(in).Confidence
	}
	alone := at("\n  «password»: ‹kingfisher›\n")
	beside := at("\n  host: db.acme.dev\n  user: heron\n  «password»: ‹kingfisher›\n")
	instead := at("\n  host: db.acme.dev\n  user: heron\n  «password»: ‹my-password›\n")
	if beside <= alone || instead >= 0.5 || beside < 0.5 {
		t.Errorf("alone %.2f, beside a user and a host %.2f, what stands for one %.2f", alone, beside, instead)
	}
}

// TestScaleIsForSecrets: what would be weighed as a password is weighed under the
// name of another secret only where it stands as values do, and never if it is a
// mask or a long row that counts up.
func TestScaleIsForSecrets(t *testing.T) {
	p := New(Options{})
	for _, r := range []struct {
		password bool
		line     string
		want     bool
	}{
		{true, "«password»: ‹kingfisher›\n", true},
		{true, "«password»: '‹********›'\n", false},
		{false, "«token»: ‹kingfisher9›\n", true},
		{false, "«auth»: '‹kingfisher›'\n", false},
		{false, "«token»: ‹kingfisher9›, secret)\n", false},
		{false, "f(«token»: ‹kingfisher9›) {\n", false},
		{false, "«clientSecret»: '‹kingfisher›'\n", true},
		{false, "«clientSecret»: '‹1234567890›'\n", false},
		{true, "«password»: '‹123456›'\n", false},
		{false, "«clientSecret»: '‹12345678901234567890abcdef›'\n", false},
		{false, "«clientSecret»: '‹--------------------›'\n", false},
		{false, "«tokenName»: '‹kingfisher›'\n", false},
	} {
		in := lineInput("\n  host: db.acme.dev\n  " + r.line)
		in.Rule = generic
		if r.password {
			in.Rule = passwd
		}
		if _, ok := p.Weigh(in); ok != r.want {
			t.Errorf("%q: weighed: %t", r.line, ok)
		}
	}
}

// TestSurround tells sorts of lines apart.
func TestSurround(t *testing.T) {
	for line, want := range map[string]surround{
		"  return login(user);\n":                 {code: 1},
		"  if (user) {\n":                         {code: 1},
		"def login(self):\n":                      {code: 1},
		"  host: db.acme.dev\n":                   {settings: 1},
		"spring.datasource.url = jdbc:h2\n":       {settings: 1},
		"  \"host\": \"db.acme.dev\",\n":          {settings: 1},
		"Then log in as the user that you made\n": {text: 1},
		"settings: {\n":                           {},
		"\n":                                      {},
	} {
		var s surround
		if s.read([]byte(line)); s != want {
			t.Errorf("%q: %+v", line, s)
		}
	}
}
