package regular

import (
	"io/fs"
	"testing"
)

func TestIs(t *testing.T) {
	for mode, want := range map[fs.FileMode]bool{
		0o644:                             true,
		fs.ModeIrregular | 0o644:          true,
		fs.ModeSetuid | 0o755:             true,
		fs.ModeDir | 0o755:                false,
		fs.ModeDir | fs.ModeIrregular:     false,
		fs.ModeSymlink:                    false,
		fs.ModeNamedPipe:                  false,
		fs.ModeSocket:                     false,
		fs.ModeDevice | fs.ModeCharDevice: false,
		fs.ModeDevice | fs.ModeIrregular:  false,
		fs.ModeSymlink | fs.ModeIrregular: false,
		fs.ModeNamedPipe | fs.ModeAppend:  false,
	} {
		if got := Is(mode); got != want {
			t.Errorf("%v: %v, want %v", mode, got, want)
		}
	}
}
