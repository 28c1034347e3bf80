package warm

import (
	"os"
	"syscall"
	"time"
)

// identity is what tells a file from one that took its place.
type identity struct {
	device, inode uint64
	changed       time.Time
	owner         int
}

func identify(info os.FileInfo) (identity, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, false
	}
	return identity{uint64(st.Dev), st.Ino, time.Unix(st.Ctimespec.Unix()), int(st.Uid)}, true
}
