package pack

// forest is the tree of deltas over a pack's entries: who was made from whom.
type forest struct {
	first []int32 // first child of each entry, or -1
	next  []int32 // next child of the same base, or -1; the heaviest child comes last
	roots []int32 // entries that need no base from this pack, in pack order
	stray []int32 // entries whose base is broken or that stand in a cycle of bases
}

// newForest orders children so that the one with the most descendants is
// visited last. A base can be let go when its last child is begun, so a walk
// holds a base only where the subtree below is at most half of the one above:
// no more than log2(n) of them, whatever the depth of the chains.
func newForest(es []entry) *forest {
	n := len(es)
	f := &forest{first: make([]int32, n), next: make([]int32, n)}
	weight := descendants(es)
	for i := range es {
		f.first[i], f.next[i] = -1, -1
	}
	for i := n - 1; i >= 0; i-- {
		switch e := &es[i]; {
		case e.base == noBase || e.base == farBase:
			f.roots = append(f.roots, int32(i))
		case e.base == badBase || weight[i] == 0:
			f.stray = append(f.stray, int32(i))
		default:
			f.next[i], f.first[e.base] = f.first[e.base], int32(i)
		}
	}
	f.sinkHeaviest(weight)
	for a, b := 0, len(f.roots)-1; a < b; a, b = a+1, b-1 {
		f.roots[a], f.roots[b] = f.roots[b], f.roots[a]
	}
	return f
}

// sinkHeaviest moves the heaviest child of every base to the end of its list.
func (f *forest) sinkHeaviest(weight []int32) {
	for b := range f.first {
		head := f.first[b]
		if head < 0 || f.next[head] < 0 {
			continue
		}
		heavy, before, last := head, int32(-1), head
		for prev, c := head, f.next[head]; c >= 0; prev, c = c, f.next[c] {
			if weight[c] > weight[heavy] {
				heavy, before = c, prev
			}
			last = c
		}
		if heavy == last {
			continue
		}
		if before < 0 {
			f.first[b] = f.next[heavy]
		} else {
			f.next[before] = f.next[heavy]
		}
		f.next[last], f.next[heavy] = heavy, -1
	}
}

// descendants counts each entry's descendants and itself, leaves first; 0 marks
// entries in a cycle of bases.
func descendants(es []entry) []int32 {
	weight := make([]int32, len(es))
	children := make([]int32, len(es))
	for i := range es {
		if b := es[i].base; b >= 0 {
			children[b]++
		}
	}
	queue := make([]int32, 0, 64)
	for i := range es {
		if children[i] == 0 {
			queue = append(queue, int32(i))
		}
		for len(queue) > 0 {
			k := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			weight[k]++
			b := es[k].base
			if b < 0 {
				continue
			}
			weight[b] += weight[k]
			if children[b]--; children[b] == 0 {
				queue = append(queue, b)
			}
		}
	}
	for i := range es {
		if children[i] > 0 {
			weight[i] = 0
		}
	}
	return weight
}
