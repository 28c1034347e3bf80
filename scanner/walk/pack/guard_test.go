package pack

import (
	"os"
	"strings"
	"testing"
)

// TestCutIndex cuts an index after it was mapped: looking up a name is an error
// and no crash.
func TestCutIndex(t *testing.T) {
	items := longChain(20_000, 7)
	p := made(t, 2, items)
	if err := os.Truncate(strings.TrimSuffix(p.Path(), ".pack")+".idx", 0); err != nil {
		t.Fatal(err)
	}
	look := func() (err error) {
		defer Guard(&err)()
		p.Has(items[15_000].name)
		return nil
	}
	if look() == nil {
		t.Error("a name was looked up in an index that is gone")
	}
}

// TestOwnPanic has a visitor that panics: that is not the pack's fault, and what
// the panic quotes is not repeated.
func TestOwnPanic(t *testing.T) {
	p := made(t, 2, longChain(100, 7))
	for _, jobs := range []int{1, 3} {
		err := Walk(t.Context(), p, Options{Jobs: jobs}, panicker{})
		if err == nil || !strings.Contains(err.Error(), "internal error") || strings.Contains(err.Error(), "quoted") {
			t.Errorf("%v", err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Guard took a panic that is no fault")
		}
	}()
	var err error
	defer Guard(&err)()
	panic("other")
}

type panicker struct{}

func (panicker) Visit(_ int, o *Object, _ int) int {
	if o.Entry == 50 {
		panic("quoted text")
	}
	return 0
}

func (panicker) Release(int, int) {}
