package scanner

import (
	"fmt"
	"slices"
	"strings"

	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/top"
)

// mostModules bounds what is read of .gitmodules.
const mostModules = 1 << 20

// noteSubmodules names the submodules of today: their histories are those of
// other repositories, and a scan that is clean says nothing of them.
func (s *scan) noteSubmodules(r *repo.Repo) {
	t, err := top.Open(r)
	if err != nil {
		return // a scan without them says what is wrong with the repository
	}
	defer t.Close()
	data, err := t.Read(".gitmodules", mostModules)
	if err != nil {
		return
	}
	paths := modulePaths(data)
	if len(paths) == 0 {
		return
	}
	const shown = 4
	names, verb := strings.Join(paths[:min(len(paths), shown)], ", "), "is a repository of its own, and was"
	if n := len(paths) - shown; n > 0 {
		names += fmt.Sprintf(" and %d more", n)
	}
	if len(paths) > 1 {
		verb = "are repositories of their own, and were"
	}
	s.note("%s %s not read: %s; scan --history reads one if it is checked out and named", plural(len(paths), "submodule"), verb, names)
}

// modulePaths lists the paths of a .gitmodules file.
func modulePaths(data []byte) (paths []string) {
	for line := range strings.Lines(string(data)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && strings.EqualFold(strings.TrimSpace(key), "path") {
			paths = append(paths, strings.Trim(strings.TrimSpace(value), `"`))
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
