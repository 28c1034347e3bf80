//go:build unix

package main

import "golang.org/x/sys/unix"

// console says whether fd is a terminal, and how many columns it has.
func console(fd uintptr) (width int, ok bool) {
	size, err := unix.IoctlGetWinsize(int(fd), unix.TIOCGWINSZ)
	if err != nil {
		return 0, false
	}
	return int(size.Col), true
}
