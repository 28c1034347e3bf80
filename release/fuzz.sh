#!/usr/bin/env bash
# Runs every fuzz target of the module for some time, one after the other.
#   release/fuzz.sh [TIME] [PATTERN]
# TIME is minutes for each, or "10s" and the like; 1 if it is left out. PATTERN
# chooses targets by "PACKAGE TARGET". FUZZ_WORKERS is how many run at once.
set -euo pipefail
cd "$(dirname "$0")/.."
each=${1:-1}
[[ $each =~ ^[0-9]+$ ]] && each=${each}m
pattern=${2:-}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=()
ran=0
# What exists is read from the source, so that a package that does not build
# cannot pass for one without targets.
while IFS=: read -r file target; do
  package=./$(dirname "$file")
  [[ -z $pattern || "$package $target" =~ $pattern ]] || continue
  echo "== $package $target ($each)"
  ran=$((ran + 1))
  # Go shrinks each input that brings something new for a minute, in which it
  # tries nothing else: ten tries have to do.
  if ! go test -run '^$' -fuzz "^$target\$" -fuzztime "$each" -fuzzminimizetime 10x ${FUZZ_WORKERS:+-parallel "$FUZZ_WORKERS"} "$package" 2>&1 | tee "$log"; then
    # With its time over while a worker is busy, Go says this of a sound target.
    if grep -q '^ *context deadline exceeded' "$log" && ! grep -qE 'Failing input|panic:|\.go:[0-9]+:' "$log"; then
      echo "its time was over; nothing was found"
    else
      failed+=("$package $target")
    fi
  fi
done < <(git grep -oE '^func Fuzz[A-Za-z0-9]+' -- '*_test.go' | grep -v ^bench/ | sed 's/func //')
echo "$ran targets"
if [ "$ran" -eq 0 ]; then
  echo "no target was run"
  exit 1
fi
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
