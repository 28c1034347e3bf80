#!/bin/sh
# Scans copies of repositories twenty times each: with 1, 2, 8 and 64 workers, without the cache, as the cache
# is written, and three times from it. All reports of a repository have to be the same bytes.
#
#     release/determinism.sh SCAN REPOSITORY...
set -eu
scan=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
failed=0
for repository; do
	git=$repository
	if [ -d "$repository/.git" ]; then git=$repository/.git; fi
	mkdir "$work/repository"
	cp -Rl "$git/." "$work/repository" 2>/dev/null || cp -R "$git/." "$work/repository"
	rm -rf "$work/repository/keyrake"
	sleep 3 # a file that has just changed is not kept
	: >"$work/digests"
	run() {
		code=0
		"$scan" --history --format json -q -j "$jobs" "$@" "$work/repository" >"$work/report" || code=$?
		{ echo "exit $code"; cat "$work/report"; } | sha256sum >>"$work/digests"
	}
	for jobs in 1 2 8 64; do
		run --no-cache
		rm -rf "$work/repository/keyrake"
		for again in first second third fourth; do
			run
			if [ "$again" = first ] && [ ! -e "$work/repository/keyrake/history" ]; then
				echo "$repository: nothing was kept" >&2
				failed=1
			fi
		done
	done
	runs=$(wc -l <"$work/digests")
	digests=$(sort -u "$work/digests" | wc -l)
	echo "$repository: $runs scans, digests: $digests, $(wc -c <"$work/report") bytes, exit code $code"
	[ "$digests" -eq 1 ] || failed=1
	rm -rf "$work/repository"
done
exit "$failed"
