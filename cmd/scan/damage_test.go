package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"

	"keyrake/fixtures"
)

// TestNoDamageGoesUnseen changes every byte of a pack and of its index, one at a
// time, and cuts them everywhere. A scan of such a repository may miss nothing
// and say that it is complete.
func TestNoDamageGoesUnseen(t *testing.T) {
	description, err := fixtures.Load("versions")
	if err != nil {
		t.Fatal(err)
	}
	const workers = 2
	var rest sync.WaitGroup
	for id := range workers {
		dir := t.TempDir()
		if err := fixtures.New(dir).Replay(description); err != nil {
			t.Fatal(err)
		}
		rest.Go(func() {
			whole := scanJSON(t, dir)
			if !whole.Complete || len(whole.Findings) == 0 {
				t.Errorf("the repository is no good: %+v", whole)
				return
			}
			for _, pattern := range []string{"*.pack", "*.idx"} {
				files, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack", pattern))
				if err != nil || len(files) != 1 {
					t.Errorf("%s: %v, %v", pattern, files, err)
					return
				}
				damage(t, dir, files[0], whole, id, workers)
			}
		})
	}
	rest.Wait()
}

// damage tries every place in one file that is this worker's part.
func damage(t *testing.T, dir, file string, whole document, id, workers int) {
	good, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Error(err)
		return
	}
	// The table of an index is mostly the same number over and over.
	step := max(1, len(good)/100)
	for at := id * step; at < len(good); at += workers * step {
		flipped := slices.Clone(good)
		flipped[at] ^= 0x11
		for what, bad := range map[string][]byte{"flipped": flipped, "cut": good[:at]} {
			if err := os.WriteFile(file, bad, 0o600); err != nil {
				t.Error(err)
				return
			}
			got := scanJSON(t, dir)
			if got.Complete && !reflect.DeepEqual(got.Findings, whole.Findings) {
				t.Errorf("%s %s at %d of %d: complete with %d findings of %d", filepath.Ext(file), what, at, len(good), len(got.Findings), len(whole.Findings))
			}
		}
	}
	if err := os.WriteFile(file, good, 0o600); err != nil {
		t.Error(err)
	}
}

// document is what the test reads of a JSON report.
type document struct {
	Complete bool
	Findings []map[string]any
}

func scanJSON(t *testing.T, dir string) (d document) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"--history", "-q", "-j", "1", "--format", "json", dir}, nil, &stdout, &stderr, nil)
	if stdout.Len() == 0 {
		return d // refused, with the cause
	}
	if err := json.Unmarshal(stdout.Bytes(), &d); err != nil {
		t.Error(err)
	}
	want := exitIncomplete
	if len(d.Findings) > 0 {
		want = exitFindings
	} else if d.Complete {
		want = exitClean
	}
	if code != want {
		t.Errorf("exit code %d for a report with %d findings, complete %v", code, len(d.Findings), d.Complete)
	}
	return d
}
