//go:build amd64 && !purego

package sums

import "golang.org/x/sys/cpu"

// vectors reports whether this machine has sumBlocks.
func vectors() bool { return cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW }

// sumBlocks reads n blocks in each lane, from where from says. With all that is
// round it, it takes a third of the time of crypto/sha1, whose instructions for SHA-1
// wait for each other (contents of 2,500 bytes, 2026-11-26).
//
//go:noescape
func sumBlocks(s *state, from *[lanes]*byte, n int)
