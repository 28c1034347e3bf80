package finding

import (
	"os/exec"
	"testing"
)

// TestQuote hands words to a shell and demands them back, byte for byte.
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
