# Fails, naming file and line, where a file under SOURCES includes from a higher floor, or in a form that hides
# the floor. Run with cmake -DSOURCES=<src> -P floors.cmake.

cmake_minimum_required(VERSION 3.21)

set(FLOORS base kernel model train format)

execute_process(
  COMMAND grep -rnoE "^[[:space:]]*#[[:space:]]*include[[:space:]]*\"[^\"]*\"" --include=*.c --include=*.h .
  WORKING_DIRECTORY ${SOURCES} OUTPUT_VARIABLE lines RESULT_VARIABLE result)
if(result GREATER 1 OR NOT lines)
  message(FATAL_ERROR "${SOURCES}: no sources could be read")
endif()

string(REPLACE "\n" ";" lines "${lines}")
list(REMOVE_ITEM lines "")
set(faults 0)
foreach(line IN LISTS lines)
  string(REGEX MATCH "^\\./(([^/:]+)/[^:]*:[0-9]+):.*\"(([^/]*)/?.*)\"$" line "${line}")
  set(place ${CMAKE_MATCH_1})
  set(included ${CMAKE_MATCH_3})
  list(FIND FLOORS "${CMAKE_MATCH_2}" own)
  list(FIND FLOORS "${CMAKE_MATCH_4}" other)
  if(own EQUAL -1)
    set(fault "lies on no floor")
  elseif(included STREQUAL "backprop.h")
    continue()
  elseif(other EQUAL -1)
    set(fault "includes \"${included}\", which names no floor")
  elseif(other GREATER own)
    set(fault "includes \"${included}\" from a higher floor")
  else()
    continue()
  endif()
  message("${place}: ${fault}")
  math(EXPR faults "${faults} + 1")
endforeach()
if(faults)
  message(FATAL_ERROR "${faults} faults; the floors from the lowest: ${FLOORS}")
endif()
