#!/usr/bin/env bash
# Installs a finished build, moves the installed tree, and uses it as strangers do: C through pkg-config, C++
# through find_package, and the sources inside another project; shared and static, and in double if it was built.
#
#     tests/install/run.sh <source folder> <build folder>
#
# From the environment: CC, CFLAGS, CXX, CXXFLAGS, CMAKE, PKG_CONFIG, and EMULATOR, the command in front of programs
# for another processor.
set -euo pipefail

source=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
export CC=${CC:-cc} CXX=${CXX:-c++} CFLAGS=${CFLAGS:-} CXXFLAGS=${CXXFLAGS:-}
EMULATOR=${EMULATOR:-}
cmake=${CMAKE:-cmake}
pkg_config=${PKG_CONFIG:-pkg-config}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf -- '-- %s\n' "$*"; }
fail() { printf 'install: %s\n' "$*" >&2; exit 1; }
# shellcheck disable=SC2086 # flags are to be split into words
compile() { "$CC" $CFLAGS "$@"; }
run() { $EMULATOR "$@"; }
needs() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }

say "install, then move"
"$cmake" --install "$build" --prefix "$work/first" >"$work/install.log"
mv "$work/first" "$work/moved"
prefix=$work/moved
grep -rIlF -e "$work/first" -e "$build" -e "$source" "$prefix" && fail "the files above name a folder of the build"
libdir=$(dirname "$(find "$prefix" -name libbackprop.a)")
export PKG_CONFIG_PATH=$libdir/pkgconfig LD_LIBRARY_PATH=$libdir
version=$("$pkg_config" --modversion backprop)
double=$([ -e "$libdir/libbackprop-double.a" ] && echo ON || echo OFF)

below_usr() {
  say "pkg-config knows the system's folders below /usr"
  local stage=$work/stage pc
  DESTDIR=$stage "$cmake" --install "$build" --prefix /usr >"$work/stage.log"
  for pc in $(find "$stage" -name 'backprop*.pc'); do
    grep -qx 'prefix=/usr' "$pc" || fail "$pc has another prefix"
    if PKG_CONFIG_PATH=$(dirname "$pc") "$pkg_config" --cflags "$(basename "$pc" .pc)" | grep -e -I; then
      fail "$pc names the system's folder of headers"
    fi
  done
}

# through_pkg_config <package> <bytes of a bp_real>
through_pkg_config() {
  local package=$1 program=$work/$1 flags=(-std=c99 -Wall -Werror "-DREAL_BYTES=$2" "$source/tests/install/xor.c")

  say "C through pkg-config, $package, shared"
  # shellcheck disable=SC2046 # flags are to be split into words
  compile "${flags[@]}" $("$pkg_config" --cflags --libs "$package") -lm -o "$program"
  needs "$program" | grep -q "^lib$package\.so\." || fail "$program does not need the shared library"
  run "$program"

  grep -qx "Cflags.private: -DBP_STATIC" "$libdir/pkgconfig/$package.pc" || fail "$package.pc: no BP_STATIC if static"
  "$pkg_config" --cflags "$package" | grep -q BP_STATIC && fail "$package.pc: BP_STATIC for the shared library"
  say "C through pkg-config, $package, static"
  # shellcheck disable=SC2046
  compile -static "${flags[@]}" $("$pkg_config" --static --cflags --libs "$package") -o "$program-static"
  [ -z "$(needs "$program-static")" ] || fail "$program-static needs shared libraries"
  (unset LD_LIBRARY_PATH && run "$program-static")
}

through_find_package() {
  say "C++ through find_package"
  "$cmake" -S "$source/tests/install/package" -B "$work/package" -DCMAKE_PREFIX_PATH="$prefix" \
    -DVERSION="$version" -DDOUBLE="$double" >"$work/package.log"
  "$cmake" --build "$work/package" >>"$work/package.log"
  local program
  for program in "$work"/package/backprop*; do
    say "C++ through find_package, $(basename "$program")"
    case $program in
    *_static) needs "$program" | grep backprop && fail "$program needs the shared library" ;;
    *) needs "$program" | grep -q backprop || fail "$program does not need the shared library" ;;
    esac
    (unset LD_LIBRARY_PATH && run "$program")
  done
}

# inside_another_project <folder> <cmake options>
inside_another_project() {
  local folder=$work/$1
  say "inside another project, $1"
  "$cmake" -S "$source/tests/install/subproject" -B "$folder" -DBACKPROP="$source" "${@:2}" >"$folder.log"
  "$cmake" --build "$folder" >>"$folder.log"
  run "$folder/xor_backprop"
  run "$folder/xor_backprop_static"
}

# A library that is linked with the static one and exported is of use to a project that finds both.
exported_by_another_project() {
  say "exported by another project"
  local made=$work/exported
  "$cmake" -S "$source/tests/install/exported" -B "$made" -DBACKPROP="$source" -DBACKPROP_INSTALL=ON \
    >"$made.log" || fail "$(cat "$made.log")"
  "$cmake" --build "$made" >>"$made.log"
  "$cmake" --install "$made" --prefix "$work/both" >>"$made.log"
  "$cmake" -S "$source/tests/install/exported/user" -B "$work/user" -DCMAKE_PREFIX_PATH="$work/both" >"$work/user.log" ||
    fail "$(cat "$work/user.log")"
  "$cmake" --build "$work/user" >>"$work/user.log"
  run "$work/user/user"
}

the_wrong_precision_does_not_link() {
  say "a program for float does not link with the double library"
  if compile -DREAL_BYTES=4 "$source/tests/install/xor.c" -I "$prefix/include" -L "$libdir" -lbackprop-double -lm \
    -o "$work/wrong" 2>"$work/wrong.log"; then
    fail "a program for float was linked with the double library"
  fi
  grep -q "bp_network_create_layered" "$work/wrong.log" || fail "linking failed for another reason"
}

the_examples_are_installed() {
  say "an installed example"
  local docs
  docs=$(dirname "$(find "$prefix" -name LICENSE)")
  for file in README.md docs/architecture.md docs/examples/digits.c docs/examples/data/digits.csv; do
    [ -e "$docs/$file" ] || fail "$docs/$file is missing"
  done
  # shellcheck disable=SC2046
  compile -std=c11 "$docs/docs/examples/xor.c" $("$pkg_config" --cflags --libs backprop) -o "$work/xor"
  run "$work/xor" | grep -q "^1 xor 0 = 0.9" || fail "the installed example prints something else"
}

through_pkg_config backprop 4
the_examples_are_installed
if [ "$double" = ON ]; then
  through_pkg_config backprop-double 8
  the_wrong_precision_does_not_link
fi
through_find_package
inside_another_project add_subdirectory
inside_another_project fetch_content -DFETCH=ON
exported_by_another_project
below_usr
say "all consumers work"
