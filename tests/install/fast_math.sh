#!/usr/bin/env bash
# A project that compiles with -ffast-math, or with a part of it, takes the library in: its results are the same.
#
#     tests/install/fast_math.sh <source folder> <a static library built without such flags> <strict flags>
#
# From the environment: CC, CFLAGS, CMAKE, and EMULATOR, the command in front of programs for another processor.
set -euo pipefail

source=$(cd "$1" && pwd)
library=$2
strict=$3
CC=${CC:-cc}
CFLAGS=${CFLAGS:-}
EMULATOR=${EMULATOR:-}
cmake=${CMAKE:-cmake}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf -- '-- %s\n' "$*"; }
fail() { printf 'fast-math: %s\n' "$*" >&2; exit 1; }
# compile <argument>...: with the flags of this build.
# shellcheck disable=SC2086 # flags are to be split into words
compile() { "$CC" $CFLAGS -I "$source/include" -I "$source/src" "$@"; }
accepts() { [ -z "$(compile "$1" -x c -fsyntax-only /dev/null 2>&1 || true)" ]; }

parts=()
for flag in -ffast-math -funsafe-math-optimizations -ffinite-math-only -fassociative-math -freciprocal-math \
  -fno-signed-zeros -fno-trapping-math -fno-math-errno -fsingle-precision-constant -frounding-math \
  -fno-honor-nans -fno-honor-infinities -fapprox-func -ffp-contract=fast -ffp-model=fast; do
  accepts "$flag" && parts+=("$flag")
done

# What is looked at: arithmetic, and loops that end at NaN.
to_assembly() { compile -std=c11 -D_POSIX_C_SOURCE=200809L -O3 "$@" -S -o - "$source/$file"; }

say "each flag alone, and -Ofast, before the strict ones: the same instructions"
for file in src/kernel/portable.c src/engine/check_data.c; do
  # shellcheck disable=SC2086
  to_assembly $strict >"$work/wanted.s"
  for flag in "${parts[@]}" -Ofast; do
    # -fno-math-errno lets functions be called in another way, and changes no result
    [ "$flag" = -fno-math-errno ] && continue
    # shellcheck disable=SC2086
    to_assembly "$flag" $([ "$flag" = -Ofast ] && printf -- -O3) $strict >"$work/got.s"
    cmp -s "$work/wanted.s" "$work/got.s" || fail "$flag shows in $file"
  done
done

say "every source refuses -ffast-math"
for file in "$source"/src/*/*.c; do
  if compile -ffast-math -std=c11 -D_POSIX_C_SOURCE=200809L -fsyntax-only "$file" >"$work/log" 2>&1; then
    fail "$file can be compiled with -ffast-math"
  fi
  grep -q "without -ffast-math" "$work/log" || fail "$file says something else: $(head -3 "$work/log")"
done

say "a project around the library with all of these flags: the same results, NaN is refused"
"$cmake" -S "$source/tests/install/subproject" -B "$work/project" -DBACKPROP="$source" \
  -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS -Ofast ${parts[*]} -O1" -DCMAKE_UNITY_BUILD=ON >"$work/log" ||
  fail "$(cat "$work/log")"
"$cmake" --build "$work/project" --target backprop backprop_static >>"$work/log" || fail "$(tail -20 "$work/log")"
built=$(find "$work/project" -name libbackprop.a)
for i in "$library" "$built"; do
  compile -std=c99 "$source/tests/install/strict.c" "$i" -lm -lpthread -o "$work/strict"
  $EMULATOR "$work/strict" >"$work/$(basename "$(dirname "$i")").txt"
done
cmp "$work/$(basename "$(dirname "$library")").txt" "$work/$(basename "$(dirname "$built")").txt" ||
  fail "the results are others"
if nm "$(find "$work/project" -name libbackprop.so)" | grep -q set_fast_math; then
  fail "the shared library changes the floating-point mode of programs"
fi
say "nothing changes"
