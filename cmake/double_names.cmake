# The double library's inner names. The public ones are renamed by include/backprop_double_names.h; those that
# begin with bpi_ by a header made here from whatever src/*/*.h declares, so that no list has to be kept.

set(BACKPROP_DOUBLE_INNER_NAMES ${PROJECT_BINARY_DIR}/double/inner_names.h)

function(backprop_write_inner_names)
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*/*.h)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${headers})
  set(names "")
  foreach(header IN LISTS headers)
    file(READ ${header} text)
    string(REGEX MATCHALL "bpi_[a-z0-9_]+" found "${text}")
    list(APPEND names ${found})
  endforeach()
  list(REMOVE_DUPLICATES names)
  list(SORT names)
  list(TRANSFORM names REPLACE "^bpi_(.*)$" "#define bpi_\\1 bpdi_\\1\n")
  list(JOIN names "" lines)
  file(CONFIGURE OUTPUT ${BACKPROP_DOUBLE_INNER_NAMES} CONTENT "${lines}" @ONLY)
endfunction()

if(BACKPROP_DOUBLE)
  backprop_write_inner_names()
endif()
