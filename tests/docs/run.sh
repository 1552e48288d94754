#!/usr/bin/env bash
# Fails on any warning of Doxygen about the public header, the README or the pages of docs/. Then plants faults in
# copies of the header, one at a time, and fails where Doxygen does not report exactly that one.
#
#     tests/docs/run.sh <source folder> <Doxyfile>
#
# From the environment: CMAKE, DOXYGEN.
set -euo pipefail

source=$(cd "$1" && pwd)
doxyfile=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source"

fail() { printf 'docs: %s\n' "$*" >&2; exit 1; }

# Header, README and pages, as the target `docs` makes them.
mkdir "$work/docs"
{ cat "$doxyfile"; printf 'OUTPUT_DIRECTORY = "%s"\n' "$work/docs"; } >"$work/docs/Doxyfile"
"${CMAKE:-cmake}" -DDOXYGEN="${DOXYGEN:-doxygen}" -DSOURCE="$source" -DOUTPUT="$work/docs" \
  -P "$source/cmake/docs/make.cmake" || fail "the documentation has faults, see above"

for function in $(sed -n 's/^BP_API [^(]*[ *]\(bp_[a-z0-9_]*\)(.*/\1/p' include/backprop.h); do
  page=$work/docs/man/man3/$function.3
  [ -e "$page" ] || fail "$function has no manual page"
  name=$(sed -n 's/^\.so //p' "$page") # most pages only name the one with the text
  grep -q "^\.SS .*$function" "$work/docs/man/${name:-man3/$function.3}" || fail "$page does not describe $function"
done
for page in "$work"/docs/man/man3/*; do
  case ${page##*/} in bp_* | BP_* | backprop*) ;; *) fail "a manual page with a common name: ${page##*/}" ;; esac
done
for page in paper mathematics model_format; do
  grep -q "md_docs_$page.html" "$work/docs/html/index.html" || fail "the main page does not link to docs/$page"
done
[ -e "$work/docs/html/docs/examples/xor.c" ] || fail "the examples, which pages link to, are missing"

# check <header>: Doxygen's messages about the header alone.
check() {
  { cat "$doxyfile"; printf '%s\n' "INPUT = \"$1\"" "OUTPUT_DIRECTORY = \"$work\"" "STRIP_FROM_PATH = \"$work\"" \
    "STRIP_FROM_INC_PATH =" "USE_MDFILE_AS_MAINPAGE =" "GENERATE_HTML = NO"; } | "${DOXYGEN:-doxygen}" - 2>&1
}

# planted <what Doxygen must say> <sed script that plants the fault>
planted() {
  local found status=0
  sed -e "$2" include/backprop.h >"$work/backprop.h"
  cmp -s include/backprop.h "$work/backprop.h" && fail "the fault is not planted: $2"
  found=$(check "$work/backprop.h") || status=$?
  [ "$status" -ne 0 ] || fail "not reported: $2"
  grep -q -- "$1" <<<"$found" || fail "reported otherwise than \"$1\": $found"
  grep -v -- "$1" <<<"$found" | grep -qE 'warning|error' && fail "more is reported than \"$1\": $found"
  return 0
}

cp include/backprop.h "$work/backprop.h"
check "$work/backprop.h" >/dev/null || fail "the header alone has faults"
planted 'Member bp_planted(int value) (function)' '/^BP_API const char \*bp_version(void);/a BP_API int bp_planted(int value);'
planted 'Member planted (variable)' 's/^    size_t cases_left;/    size_t planted;\n&/'
planted 'Member BP_PLANTED' '/^#define BP_MAX_THREADS/a\\n#define BP_PLANTED 1'
planted 'bp_planted.* is not documented' '/^typedef struct bp_dataset bp_dataset;/a typedef struct bp_planted { int value; } bp_planted;'
planted "argument 'planted'" 's/^ \* @param patience /&1.\n * @param planted /'
planted 'bp_planted' 's/^ \* Trains epoch after epoch/ * See @ref bp_planted. &/'
