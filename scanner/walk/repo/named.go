package repo

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// namingRules are the places where git looks for a ref that is named in short,
// in its order (gitrevisions).
var namingRules = [...]string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"}

// Named finds the ref that a name means, short or full, as git does: the first
// of the places in its order that has one. full is the ref's name, after
// symbolic ones were followed; ok is false if no place has it.
func (r *Repo) Named(name string) (id plumbing.Hash, full string, ok bool, err error) {
	for _, rule := range namingRules {
		try := fmt.Sprintf(rule, name)
		if !isSafeRefName(try) || !validRefName(try) {
			continue
		}
		id, full, err := resolve(try, r.lookRef)
		if err != nil {
			return plumbing.ZeroHash, "", false, fmt.Errorf("read ref %s: %w", try, err)
		}
		if !id.IsZero() {
			return id, full, true, nil
		}
	}
	return plumbing.ZeroHash, "", false, nil
}

// Upstream gives the full name of the ref that follows the branch's upstream:
// what "git rev-parse --symbolic-full-name BRANCH@{upstream}" says. branch is a
// full name.
func (r *Repo) Upstream(branch string) (string, error) {
	short, ok := strings.CutPrefix(branch, "refs/heads/")
	if !ok {
		return "", errors.New("only a branch has an upstream")
	}
	remote, _ := r.config.get("branch", short, "remote")
	merge, _ := r.config.get("branch", short, "merge")
	if remote == "" || merge == "" {
		return "", fmt.Errorf("branch %s has no upstream; set one with \"git branch --set-upstream-to\"", short)
	}
	if remote == "." {
		return merge, nil
	}
	if to, ok := r.Tracking(remote, merge); ok {
		return to, nil
	}
	return "", fmt.Errorf("the upstream %s of branch %s is not fetched from remote %s", merge, short, remote)
}

// Tracking gives the full name of the ref that follows a remote's ref, which has its
// full name there; ok is false if it is not fetched.
func (r *Repo) Tracking(remote, name string) (to string, ok bool) {
	for _, o := range r.config.options {
		if o.section != "remote" || o.subsection != remote || o.key != "fetch" {
			continue
		}
		if to, ok := mapRefspec(o.value, name); ok {
			return to, true
		}
	}
	return "", false
}

// mapRefspec gives where a fetch by this refspec writes name.
func mapRefspec(spec, name string) (string, bool) {
	spec = strings.TrimPrefix(spec, "+")
	from, to, ok := strings.Cut(spec, ":")
	if !ok || to == "" || strings.HasPrefix(spec, "^") {
		return "", false
	}
	head, tail, wild := strings.Cut(from, "*")
	if !wild {
		return to, from == name
	}
	if len(name) < len(head)+len(tail) || !strings.HasPrefix(name, head) || !strings.HasSuffix(name, tail) {
		return "", false
	}
	return strings.Replace(to, "*", name[len(head):len(name)-len(tail)], 1), true
}
