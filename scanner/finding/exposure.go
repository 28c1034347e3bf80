package finding

import "strings"

// Exposure says where a secret is, since when, and who can have it. Only scans
// of a history or of a range know it, from the objects and refs alone. Dates are for display;
// order is always that of ancestry. A commit holds the secret if its tree or its
// message does; only what trees hold can be removed.
type Exposure struct {
	// Partial: this is what a range of commits shows. What is before it was not
	// looked at and may hold the same secret; Removed is known only if HEAD is in
	// the range, and SameText is not looked for.
	Partial bool

	First      *Commit  // brought it in: no ancestor of it holds the secret; nil if no commit does
	Introduced []string // every commit that holds it and has no parent that does, oldest first; at most 100
	Last       *Commit  // the last commit whose tree holds it, before HEAD if one is there; nil while HEAD does
	Removed    *Commit  // took it away on the way to HEAD; nil while HEAD holds it or if none is known
	Days       int      // whole days from First to Removed, or else to HEAD while HEAD holds it, or else to Last
	Paths      []string // every path that it had, sorted
	// SameText are places of HEAD with the very text of a secret that HEAD does
	// not hold as it was found: no rule takes it for one there. At most 20.
	SameText []Place

	Branches []string // local branches that reach it, sorted, without refs/heads/
	Tags     []string // tags that reach it, sorted, without refs/tags/
	Remotes  []string // remote-tracking refs that reach it, sorted, without refs/remotes/
	Others   []string // full names of all other refs that reach it: stash, notes, pull requests, detached HEADs
	Cut      bool     // a list of refs ends after 100 names and has more

	// Pushed: a remote-tracking ref, or a ref that only a host makes, such as
	// that of a pull request, reaches it, so that others can have it.
	Pushed bool
	// Local: as far as this repository knows nobody else has it. If neither
	// Pushed nor Local is set, this is unknown, and the secret has to be taken for
	// public: a bare repository, one without remote-tracking refs, or a tag,
	// which leaves no trace of having been pushed.
	Local bool
	// Only says where it is if no branch, tag, remote or other ref reaches it:
	// "stash", "reflog" or "unreachable"; else "".
	Only string
	// Steps are commands that take it out of where it is, in their order, if it
	// is Local: what was pushed has to be revoked first.
	Steps []string
	// IfNew are the Steps that are enough if nothing before the range held the
	// secret. A range whose own commits nobody else has gives them in place of
	// Steps: it cannot be Local, because what it leaves out may hold the same
	// secret and may have been pushed.
	IfNew []string
}

// IsHostRef reports whether a full name is that of a ref which a host makes for what was sent
// to it: pull requests of GitHub and Bitbucket, merge requests of GitLab, changes of Gerrit.
func IsHostRef(name string) bool {
	for _, folder := range [...]string{"refs/pull/", "refs/pull-requests/", "refs/merge-requests/", "refs/changes/"} {
		if strings.HasPrefix(name, folder) {
			return true
		}
	}
	return false
}
