package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keyrake/fixtures"
	"keyrake/rules/example"
)

// damaged is one file of a repository that is flipped and cut everywhere.
type damaged struct {
	name string
	file string // a glob below the repository
	args []string
	make func(h *hostileRepo) // beyond damageBase
	// asks is what git says of the file. A scan may find less and call itself
	// complete only if git, without a complaint, sees less too.
	asks  []string
	heavy bool
}

// damageStamp is the repository that every damage is done to.
var damageStamp stamp

func damageBase(t testing.TB) *hostileRepo {
	t.Helper()
	h := &hostileRepo{TB: t, dir: t.TempDir()}
	damageStamp.copy(t, h.dir, (*hostileRepo).corners)
	return h
}

// cornerSecret is the secret that damageBase has in a file.
func cornerSecret(t testing.TB, name string) string {
	t.Helper()
	secret, err := example.Expand(`{{cf "cfut"}}`, "damage "+name)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// corners makes a repository with a secret in each corner: on main, on
// branches that only packed-refs and only a file name, behind a tag, in two
// stashes, and in the index.
func (h *hostileRepo) corners() {
	h.Helper()
	h.git("", "init", "-q")
	put := func(name string) {
		h.write(name, "TOKEN="+cornerSecret(h, name)+"\n")
		h.git("", "add", name)
	}
	commit := func(name string) {
		put(name)
		h.git("", "commit", "-q", "-m", name)
	}
	commit("main.txt")
	for _, name := range []string{"packed", "other", "tagged", "loose"} {
		h.git("", "checkout", "-q", "-b", name, "main")
		commit(name + ".txt")
		switch name {
		case "tagged":
			h.git("", "tag", "-a", "-m", "v1", "v1")
			h.git("", "checkout", "-q", "main")
			h.git("", "branch", "-q", "-D", "tagged")
			h.git("", "pack-refs", "--all")
		case "loose":
			h.git("", "checkout", "-q", "main")
		}
	}
	for _, name := range []string{"old", "new"} {
		put("stash-" + name + ".txt")
		h.git("", "stash", "-q")
	}
	put("staged.txt")
	h.git("", "repack", "-q", "-a", "-d", "-k")
}

var damagedFiles = []damaged{
	{name: "pack", file: ".git/objects/pack/*.pack", args: []string{"--history"}},
	{name: "pack index", file: ".git/objects/pack/*.idx", args: []string{"--history"}},
	{name: "packed-refs", file: ".git/packed-refs", args: []string{"--history"}, asks: []string{"rev-list", "--all", "--objects"}},
	{name: "packed-refs for a range", file: ".git/packed-refs", args: []string{"--range", "loose", "--since-ref", "packed"}, asks: []string{"rev-list", "--objects", "loose", "^packed"}},
	{name: "a ref", file: ".git/refs/heads/loose", args: []string{"--history"}, asks: []string{"rev-list", "--all", "--objects"}},
	{name: "HEAD", file: ".git/HEAD", args: []string{"--history"}, asks: []string{"rev-list", "--all", "--objects"}},
	{name: "HEAD, detached", file: ".git/HEAD", args: []string{"--history"}, asks: []string{"rev-list", "--all", "--objects"}, make: func(h *hostileRepo) {
		h.git("", "checkout", "-q", "--detach", "loose")
		h.git("", "branch", "-q", "-D", "loose")
	}},
	{name: "HEAD for staged", file: ".git/HEAD", args: []string{"--staged"}, asks: []string{"diff", "--cached", "--raw"}},
	{name: "config", file: ".git/config", args: []string{"--history"}, asks: []string{"rev-list", "--all", "--objects"}},
	{name: "config for files", file: ".git/config", args: []string{"."}, asks: []string{"ls-files"}},
	{name: "config for staged", file: ".git/config", args: []string{"--staged"}, asks: []string{"diff", "--cached", "--raw"}},
	{name: "stash reflog", file: ".git/logs/refs/stash", args: []string{"--history"}, asks: []string{"stash", "list", "--format=%H"}},
	{name: "HEAD reflog", file: ".git/logs/HEAD", args: []string{"--history", "--unreachable"}},
	{name: "a branch's reflog", file: ".git/logs/refs/heads/loose", args: []string{"--history"}},
	{name: "index", file: ".git/index", args: []string{"--staged"}},
	{name: "index for files", file: ".git/index", args: []string{"."}},
	{name: "index without checksum", file: ".git/index", args: []string{"--staged"}, asks: []string{"diff", "--cached", "--raw", "--diff-filter=u"}, make: func(h *hostileRepo) {
		data := h.read(".git/index")
		clear(data[len(data)-20:])
		h.write(".git/index", string(data))
	}},
	{name: "a loose blob", file: ".git/objects/??/*", args: []string{"--staged"}, make: func(h *hostileRepo) {
		h.write("staged.txt", h.secretText("loose blob"))
		h.git("", "add", "staged.txt")
	}},
	{name: "a loose blob in a history", file: ".git/objects/??/*", args: []string{"--history"}, make: func(h *hostileRepo) {
		id := h.git(h.secretText("loose blob"), "hash-object", "-w", "--stdin")
		h.git("", "tag", "blob", id)
	}},
	{name: "a loose commit for a range", file: ".git/objects/??/*", args: []string{"--range", "v1..HEAD"}, make: func(h *hostileRepo) {
		h.git("", "commit", "-q", "--allow-empty", "-m", h.secretText("loose commit"))
		h.git("", "repack", "-q", "-d")
		h.git("", "update-ref", "refs/heads/main", h.git("", "commit-tree", "-p", "HEAD", "-m", h.secretText("on top"), "HEAD^{tree}"))
	}},
	{name: "shallow", file: ".git/shallow", args: []string{"--history"}, make: func(h *hostileRepo) {
		h.git("", "commit", "-q", "-m", "second")
		h.write(".git/shallow", h.git("", "rev-parse", "HEAD")+"\n")
		h.git("", "reflog", "expire", "--expire=all", "--all")
		h.git("", "branch", "-q", "-D", "packed", "other", "loose")
		h.git("", "stash", "clear")
		h.git("", "tag", "-d", "v1")
		h.git("", "repack", "-q", "-a", "-d")
		h.git("", "prune", "--expire=now")
	}},
	{name: "cache", file: ".git/keyrake/history", args: []string{"--history"}, make: func(h *hostileRepo) {
		time.Sleep(100 * time.Millisecond) // what has just changed is not kept
		h.scan("--history")
	}},
	{name: "commit-graph", file: ".git/objects/info/commit-graph", args: []string{"--history"}, make: func(h *hostileRepo) {
		h.git("", "commit-graph", "write", "--reachable")
	}},
	{name: "commit-graph for a range", heavy: true, file: ".git/objects/info/commit-graph", args: []string{"--range", "loose"}, make: func(h *hostileRepo) {
		h.git("", "commit-graph", "write", "--reachable")
	}},
	{name: "list of commit-graphs", heavy: true, file: ".git/objects/info/commit-graphs/commit-graph-chain", args: []string{"--history"}, make: func(h *hostileRepo) {
		h.git("", "commit-graph", "write", "--reachable", "--split")
	}},
	{name: "layer of a commit-graph", file: ".git/objects/info/commit-graphs/*.graph", args: []string{"--history"}, make: func(h *hostileRepo) {
		h.git("", "commit-graph", "write", "--reachable", "--split")
	}},
	{name: "grafts", heavy: true, file: ".git/info/grafts", args: []string{"--history"}, make: func(h *hostileRepo) {
		h.write(".git/info/grafts", h.git("", "rev-parse", "main", "loose"))
		h.write(".git/info/grafts", strings.Replace(string(h.read(".git/info/grafts")), "\n", " ", 1))
	}, asks: []string{"rev-list", "--all", "--objects"}},
	{name: "list of multi-pack-indexes", heavy: true, file: ".git/objects/pack/multi-pack-index.d/multi-pack-index-chain", args: []string{"--history"}, make: func(h *hostileRepo) {
		h.git("", "multi-pack-index", "write")
		h.layerMulti()
	}},
	{name: "multi-pack-index", file: ".git/objects/pack/multi-pack-index", args: []string{"--history"}, make: func(h *hostileRepo) {
		h.git("", "multi-pack-index", "write")
	}},
	{name: "alternates", file: ".git/objects/info/alternates", args: []string{"--history"}, make: func(h *hostileRepo) {
		h.write("away/info/alternates", "")
		if err := os.Rename(h.path(".git/objects/pack"), h.path("away/pack")); err != nil {
			h.Fatal(err)
		}
		h.write(".git/objects/info/alternates", "../../away\n")
	}},
	{name: "a .git file", file: ".git", args: []string{"--history"}, make: func(h *hostileRepo) {
		if err := os.Rename(h.path(".git"), h.path("store")); err != nil {
			h.Fatal(err)
		}
		h.write(".git", "gitdir: store\n")
	}},
}

// secretText is a line with a secret of its own.
func (h *hostileRepo) secretText(seed string) string {
	h.Helper()
	secret, err := example.Expand(`{{cf "cfut"}}`, h.Name()+seed)
	if err != nil {
		h.Fatal(err)
	}
	return "TOKEN=" + secret + "\n"
}

// TestDamagedFiles flips bits at every byte of every kind of file that a scan
// reads below .git, one at a time, and cuts each at every length. Then either
// the report is the same, or it says that it is incomplete, or the command is
// refused, or the file says something else in good form, and git agrees.
func TestDamagedFiles(t *testing.T) {
	for _, d := range damagedFiles {
		t.Run(d.name, func(t *testing.T) {
			if d.heavy && os.Getenv(heavyVariable) == "" {
				t.Skipf("%s is not set", heavyVariable)
			}
			t.Parallel()
			h := damageBase(t)
			if d.make != nil {
				d.make(h)
			}
			d.run(h)
		})
	}
}

// lightSteps is how many places of a file are tried, each with another of the eight
// bits, unless all are asked for.
const lightSteps = 20

func (d damaged) run(h *hostileRepo) {
	h.Helper()
	whole := d.scan(h)
	if d.name == "shallow" != !whole.Complete || len(whole.Findings) == 0 {
		h.Fatalf("the repository is no good: complete %v, %d findings, %s", whole.Complete, len(whole.Findings), whole.stderr)
	}
	files, err := filepath.Glob(h.path(d.file))
	if err != nil || len(files) == 0 {
		h.Fatalf("%s: %v, %v", d.file, files, err)
	}
	file := files[0]
	good := readFile(h, file)
	defer os.WriteFile(file, good, 0o600)
	step, bits := 1, []byte{0, 1, 2, 3, 4, 5, 6, 7}
	if os.Getenv(heavyVariable) == "" {
		step = max(1, len(good)/lightSteps)
	}
	counts := map[string]int{}
	for at := 0; at < len(good); at += step {
		tries := [][]byte{good[:at]}
		for _, bit := range bits {
			if os.Getenv(heavyVariable) == "" && int(bit) != at/step%8 {
				continue
			}
			flipped := slices.Clone(good)
			flipped[at] ^= 1 << bit
			tries = append(tries, flipped)
		}
		for i, bad := range tries {
			os.Chmod(file, 0o600)
			if err := os.WriteFile(file, bad, 0o600); err != nil {
				h.Fatal(err)
			}
			got := d.scan(h)
			verdict := d.judge(h, whole, got)
			counts[verdict]++
			if verdict == "silent" {
				h.Errorf("byte %d of %d, try %d (%.60q): complete with %d findings of %d", at, len(good), i, around(bad, at), len(got.Findings), len(whole.Findings))
			}
		}
	}
	h.Logf("%s, %d bytes: %v", d.name, len(good), counts)
}

func around(data []byte, at int) []byte {
	return data[max(0, min(at, len(data))-30):min(len(data), at+30)]
}

// document is what the test reads of a JSON report.
type document struct {
	Complete bool
	Findings []map[string]any
	Notes    []string
}

// told is what a scan of a damaged repository says.
type told struct {
	document
	code   exitCode
	stderr string
}

func (d damaged) scan(h *hostileRepo) told { return h.scan(d.args...) }

// scan runs the command in this process.
func (h *hostileRepo) scan(args ...string) (r told) {
	h.Helper()
	env := environment{"GIT_DIR=" + h.path(".git"), "GIT_WORK_TREE=" + h.dir}
	if args[len(args)-1] == "." {
		args, env = append(args[:len(args)-1:len(args)-1], h.dir), nil
	}
	var stdout, stderr bytes.Buffer
	r.code = run(h.Context(), append([]string{"-q", "-j", "1", "--format", "json"}, args...), nil, &stdout, &stderr, env)
	r.stderr = stderr.String()
	if stdout.Len() == 0 {
		return r
	}
	if err := json.Unmarshal(stdout.Bytes(), &r.document); err != nil {
		h.Fatal(err)
	}
	want := exitClean
	if len(r.Findings) > 0 {
		want = exitFindings
	} else if !r.Complete {
		want = exitIncomplete
	}
	if r.code != want {
		h.Errorf("exit code %d for a report with %d findings, complete %v", r.code, len(r.Findings), r.Complete)
	}
	return r
}

// judge says what came of one damage: "refused", "same", "incomplete", "git
// agrees", or "silent", which is wrong.
func (d damaged) judge(h *hostileRepo, whole, got told) string {
	switch {
	case got.Findings == nil && (got.code == exitUsage || got.code == exitIncomplete):
		if len(strings.TrimSpace(got.stderr)) < 10 {
			h.Errorf("refused without a cause: %q", got.stderr)
		}
		return "refused"
	case !got.Complete:
		return "incomplete"
	case slices.Equal(told.keys(whole), told.keys(got)):
		return "same"
	case d.asks == nil:
		return "silent"
	}
	if d.args[0] == "--range" && strings.Contains(fmt.Sprint(got.Notes), "is not in this repository") && containsAll(got.keys(), whole.keys()) {
		return "noted" // less was left out
	}
	cmd := exec.Command("git", d.asks...)
	cmd.Dir, cmd.Env = h.dir, append(os.Environ(), fixtures.Environ()...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		return "silent" // git refuses it, or warns
	}
	for _, f := range whole.Findings {
		if slices.Contains(got.keys(), keyOf(f)) {
			continue
		}
		// What is lost is what git does not see either.
		if object, path := fmt.Sprint(f["blob"]), fmt.Sprint(f["path"]); strings.Contains(stdout.String(), object) || d.asks[0] != "rev-list" && strings.Contains(stdout.String(), path) {
			return "silent"
		}
	}
	return "git agrees"
}

func containsAll(list, part []string) bool {
	return !slices.ContainsFunc(part, func(k string) bool { return !slices.Contains(list, k) })
}

// keys are what tells the findings of a report apart.
func (r told) keys() (keys []string) {
	for _, f := range r.Findings {
		keys = append(keys, keyOf(f))
	}
	slices.Sort(keys)
	return keys
}

func keyOf(f map[string]any) string {
	return fmt.Sprint(f["fingerprint"], f["rule"], f["severity"], f["confidence"], f["path"], f["blob"], f["line"], f["column"], f["offset"])
}
