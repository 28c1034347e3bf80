package repo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// ConfigDigest is the same as long as the repository's configuration says the
// same.
func (r *Repo) ConfigDigest() string {
	h := sha256.New()
	for _, o := range r.config.options {
		fmt.Fprintf(h, "%q %q %q %q %t\n", o.section, o.subsection, o.key, o.value, o.bare)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// LogDirs lists the folders that hold reflogs, of all worktrees, whether or not
// they exist.
func (r *Repo) LogDirs() []string {
	dirs := []string{filepath.Join(r.CommonDir, "logs")}
	if r.GitDir != r.CommonDir {
		dirs = append(dirs, filepath.Join(r.GitDir, "logs"))
	}
	others, _ := os.ReadDir(filepath.Join(r.CommonDir, "worktrees")) // Refs tells of an error
	for _, e := range others {
		dirs = append(dirs, filepath.Join(r.CommonDir, "worktrees", e.Name(), "logs"))
	}
	return dirs
}
