package scanner

import (
	"path/filepath"
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
	const prune = "git gc --prune=now"
	switch x.Only {
	case "stash":
		var list []string
		for _, name := range x.Others {
			list = append(list, e.drop(name))
		}
		return append(list, prune)
	case "unreachable":
		return []string{prune}
	case "reflog":
		return []string{finding.LetGo}
	}
	return append(e.rewrite(x, in), finding.LetGo)
}

// drop is the command that drops a stash. Dropping one renumbers those before it, and the
// commands of several findings may be called one after the other: where there are several
// stashes, one is looked up by its commit, and is not there the second time.
func (e *exposer) drop(name string) string {
	if len(e.stashes) < 2 {
		return "git stash drop '" + name + "'"
	}
	return `git stash drop "$(git stash list --format='%gd %H' | sed -n 's/ ` + e.stashes[name].String() + `$//p')"`
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
	if x.First.ID == e.head.String() && slices.Equal(x.Branches, []string{e.branch}) {
		if len(x.Paths) > 0 {
			amend = "git add -- " + pathspecs(x.Paths) + " && " + amend
		}
		return []string{amend} // once the file, or the message, is mended
	}
	base := finding.Quote(x.First.ID + "^")
	if e.root(plumbing.NewHash(x.First.ID)) {
		base = "--root"
	}
	var list []string
	for _, branch := range x.Branches { // to stop at the commit, "pick" becomes "edit"
		git, at := "git ", " "+finding.Quote(branch)
		if dir := e.repo.Elsewhere(branch); dir != "" { // git refuses to go to a branch that another worktree is on
			git, at = "git -C "+finding.Quote(filepath.ToSlash(dir))+" ", ""
		}
		add := ""
		if len(x.Paths) > 0 { // at that commit a file may have another name than later
			add = git + "add -u && "
		}
		list = append(list, git+"rebase -i --rebase-merges "+base+at, add+git+strings.TrimPrefix(amend, "git ")+" && "+git+"rebase --continue")
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
