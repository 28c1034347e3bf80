package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"keyrake/scanner/finding"
)

// Plan is what a clean-up sheet says beyond the findings.
type Plan struct {
	List     string   // file of the replacements, as it is typed in a shell; "" if none was asked for
	Entries  int      // in the list
	Omitted  []string // masked secrets that are too short for it
	Blobs    []string // objects that a replacement of text leaves as they are
	Messages bool     // some secrets are in messages
	Logs     []string // reflogs that keep old commits
	Borrowed []string // object directories of others
}

// Cleanup writes an ordered sheet: what to revoke, what to rewrite and how, what
// keeps the old objects, and how to prove that they are gone.
func Cleanup(w io.Writer, r *finding.Report, p *Plan, opt Options) error {
	out := bufio.NewWriter(w)
	t := textWriter{
		out: out, opt: opt, colors: newPalette(opt.Color), width: proseWidth(opt.Width),
		redact: redactor(r, opt), source: r.Coverage.Source,
	}
	if len(r.Findings) > 0 {
		s := sheet{textWriter: &t, plan: p, report: r}
		s.rotate()
		s.untrack()
		s.remove()
		s.rewrite()
		s.keepers()
		s.prove()
	}
	t.gaps(r.Coverage.Gaps)
	t.notes(r.Coverage.Notes)
	t.summary(r)
	return out.Flush()
}

// sheet writes the steps of a clean-up, numbered.
type sheet struct {
	*textWriter
	plan   *Plan
	report *finding.Report
	n      int
	whole  map[string]bool // files that go as a whole, once they were asked for
}

func (s *sheet) step(title string) {
	s.n++
	fmt.Fprintf(s.out, "%s\n", s.colors.title.Sprintf("%d. %s", s.n, title))
}

func (s *sheet) say(text string) {
	for _, line := range wrap(text, s.width-3) {
		fmt.Fprintf(s.out, "   %s\n", line)
	}
}

func (s *sheet) command(text string) { fmt.Fprintf(s.out, "     %s\n", s.safe(text)) }

// rotate lists what others can have: taking it out of the history does not take
// it from them.
func (s *sheet) rotate() {
	public, mine, files := 0, 0, 0
	for i := range s.report.Findings {
		if isFile(&s.report.Findings[i]) {
			files++
		} else if x := s.report.Findings[i].Exposure; x != nil && x.Local {
			mine++
		} else {
			public++
		}
	}
	if public > 0 {
		s.step(fmt.Sprintf("Rotate %s first: others can have %s, and no rewrite takes %[2]s back", count(public, "secret"), themOf(public)))
		s.list(func(f *finding.Finding) bool { return !isFile(f) && (f.Exposure == nil || !f.Exposure.Local) })
	}
	if mine > 0 {
		noun := "secret"
		if public > 0 {
			noun = "more secret"
		}
		s.step(fmt.Sprintf("Rotate %s unless you are sure that this repository alone has %s", count(mine, noun), themOf(mine)))
		s.list(func(f *finding.Finding) bool { return !isFile(f) && f.Exposure != nil && f.Exposure.Local })
	}
	if files > 0 {
		s.step("Rotate every value that " + count(files, "file") + " ever held, unless you are sure that nobody else has them")
		s.list(isFile)
	}
}

// themOf is the pronoun for so many.
func themOf(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// list lists findings, those with the same remedy together.
func (s *sheet) list(of func(*finding.Finding) bool) {
	done := map[string]bool{} // remedies
	for i := range s.report.Findings {
		first := &s.report.Findings[i]
		if !of(first) || done[first.Rule.Remedy] {
			continue
		}
		done[first.Rule.Remedy] = true
		for k := i; k < len(s.report.Findings); k++ {
			if f := &s.report.Findings[k]; of(f) && f.Rule.Remedy == first.Rule.Remedy {
				s.entry(f)
			}
		}
		s.say("  do: " + s.safe(first.Rule.Remedy))
	}
	s.out.WriteByte('\n')
}

// entry is a finding in a list: what it is, what it is used with, and where.
func (s *sheet) entry(f *finding.Finding) {
	fmt.Fprintf(s.out, "   %s\n", s.headline(f))
	for k := range f.Tied().Parts {
		s.say("  with " + s.part(&f.Tied().Parts[k]))
	}
	s.say("  at " + s.location(&f.Places[0]) + more(len(f.Places)-1, "further place"))
}

// more writes " and 3 further places", or nothing for none.
func more(n int, noun string) string {
	if n <= 0 {
		return ""
	}
	return " and " + count(n, noun)
}

// remove lists what HEAD holds: a rewrite of old commits is worth nothing while
// the next one brings the secret again.
func (s *sheet) remove() {
	var at []string
	files := s.files(true)
	for i := range s.report.Findings {
		if isFile(&s.report.Findings[i]) {
			continue
		}
		for _, f := range s.report.Findings[i].Alone() {
			for k := range f.Places {
				if p := &f.Places[k]; p.InHead && !slices.Contains(files, p.Path) {
					at = append(at, s.location(p))
				}
			}
		}
		if x := s.report.Findings[i].Exposure; x != nil {
			for k := range x.SameText {
				at = append(at, s.location(&x.SameText[k]))
			}
		}
	}
	if len(at) == 0 {
		return
	}
	slices.Sort(at)
	at = slices.Compact(at)
	title := "Take them out of the files of HEAD, and let the program read them from elsewhere"
	if !s.byHand(s.localGroups()) {
		title += "; commit that" // a rewrite ends with a hard reset
	}
	s.step(title)
	for _, text := range at {
		fmt.Fprintf(s.out, "   %s\n", text)
	}
	s.out.WriteByte('\n')
}

// rewrite gives the commands that take the secrets out of old commits.
func (s *sheet) rewrite() {
	s.step("Rewrite the history")
	local := s.local()
	if s.plan.Entries > 0 {
		s.replace(local)
	}
	s.forget()
	if slices.ContainsFunc(s.report.Findings, func(f finding.Finding) bool { return f.Exposure == nil || !f.Exposure.Local }) {
		s.say("It removes the remote, so that nothing is pushed by mistake. If there was one, add it again and replace what it has:")
		s.command("git push --force --all && git push --force --tags")
		if others := s.pushedOthers(); len(others) > 0 {
			s.say("That sends branches and tags alone. If the remote has these too:")
			s.command("git push --force origin " + strings.Join(others, " "))
		}
	}
	s.out.WriteByte('\n')
}

// replace gives the command that takes texts out of all versions.
func (s *sheet) replace(local bool) {
	list := s.plan.List
	if list == "" {
		list = "../secrets.txt"
		s.say("Write the list of replacements, outside the work tree; it holds the secrets, so delete it in the end:")
		s.command("scan plan --filter-repo " + list)
	} else {
		s.say(fmt.Sprintf("%s written to the list. It holds the secrets: delete it in the end.", were(s.plan.Entries, "text")))
	}
	if local {
		s.say("Or, once that is committed, let it be rewritten everywhere:")
	}
	text := "git filter-repo --force --replace-text " + list
	if s.plan.Messages {
		text += " --replace-message " + list
	}
	if n := len(s.plan.Blobs); n > 0 { // first: the replacement gives some of them other names
		s.say("It passes over what is binary or holds a secret in another encoding: " + count(n, "blob") + ". Mend the files, and strip the old versions, before the rest is replaced:")
		s.command("git filter-repo --force --strip-blobs-with-ids IDS   # a file with these, one a line:")
		for _, name := range s.plan.Blobs {
			s.command("  " + name)
		}
		s.say("Then:")
	}
	s.command(text)
	if len(s.plan.Omitted) > 0 {
		s.say("Too short to be replaced wherever they occur: " + Clean(strings.Join(s.plan.Omitted, ", ")) + ". Take these out by hand.")
	}
}

// pushedOthers are refs that hold secrets and are no branches, tags or stashes, nor made by a host:
// notes, and what people push for themselves.
func (s *sheet) pushedOthers() (list []string) {
	for i := range s.report.Findings {
		if x := s.report.Findings[i].Exposure; x != nil {
			for _, name := range x.Others {
				if strings.HasPrefix(name, "refs/") && !finding.IsHostRef(name) {
					list = append(list, finding.Quote(s.safe(name)))
				}
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// keepers lists what holds on to old objects after a rewrite.
func (s *sheet) keepers() {
	var tags, remotes, others []string
	for i := range s.report.Findings {
		if x := s.report.Findings[i].Exposure; x != nil {
			tags, remotes, others = append(tags, x.Tags...), append(remotes, x.Remotes...), append(others, x.Others...)
		}
	}
	s.step("Let go of the old objects, which are kept by")
	for _, kind := range []struct {
		noun, advice string
		names        []string
	}{
		{"tags", "they are rewritten with the branches; whoever fetched one keeps the old", tags},
		{"remote-tracking refs", "fetch with --prune after the push", remotes},
		{"other refs", "drop stashes, delete backups; those of pull requests only the host can delete", others},
		{"reflogs", "expired below", s.plan.Logs},
		{"object directories of other repositories", "clean those up too", s.plan.Borrowed},
	} {
		slices.Sort(kind.names)
		if names := slices.Compact(kind.names); len(names) > 0 {
			shown := names[:min(len(names), namesShown)]
			s.say(fmt.Sprintf("- %s %s%s: %s", kind.noun, s.safe(strings.Join(shown, ", ")), moreNames(len(names)-len(shown)), kind.advice))
		}
	}
	s.say("- every other clone and fork: each has to be cloned anew, or one push brings the secrets back")
	s.command(finding.LetGo)
	s.out.WriteByte('\n')
}

func (s *sheet) prove() {
	if s.plan.Entries == 0 {
		s.step("Prove that nothing is left here")
		s.command("scan --history")
		s.out.WriteByte('\n')
		return
	}
	s.step("Prove that nothing is left here, and delete the list")
	list := s.plan.List
	if list == "" {
		list = "../secrets.txt"
	}
	s.command("scan verify-gone " + list)
	s.out.WriteByte('\n')
}

func moreNames(n int) string {
	if n <= 0 {
		return ""
	}
	return " and " + group(n) + " more"
}
