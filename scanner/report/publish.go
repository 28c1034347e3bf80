package report

import (
	"cmp"
	"fmt"
	"strings"

	"keyrake/scanner/finding"
)

type jsonPublish struct {
	Verdict    string            `json:"verdict"`
	Safe       bool              `json:"safe"`
	Remote     string            `json:"remote"`
	Known      bool              `json:"remote_known"`
	Public     int               `json:"findings_public"`
	Already    int               `json:"findings_already"`
	Kept       int               `json:"findings_kept"`
	All        jsonContents      `json:"all"`
	New        jsonContents      `json:"new"`
	Refs       []jsonPublicRef   `json:"refs"`
	NotSent    []string          `json:"not_sent"`
	LFS        []jsonPointer     `json:"lfs"`
	Submodules []jsonPublishPath `json:"submodules"`
}

type jsonContents struct {
	Commits jsonCount `json:"commits"`
	Trees   jsonCount `json:"trees"`
	Blobs   jsonCount `json:"blobs"`
	Tags    jsonCount `json:"tags"`
}

type jsonPublicRef struct {
	Name     string `json:"name"`
	Object   string `json:"object"`
	OnRemote bool   `json:"on_remote"`
}

type jsonPointer struct {
	Path string `json:"path"`
	Blob string `json:"blob"`
	OID  string `json:"oid"`
	Size int64  `json:"size"`
}

type jsonPublishPath struct {
	Path   string `json:"path"`
	Commit string `json:"commit"`
}

func (e *jsonEncoder) publish(p *finding.Publish) *jsonPublish {
	if p == nil {
		return nil
	}
	contents := func(c finding.Contents) jsonContents {
		return jsonContents{jsonCount(c.Commits), jsonCount(c.Trees), jsonCount(c.Blobs), jsonCount(c.Tags)}
	}
	out := &jsonPublish{
		Verdict: e.text(p.Verdict), Safe: p.Safe, Remote: e.text(p.Remote), Known: p.Known,
		Public: p.Secrets.Public, Already: p.Secrets.Already, Kept: p.Secrets.Kept,
		All: contents(p.All), New: contents(p.New), NotSent: e.texts(p.Kept),
		Refs: []jsonPublicRef{}, LFS: []jsonPointer{}, Submodules: []jsonPublishPath{},
	}
	for _, r := range p.Refs {
		out.Refs = append(out.Refs, jsonPublicRef{e.text(r.Name), r.Object, r.OnRemote})
	}
	for _, f := range p.LFS {
		out.LFS = append(out.LFS, jsonPointer{e.text(f.Path), f.Blob, e.text(f.OID), f.Size})
	}
	for _, m := range p.Submodules {
		out.Submodules = append(out.Submodules, jsonPublishPath{e.text(m.Path), m.Commit})
	}
	return out
}

const publishShown = 5 // names in one line of the sheet

// publish writes the verdict sheet.
func (t *textWriter) publish(p *finding.Publish) {
	if p == nil {
		return
	}
	pen := t.colors.bad
	if p.Safe {
		pen = t.colors.ok
	}
	fmt.Fprintf(t.out, "%s  %s\n", t.colors.title.Sprint("PUBLISH"), pen.Sprint(t.safe(p.Verdict)))
	t.prose("sends", t.safe(sends(p)))
	t.prose("content", contents(p.All))
	if p.Remote != "" {
		text := "no ref records what " + p.Remote + " has, so that everything counts as new"
		if p.Known {
			text = "of that " + p.Remote + " lacks " + contents(p.New)
		}
		t.prose("new", t.safe(text))
	}
	if n := p.Secrets.Kept; n > 0 {
		t.prose("not sent", count(n, "finding")+" that no ref of this push reaches")
	}
	if len(p.Kept) > 0 {
		t.prose("not sent", t.safe(some(p.Kept)))
	}
	var paths []string
	for _, f := range p.LFS {
		paths = append(paths, fmt.Sprintf("%s (%s)", cmp.Or(f.Path, f.Blob), humanBytes(f.Size)))
	}
	if len(paths) > 0 {
		t.prose("not read", t.safe("kept by Git LFS: "+some(paths)))
	}
	paths = nil
	for _, m := range p.Submodules {
		paths = append(paths, m.Path)
	}
	if len(paths) > 0 {
		t.prose("not read", t.safe("submodules, repositories of their own: "+some(paths)))
	}
	t.out.WriteByte('\n')
}

// sends tells the refs by their kinds.
func sends(p *finding.Publish) string {
	kinds := []struct{ prefix, noun string }{
		{"refs/heads/", "branch"}, {"refs/tags/", "tag"}, {"refs/notes/", "notes ref"}, {"refs/remotes/", "remote-tracking ref"}, {"refs/", "other ref"},
	}
	counts := make([]int, len(kinds))
	for _, r := range p.Refs {
		for i, k := range kinds {
			if strings.HasPrefix(r.Name, k.prefix) {
				counts[i]++
				break
			}
		}
	}
	var parts []string
	for i, k := range kinds {
		switch {
		case counts[i] > 1 && k.noun == "branch":
			parts = append(parts, group(counts[i])+" branches")
		case counts[i] > 0:
			parts = append(parts, count(counts[i], k.noun))
		}
	}
	if len(parts) == 0 {
		return "no ref"
	}
	return strings.Join(parts, ", ")
}

func contents(c finding.Contents) string {
	var parts []string
	for _, k := range []class{{"commit", c.Commits}, {"blob", c.Blobs}, {"tag", c.Tags}} {
		if k.count.Reached > 0 {
			parts = append(parts, count(k.count.Reached, k.noun)+" ("+humanBytes(k.count.Bytes)+")")
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// some lists the first few names and counts the rest.
func some(names []string) string {
	if len(names) <= publishShown {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:publishShown], ", ") + " and " + group(len(names)-publishShown) + " more"
}
