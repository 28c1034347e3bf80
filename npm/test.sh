#!/usr/bin/env bash
# Packs the npm packages of this machine's platform, installs them from their
# tarballs without a network and without install scripts, and runs the program.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$(go env GOOS)-$(go env GOARCH)
mkdir -p "$work/dist/$target" "$work/tarballs" "$work/app"
go build -trimpath -o "$work/dist/$target/" ./cmd/scan
node npm/pack.mjs 1.2.3 "$work/dist" "$work/packages"
for package in "$work"/packages/*/; do
  (cd "$package" && npm pack --silent --pack-destination "$work/tarballs" >/dev/null)
done
cd "$work/app"
npm init -y >/dev/null
npm install --silent --offline --ignore-scripts --no-audit --no-fund "$work"/tarballs/*.tgz
npx --offline scan --version
mkdir clean && echo 'nothing here' >clean/a.txt
npx --offline keyrake --quiet clean
code=0
npx --offline scan --no-such-flag 2>/dev/null || code=$?
[ "$code" = 2 ] || { echo "the launcher turns exit code 2 into $code"; exit 1; }
# The recipes' call. Without "--" npx would keep the flags and scan the files instead.
printf 'x\n' | npx --offline --no -- scan --stdin --report json=stdin.json --quiet
grep -q '"source": "stdin"' stdin.json || { echo "npx --no -- scan loses its flags"; exit 1; }
(cd "$OLDPWD" && ! grep -rn 'npx --no scan' README.md docs worker ci hook) || { echo "these recipes lose the flags of scan: write npx --no -- scan"; exit 1; }
grep -q '"scripts"' node_modules/keyrake/package.json node_modules/@keyrake/*/package.json && { echo "a package has scripts"; exit 1; }
rm -r node_modules/@keyrake
code=0
npx --offline scan --version 2>err.txt || code=$?
[ "$code" = 3 ] && grep -q 'is not installed' err.txt || { echo "a missing platform package gives exit code $code"; cat err.txt; exit 1; }
echo "npm packages: packed, installed and run"
