package scanner

import (
	"context"
	"fmt"
	"os"

	"keyrake/rules"
	"keyrake/scanner/match"
	"keyrake/scanner/walk/worktree"
)

// KeywordCount counts how often each keyword of a rule set stands in some files: what
// a keyword costs, since every place of it is looked at.
type KeywordCount struct {
	bytes  int64
	places map[string]int
}

// CountKeywords counts the keywords of set in the files of dir that git does not
// ignore.
func CountKeywords(ctx context.Context, set *rules.Set, dir string) (KeywordCount, error) {
	c := KeywordCount{places: map[string]int{}}
	if _, err := os.Stat(dir); err != nil {
		return c, err
	}
	prog, err := match.Compile(set)
	if err != nil {
		return c, err
	}
	var buf []byte
	var anchors []match.Anchor
	_, err = worktree.Walk(ctx, worktree.Options{Roots: []string{dir}, MaxFileBytes: maxContent, Locate: GitEnv{}.locate}, func(f worktree.File) error {
		data, err := f.Read(buf[:0])
		if err != nil {
			return nil // a count is no worse for a file less
		}
		anchors = prog.Anchors(anchors[:0], data, 0, len(data))
		for _, a := range anchors {
			if !prog.IsHidden(a) {
				c.places[prog.Word(a)]++
			}
		}
		c.bytes += int64(len(data))
		buf = data
		return ctx.Err()
	})
	if err == nil && c.bytes == 0 {
		err = fmt.Errorf("count keywords in %s: it holds no files", dir)
	}
	return c, err
}

// PerMegabyte is how often a keyword stands in a million bytes; 0 if nothing
// was counted.
func (c KeywordCount) PerMegabyte(keyword string) float64 {
	if c.bytes == 0 {
		return 0
	}
	return float64(c.places[keyword]) / float64(c.bytes) * 1e6
}
