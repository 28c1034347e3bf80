#!/usr/bin/env bash
# The scan of a GitHub job: annotations into the log, a summary of the step, and
# the exit code of scan. Called by action.yml, which hands over everything in the
# environment.
set -euo pipefail
scan=${SCAN:-$RUNNER_TEMP/keyrake/scan}

fail() {
  printf '::error title=Keyrake::%s\n' "$1"
  exit "$2"
}

if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
  fail 'this is a shallow clone, so most of the history is missing. Give actions/checkout "fetch-depth: 0".' 3
fi

args=()
case $INPUT_SCOPE in
history) args+=(--history) ;;
range)
  base=${EVENT_BASE:-$EVENT_BEFORE}
  if [ -z "${base//0/}" ] || ! git cat-file -e "$base^{commit}" 2>/dev/null; then
    # A new branch, or a push that threw the old commits away: what no other branch has.
    args+=(--since-ref "origin/${GITHUB_BASE_REF:-${DEFAULT_BRANCH:-HEAD}}")
    git rev-parse -q --verify "origin/${GITHUB_BASE_REF:-${DEFAULT_BRANCH:-HEAD}}" >/dev/null || args=(--history)
  else
    args+=(--range "$base..$EVENT_HEAD")
  fi
  ;;
*) fail 'the input "scope" is neither range nor history' 2 ;;
esac
[ -z "$INPUT_FAIL_ON" ] || args+=(--fail-on "$INPUT_FAIL_ON")
[ -z "$INPUT_SARIF" ] || args+=(--report "github-sarif=$INPUT_SARIF")
while IFS= read -r line; do
  [ -z "$line" ] || args+=("$line")
done <<<"$INPUT_ARGS"

code=0
"$scan" "${args[@]}" --format github --report "markdown=$RUNNER_TEMP/keyrake.md" || code=$?
[ ! -f "$RUNNER_TEMP/keyrake.md" ] || cat "$RUNNER_TEMP/keyrake.md" >>"$GITHUB_STEP_SUMMARY"
printf 'exit-code=%s\n' "$code" >>"$GITHUB_OUTPUT"
exit "$code"
