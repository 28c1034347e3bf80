package main

import (
	"path/filepath"
	"strings"

	"keyrake/scanner"
)

// environment is the process's environment as os.Environ gives it.
type environment []string

// get gives the value of a variable, or "" if it is not set.
func (e environment) get(name string) string {
	for _, entry := range e {
		if key, value, ok := strings.Cut(entry, "="); ok && key == name {
			return value
		}
	}
	return ""
}

// git gives the repository of a scan. What the GIT_ variables say is about the
// repository that a hook runs in, so it does not apply to one named by a path
// that leads elsewhere.
func (e environment) git(c *command) scanner.GitEnv {
	env := scanner.GitEnv{Path: "."}
	switch c.mode {
	case modeHistory, modeRange, modeStaged:
		if len(c.paths) > 0 && filepath.Clean(c.paths[0]) != "." {
			env.Path = c.paths[0]
			return env
		}
	case modeFiles:
		for _, path := range c.paths {
			if !filepath.IsLocal(path) {
				return env
			}
		}
	}
	env.GitDir = e.get("GIT_DIR")
	env.IndexFile = e.get("GIT_INDEX_FILE")
	env.WorkTree = e.get("GIT_WORK_TREE")
	env.ObjectDirectory = e.get("GIT_OBJECT_DIRECTORY")
	env.AlternateObjectDirectories = e.get("GIT_ALTERNATE_OBJECT_DIRECTORIES")
	env.GraftFile = e.get("GIT_GRAFT_FILE")
	return env
}

// useColor decides on colour for one output stream. The flag wins; then
// NO_COLOR; then what forces colour; then what forbids it; then whether the
// stream is a terminal.
func (e environment) useColor(when string, terminal bool) bool {
	forced := func(name string) bool { v := e.get(name); return v != "" && v != "0" }
	switch {
	case when != "auto":
		return when == "always"
	case e.get("NO_COLOR") != "":
		return false
	case forced("CLICOLOR_FORCE") || forced("FORCE_COLOR"):
		return true
	case e.get("FORCE_COLOR") == "0" || e.get("CLICOLOR") == "0" || e.get("TERM") == "dumb":
		return false
	}
	return terminal
}
