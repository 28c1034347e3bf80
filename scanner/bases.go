package scanner

import (
	"os"
	"path/filepath"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/worktree"
)

// base is where paths below a named root begin.
type base struct {
	top   string // the repository's, or else the root itself
	below string // the root from there, "" if it is the same
	in    finding.Bounds
}

// bases finds for each root where paths begin: at the top of the repository that holds
// it, or else at the root; of a file outside of any repository its name is the path.
// What lies in a repository below the root is told from the root's, so that no two
// files have one path.
func bases(roots []string) []base {
	tops := map[string]string{} // of folders; callers may name as many files as there are
	list := make([]base, len(roots))
	for i, root := range roots {
		list[i] = baseOf(root, tops)
	}
	for i := range list {
		if list[i].top != list[0].top {
			for j := range list {
				list[j].in = finding.Several
			}
			break
		}
	}
	return list
}

func baseOf(root string, tops map[string]string) base {
	real, isDir := realPath(root)
	dir := real
	if !isDir {
		dir = filepath.Dir(real)
	}
	top, known := tops[dir]
	if !known {
		top = topOf(dir)
		tops[dir] = top
	}
	if below, err := filepath.Rel(top, real); top != "" && err == nil && filepath.IsLocal(below) {
		if below == "." {
			below = ""
		}
		return base{top, filepath.ToSlash(below), finding.Repository}
	}
	if isDir {
		return base{real, "", finding.Root}
	}
	return base{real, filepath.ToSlash(filepath.Base(real)), finding.Root}
}

// FromTop gives the path of a file as rules and severities go by it.
func FromTop(file string) string {
	b := baseOf(file, map[string]string{})
	return b.below
}

// realPath gives the path of a root without links; the walk tells of one that is not there.
func realPath(root string) (real string, isDir bool) {
	real, err := filepath.Abs(root)
	if err != nil {
		return root, false
	}
	if target, err := filepath.EvalSymlinks(real); err == nil {
		real = target
	}
	info, err := os.Stat(real)
	return real, err == nil && info.IsDir()
}

// topOf gives the work tree that holds a folder, without links; "" if none does.
func topOf(dir string) string {
	r, err := repo.Open(repo.Options{Path: dir})
	if err != nil || r.WorkTree == "" {
		return ""
	}
	top, _ := realPath(r.WorkTree)
	return top
}

// fromTop gives the path of a file that was found below the root.
func (b *base) fromTop(f *worktree.File) string {
	below := f.Below()
	if b.below == "" || below == "" {
		return b.below + below
	}
	return b.below + "/" + below
}

// onDisk gives where such a file lies, for places.
func (b *base) onDisk(f *worktree.File) *finding.Disk {
	return &finding.Disk{Named: f.Path, Path: b.fromTop(f), In: b.in}
}
