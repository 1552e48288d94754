# BACKPROP_VERSION from include/backprop.h, the one place where the version is written; BACKPROP_ABI, the part
# of it that programs are bound to when linked.

get_filename_component(header ${CMAKE_CURRENT_LIST_DIR}/../include/backprop.h ABSOLUTE)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})

set(BACKPROP_VERSION "")
foreach(part IN ITEMS MAJOR MINOR PATCH)
  file(STRINGS ${header} line REGEX "^#define BP_VERSION_${part} [0-9]+$")
  if(NOT line MATCHES "([0-9]+)$")
    message(FATAL_ERROR "include/backprop.h does not define BP_VERSION_${part} as a number")
  endif()
  list(APPEND BACKPROP_VERSION ${CMAKE_MATCH_1})
endforeach()
list(GET BACKPROP_VERSION 0 major)
list(GET BACKPROP_VERSION 1 minor)
list(JOIN BACKPROP_VERSION "." BACKPROP_VERSION)

# While the major version is 0 the interface may change with each minor version, so the soname says major.minor
# and two such versions can be installed side by side; from 1.0 on the major version alone is the promise.
if(major EQUAL 0)
  set(BACKPROP_ABI ${major}.${minor})
  set(BACKPROP_COMPATIBILITY SameMinorVersion)
else()
  set(BACKPROP_ABI ${major})
  set(BACKPROP_COMPATIBILITY SameMajorVersion)
endif()
