package repo

import (
	"path/filepath"
	"strings"
)

// HooksDir is the folder that git takes hooks from: core.hooksPath of the
// repository's own configuration, else of the user's, else "hooks" in the git
// directory. userConfigs are the user's and the system's configuration files,
// the last one wins; those that do not exist say nothing, and their includes are
// not followed. home stands for "~". A relative path counts from the work tree,
// or from the git directory of a bare repository, as it does for git.
func (r *Repo) HooksDir(userConfigs []string, home string) (string, error) {
	path, ok := r.config.get("core", "", "hookspath")
	for i := len(userConfigs) - 1; i >= 0 && !ok; i-- {
		var c config
		if err := c.read(userConfigs[i]); err != nil {
			return "", err
		}
		path, ok = c.get("core", "", "hookspath")
	}
	switch rest, inHome := strings.CutPrefix(path, "~/"); {
	case path == "":
		return filepath.Join(r.CommonDir, "hooks"), nil
	case inHome && home != "":
		return filepath.Join(home, rest), nil
	case filepath.IsAbs(path):
		return filepath.Clean(path), nil
	case r.WorkTree != "":
		return filepath.Join(r.WorkTree, path), nil
	}
	return filepath.Join(r.GitDir, path), nil
}
