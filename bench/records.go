package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// results is all that was measured, over one run of bench or several that
// shared a -records file.
type results struct {
	Dates   []string          `json:"dates"` // days, first and later ones
	Machine machine           `json:"machine"`
	Tools   map[string]string `json:"tools"` // name to version
	Repos   []repoInfo        `json:"repos"`
	Records []record          `json:"records"`
}

// record is one command on one repository.
type record struct {
	Suite   string   `json:"suite"`
	Repo    string   `json:"repo"`
	Label   string   `json:"label"`
	Kind    string   `json:"kind"`
	Samples []sample `json:"samples"`
}

// repoInfo says how large a repository is.
type repoInfo struct {
	Name    string `json:"name"`
	Objects int64  `json:"objects"`
	Bytes   int64  `json:"bytes"` // packs and loose objects
}

// has reports whether the command was measured on the repository before.
func (r *results) has(suite, repo, label string) bool {
	for _, rec := range r.Records {
		if rec.Suite == suite && rec.Repo == repo && rec.Label == label {
			return true
		}
	}
	return false
}

// touch notes that something is measured on this day.
func (r *results) touch(now time.Time) {
	day := now.Format(time.DateOnly)
	if n := len(r.Dates); n == 0 || r.Dates[n-1] != day {
		r.Dates = append(r.Dates, day)
	}
}

// loadResults reads an earlier file; without a name, or a file, there is
// nothing yet.
func loadResults(path string) (*results, error) {
	r := &results{Tools: map[string]string{}}
	if path == "" {
		return r, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("read records %s: %w; remove the file to start anew", path, err)
	}
	if r.Tools == nil {
		r.Tools = map[string]string{}
	}
	return r, nil
}

// save replaces the file, never leaving half of one.
func (r *results) save(path string) error {
	if path == "" {
		return nil
	}
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	tmp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".tmp")
	if err := os.WriteFile(tmp, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	return nil
}
