package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// soundReport wants a report that has the secret or says that it is incomplete,
// or none at all and an exit code that says so.
func soundReport(h *hostileRepo, r ran) error {
	data, err := os.ReadFile(h.path("out.json"))
	if err != nil {
		if r.code != exitUsage && r.code != exitIncomplete {
			return fmt.Errorf("no report")
		}
		return nil
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return fmt.Errorf("a broken report: %w", err)
	}
	switch {
	case d.Complete && len(d.Findings) == 0:
		return fmt.Errorf("a clean report")
	case len(d.Findings) == 0 && r.code != exitIncomplete, len(d.Findings) > 0 && r.code != exitFindings && r.code != exitIncomplete:
		return fmt.Errorf("%d findings", len(d.Findings))
	}
	return nil
}

// wholeBaseline wants a baseline that is whole, or none and an exit code.
func wholeBaseline(h *hostileRepo, r ran) error {
	data, err := os.ReadFile(h.path("out.json"))
	if err != nil && r.code == exitClean {
		return fmt.Errorf("no baseline")
	}
	if err == nil && !strings.HasSuffix(string(data), "\n") {
		return fmt.Errorf("a baseline that is cut short")
	}
	if err == nil && strings.Count(string(data), "\n") < 2 {
		return fmt.Errorf("a baseline without lines")
	}
	if left, _ := filepath.Glob(h.path(".scan-*")); len(left) > 0 && r.code == exitClean {
		return fmt.Errorf("it left %v", left)
	}
	return nil
}

const oldHook = "#!/bin/sh\n# somebody's own\n"

// freshHook puts somebody's own hook back in its place.
func (h *hostileRepo) freshHook() {
	h.Helper()
	os.RemoveAll(h.path(".git/hooks"))
	h.write(".git/hooks/pre-commit", oldHook)
	os.Chmod(h.path(".git/hooks/pre-commit"), 0o755)
}

// wholeHook wants somebody's own hook where it was, or behind a whole one of
// ours.
func wholeHook(h *hostileRepo, r ran) error {
	now, err := os.ReadFile(h.path(".git/hooks/pre-commit"))
	if err != nil {
		return fmt.Errorf("no hook: %w", err)
	}
	if string(now) == oldHook {
		if r.code == exitClean {
			return fmt.Errorf("nothing was installed")
		}
		return nil
	}
	if !strings.HasSuffix(string(now), "\"$@\"\n") {
		return fmt.Errorf("a hook that is cut short")
	}
	if old, err := os.ReadFile(h.path(".git/hooks/before-scan/pre-commit")); err != nil || string(old) != oldHook {
		return fmt.Errorf("the hook that was there is lost")
	}
	return nil
}

// keptBaseline wants the old baseline or the new one, each whole.
func keptBaseline(h *hostileRepo, r ran) error {
	data, err := os.ReadFile(h.path("old.base"))
	if err != nil {
		return fmt.Errorf("the baseline is lost: %w", err)
	}
	if !strings.HasSuffix(string(data), "\n") {
		return fmt.Errorf("a baseline that is cut short")
	}
	now := h.scan("--baseline", h.path("old.base"), ".")
	if n := len(now.Findings); r.code == exitClean && n != 0 || n > 1 {
		return fmt.Errorf("%d findings with the baseline: %s", n, now.stderr)
	}
	return nil
}

const oldIgnore = "# somebody's own\ndocs/ -- samples\n"

// keptIgnore wants the lines that were there, and after success one more.
func keptIgnore(h *hostileRepo, r ran) error {
	data, err := os.ReadFile(h.path(".scanignore"))
	if err != nil {
		return fmt.Errorf(".scanignore is lost: %w", err)
	}
	rest, ok := strings.CutPrefix(string(data), oldIgnore)
	switch {
	case !ok:
		return fmt.Errorf("lines that were there are lost")
	case rest != "" && !strings.HasSuffix(rest, "-- known\n"):
		return fmt.Errorf("a line that is cut short: %q", rest)
	case r.code == exitClean && rest == "":
		return fmt.Errorf("nothing was accepted")
	}
	return nil
}

// wholeList wants a list with the secret, or none and an exit code that says so.
func wholeList(h *hostileRepo, r ran) error {
	data, err := os.ReadFile(h.path("../list.txt"))
	if err != nil {
		if r.code != exitUsage && r.code != exitIncomplete {
			return fmt.Errorf("no list")
		}
		return nil
	}
	if !strings.Contains(string(data), h.secret) || !strings.HasSuffix(string(data), "\n") {
		return fmt.Errorf("a list that is cut short")
	}
	return nil
}

// someHook wants our hook with the old one behind it, or the old one alone.
func someHook(h *hostileRepo, r ran) error {
	now, err := os.ReadFile(h.path(".git/hooks/pre-commit"))
	if err != nil {
		return fmt.Errorf("no hook: %w", err)
	}
	if string(now) == oldHook {
		return nil
	}
	if r.code == exitClean {
		return fmt.Errorf("ours is still there")
	}
	return wholeHook(h, r)
}

// blocked wants a commit to be stopped.
func blocked(_ *hostileRepo, r ran) error {
	if r.code == exitClean {
		return fmt.Errorf("the commit was let through")
	}
	return nil
}
