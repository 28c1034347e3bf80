package scanner

import (
	"maps"
	"slices"
	"strings"

	"keyrake/scanner/finding"
)

// sureName is how sure a verdict has to be for a name to be masked: what a rule
// only guesses may be the very path that a person looks for.
const sureName = 0.9

// inNames finds the secrets that stand in names which the report tells: a file may
// be named for a token that no content holds. They are no findings, and have to
// be masked like those.
func (s *scan) inNames() []finding.Secret {
	text := strings.Join(slices.Sorted(maps.Keys(names(s.report))), "\n")
	if text == "" {
		return nil
	}
	w := s.workers[0]
	searched, expired := w.searched, len(w.expired)
	st := new(state)
	w.whole(st, []byte(text)) // whatever it begins with, it is no content
	w.searched, w.expired = searched, w.expired[:expired]
	var list []finding.Secret
	for i := range st.hits {
		if h := &st.hits[i]; h.verdict.Report && h.verdict.Confidence >= sureName {
			list = append(list, finding.NewSecret([]byte(text[h.from():h.to()])))
		}
	}
	return list
}

// names gives each text of a report that comes from a repository.
func names(r *finding.Report) map[string]bool {
	all := map[string]bool{}
	commits, exposures := map[*finding.Commit]bool{nil: true}, map[*finding.Exposure]bool{nil: true} // that were met
	commit := func(c *finding.Commit) {
		if !commits[c] {
			commits[c], all[c.Author], all[c.Email] = true, true, true
		}
	}
	places := func(list []finding.Place) {
		for i := range list {
			if i == 0 || list[i].Path != list[i-1].Path {
				all[list[i].Path], all[list[i].Shared()] = true, true
			}
			commit(list[i].Commit)
		}
	}
	each := func(f *finding.Finding) {
		places(f.Places)
		for i := range f.Tied().Parts {
			places(f.Tied().Parts[i].Places)
			all[f.Tied().Parts[i].Shown()] = true
		}
		x := f.Exposure
		if exposures[x] {
			return
		}
		exposures[x] = true
		places(x.SameText)
		for _, c := range []*finding.Commit{x.First, x.Last, x.Removed} {
			commit(c)
		}
		for _, list := range [][]string{x.Paths, x.Branches, x.Tags, x.Remotes, x.Others} {
			for _, name := range list {
				all[name] = true
			}
		}
	}
	for i := range r.Findings {
		each(&r.Findings[i])
	}
	for i := range r.Suppressed {
		each(&r.Suppressed[i].Finding)
	}
	for _, g := range r.Coverage.Gaps {
		all[g.What], all[g.Reason] = true, true
	}
	for _, note := range r.Coverage.Notes {
		all[note] = true
	}
	if r.Publish != nil {
		publishedNames(r.Publish, all)
	}
	delete(all, "")
	return all
}

// publishedNames adds those of what becomes public.
func publishedNames(p *finding.Publish, all map[string]bool) {
	for i := range p.Refs {
		all[p.Refs[i].Name] = true
	}
	for _, name := range p.Kept {
		all[name] = true
	}
	for i := range p.LFS {
		all[p.LFS[i].Path] = true
	}
	for i := range p.Submodules {
		all[p.Submodules[i].Path] = true
	}
}
