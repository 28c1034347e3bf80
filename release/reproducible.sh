#!/usr/bin/env bash
# Builds the program of every platform twice, from two copies of the source in
# different folders, and compares the bytes.
#   release/reproducible.sh [GOOS/GOARCH...]   default: all that are released
set -euo pipefail
cd "$(dirname "$0")/.."
targets=("$@")
[ $# -gt 0 ] || targets=(linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for copy in one another/folder; do
  mkdir -p "$work/$copy"
  git archive HEAD | tar -x -C "$work/$copy"
done
for target in "${targets[@]}"; do
  for copy in one another/folder; do
    (cd "$work/$copy" && CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} \
      go build -trimpath -ldflags '-s -w -buildid=' -o "$work/$copy/out" ./cmd/scan)
  done
  cmp "$work/one/out" "$work/another/folder/out" || { echo "$target: two builds differ"; exit 1; }
  echo "$target: $(sha256sum <"$work/one/out" | cut -c1-64)"
done
