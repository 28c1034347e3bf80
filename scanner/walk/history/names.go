package history

import "sync/atomic"

// names keeps each name of a tree's entry once for one worker, under a number
// that no other worker gives.
type names struct {
	last *atomic.Int32 // number given last, over all workers
	of   map[string]int32
}

// id is the number of name. fresh tells that it was not met before.
func (s *names) id(name []byte) (id int32, fresh bool) {
	if id, ok := s.of[string(name)]; ok {
		return id, false
	}
	id = s.last.Add(1)
	s.of[string(name)] = id
	return id, true
}

// nameCost is about how many bytes a name takes beside its letters.
const nameCost = 48

// A label is what a record says of an entry beside what it points to: the
// number of its name, and whether its mode is that of a tree.
func label(name int32, isTree bool) int32 {
	if isTree {
		return name<<1 | 1
	}
	return name << 1
}

// dictionary gives every name one number, whichever worker met it.
type dictionary struct {
	one  []int32  // number that a worker gave → the least that any gave to the same name
	text []string // by that
}

// newDictionary joins the names of all workers, of which there are n, with those
// that were taken over, which are numbered from 1 on.
func newDictionary(n int32, past []string, workers []scratch) *dictionary {
	d := &dictionary{make([]int32, n+1), make([]string, n+1)}
	least := map[string]int32{}
	for i, name := range past {
		least[name] = int32(i + 1)
		d.one[i+1], d.text[i+1] = int32(i+1), name
	}
	for i := range workers {
		for name, id := range workers[i].names.of {
			if m, ok := least[name]; !ok || id < m {
				least[name] = id
			}
		}
	}
	for i := range workers {
		for name, id := range workers[i].names.of {
			d.one[id] = least[name]
			d.text[id] = name
		}
	}
	return d
}
