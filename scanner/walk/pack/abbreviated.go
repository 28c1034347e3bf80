package pack

import (
	"sort"

	"github.com/go-git/go-git/v5/plumbing"
)

// Abbreviated calls f for every object in the index whose name begins with the
// first digits hexadecimal digits of prefix; all other digits must be 0.
func (p *Pack) Abbreviated(prefix plumbing.Hash, digits int, f func(plumbing.Hash)) {
	x := p.index
	from := sort.Search(x.n, func(i int) bool {
		name := x.Name(i)
		return string(name[:]) >= string(prefix[:])
	})
	for ; from < x.n; from++ {
		name := x.Name(from)
		if !HasPrefix(name, prefix, digits) {
			return
		}
		f(name)
	}
}

// HasPrefix reports whether name begins with the first digits hexadecimal digits
// of prefix.
func HasPrefix(name, prefix plumbing.Hash, digits int) bool {
	n := digits / 2
	return string(name[:n]) == string(prefix[:n]) && (digits%2 == 0 || name[n]>>4 == prefix[n]>>4)
}
