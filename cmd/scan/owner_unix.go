//go:build unix

package main

import (
	"os"
	"syscall"
)

// ownerOf gives the user that a file or folder belongs to.
func ownerOf(path string) (uid int, known bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(st.Uid), true
}
