package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestCollectLate: garbage waits while little is held, and what somebody sets
// later holds.
func TestCollectLate(t *testing.T) {
	was := debug.SetGCPercent(100)
	defer debug.SetGCPercent(was)
	collectLate()
	set := debug.SetGCPercent(33)
	if set <= 100 {
		t.Errorf("collected at %d percent while little is held", set)
	}
	for range 20 { // finalizers run beside the program
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if got := debug.SetGCPercent(33); got != 33 {
		t.Errorf("%d percent, though 33 was set later", got)
	}
}
