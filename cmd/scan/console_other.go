//go:build !unix && !windows

package main

// console knows no terminals here: there is no colour unless it is asked for.
func console(uintptr) (width int, ok bool) { return 0, false }
