package pack

// Closed reports whether no object of the pack is made from one outside of it.
func (p *Pack) Closed() bool {
	p.load.Do(p.readEntries)
	if p.fault != nil {
		return false
	}
	for i := range p.entries {
		if p.entries[i].base == farBase {
			return false
		}
	}
	return true
}

// Base is the entry that entry i is made from, in pack order; it is negative if
// that is none of this pack.
func (p *Pack) Base(i int) int {
	p.load.Do(p.readEntries)
	return int(p.entries[i].base)
}

// SizeOf is how many bytes entry i has once it is made.
func (p *Pack) SizeOf(i int) (uint64, error) {
	if p.load.Do(p.readEntries); p.fault != nil {
		return 0, p.fault
	}
	if e := &p.entries[i]; e.base == noBase {
		return e.size, nil
	}
	_, data, _, err := p.Get(p.Name(i), nil)
	return uint64(len(data)), err
}
