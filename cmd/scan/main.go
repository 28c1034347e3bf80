// Folders that Windows shows at another place (junctions, mounted volumes) are links, as they
// were before Go 1.23: else nothing below one can be opened by its real path.

//go:debug winsymlink=0

// Command scan finds credentials in files, in what is about to be committed,
// and in the whole history of a git repository.
//
// This package turns flags into options for package scanner and a report into
// text and an exit code. It refuses to know how anything is found. Its
// invariants: only main reads os.Args, os.Environ and the standard streams, and
// hands them to run, so that tests call run as the process does; only terminal
// writes to stderr.
package main

import (
	"context"
	"math"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the scan with a report; the next one has its usual effect.
	context.AfterFunc(ctx, stop)
	os.Exit(int(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())))
}

// manyFindings is how many are worth another way of collecting garbage.
const manyFindings = 100_000

// keep is called once contents were searched. What makes findings of a history is held up
// to its end and comes fast. Where much is held already, garbage is collected often then:
// terraform's peaks at 235 MB instead of 280, in the same time. What very many findings
// take is above any bound, and collecting garbage all the time frees none of that.
func keep(m mode, findings int) {
	const often = 20 // percent
	if m == modeHistory && liveHeap() > leastHeap {
		debug.SetGCPercent(often)
	}
	if findings > manyFindings {
		debug.SetMemoryLimit(math.MaxInt64)
		debug.SetGCPercent(10)
	}
}

// leastHeap is how many bytes of heap make it worth to collect garbage.
const leastHeap = 96 << 20

// liveHeap is how many bytes of heap the last collection left.
func liveHeap() int64 {
	held := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(held)
	return int64(held[0].Value.Uint64())
}

// collectLate is for the reading of a history or of folders: garbage is collected only
// once there is some of it. Three of four collections would come while little is held
// yet, and they took a twentieth of the time for trufflehog and go-git. What is
// set later holds instead.
func collectLate() {
	const (
		often      = 50   // percent, from then on
		percentOf4 = 2400 // what makes the runtime's own least, 4 MB, that many
	)
	set := 0
	var again func(*[64]byte)
	again = func(sentinel *[64]byte) { // it is garbage, so all of it was just collected
		percent := 100*leastHeap/max(liveHeap(), 1) - 100
		next := int(min(max(percent, often), percentOf4))
		if was := debug.SetGCPercent(next); set != 0 && was != set {
			debug.SetGCPercent(was)
			return
		}
		set = next
		runtime.SetFinalizer(sentinel, again)
	}
	again(new([64]byte))
}

// collect sets how often garbage is collected. A history scan allocates little
// once it runs, so collecting twice as often as is usual costs nothing that can
// be measured and takes a quarter off its peak (284 to 209 MB on terraform).
// The others are over before a collection is worth its time: a hook takes 10 ms
// of CPU instead of 14.
//
// Near what large contents may take, garbage is collected more often.
func collect(m mode, memory int64, cached bool) {
	const rest = 160 << 20 // rules, indexes, links and what is found
	if memory > 0 && memory < 1<<40 {
		debug.SetMemoryLimit(memory + rest)
	}
	switch m {
	case modeHistory:
		if cached { // a report that was kept takes a sixth less with little garbage collected
			debug.SetGCPercent(400)
			return
		}
		collectLate()
		return
	case modeFiles: // most are over before the first collection, which took a twentieth
		collectLate()
		return
	case modeRange: // it may be a whole history
		debug.SetGCPercent(200)
		return
	}
	debug.SetGCPercent(800)
}
