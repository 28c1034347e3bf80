package finding

import "testing"

func TestFileAndInside(t *testing.T) {
	tests := []struct {
		place        Place
		file, inside string
	}{
		{Place{Path: "a!b.txt"}, "a!b.txt", ""},
		{Place{Path: "a!b.zip!c/d!e", Inner: 6}, "a!b.zip", "c/d!e"},
		{Place{Path: "!c", Inner: 2}, "", "c"},
		{Place{}, "", ""},
	}
	for _, x := range tests {
		if file, inside := x.place.File(), x.place.Inside(); file != x.file || inside != x.inside {
			t.Errorf("%+v: %q and %q", x.place, file, inside)
		}
	}
}
