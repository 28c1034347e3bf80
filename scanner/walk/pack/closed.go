package pack

// Closed tells whether no object of the pack is made from one outside of it.
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
