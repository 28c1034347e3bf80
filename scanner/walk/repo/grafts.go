package repo

import (
	"bytes"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"
)

// Graft gives a commit other parents than it has, in git's eyes.
type Graft struct {
	Commit  plumbing.Hash
	Parents []plumbing.Hash
}

// GraftFile is where git looks for grafts.
func (r *Repo) GraftFile() string { return r.graftFile }

// Grafts reads the grafts of the repository: the deprecated forerunner of replace
// refs, which are no refs.
func (r *Repo) Grafts() (list []Graft, problems []Problem) {
	file := r.GraftFile()
	data, err := readFile(file, maxListFile)
	if err != nil {
		if !missing(err) {
			problems = append(problems, Problem{file, reason(err)})
		}
		return nil, problems
	}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		line = bytes.TrimRight(line, " \t\r\n")
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		var names []plumbing.Hash
		for len(line) > 0 {
			id, rest, ok := parseHash(line)
			if !ok || len(rest) > 0 && rest[0] != ' ' {
				return list, append(problems, Problem{file, fmt.Sprintf("line %d is no graft; correct it", n)})
			}
			names, line = append(names, id), bytes.TrimLeft(rest, " ")
		}
		list = append(list, Graft{names[0], names[1:]})
	}
	return list, problems
}
