//go:build unix

package literal

import (
	"os"
	"syscall"
	"testing"
)

// TestFindBeforeGuardPage searches data that ends where memory may not be read,
// and data that begins there: a read outside data crashes the test.
func TestFindBeforeGuardPage(t *testing.T) {
	page := os.Getpagesize()
	whole, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Munmap(whole) }()
	for _, guard := range [][]byte{whole[:page], whole[2*page:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	room := whole[page : 2*page : 2*page]
	for i := range room {
		room[i] = "token eyJ auth0 ://hf_"[i%22]
	}
	sets := twins(t, benchLiterals(420))
	for size := range 150 {
		for lo := 0; lo < size; lo += 1 + size/50 {
			compare(t, sets, room[page-size:], lo, size)
			compare(t, sets, room[page-size:], lo, lo+5)
			compare(t, sets, room[:size:size], lo, size)
		}
	}
}
