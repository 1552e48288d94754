# Puts a block of lines into a source file: after the definition of a name, or at its end, before the closing brace.
#
#     awk -v name=<name> -v where=<after|end> -v block=<file> -f place.awk <source file>
#
# A definition begins at the one unindented line that has the name, in no comment. It ends at the next line that begins
# with a closing brace; one without a body, with its semicolon; a macro, with its line.

function begins(line) {
  if (line !~ /^[A-Za-z#]/ || line !~ ("(^|[^A-Za-z0-9_])" name "($|[^A-Za-z0-9_])"))
    return 0
  return where == "after" || line ~ /[{]$/
}

function put(    line) {
  if (where == "after" && first !~ /^#/)
    print ""
  while ((getline line <block) > 0)
    print line
  placed++
  inside = 0
}

{ lines[NR] = $0 }

END {
  for (i = 1; i <= NR; i++) {
    if (!inside && begins(lines[i])) {
      inside = 1
      has_body = 0
      first = lines[i]
    }
    if (inside && (lines[i] ~ /[{]$/))
      has_body = 1
    if (inside && where == "end" && lines[i] ~ /^}/)
      put()
    print lines[i]
    if (inside && where == "after" && (lines[i] ~ /^}/ || lines[i] ~ /^#/ || (!has_body && lines[i] ~ /;$/)))
      put()
  }
  if (placed != 1) {
    printf "contributing: %s: %d definitions of %s, where there must be 1\n", FILENAME, placed, name >"/dev/stderr"
    exit 1
  }
}
