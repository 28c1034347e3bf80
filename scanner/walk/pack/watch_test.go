package pack

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// kept is the state that watch leaves for each object.
type kept struct {
	entry    int
	leaf     bool
	data     []byte
	children int
	released bool
}

// watch is a Visitor that checks everything the package promises of a walk.
type watch struct {
	mu       sync.Mutex
	p        *Pack
	seen     []*kept // per entry
	types    []plumbing.ObjectType
	problems map[int]Problem // per entry
	faults   []string
	live     int // states of bases that are held
	most     int
	workers  map[int]int // worker → objects it visited
	names    bool        // contents must hash to their names
}

func newWatch(p *Pack) *watch {
	return &watch{p: p, seen: make([]*kept, p.Len()), types: make([]plumbing.ObjectType, p.Len()), problems: map[int]Problem{}, workers: map[int]int{}, names: true}
}

func (v *watch) fault(format string, args ...any) {
	if len(v.faults) < 20 {
		v.faults = append(v.faults, fmt.Sprintf(format, args...))
	}
}

func (v *watch) Visit(worker int, o *Object, base *kept) *kept {
	good := !v.names || nameOf(o.Type, o.Data) == o.Name
	s := &kept{entry: o.Entry, leaf: o.Leaf}
	if !o.Leaf {
		s.data = bytes.Clone(o.Data)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.workers[worker]++
	if !good {
		v.fault("entry %d: content does not hash to %s", o.Entry, o.Name)
	}
	if v.seen[o.Entry] != nil {
		v.fault("entry %d: visited twice", o.Entry)
	}
	v.seen[o.Entry], v.types[o.Entry] = s, o.Type
	if v.p.Name(o.Entry) != o.Name {
		v.fault("entry %d: has the name %s", o.Entry, o.Name)
	}
	if base != nil {
		v.checkBase(o, base)
	} else if e := v.p.entries[o.Entry]; e.base >= 0 {
		v.fault("entry %d: visited without its base", o.Entry)
	} else if o.Delta {
		v.fault("entry %d: says that it is a delta and has no base", o.Entry)
	}
	if !o.Leaf {
		v.live++
		v.most = max(v.most, v.live)
	}
	return s
}

func (v *watch) checkBase(o *Object, base *kept) {
	base.children++
	switch {
	case base.released:
		v.fault("entry %d: its base's state was released before", o.Entry)
	case base.leaf:
		v.fault("entry %d: its base was called a leaf", o.Entry)
	case !o.Delta || int(v.p.entries[o.Entry].base) != base.entry:
		v.fault("entry %d: was given the state of entry %d", o.Entry, base.entry)
	case o.BaseLen != len(base.data):
		v.fault("entry %d: BaseLen %d, the base has %d bytes", o.Entry, o.BaseLen, len(base.data))
	}
	end := Copy{}
	for _, c := range o.Copies {
		if c.Len <= 0 || c.Pos < end.Pos+end.Len || c.Pos+c.Len > len(o.Data) || c.From < 0 || c.From+c.Len > len(base.data) {
			v.fault("entry %d: copy %v is out of order or outside", o.Entry, c)
		} else if !bytes.Equal(o.Data[c.Pos:c.Pos+c.Len], base.data[c.From:c.From+c.Len]) {
			v.fault("entry %d: copy %v does not have the base's bytes", o.Entry, c)
		} else if c.Pos > 0 && c.Pos == end.Pos+end.Len && c.From == end.From+end.Len {
			v.fault("entry %d: copy %v goes on where the one before ended", o.Entry, c)
		}
		end = c
	}
}

func (v *watch) Release(_ int, s *kept) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s.leaf || s.released {
		v.fault("entry %d: released, leaf %t, released before %t", s.entry, s.leaf, s.released)
	}
	s.released, s.data = true, nil
	v.live--
}

func (v *watch) problem(p Problem) {
	v.mu.Lock()
	defer v.mu.Unlock()
	i, ok := v.p.Find(p.Name)
	if !ok || p.Err == nil {
		v.fault("problem with %s (%v), which the pack does not list", p.Name, p.Err)
	}
	if _, ok := v.problems[i]; ok {
		v.fault("entry %d: two problems", i)
	}
	v.problems[i] = p
}

// settled checks that every entry was either visited or reported.
func (v *watch) settled() {
	for i, s := range v.seen {
		_, bad := v.problems[i]
		switch {
		case s == nil && !bad:
			v.fault("entry %d: neither visited nor a problem", i)
		case s != nil && bad:
			v.fault("entry %d: visited and a problem", i)
		case s != nil && !s.leaf && !s.released:
			v.fault("entry %d: not released", i)
		}
	}
	if v.live != 0 {
		v.fault("%d states are held at the end", v.live)
	}
}

// run walks p under the eyes of a watch; a walk that takes too long fails.
func run(t testing.TB, p *Pack, opt Options, tune ...func(*watch)) *watch {
	t.Helper()
	v := newWatch(p)
	for _, f := range tune {
		f(v)
	}
	opt.Problem = v.problem
	done := make(chan error, 1)
	go func() { done <- Walk(context.Background(), p, opt, v) }()
	select {
	case err := <-done:
		if err != nil {
			t.Fatalf("walk: %v", err)
		}
	case <-time.After(60 * time.Second):
		t.Fatal("the walk does not end")
	}
	v.settled()
	for _, f := range v.faults {
		t.Error(f)
	}
	return v
}

// anyName lifts the check of contents against names.
func anyName(v *watch) { v.names = false }
