# Fails unless GUIDE, docs/guide/troubleshooting.md, has for each kind of BP_FINDING_LIST in HEADER but "nothing" a
# section that is headed by its text and begins with its name.

cmake_minimum_required(VERSION 3.21)
file(READ ${HEADER} header)
file(READ ${GUIDE} guide)

string(REGEX MATCHALL "X\\(BP_FINDING_[A-Z0-9_]+, [0-9]+, \"[^\"]+\"\\)" kinds "${header}")
list(LENGTH kinds count)
if(count LESS 2)
  message(FATAL_ERROR "${HEADER}: no kinds of findings")
endif()
foreach(kind IN LISTS kinds)
  string(REGEX REPLACE "X\\(([A-Z0-9_]+), ([0-9]+), \"(.*)\"\\)" "\\1;\\2;\\3" parts "${kind}")
  list(GET parts 0 name)
  list(GET parts 2 text)
  string(FIND "${guide}" "\n### ${text}\n`${name}`" place)
  if(place EQUAL -1 AND NOT name STREQUAL BP_FINDING_NONE)
    message(FATAL_ERROR "${GUIDE}: no section '### ${text}' that begins with `${name}`")
  endif()
endforeach()
