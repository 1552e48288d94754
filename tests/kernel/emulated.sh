#!/usr/bin/env bash
# The kernels on processors that this machine is not, under QEMU's user emulation:
#   - AArch64, cross-compiled: the NEON kernels
#   - x86-64 without AVX: the baseline kernels, and that nothing else is chosen
# The tests of the kernels run, and some of the engine that stands on them, in both precisions.
#
#     tests/kernel/emulated.sh <folder to build in> [aarch64|baseline]
#
# Debian: dpkg --add-architecture arm64 && apt-get update && apt-get install -y cmake ninja-build qemu-user \
#         g++-aarch64-linux-gnu libcmocka-dev libcmocka-dev:arm64
set -euo pipefail

source=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:?usage: emulated.sh <folder to build in> [aarch64|baseline]}
which=${2:-both}

tests=(engine/test_online engine/test_predict engine/test_small_net engine/test_worked_example)
for file in "$source"/tests/kernel/test_*.c; do
  tests+=("kernel/$(basename "$file" .c)")
done

build_and_test() { # <folder> <options of cmake>...
  local folder=$1 targets=()
  shift
  for test in "${tests[@]}"; do
    targets+=("${test//\//_}" "${test//\//_}-double")
  done
  cmake -S "$source" -B "$folder" -G Ninja -DBACKPROP_TESTS=ON -DBACKPROP_DOUBLE=ON -DBACKPROP_EXAMPLES=OFF "$@"
  cmake --build "$folder" -j "${JOBS:-2}" --target "${targets[@]}"
  ctest --test-dir "$folder" --output-on-failure -R "^($(IFS='|' && echo "${tests[*]}"))(-double)?\$"
}

if [ "$which" != baseline ]; then
  build_and_test "$build/aarch64" \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
    -DCMOCKA_LIBRARY=/usr/lib/aarch64-linux-gnu/libcmocka.so \
    "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;/usr/aarch64-linux-gnu;-E;LD_LIBRARY_PATH=/usr/lib/aarch64-linux-gnu"
fi
if [ "$which" != aarch64 ]; then
  build_and_test "$build/x86-64-without-avx" \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=x86_64 -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-x86_64;-cpu;Nehalem"
fi
