# Reads what run.sh hands it, and writes the faults. `kind` says what a file holds.
#
# A module is a .c, the .h of the same name, or both, and is called by its path without the ending.

function fault(text) {
    print text
    faults++
}

# The line without what is comment in it.
function code(line,    kept, at) {
    kept = ""
    while (1) {
        if (in_comment) {
            at = index(line, "*/")
            if (at == 0)
                return kept
            line = " " substr(line, at + 2)
            in_comment = 0
        }
        at = index(line, "/*")
        if (at == 0)
            return kept line
        kept = kept substr(line, 1, at - 1)
        line = substr(line, at + 2)
        in_comment = 1
    }
}

# words[1..] = the names in a line of C; their number.
function names_in(line, words) {
    gsub(/[^A-Za-z0-9_]+/, " ", line)
    return split(line, words, " ")
}

function module_of(file) {
    sub(/\.[ch]$/, "", file)
    return file
}

function floor_of(path) {
    return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : ""
}

function add_module(module) {
    if (!(module in number)) {
        number[module] = ++modules
        name[modules] = module
    }
}

# Why `from` must not see `to`, both known floors; "" if it may.
function wrong_way(from, to) {
    if (height[to] > height[from])
        return "from a higher floor"
    if (height[to] == height[from] && to != from)
        return "from the floor beside it"
    return ""
}

# -------------------------------------------------------------------------- read

FNR == 1 {
    in_comment = 0
}

kind == "list" {
    sub(/#.*/, "")
    if ($1 == "floors") {
        for (i = 2; i <= NF; i++) {
            beside = split($i, group, ",")
            for (j = 1; j <= beside; j++)
                height[group[j]] = i
        }
        floors = substr($0, index($0, $2))
    } else if ($1 == "table") {
        tables++
        table_from[tables] = $2
        table_to[tables] = $3
        why = $0
        sub(/^[ \t]*table[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]*/, "", why)
        sub(/[ \t]+$/, "", why)
        table_why[tables] = why
    } else if ($1 == "pointers") {
        pointers_listed[$2] = 1
    } else if ($1 == "declared") {
        declared++
        declared_module[declared] = $2
        declared_in[declared] = $3 ".h"
    } else if (NF > 0) {
        fault("the list: line " FNR " begins with neither floors nor declared nor table nor pointers")
    }
    next
}

kind == "header" {
    n = names_in(code($0), words)
    for (i = 1; i <= n; i++)
        public[words[i]] = 1
    next
}

kind == "names" && $1 == "=" {
    object = $2
    compiled[object] = 1
    objects++
    next
}

# Some systems put _ in front of each name.
kind == "names" && $2 ~ /^[A-Zuvwi]$/ {
    symbol = $1
    sub(/^_bp/, "bp", symbol)
    if ($2 ~ /^[Uvw]$/) {
        uses++
        user[uses] = object
        used[uses] = symbol
    } else {
        definer[symbol] = object
        defines_some[object] = 1
    }
    next
}

kind == "source" {
    line = code($0)
    if (FNR == 1) {
        own = module_of(FILENAME)
        add_module(own)
        exists[FILENAME] = 1
        if (!(floor_of(own) in height))
            fault(FILENAME ":1: lies on no floor")
    }
    if (line ~ /^[ \t]*#[ \t]*include/)
        read_include(line)
    if (FILENAME ~ /\.h$/) {
        n = names_in(line, words)
        for (i = 1; i <= n; i++)
            declares[FILENAME, words[i]] = 1
    }
    if (line ~ /\( *\* *(const *)?[A-Za-z0-9_]*(\[[^]]*\])?\) *\(/ && !(own in declares_pointers))
        declares_pointers[own] = FILENAME ":" FNR
}

function read_include(line,    place, included, reason) {
    place = FILENAME ":" FNR
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", line)
    if (line ~ /^</)
        return
    if (line !~ /^"[^"]*"/) {
        fault(place ": includes " line ", which names no floor")
        return
    }
    included = substr(line, 2)
    included = substr(included, 1, index(included, "\"") - 1)
    if (included == "backprop.h")
        return
    if (!(floor_of(included) in height)) {
        fault(place ": includes \"" included "\", which names no floor")
        return
    }
    if (!(floor_of(own) in height))
        return
    reason = wrong_way(floor_of(own), floor_of(included))
    if (reason != "")
        fault(place ": includes \"" included "\" " reason)
    add_module(module_of(included))
    add_edge(own, module_of(included), "include", place " includes \"" included "\"")
}

# ------------------------------------------------------------------------- edges

# way: "include", "use" or "table".
function add_edge(from, to, way, reason,    separator) {
    if (from == to)
        return
    if (!((from, to) in edge)) {
        edge[from, to] = 1
        outgoing[from, ++out_count[from]] = to
        incoming[to, ++in_count[to]] = from
    }
    if ((from, to, way, reason) in reason_given)
        return
    reason_given[from, to, way, reason] = 1
    separator = reasons[from, to, way] == "" ? "" : ", "
    reasons[from, to, way] = reasons[from, to, way] separator reason
}

function check_way(from, to, what,    reason) {
    reason = wrong_way(floor_of(from), floor_of(to))
    if (reason != "")
        fault(from ".c: " what " of " to " " reason)
}

function add_uses(    i, from, to) {
    for (i = 1; i <= uses; i++) {
        if (!(used[i] in definer))
            continue
        from = user[i]
        to = definer[used[i]]
        if (from == to)
            continue
        check_way(from, to, "uses " used[i])
        add_edge(from, to, "use", used[i])
        if (!(used[i] in public) && !is_declared(to, used[i]))
            add_undeclared(to, used[i], from)
    }
}

# In the header of its name, or in the one that the list says.
function is_declared(module, symbol,    i) {
    if ((module ".h", symbol) in declares)
        return 1
    for (i = 1; i <= declared; i++)
        if (matches(module, declared_module[i]) && (declared_in[i], symbol) in declares)
            return 1
    return 0
}

# Whether a module is of this name, in which * stands for any letters but /.
function matches(module, pattern) {
    gsub(/\*/, "[^/]*", pattern)
    return module ~ ("^" pattern "$")
}

function add_tables(    t, i, j, found) {
    for (t = 1; t <= tables; t++) {
        found = 0
        for (i = 1; i <= modules; i++) {
            if (!matches(name[i], table_from[t]))
                continue
            for (j = 1; j <= modules; j++) {
                if (!matches(name[j], table_to[t]))
                    continue
                found = 1
                check_way(name[i], name[j], "calls, by " table_why[t] ", a function")
                add_edge(name[i], name[j], "table", table_why[t])
            }
        }
        if (!found)
            fault("the list: table " table_from[t] " " table_to[t] ": no files of these names")
    }
}

# ----------------------------------------------------------------------- circles

# mark[m] = 1 for each module that can be reached from `start`, forwards or backwards.
function reach(start, mark, forwards,    stack, top, at, next_one, k, count) {
    split("", mark)
    stack[top = 1] = start
    mark[start] = 1
    while (top > 0) {
        at = stack[top--]
        count = forwards ? out_count[at] : in_count[at]
        for (k = 1; k <= count; k++) {
            next_one = forwards ? outgoing[at, k] : incoming[at, k]
            if (!(next_one in mark)) {
                mark[next_one] = 1
                stack[++top] = next_one
            }
        }
    }
}

# Files that reach each other are one circle, or several that are linked.
function find_circles(    i, j, members, count, forth, back, done, text) {
    for (i = 1; i <= modules; i++) {
        if (name[i] in done)
            continue
        reach(name[i], forth, 1)
        reach(name[i], back, 0)
        count = 0
        text = ""
        for (j = 1; j <= modules; j++) {
            if (!(name[j] in forth) || !(name[j] in back))
                continue
            members[++count] = name[j]
            done[name[j]] = 1
            text = text " " name[j]
        }
        if (count > 1) {
            fault("a circle of " count " files:" text)
            describe(members, count)
        }
    }
}

# The edges between them, with what makes each.
function describe(members, count,    i, j, text) {
    for (i = 1; i <= count; i++) {
        for (j = 1; j <= count; j++) {
            if (!((members[i], members[j]) in edge))
                continue
            text = part(members[i], members[j], "include", "")
            text = text part(members[i], members[j], "use", "uses ")
            text = text part(members[i], members[j], "table", "through a table: ")
            print "    " members[i] " -> " members[j] ": " substr(text, 1, length(text) - 2)
        }
    }
}

function part(from, to, way, title) {
    return (from, to, way) in reasons ? title reasons[from, to, way] "; " : ""
}

# ------------------------------------------------------------------- own headers

function add_undeclared(module, symbol, from,    separator) {
    if ((module, symbol) in undeclared_seen)
        return
    undeclared_seen[module, symbol] = 1
    separator = module in undeclared ? ", " : ""
    undeclared[module] = undeclared[module] separator symbol " (to " from ")"
}

function check_own_headers(    i, module) {
    for (i = 1; i <= modules; i++) {
        module = name[i]
        if (!(module in undeclared))
            continue
        if ((module ".h") in exists)
            fault(module ".h: does not declare what " module ".c gives: " undeclared[module])
        else
            fault(module ".c: has no header of its name, but gives " undeclared[module])
    }
}

# -------------------------------------------------------------------------- rest

function check_pointers(    i, module) {
    for (i = 1; i <= modules; i++) {
        if (name[i] in declares_pointers && !(name[i] in pointers_listed))
            fault(declares_pointers[name[i]] ": a pointer to functions that the list says nothing of")
    }
    for (module in pointers_listed) {
        if (!(module in declares_pointers))
            fault("the list: pointers " module ": no such file declares one")
    }
}

function check_objects(    module) {
    for (module in compiled) {
        if (!(module in defines_some))
            fault("the object of " module ".c defines no name; is it of a build with link-time optimization?")
    }
}

# By name, so that the output is the same whichever way files are found.
function sort_modules(    i, j, module) {
    for (i = 2; i <= modules; i++) {
        module = name[i]
        for (j = i - 1; j >= 1 && name[j] > module; j--)
            name[j + 1] = name[j]
        name[j + 1] = module
    }
}

# The .c files of which there is no object, because another processor has them.
function not_compiled(    i, text) {
    for (i = 1; i <= modules; i++) {
        if ((name[i] ".c") in exists && !(name[i] in compiled))
            text = text " " name[i] ".c"
    }
    return text
}

END {
    sort_modules()
    check_objects()
    add_uses()
    add_tables()
    check_pointers()
    check_own_headers()
    find_circles()
    if (objects == 0)
        print "no objects: includes alone were read"
    else if (not_compiled() != "")
        print "not compiled here, so that only includes were read:" not_compiled()
    print modules " files, " objects " objects, " faults + 0 (faults == 1 ? " fault" : " faults") "; the floors from the lowest: " floors
    exit faults > 0
}
