package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
)

// elapsed is what two runs do not say alike.
var elapsed = regexp.MustCompile(`in \d+ ms|in [\d.]+ s|in \d+ min \d+ s|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`)

// contents reads the outputs of f; those that are not there are left out.
func (f faulty) contents(h *hostileRepo) map[string][]byte {
	all := map[string][]byte{}
	for _, name := range f.outputs {
		if data, err := os.ReadFile(h.path(name)); err == nil {
			all[name] = elapsed.ReplaceAll(data, []byte("in a moment"))
		}
	}
	return all
}

// holdOutputs runs f without a fault and wants each later run to leave outputs as
// they were before it, or as they came to be.
func (f *faulty) holdOutputs(h *hostileRepo) {
	h.Helper()
	f.fresh(h)
	before := f.contents(h)
	usual := f.trace(h)
	want := f.contents(h)
	if len(want) == 0 || maps.EqualFunc(want, before, bytes.Equal) {
		h.Fatalf("it writes nothing: exit code %d\n%s", usual.code, clip(usual.stderr))
	}
	f.wants = func(h *hostileRepo, r ran) error {
		now := f.contents(h)
		for _, name := range f.outputs {
			switch got := now[name]; {
			case bytes.Equal(got, want[name]):
			case f.gaps && r.code == usual.code && bytes.Contains(got, []byte("configuration was not read")) && ends(got, want[name]):
			case r.code == usual.code:
				return fmt.Errorf("%s is not as ever, and nothing is said: %q", name, got)
			case bytes.Equal(got, before[name]):
			case f.gaps && r.code == exitIncomplete && ends(got, want[name]):
			default:
				return fmt.Errorf("%s is neither old nor new: %q", name, got)
			}
		}
		if r.code != usual.code && r.code != exitUsage && r.code != exitIncomplete && r.code >= 0 {
			return fmt.Errorf("exit code %d", r.code)
		}
		return nil
	}
}

// ends reports whether a ends as b does, so that it is not cut short.
func ends(a, b []byte) bool {
	return bytes.HasSuffix(a, b[max(0, len(b)-1):])
}

// kill kills f at each call that changes something, and runs it once more on what
// that left.
func (f faulty) kill(h *hostileRepo, usual traced) (tried int) {
	h.Helper()
	fresh := f.fresh
	for _, call := range []string{"linkat", "symlinkat", "renameat", "unlinkat", "mkdirat", "fchmod", "fchmodat", "fsync", "write", "close", "openat"} {
		most := usual.count[call]
		if os.Getenv(heavyVariable) == "" {
			most = map[string]int{"linkat": 1, "renameat": 2}[call]
		}
		for at := 1; at <= min(most, usual.count[call]); at++ {
			tried++
			f.fresh = fresh
			r := f.trace(h, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, at))
			r.code = -1
			if err := f.wants(h, r.ran); err != nil {
				h.Errorf("killed at %s %d: %v", call, at, err)
			}
			f.fresh = func(*hostileRepo) {}
			again := f.trace(h)
			if strings.HasPrefix(f.name, "import") && again.code == exitUsage && strings.Contains(again.stderr, "not overwritten") {
				continue // it says what is there
			}
			if err := f.wants(h, again.ran); err != nil || again.code != usual.code {
				h.Errorf("killed at %s %d: the run after it: exit code %d, %v: %s", call, at, again.code, err, clip(again.stderr))
			}
		}
	}
	return tried
}

// freshProject makes a Workers project that lacks everything.
func (h *hostileRepo) freshProject() {
	h.Helper()
	for _, name := range []string{"app", ".git/hooks", ".gitignore"} {
		os.RemoveAll(h.path(name))
	}
	h.write("app/wrangler.toml", "name = \"shop\"\nmain = \"index.js\"\n")
	h.write("app/index.js", "export default { fetch(request, env) { return fetch(env.API_TOKEN) } }\n")
}

// freshGitleaks makes files of gitleaks, and no others.
func (h *hostileRepo) freshGitleaks() {
	h.Helper()
	os.RemoveAll(h.path("out"))
	h.write("out/.keep", "")
	h.write(".gitleaks.toml", "[[rules]]\nid = \"acme\"\nregex = \"acme_[a-z]{20}\"\nkeywords = [\"acme_\"]\n[allowlist]\npaths = [\"docs/.*\"]\n")
	h.write(".gitleaksignore", "good.txt:cloudflare-api-token:1\n")
}
