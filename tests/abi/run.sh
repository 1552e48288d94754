#!/usr/bin/env bash
# Runs programs that were compiled with one version of the header and linked with a library of another. All must end
# well and print the same results.
#
#     tests/abi/run.sh <CSV file> <program> <now|later: its library>...
#
# From the environment: EMULATOR, the command in front of programs for another processor.
set -euo pipefail

file=$1
shift
wanted=
while [ $# -gt 0 ]; do
  printf -- '-- %s\n' "$(basename "$1")"
  found=$(${EMULATOR:-} "$1" "$file" "$2")
  [ -n "$found" ] || { echo "it prints nothing" >&2; exit 1; }
  if [ -n "$wanted" ] && [ "$found" != "$wanted" ]; then
    printf 'it prints other results than the first:\n%s\n--\n%s\n' "$found" "$wanted" >&2
    exit 1
  fi
  wanted=$found
  shift 2
done
printf '%s\n' "$wanted"
