//go:build unix

package worktree

import (
	"io/fs"
	"syscall"
)

// openFlags keep an open from waiting for a pipe's writer, should a file be
// replaced by a pipe after it was listed.
const openFlags = syscall.O_NONBLOCK | syscall.O_NOCTTY

// inodes says that os.SameFile tells files apart without opening them again.
const inodes = true

// stored is how many bytes a file takes on its disk.
func stored(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int64(s.Blocks) * 512
	}
	return info.Size()
}
