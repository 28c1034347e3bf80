package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"keyrake/rules"
)

// unknownAction says what can stand behind a verb, and what may be meant.
func unknownAction(word string, actions []string) error {
	best, least := "", 1+max(2, len(word)/3) // two letters that changed places are two changes
	for _, a := range actions {
		if n := rules.Distance(word, a); n < least {
			best, least = a, n
		}
	}
	hint := ""
	if best != "" {
		hint = fmt.Sprintf("did you mean %q?", best)
	}
	if len(actions) == 1 {
		return &usageError{fmt.Sprintf("%q is unknown here; %s is all there is", word, actions[0]), hint}
	}
	return &usageError{fmt.Sprintf("%q is none of %s", word, strings.Join(actions, ", ")), hint}
}

// unknownFlag says which flag does not exist, and which one may be meant.
func unknownFlag(err *pflag.NotExistError, fs *pflag.FlagSet) error {
	name, given := err.GetSpecifiedName(), "--"+err.GetSpecifiedName()
	if group := err.GetSpecifiedShortnames(); group != "" {
		// "-staged" reads as a group of one-letter flags.
		name, given = group, "-"+group
	}
	if fs.Name() == "scan" {
		if here := elsewhere(name); here != "" {
			return &usageError{"unknown flag " + given, here}
		}
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
	best, least := "", 1+max(1, len(id)/3)
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

// ruleHint says which rules may be meant by an id that none has.
func ruleHint(id string, set *rules.Set) string {
	const shown = 3
	if near := nearestRule(id, set); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	var parts []string
	for _, r := range set.All() {
		if len(id) > 1 && strings.Contains(r.ID, id) {
			parts = append(parts, r.ID)
		}
	}
	switch {
	case len(parts) > shown:
		return fmt.Sprintf(`it is part of %s and %d more; "*%s*" stands for all of them`, strings.Join(parts[:shown], ", "), len(parts)-shown, id)
	case len(parts) > 0:
		return "it is part of " + strings.Join(parts, ", ")
	}
	return `"scan rules list" has the built-in ones`
}

// wordsToFlags lets "scan help", "scan help VERB" and "scan version" be what they
// are to other programs, unless a file has that name.
func wordsToFlags(args []string) []string {
	if len(args) == 0 || args[0] != "help" && args[0] != "version" || len(args) > 2 {
		return args
	}
	if _, err := os.Lstat(args[0]); err == nil {
		return args
	}
	switch {
	case len(args) == 1:
		return []string{"--" + args[0]}
	case args[0] == "help":
		return []string{args[1], "--help"}
	}
	return args
}

// unknownTopic says that "scan help WORD" asks about a command that does not exist.
func unknownTopic(args []string) error {
	if len(args) != 2 || args[0] != "help" || strings.HasPrefix(args[1], "-") || args[1] == "help" || args[1] == "version" {
		return nil
	}
	if _, err := os.Lstat(args[0]); err == nil {
		return nil
	}
	if _, ok := findSubcommand(args[1:]); ok {
		return nil
	}
	hint := ""
	if verb := nearestVerb(args[1]); verb != "" {
		hint = "did you mean scan help " + verb + "?"
	}
	return &usageError{fmt.Sprintf("there is no command %q", args[1]), hint}
}

// mistyped says that the first PATH is no file, and reads like the name of a
// command or of what a flag asks for.
func (c *command) mistyped() error {
	if c.publish && c.publishRemote == "" && len(c.paths) == 1 {
		if _, err := os.Lstat(c.paths[0]); errors.Is(err, fs.ErrNotExist) {
			return &usageError{fmt.Sprintf("%q is no folder, and --publish takes its remote behind =", c.paths[0]), "did you mean --publish=" + c.paths[0] + "?"}
		}
	}
	if len(c.paths) == 0 {
		return nil
	}
	name := c.paths[0]
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if isRemote(name) {
		return &usageError{fmt.Sprintf("%q is no file here, and scan opens no network connection", name), `"git clone" it, then call "scan --history FOLDER"`}
	}
	if c.mode != modeFiles {
		return nil
	}
	if strings.Contains(name, "..") && !slices.Contains(strings.Split(filepath.ToSlash(name), "/"), "..") {
		return &usageError{fmt.Sprintf("%q is no file here", name), "did you mean scan --range " + name + "?"}
	}
	if len(name) < 3 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") != "" {
		return nil
	}
	hint := ""
	switch name {
	case "filesystem": // trufflehog's
		hint = "scan PATH reads files"
	case "audit": // detect-secrets'
		hint = "did you mean scan triage?"
	}
	for _, flag := range modeFlags {
		if word := strings.TrimPrefix(flag, "--"); word != "" && rules.Distance(name, word) <= len(name)/3 {
			hint = "did you mean scan " + flag + "?"
		}
	}
	if verb := nearestVerb(name); hint == "" && verb != "" {
		hint = "did you mean scan " + verb + "?"
	}
	if hint == "" {
		return nil
	}
	return &usageError{fmt.Sprintf("%q is neither a file here nor a command", name), hint}
}

// isRemote reports whether a name is where git would clone from: a URL, or USER@HOST:PATH.
func isRemote(name string) bool {
	user, host, ok := strings.Cut(name, "@")
	return strings.Contains(name, "://") || ok && user != "" && !strings.Contains(user, "/") && strings.Contains(host, ":")
}

// nearestVerb gives the command whose name needs the fewest changes to become
// name; "" if none is near.
func nearestVerb(name string) string {
	best, least := "", 1+max(1, len(name)/3)
	for _, v := range subcommands() {
		if n := rules.Distance(name, v.name); n < least {
			best, least = v.name, n
		}
	}
	return best
}
