package scanner

import (
	"cmp"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
)

// mostBranches is how many branches are worth rewriting one by one.
const mostBranches = 3

// steps are the commands that take out what nobody else has; in tells of the
// messages that hold it.
func (e *exposer) steps(x *finding.Exposure, in inMessages) []string {
	const (
		expire = "git reflog expire --expire=now --all"
		prune  = "git gc --prune=now"
	)
	switch x.Only {
	case "stash":
		var list []string
		stashes := slices.Clone(x.Others)
		slices.SortFunc(stashes, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(b, a)) })
		for _, name := range stashes { // the oldest first: dropping one renumbers those before it
			list = append(list, "git stash drop '"+name+"'")
		}
		return append(list, prune)
	case "reflog":
		return []string{expire, prune}
	case "unreachable":
		return []string{prune}
	}
	return append(e.rewrite(x, in), expire, prune)
}

// rewrite are the commands that make new commits without the secret.
func (e *exposer) rewrite(x *finding.Exposure, in inMessages) []string {
	simple := x.First != nil && len(x.Introduced) == 1 && len(x.Branches) > 0 && len(x.Branches) <= mostBranches &&
		len(x.Tags) == 0 && len(x.Others) == 0
	if !simple {
		const list = "../secrets.txt"
		replace := "git filter-repo --force --replace-text " + list
		if in.commit || in.tag { // the other option leaves messages as they are
			replace += " --replace-message " + list
		}
		return []string{"scan plan --filter-repo " + list, replace}
	}
	amend := "git commit --amend"
	if !in.commit {
		amend += " --no-edit"
	}
	if len(x.Paths) > 0 {
		amend = "git add -- " + pathspecs(x.Paths) + " && " + amend
	}
	if x.First.ID == e.head.String() && slices.Equal(x.Branches, []string{e.branch}) {
		return []string{amend} // once the file, or the message, is mended
	}
	base := finding.Quote(x.First.ID + "^")
	if e.root(plumbing.NewHash(x.First.ID)) {
		base = "--root"
	}
	var list []string
	for _, branch := range x.Branches { // to stop at the commit, "pick" becomes "edit"
		list = append(list, "git rebase -i --rebase-merges "+base+" "+finding.Quote(branch), amend+" && git rebase --continue")
	}
	return list
}

func pathspecs(paths []string) string {
	list := make([]string, len(paths))
	for i, w := range paths {
		list[i] = finding.Quote(finding.Pathspec(w))
	}
	return strings.Join(list, " ")
}
