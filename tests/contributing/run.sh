#!/usr/bin/env bash
# Does what docs/contributing.md shows. Puts its blocks of C into a copy of the library, each where the line above it
# says, builds that with warnings as errors and without optimization, and runs program.c, which uses all that was added.
#
#     tests/contributing/run.sh <source folder>
#
# The line above a block ends with one of
#
#     In `<file>`, after `<name>`:            after the definition of the name
#     In `<file>`, at the end of `<name>`:    within it, before the closing brace
#
# From the environment: CC, CFLAGS, CMAKE, EMULATOR.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: run.sh <source folder>" >&2; exit 2; }
source=$(cd "$1" && pwd)
page=$source/docs/contributing.md
here=$source/tests/contributing
awk=${AWK:-awk} cmake=${CMAKE:-cmake}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { printf 'contributing: %s\n' "$*" >&2; exit 1; }

mkdir "$work/tree" "$work/blocks"
cp -R "$source/CMakeLists.txt" "$source/cmake" "$source/include" "$source/src" "$work/tree"

# Each block as a file of its own, and a list of them: number, line of the page, section, file, where, name.
# shellcheck disable=SC2016 # the backquotes are those of Markdown
"$awk" -v folder="$work/blocks" '
  /^## / { section = $0; gsub(/[^A-Za-z]+/, "-", section) }
  /^```c$/ { inside = 1; number++; file = sprintf("%s/%03d", folder, number); printf "" >file; start(); next }
  /^```/ { inside = 0 }
  inside { print >file }
  !inside && /[^ ]/ { text = $0 }
  function start(    part) {
    if (match(text, /In `[^`]+`, (after|at the end of) `[^`]+`:$/) == 0) {
      printf "contributing: docs/contributing.md:%d: no line says where this block goes\n", NR >"/dev/stderr"
      exit 1
    }
    split(substr(text, RSTART), part, "`")
    print number, NR, section, part[2], part[3] ~ /after/ ? "after" : "end", part[4]
  }' "$page" >"$work/list"

for section in an-activation a-loss a-rule-for-initial-weights a-penalty; do
  grep -q -- "-Adding-$section " "$work/list" || fail "docs/contributing.md has no example in 'Adding ${section//-/ }'"
done

while read -r number line _ file where name; do
  [ -f "$work/tree/$file" ] || fail "docs/contributing.md:$line: there is no file $file"
  "$awk" -v name="$name" -v where="$where" -v block="$work/blocks/$(printf %03d "$number")" -f "$here/place.awk" \
    "$work/tree/$file" >"$work/changed" || fail "docs/contributing.md:$line: this block has no place"
  cp "$work/changed" "$work/tree/$file"
done <"$work/list"

# Compilers' results are kept where ccache is; the folder, new each time, must not be among what they depend on.
launcher=()
if ccache --show-stats >/dev/null 2>&1; then
  export CCACHE_BASEDIR=$work CCACHE_NOHASHDIR=1
  launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
fi
"$cmake" -S "$work/tree" -B "$work/build" -DCMAKE_C_COMPILER="${CC:-cc}" -DCMAKE_C_FLAGS="${CFLAGS:-}" \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O0 -DBACKPROP_WERROR=ON -DBACKPROP_EXAMPLES=OFF \
  -DBACKPROP_INSTALL=OFF "${launcher[@]}" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "cmake fails"; }
"$cmake" --build "$work/build" -j 2 --target backprop_static >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; fail "the library with the examples does not compile"; }

# The examples heed what holds for every new name.
"$cmake" -DINCLUDE="$work/tree/include" -P "$source/tests/double_names.cmake" || fail "see above"
"$cmake" -DINCLUDE="$work/tree/include" -P "$source/tests/header_width.cmake" || fail "see above"

# shellcheck disable=SC2086 # to be split into words
"${CC:-cc}" ${CFLAGS:-} -std=c11 -Wall -Wextra -Werror -DBP_STATIC -I "$work/tree/include" "$here/program.c" \
  "$work/build/libbackprop.a" -lm -lpthread -o "$work/program"
# shellcheck disable=SC2086
${EMULATOR:-} "$work/program"
echo "contributing: $(wc -l <"$work/list") blocks of docs/contributing.md make what they say"
