package repo

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// Options says which repository to open. The fields after Path are the values
// of git's environment variables (GIT_DIR, GIT_INDEX_FILE, GIT_WORK_TREE,
// GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES, GIT_GRAFT_FILE), empty if unset.
type Options struct {
	Path                       string // a folder in or of the repository; "" is the current folder
	GitDir                     string
	IndexFile                  string
	WorkTree                   string
	ObjectDirectory            string
	AlternateObjectDirectories []string // split by SplitAlternates
	GraftFile                  string
}

// Problem is one thing that could not be read, so that the scan is incomplete.
type Problem struct {
	What   string // a ref, a file or a folder
	Reason string
}

// Repo is an opened repository. It holds no open files and is safe for
// concurrent use.
type Repo struct {
	GitDir     string // of this worktree
	CommonDir  string // what all worktrees share; GitDir unless this is a linked worktree
	WorkTree   string // "" if there is none
	Bare       bool
	ObjectDirs []string        // the repository's own first, then its alternates as git orders them
	Shallow    []plumbing.Hash // commits whose parents were cut off; empty if the history is whole
	Promisor   bool            // a partial clone: objects may be absent by design
	Problems   []Problem       // what could not be read while opening

	config    *config
	indexFile string
	graftFile string
}

// Open finds the repository and reads how it is laid out. Its errors are whole
// sentences for the user.
func Open(opt Options) (*Repo, error) {
	if opt.Path == "" {
		opt.Path = "."
	}
	base, err := filepath.Abs(opt.Path)
	if err != nil {
		return nil, fmt.Errorf("open repository %s: %w", opt.Path, err)
	}
	if opt.ObjectDirectory != "" {
		opt.ObjectDirectory = under(base, opt.ObjectDirectory)
		if !isDir(opt.ObjectDirectory) {
			return nil, fmt.Errorf("open repository: %s, which GIT_OBJECT_DIRECTORY names, is not a folder: correct the variable or unset it", opt.ObjectDirectory)
		}
	}
	at, err := locate(opt, base)
	if err != nil {
		return nil, err
	}
	r := &Repo{GitDir: at.gitDir}
	if r.CommonDir, err = commonDir(r.GitDir); err != nil {
		return nil, err
	}
	if err := r.readConfig(); err != nil {
		return nil, err
	}
	r.setWorkTree(opt, base, at.workTree)
	r.indexFile = r.file(opt.IndexFile, base, filepath.Join(r.GitDir, "index"))
	r.graftFile = r.file(opt.GraftFile, base, filepath.Join(r.CommonDir, "info", "grafts"))
	r.findObjectDirs(opt, base)
	r.readShallow()
	r.Promisor = r.isPartial()
	return r, nil
}

// Remotes returns the names of the configured remotes, sorted.
func (r *Repo) Remotes() []string { return r.config.subsections("remote") }

func locate(opt Options, base string) (place, error) {
	if opt.GitDir == "" {
		return discover(opt.Path, opt.ObjectDirectory)
	}
	gitDir := under(base, opt.GitDir)
	if isFile(gitDir) {
		gitDir, err := followGitFile(gitDir, opt.ObjectDirectory)
		return place{gitDir, base}, err
	}
	found, err := isGitDir(gitDir, opt.ObjectDirectory, true)
	if err != nil {
		return place{}, err
	}
	if !found {
		return place{}, fmt.Errorf("%s, which GIT_DIR names, is not a git repository: correct the variable or unset it", gitDir)
	}
	return place{gitDir, base}, nil
}

// readConfig reads the shared configuration and, where the repository says so,
// this worktree's own after it.
func (r *Repo) readConfig() error {
	r.config = &config{}
	if err := r.config.read(filepath.Join(r.CommonDir, "config")); err != nil {
		return err
	}
	if err := checkFormat(r.config); err != nil {
		return fmt.Errorf("open repository %s: %w", r.CommonDir, err)
	}
	if r.GitDir != r.CommonDir {
		// Both speak of the main worktree, not of this one.
		r.config.drop("core", "bare")
		r.config.drop("core", "worktree")
	}
	if on, _ := r.config.flag("extensions", "", "worktreeconfig"); on {
		return r.config.read(filepath.Join(r.GitDir, "config.worktree"))
	}
	return nil
}

func (c *config) read(file string) error {
	data, err := readFile(file, maxListFile)
	if err != nil {
		if missing(err) {
			return nil
		}
		return fmt.Errorf("open repository: read %s: %s", file, reason(err))
	}
	if err := c.parse(data); err != nil {
		return fmt.Errorf("open repository: %s: %w: correct it", file, err)
	}
	return nil
}

func (c *config) drop(section, key string) {
	kept := c.options[:0]
	for _, o := range c.options {
		if o.section != section || o.subsection != "" || o.key != key {
			kept = append(kept, o)
		}
	}
	c.options = kept
}

func (r *Repo) setWorkTree(opt Options, base, found string) {
	bare, _ := r.config.flag("core", "", "bare")
	configured, _ := r.config.get("core", "", "worktree")
	switch {
	case opt.WorkTree != "":
		r.WorkTree = under(base, opt.WorkTree)
	case configured != "":
		at, err := named(r.GitDir, configured)
		if err != nil {
			r.problem(filepath.Join(r.CommonDir, "config"), "core.worktree "+err.Error())
		}
		r.WorkTree = at
	case bare:
	case found != "":
		r.WorkTree = found
	case r.GitDir != r.CommonDir:
		r.WorkTree = r.linkedWorkTree()
	case filepath.Base(r.GitDir) == ".git":
		r.WorkTree = filepath.Dir(r.GitDir)
	}
	r.Bare = r.WorkTree == ""
}

// linkedWorkTree reads where the worktree of GitDir stands, for a start inside
// GitDir itself.
func (r *Repo) linkedWorkTree() string {
	data, err := readFile(filepath.Join(r.GitDir, "gitdir"), maxSmallFile)
	path := strings.TrimRight(string(data), "\r\n")
	if err != nil || path == "" {
		return ""
	}
	at, err := named(r.GitDir, path)
	if err != nil {
		return ""
	}
	return filepath.Dir(at)
}

// file takes a relative GIT_INDEX_FILE or GIT_GRAFT_FILE from the top of the worktree:
// git goes there before it opens the file, and its hooks start there.
func (r *Repo) file(named, base, usual string) string {
	switch {
	case named == "":
		return usual
	case r.WorkTree != "":
		return under(r.WorkTree, named)
	}
	return under(base, named)
}

func (r *Repo) readShallow() {
	file := filepath.Join(r.CommonDir, "shallow")
	data, err := readFile(file, maxListFile)
	if err != nil {
		if !missing(err) {
			r.problem(file, reason(err))
		}
		return
	}
	for n := 1; len(data) > 0; n++ {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte("\n"))
		id, rest, ok := parseHash(line)
		if !ok || len(bytes.TrimSpace(rest)) > 0 {
			r.problem(file, fmt.Sprintf("line %d is not an object name; the list of cut-off commits is incomplete", n))
			return
		}
		r.Shallow = append(r.Shallow, id)
	}
}

func (r *Repo) isPartial() bool {
	if name, _ := r.config.get("extensions", "", "partialclone"); name != "" {
		return true
	}
	// One look at all options: a configuration may name very many remotes.
	last := map[[2]string]*option{}
	for i := range r.config.options {
		if o := &r.config.options[i]; o.section == "remote" && o.subsection != "" {
			last[[2]string{o.subsection, o.key}] = o
		}
	}
	for name, o := range last {
		on := false
		if name[1] == "promisor" {
			on, _ = parseFlag(o)
		}
		if on || name[1] == "partialclonefilter" && o.value != "" {
			return true
		}
	}
	for _, dir := range r.ObjectDirs {
		entries, err := os.ReadDir(filepath.Join(dir, "pack"))
		if err != nil && !missing(err) {
			continue // the reader of packs reports it
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".promisor") {
				return true
			}
		}
	}
	return false
}

func (r *Repo) problem(what, reason string) {
	r.Problems = append(r.Problems, Problem{What: what, Reason: reason})
}
