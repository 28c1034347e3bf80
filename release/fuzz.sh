#!/usr/bin/env bash
# Runs every fuzz target of the module for some minutes, one after the other.
#   release/fuzz.sh [MINUTES]   default 1; "10s" and the like are taken as they are
set -euo pipefail
cd "$(dirname "$0")/.."
each=${1:-1}
[[ $each =~ ^[0-9]+$ ]] && each=${each}m
failed=()
for package in $(go list ./...); do
  for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    echo "== $package $target ($each)"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$each" "$package" || failed+=("$package $target")
  done
done
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
