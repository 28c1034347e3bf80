package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// TestCollectLate: garbage waits while little is held, and what somebody sets
// later holds.
func TestCollectLate(t *testing.T) {
	was := debug.SetGCPercent(100)
	defer debug.SetGCPercent(was)
	runtime.GC()
	collectLate()
	set := debug.SetGCPercent(33)
	held := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(held)
	if live := held[0].Value.Uint64(); set < 50 || set <= 100 && live < 40<<20 { // other tests may hold much
		t.Errorf("collected at %d percent while %d bytes are held", set, live)
	}
	for range 20 { // finalizers run beside the program
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if got := debug.SetGCPercent(33); got != 33 {
		t.Errorf("%d percent, though 33 was set later", got)
	}
}
