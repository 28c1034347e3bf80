package scanner

import (
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/repo"
)

// tips lists where the history starts. Names such as FETCH_HEAD are no refs:
// what they alone reach counts as unreachable.
func (s *scan) tips(r *repo.Repo) []plumbing.Hash {
	refs, problems := r.Refs()
	addGaps(s, slices.Concat(r.Problems, problems, r.LostRefs(refs), r.PackedProblems()))
	s.refs = refs
	var tips []plumbing.Hash
	for _, ref := range refs {
		if isTip(&ref) {
			tips = append(tips, ref.Target)
		}
	}
	return tips
}

// tip is what HEAD says.
type tip struct {
	commit plumbing.Hash
	name   string // of its branch
	born   bool
	err    error
}

// head reads HEAD, once.
func (s *scan) head(r *repo.Repo) *tip {
	if s.tip == nil {
		s.tip = new(tip)
		s.tip.commit, s.tip.name, s.tip.born, s.tip.err = r.Head()
	}
	return s.tip
}

// isTip tells whether a history scan starts from a ref.
func isTip(ref *repo.Ref) bool {
	return !ref.Extra || ref.Kind == repo.Stash || ref.Kind == repo.Head
}

// isSent tells whether "git push --mirror" sends a ref: it leaves out those that
// stand right below refs/, as the stash does.
func isSent(ref *repo.Ref) bool {
	rest, ok := strings.CutPrefix(ref.Name, "refs/")
	return ok && !ref.Extra && strings.Contains(rest, "/")
}

// onRemote tells whether a ref follows one of a remote's. remotes are the names of all:
// those of team/fork are not team's, which may lack what they reach.
func onRemote(ref *repo.Ref, remote string, remotes []string) bool {
	rest, ok := strings.CutPrefix(ref.Name, "refs/remotes/")
	if !ok || ref.Extra || remote == "*" {
		return ok && !ref.Extra
	}
	folder := strings.TrimSuffix(remote, "/") + "/"
	return strings.HasPrefix(rest, folder) && !slices.ContainsFunc(remotes, func(other string) bool {
		return strings.HasPrefix(other, folder) && strings.HasPrefix(rest, other+"/")
	})
}

// isHead tells a HEAD, of a worktree or of a remote, from what has a name of
// its own.
func isHead(name string) bool { return name == "HEAD" || strings.HasSuffix(name, "/HEAD") }

func groupOf(ref repo.Ref) (group int, name string) {
	switch ref.Kind {
	case repo.Branch:
		return branchRefs, strings.TrimPrefix(ref.Name, "refs/heads/")
	case repo.Tag:
		return tagRefs, strings.TrimPrefix(ref.Name, "refs/tags/")
	case repo.Remote:
		return remoteRefs, strings.TrimPrefix(ref.Name, "refs/remotes/")
	case repo.Stash:
		return stashRefs, ref.Name
	}
	if finding.IsHostRef(ref.Name) {
		return hostRefs, ref.Name
	}
	return otherRefs, ref.Name
}
