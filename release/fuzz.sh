#!/usr/bin/env bash
# Runs every fuzz target of the module for some time, one after the other.
#   release/fuzz.sh [TIME] [PATTERN...]
#   release/fuzz.sh --least N [TIME]    the N targets that had the least time so far
#   release/fuzz.sh --upto MINUTES [TIME] [PATTERN...]
#                                       those that had less than MINUTES so far, in
#                                       rounds of at most TIME, until all have them
#   release/fuzz.sh --table             what each target had so far, as Markdown
# TIME is minutes for each, or "10s" and the like; 1 if it is left out. A PATTERN
# chooses targets by "PACKAGE TARGET"; those of the first one come first.
# FUZZ_WORKERS is how many run at once. FUZZ_LEDGER is the file in which the CPU
# time of each target adds up, docs/fuzzing.tsv if it is not set. Ctrl-C ends a
# run; what was spent until then is counted, so that --upto goes on from there.
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
  awk -F'\t' 'FILENAME == ARGV[1] { spent[$1 FS $2] = $3; next } { print $1 FS $2 FS spent[$1 FS $2] + 0 }' "$ledger" <(targets)
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
least= upto=
case ${1:-} in
--least) least=$2 && shift 2 ;;
--upto) upto=$2 && shift 2 ;;
esac
each=${1:-1}
[[ $each =~ ^[0-9]+$ ]] && each=${each}m
shift $(($# > 0))
[ $# -gt 0 ] || set -- .
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
corpus=$(go env GOCACHE)/fuzz
module=$(go list -m)
failed=()
ran=0
stopped=
pid=

stop() {
  stopped=1
  [ -z "$pid" ] || kill -INT "$pid" 2>/dev/null || true
}
trap stop INT TERM

# The targets whose turn it is, in their order.
turn() { # PATTERN...
  if [ -n "$least" ]; then
    so_far | sort -t $'\t' -k3,3n | head -n "$least"
    return
  fi
  for pattern; do
    so_far | if [ -n "$upto" ]; then awk -F'\t' -v most=$((upto * 60)) '$3 < most' | sort -t $'\t' -k3,3n; else cat; fi |
      while IFS=$'\t' read -r folder target spent; do
        [[ ! "./$folder $target" =~ $pattern ]] || printf '%s\t%s\t%s\n' "$folder" "$target" "$spent"
      done
  done | awk -F'\t' '!seen[$1 FS $2]++'
}

# TIME, or what a target that had SPENT seconds still needs when that is less.
share() { # SPENT
  local left workers
  workers=$(getconf _NPROCESSORS_ONLN)
  left=$((upto * 60 - $1))
  left=$((left / workers + left / workers / 10 + 2))
  case $each in
  *[!0-9]*[ms]) ;; # as 1m30s: taken as it is
  *m) [ "$left" -lt $((${each%m} * 60)) ] && echo "${left}s" && return ;;
  *s) [ "$left" -lt "${each%s}" ] && echo "${left}s" && return ;;
  esac
  echo "$each"
}

fuzz() { # FOLDER TARGET SPENT
  local binary code=0 each=$each
  binary=$work/${1//\//_}.test
  [ -z "$upto" ] || each=$(share "$3")
  echo "== ./$1 $2 ($each)"
  if ! [ -e "$binary" ] && ! go test -c -fuzz . -o "$binary" "./$1"; then
    return 1
  fi
  times >"$work/before"
  # Go shrinks each input that brings something new for a minute, in which it
  # tries nothing else: ten tries have to do.
  (cd "$1" && exec "$binary" -test.run '^$' -test.fuzz "^$2\$" -test.fuzztime "$each" -test.fuzzminimizetime 10x \
    -test.fuzzcachedir "$corpus/$module/$1" ${FUZZ_WORKERS:+-test.parallel "$FUZZ_WORKERS"}) >"$work/log" 2>&1 &
  pid=$!
  wait "$pid" || code=$?
  while kill -0 "$pid" 2>/dev/null; do # a signal of ours ended the waiting
    code=0
    wait "$pid" || code=$?
  done
  pid=
  times >"$work/after"
  cat "$work/log"
  add "$1" "$2" "$(awk -F'[ms ]+' 'FNR == 2 { t = $1 * 60 + $2 + $3 * 60 + $4 - t } END { print t }' "$work/before" "$work/after")"
  # With its time over while a worker is busy, Go says this of a sound target.
  if [ "$code" -ne 0 ] && [ -z "$stopped" ] && grep -q '^ *context deadline exceeded' "$work/log" && ! crashed; then
    echo "its time was over; nothing was found"
    code=0
  fi
  # So it says, with an input, of a worker that had no processor for ten seconds.
  if [ "$code" -ne 0 ] && passes "$1" "$2" "$binary"; then
    echo "the input that it hung on passes by itself: the machine was busy"
    code=0
  fi
  [ "$code" -eq 0 ] || { [ -n "$stopped" ] && ! crashed; }
}

# Tries the input of a hang once more, within a minute, and deletes it if it passes.
passes() { # FOLDER TARGET BINARY
  local input
  grep -q 'fuzzing process hung or terminated unexpectedly' "$work/log" || return 1
  input=$(sed -n 's/^ *Failing input written to //p' "$work/log")
  [ -n "$input" ] && (cd "$1" && timeout 60 "$3" -test.run "^$2\$/^${input##*/}\$") && rm "$1/$input"
}

crashed() { grep -qE 'Failing input|panic:|\.go:[0-9]+:' "$work/log"; }

while [ -z "$stopped" ]; do
  turn "$@" >"$work/turn"
  begun=$ran
  while [ -z "$stopped" ] && IFS=$'\t' read -r folder target spent <&3; do
    [[ " ${failed[*]-} " != *" ./$folder $target "* ]] || continue
    ran=$((ran + 1))
    fuzz "$folder" "$target" "${spent:-0}" || failed+=("./$folder $target")
  done 3<"$work/turn"
  [ -n "$upto" ] && [ "$ran" -gt "$begun" ] || break
done
echo "$ran targets"
if [ "$ran" -eq 0 ] && [ -z "$upto" ]; then
  echo "no target was run"
  exit 1
fi
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
[ -z "$stopped" ] || exit 130
