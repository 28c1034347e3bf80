package repo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keyrake/scanner/walk/regular"
)

// place is where a repository was found.
type place struct {
	gitDir   string
	workTree string // the folder that holds .git; "" if gitDir itself was the start
}

// discover looks for a repository at path and in its parents, as git does.
func discover(path, objects string) (place, error) {
	start, err := filepath.Abs(path)
	if err != nil {
		return place{}, fmt.Errorf("open repository %s: %w", path, err)
	}
	if start, err = filepath.EvalSymlinks(start); err != nil {
		return place{}, fmt.Errorf("open repository %s: %s; check the path", path, reason(err))
	}
	if isFile(start) {
		gitDir, err := followGitFile(start, objects)
		if err != nil {
			return place{}, fmt.Errorf("open repository %s: it is a file, not a folder, and names no repository: give the repository's folder", path)
		}
		return place{gitDir, filepath.Dir(start)}, nil
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		dotGit := filepath.Join(dir, ".git")
		mode, err := modeOf(dotGit)
		if err != nil {
			return place{}, err
		}
		if regular.Is(mode) {
			gitDir, err := followGitFile(dotGit, objects)
			return place{gitDir, dir}, err
		}
		found, err := isGitDir(dotGit, objects, true)
		if err != nil {
			return place{}, err
		}
		if found {
			return place{dotGit, dir}, nil
		}
		if found, err = isGitDir(dir, objects, false); err != nil {
			return place{}, err
		}
		if found {
			return place{gitDir: dir}, nil
		}
		if dir == filepath.Dir(dir) {
			return place{}, notFound(path)
		}
	}
}

// followGitFile reads a .git file ("gitdir: path"), which linked worktrees and
// submodules have in place of a folder.
func followGitFile(file, objects string) (string, error) {
	data, err := readFile(file, maxSmallFile)
	if err != nil {
		return "", fmt.Errorf("open repository: read %s: %s", file, reason(err))
	}
	target, ok := bytes.CutPrefix(data, []byte("gitdir: "))
	target = bytes.TrimRight(target, "\r\n")
	if !ok || len(target) == 0 || bytes.IndexByte(target, 0) >= 0 {
		return "", fmt.Errorf("open repository: %s is not a .git file: it must say \"gitdir: PATH\"", file)
	}
	gitDir, err := named(filepath.Dir(file), string(target))
	if err != nil {
		return "", fmt.Errorf("open repository: %s %w", file, err)
	}
	found, err := isGitDir(gitDir, objects, true)
	if err != nil {
		return "", err
	}
	if !found {
		return "", fmt.Errorf("open repository: %s points to %s, which is not a git repository: repair it with \"git worktree repair\" or \"git submodule update\"", file, gitDir)
	}
	return gitDir, nil
}

// isGitDir says whether dir is a repository: it has object and ref folders and
// a HEAD. sure means that the name says it is one, so that a missing or broken
// HEAD is an error and not a "no".
func isGitDir(dir, objects string, sure bool) (bool, error) {
	if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err != nil && !sure {
		return false, nil
	}
	common, err := commonDir(dir)
	if err != nil {
		return false, err
	}
	if objects == "" {
		objects = filepath.Join(common, "objects")
	}
	for _, name := range []string{objects, filepath.Join(common, "refs")} {
		if mode, err := modeOf(name); err != nil || !mode.IsDir() {
			return false, err
		}
	}
	_, err = readRefFile(dir, "HEAD")
	if err == nil || errors.Is(err, errRefSHA256) {
		return true, nil // the check of the format names SHA-256 as the cause
	}
	return false, fmt.Errorf("open repository %s: its HEAD cannot be read (%s): write a branch into it, for example \"ref: refs/heads/main\"", dir, reason(err))
}

// absent is the mode of what is not there: neither a folder nor a regular file.
const absent = fs.ModeDevice | fs.ModeIrregular

// modeOf says what stands at path, absent if nothing does. A disk that
// cannot tell is an error: what lies in a repository would else be taken for a part
// of another one above it.
func modeOf(path string) (fs.FileMode, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil:
		return info.Mode(), nil
	case missing(err):
		return absent, nil
	}
	return 0, fmt.Errorf("open repository: %s: %s", path, reason(err))
}

// commonDir is the folder that all worktrees of a repository share: gitDir
// itself, unless a commondir file names another.
func commonDir(gitDir string) (string, error) {
	file := filepath.Join(gitDir, "commondir")
	data, err := readFile(file, maxSmallFile)
	if err != nil {
		if missing(err) {
			return gitDir, nil
		}
		return "", fmt.Errorf("open repository: read %s: %s", file, reason(err))
	}
	path := strings.TrimRight(string(data), "\r\n")
	if path == "" || strings.IndexByte(path, 0) >= 0 {
		return "", fmt.Errorf("open repository: %s names no folder: repair it with \"git worktree repair\"", file)
	}
	common, err := named(gitDir, path)
	if err != nil {
		return "", fmt.Errorf("open repository: %s %w", file, err)
	}
	return common, nil
}
