#!/usr/bin/env bash
# Tries the recipes of docs/hooks.md with the real tools: pre-commit, lefthook
# and husky. A tool that is not on the machine is taken from npm, or left out
# with a word.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
(cd "$root" && go build -o "$work/bin/scan" ./cmd/scan)
export PATH="$work/bin:$PATH" HOME="$work/home" GIT_CONFIG_NOSYSTEM=1
mkdir "$HOME"
git config --global user.name Ada
git config --global user.email ada@example.org
git config --global init.defaultBranch main
# A generated token, so that this file holds none.
token="ghp_$(head -c 600 /dev/urandom | tr -dc 'A-Za-z0-9' | head -c 36)"

# begin NAME makes a repository with a remote and goes there.
begin() {
  echo "== $1"
  git init -q --bare "$work/$1.git"
  git init -q "$work/$1"
  cd "$work/$1"
  git remote add origin "$work/$1.git"
}

# stops demands that a commit with the token fails and one without passes, and
# that a push of a commit with the token fails and one without passes.
stops() {
  echo "x" >clean.txt && git add . && git commit -qm clean
  git push -q origin main
  echo "key = \"$token\"" >leak.txt && git add leak.txt
  if git commit -qm leak >"$work/out" 2>&1; then echo "$1: the commit was not stopped"; exit 1; fi
  grep -q github "$work/out" || { echo "$1: the commit was stopped by something else"; cat "$work/out"; exit 1; }
  git commit -qm leak --no-verify
  if git push -q origin main >"$work/out" 2>&1; then echo "$1: the push was not stopped"; exit 1; fi
  grep -q github "$work/out" || { echo "$1: the push was stopped by something else"; cat "$work/out"; exit 1; }
  if grep -q "$token" "$work/out"; then echo "$1: the token is shown"; exit 1; fi
  git reset -q --hard HEAD~1 && echo y >more.txt && git add . && git commit -qm more && git push -q origin main
  echo "$1: stops commits and pushes with a token, and no others"
}

if command -v pre-commit >/dev/null; then
  begin pre-commit
  cat >.pre-commit-config.yaml <<YAML
repos:
  - repo: local
    hooks:
$(sed -n '/id: scan-system/,/require_serial/p' "$root/.pre-commit-hooks.yaml" | sed 's/^/      /')
$(sed -n '/id: scan-push/,/require_serial/p' "$root/.pre-commit-hooks.yaml" | sed 's/^/      /; s/language: golang/language: system/')
YAML
  pre-commit install --hook-type pre-commit --hook-type pre-push >/dev/null
  stops pre-commit

  # A push from the first commit on, of which pre-commit tells the branch alone, and a
  # push of clean commits while a token is staged.
  git init -q --bare "$work/first.git"
  echo "key = \"$token\"" >leak.txt && git add leak.txt && git commit -qm leak --no-verify
  if git push -q "$work/first.git" main >"$work/out" 2>&1; then echo "pre-commit: the first push was not stopped"; exit 1; fi
  grep -q github "$work/out" || { echo "pre-commit: the first push was stopped by something else"; cat "$work/out"; exit 1; }
  git reset -q --hard HEAD~1 && git commit -q --allow-empty -m clean
  echo "key = \"$token\"" >leak.txt && git add leak.txt
  git push -q origin main
  git reset -q --hard
  echo "pre-commit: stops a first push with a token, and no push by what is staged"
else
  echo "pre-commit is not installed: left out"
fi

# recipe TOOL FILE prints the block of docs/hooks.md that starts with "# FILE".
recipe() { awk -v f="    # $1" '$0 == f { on = 1; next } on && !/^    / { exit } on && /^    # / { exit } on { print substr($0, 5) }' "$root/docs/hooks.md"; }

if command -v npm >/dev/null; then
  begin lefthook
  printf 'node_modules\n' >.gitignore
  npm init -y >/dev/null && npm install --silent --no-audit --no-fund lefthook >/dev/null 2>&1
  recipe lefthook.yml >lefthook.yml
  npx lefthook install >/dev/null
  stops lefthook

  begin husky
  printf 'node_modules\n' >.gitignore
  npm init -y >/dev/null && npm install --silent --no-audit --no-fund husky >/dev/null 2>&1
  npx husky
  recipe .husky/pre-commit >.husky/pre-commit
  recipe .husky/pre-push >.husky/pre-push
  stops husky
else
  echo "npm is not installed: lefthook and husky are left out"
fi
