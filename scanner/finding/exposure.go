package finding

// Exposure tells where a secret is, since when, and who can have it. Only a
// history scan knows it, from the objects and refs alone. Dates are for display;
// order is always that of ancestry.
type Exposure struct {
	First   *Commit  // brought it in: no ancestor of it holds the secret
	Last    *Commit  // the last commit that holds it; nil while HEAD does
	Removed *Commit  // took it away on the way to HEAD; nil while HEAD holds it or if none is known
	Days    int      // whole days from First to Removed, or to the newest commit of the history while HEAD holds it
	Paths   []string // every path that it had, sorted

	Branches []string // local branches that reach it, sorted
	Tags     []string // tags that reach it, sorted
	Remotes  []string // remote-tracking refs that reach it, sorted
	Others   []string // all other refs that reach it: stash, notes, HEADs of worktrees

	// Pushed: a remote-tracking ref reaches it, so that others can have it.
	Pushed bool
	// Only says where it is if no branch, tag or remote reaches it: "stash",
	// "reflog" or "unreachable"; else "".
	Only string
}
