// Package regular tells which files hold bytes that can be read to their end.
//
// It refuses to know paths and disks: it is given a mode. Its invariant: what it takes for
// regular is no folder, link, device, pipe or socket.
package regular

import "io/fs"

// Is reports whether a mode is that of a regular file. Go calls irregular what Windows keeps
// as a file with a tag of its own (a reparse point): every file below a folder that OneDrive
// and its like look after, though it is read as any other.
func Is(mode fs.FileMode) bool { return mode.Type()&^fs.ModeIrregular == 0 }
