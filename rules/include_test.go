package rules

import (
	"strings"
	"testing"
	"testing/fstest"
)

func folder(files ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		m[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return m
}

func TestParseFS(t *testing.T) {
	list, err := ParseFS(folder(
		"d/r.yaml", "include: [p/*.yaml, p/b.yaml]\n"+file(),
		"d/p/b.yaml", file("id: b"),
		"d/p/a.yaml", file("id: a"),
	), "d/r.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); got != "acme-token a b" {
		t.Errorf("got the rules %s", got)
	}
}

func TestParseFSErrors(t *testing.T) {
	const include = "include: [p.yaml]\n"
	for _, c := range []struct {
		name string
		fsys fstest.MapFS
		want string
	}{
		{"missing file", folder(), "r.yaml:1: the file cannot be read: open r.yaml: file does not exist"},
		{"missing pack", folder("r.yaml", include), `r.yaml:1: include "p.yaml" names no file`},
		{"same id", folder("r.yaml", include+file(), "p.yaml", file()),
			"p.yaml:2: rule acme-token: the id is already used in r.yaml on line 3"},
		{"line of the pack", folder("r.yaml", include+file("id: Bad"), "p.yaml", file("id: worse-", "title: ''")),
			`r.yaml:3: rule Bad: id "Bad" is not lower-case words joined by hyphens, at most 64 bytes` + "\n" +
				`p.yaml:2: rule worse-: id "worse-" is not lower-case words joined by hyphens, at most 64 bytes` + "\n" +
				"p.yaml:3: rule worse-: title is missing: say what was found"},
		{"empty pack", folder("r.yaml", include+file(), "p.yaml", "rules: []"), "p.yaml:1: the file holds no rules: list at least one under rules"},
		{"no YAML", folder("r.yaml", include, "p.yaml", "a: b: c"), "p.yaml:1: not valid YAML: mapping values are not allowed in this context"},
		{"outside", folder("d/r.yaml", "include:\n  - ../p.yaml\n  - /p.yaml\n"+file(), "p.yaml", file("id: b")),
			`d/r.yaml:2: include "../p.yaml" is not a path of a file in this folder or below it` + "\n" +
				`d/r.yaml:3: include "/p.yaml" is not a path of a file in this folder or below it`},
		{"nested", folder("r.yaml", include+file(), "p.yaml", "include: [q.yaml]\n"+file("id: b"), "q.yaml", file("id: c")),
			"p.yaml:1: a file that r.yaml includes cannot include others: name them there"},
		{"no list", folder("r.yaml", "include: p.yaml\n"+file()), "r.yaml:1: include is not a list"},
	} {
		name := "r.yaml"
		if c.name == "outside" {
			name = "d/r.yaml"
		}
		_, err := ParseFS(c.fsys, name)
		if err == nil {
			t.Errorf("%s: no error, want %s", c.name, c.want)
		} else if err.Error() != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, err, c.want)
		}
	}
	if _, err := Parse("u.yaml", []byte(include+file())); err == nil || err.Error() !=
		"u.yaml:1: include works in the built-in rules only: name each rule file by itself" {
		t.Errorf("a single file with include: got %v", err)
	}
}
