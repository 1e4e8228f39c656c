#!/usr/bin/env bash
# What a change must pass besides the tests. Called by ./dev check, which sees to
# the packages. Every step runs, also after one that fails.
#
#   --all   clang-tidy for all sources. Without it: for protocol/, persistence/
#           and cluster/, and of the others for those that are not committed
#           yet, as a source that includes CAF or Asio takes it 10 s and more.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
exec 2>&1

jobs=${JOBS:-$(nproc)}
failed=()

# All files of the tree that match: what git has, and what it does not ignore.
files() { git ls-files --cached --others --exclude-standard --deduplicate -- "$@" | existing; }
existing() { while IFS= read -r file; do [[ -f $file ]] && echo "$file"; done; }

step() { # NAME FUNCTION [ARGS]
  local name=$1 begin=$SECONDS
  shift
  if "$@"; then
    echo "ok      $name ($((SECONDS - begin)) s)"
  else
    echo "FAILED  $name ($((SECONDS - begin)) s)"
    failed+=("$name")
  fi
}

form() {
  files '*.cpp' '*.hpp' | xargs --no-run-if-empty clang-format --dry-run -Werror
}

layers() {
  python3 cmake/check_layers.py
}

# -- clang-tidy ------------------------------------------------------------------

# The load generator is C with classes and stays so.
to_tidy() { # [--all]
  if [[ ${1-} == --all ]]; then
    files '*.cpp'
  else
    files 'protocol/*.cpp' 'persistence/*.cpp' 'cluster/*.cpp'
    { git diff --name-only HEAD -- '*.cpp'; git ls-files --others --exclude-standard -- '*.cpp'; } |
      existing
  fi | grep -v '^tests/benchmarks/mqload/' | sort -u
}

# Only faults are worth a line, not how many warnings other people's headers have.
tidy() { # [--all]
  cmake --preset tidy >/dev/null || return 1
  to_tidy "$@" | xargs --no-run-if-empty -P "$jobs" -n 1 clang-tidy --quiet -p build/tidy \
    2> >(grep -vE '[0-9]+ warnings?( and [0-9]+ errors?)? generated\.$')
}

# -- what the tree says ------------------------------------------------------------

# By the sources, and by what the last run of all tests has left behind.
coverage() {
  local log=build/release/conformance.log
  if [[ -f $log ]]; then
    python3 tests/conformance/report.py --log "$log"
  else
    python3 tests/conformance/report.py
  fi
}

links() {
  python3 cmake/check_docs.py
}

# Pages that are written by a program are as it writes them today.
# (docs/configuration.md has a unit test for that.)
written_pages() {
  cp docs/conformance.md build/conformance.md 2>/dev/null
  python3 tests/conformance/report.py --write >/dev/null
  cmp --silent docs/conformance.md build/conformance.md ||
    { echo "docs/conformance.md was old and has been written anew: commit it."; return 1; }
}

# No key, no path of somebody's machine. (The brackets keep the patterns from
# finding themselves.)
secrets() {
  ! git grep --untracked -nIE -e 'BEGIN [A-Z ]*PRIVATE[ ]KEY' -e '(^|[^[:alnum:]_.$})])/(home|Users|root|work)/[[:alnum:]_]'
}

mkdir -p build
step "form: clang-format" form
step "layers: cmake/check_layers.py" layers
step "docs: links lead somewhere" links
step "docs: docs/conformance.md" written_pages
step "conformance: every statement has its test" coverage
step "no keys, no machine's paths" secrets
step "mistakes: clang-tidy" tidy "$@"

if ((${#failed[@]})); then
  printf '\nNot in order:\n'
  printf '  %s\n' "${failed[@]}"
  exit 1
fi
echo "All in order."
