package main

import "golang.org/x/sys/windows"

// console says whether fd is a console that obeys escape sequences, and how
// many columns it has. It switches the sequences on, as old consoles need that.
func console(fd uintptr) (width int, ok bool) {
	handle := windows.Handle(fd)
	var mode uint32
	if windows.GetConsoleMode(handle, &mode) != nil {
		return 0, false
	}
	var info windows.ConsoleScreenBufferInfo
	if windows.GetConsoleScreenBufferInfo(handle, &info) != nil {
		return 0, true // standard input: a console without a screen
	}
	if windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) != nil {
		return 0, false
	}
	return int(info.Window.Right-info.Window.Left) + 1, true
}
