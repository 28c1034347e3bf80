//go:build unix

package worktree

import "syscall"

// openFlags keep an open from waiting for a pipe's writer, should a file be
// replaced by a pipe after it was listed.
const openFlags = syscall.O_NONBLOCK | syscall.O_NOCTTY

// inodes says that os.SameFile tells files apart without opening them again.
const inodes = true
