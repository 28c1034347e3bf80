package scanner

import (
	"keyrake/scanner/walk/top"
)

// Top opens the top folder of the repository that env names, whose files
// configure a scan. It is nil, without an error, where there is no repository.
func (g GitEnv) Top() (*top.Top, error) {
	r, err := g.open()
	if err != nil {
		return nil, notRepository(err)
	}
	return top.Open(r)
}
