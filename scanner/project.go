package scanner

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/ignore"
	"keyrake/scanner/walk/repo"
	"keyrake/scanner/walk/worktree"
	workers "keyrake/worker"
)

// Project is what the files of a folder tell of a Workers project.
type Project struct {
	*workers.Project
	Git     bool                   // the folder lies in a repository
	Ignored func(path string) bool // whether .gitignore files leave a path out; nil without Git
	Prefix  string                 // the folder's place in the repository, "." for its top
	Gaps    []finding.Gap          // files that could not be read
}

// ReadProject reads the files below dir that tell of a Workers project: those
// that git tracks or does not ignore.
func ReadProject(ctx context.Context, env GitEnv, dir string, limit int64) (*Project, error) {
	p := &Project{}
	var files []workers.File
	tracked, fold := map[string]bool{}, false
	prefix := filepath.ToSlash(filepath.Clean(dir)) + "/"
	if prefix == "./" {
		prefix = ""
	}
	top, err := filepath.Abs(dir)
	if err == nil {
		top, err = filepath.EvalSymlinks(top)
	}
	if err != nil {
		return nil, err
	}
	locate := func(at string) (*worktree.Repository, error) {
		r, err := env.locate(at)
		if r != nil {
			mine, e := filepath.Rel(top, r.Root)
			fold = fold || r.FoldCase
			for _, name := range r.Tracked {
				if name = path.Join(filepath.ToSlash(mine), name); e == nil {
					tracked[name] = true
					if r.FoldCase {
						tracked[strings.ToLower(name)] = true
					}
				}
			}
		}
		return r, err
	}
	res, err := worktree.Walk(ctx, worktree.Options{Roots: []string{dir}, MaxFileBytes: limit, Locate: locate}, func(f worktree.File) error {
		x := workers.File{Path: strings.TrimPrefix(f.Path, prefix)}
		if workers.Wanted(x.Path) {
			data, err := f.Read(nil)
			var problem worktree.Problem
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // deleted between listing and reading
			case errors.As(err, &problem):
				p.Gaps = append(p.Gaps, finding.Gap{What: problem.What, Reason: problem.Reason})
			}
			x.Data = data
		}
		files = append(files, x)
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	for _, problem := range res.Problems {
		p.Gaps = append(p.Gaps, finding.Gap{What: problem.What, Reason: problem.Reason})
	}
	p.Gaps = sortGaps(p.Gaps)
	for i := range files {
		files[i].Tracked = tracked[files[i].Path] || fold && tracked[strings.ToLower(files[i].Path)]
	}
	p.Project = workers.Read(files)
	return p, p.findIgnored(top)
}

// findIgnored makes Ignored from the .gitignore files alone: what one machine
// ignores besides says nothing of the next.
func (p *Project) findIgnored(top string) error {
	r, err := repo.Open(repo.Options{Path: top})
	if err != nil || r.WorkTree == "" {
		return notRepository(err)
	}
	base, err := filepath.Rel(r.WorkTree, top)
	if err != nil {
		return err
	}
	base = filepath.ToSlash(base)
	root, err := filepath.EvalSymlinks(r.WorkTree)
	if err != nil {
		return err
	}
	var above [][]byte // .gitignore of each folder above top, from the repository's own
	dir := root
	parts := strings.Split(base, "/")
	if base == "." {
		parts = nil
	}
	for _, part := range parts {
		data, err := readIn(dir, ".gitignore")
		if err != nil {
			return err
		}
		above = append(above, data)
		dir = filepath.Join(dir, part)
	}
	here := map[string][]byte{}
	for _, f := range p.Files {
		if path.Base(f.Path) == ".gitignore" {
			here[path.Dir(f.Path)] = f.Data
		}
	}
	p.Git, p.Prefix = true, base
	p.Ignored = func(name string) bool {
		m := ignore.New(r.IgnoreCase())
		at := ""
		for i, data := range above {
			m = m.Enter(at, data)
			at = path.Join(at, parts[i])
		}
		m = m.Enter(at, here["."])
		local := ""
		for _, part := range strings.Split(path.Dir(name), "/") {
			if local = path.Join(local, part); local != "." {
				m = m.Enter(path.Join(at, local), here[local])
			}
		}
		return m.IgnoredBelow(path.Join(at, name), false)
	}
	return nil
}

// readIn reads a small file of a folder; nothing if there is none. A symbolic
// link is not followed out of the folder.
func readIn(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	data, err := root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
