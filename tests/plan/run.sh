#!/usr/bin/env bash
# Fails where a source file other than engine/plan.c chooses how a call is computed: by the facts of plan.h, by
# whether a network is small, by the kind of loss or by the number of cases. Then plants each of these choices in a
# copy of the sources and fails where it is not reported.
#
#     tests/plan/run.sh <sources>
set -euo pipefail
export LC_ALL=C

[ $# -eq 1 ] || { echo "usage: run.sh <sources>" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Code without comments, as lines "file:number:code".
code_of() { # <sources>
  (cd "$1" && find engine small check train -name '*.[ch]' | sort | xargs "${AWK:-awk}" '
    FNR == 1 { inside = 0 }
    {
      line = ""
      for (rest = $0; rest != "";) {
        at = index(rest, inside ? "*/" : "/*")
        if (!inside)
          line = line (at ? substr(rest, 1, at - 1) : rest)
        rest = at ? substr(rest, at + 2) : ""
        if (at)
          inside = !inside
      }
      print FILENAME ":" FNR ":" line
    }')
}

# What no line may say, but in the files named, and why they may.
rule() { # <message> <pattern> <file pattern>
  grep -E "^[^:]*:[0-9]+:.*$2" "$code" | grep -vE "^($3):" | sed "s|\$|    <- $1|" >>"$found" || true
}

# The same for files that do not call plan.c.
rule_of_files() { # <message> <pattern> <calls> <file pattern>
  local file
  for file in $(grep -E "^[^:]*:[0-9]+:.*$2" "$code" | cut -d: -f1 | sort -u | grep -vE "^($4)$"); do
    grep -qE "^$file:[0-9]+:.*$3" "$code" || echo "$file: $1" >>"$found"
  done
}

says_of_data='check/(check_(inputs|signals|targets|validation)|duplicate_columns)\.c'

check() { # <sources>
  code=$work/code found=$work/found
  code_of "$1" >"$code"
  [ -s "$code" ] || { echo "plan: $1: no sources" >&2; exit 2; }
  : >"$found"
  # workspace.c has memory for the kernels of small networks.
  rule "a fact is looked at" '(& *\(?|== *)FACT_' 'engine/plan\.c|engine/workspace\.c'
  rule_of_files "facts, but no call of bpi_plan" '\<FACT_' '\<bpi_plan\(' 'engine/(plan\.[ch]|loss\.c|workspace\.c)'
  rule_of_files "paths, but no call of bpi_plan" '\<PATH_' '\<bpi_(plan|forward_path)\(' 'engine/plan\.[ch]'
  rule "a choice by smallness" '(\<workspace->small *(==|!=|\?|&&|\|\||\))|! *workspace->small\>|SMALL_MAX_WEIGHTS)' \
    'engine/plan\.c|engine/workspace\.c'
  rule "a choice by what the gradient is" '\<has_plain_gradient\>' 'engine/plan\.c'
  # The loss itself.
  rule "a choice by the kind of loss" '(==|!=) *LOSS_' 'engine/loss(_check|_kind)?\.[ch]'
  # Whether a row has to be copied; wording; sizes that are validated; which updates one call comprises; what is said
  # of data.
  rule "a choice by the number of cases" '\<(cases|rows|count) *([=!]=|>|<|>=|<=) *[12]\>' \
    'engine/(plan|load|evaluate|finding_data_text)\.c|engine/check_data\.[ch]|train/update\.c|'"$says_of_data"
}

check "$1"
if [ -s "$found" ]; then
  cat "$found"
  echo "plan: choices that belong into engine/plan.c" >&2
  exit 1
fi

# Each planted at the end of a file, which must be the only one reported.
planted=0
plant() { # <sources> <line of code> [<file of engine/>]
  local file=engine/${3:-error}.c
  rm -rf "$work/src"
  cp -r "$1" "$work/src"
  printf '%s\n' "$2" >>"$work/src/$file"
  check "$work/src"
  if [ "$(wc -l <"$found")" -ne 1 ] || ! grep -q "^$file:" "$found"; then
    echo "plan: not reported, or not alone: $2" >&2
    cat "$found" >&2
    exit 1
  fi
  planted=$((planted + 1))
}
plant "$1" 'if (workspace->facts & FACT_SMALL) return;'
plant "$1" 'if (workspace->small != NULL) return;'
plant "$1" 'if (!workspace->small) return;'
plant "$1" 'if (net->weight_count <= SMALL_MAX_WEIGHTS) return;'
plant "$1" 'if (net->has_plain_gradient) return;'
plant "$1" 'if (loss->kind == LOSS_SQUARED_ERROR) return;'
plant "$1" 'if (cases->count == 1) return;'
plant "$1" 'if (rows > 1) return;'
plant "$1" 'unsigned facts = FACT_SMALL;' new
plant "$1" 'if (path == PATH_FUSED) return;' new
echo "plan: no choice outside engine/plan.c; $planted planted ones were reported"
