package repo

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// HooksDir is the folder that git takes hooks from: core.hooksPath of the
// repository's own configuration, else of the user's, else "hooks" in the git
// directory. userConfigs are the user's and the system's configuration files,
// the last one wins; those that do not exist say nothing. Files that they include
// are not read: then includes is true, and git may say otherwise. home is what
// "~" means. A relative path counts from the work tree, or from the git directory of a
// bare repository, as it does for git.
func (r *Repo) HooksDir(userConfigs []string, home string) (dir string, includes bool, err error) {
	path, ok := r.config.get("core", "", "hookspath")
	includes = r.config.includes()
	for i := len(userConfigs) - 1; i >= 0 && !ok; i-- {
		var c config
		if err := c.read(userConfigs[i]); err != nil {
			return "", false, err
		}
		path, ok = c.get("core", "", "hookspath")
		includes = includes || c.includes()
	}
	dir, err = r.hooksAt(path, home)
	return dir, includes, err
}

// includes reports whether some file is to be read along.
func (c *config) includes() bool {
	return slices.ContainsFunc(c.options, func(o option) bool {
		return (o.section == "include" || o.section == "includeif") && o.key == "path"
	})
}

// hooksAt is the folder that a value of core.hooksPath names. It is an error where git alone
// knows which: in the home of another user, below git's own folder, and, on Windows, below
// that which git takes for the root.
func (r *Repo) hooksAt(path, home string) (string, error) {
	rest, inHome := strings.CutPrefix(path, "~/")
	rooted := strings.HasPrefix(path, "/") && !filepath.IsAbs(path)
	switch {
	case path == "":
		return filepath.Join(r.CommonDir, "hooks"), nil
	case inHome && home != "":
		return filepath.Join(home, rest), nil
	case strings.HasPrefix(path, "~"), strings.HasPrefix(path, "%(prefix)"), rooted:
		return "", fmt.Errorf("core.hooksPath is %s, and git alone knows which folder that is: set it to a whole path, or unset it (\"git config --show-origin core.hooksPath\" shows where it is set)", path)
	case filepath.IsAbs(path):
		return filepath.Clean(path), nil
	case r.WorkTree != "":
		return filepath.Join(r.WorkTree, path), nil
	}
	return filepath.Join(r.GitDir, path), nil
}
