package pack

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Guard makes an error of a fault in this goroutine, as reading a mapped file
// raises beyond the end to which it was cut; any other panic goes on. It is
// called as "defer pack.Guard(&err)()" wherever names are looked up outside of
// Walk and Get.
func Guard(err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if r := recover(); r != nil {
			if !IsFault(r) {
				panic(r)
			}
			*err = fmt.Errorf("a pack or its index was cut while it was read; scan again (%v)", r)
		}
	}
}

// IsFault reports whether what was recovered from a panic is a fault in reading
// memory, as a mapped file raises beyond the end to which it was cut, in a
// goroutine where debug.SetPanicOnFault is on.
func IsFault(r any) bool {
	_, ok := r.(interface {
		runtime.Error
		Addr() uintptr
	})
	return ok
}
