package checklist

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/worker"
)

// hardCoded answers whether files or history hold a key.
func (c *checker) hardCoded() (list []Evidence) {
	told := map[string]bool{}
	head := map[string]bool{} // rule and path of what HEAD holds
	for _, r := range []*finding.Report{c.History, c.Files} {
		if r == nil {
			continue
		}
		list = append(list, read(r)...)
		for i := range r.Findings {
			f := &r.Findings[i]
			at := f.Rule.ID + "\x00" + f.Places[0].Path
			if told[f.Fingerprint] || r == c.Files && head[at] {
				continue
			}
			for _, p := range f.Places {
				head[f.Rule.ID+"\x00"+p.Path] = head[f.Rule.ID+"\x00"+p.Path] || p.InHead
			}
			told[f.Fingerprint] = true
			list = append(list, hardCodedKey(f, r == c.History))
		}
	}
	if c.History == nil {
		list = append(list, Evidence{Status: Unknown, Text: "there is no git repository, so no history was read", Remedy: "run it where the repository is"})
	}
	return append(list, c.ignored()...)
}

func hardCodedKey(f *finding.Finding, past bool) Evidence {
	at := &f.Places[0]
	for i := range f.Places {
		if f.Places[i].InHead {
			at = &f.Places[i] // the one that a person can open
			break
		}
	}
	text := f.Rule.Title
	switch {
	case past && f.InHead:
		text += ", in HEAD and in history"
	case past && at.Path == "":
		text += fmt.Sprintf(", in %s %.10s", strings.TrimSuffix(at.Kind.String(), "-message"), at.Object)
	case past:
		text += ", removed from HEAD but still in history"
	default:
		text += ", in a file that no commit holds yet"
	}
	return Evidence{worst(f), worker.Place{Path: at.Path, Line: at.Line}, text, f.Rule.Remedy}
}

// worst is what a finding makes of its row. One of low severity, such as a
// password that a person made up for a test, is for a person to look at. A
// tracked .env.production is of low severity elsewhere, where build tools mean it
// to hold settings; wrangler reads it as local secrets.
func worst(fs ...*finding.Finding) Status {
	for _, f := range fs {
		if f.Severity >= rules.Medium || f.Rule.ID == rules.EnvMode {
			return Fail
		}
	}
	return Unknown
}

// read says what a scan saw: the evidence of a row that passes.
func read(r *finding.Report) []Evidence {
	v := &r.Coverage
	if n := len(v.Gaps); n > 0 {
		return []Evidence{{Status: Unknown, Text: fmt.Sprintf("%s: %s could not be read, first %s: %s", v.Source, count(n, "thing"), v.Gaps[0].What, v.Gaps[0].Reason),
			Remedy: "read what is missing, then run this again"}}
	}
	if v.Source == "files" && v.Files.Reached == 0 && len(r.Findings) == 0 {
		return []Evidence{{Status: Note, Text: "files: there is none to search"}}
	}
	text := fmt.Sprintf("files: %d of %d searched, %s found", v.Files.Read, v.Files.Reached, count(len(r.Findings), "key"))
	if v.Source == "history" {
		if v.Blobs.Reached == 0 {
			return []Evidence{{Status: Note, Text: "history: there is no commit yet"}}
		}
		text = fmt.Sprintf("history: %s in %s searched, %s found", count(v.Blobs.Read, "version")+" of files", count(v.Commits.Read, "commit"), count(len(r.Findings), "key"))
	}
	if n := len(r.Suppressed); n > 0 {
		text += fmt.Sprintf(", %d accepted", n)
	}
	if len(r.Findings) > 0 {
		var all []*finding.Finding
		for i := range r.Findings {
			all = append(all, &r.Findings[i])
		}
		return []Evidence{{Status: worst(all...), Text: text}}
	}
	return []Evidence{{Status: Pass, Text: text}}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// ignored looks whether git would take the files that hold local secrets.
func (c *checker) ignored() (list []Evidence) {
	if c.Ignored == nil {
		return nil
	}
	for _, w := range c.Project.Workers {
		var open []string
		// What a build of Vite copies stands below dist, where a line that begins with "/" does not reach.
		for _, name := range []string{".dev.vars", ".dev.vars.production", ".env", ".env.production"} {
			if !c.Ignored(path.Join(w.Dir, name)) {
				open = append(open, name)
			}
		}
		if copied := "dist/worker/.dev.vars"; !slices.Contains(open, ".dev.vars") && !c.Ignored(path.Join(w.Dir, copied)) {
			open = append(open, copied)
		}
		if len(open) > 0 {
			list = append(list, Evidence{Note, worker.Place{Path: path.Join(w.Dir, ".gitignore")}, "git does not ignore " + strings.Join(open, ", ") + " in the folder of " + w.Config.Path,
				"add the lines that wrangler itself writes: .dev.vars* and !.dev.vars.example, .env* and !.env.example; scan init does"})
		}
		if dir := w.Config.Root.Get("assets").Get("directory"); dir != nil && path.Clean(dir.Text) == "." {
			list = append(list, Evidence{Note, worker.Place{Path: w.Config.Path, Line: dir.Line}, "the whole folder is published as assets, with .dev.vars, .env and the configuration if .assetsignore does not name them",
				"publish a folder of its own, or list them in .assetsignore"})
		}
	}
	return list
}
