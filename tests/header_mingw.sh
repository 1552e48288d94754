#!/usr/bin/env bash
# Compiles backprop.h alone for Windows, and looks at how an object names the functions it calls or defines.
#
#     tests/header_mingw.sh <folder of backprop.h>
#
# From the environment: CC, CXX and NM, of mingw-w64.
set -euo pipefail

include=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
strict="-pedantic -Wall -Wextra -Werror -I $include"

fail() { printf 'header-mingw: %s\n' "$*" >&2; exit 1; }

for definitions in "" -DBP_STATIC -DBP_BUILD -DBP_DOUBLE "-DBP_DOUBLE -DBP_STATIC"; do
  # shellcheck disable=SC2086 # to be split into words
  "$CC" -x c -std=c99 $strict $definitions -fsyntax-only -include backprop.h /dev/null
  # shellcheck disable=SC2086
  "$CXX" -x c++ -std=c++11 $strict $definitions -fsyntax-only -include backprop.h /dev/null
done

# names <compiler option>...: the symbols of a program that calls bp_version
printf '#include "backprop.h"\nint main(void) { return bp_version() == NULL; }\n' >"$work/program.c"
# shellcheck disable=SC2086
names() { "$CC" -std=c99 $strict "$@" -c "$work/program.c" -o "$work/program.o" && "$NM" "$work/program.o"; }
names | grep -qE 'U __imp_bp_version$' || fail "bp_version is not imported from the DLL"
names -DBP_STATIC | grep -qE 'U bp_version$' || fail "with BP_STATIC, bp_version is not a plain function"
names -DBP_DOUBLE | grep -qE 'U __imp_bpd_version$' || fail "bpd_version is not imported from the DLL"

printf '#include "backprop.h"\nconst char *bp_version(void) { return ""; }\n' >"$work/library.c"
# shellcheck disable=SC2086
"$CC" -std=c99 $strict -DBP_BUILD -c "$work/library.c" -o "$work/library.o"
grep -qaF -- '-export:"bp_version"' "$work/library.o" || fail "with BP_BUILD, bp_version is not exported"
