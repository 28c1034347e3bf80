package main

import (
	"strings"

	"github.com/spf13/pflag"
)

// unknownFlag says which flag does not exist, and which one may be meant.
func unknownFlag(err *pflag.NotExistError, fs *pflag.FlagSet) error {
	name, given := err.GetSpecifiedName(), "--"+err.GetSpecifiedName()
	if group := err.GetSpecifiedShortnames(); group != "" {
		// "-staged" reads as a group of one-letter flags.
		name, given = group, "-"+group
	}
	if near := nearest(name, fs); near != "" {
		return &usageError{"unknown flag " + given, "did you mean --" + near + "?"}
	}
	return &usageError{"unknown flag " + given, ""}
}

// nearest gives the flag whose name needs the fewest changes to become name, or
// starts with it; "" if none is near.
func nearest(name string, fs *pflag.FlagSet) string {
	best, least := "", 1+max(1, len(name)/3)
	fs.VisitAll(func(f *pflag.Flag) {
		n := distance(name, f.Name)
		if len(name) >= 3 && strings.HasPrefix(f.Name, name) {
			n = 0
		}
		if n < least {
			best, least = f.Name, n
		}
	})
	return best
}

// distance counts the bytes to insert, delete or replace to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
