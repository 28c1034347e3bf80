package repo

import "path/filepath"

// NotFoundError means that a path lies in no repository.
type NotFoundError struct{ Path string }

func notFound(path string) error { return &NotFoundError{path} }

// Error says what to do about it.
func (e *NotFoundError) Error() string {
	return e.Path + " is not a git repository (nor any parent folder): run it inside one, or give the path"
}

// ExcludeFile is the path of the ignore rules that this repository keeps for
// itself; there may be no such file.
func (r *Repo) ExcludeFile() string { return filepath.Join(r.CommonDir, "info", "exclude") }

// ExcludesFile is the path that the repository's own configuration gives for
// the user's ignore rules, "" if it gives none. One that starts with "~" needs
// a home folder and is returned unchanged.
func (r *Repo) ExcludesFile() string {
	path, _ := r.config.get("core", "", "excludesfile")
	if _, err := named(r.GitDir, path); err != nil {
		return "" // more is read then
	}
	return path
}

// IgnoreCase reports whether the work tree's file system knows no case.
func (r *Repo) IgnoreCase() bool {
	on, _ := r.config.flag("core", "", "ignorecase")
	return on
}
