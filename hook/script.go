package hook

import (
	"fmt"
	"strings"
)

// script is the shell script of a hook. What git gives on standard input is for
// both the hook that was there before and for scan.
func (in Installer) script(name string, chained bool) string {
	reads := name == "pre-push" || name == "pre-receive"
	out := "delete $0"
	if chained {
		out = "put " + before + "/" + name + " back in the place of $0"
	}
	if name != "pre-receive" {
		out += "; git's --no-verify goes past it once"
	}
	var b strings.Builder
	b.WriteString("#!/bin/sh\n" + mark + "\n")
	fmt.Fprintf(&b, "scan=%s\n", shellQuote(in.Program))
	b.WriteString(`if [ ! -x "$scan" ]; then
	command -v scan >/dev/null || {
		printf '%s\n' "scan: the program that this hook runs is neither at $scan nor in PATH" >&2
		printf '%s\n' "scan: hint: install it and call \"scan hook install\" again, or ` + out + `" >&2
		exit 3
	}
	scan=scan
fi
`)
	call := "\"$scan\" hook run " + name + " \"$@\"\n"
	switch {
	case chained && reads:
		b.WriteString(strings.ReplaceAll(runBefore, "NAME", name) + "input=$(cat; echo .)\ninput=${input%.}\n" +
			"if [ -x \"$before\" ]; then printf '%s' \"$input\" | first \"$@\" || exit; fi\n" +
			"printf '%s' \"$input\" | " + call)
	case chained:
		b.WriteString(strings.ReplaceAll(runBefore, "NAME", name) + "if [ -x \"$before\" ]; then first \"$@\" || exit; fi\nexec " + call)
	default:
		b.WriteString("exec " + call)
	}
	return b.String()
}

// runBefore defines first, which runs the hook NAME that was there before. By $0 a
// hook finds out which one it is, which a dispatcher of hooks lives by, and where it
// stands. Its folder keeps the name for programs of all kinds. A shell script that
// looks for what stands beside it is read by its own shell under the very path that
// git called; not so if it asks bash whether it was called or read, or follows the
// link that it is.
const runBefore = `before="$(dirname "$0")/` + before + `/NAME"
placed() {
	IFS= read -r line <"$before"
	case $line in
	'#!'*[/\ ]sh | '#!'*[/\ ]sh\ -* | '#!'*[/\ ]bash | '#!'*[/\ ]bash\ -* | '#!'*[/\ ]dash | '#!'*[/\ ]dash\ -*) ;;
	*) return 1 ;;
	esac
	if [ -L "$before" ] && grep -Eq 'readlink|realpath' "$before"; then return 1; fi
	if grep -q BASH_SOURCE "$before"; then return 1; fi
	grep -Eq '(dirname|readlink|realpath).*[$][{]*0|[$][{]0%' "$before"
}
first() {
	if placed; then
		${line#??} -c '. "$(dirname "$0")/` + before + `/NAME"' "$0" "$@"
	else
		"$before" "$@"
	fi
}
`

// firstScript is what the first versions installed.
func (in Installer) firstScript(name string, chained bool) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n" + mark + "\n")
	fmt.Fprintf(&b, "scan=%s\n[ -x \"$scan\" ] || scan=scan\n", shellQuote(in.Program))
	first := fmt.Sprintf("before=\"$(dirname \"$0\")/%s%s\"\n", name, beside)
	reads := name == "pre-push" || name == "pre-receive"
	switch {
	case chained && reads:
		b.WriteString(first + "input=$(cat; echo .)\ninput=${input%.}\n" +
			"if [ -x \"$before\" ]; then printf '%s' \"$input\" | \"$before\" \"$@\" || exit; fi\n" +
			"printf '%s' \"$input\" | \"$scan\" hook run " + name + " \"$@\"\n")
	case chained:
		b.WriteString(first + "if [ -x \"$before\" ]; then \"$before\" \"$@\" || exit; fi\nexec \"$scan\" hook run " + name + " \"$@\"\n")
	default:
		b.WriteString("exec \"$scan\" hook run " + name + " \"$@\"\n")
	}
	return b.String()
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// sameButProgram compares two hooks apart from where they look for scan.
func sameButProgram(a, b string) bool {
	strip := func(s string) string {
		head, rest, _ := strings.Cut(s, "scan='")
		_, tail, ok := strings.Cut(rest, "\n")
		if !ok {
			return s
		}
		return head + tail
	}
	return strip(a) == strip(b)
}
