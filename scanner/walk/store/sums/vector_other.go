//go:build !amd64 || purego

package sums

func vectors() bool { return false }

func sumBlocks(*state, *[lanes]*byte, int) {
	panic("sums: internal error: no vectors on this machine")
}
