package scanner

import "keyrake/scanner/walk/repo"

// SafeDirectories lists the values of safe.directory in git configuration files:
// the repositories of other users that this one trusts.
func SafeDirectories(files []string) []string { return repo.SafeDirectories(files) }

// HooksDir is the folder that git takes a repository's hooks from, and whether
// the repository is bare. userConfigs are the user's and the system's git
// configuration files, the last one wins; home stands for "~" in them.
func HooksDir(env GitEnv, userConfigs []string, home string) (dir string, bare bool, err error) {
	r, err := env.open()
	if err != nil {
		return "", false, err
	}
	dir, err = r.HooksDir(userConfigs, home)
	return dir, r.WorkTree == "", err
}
