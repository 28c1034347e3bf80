// Command scan finds credentials in files, in what is about to be committed,
// and in the whole history of a git repository.
//
// This package turns flags into options for package scanner and a report into
// text and an exit code. It refuses to know how anything is found. Its
// invariants: only main touches the process, only terminal writes to stderr,
// and only run reads the environment.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the scan with a report; the next one has its usual effect.
	context.AfterFunc(ctx, stop)
	os.Exit(int(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())))
}
