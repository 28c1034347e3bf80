package scanner

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
)

// oracle knows a history from git's own output: no pack reader, no links and no
// sets of ours. It asks every question about every commit.
type oracle struct {
	t       *testing.T
	dir     string
	order   []string // parents first
	parents map[string][]string
	tree    map[string]string
	head    string
	refs    [][2]string       // full name, commit that it peels to or ""
	said    map[string]string // what git said, once nothing changes any more; nil before
}

func (o *oracle) git(stdin string, args ...string) string {
	o.t.Helper()
	question := strings.Join(args, "\x00")
	if out, ok := o.said[question]; ok && stdin == "" {
		return out
	}
	cmd := exec.Command("git", args...)
	cmd.Dir = o.dir
	cmd.Env = append(fixtures.Environ(), "PATH="+os.Getenv("PATH"), "HOME="+o.dir, "GIT_NO_LAZY_FETCH=1",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE="+os.DevNull)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		o.t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, stderr.String())
	}
	answer := strings.TrimRight(string(out), "\n")
	if o.said != nil && stdin == "" {
		o.said[question] = answer
	}
	return answer
}

func (o *oracle) lines(args ...string) []string {
	return strings.FieldsFunc(o.git("", args...), func(r rune) bool { return r == '\n' })
}

func newOracle(t *testing.T, dir string) *oracle {
	o := &oracle{t: t, dir: dir, parents: map[string][]string{}, tree: map[string]string{}, said: map[string]string{}}
	o.head = o.git("", "rev-parse", "HEAD")
	for _, line := range o.lines("log", "--all", "--topo-order", "--reverse", "--format=%H %T %P", "HEAD") {
		f := strings.Fields(line)
		o.order = append(o.order, f[0])
		o.tree[f[0]], o.parents[f[0]] = f[1], f[2:]
	}
	for _, line := range o.lines("for-each-ref", "--format=%(refname) %(objectname) %(*objectname)") {
		f := strings.Fields(line)
		o.refs = append(o.refs, [2]string{f[0], f[len(f)-1]})
	}
	return o
}

// entry is a blob at a path of some tree.
type entry struct{ path, blob string }

// holds are the commits that hold what a finding is about.
type holds struct {
	trees, messages map[string]bool
	objects         map[string]bool // blobs, commits and tags that hold it
}

// check compares one finding's exposure with what git tells.
func (o *oracle) check(f *finding.Finding, h holds, reaches func(ref [2]string) bool) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	x := f.Exposure
	has := func(c string) bool { return h.trees[c] || h.messages[c] }
	beforeHead := o.closure([]string{o.head}, o.parents)
	children := map[string][]string{}
	for c, list := range o.parents {
		for _, p := range list {
			children[p] = append(children[p], c)
		}
	}
	inHead := h.trees[o.head]
	if f.InHead != inHead {
		fault("in HEAD: %t, git says %t", f.InHead, inHead)
	}
	var introduced []string
	ever, everTree := map[string]bool{}, map[string]bool{} // it or an ancestor has
	first := map[string]bool{}
	for _, c := range o.order {
		fresh, before := h.trees[c], false
		for _, p := range o.parents[c] {
			fresh = fresh && !h.trees[p]
			before = before || ever[p]
			everTree[c] = everTree[c] || everTree[p]
		}
		ever[c] = before || has(c)
		everTree[c] = everTree[c] || h.trees[c]
		if fresh || h.messages[c] {
			introduced = append(introduced, c)
		}
		if has(c) && !before {
			first[c] = true
		}
	}
	if id := idOf(x.First); id == "" && len(first) > 0 || id != "" && !first[id] {
		fault("first %q, git says one of %v", id, first)
	}
	got := slices.Sorted(slices.Values(x.Introduced))
	if slices.Sort(introduced); len(introduced) <= 100 && !slices.Equal(got, introduced) || len(introduced) > 100 && len(got) != 100 {
		fault("introduced by %v, git says %v", got, introduced)
	}
	o.checkLast(x, h, inHead, beforeHead, children, fault)
	removals := map[string]bool{}
	for c := range beforeHead {
		taken, kept := false, true
		for _, p := range o.parents[c] {
			taken = taken || h.trees[p]
			kept = kept && (h.trees[p] || !everTree[p])
		}
		if taken && kept && !h.trees[c] && !inHead {
			removals[c] = true
		}
	}
	if id := idOf(x.Removed); id == "" && len(removals) > 0 || id != "" && !o.isLast(id, removals, children) {
		fault("removed by %q, git says one of %v", id, removals)
	}
	o.checkRefs(x, reaches, fault)
	return faults
}

func (o *oracle) checkLast(x *finding.Exposure, h holds, inHead bool, beforeHead map[string]bool, children map[string][]string, fault func(string, ...any)) {
	among := map[string]bool{}
	for c := range h.trees {
		if h.trees[c] && beforeHead[c] {
			among[c] = true
		}
	}
	if len(among) == 0 {
		among = h.trees
	}
	if id := idOf(x.Last); inHead != (id == "") && len(among) > 0 || id != "" && !o.isLast(id, among, children) {
		fault("last %q, git says one of %v (in HEAD: %t)", id, among, inHead)
	}
}

// isLast tells whether c is among and none of its descendants is.
func (o *oracle) isLast(c string, among map[string]bool, children map[string][]string) bool {
	for d := range o.closure(children[c], children) {
		if among[d] {
			return false
		}
	}
	return among[c]
}

func (o *oracle) closure(from []string, next map[string][]string) map[string]bool {
	met := map[string]bool{}
	for todo := slices.Clone(from); len(todo) > 0; {
		c := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !met[c] {
			met[c] = true
			todo = append(todo, next[c]...)
		}
	}
	return met
}

func (o *oracle) checkRefs(x *finding.Exposure, reaches func([2]string) bool, fault func(string, ...any)) {
	want := map[string][]string{}
	for _, ref := range o.refs {
		if !reaches(ref) {
			continue
		}
		kind, name := "other", ref[0]
		for prefix, k := range map[string]string{"refs/heads/": "branch", "refs/tags/": "tag", "refs/remotes/": "remote", "refs/pull/": "pull"} {
			if rest, ok := strings.CutPrefix(ref[0], prefix); ok {
				kind = k
				if k != "pull" {
					name = rest
				}
			}
		}
		if kind == "remote" && strings.HasSuffix(name, "/HEAD") {
			continue
		}
		want[kind] = append(want[kind], name)
	}
	for k, list := range want {
		want[k] = list[:min(len(list), 100)]
	}
	others := slices.Concat(want["pull"], want["other"])
	slices.Sort(others)
	for _, pair := range [][2][]string{{x.Branches, want["branch"]}, {x.Tags, want["tag"]}, {x.Remotes, want["remote"]}, {x.Others, others}} {
		if !slices.Equal(pair[0], pair[1]) {
			fault("refs %q, git says %q", pair[0], pair[1])
		}
	}
	if pushed := len(want["remote"])+len(want["pull"]) > 0; x.Pushed != pushed {
		fault("pushed: %t, git says %t", x.Pushed, pushed)
	}
}

func idOf(c *finding.Commit) string {
	if c == nil {
		return ""
	}
	return c.ID
}

// TestExposureOracle holds attribution against git on histories made here:
// merges, roots, renames, copies, secrets that go and come back, in files,
// messages and tags, with grafts and replace refs to mislead.
func TestExposureOracle(t *testing.T) {
	seeds := 40
	if testing.Short() {
		seeds = 6
	}
	total := 0
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir, secrets := tale(t, uint64(seed))
			total += againstContents(t, dir, secrets)
		})
	}
	t.Logf("%d repositories, %d findings", seeds, total)
	if total < 5*seeds {
		t.Errorf("only %d findings were compared", total)
	}
}

// againstContents finds the holders of each secret in the bytes that git
// prints of each object.
func againstContents(t *testing.T, dir string, secrets []string) int {
	r, err := History(t.Context(), Options{Rules: rules.Builtin(), Jobs: 2, MemoryLimit: 64 << 20}, GitEnv{Path: dir})
	if err != nil || !r.Coverage.Complete() {
		t.Fatalf("%v, gaps %v", err, r.Coverage.Gaps)
	}
	o := newOracle(t, dir)
	content, all := map[string]string{}, map[string]bool{}
	objects := newTreeReader(t, o, all)
	defer objects.close()
	for _, line := range o.lines("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)") {
		if id, typ, _ := strings.Cut(line, " "); typ != "tree" {
			content[id], all[id] = string(objects.object(id, typ)), true
		}
	}
	entries := map[string][]entry{}
	for _, c := range o.order {
		entries[c] = objects.read(o.tree[c])
	}
	listed := map[string]string{}
	for _, ref := range o.refs {
		listed[ref[0]] = o.git("", "rev-list", "--objects", "--no-object-names", ref[0])
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		secret := f.Secret.Reveal()
		if !slices.Contains(secrets, secret) {
			t.Errorf("%s is none of ours", f.Secret)
			continue
		}
		weak := !finding.Unguessable(secret)
		h := holds{map[string]bool{}, map[string]bool{}, map[string]bool{}}
		for id, text := range content {
			h.objects[id] = strings.Contains(text, secret)
		}
		for _, c := range o.order {
			h.messages[c] = h.objects[c] && (!weak || f.Places[0].Path == "")
			for _, e := range entries[c] {
				if h.objects[e.blob] && (!weak || e.path == f.Places[0].Path) {
					h.trees[c] = true
				}
			}
		}
		for _, fault := range o.check(f, h, func(ref [2]string) bool {
			for id := range strings.Lines(listed[ref[0]]) {
				id = strings.TrimSpace(id)
				if weak && (h.trees[id] || h.messages[id]) || !weak && h.objects[id] {
					return true
				}
			}
			return false
		}) {
			t.Errorf("%s in %q: %s", f.Secret, f.Exposure.Paths, fault)
		}
	}
	return len(r.Findings)
}

// teller writes a random history for "git fast-import".
type teller struct {
	rng      *rand.Rand
	out      strings.Builder
	secrets  []string // strong ones, then weak ones
	strong   int
	branches []string
	files    map[string][]string // per branch
	clock    int
}

var talePaths = []string{"a.txt", "b.env", "lib/a.txt", "lib/deep/c.py", "lib/deep/er/d", "x y/ü"}

func (s *teller) data(text string) { fmt.Fprintf(&s.out, "data %d\n%s\n", len(text), text) }

// text is a file or message with some of the secrets, or none.
func (s *teller) text(weak bool) string {
	text := fmt.Sprintf("line %d\n", s.rng.IntN(6))
	for range s.rng.IntN(3) {
		i := s.rng.IntN(len(s.secrets))
		switch {
		case i < s.strong:
			text += "token = \"" + s.secrets[i] + "\"\n"
		case weak:
			text += "db_password = \"" + s.secrets[i] + "\"\n"
		}
	}
	return text
}

func (s *teller) edit(b string) {
	p := pickOf(s.rng, talePaths)
	have := s.files[b]
	switch n := s.rng.IntN(10); {
	case n == 0 && len(have) > 0:
		p = pickOf(s.rng, have)
		fmt.Fprintf(&s.out, "D \"%s\"\n", p)
		s.files[b] = slices.DeleteFunc(slices.Clone(have), func(q string) bool { return q == p })
		return
	case n == 1 && len(have) > 0:
		from := pickOf(s.rng, have)
		fmt.Fprintf(&s.out, "R \"%s\" \"moved%d\"\n", from, s.rng.IntN(3))
		s.files[b] = slices.DeleteFunc(slices.Clone(have), func(q string) bool { return q == from })
		return
	case n == 2 && len(have) > 0:
		fmt.Fprintf(&s.out, "C \"%s\" \"copy/%d\"\n", pickOf(s.rng, have), s.rng.IntN(3))
		return
	}
	fmt.Fprintf(&s.out, "M 100644 inline \"%s\"\n", p)
	s.data(s.text(true))
	if !slices.Contains(have, p) {
		s.files[b] = append(slices.Clone(have), p)
	}
}

func pickOf[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

func (s *teller) commit() {
	b := fmt.Sprintf("refs/heads/b%d", s.rng.IntN(5))
	known := slices.Contains(s.branches, b)
	s.clock += s.rng.IntN(90_000) - 20_000 // clocks go wrong
	fmt.Fprintf(&s.out, "commit %s\ncommitter A <a@example.com> %d +0000\n", b, 1_600_000_000+s.clock)
	message := "message"
	if s.rng.IntN(12) == 0 {
		message += "\n\n" + s.text(false)
	}
	s.data(message)
	if !known && len(s.branches) > 0 && s.rng.IntN(3) > 0 {
		from := pickOf(s.rng, s.branches)
		fmt.Fprintf(&s.out, "from %s\n", from)
		s.files[b] = s.files[from]
	}
	if len(s.branches) > 0 && s.rng.IntN(3) == 0 {
		for _, i := range s.rng.Perm(len(s.branches))[:1+s.rng.IntN(min(2, len(s.branches)))] {
			if s.branches[i] != b {
				fmt.Fprintf(&s.out, "merge %s\n", s.branches[i])
			}
		}
	}
	for range s.rng.IntN(3) {
		s.edit(b)
	}
	if !known {
		s.branches = append(s.branches, b)
	}
}

// tale makes a bare repository, and returns the secrets that may be in it.
func tale(t *testing.T, seed uint64) (dir string, secrets []string) {
	dir = t.TempDir()
	o := &oracle{t: t, dir: dir}
	o.git("", "init", "-q", "--bare", ".")
	s := &teller{rng: rand.New(rand.NewPCG(seed, 7)), files: map[string][]string{}}
	for i := range 4 {
		s.secrets = append(s.secrets, expand(t, `{{cf "cfut"}}`, fmt.Sprint("strong ", seed, i)))
	}
	s.strong = len(s.secrets)
	for i := range 2 {
		s.secrets = append(s.secrets, expand(t, "{{alnum 9}}", fmt.Sprint("weak ", seed, i)))
	}
	for range 10 + s.rng.IntN(40) {
		s.commit()
	}
	o.git(s.out.String(), "fast-import", "--quiet", "--force")
	o.git("", "symbolic-ref", "HEAD", s.branches[0])
	commits := o.lines("rev-list", "--all")
	tagged := pickOf(s.rng, commits)
	var refs strings.Builder
	ref := func(name, id string) { fmt.Fprintf(&refs, "update %s %s\n", name, id) }
	for i := range 3 {
		text := fmt.Sprintf("object %s\ntype commit\ntag t%d\ntagger A <a@example.com> 5 +0000\n\n%s", pickOf(s.rng, commits), i, s.text(false))
		ref(fmt.Sprintf("refs/tags/t%d", i), o.git(text, "mktag"))
		ref(fmt.Sprintf("refs/%s/%d", []string{"pull", "remotes/origin", "odd"}[i], seed), pickOf(s.rng, commits))
	}
	lone := o.git(s.text(false), "hash-object", "-w", "--stdin")
	ref("refs/tags/blob", lone)
	ref("refs/tags/tree", o.git("100644 blob "+lone+"\tin\n", "mktree"))
	if len(commits) > 3 { // as long as git is asked to heed them
		ref("refs/replace/"+commits[0], commits[len(commits)-1])
		grafts := commits[1] + "\n" + commits[0] + " " + tagged + "\n"
		if err := os.WriteFile(filepath.Join(dir, "info", "grafts"), []byte(grafts), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.git(refs.String(), "update-ref", "--stdin")
	if s.rng.IntN(2) == 0 {
		o.git("", "repack", "-adfq")
	}
	return dir, s.secrets
}

// TestExposureOfRepositories holds the attribution of what is found in the
// histories that KEYRAKE_TEST_REPOS names against their trees as "git cat-file"
// prints them.
func TestExposureOfRepositories(t *testing.T) {
	list := os.Getenv("KEYRAKE_TEST_REPOS")
	if list == "" {
		t.Skip("KEYRAKE_TEST_REPOS names no repositories")
	}
	for _, dir := range filepath.SplitList(list) {
		t.Run(filepath.Base(filepath.Dir(dir)), func(t *testing.T) { againstTrees(t, dir) })
	}
}

func againstTrees(t *testing.T, dir string) {
	r, err := History(t.Context(), Options{Rules: rules.Builtin(), Jobs: 2, MemoryLimit: 256 << 20}, GitEnv{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	o := newOracle(t, dir)
	wanted := map[string]bool{}
	for i := range r.Findings {
		for _, p := range r.Findings[i].Places {
			wanted[p.Object] = true
		}
	}
	trees := newTreeReader(t, o, wanted)
	defer trees.close()
	where := map[entry][]string{} // commits
	for _, c := range o.order {
		for _, e := range trees.read(o.tree[c]) {
			where[e] = append(where[e], c)
		}
	}
	paths := map[string][]entry{}
	for e := range where {
		paths[e.blob] = append(paths[e.blob], e)
	}
	faults := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		weak := !finding.Unguessable(f.Secret.Reveal())
		h := holds{map[string]bool{}, map[string]bool{}, map[string]bool{}}
		for _, p := range f.Places {
			h.objects[p.Object] = true
			h.messages[p.Object] = p.Kind == finding.CommitMessage
			for _, e := range paths[p.Object] {
				for _, c := range where[e] {
					if !weak || e.path == p.Path {
						h.trees[c] = true
					}
				}
			}
		}
		ever := map[string]bool{}
		for _, c := range o.order {
			ever[c] = h.trees[c] || h.messages[c] || slices.ContainsFunc(o.parents[c], func(p string) bool { return ever[p] })
		}
		tag := slices.ContainsFunc(f.Places, func(p finding.Place) bool { return p.Kind == finding.TagMessage })
		for _, fault := range o.check(f, h, func(ref [2]string) bool { return ever[ref[1]] }) {
			if tag && strings.HasPrefix(fault, "refs") {
				continue // here refs are peeled
			}
			faults++
			t.Errorf("finding %d %s %s: %s", i, f.Rule.ID, f.Fingerprint, fault[:min(len(fault), 600)])
		}
	}
	t.Logf("%d commits, %d refs, %d findings, %d differences", len(o.order), len(o.refs), len(r.Findings), faults)
}

// treeReader lists wanted blobs below trees, each tree read once.
type treeReader struct {
	t      *testing.T
	wanted map[string]bool
	known  map[string][]entry
	in     io.WriteCloser
	out    *bufio.Reader
	cmd    *exec.Cmd
}

func newTreeReader(t *testing.T, o *oracle, wanted map[string]bool) *treeReader {
	cmd := exec.Command("git", "cat-file", "--batch")
	cmd.Dir = o.dir
	cmd.Env = append(fixtures.Environ(), "PATH="+os.Getenv("PATH"), "GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1")
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := cmp.Or(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	return &treeReader{t, wanted, map[string][]entry{}, in, bufio.NewReaderSize(out, 1<<20), cmd}
}

func (r *treeReader) close() {
	r.in.Close()
	if err := r.cmd.Wait(); err != nil {
		r.t.Error(err)
	}
}

// object is what git prints of one.
func (r *treeReader) object(id, typ string) []byte {
	fmt.Fprintln(r.in, id)
	head, err := r.out.ReadString('\n')
	var size int
	if _, e := fmt.Sscanf(head, id+" "+typ+" %d", &size); err != nil || e != nil {
		r.t.Fatalf("git says %q of %s %s, %v", head, typ, id, err)
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(r.out, data); err != nil {
		r.t.Fatal(err)
	}
	return data[:size]
}

func (r *treeReader) read(tree string) []entry {
	if list, ok := r.known[tree]; ok {
		return list
	}
	var list []entry
	for data := r.object(tree, "tree"); len(data) > 0; {
		mode, rest, _ := bytes.Cut(data, []byte(" "))
		name, rest, _ := bytes.Cut(rest, []byte{0})
		id := hex.EncodeToString(rest[:20])
		data = rest[20:]
		if string(bytes.TrimLeft(mode, "0")) == "40000" { // some old programs padded it
			for _, e := range r.read(id) {
				list = append(list, entry{string(name) + "/" + e.path, e.blob})
			}
		} else if r.wanted[id] {
			list = append(list, entry{string(name), id})
		}
	}
	r.known[tree] = list
	return list
}

// TestExposureInRounds: with little memory many secrets are traced a few at a
// time, and the report is the same.
func TestExposureInRounds(t *testing.T) {
	dir := t.TempDir()
	o := &oracle{t: t, dir: dir}
	o.git("", "init", "-q", "--bare", ".")
	var out strings.Builder
	for i := range 40 {
		fmt.Fprintf(&out, "commit refs/heads/main\ncommitter A <a@example.com> %d +0000\ndata 1\nm\n", 1_600_000_000+i)
		var text strings.Builder
		for k := range 8 {
			fmt.Fprintln(&text, "token:", expand(t, `{{cf "cfut"}}`, fmt.Sprint(i*5+k)))
		}
		fmt.Fprintf(&out, "M 100644 inline f%d\ndata %d\n%s\n", i%3, text.Len(), text.String())
	}
	o.git(out.String(), "fast-import", "--quiet")
	o.git("", "symbolic-ref", "HEAD", "refs/heads/main")
	var reports [2]string
	for i, memory := range []int64{4000, 64 << 20} {
		r, err := History(t.Context(), Options{Rules: rules.Builtin(), Jobs: 2, MemoryLimit: memory}, GitEnv{Path: dir})
		if err != nil || len(r.Findings) < 3*64 {
			t.Fatal(err, len(r.Findings))
		}
		for _, f := range r.Findings {
			x := f.Exposure
			reports[i] += fmt.Sprintln(f.Fingerprint, idOf(x.First), x.Introduced, idOf(x.Last), idOf(x.Removed), x.Branches)
		}
	}
	if reports[0] != reports[1] {
		t.Error("the reports differ")
	}
}
