package pack

// prune leaves only what has to be read for the entries that are wanted: these,
// and the bases that they are made from. A base that is not wanted itself is read
// and not visited.
func (f *forest) prune(es []entry, skip func(entry int) bool) (over []bool) {
	over = make([]bool, len(es))
	needed := make([]bool, len(es))
	for i := range es {
		over[i] = skip(i)
		if over[i] {
			continue
		}
		for k := int32(i); k >= 0 && !needed[k]; k = es[k].base { // strays may go in a circle
			needed[k] = true
		}
	}
	roots := f.roots[:0]
	for _, r := range f.roots {
		if needed[r] {
			roots = append(roots, r)
		}
	}
	f.roots = roots
	for b := range f.first {
		link := &f.first[b]
		for c := *link; c >= 0; c = f.next[c] {
			if needed[c] {
				*link, link = c, &f.next[c]
			}
		}
		*link = -1
	}
	return over
}
