package scanner

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
