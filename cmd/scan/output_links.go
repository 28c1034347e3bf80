package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// checkLinks refuses a path below which a repository, that somebody else may have
// made, chooses what is overwritten: a file of a work tree that is a link, and a
// folder of one that leads out of it or among git's own files. Elsewhere links are
// the user's own, and are followed.
func checkLinks(path string) error {
	folder, base := filepath.Split(path) // not Dir: "link/.." is not where it looks
	if folder == "" {
		folder = "."
	}
	real, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil // it cannot be written, as whoever writes it will see
	}
	if real, err = fromHere(real); err != nil {
		return err
	}
	if info, err := os.Lstat(filepath.Join(real, base)); err == nil && info.Mode()&os.ModeSymlink != 0 && len(workTrees(real)) > 0 {
		return fmt.Errorf("write %s: it is a link in a repository, which may have come with it; name the file that is meant, or remove the link", path)
	}
	named, err := fromHere(folder)
	if err != nil {
		return err
	}
	for _, root := range workTrees(named) {
		if !staysIn(root, named, real) {
			return fmt.Errorf("write %s: a link leads out of the repository there, or among git's own files, and may have come with it; name the folder that is meant", path)
		}
	}
	return nil
}

// fromHere is the full path of what is named so. Where the user stands is where
// they went, so that links count only in what they typed.
func fromHere(name string) (string, error) {
	if filepath.IsAbs(name) {
		return filepath.Clean(name), nil
	}
	here, err := os.Getwd()
	if err == nil {
		here, err = filepath.EvalSymlinks(here)
	}
	return filepath.Join(here, name), err
}

// workTrees lists the work trees that dir, a full path, is in by its name.
func workTrees(dir string) (roots []string) {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			roots = append(roots, dir)
		}
		up := filepath.Dir(dir)
		if up == dir {
			return roots
		}
		dir = up
	}
}

// staysIn reports whether the folder that is named so below root, and is real, is in
// root and not among git's own files. Who names those by no link means them.
func staysIn(root, named, real string) bool {
	top, err := filepath.EvalSymlinks(root)
	if err != nil {
		return false
	}
	by, err := filepath.Rel(root, named)
	if err != nil {
		return false
	}
	at, err := filepath.Rel(top, real)
	if err != nil || !filepath.IsLocal(at) {
		return false
	}
	if at == by {
		return true
	}
	for part := range strings.SplitSeq(at, string(filepath.Separator)) {
		if strings.EqualFold(part, ".git") {
			return false
		}
	}
	return true
}
