//go:build !unix

package worktree

import "io/fs"

const (
	openFlags = 0
	inodes    = false
)

// stored is how many bytes a file takes, as far as is known.
func stored(info fs.FileInfo) int64 { return info.Size() }
