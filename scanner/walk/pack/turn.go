package pack

// bigObject is the size in bytes above which objects are read by one worker at
// a time. So the memory of a walk does not grow with the number of workers times
// the size of the largest object.
const bigObject = 16 << 20

// admit waits for the turn to hold big objects, if size is that of one. Who has
// the turn waits for nobody: what it holds is not shared.
func (k *worker[S]) admit(size uint64) {
	if size > bigObject && !k.turn {
		k.bigTurn.Lock()
		k.turn = true
	}
}

// yield gives the turn back once no big object is held.
func (k *worker[S]) yield() {
	if !k.turn {
		return
	}
	for i := range k.stack {
		if b := k.stack[i].base; b != nil && len(b.data) > bigObject {
			return
		}
	}
	k.turn = false
	k.bigTurn.Unlock()
}
