package main

import (
	"context"
	"os"
	"strings"

	"keyrake/scanner"
	"keyrake/scanner/finding"
)

// commitMessage scans the file that git names: the message as it was written,
// without the diff that "git commit -v" puts behind it.
func commitMessage(ctx context.Context, opt scanner.Options, p *process, args []string) (*finding.Report, error) {
	if len(args) != 1 {
		return nil, &usageError{"commit-msg needs the file of the message, which git names", ""}
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return nil, err
	}
	message := string(data)
	// Without an editor git writes nothing into the file, and commits what stands
	// behind such a line; it tells hooks by this value that there was none.
	if p.env.get("GIT_EDITOR") != ":" {
		message = beforeDiff(message)
	}
	return scanner.Stream(ctx, opt, "commit message", strings.NewReader(message))
}

// beforeDiff is a message without the diff that git puts behind its scissors line,
// where a secret that goes away stands too. git commits what stands behind such a line
// if it was not git that wrote it: then the two comments below it are missing, there is
// something but comments and a diff, or comments are the end of the diff, as git
// adds its own to a message that was there, say that of a commit that did not come about.
func beforeDiff(message string) string {
	const scissors = "# ------------------------ >8 ------------------------\n"
	text, rest, _ := strings.Cut(message, scissors)
	comments, rest := cutComments(rest)
	if comments < 2 || rest != "" && !strings.HasPrefix(rest, "diff --") {
		return message
	}
	// A line of a diff never starts with "#"; "git commit -vv" has such between two of them.
	for rest != "" {
		_, after, _ := strings.Cut(rest, "\n#")
		if after == "" {
			break
		}
		if _, rest = cutComments("#" + after); !strings.HasPrefix(rest, "diff --") {
			return message
		}
	}
	return text
}

// cutComments cuts the comments at the start of a text off, and counts them.
func cutComments(text string) (n int, rest string) {
	for strings.HasPrefix(text, "#") {
		_, text, _ = strings.Cut(text, "\n")
		n++
	}
	return n, text
}
