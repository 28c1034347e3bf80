package main

import (
	"strings"

	"github.com/spf13/pflag"

	"keyrake/rules"
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
		n := rules.Distance(name, f.Name)
		if len(name) >= 3 && strings.HasPrefix(f.Name, name) {
			n = 0
		}
		if n < least {
			best, least = f.Name, n
		}
	})
	return best
}

// nearestRule gives the id of the rule that needs the fewest changes to become
// id; "" if none is near.
func nearestRule(id string, set *rules.Set) string {
	best, least := "", 1+max(2, len(id)/3)
	try := func(other string) {
		if n := rules.Distance(id, other); n < least {
			best, least = other, n
		}
	}
	for _, r := range set.All() {
		try(r.ID)
	}
	for _, r := range rules.Files() {
		try(r.ID)
	}
	return best
}
