package report

import (
	"fmt"
	"slices"
	"strings"

	"keyrake/scanner/finding"
)

// together are secrets that nobody else has and that the same commands take out:
// they came in with the same commit, and are on the same branches.
type together struct {
	findings []*finding.Finding
	paths    []string
	steps    []string // of the first
	message  bool     // one of them stands in the commit's message
}

// local gives the commands for what was not pushed, where they are simpler than
// those for all; it tells whether there are some.
func (s *sheet) local() bool {
	groups := s.localGroups()
	if !s.byHand(groups) {
		return false
	}
	g := groups[0]
	verb := "is"
	if len(g.findings) > 1 {
		verb = "are"
	}
	var names []string
	for _, f := range g.findings[:min(len(g.findings), namesShown)] {
		names = append(names, Clean(f.Secret.String()))
	}
	s.say(fmt.Sprintf("Not pushed %s %s%s. %s", verb,
		strings.Join(names, ", "), moreNames(len(g.findings)-len(names)), g.advice()))
	for _, step := range g.commands(s) {
		s.command(step)
	}
	if len(groups) > 1 {
		s.say(`Then run "scan plan" again for the others: the commits behind have new names.`)
	}
	return true
}

// byHand reports whether a group's own commands are to be used. If something else
// has to be rewritten too, one rewrite of all is simpler; and after one rebase the
// later commits have other names, so that the commands of a second group would
// fail or bring the first one back.
func (s *sheet) byHand(groups []*together) bool {
	if s.plan.Entries == 0 || len(groups) == 0 {
		return len(groups) > 0
	}
	if len(groups) > 1 {
		return false
	}
	in := map[string]bool{}
	for _, f := range groups[0].findings {
		in[f.Fingerprint] = true
	}
	for i := range s.report.Findings {
		if f := &s.report.Findings[i]; !isFile(f) && !s.goesWithFiles(f) && !in[f.Fingerprint] {
			return false
		}
	}
	return true
}

func (s *sheet) localGroups() (groups []*together) {
	byKey := map[string]*together{}
	for i := range s.report.Findings {
		f := &s.report.Findings[i]
		x := f.Exposure
		if isFile(f) || s.goesWithFiles(f) || x == nil || !x.Local || strings.Contains(strings.Join(x.Steps, "\n"), "filter-repo") {
			continue
		}
		var key []string
		for _, step := range x.Steps {
			_, commit, ok := strings.Cut(step, "git commit --amend")
			if ok {
				step = strings.TrimPrefix(commit, " --no-edit") // what is added is joined
			}
			key = append(key, step)
		}
		g := byKey[strings.Join(key, "\n")]
		if g == nil {
			g = &together{steps: x.Steps}
			byKey[strings.Join(key, "\n")] = g
			groups = append(groups, g)
		}
		g.findings = append(g.findings, f)
		g.paths = append(g.paths, x.Paths...)
		g.message = g.message || slices.ContainsFunc(x.Steps, func(step string) bool {
			return strings.Contains(step, "--amend") && !strings.Contains(step, "--no-edit")
		})
	}
	return groups
}

// advice says what is done by hand round the commands.
func (g *together) advice() string {
	x := g.findings[0].Exposure
	it := "it"
	if len(g.findings) > 1 {
		it = "them"
	}
	steps := strings.Join(g.steps, "\n")
	switch {
	case strings.Contains(steps, " rebase -i ") && x.First != nil:
		return fmt.Sprintf(`In the list that opens, write "edit" for "pick" before %s, take %s out where git stops, and go on:`, x.First.ID[:min(len(x.First.ID), 7)], it)
	case strings.Contains(steps, "--amend"):
		return "Take " + it + " out of the file or message; then:"
	}
	return "To let go of " + it + ":"
}

// commands are those of the first, with the files of all.
func (g *together) commands(s *sheet) (list []string) {
	slices.Sort(g.paths)
	paths := slices.Compact(g.paths)
	for _, step := range g.steps {
		if before, after, ok := strings.Cut(step, "git commit --amend"); ok {
			if len(paths) > 0 && !strings.Contains(before, "add -u") {
				before = "git add -- " + s.pathspecs(paths) + " && "
			}
			if g.message {
				after = strings.TrimPrefix(after, " --no-edit")
			}
			step = before + "git commit --amend" + after
		}
		list = append(list, step)
	}
	return list
}
