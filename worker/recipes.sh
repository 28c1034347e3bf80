#!/usr/bin/env bash
# Tries the recipes of docs/workers.md with the real wrangler, as far as they
# need no account. wrangler is taken from npm; WRANGLER names one that is there.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/home" "$work/shop"
(cd "$root" && go build -o "$work/bin/scan" ./cmd/scan)
wanted=4
if [ "$(node --version | tr -d v | cut -d. -f1)" -lt 22 ]; then
  wanted=4.86.0 # the last that runs with Node.js 20
fi
if [ -z "${WRANGLER:-}" ]; then
  (cd "$work" && npm init -y >/dev/null && npm install --no-audit --no-fund --silent "wrangler@$wanted")
  WRANGLER=$work/node_modules/.bin/wrangler
fi
export PATH="$work/bin:$PATH" HOME="$work/home" GIT_CONFIG_NOSYSTEM=1 WRANGLER_SEND_METRICS=false CI=1
git config --global user.name Ada
git config --global user.email ada@example.org
git config --global init.defaultBranch main
# A generated token, so that this file holds none.
token="ghp_$(head -c 600 /dev/urandom | tr -dc 'A-Za-z0-9' | head -c 36)"

cd "$work/shop"
git init -q
cat >wrangler.jsonc <<'JSON'
{
  "name": "shop",
  "main": "src/index.ts",
  "compatibility_date": "2026-01-01",
  "assets": { "directory": "public" }
}
JSON
mkdir src public
echo 'export default { fetch: () => new Response("ok") };' >src/index.ts
echo hello >public/index.html
printf '.wrangler\nbundle\n' >.gitignore

scan init --yes --skip ci,hook >/dev/null
grep -q 'scan --history --wrangler' wrangler.jsonc
sed -i.bak 's/npx --no -- scan/scan/' wrangler.jsonc && rm wrangler.jsonc.bak # there is no package here
git add . && git commit -qm start

# passes and stops call wrangler, and demand that it works, or fails because of scan.
passes() { "$WRANGLER" "${@:2}" >"$work/out" 2>&1 || { echo "$1: it fails"; cat "$work/out"; exit 1; }; echo "$1: passes"; }
stops() {
  if "$WRANGLER" "${@:2}" >"$work/out" 2>&1; then echo "$1: it is not stopped"; cat "$work/out"; exit 1; fi
  grep -q 'GitHub token' "$work/out" || { echo "$1: stopped by something else"; cat "$work/out"; exit 1; }
  if grep -q "$token" "$work/out"; then echo "$1: the token is shown"; exit 1; fi
  echo "$1: stopped"
}

passes "deploy, clean" deploy --dry-run --outdir bundle
scan --no-ignore bundle public >/dev/null && echo "bundle and assets, clean: pass"
echo "const key = \"$token\";" >src/old.ts && git add . && git commit -qm leak
git rm -q src/old.ts && git commit -qm "take it out"
stops "deploy, with a key in history alone" deploy --dry-run --outdir bundle
stops "versions upload" versions upload --dry-run
passes "types" types

# What is in the bundle and not in the repository.
git reset -q --hard HEAD~2
echo 'export default { fetch: () => new Response(KEY) };' >src/index.ts
passes "deploy with a value put in" deploy --dry-run --outdir bundle --define "KEY:'$token'"
if scan --no-ignore bundle >"$work/out"; then echo "bundle: the value that was put in is not found"; exit 1; fi
grep -q 'GitHub token' "$work/out" && echo "bundle: the value that was put in is found"
cp bundle/index.js public/app.js
if scan --no-ignore public >"$work/out"; then echo "assets: the key is not found"; exit 1; fi
echo "assets: the key is found"

# predeploy.
cat >package.json <<'JSON'
{ "scripts": { "predeploy": "scan --history", "deploy": "echo deployed" } }
JSON
npm run deploy --silent >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
git add -f public && git commit -qm leak
if npm run deploy --silent >"$work/out" 2>&1; then echo "predeploy: not stopped"; exit 1; fi
if grep -q '^deployed' "$work/out"; then echo "predeploy: deployed all the same"; exit 1; fi
echo "predeploy: stopped"

# The Vite plugin: wrangler deploys what it wrote, without the build command, and
# the local secrets are copied into the build.
mkdir "$work/vite" && cd "$work/vite"
echo '{ "type": "module", "private": true }' >package.json
if ! npm install --no-audit --no-fund --silent --save-dev vite @cloudflare/vite-plugin wrangler >/dev/null 2>&1; then
  echo "vite: its packages cannot be had here, not tried"
  exit 0
fi
git init -q
mkdir src
cat >vite.config.js <<'JS'
import { cloudflare } from "@cloudflare/vite-plugin";
export default { plugins: [cloudflare()] };
JS
echo 'export default { fetch: () => new Response("ok") };' >src/index.ts
echo '{ "name": "shop-vite", "main": "src/index.ts", "compatibility_date": "2026-01-01" }' >wrangler.jsonc
printf 'node_modules\n/.dev.vars\n.wrangler\n' >.gitignore
echo "GITHUB_KEY=$token" >.dev.vars
scan init --yes --skip ci,hook,gitignore >"$work/out"
grep -q 'predeploy' "$work/out" || { echo "vite: init does not tell of predeploy"; exit 1; }
if grep -q '"build"' wrangler.jsonc; then echo "vite: init proposes what never runs"; exit 1; fi
npx vite build >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
test -f dist/shop_vite/.dev.vars || { echo "vite: .dev.vars is not copied any more"; find dist; exit 1; }
if scan --no-ignore dist >"$work/out"; then echo "vite: the copy of .dev.vars is not found"; exit 1; fi
echo "vite: the copy of .dev.vars in dist is found"
sed 's/"main"/"build": { "command": "exit 7" }, "main"/' wrangler.jsonc >w && mv w wrangler.jsonc
npx vite build >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
if ! npx wrangler deploy --dry-run >"$work/out" 2>&1; then
  if grep -q 'requires at least Node' "$work/out"; then
    echo "vite: this wrangler needs a newer Node.js, deploy not tried"
    exit 0
  fi
  cat "$work/out"
  echo "vite: deploy does not pass; if that is the build command, docs/workers.md says otherwise"
  exit 1
fi
echo "vite: the build command does not run, as docs/workers.md says"
