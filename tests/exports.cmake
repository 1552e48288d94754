# Looks with NM at the global names that LIBRARY defines. KIND shared: exactly the functions of backprop.h in
# INCLUDE, with LETTERS (bp or bpd) in front. KIND static: these, and inner ones that begin with bpi_ or bpdi_.

cmake_minimum_required(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/api.cmake)
backprop_read_api(wanted ${INCLUDE}/backprop.h)
list(TRANSFORM wanted REPLACE "^bp_" "${LETTERS}_")

set(options -g -P --defined-only)
if(KIND STREQUAL "shared")
  list(APPEND options -D)
endif()
execute_process(COMMAND ${NM} ${options} ${LIBRARY} OUTPUT_VARIABLE lines COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${lines}")

# Lines of nm -P are "name type value size"; between them stand the members of an archive, "library[member]:".
list(FILTER lines INCLUDE REGEX "^[^ ]+ [A-Za-z] ")
list(TRANSFORM lines REPLACE " .*$" "")
set(found ${lines})
list(FILTER found EXCLUDE REGEX "^__odr_asan[._]") # AddressSanitizer's own mark beside each object
list(FILTER found EXCLUDE REGEX "^__x86\\.get_pc_thunk\\.") # 32-bit x86: hidden, merged by the linker
if(KIND STREQUAL "static")
  list(FILTER found EXCLUDE REGEX "^${LETTERS}i_")
endif()
backprop_same("${wanted}" "${found}" "${LIBRARY} does not define the names that it should")
