# Fails unless backprop_double_names.h in INCLUDE renames each BP_API function of backprop.h, each to its bpd_
# name, nothing else, in alphabetical order.

cmake_minimum_required(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/api.cmake)
backprop_read_api(wanted ${INCLUDE}/backprop.h)

file(STRINGS ${INCLUDE}/backprop_double_names.h lines REGEX "^#define bp")
list(TRANSFORM lines REPLACE "^#define bp_([a-z0-9_]+) +bpd_([a-z0-9_]+)$" "\\1 \\2")
set(found "")
foreach(line IN LISTS lines)
  if(NOT line MATCHES "^([a-z0-9_]+) ([a-z0-9_]+)$" OR NOT CMAKE_MATCH_1 STREQUAL CMAKE_MATCH_2)
    message(FATAL_ERROR "backprop_double_names.h: not a renaming of bp_x to bpd_x: ${line}")
  endif()
  list(APPEND found bp_${CMAKE_MATCH_1})
endforeach()

backprop_same("${wanted}" "${found}" "backprop_double_names.h does not fit backprop.h")
if(NOT "${found}" STREQUAL "${wanted}")
  message(FATAL_ERROR "backprop_double_names.h is not in alphabetical order or has a line twice")
endif()
