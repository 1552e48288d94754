#!/usr/bin/env bash
# Fails where the files under a folder of sources do not stand on floors: where one includes or uses what is on a
# higher floor, where files need each other in a circle, or where a .c gives others something without a header of its
# own name. Includes are read from the sources, calls from the names that nm finds in the objects of a plain build
# (no sanitizers, no link-time optimization, one precision). Without objects only includes are looked at.
#
#     tests/floors/run.sh [-l <list>] <sources> <public header> [<object>...]      NM, AWK from the environment
#
#     tests/floors/run.sh src include/backprop.h $(find build/CMakeFiles/backprop_objects.dir -name '*.o')
#
# The list, by default floors.txt beside this script, names the floors and what nm cannot see.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
list=$here/floors.txt
if [ "${1:-}" = -l ]; then
  list=$2
  shift 2
fi
[ $# -ge 2 ] || { echo "usage: run.sh [-l <list>] <sources> <public header> [<object>...]" >&2; exit 2; }
sources=$1 header=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The source of an object: the longest end of its path that is one, without .c and with no folder above the floor.
source_of() { # <object>
  local rest=${1%.o*}
  rest=${rest%.c}
  while [ ! -e "$sources/$rest.c" ]; do
    [ "$rest" != "${rest#*/}" ] || { echo "floors: $1: no source under $sources is of this name" >&2; return 1; }
    rest=${rest#*/}
  done
  echo "$rest"
}

# "= <source>", then lines of nm: name, type, value, size.
for object; do
  source=$(source_of "$object")
  echo "= $source"
  "${NM:-nm}" -P -g "$object"
done >"$work/names"

cp "$list" "$work/list"
cp "$header" "$work/header"
cd "$sources"
find . -name '*.[ch]' | sed 's,^\./,,' | sort >"$work/files"
[ -s "$work/files" ] || { echo "floors: $sources: no sources" >&2; exit 2; }
# No name among them has a blank.
# shellcheck disable=SC2046
"${AWK:-awk}" -f "$here/floors.awk" kind=list "$work/list" kind=header "$work/header" kind=names "$work/names" \
  kind=source $(cat "$work/files")
