package main

// usage is written by hand, because its groups and examples say more than a
// sorted list; a test holds that it names exactly the flags that exist.
const usage = `scan finds credentials in files and in git repositories. It only reads: it runs
nothing from a repository and opens no network connection.

Usage:
  scan [FLAGS] [PATH...]          files on disk (default: the current directory)
  scan --staged [FLAGS]           what the next commit would add
  scan --history [FLAGS] [REPO]   all that any ref of a repository reaches
  scan --stdin [FLAGS]            one stream; "scan -" is the same

What to search:
      --staged                the index against HEAD, for a pre-commit hook
      --history               all blobs, commit messages and tag messages
      --stdin                 standard input
      --no-ignore             with PATH: search files that git ignores, too
      --max-file-size SIZE    leave larger files and blobs out and list them as
                              not read (default: no limit)

What to look for:
      --rules FILE            add the rules in FILE; a rule whose id exists
                              replaces that one (may be given several times)
      --min-confidence N      report only findings of this confidence or more,
                              from 0 to 1 (default 0.5)

Report:
      --format FORMAT         text for people, json for programs, jsonl with
                              a line for each place (default text)
  -o, --output FILE           write the report to FILE, readable only by you;
                              FILE changes only once the report is complete
      --show-secrets          print secrets in full; without it they are masked
      --color WHEN            auto, always or never (default auto)
  -q, --quiet                 print nothing but findings, gaps and errors
      --stats                 print to stderr what the scan cost

Speed and memory:
  -j, --jobs N                workers (default: one for each CPU)
      --memory SIZE           bound for content held in memory at one time
                              (default 256MB)
      --full-scan             with --history: search every blob in full, instead
                              of carrying results from one version to the next

      --version               print the version and the digest of the rules
  -h, --help                  print this text

SIZE is a number of bytes with an optional unit: kB, MB, GB (1000) or
KiB, MiB, GiB (1024).

Exit codes:
  0    everything was read, and no secret was found
  1    secrets were found
  2    wrong usage, or a rule file that cannot be used
  3    something could not be read; the report says what and why
  130  interrupted; the report holds what was found until then

Environment:
  NO_COLOR, CLICOLOR, CLICOLOR_FORCE, FORCE_COLOR and TERM decide on colour when
  that is left to auto. GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE,
  GIT_OBJECT_DIRECTORY and GIT_ALTERNATE_OBJECT_DIRECTORIES have the meaning
  that git gives them, so that scan works in hooks; they do not apply to a
  repository that is named on the command line.

Examples:
  scan                                  look through the current directory
  scan --history                        before a repository goes public
  scan --staged                         in .git/hooks/pre-commit
  scan --history --format json -o report.json ../shop
  kubectl logs web | scan -
`
