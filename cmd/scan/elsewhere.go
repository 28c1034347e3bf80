package main

// elsewhere says what stands here for a flag that gitleaks, trufflehog or
// detect-secrets have and scan has not; "" if none of them has it.
func elsewhere(flag string) string {
	switch flag {
	case "json":
		return "--format json writes JSON"
	case "f", "report-format":
		return "--format FORMAT says how the report is written"
	case "r", "report-path":
		return "-o FILE says where the report is written, --report FORMAT=FILE both"
	case "s", "source", "no-git", "include-paths", "i":
		return `a folder is named as it is: "scan PATH"; a repository too: "scan --history REPO"`
	case "v", "verbose":
		return "findings are always printed; --show-low and --show-suppressed list more"
	case "l", "log-level", "no-banner", "no-update":
		return "leave it out; --quiet prints less"
	case "redact":
		return "secrets are masked without it; --show-secrets prints them"
	case "no-color":
		return "--color never, or NO_COLOR in the environment"
	case "b", "baseline-path":
		return "--baseline FILE takes a .scan-baseline; \"scan import\" makes one of a baseline of gitleaks or detect-secrets"
	case "c":
		return "--config FILE takes a .scan.yaml; \"scan import gitleaks\" makes one"
	case "exit-code", "fail":
		return "findings exit 1; --fail-on LEVEL says which, and with --exit-zero none does"
	case "log-opts":
		return "--range A..B"
	case "since-commit":
		return "--since-ref REF"
	case "branch":
		return "--range BRANCH"
	case "pre-commit":
		return "--staged"
	case "pipe":
		return "--stdin"
	case "all-files":
		return "--no-ignore searches files that git ignores, too"
	case "only-verified", "results", "no-verification", "n", "no-verify":
		return "no secret is ever tried at its service; --min-confidence 0.99 leaves what its form proves"
	case "x", "exclude-paths", "exclude-files", "exclude", "exclude-lines", "exclude-secrets":
		return ".scanignore accepts paths, and allow in .scan.yaml lines and values (docs/from-gitleaks.md)"
	case "concurrency", "threads", "cores":
		return "--jobs N"
	case "max-target-megabytes":
		return "--max-file-size SIZE"
	case "archive-max-depth":
		return "--max-archive-depth N"
	case "V":
		return "--version"
	}
	return ""
}
