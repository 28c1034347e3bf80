#!/usr/bin/env bash
# Publishes the npm packages of a release that goreleaser has built in dist:
#   release/npm.sh VERSION
# The launcher comes last, when every package that it names exists.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for system in linux darwin windows; do
  for processor in amd64 arm64; do
    mkdir -p "$work/dist/$system-$processor"
    cp dist/scan_${system}_${processor}*/scan* "$work/dist/$system-$processor/"
  done
done
node npm/pack.mjs "$version" "$work/dist" "$work/packages"
for package in "$work"/packages/*-*/ "$work/packages/keyrake/"; do
  (cd "$package" && npm publish --provenance --access public)
done
