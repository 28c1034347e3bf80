package scanner

import (
	"errors"
	"path/filepath"
	"slices"

	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/top"
	"keyrake/scanner/walk/worktree"
)

// GitEnv names the repository, with the values of git's environment variables;
// "" where a variable is not set.
type GitEnv struct {
	Path                       string
	GitDir                     string
	IndexFile                  string
	WorkTree                   string
	ObjectDirectory            string
	AlternateObjectDirectories string // a list, as git quotes and separates it
	GraftFile                  string
}

func (g GitEnv) open() (*repo.Repo, error) {
	return repo.Open(repo.Options{
		Path: g.Path, GitDir: g.GitDir, IndexFile: g.IndexFile, WorkTree: g.WorkTree,
		ObjectDirectory: g.ObjectDirectory, AlternateObjectDirectories: repo.SplitAlternates(g.AlternateObjectDirectories),
		GraftFile: g.GraftFile,
	})
}

// notRepository turns "there is no repository" into no error: then all files
// are read.
func notRepository(err error) error {
	var none *repo.NotFoundError
	if errors.As(err, &none) {
		return nil
	}
	return err
}

// Top opens the top folder of the repository that env names, whose files
// configure a scan. It is nil, without an error, where there is no repository.
func (g GitEnv) Top() (*top.Top, error) {
	r, err := g.open()
	if err != nil {
		return nil, notRepository(err)
	}
	return top.Open(r)
}

// locate tells the file walk what git knows about the directory dir.
func (g GitEnv) locate(dir string) (*worktree.Repository, error) {
	r, err := repo.Open(repo.Options{Path: dir})
	if err != nil || r.WorkTree == "" {
		return nil, notRepository(err)
	}
	w := &worktree.Repository{Root: r.WorkTree, Exclude: r.ExcludeFile(), ExcludesFile: r.ExcludesFile(), FoldCase: r.IgnoreCase()}
	err = r.Index(func(index *repo.Index) {
		list := index.All()
		for i := range list {
			w.Tracked = append(w.Tracked, list[i].Path) // of a folder that is left out of a sparse checkout, with a slash
		}
	})
	if err != nil {
		return nil, err
	}
	w.Tracked = slices.Compact(w.Tracked)
	return w, nil
}

// InIndex tells whether git's index has this content, by its name, at a path from the top.
func InIndex(env GitEnv, path, blob string) bool {
	r, err := env.open()
	if err != nil {
		return false
	}
	found := false
	err = r.Index(func(index *repo.Index) {
		for _, e := range index.All() {
			found = found || e.Path == path && e.Hash.String() == blob
		}
	})
	return found && err == nil
}

// HooksFolder is where git takes a repository's hooks from.
type HooksFolder struct {
	Dir      string
	Bare     bool // the repository has no work tree
	Includes bool // the configuration includes files, which are not read and may name another folder
}

// Hooks finds the folder of a repository's hooks. userConfigs are the user's and
// the system's git configuration files, the last one wins; home stands for "~" in
// them.
func Hooks(env GitEnv, userConfigs []string, home string) (f HooksFolder, err error) {
	r, err := env.open()
	if err != nil {
		return f, err
	}
	f.Bare = r.WorkTree == ""
	f.Dir, f.Includes, err = r.HooksDir(userConfigs, home)
	return f, err
}

// SafeDirectories lists the values of safe.directory in git configuration files:
// the repositories of other users that this one trusts.
func SafeDirectories(files []string) []string { return repo.SafeDirectories(files) }

// InsideRepository tells whether path, which need not exist, would stand in the
// work tree of a repository or in its git directory.
func InsideRepository(env GitEnv, path string) (bool, error) {
	r, err := env.open()
	if err != nil {
		return false, err
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return false, err
	}
	if target, err := filepath.EvalSymlinks(full); err == nil {
		full = target
	} else if dir, err := filepath.EvalSymlinks(filepath.Dir(full)); err == nil {
		full = filepath.Join(dir, filepath.Base(full))
	}
	for _, root := range []string{r.WorkTree, r.GitDir, r.CommonDir} {
		if root == "" {
			continue
		}
		if real, err := filepath.EvalSymlinks(root); err == nil {
			root = real
		}
		if rel, err := filepath.Rel(root, full); err == nil && filepath.IsLocal(rel) {
			return true, nil
		}
	}
	return false, nil
}
