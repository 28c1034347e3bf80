package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// hostileStores have pipes, devices, links and loops below .git.
func hostileStores() []hostile {
	pipe := func(name string) func(*hostileRepo) { return func(h *hostileRepo) { h.fifo(name) } }
	device := func(name string) func(*hostileRepo) { return func(h *hostileRepo) { h.link("/dev/zero", name) } }
	return []hostile{
		{name: "pipe: HEAD", want: notRead, make: pipe(".git/HEAD")},
		{name: "pipe: config", want: notRead, make: pipe(".git/config")},
		{name: "pipe: packed-refs", want: notRead, make: pipe(".git/packed-refs")},
		{name: "pipe: a ref", want: notRead, make: pipe(".git/refs/heads/pipe")},
		{name: "pipe: shallow", want: notRead, make: pipe(".git/shallow")},
		{name: "pipe: alternates", want: notRead, make: pipe(".git/objects/info/alternates")},
		{name: "pipe: FETCH_HEAD", want: notRead, make: pipe(".git/FETCH_HEAD"), whole: true},
		{name: "pipe: stash reflog", want: notRead, make: func(h *hostileRepo) {
			h.write("good.txt", "changed")
			h.git("", "stash")
			h.fifo(".git/logs/refs/stash")
		}},
		{name: "pipe: cache file", want: finds, whole: true, make: pipe(".git/keyrake/history")},
		{name: "pipe: cache folder", want: finds, whole: true, make: pipe(".git/keyrake")},
		{name: "pipe: a loose object", want: notRead, make: func(h *hostileRepo) {
			h.write(".git/refs/heads/evil", strings.Repeat("ab", 20))
			h.fifo(".git/objects/ab/" + strings.Repeat("ab", 19))
		}},
		{name: "pipe: a pack", want: notRead, make: func(h *hostileRepo) { h.fifo(h.packFile(".pack")) }},
		{name: "pipe: a pack's index", want: notRead, make: func(h *hostileRepo) { h.fifo(h.packFile(".idx")) }},
		{name: "pipe: index, staged", args: []string{"--staged"}, want: []exitCode{exitUsage, exitIncomplete}, make: pipe(".git/index")},
		{name: "pipe: index, files", args: []string{"."}, want: notRead, whole: true, make: pipe(".git/index")},
		{name: "pipe: info/exclude, files", args: []string{"."}, want: notRead, whole: true, make: pipe(".git/info/exclude")},
		{name: "pipe: .gitignore, files", args: []string{"."}, want: notRead, make: pipe(".gitignore"), whole: true},
		{name: "pipe: .scan.yaml", args: []string{"."}, want: notRead, make: pipe(".scan.yaml")},
		{name: "pipe: .scanignore", args: []string{"."}, want: notRead, make: pipe(".scanignore")},
		{name: "pipe: .scan-baseline", args: []string{"."}, want: notRead, make: pipe(".scan-baseline")},
		{name: "pipe: commit-graph, multi-pack-index", want: notRead, whole: true, make: func(h *hostileRepo) {
			h.fifo(".git/objects/info/commit-graph")
			h.fifo(".git/objects/pack/multi-pack-index")
		}},
		{name: "pipe: hooks", args: []string{"hook", "status"}, want: []exitCode{exitClean, exitUsage, exitIncomplete}, whole: true, make: pipe(".git/hooks/pre-commit")},
		{name: "pipe: a file to explain", args: []string{"explain", "pipe:1"}, want: []exitCode{exitUsage, exitIncomplete}, make: pipe("pipe")},
		{name: "pipe: a worktree's HEAD", want: notRead, make: func(h *hostileRepo) {
			h.write(".git/worktrees/w/gitdir", "/nowhere/.git\n")
			h.fifo(".git/worktrees/w/HEAD")
		}},
		{name: "device: HEAD", want: notRead, make: device(".git/HEAD")},
		{name: "device: config", want: notRead, make: device(".git/config")},
		{name: "device: packed-refs", want: notRead, make: device(".git/packed-refs")},
		{name: "device: a pack", want: notRead, make: func(h *hostileRepo) { h.link("/dev/zero", h.packFile(".pack")) }},
		{name: "device: a loose object", want: notRead, make: func(h *hostileRepo) {
			h.write(".git/refs/heads/evil", strings.Repeat("ab", 20))
			h.link("/dev/zero", ".git/objects/ab/"+strings.Repeat("ab", 19))
		}},
		{name: "device: a file to explain", args: []string{"explain", "zero:1"}, want: []exitCode{exitUsage, exitIncomplete}, make: device("zero")},
		{name: "config that includes itself", want: notRead, make: func(h *hostileRepo) {
			h.write(".git/config", "[core]\n\trepositoryformatversion = 0\n[include]\n\tpath = config\n")
		}, whole: true},
		{name: "config of 300 MB", want: notRead, make: func(h *hostileRepo) {
			if err := os.Truncate(h.path(".git/config"), 300<<20); err != nil {
				h.Fatal(err)
			}
		}},
		{name: "config of 6 MB of sections", want: notRead, whole: true, make: func(h *hostileRepo) { h.manyRemotes(200_000) }},
		{name: "config of 20 MB of sections", heavy: true, want: notRead, whole: true, make: func(h *hostileRepo) { h.manyRemotes(700_000) }},
		{name: "alternates that name each other", want: finds, whole: true, make: func(h *hostileRepo) {
			h.write("b/objects/info/alternates", h.path(".git/objects")+"\n")
			h.write(".git/objects/info/alternates", h.path("b/objects")+"\n")
		}},
		{name: "alternates that point outside", want: finds, make: func(h *hostileRepo) {
			h.write(".git/objects/info/alternates", "/etc\n/dev\n/dev/zero\n/proc/self/fd\n../../../../../../..\n")
		}},
		{name: "alternates of another repository", want: finds, whole: true, make: func(h *hostileRepo) {
			other := hostileBase(h.TB)
			h.write(".git/objects/info/alternates", other.path(".git/objects")+"\n")
		}},
		{name: "alternates: a million lines", want: finds, make: func(h *hostileRepo) {
			h.write(".git/objects/info/alternates", strings.Repeat("/nowhere/at/all\n", 1_000_000))
		}},
		{name: "objects is a link to /", heavy: true, want: notRead, make: func(h *hostileRepo) { h.link("/", ".git/objects") }},
		{name: "object folders link to each other", heavy: true, want: notRead, whole: true, make: func(h *hostileRepo) {
			h.link("../..", ".git/objects/ab")
			h.link("ab", ".git/objects/ac")
			h.link(".", ".git/objects/loop")
		}},
		{name: ".git is a file that names itself", want: notRead, make: func(h *hostileRepo) {
			os.RemoveAll(h.path(".git"))
			h.write(".git", "gitdir: .git\n")
		}},
		{name: ".git files that name each other", want: notRead, make: func(h *hostileRepo) {
			os.RemoveAll(h.path(".git"))
			h.write(".git", "gitdir: b\n")
			h.write("b", "gitdir: .git\n")
		}},
		{name: "commondir that names itself", want: notRead, make: func(h *hostileRepo) { h.write(".git/commondir", ".\n") }, whole: true},
		{name: "commondir that points to /", want: notRead, make: func(h *hostileRepo) { h.write(".git/commondir", "/\n") }},
		{name: "1,000 worktrees", want: notRead, whole: true, make: func(h *hostileRepo) { h.manyWorktrees(1_000) }},
		{name: "5,000 worktrees", heavy: true, want: notRead, whole: true, make: func(h *hostileRepo) { h.manyWorktrees(5_000) }},
		{name: "index of lies, staged", args: []string{"--staged"}, want: []exitCode{exitUsage, exitIncomplete}, make: func(h *hostileRepo) {
			d := h.read(".git/index")
			copy(d[8:], "\xff\xff\xff\xff")
			h.write(".git/index", string(d))
		}},
		{name: "index of 2 GB, sparse, staged", args: []string{"--staged"}, want: []exitCode{exitUsage, exitIncomplete}, make: func(h *hostileRepo) {
			if err := os.Truncate(h.path(".git/index"), 2<<30); err != nil {
				h.Fatal(err)
			}
		}},
		{name: "index of 900 MB, sparse, staged", args: []string{"--staged"}, want: []exitCode{exitUsage, exitIncomplete}, make: func(h *hostileRepo) {
			if err := os.Truncate(h.path(".git/index"), 900<<20); err != nil {
				h.Fatal(err)
			}
		}},
	}
}

// hostileRefs have refs that loop, lead out, or are very many.
func hostileRefs() []hostile {
	return []hostile{
		{name: "symbolic refs in a loop", want: finds, make: func(h *hostileRepo) {
			h.write(".git/refs/heads/a", "ref: refs/heads/b\n")
			h.write(".git/refs/heads/b", "ref: refs/heads/a\n")
		}},
		{name: "HEAD that names itself", want: notRead, make: func(h *hostileRepo) { h.write(".git/HEAD", "ref: HEAD\n") }},
		{name: "refs that lead out", want: finds, make: func(h *hostileRepo) {
			h.write(".git/refs/heads/a", "ref: refs/heads/../../../../../etc/passwd\n")
			h.write(".git/refs/heads/b", "ref: ../config\n")
			h.write(".git/packed-refs", "# pack-refs with: peeled fully-peeled sorted \n"+h.git("", "rev-parse", "HEAD")+" refs/heads/../../x\n")
		}},
		{name: "refs with control bytes as names", want: finds, make: func(h *hostileRepo) {
			h.write(".git/refs/heads/\x1b]0;x\x07\nnext", h.git("", "rev-parse", "HEAD")+"\n")
		}, whole: true},
		{name: "a million refs", heavy: true, want: finds, whole: true, make: func(h *hostileRepo) {
			head := h.git("", "rev-parse", "HEAD")
			var b strings.Builder
			b.WriteString("# pack-refs with: peeled fully-peeled sorted \n")
			for i := range 1_000_000 {
				fmt.Fprintf(&b, "%s refs/heads/b%07d\n", head, i)
			}
			h.write(".git/packed-refs", b.String())
		}},
		{name: "a million refs to nothing", heavy: true, args: []string{"--history", "--memory", "128MB"}, want: notRead, make: func(h *hostileRepo) {
			var b strings.Builder
			for i := range 1_000_000 {
				fmt.Fprintf(&b, "%040x refs/heads/b%07d\n", i+1, i)
			}
			h.write(".git/packed-refs", b.String())
		}},
		{name: "links below refs in a loop", want: notRead, make: func(h *hostileRepo) {
			h.link("..", ".git/refs/heads/up")
			h.link("/", ".git/refs/heads/root")
		}},
		{name: "a ref of 100 MB", want: finds, make: func(h *hostileRepo) { h.write(".git/refs/heads/big", strings.Repeat("a", 100<<20)) }},
		{name: "a tag of a tag of a tag, 50,000 times", want: finds, whole: true, make: tagChain},
		{name: "reftable that is no table", want: notRead, make: func(h *hostileRepo) {
			h.git("", "config", "core.repositoryformatversion", "1")
			h.git("", "config", "extensions.refStorage", "reftable")
			h.write(".git/reftable/tables.list", "../../../etc/passwd\n")
		}},
	}
}

func tagChain(h *hostileRepo) {
	target, kind := parseName(h.git("", "rev-parse", "HEAD")), "commit"
	var list []packEntry
	for i := range 50_000 {
		text := fmt.Appendf(nil, "object %s\ntype %s\ntag t%d\ntagger A <a@example.org> 1750000000 +0000\n\nm\n", target, kind, i)
		list = append(list, packEntry{name: hashOf("tag", text), typ: 4, data: text})
		target, kind = list[i].name, "tag"
	}
	h.addPack(list)
	h.write(".git/refs/tags/top", target.String())
}

// hostileFiles have odd things in the work tree.
func hostileFiles() []hostile {
	files := []string{"."}
	return []hostile{
		{name: "files: pipes, sockets, devices", alone: true, args: files, want: finds, whole: true, make: func(h *hostileRepo) {
			h.fifo("pipe")
			h.link("/dev/zero", "zero")
			h.link("/dev/tty", "tty")
			fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
			if err == nil {
				defer syscall.Close(fd)
				wd, _ := os.Getwd()
				if os.Chdir(h.dir) == nil {
					syscall.Bind(fd, &syscall.SockaddrUnix{Name: "socket"})
					os.Chdir(wd)
				}
			}
		}},
		{name: "files: links out of the tree, and loops", args: files, want: finds, whole: true, make: func(h *hostileRepo) {
			h.link("/etc/passwd", "passwd")
			h.link("..", "up")
			h.link(".", "self")
			h.link("/", "root")
			h.link("b", "a")
			h.link("a", "b")
		}},
		{name: "files: 2,100 folders deep", heavy: true, alone: true, args: files, want: finds, make: func(h *hostileRepo) {
			deepFolders(h, 2100)
		}},
		{name: "files: 4 GB, sparse", heavy: true, args: files, want: finds, whole: true, make: func(h *hostileRepo) { sparse(h, "big", 4<<30) }},
		{name: "files: one beyond all memory, sparse", args: little("."), memory: littleHeld, want: finds, whole: true, make: func(h *hostileRepo) { sparse(h, "big", beyond) }},
		{name: "files: 1.9 GB, sparse", heavy: true, args: files, want: finds, whole: true, make: func(h *hostileRepo) { sparse(h, "big", 1_900_000_000) }},
		{name: "files: 3 of 120 MB, sparse", args: files, want: finds, whole: true, make: func(h *hostileRepo) { manySparse(h, 3) }},
		{name: "files: 8 of 120 MB, sparse", heavy: true, args: files, want: finds, whole: true, make: func(h *hostileRepo) { manySparse(h, 8) }},
		{name: "files: names that are no text", args: files, want: finds, whole: true, make: func(h *hostileRepo) {
			h.write("\x1b[31m\xff\n::error::x", "x="+h.secret)
		}},
		{name: "files: a .git that is a pipe, below", args: files, want: notRead, make: func(h *hostileRepo) { h.fifo("sub/.git") }, whole: true},
		{name: "files: .gitignore that backtracks", args: files, want: finds, whole: true, make: func(h *hostileRepo) {
			h.write(".gitignore", strings.Repeat(strings.Repeat("*a", 40)+"b\n"+strings.Repeat("**/", 40)+"b\n", 20))
			for i := range 20 {
				h.write(strings.Repeat("a", 200)+fmt.Sprint(i), "x")
				h.write(strings.Repeat("a/", 40)+fmt.Sprint(i), "x")
			}
		}},
		{name: "files: .gitignore of 100 MB", args: files, want: finds, make: func(h *hostileRepo) {
			h.write(".gitignore", strings.Repeat("abc*def\n", 100<<20/8))
		}, whole: true},
		{name: "staged: 1.9 GB", heavy: true, args: []string{"--staged"}, want: []exitCode{exitIncomplete}, make: func(h *hostileRepo) {
			b := runOf(0, 1_900_000_000)
			h.files(b)
			h.git(fmt.Sprintf("100644 %s 0\tbig\n", b.name), "update-index", "--index-info")
		}},
		{name: "range: 1.9 GB", heavy: true, args: []string{"--range", "HEAD..evil"}, want: []exitCode{exitIncomplete}, make: func(h *hostileRepo) {
			h.files(runOf(0, 1_900_000_000))
		}},
		{name: "range: 3 deltas of 256 MB", args: []string{"--range", "HEAD..evil"}, want: []exitCode{exitIncomplete}, make: func(h *hostileRepo) {
			h.deltas(3, 1<<20, 256<<20, false)
		}},
		{name: "range: trees 100,000 levels deep", args: []string{"--range", "HEAD..evil"}, want: either, whole: true, make: func(h *hostileRepo) { deepTrees(h, 100_000) }},
		{name: "range: a tree bomb", heavy: true, args: []string{"--range", "HEAD..evil"}, want: either, make: func(h *hostileRepo) { treeBomb(h, h.secret) }},
		{name: "range: a tree that contains itself", args: []string{"--range", "HEAD..evil"}, want: []exitCode{exitClean, exitIncomplete}, make: selfTree},
		{name: "history: a tree that contains itself", want: either, make: selfTree},
		{name: "stdin: 3 GB", heavy: true, args: []string{"--stdin"}, want: []exitCode{exitClean}, whole: true, make: func(*hostileRepo) {}, stdin: func(h *hostileRepo) *os.File {
			sparse(h, "in", 3<<30)
			f, err := os.Open(h.path("in"))
			if err != nil {
				h.Fatal(err)
			}
			return f
		}},
	}
}

// selfTree has a tree whose entry names the tree itself, which no hash allows
// and an index can claim.
func selfTree(h *hostileRepo) {
	name := parseName(strings.Repeat("cd", 20))
	t := packEntry{name: name, typ: typeTree, data: treeOf("d/", name)}
	h.reach(name, t)
}

// manyRemotes writes a config of n sections.
func (h *hostileRepo) manyRemotes(n int) {
	h.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[remote \"r%d\"]\n\turl = x\n", i)
	}
	h.write(".git/config", b.String())
}

func (h *hostileRepo) manyWorktrees(n int) {
	h.Helper()
	for i := range n {
		h.write(fmt.Sprintf(".git/worktrees/w%d/HEAD", i), "ref: refs/heads/none\n")
	}
}

func manySparse(h *hostileRepo, n int) {
	h.Helper()
	for i := range n {
		sparse(h, fmt.Sprint("big", i), 120_000_000)
	}
}

func sparse(h *hostileRepo, name string, size int64) {
	h.Helper()
	h.write(name, "")
	if err := os.Truncate(h.path(name), size); err != nil {
		h.Skip(err)
	}
}

func deepFolders(h *hostileRepo, n int) {
	h.Helper()
	wd, err := os.Getwd()
	if err != nil {
		h.Fatal(err)
	}
	defer os.Chdir(wd)
	if err := os.Chdir(h.dir); err != nil {
		h.Fatal(err)
	}
	for range n {
		if err := os.Mkdir("dddddddd", 0o755); err != nil {
			h.Fatal(err)
		}
		if err := os.Chdir("dddddddd"); err != nil {
			h.Fatal(err)
		}
	}
	h.Cleanup(func() { os.RemoveAll(filepath.Join(h.dir, "dddddddd")) })
}
