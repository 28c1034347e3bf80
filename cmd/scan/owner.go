package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"keyrake/scanner"
)

// foreign describes a repository in which git would refuse to work, because one of
// its folders belongs to somebody else and no safe.directory of the user's lists
// it. "" if there is none. A scan runs nothing from a repository, and so reads it
// all the same.
func (e environment) foreign(folders []string) string {
	if e.get("GIT_DIR") != "" || len(folders) == 0 {
		return "" // as for git: who names it knows it
	}
	mine := []int{os.Geteuid()}
	if uid, err := strconv.Atoi(e.get("SUDO_UID")); err == nil && os.Geteuid() == 0 {
		mine = append(mine, uid)
	}
	for _, dir := range folders {
		owner, known := ownerOf(dir)
		if !known || slices.Contains(mine, owner) {
			continue
		}
		if e.isSafe(folders[0]) {
			return ""
		}
		return fmt.Sprintf("%s belongs to another user (%d), so that git would refuse to work there; a scan runs nothing from it and reads it all the same. "+
			"--no-repo-config leaves its own settings out; safe.directory in your git configuration ends this note", dir, owner)
	}
	return ""
}

// isSafe reports whether safe.directory lists a folder, as git reads it: in the
// system's, the user's and the command's configuration, never in the
// repository's own.
func (e environment) isSafe(dir string) bool {
	home := e.home()
	list := scanner.SafeDirectories(e.gitConfigs())
	count, _ := strconv.Atoi(e.get("GIT_CONFIG_COUNT"))
	for i := range min(count, 1000) {
		if strings.EqualFold(e.get(fmt.Sprint("GIT_CONFIG_KEY_", i)), "safe.directory") {
			list = append(list, e.get(fmt.Sprint("GIT_CONFIG_VALUE_", i)))
		}
	}
	dir = realPath(dir)
	safe := false
	for _, entry := range list {
		if rest, ok := strings.CutPrefix(entry, "~/"); ok && home != "" {
			entry = filepath.Join(home, rest)
		}
		parent, below := strings.CutSuffix(entry, "/*")
		switch {
		case entry == "":
			safe = false // it takes back what stands before
		case entry == "*", below && strings.HasPrefix(dir, realPath(parent)+"/"), !below && realPath(entry) == dir:
			safe = true
		}
	}
	return safe
}

func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return filepath.Clean(path)
}

// gitConfigs lists the system's and the user's configuration of git, the last
// one wins.
func (e environment) gitConfigs() []string {
	configs := []string{e.get("GIT_CONFIG_SYSTEM"), e.get("GIT_CONFIG_GLOBAL")}
	if configs[0] == "" {
		configs[0] = "/etc/gitconfig"
		if programs := e.get("ProgramFiles"); runtime.GOOS == "windows" && programs != "" {
			configs[0] = filepath.Join(programs, "Git", "etc", "gitconfig")
		}
	}
	if configs[1] == "" {
		home := e.home()
		switch xdg := e.get("XDG_CONFIG_HOME"); {
		case xdg != "":
			configs[1] = filepath.Join(xdg, "git", "config")
		case home != "":
			configs[1] = filepath.Join(home, ".config", "git", "config")
		}
		if home != "" { // else a repository's own .gitconfig would count
			configs = append(configs, filepath.Join(home, ".gitconfig"))
		}
	}
	return slices.DeleteFunc(configs, func(name string) bool { return name == "" || name == os.DevNull }) // which is how git is told of none
}

// home is the user's folder as git takes it, "" if none is named: cmd and PowerShell set no
// HOME (setup_windows_environment in git's compat/mingw.c).
func (e environment) home() string {
	if home := e.get("HOME"); home != "" || runtime.GOOS != "windows" {
		return home
	}
	if path := e.get("HOMEPATH"); path != "" {
		if home := e.get("HOMEDRIVE") + path; isFolder(home) {
			return home
		}
	}
	return e.get("USERPROFILE")
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
