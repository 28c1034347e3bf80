package worker

import (
	"regexp"
	"sync"
)

// Expression gives a regular expression that is compiled when it is first asked
// for: most runs of the command look at no Worker at all. It panics then if the
// text is none, so only constants are handed to it.
func Expression(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
