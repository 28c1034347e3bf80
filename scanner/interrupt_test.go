package scanner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"keyrake/fixtures"
	"keyrake/rules"
	"keyrake/scanner/finding"
	"keyrake/scanner/replacement"
)

// countdown is a context that ends when it is asked for the nth time whether it has.
type countdown struct {
	context.Context
	end  context.CancelFunc
	left atomic.Int64
}

func newCountdown(t *testing.T, n int64) *countdown {
	ctx, cancel := context.WithCancel(t.Context())
	c := &countdown{Context: ctx, end: cancel}
	c.left.Store(n)
	return c
}

func (c *countdown) Err() error {
	if c.left.Add(-1) == 0 {
		c.end()
	}
	return c.Context.Err()
}

// TestInterruptedAnywhere ends scans at each place that looks whether it shall end: what
// comes is a report that calls itself interrupted, or the whole one.
func TestInterruptedAnywhere(t *testing.T) {
	dir := t.TempDir()
	b := fixtures.New(dir)
	do := func(args ...string) {
		if err := b.Run("git", args...); err != nil {
			t.Fatal(err)
		}
	}
	do("init", "-q", "-b", "main")
	for n := range 6 {
		text := fmt.Sprintf("TOKEN=%s\n", expand(t, `{{cf "cfut"}}`, fmt.Sprint(n)))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.txt", n%4)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		do("add", ".")
		if n < 5 {
			do("commit", "-q", "-m", fmt.Sprint(n))
		}
	}
	scans := sources(dir)
	scans["files"] = func(ctx context.Context, o Options) (*finding.Report, error) {
		return Files(ctx, o, FilesOptions{Paths: []string{dir}})
	}
	scans["gone"] = func(ctx context.Context, o Options) (*finding.Report, error) {
		return Gone(ctx, o, GitEnv{Path: dir}, []replacement.Entry{{Text: expand(t, `{{cf "cfut"}}`, "1")}})
	}
	scans["publish"] = func(ctx context.Context, o Options) (*finding.Report, error) {
		o.Publish = &PublishOptions{}
		return History(ctx, o, GitEnv{Path: dir})
	}
	for name, scan := range scans {
		whole, err := scan(t.Context(), Options{Rules: rules.Builtin(), Jobs: 1})
		if err != nil || !whole.Coverage.Complete() || len(whole.Findings) == 0 {
			t.Fatalf("%s: %v, %d findings", name, err, len(whole.Findings))
		}
		interrupted := 0
		for n := int64(1); ; n++ {
			ctx := newCountdown(t, n)
			r, err := scan(ctx, Options{Rules: rules.Builtin(), Jobs: 1})
			if ctx.left.Load() > 0 {
				break
			}
			switch {
			case err == nil && r.Coverage.Complete() && reflect.DeepEqual(r.Findings, whole.Findings) && reflect.DeepEqual(r.Publish, whole.Publish):
			case errors.Is(err, context.Canceled) && (r == nil || slices.ContainsFunc(r.Coverage.Gaps, func(g finding.Gap) bool { return g.Cause == finding.Interrupted })):
				interrupted++
			default:
				t.Errorf("%s, asked %d times: %v, %d findings, gaps %+v", name, n, err, len(r.Findings), r.Coverage.Gaps)
			}
		}
		if interrupted == 0 {
			t.Errorf("%s was never interrupted", name)
		}
		t.Logf("%s: interrupted %d times", name, interrupted)
	}
}
