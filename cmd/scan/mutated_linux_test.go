package main

import (
	"bytes"
	"context"
	"crypto/sha1"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// mutationsVariable names which changed repositories are tried, as "FROM COUNT".
const mutationsVariable = "KEYRAKE_MUTATIONS"

// tree is the files of a folder, by their paths below it.
type tree map[string][]byte

func readTree(t testing.TB, dir string) tree {
	t.Helper()
	files := tree{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			name, _ := filepath.Rel(dir, path)
			files[name] = readFile(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// lay writes the files of a repository.
func (h *hostileRepo) lay(files tree) *hostileRepo {
	h.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := h.path(name)
		if os.MkdirAll(filepath.Dir(path), 0o755) == nil { // else another file became its folder
			os.WriteFile(path, files[name], 0o644)
		}
	}
	return h
}

// mutationBases are repositories of several forms, each with a secret in many corners.
func mutationBases(t testing.TB) (bases []tree, secrets []string) {
	t.Helper()
	for _, form := range [][][]string{
		{}, // as damageBase leaves it
		{{"commit-graph", "write", "--reachable"}, {"multi-pack-index", "write"}},
		{{"commit-graph", "write", "--reachable", "--split"}, {"update-index", "--split-index"}, {"repack", "-q", "-a", "-d", "-b"}},
		{{"pack-refs", "--all"}, {"update-index", "--index-version", "4"}, {"worktree", "add", "-q", "side", "loose"}},
		{{"unpack"}},
	} {
		h := damageBase(t)
		for _, args := range form {
			if args[0] != "unpack" {
				h.git("", args...)
				continue
			}
			packs, _ := filepath.Glob(h.path(".git/objects/pack/*"))
			for _, p := range packs {
				data := readFile(t, p)
				os.Remove(p)
				if strings.HasSuffix(p, ".pack") {
					h.git(string(data), "unpack-objects", "-q")
				}
			}
		}
		files := readTree(t, h.dir)
		for name := range files {
			if strings.HasPrefix(name, ".git/hooks/") || strings.HasSuffix(name, ".sample") {
				delete(files, name)
			}
		}
		bases = append(bases, files)
	}
	for _, name := range []string{"main", "packed", "other", "tagged", "loose", "stash-old", "stash-new", "staged"} {
		secrets = append(secrets, cornerSecret(t, name+".txt"))
	}
	return bases, secrets
}

// mutator changes files.
type mutator struct {
	*rand.Rand
	files tree
	names []string // below .git, sorted
	said  []string
}

func (m *mutator) pick() string { return m.names[m.IntN(len(m.names))] }

// place is some offset in data; the edges come more often.
func (m *mutator) place(data []byte) int {
	switch m.IntN(4) {
	case 0:
		return m.IntN(min(len(data), 64) + 1)
	case 1:
		return len(data) - m.IntN(min(len(data), 64)+1)
	}
	return m.IntN(len(data) + 1)
}

// change makes one change of one kind.
func (m *mutator) change() {
	name, other := m.pick(), m.pick()
	data, from := bytes.Clone(m.files[name]), m.files[other]
	at := m.place(data)
	kind := m.IntN(14)
	switch kind {
	case 0, 1: // bits
		for range 1 + m.IntN(3) {
			if len(data) > 0 {
				data[min(m.place(data), len(data)-1)] ^= 1 << m.IntN(8)
			}
		}
	case 2:
		data = data[:at]
	case 3: // a hole
		data = append(data[:at:at], data[min(len(data), at+1+m.IntN(60)):]...)
	case 4:
		for i := range min(len(data)-at, 1+m.IntN(40)) {
			data[at+i] = byte(m.Uint32())
		}
	case 5:
		clear(data[at:min(len(data), at+1+m.IntN(200))])
	case 6: // a part of another file
		start := m.place(from)
		data = slices.Concat(data[:at], from[start:min(len(from), start+m.IntN(100))], data[at:])
	case 7: // the contents of two files
		m.files[name], m.files[other] = m.files[other], m.files[name]
		m.said = append(m.said, "swap "+name+" "+other)
		return
	case 8:
		data = bytes.Clone(from)
	case 9:
		m.files[other+fmt.Sprint(m.IntN(3))] = data
	case 10:
		delete(m.files, name)
		m.files[other] = data
		m.said = append(m.said, "move "+name+" "+other)
		return
	case 11:
		delete(m.files, name)
		m.said = append(m.said, "delete "+name)
		return
	case 12: // a line of a text, once more or elsewhere
		lines := bytes.SplitAfter(from, []byte("\n"))
		data = append(data, lines[m.IntN(len(lines))]...)
	case 13:
		data = slices.Concat(data, data)
	}
	if len(data) > 40 && m.IntN(2) == 0 { // so that the checksum is no matter
		switch {
		case strings.Contains(name, "objects/pack"), strings.HasSuffix(name, "/index"), strings.Contains(name, "graph"):
			sum := sha1.Sum(data[:len(data)-20])
			copy(data[len(data)-20:], sum[:])
		}
	}
	m.said = append(m.said, fmt.Sprint(kind, " ", name, " ", other, " ", at))
	m.files[name] = data
}

// shown is which secrets git shows in what a mode reads; calm tells that it did not
// complain.
func shown(t testing.TB, dir, mode string, secrets []string) (list []string, calm bool) {
	t.Helper()
	git := func(stdin string, args ...string) (string, bool) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir, cmd.Env, cmd.Stdin = dir, hostileEnviron(), strings.NewReader(stdin)
		var out, complaint bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaint
		err := cmd.Run()
		return out.String(), err == nil && complaint.Len() == 0
	}
	var names strings.Builder
	calm = true
	note := func(out string, ok bool) {
		calm = calm && ok
		for line := range strings.Lines(out) {
			if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); name != "" {
				names.WriteString(name + "\n")
			}
		}
	}
	switch mode {
	case "--history":
		note(git("", "rev-list", "--objects", "--all", "HEAD"))
		if out, ok := git("", "stash", "list", "--format=%H"); ok && out != "" {
			note(git("", append([]string{"rev-list", "--objects"}, strings.Fields(out)...)...))
		}
	case "--range":
		note(git("", "rev-list", "--objects", "main..loose"))
	case "--staged":
		out, ok := git("", "diff", "--cached", "--raw", "--abbrev=40", "--no-renames")
		var blobs strings.Builder
		for line := range strings.Lines(out) {
			if f := strings.Fields(line); len(f) > 4 && f[4][0] != 'D' {
				blobs.WriteString(f[3] + "\n")
			}
		}
		note(blobs.String(), ok)
	}
	out, ok := git(names.String(), "cat-file", "--batch")
	if mode == "." {
		out, ok = git("", "ls-files", "-z", "-c", "-o", "--exclude-standard")
		for _, name := range strings.Split(out, "\x00") {
			data, _ := os.ReadFile(filepath.Join(dir, name)) // what is tracked may be gone
			out += string(data)
		}
	}
	for _, s := range secrets {
		if strings.Contains(out, s) {
			list = append(list, s)
		}
	}
	return list, calm && ok && !strings.Contains(out, " missing\n")
}

// TestMutated changes whole repositories in several places at once. Whatever a scan
// makes of them, it ends, and a report that calls itself complete has every secret
// that git shows without a complaint.
func TestMutated(t *testing.T) {
	from, count := 0, 12
	if os.Getenv(heavyVariable) != "" {
		count = 2000
	}
	if _, err := fmt.Sscan(os.Getenv(mutationsVariable), &from, &count); err != nil && os.Getenv(mutationsVariable) != "" {
		t.Fatal(err)
	}
	bases, secrets := mutationBases(t)
	dir := t.TempDir()
	if os.Getenv(mutationsVariable) != "" { // what fails is kept
		dir = filepath.Join(os.TempDir(), "mutated")
	}
	if h := (&hostileRepo{TB: t, dir: filepath.Join(dir, "whole")}); !slices.ContainsFunc(secrets, func(s string) bool {
		return strings.Contains(fmt.Sprint(h.lay(bases[0]).scan("--show-secrets", "--history").Findings), s)
	}) {
		t.Fatal("nothing is found in what was not changed")
	}
	counts := map[string]int{}
	for seed := from; seed < from+count; seed++ {
		m := &mutator{Rand: rand.New(rand.NewPCG(uint64(seed), 7)), files: tree{}}
		for name, data := range bases[seed%len(bases)] {
			m.files[name] = data
			if strings.HasPrefix(name, ".git/") {
				m.names = append(m.names, name)
			}
		}
		slices.Sort(m.names)
		for range 1 + m.IntN(5) {
			m.change()
		}
		h := &hostileRepo{TB: t, dir: filepath.Join(dir, fmt.Sprint(seed))}
		h.lay(m.files)
		failed := false
		for _, args := range [][]string{{"--history"}, {"--history"}, {"--staged"}, {"--range", "main..loose"}, {"."}} {
			mode := args[0]
			began := time.Now()
			timer := time.AfterFunc(5*time.Minute, func() { panic(fmt.Sprint("hang: ", seed, mode, m.said)) })
			r := h.scan(append([]string{"--show-secrets"}, args...)...)
			timer.Stop()
			if took := time.Since(began); took > time.Minute {
				t.Errorf("%d %s: %s %v", seed, mode, took, m.said)
			}
			counts[fmt.Sprint(mode, r.code, r.Complete)]++
			if !r.Complete {
				continue
			}
			list, calm := shown(t, h.dir, mode, secrets)
			found := fmt.Sprint(r.Findings)
			for _, s := range list {
				if strings.Contains(found, s) {
					continue
				}
				if !calm {
					counts[mode+" git complains"]++
					t.Logf("%d %s: git complains, a scan does not and misses %.6s…: %v", seed, mode, s, m.said)
					continue
				}
				t.Errorf("%d %s: %.6s…, which git shows, is not found: %v", seed, mode, s, m.said)
				failed = true
				break
			}
		}
		if os.Getenv(mutationsVariable) != "" && failed {
			t.Logf("kept in %s", h.dir)
		} else {
			os.RemoveAll(h.dir)
		}
	}
	t.Log(counts)
}
