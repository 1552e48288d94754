#!/usr/bin/env bash
# Does the library compute the same bits from every compiler and at every optimization?
#
#     tests/bits/compare.sh [-d] [-j JOBS] [-k FOLDER] [-- OPTION FOR bits...]
#
#     -d           the double-precision library too
#     -j JOBS      compilers at the same time; by default as many as there are processors
#     -k FOLDER    builds there and leaves the builds and their output; by default in a temporary folder, removed
#                  at the end
#
# Builds the program bits as CMake's Release does with gcc, and against it without optimization, with -O3 everywhere,
# with link-time optimization, and with clang, optimized and not; runs each with the options (bits.c says which; with
# none it takes some 4 minutes of processor time, 8 with -d), and compares. For each line that differs it prints both,
# then the networks whose results differ and the parts that do. Ends with status 0 if all is the same, 1 if not, 2 if
# something could not be built or run. CC and CLANG name the compilers, by default gcc and clang; CXX and CLANGXX those
# for C++, which the build of the tests asks for.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)

precisions=("")
jobs=$(nproc)
folder=
while getopts dj:k: option; do
  case $option in
    d) precisions=("" -double) ;;
    j) jobs=$OPTARG ;;
    k) folder=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
if [ -z "$folder" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"

# build <name> <cmake option>...: leaves the output of bits in <name>.txt, each network's line in <name>.each.
build() {
  local name=$1 log=$folder/$1.log suffix run runs=()
  shift
  cmake -S "$source" -B "$folder/$name" -DBACKPROP_TESTS=ON -DBACKPROP_DOUBLE=ON -DBACKPROP_EXAMPLES=OFF "$@" \
    > "$log" 2>&1 || { tail -n 20 "$log"; exit 2; }
  for suffix in "${precisions[@]}"; do
    cmake --build "$folder/$name" -j "$jobs" --target "bits$suffix" >> "$log" 2>&1 || { tail -n 20 "$log"; exit 2; }
    "$folder/$name/tests/bits/bits$suffix" --each "${arguments[@]}" > "$folder/$name$suffix.each" &
    runs+=($!)
  done
  for run in "${runs[@]}"; do
    wait "$run" || exit 2
  done
  for suffix in "${precisions[@]}"; do
    grep -v ' weights ' "$folder/$name$suffix.each" > "$folder/$name$suffix.txt"
  done
}

# The parts that differ in two files of lines "<isa> <group> <number> <part> <hash> <part> <hash> ...", 20 at most.
locate() {
  paste -d '\n' "$1" "$2" | awk '
    NR % 2 { split($0, wanted); next }
    $4 == "weights" {
      parts = ""
      for (i = 5; i <= NF; i += 2)
        if ($i != wanted[i])
          parts = parts " " $(i - 1)
      if (parts != "" && ++count <= 20)
        print "    " $1, $2, $3 ":" parts
    }
    END { if (count > 20) print "    and " count - 20 " more networks" }'
}

different=0
compare() {
  local name=$1 suffix
  for suffix in "${precisions[@]}"; do
    if cmp -s "$folder/release$suffix.each" "$folder/$name$suffix.each"; then
      printf '%-10s bits%-8s the same\n' "$name" "$suffix"
      continue
    fi
    different=1
    printf '%-10s bits%-8s DIFFERENT from release:\n' "$name" "$suffix"
    diff "$folder/release$suffix.txt" "$folder/$name$suffix.txt" | grep '^[<>]' || true
    locate "$folder/release$suffix.each" "$folder/$name$suffix.each"
  done
}

arguments=("$@")
gcc=(-DCMAKE_C_COMPILER="${CC:-gcc}" -DCMAKE_CXX_COMPILER="${CXX:-g++}")
clang=(-DCMAKE_C_COMPILER="${CLANG:-clang}" -DCMAKE_CXX_COMPILER="${CLANGXX:-clang++}")

build release "${gcc[@]}" -DCMAKE_BUILD_TYPE=Release
build O0 "${gcc[@]}" -DCMAKE_BUILD_TYPE=Debug
build O3 "${gcc[@]}" -DCMAKE_BUILD_TYPE=All3 -DCMAKE_C_FLAGS_ALL3=-O3
build lto "${gcc[@]}" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON
build clang "${clang[@]}" -DCMAKE_BUILD_TYPE=Release
build clang-O0 "${clang[@]}" -DCMAKE_BUILD_TYPE=Debug
for name in O0 O3 lto clang clang-O0; do
  compare "$name"
done
exit $different
