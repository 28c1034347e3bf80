// Command scan finds credentials in files, in what is about to be committed,
// and in the whole history of a git repository.
//
// This package turns flags into options for package scanner and a report into
// text and an exit code. It refuses to know how anything is found. Its
// invariants: only main.go touches the process, only terminal writes to stderr,
// and only run reads the environment.
package main

import (
	"context"
	"math"
	"os"
	"os/signal"
	"runtime/debug"
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

// keep lets go of the bound once contents were searched: what very many findings
// take is above it, and collecting garbage all the time frees none of that.
func keep(findings int) {
	if findings > manyFindings {
		debug.SetMemoryLimit(math.MaxInt64)
		debug.SetGCPercent(10)
	}
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
		collectOften()
		return
	case modeRange: // it may be a whole history
		debug.SetGCPercent(200)
		return
	}
	debug.SetGCPercent(800)
}

// collectOften is for the reading of a history.
func collectOften() { debug.SetGCPercent(50) }
