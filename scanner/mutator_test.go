package scanner

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"keyrake/fixtures"
	"keyrake/rules/example"
)

// mutator changes a repository.
type mutator struct {
	*testing.T
	*fixtures.Builder
	rng *rand.Rand
	n   int
}

func (m *mutator) git(args ...string) { m.run("git", args...) }

// run runs a command; some fail by chance, as a branch that is not there.
func (m *mutator) run(name string, args ...string) { _ = m.Builder.Run(name, args...) }

func (m *mutator) token() string {
	text, err := example.Expand(`{{cf "cfut"}}`, fmt.Sprint("memo", m.rng.IntN(12)))
	if err != nil {
		m.Fatal(err)
	}
	return text
}

func (m *mutator) commit() {
	m.n++
	path := []string{"a.txt", "dir/b.txt", "dir/deep/er/c.txt", "ä\xff.txt"}[m.rng.IntN(4)]
	line := []string{"clean", "TOKEN=" + m.token(), "x", "password = 'correct-" + "horse-7'"}[m.rng.IntN(4)]
	m.run("write", path, fmt.Sprint("line ", m.n), line, "end")
	if m.rng.IntN(4) == 0 {
		m.run("encode", path, "utf16le")
	}
	m.record()
}

// record commits what was written, now and then with a token in the message.
func (m *mutator) record() {
	message := fmt.Sprint("message ", m.n)
	if m.rng.IntN(5) == 0 {
		message += " " + m.token()
	}
	m.run("commit", message)
}

// files lists what a pattern below .git fits.
func (m *mutator) files(pattern string) []string {
	list, _ := filepath.Glob(filepath.Join(m.Dir, ".git", pattern))
	return list
}

// ordinary is how many things people do to a repository.
const ordinary = 6

// ordinary does one of them, with a commit where it takes one.
func (m *mutator) ordinary(n int, commit func()) string {
	switch n {
	case 0:
		m.git("gc", "-q", "--prune=now")
		return "gc"
	case 1:
		m.git("repack", "-dq")
		return "repack -d"
	case 2:
		m.git("reset", "-q", "--hard", "HEAD~1")
		return "reset"
	case 3:
		m.git("checkout", "-q", "-b", fmt.Sprint("b", m.n))
		commit()
		return "a branch"
	case 4:
		m.git("checkout", "-q", "main")
		m.git("branch", "-q", "-D", fmt.Sprint("b", m.n))
		return "a branch that goes"
	default:
		m.git("tag", "-f", "-a", "-m", "tagged "+m.token(), fmt.Sprint("t", m.rng.IntN(3)))
		return "a tag"
	}
}
