package main

import (
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"keyrake/scanner/finding"
)

// useLinks says whether places become hyperlinks: if asked, or in a terminal
// that is known to show them.
func (e environment) useLinks(when string, terminal bool) bool {
	switch {
	case when != "auto":
		return when == "always"
	case e.get("FORCE_HYPERLINK") != "":
		return e.get("FORCE_HYPERLINK") != "0"
	case !terminal || e.get("TERM") == "dumb" || e.get("CI") != "":
		return false
	}
	for _, name := range []string{"WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM"} {
		if e.get(name) != "" {
			return true
		}
	}
	switch e.get("TERM_PROGRAM") {
	case "iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio":
		return true
	}
	switch e.get("TERM") {
	case "xterm-kitty", "alacritty", "foot", "foot-extra", "xterm-ghostty":
		return true
	}
	vte, err := strconv.Atoi(e.get("VTE_VERSION"))
	return err == nil && vte >= 5000
}

// linker gives the links of a report. They are made of paths and of what the
// user's own environment says; a URL that the repository holds is never used.
func (c *command) linker(env environment) (file func(*finding.Place) string, commit func(string) string) {
	root := "."
	if c.mode != modeFiles {
		root = ""
		if t, err := env.git(c).Top(); err == nil && t != nil {
			root = t.Dir
			t.Close()
		}
	}
	file = func(p *finding.Place) string {
		onDisk := p.Kind == finding.File || p.Kind == finding.Staged || p.Kind == finding.Blob && p.InHead
		if !onDisk || root == "" || p.File() == "" {
			return ""
		}
		path := filepath.FromSlash(p.File())
		if !filepath.IsAbs(path) {
			path = filepath.Join(root, path)
		}
		path, err := filepath.Abs(path)
		if err != nil {
			return ""
		}
		return fileURI(path)
	}
	template := env.get("SCAN_COMMIT_URL")
	if u, err := url.Parse(strings.ReplaceAll(template, "{commit}", "0")); err != nil || u.Scheme != "https" && u.Scheme != "http" || !strings.Contains(template, "{commit}") {
		return file, nil
	}
	return file, func(id string) string {
		if strings.Trim(id, "0123456789abcdef") != "" {
			return ""
		}
		u, err := url.Parse(strings.ReplaceAll(template, "{commit}", id))
		if err != nil {
			return ""
		}
		return u.String()
	}
}

// fileURI gives the URI of an absolute path: every byte that could end the link
// or steer a terminal is percent-encoded.
func fileURI(path string) string {
	path = filepath.ToSlash(path)
	if runtime.GOOS == "windows" {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
