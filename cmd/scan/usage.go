package main

import (
	"strings"

	"keyrake/scanner/report"
)

// usage is the text of scan --help. The groups are tasks, in the order in which
// a newcomer meets them.
func usage() string {
	var b strings.Builder
	b.WriteString(usageHead)
	b.WriteString(renderSections(scanSections()))
	b.WriteString("\nSIZE is a number of bytes with an optional unit: kB, MB, GB (1000) or\nKiB, MiB, GiB (1024).\n")
	b.WriteString("\nFormats:\n" + formatList())
	if list := subcommands(); len(list) > 0 {
		b.WriteString("\nCommands (\"scan COMMAND --help\" has details; \"scan ./NAME\" scans a file NAME):\n")
		for _, s := range list {
			b.WriteString(renderEntry(s.name, s.summary))
		}
	}
	b.WriteString(usageTail)
	return b.String()
}

// formatList describes the formats of a report.
func formatList() string {
	var b strings.Builder
	for _, f := range report.Formats() {
		b.WriteString(renderEntry(f.Name, f.Summary))
	}
	return b.String()
}

const usageHead = `scan finds credentials in files and in git repositories. It reads, and
keeps a cache of its own: it runs nothing from a repository and opens no network
connection.

Usage:
  scan [FLAGS] [PATH...]          files on disk (default: the current directory)
  scan --staged [FLAGS]           what the next commit would add
  scan --history [FLAGS] [REPO]   all that any ref of a repository reaches
  scan --range A..B [REPO]        what B reaches and A does not
  scan --stdin [FLAGS]            one stream; "scan -" is the same

`

// scanSections describes the flags of a scan.
func scanSections() []section {
	return []section{
		{"What to search", []option{
			{"staged", "", "", "the index against HEAD, for a pre-commit hook"},
			{"history", "", "", "all blobs, commit messages and tag messages"},
			{"unreachable", "", "", "with --history: report what no ref reaches, too"},
			{"publish", "", "[=REMOTE]", "with --history: what becomes public if all is pushed, and what REMOTE has of it already"},
			{"verify-gone", "", "LIST", "prove that the repository no longer holds any secret of LIST; the same as \"scan verify-gone LIST\""},
			{"range", "", "A..B", "what B reaches and A does not; also A...B, B alone, ^A or B^! (may be given several times)"},
			{"since-ref", "", "REF", "what HEAD, or --range, reaches and REF does not"},
			{"not-on", "", "REMOTE", "what HEAD, or --range, reaches and no remote-tracking ref of REMOTE does; \"*\" is all remotes (may be given several times)"},
			{"stdin", "", "", "standard input"},
			{"no-ignore", "", "", "with PATH: search files that git ignores, too"},
			{"max-file-size", "", "SIZE", "leave larger files and blobs out and list them as not read (by default none; above half of --memory they are searched in pieces)"},
			{"max-archive-depth", "", "N", "open zip, tar, gzip, bzip2 and Zstandard files, and such files in them, N deep; 0 opens none (default 2)"},
		}},
		{"What to look for", []option{
			{"rules", "", "FILE", "add the rules in FILE; a rule whose id exists replaces that one (may be given several times)"},
			{"min-confidence", "", "N", "report only findings of this confidence or more, from 0 to 1 (default 0.5)"},
			{"enable-rule", "", "ID", "search with these rules only; an ID may hold * (may be given several times)"},
			{"disable-rule", "", "ID", "do not search with these rules"},
		}},
		{"What is known and accepted", []option{
			{"baseline", "", "FILE", "suppress the secrets that FILE accepts (default: .scan-baseline at the top of the repository, if there is one)"},
			{"config", "", "FILE", "settings from FILE, stronger than those of the repository"},
			{"no-repo-config", "", "", "for code that you do not trust: no .scan.yaml, .scanignore or .scan-baseline of the repository, and no scan:allow marks"},
			{"show-suppressed", "", "", "list what was suppressed; it is always counted"},
		}},
		{"Report", []option{
			{"format", "", "FORMAT", "one of those below (default text)"},
			{"output", "o", "FILE", "write the report to FILE, readable only by you; FILE changes only once the report is complete"},
			{"report", "", "FORMAT=FILE", "write a further report; - is standard output (may be given several times)"},
			{"fail-on", "", "LEVEL", "exit 1 for findings of this severity or more (info, low, medium, high, critical), of this confidence or more (0 to 1), or both: high,0.9 (default medium)"},
			{"show-low", "", "", "list what is below severity medium and does not fail the scan, too; it is always counted"},
			{"exit-zero", "", "", "exit 0 in spite of findings; codes 2, 3 and 130 stay"},
			{"show-secrets", "", "", "print secrets in full; without it they are masked"},
			{"color", "", "WHEN", "auto, always or never (default auto)"},
			{"hyperlink", "", "WHEN", "make places in text lead to their files: auto, always or never (default auto: in terminals known to do so)"},
			{"agent", "", "", "for coding agents and editors: --format agent, and nothing else unless something is wrong"},
			{"quiet", "q", "", "print nothing but findings, gaps, the notes on these, warnings and errors"},
			{"wrangler", "", "", "in a build command of wrangler: scan, but for dev and types, which publish nothing"},
			{"allow-incomplete", "", "", "let what could not be read not change the exit code; the report still lists it"},
			{"stats", "", "", "print to stderr what the scan cost"},
		}},
		{"Speed and memory", []option{
			{"jobs", "j", "N", "workers (default: one for each CPU)"},
			{"memory", "", "SIZE", "bound for content held in memory at one time, and for places of secrets, of which each takes 256 bytes (default 256MB; never fewer than a million places)"},
			{"no-cache", "", "", "with --history: neither use nor keep the outcome of an earlier scan of the same state, in keyrake/ below the git directory"},
			{"prove", "", "", "with --history: hash every blob and list those that are not what their names say, as a forged pack index can have it"},
			{"full-scan", "", "", "with --history: search every blob in full, instead of carrying results from one version to the next"},
		}},
		{"Other", []option{
			{"version", "", "", "print the version and the digest of the rules"},
			{"help", "h", "", "print this text"},
		}},
	}
}

const usageTail = `
Exit codes:
  0    everything was read, and nothing found of severity medium or more
  1    findings of severity medium or more; --fail-on sets another bar
  2    wrong usage, or a rule file or configuration that cannot be used
  3    something could not be read; the report says what and why
  130  interrupted; the report holds what was found until then

Environment:
  SCAN_CONFIG, SCAN_NO_REPO_CONFIG and SCAN_ with the name of a setting in
  capitals (SCAN_MIN_CONFIDENCE; "scan config --help" lists all) override
  --config, and flags override them.
  NO_COLOR, CLICOLOR, CLICOLOR_FORCE, FORCE_COLOR and TERM decide on colour when
  that is left to auto. GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_GRAFT_FILE,
  GIT_OBJECT_DIRECTORY and GIT_ALTERNATE_OBJECT_DIRECTORIES have the meaning
  that git gives them, so that scan works in hooks; they do not apply to a
  repository that is named on the command line.

Examples:
  scan                                  look through the current directory
  scan --history                        before a repository goes public
  scan --staged                         in .git/hooks/pre-commit
  scan --history --format json -o report.json ../shop
  scan --report sarif=scan.sarif --report html=scan.html --fail-on high
  kubectl logs web | scan -
`
