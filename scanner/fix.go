package scanner

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/go-git/go-git/v5/plumbing"

	"keyrake/scanner/finding"
	"keyrake/scanner/walk/store"
	workers "keyrake/worker"
)

// maxFixed bounds the configurations that are parsed to say how a secret in
// them is put right.
const (
	maxFixed     = 1000
	maxFixedFile = 1 << 20
)

// fix says of secrets among the vars of a wrangler configuration which command
// puts them where they belong. read gives the content of a place; what cannot
// be read or parsed has no such command.
func (s *scan) fix(read func(*finding.Place) ([]byte, error)) {
	parsed := map[string]*workers.Config{}
	for i := range s.report.Findings {
		f := &s.report.Findings[i]
		for j := range f.Places {
			p := &f.Places[j]
			if p.Path == "" || f.Tied().Fix != "" || !workers.IsConfig(p.Path) {
				continue
			}
			key := p.Path + "\x00" + p.Object
			c, ok := parsed[key]
			if !ok && len(parsed) < maxFixed {
				if data, err := read(p); err == nil && len(data) <= maxFixedFile {
					c, _ = parseConfig(p.Path, data)
				}
				parsed[key] = c
			}
			if c == nil {
				continue
			}
			if v, ok := c.VarAt(p.Line, p.Offset); ok {
				put := finding.Command(v.Put())
				// Cloudflare refuses a secret whose name is deployed as a var (error 10053).
				how := "Vars are plain text: remove the line, deploy, then run \"" + put + "\"."
				if v.ForBrowser() {
					how = "Of " + v.Declaration.Name + ": " + v.Restrict(put) + "."
				}
				f.Tie(finding.Ties{Fix: how})
			}
		}
	}
}

func parseConfig(path string, data []byte) (*workers.Config, error) {
	c, err := workers.ParseConfig(path, data)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// fromStore reads places that are objects.
func fromStore(objects *store.Store) func(*finding.Place) ([]byte, error) {
	return func(p *finding.Place) ([]byte, error) {
		if p.Object == "" {
			return nil, errors.New("it is no object")
		}
		return readBlob(objects, plumbing.NewHash(p.Object), maxFixedFile)
	}
}

// fromDisk reads places that are files of at most limit bytes.
func fromDisk(limit int64) func(*finding.Place) ([]byte, error) {
	return func(p *finding.Place) ([]byte, error) {
		dir, name := filepath.Split(filepath.FromSlash(p.Path))
		if dir == "" {
			dir = "."
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		info, err := root.Stat(name)
		if err != nil {
			return nil, err
		}
		if info.Size() > limit {
			return nil, errTooMuch
		}
		return root.ReadFile(name)
	}
}
