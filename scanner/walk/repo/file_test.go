package repo

import "testing"

func TestIsShare(t *testing.T) {
	for path, want := range map[string]bool{
		`\\host\share\objects`: true,
		`//host/share/objects`: true,
		`/\host\share`:         true,
		`\\?\C:\objects`:       true,
		`C:\objects`:           false,
		`C:/objects`:           false,
		`/objects`:             false,
		`..\objects`:           false,
		"":                     false,
	} {
		if got := isShare(path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
