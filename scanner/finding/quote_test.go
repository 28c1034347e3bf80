package finding

import (
	"os/exec"
	"testing"
)

// TestQuote hands words to a shell and demands them back, byte for byte.
func TestCommand(t *testing.T) {
	words := []string{"npx", "wrangler", "--env", "a b", "--x;y", "-", ""}
	if got, want := Command(words), "npx wrangler --env 'a b' --'x;y' - "; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestQuote(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("needs bash")
	}
	for _, word := range []string{"a.txt", "-x", "it's a.txt", "ä b", "new\nline's", "bad\xff\\0", "\x1b[31m", "$HOME", "a\u200bb"} {
		quoted := Quote(word)
		for i := range len(quoted) {
			if quoted[i] < ' ' {
				t.Errorf("%q: %q cannot be printed", word, quoted)
			}
		}
		out, err := exec.Command(shell, "-c", "printf %s "+quoted+"; printf .").Output()
		if err != nil || string(out) != word+"." {
			t.Errorf("%q: %s gives %q, %v", word, quoted, out, err)
		}
	}
}

func TestPathspec(t *testing.T) {
	for path, want := range map[string]string{
		"a.txt": ":/a.txt", "d/a b": ":/d/a b", "star*.c": ":(top,literal)star*.c", "(x)": ":(top,literal)(x)", `a\b`: `:(top,literal)a\b`, "!x": ":(top,literal)!x", ":x": ":(top,literal):x", "é!x": ":/é!x", ".env": ":/.env",
	} {
		if got := Pathspec(path); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}
