package main

import (
	"context"
	"errors"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/revision"
)

// exitCode is what the process returns; a hook or a CI job decides by it.
type exitCode int

const (
	exitClean       exitCode = 0   // everything was read, and no finding reached the bar that --fail-on sets
	exitFindings    exitCode = 1   // a finding reached the bar that --fail-on sets, whether or not everything was read
	exitUsage       exitCode = 2   // wrong flags or a broken rule file: nothing was scanned
	exitIncomplete  exitCode = 3   // no finding reached the bar, but something could not be read, or the report not written
	exitInterrupted exitCode = 130 // stopped by a signal; the report holds what was found until then
)

// codeFor gives the exit code of a scan that returned r and err. With
// allowGaps a report that lists what was not read is as good as a complete one;
// a scan that ended early is not.
func codeFor(r *finding.Report, err error, allowGaps bool) exitCode {
	var unknown *revision.Error
	switch {
	case errors.As(err, &unknown) && !unknown.Cut: // what was cut off is no mistake of the caller
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case r != nil && len(r.Findings) > 0:
		return exitFindings
	case err != nil || r == nil || !r.Coverage.Complete() && !allowGaps:
		return exitIncomplete
	}
	return exitClean
}

// usageError is a mistake of the caller: exit code 2, with advice.
type usageError struct {
	text string
	hint string // what to do instead; may be empty
}

func (e *usageError) Error() string { return e.text }
