package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"keyrake/scanner"
	"keyrake/scanner/finding"
)

// callHook is what an installed hook runs: the scan that belongs to it, with the
// report as text and the exit code of a scan.
func callHook(ctx context.Context, p *process, args []string) (exitCode, error) {
	if len(args) == 0 {
		return 0, &usageError{"run needs the name of a hook", `installed hooks call "scan hook run NAME" with git's own arguments`}
	}
	if slices.Contains(args, "--help") || slices.Contains(args, "-h") {
		return 0, pflag.ErrHelp // git names no such ref, remote or file to a hook
	}
	if args[0] == "pre-commit" && forPush(p.env) {
		return exitClean, nil
	}
	c, err := parseFlags([]string{"--quiet"})
	if err != nil {
		return 0, err
	}
	// What the hook reads says which repository's settings count.
	c.mode = map[string]mode{"pre-commit": modeStaged, "commit-msg": modeStdin}[args[0]]
	if c.mode == modeFiles {
		c.mode = modeHistory
	}
	set, opt, err := p.prepare(c)
	if err != nil {
		return exitUsage, err
	}
	defer set.close()
	scans := map[string]func(context.Context, scanner.Options, *process, []string) (*finding.Report, error){
		"pre-commit": preCommit, "commit-msg": commitMessage, "pre-push": prePush, "pre-receive": preReceive,
	}
	scanHook := scans[args[0]]
	if scanHook == nil {
		return 0, &usageError{fmt.Sprintf("there is no hook %q", args[0]), "known are pre-commit, commit-msg, pre-push and pre-receive"}
	}
	r, err := scanHook(ctx, opt, p, args[1:])
	if r == nil {
		return exitIncomplete, err
	}
	if err != nil {
		complain(p.term, r, err)
	}
	r.Coverage.Gaps = append(r.Coverage.Gaps, set.gaps...)
	code := c.exit(r, err)
	set.tell(c, p.term, r)
	// git shows a hook's standard error; what it does with the other stream differs from hook to hook.
	if err := deliver(c, r, p.term.out, p.env); err != nil {
		return exitIncomplete, err
	}
	if code == exitFindings {
		p.term.print("%s stopped: take the secrets out and rotate those that were already shared; git's --no-verify lets it through", args[0])
	}
	return code, nil
}

// forPush reports whether pre-commit, which runs all hooks of its configuration at each of
// its stages, runs them for a push. git names an index to the hooks of a commit.
func forPush(env environment) bool {
	return env.get("PRE_COMMIT_REMOTE_NAME") != "" && env.get("GIT_INDEX_FILE") == ""
}

func preCommit(ctx context.Context, opt scanner.Options, p *process, _ []string) (*finding.Report, error) {
	return scanner.Staged(ctx, opt, p.env.git(&command{mode: modeStaged}))
}

// refName is the field of a ref update in which pre-push is told the remote's ref.
const refName = 2

// maxHookLines bounds what is read of the list of refs that git gives a hook.
const maxHookLines = 64 << 20

// refUpdates reads the lines that git gives pre-push and pre-receive, and
// returns the fields with the given numbers of each.
func refUpdates(in io.Reader, fields int, pick ...int) ([][]string, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxHookLines+1))
	if err != nil {
		return nil, fmt.Errorf("read the refs that git names: %w", err)
	}
	var list [][]string
	if len(data) > maxHookLines {
		return nil, fmt.Errorf("read the refs that git names: there are more than %d bytes of them", maxHookLines)
	}
	for line := range strings.Lines(string(data)) {
		// The line itself is not told: a branch may be named for a secret.
		wrong := &usageError{fmt.Sprintf("line %d of standard input is no ref update", len(list)+1), "this command is called by git"}
		words := strings.Fields(line)
		if len(words) != fields {
			return nil, wrong
		}
		picked := make([]string, len(pick))
		for i, n := range pick {
			if n != refName && !isObjectName(words[n]) {
				return nil, wrong
			}
			picked[i] = words[n]
		}
		list = append(list, picked)
	}
	return list, nil
}

// isObjectName reports whether text is the full name of an object, of either hash.
func isObjectName(text string) bool {
	return (len(text) == 40 || len(text) == 64) && strings.Trim(text, "0123456789abcdef") == ""
}

// noObject is the name that git gives for no object, and so the start of a list
// that may stay without any other.
const noObject = "0000000000000000000000000000000000000000"

func isNoObject(name string) bool { return strings.Trim(name, "0") == "" }

// prePush scans what the remote lacks: the lines are "local-ref local-object
// remote-ref remote-object", with zeros for a ref that is deleted or new.
func prePush(ctx context.Context, opt scanner.Options, p *process, args []string) (*finding.Report, error) {
	updates, err := refUpdates(p.stdin, 4, 1, 3, refName)
	if err != nil {
		return nil, err
	}
	remote := ""
	if len(args) > 0 {
		remote = args[0]
	}
	// pre-commit reads standard input itself and tells what was in it this way; of a push
	// from the first commit on, the branch alone.
	if to := cmp.Or(p.env.get("PRE_COMMIT_TO_REF"), p.env.get("PRE_COMMIT_LOCAL_BRANCH")); to != "" && len(updates) == 0 {
		updates, remote = [][]string{{to, p.env.get("PRE_COMMIT_FROM_REF")}}, p.env.get("PRE_COMMIT_REMOTE_NAME")
	}
	rg := scanner.RangeOptions{Include: []string{noObject}}
	if remote != "" {
		rg.NotOn = []string{remote}
	}
	for _, u := range updates {
		rg.Include = append(rg.Include, u[0])
		rg.Held = append(rg.Held, u[1])
		if len(u) > 2 && isNoObject(u[1]) && !isNoObject(u[0]) {
			rg.Missing = append(rg.Missing, u[2])
		}
	}
	return scanner.Range(ctx, opt, p.env.git(&command{mode: modeHistory}), rg)
}

// preReceive scans what is new to the server: the lines are "old-object
// new-object ref". The objects are in quarantine, which git's variables name.
func preReceive(ctx context.Context, opt scanner.Options, p *process, _ []string) (*finding.Report, error) {
	updates, err := refUpdates(p.stdin, 3, 1)
	if err != nil {
		return nil, err
	}
	rg := scanner.RangeOptions{Include: []string{noObject}, NotRefs: true}
	for _, u := range updates {
		rg.Include = append(rg.Include, u[0])
	}
	return scanner.Range(ctx, opt, p.env.git(&command{mode: modeHistory}), rg)
}
