#!/usr/bin/env bash
# Runs every fuzz target of the module for some time, one after the other.
#   release/fuzz.sh [TIME] [PATTERN]
#   release/fuzz.sh --least N [TIME]    the N targets that had the least time so far
#   release/fuzz.sh --table             what each target had so far, as Markdown
# TIME is minutes for each, or "10s" and the like; 1 if it is left out. PATTERN
# chooses targets by "PACKAGE TARGET". FUZZ_WORKERS is how many run at once.
# FUZZ_LEDGER is the file in which the CPU time of each target adds up,
# docs/fuzzing.tsv if it is not set.
set -euo pipefail
cd "$(dirname "$0")/.."
ledger=${FUZZ_LEDGER:-docs/fuzzing.tsv}

# What exists is read from the source, so that a package that does not build
# cannot pass for one without targets.
targets() {
  git grep -oE '^func Fuzz[A-Za-z0-9]+' -- '*_test.go' | grep -v ^bench/ | sed -E 's|/[^/]*:func |\t|' | sort -u
}

# Each target with its CPU seconds so far. One that is gone has none.
so_far() {
  touch "$ledger"
  awk -F'\t' 'NR == FNR { spent[$1 FS $2] = $3; next } { print $1 FS $2 FS spent[$1 FS $2] + 0 }' "$ledger" <(targets)
}

add() { # PACKAGE TARGET SECONDS
  so_far | awk -F'\t' -v OFS='\t' -v package="$1" -v target="$2" -v more="$3" \
    '$1 == package && $2 == target { $3 = sprintf("%.0f", $3 + more) } { print }' >"$ledger.new"
  mv "$ledger.new" "$ledger"
}

if [ "${1:-}" = --table ]; then
  echo "| package | target | CPU minutes |"
  echo "|---|---|---:|"
  so_far | awk -F'\t' '{ printf "| %s | %s | %.1f |\n", $1, $2, $3 / 60; sum += $3; if ($3 >= 1800) full++ }
    END { printf "| | %d targets, %d with 30 minutes or more | %.1f |\n", NR, full, sum / 60 }'
  exit
fi
least=
if [ "${1:-}" = --least ]; then
  least=$2
  shift 2
fi
each=${1:-1}
[[ $each =~ ^[0-9]+$ ]] && each=${each}m
pattern=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
corpus=$(go env GOCACHE)/fuzz
module=$(go list -m)
failed=()
ran=0
while IFS=$'\t' read -r folder target _; do
  package=./$folder
  [[ -z $pattern || "$package $target" =~ $pattern ]] || continue
  echo "== $package $target ($each)"
  ran=$((ran + 1))
  if ! go test -c -fuzz "^$target\$" -o "$work/test" "$package"; then
    failed+=("$package $target")
    continue
  fi
  # Go shrinks each input that brings something new for a minute, in which it
  # tries nothing else: ten tries have to do.
  code=0
  (
    cd "$package"
    code=0
    "$work/test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "$each" -test.fuzzminimizetime 10x \
      -test.fuzzcachedir "$corpus/$module/$folder" ${FUZZ_WORKERS:+-test.parallel "$FUZZ_WORKERS"} || code=$?
    times >"$work/time" # of this shell, and in the second line of what it started
    exit "$code"
  ) >"$work/log" 2>&1 || code=$?
  cat "$work/log"
  add "$folder" "$target" "$(awk -F'[ms ]+' 'NR == 2 { print $1 * 60 + $2 + $3 * 60 + $4 }' "$work/time")"
  if [ "$code" -ne 0 ]; then
    # With its time over while a worker is busy, Go says this of a sound target.
    if grep -q '^ *context deadline exceeded' "$work/log" && ! grep -qE 'Failing input|panic:|\.go:[0-9]+:' "$work/log"; then
      echo "its time was over; nothing was found"
    else
      failed+=("$package $target")
    fi
  fi
done < <(if [ -n "$least" ]; then so_far | sort -t $'\t' -k3,3n | head -n "$least"; else targets; fi)
echo "$ran targets"
if [ "$ran" -eq 0 ]; then
  echo "no target was run"
  exit 1
fi
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
