#!/usr/bin/env bash
# The scan of a GitHub job: annotations into the log, a summary of the step, and
# the exit code of scan. Called by action.yml, which hands over everything in the
# environment.
set -euo pipefail
scan=${SCAN:-$RUNNER_TEMP/keyrake/scan}

fail() {
  printf '::error title=Keyrake::%s\n' "$1"
  printf 'exit-code=%s\n' "$2" >>"$GITHUB_OUTPUT"
  exit "$2"
}

# In a container job the checkout is another user's, and git has to be told to read it.
git() { command git -c safe.directory="$PWD" "$@"; }

if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
  fail 'this is a shallow clone, so most of the history is missing. Give actions/checkout "fetch-depth: 0".' 3
fi

args=()
case $INPUT_SCOPE in
history) args+=(--history) ;;
range)
  base=${EVENT_BASE:-$EVENT_BEFORE}
  trunk=${GITHUB_BASE_REF:-${DEFAULT_BRANCH:-}}
  if [ -n "${base//0/}" ] && git cat-file -e "$base^{commit}" 2>/dev/null; then
    args+=(--range "$base..$EVENT_HEAD")
  elif [[ -n "$trunk" && "${GITHUB_REF:-}" != "refs/heads/$trunk" && "${GITHUB_REF:-}" != refs/tags/* ]] &&
    git rev-parse -q --verify "origin/$trunk^{commit}" >/dev/null; then
    # A new branch, or a push that threw the old commits away: what the default branch has not.
    args+=(--since-ref "origin/$trunk")
  else
    # Of the default branch itself, and of a tag on it, that would be nothing.
    args+=(--history)
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
report=$RUNNER_TEMP/keyrake.md
rm -f "$report" # of an earlier step of the job
"$scan" "${args[@]}" --format github --report "markdown=$report" || code=$?
if [ -f "$report" ]; then
  cat "$report" >>"$GITHUB_STEP_SUMMARY"
elif [ "$code" -ne 0 ]; then
  fail "nothing was scanned (exit code $code): the log above says why" "$code"
fi
printf 'exit-code=%s\n' "$code" >>"$GITHUB_OUTPUT"
exit "$code"
