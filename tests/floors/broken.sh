#!/usr/bin/env bash
# Plants one fault after another in a small tree of sources that has none, and fails where run.sh does not report
# exactly that fault.
#
#     tests/floors/broken.sh      CC, NM, AWK from the environment
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

put() { # <file> <line>...
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  printf '%s\n' "$@" >"$file"
}

# Two floors, and one beside the higher; what others use is declared by a header of its own name or the public one.
plant() { # <name of the fault>
  fault=$1
  rm -rf src objects list backprop.h
  put list 'floors low high,side' 'pointers low/call handed down'
  put backprop.h 'int bp_low(void);' 'int bp_high(void);'
  put src/low/public.c '#include "backprop.h"' 'int bp_low(void) { return 1; }'
  put src/low/call.h '/* See "high/a.h". */' 'int bpi_call(int (*function)(void));'
  put src/low/call.c '#include "low/call.h"' 'int bpi_call(int (*function)(void)) { return function(); }'
  put src/high/type.h 'struct type { int member; };'
  put src/high/public.c '#include "backprop.h"' '#include "low/call.h"' \
    'int bp_high(void) { return bp_low() + bpi_call(bp_low); }'
  put src/high/a.h 'int bpi_a(void);' 'extern int bpi_data;'
  put src/high/a.c '#include "high/a.h"' '#include <stddef.h>' '#include "backprop.h"' '#include "high/type.h"' \
    'int bpi_data = 1;' 'int bpi_a(void) { return bp_low(); }'
  put src/high/b.h 'int bpi_b(void);'
  put src/high/b.c '#include "high/b.h"' '#include "high/a.h"' 'int bpi_b(void) { return bpi_a() + bpi_data; }'
  put src/side/c.h 'int bpi_c(void);'
  put src/side/c.c '#include "side/c.h"' '#include "low/call.h"' 'int bpi_c(void) { return bpi_call(bpi_c); }'
}

look() {
  local file object objects=()
  for file in src/*/*.c; do
    object=objects/$file.o
    mkdir -p "$(dirname "$object")"
    "${CC:-cc}" -c -I . -I src -o "$object" "$file"
    objects+=("$object")
  done
  status=0
  "$here/run.sh" -l list src backprop.h "${objects[@]}" >output || status=$?
}

fail() {
  echo "floors-broken: $fault: $1; the output:" >&2
  cat output >&2
  exit 1
}

# Exactly the faults wanted: as many, and each of the lines, word for word.
reports() { # <number of faults> <line>...
  local faults=$1 line
  shift
  look
  [ "$status" -eq 1 ] || fail "status $status"
  grep -qE ", $faults faults?;" output || fail "not $faults faults"
  for line; do
    grep -qxF -e "$line" output || fail "no line '$line'"
  done
}

plant "none"
look
[ "$status" -eq 0 ] || fail "status $status"
grep -qF '7 files, 6 objects, 0 faults' output || fail "not everything was read"

plant "an include from a higher floor"
put src/low/public.c '' ' # include "high/type.h"' 'int bp_low(void) { return 1; }'
reports 1 'low/public.c:2: includes "high/type.h" from a higher floor'

plant "an include from the floor beside"
put src/side/d.h '#include "high/type.h"'
reports 1 'side/d.h:1: includes "high/type.h" from the floor beside it'

plant "an include that names no floor"
put src/high/d.h '#include "../low/call.h"'
reports 1 'high/d.h:1: includes "../low/call.h", which names no floor'

plant "a file on no floor"
put src/attic/d.h 'int bpi_d(void);'
reports 1 'attic/d.h:1: lies on no floor'

plant "a call of a higher floor"
put src/low/public.c 'int bpi_a(void);' 'int bp_low(void) { return bpi_a(); }'
put src/high/a.c '#include "high/a.h"' 'int bpi_data = 1;' 'int bpi_a(void) { return 0; }'
reports 1 'low/public.c: uses bpi_a of high/a from a higher floor'

plant "a call of a higher floor's public function"
put src/low/call.c '#include "low/call.h"' '#include "backprop.h"' \
  'int bpi_call(int (*function)(void)) { return bp_low() + function(); }'
put src/low/public.c '#include "backprop.h"' 'int bp_low(void) { return 1; }'
put src/high/public.c 'int bp_high(void) { return 1; }'
put src/low/e.c '#include "backprop.h"' 'int bp_low_too(void) { return bp_high(); }'
reports 1 'low/e.c: uses bp_high of high/public from a higher floor'

plant "a call of the floor beside"
put src/side/c.c 'int bpi_b(void);' 'int bpi_c(void) { return bpi_b(); }'
reports 1 'side/c.c: uses bpi_b of high/b from the floor beside it'

plant "a higher floor's data"
put src/low/public.c 'extern int bpi_data;' 'int bp_low(void) { return bpi_data; }'
put src/high/a.c 'int bpi_data = 1;' 'int bpi_a(void) { return 0; }'
reports 1 'low/public.c: uses bpi_data of high/a from a higher floor'

plant "a circle of calls"
put src/high/a.c 'int bpi_b(void);' 'int bpi_data = 1;' 'int bpi_a(void) { return bpi_b(); }'
put src/high/b.c 'int bpi_a(void);' 'int bpi_b(void) { return bpi_a(); }'
reports 1 'a circle of 2 files: high/a high/b' '    high/a -> high/b: uses bpi_b' '    high/b -> high/a: uses bpi_a'

plant "a circle of three, one call of them of a public function"
put src/high/a.c 'int bp_high(void);' 'int bpi_data = 1;' 'int bpi_a(void) { return bp_high(); }'
put src/high/public.c '#include "high/b.h"' 'int bp_high(void) { return bpi_b(); }'
reports 1 'a circle of 3 files: high/a high/b high/public' \
  '    high/a -> high/public: uses bp_high' \
  '    high/b -> high/a: high/b.c:2 includes "high/a.h"; uses bpi_a, bpi_data' \
  '    high/public -> high/b: high/public.c:1 includes "high/b.h"; uses bpi_b'

plant "a circle of includes"
put src/high/d.h '#ifndef D' '#define D' '#include "high/e.h"' '#endif'
put src/high/e.h '#ifndef E' '#define E' '#include "high/d.h"' '#endif'
reports 1 'a circle of 2 files: high/d high/e' \
  '    high/d -> high/e: high/d.h:3 includes "high/e.h"' '    high/e -> high/d: high/e.h:3 includes "high/d.h"'

plant "a circle of a call and an include, of a header's types alone"
put src/high/type.c '#include "high/b.h"' 'int bp_high_too(void) { return bpi_b(); }'
reports 1 'a circle of 3 files: high/a high/b high/type' \
  '    high/a -> high/type: high/a.c:4 includes "high/type.h"'

plant "a circle through a table"
put list 'floors low high,side' 'pointers low/call handed down' 'table high/a high/b* a.function # row by row'
reports 1 'a circle of 2 files: high/a high/b' '    high/a -> high/b: through a table: a.function'

plant "a table of a higher floor's functions"
put list 'floors low high,side' 'pointers low/call handed down' 'table low/* high/a a.function'
reports 3 'low/call.c: calls, by a.function, a function of high/a from a higher floor' \
  'low/public.c: calls, by a.function, a function of high/a from a higher floor' \
  'a circle of 2 files: high/a low/public'

plant "a table of files that are no more"
put list 'floors low high,side' 'pointers low/call handed down' 'table high/gone high/a a.function'
reports 1 'the list: table high/gone high/a: no files of these names'

plant "a pointer to functions that is not in the list"
put list 'floors low high,side'
reports 1 'low/call.c:2: a pointer to functions that the list says nothing of'

plant "a pointer in the list that no file declares"
put list 'floors low high,side' 'pointers low/call handed down' 'pointers high/a in the list'
reports 1 'the list: pointers high/a: no such file declares one'

plant "no header of its own name"
mv src/high/b.h src/high/type.h
put src/high/b.c '#include "high/type.h"' 'int bpi_b(void) { return 1; }'
put src/high/public.c '#include "high/type.h"' 'int bp_high(void) { return bpi_b(); }'
put src/high/a.c '#include "high/a.h"' 'int bpi_data = 1;' 'int bpi_a(void) { return 0; }'
reports 1 'high/b.c: has no header of its name, but gives bpi_b (to high/public)'

plant "data without a header, and a function that its header names in a comment alone"
put src/high/a.h '/* int bpi_a(void);' '   extern int bpi_data; */' 'struct a { int bpi_a_too; };'
put src/high/b.c '#include "high/a.h"' 'int bpi_a(void);' 'extern int bpi_data;' \
  'int bpi_b(void) { return bpi_a() + bpi_data; }'
put src/high/a.c 'int bpi_data = 1;' 'int bpi_a(void) { return 0; }'
reports 1 'high/a.h: does not declare what high/a.c gives: bpi_a (to high/b), bpi_data (to high/b)'

plant "an object of no source"
look
mkdir -p objects/gone
mv objects/src/high/a.c.o objects/gone/a.c.o
status=0
"$here/run.sh" -l list src backprop.h objects/gone/a.c.o >output 2>&1 || status=$?
[ "$status" -ne 0 ] || fail "status 0"
grep -qF 'no source under src is of this name' output || fail "no word of it"

echo "every planted fault was reported"
