package history

import "bytes"

// topological orders the commits, as positions in r.commits, so that parents
// come before children; among those that may come next the oldest by its clock
// does, then the one with the lower name. What no tip reaches comes after the
// first reached ones.
func (r *Result) topological() (order []int32, reached int) {
	at := make([]int32, len(r.types)) // number → position + 1
	for i := range r.commits {
		at[r.commits[i].number] = int32(i) + 1
	}
	waits := make([]int32, len(r.commits))
	children := newLists(len(r.commits), func(f func(parent, child int32)) {
		for i := range r.commits {
			for _, p := range r.commits[i].parents {
				if int(p) < len(at) && at[p] > 0 {
					f(at[p]-1, int32(i))
				}
			}
		}
	})
	for _, c := range children.all {
		waits[c]++
	}
	ready := queue{r: r}
	for i := range waits {
		if waits[i] == 0 {
			ready.push(int32(i))
		}
	}
	all := make([]int32, 0, len(r.commits))
	for len(ready.list) > 0 {
		i := ready.pop()
		all = append(all, i)
		for _, c := range children.of(i) {
			if waits[c]--; waits[c] == 0 {
				ready.push(c)
			}
		}
	}
	// A parent of what is reached is reached, so both parts stay in order.
	order = make([]int32, 0, len(all))
	for _, late := range []bool{false, true} {
		for _, i := range all {
			if r.Reachable(int(r.commits[i].number)) != late {
				order = append(order, i)
			}
		}
		if !late {
			reached = len(order)
		}
	}
	return order, reached
}

// queue is a heap of commits, oldest first.
type queue struct {
	r    *Result
	list []int32
}

func (q *queue) push(x int32) {
	q.list = append(q.list, x)
	for i := len(q.list) - 1; i > 0; {
		above := (i - 1) / 2
		if !q.before(q.list[i], q.list[above]) {
			return
		}
		q.list[i], q.list[above] = q.list[above], q.list[i]
		i = above
	}
}

func (q *queue) pop() int32 {
	first, last := q.list[0], len(q.list)-1
	q.list[0] = q.list[last]
	q.list = q.list[:last]
	for i := 0; ; {
		k := 2*i + 1
		if k >= last {
			return first
		}
		if k+1 < last && q.before(q.list[k+1], q.list[k]) {
			k++
		}
		if !q.before(q.list[k], q.list[i]) {
			return first
		}
		q.list[i], q.list[k] = q.list[k], q.list[i]
		i = k
	}
}

func (q *queue) before(i, k int32) bool {
	a, b := &q.r.commits[i], &q.r.commits[k]
	if a.when != b.when {
		return a.when < b.when
	}
	x, y := q.r.opt.Store.Name(int(a.number)), q.r.opt.Store.Name(int(b.number))
	return bytes.Compare(x[:], y[:]) < 0
}
