# The lines about checkpoints in the header and in a guide, as files that the test of them includes. They are taken
# out when CMake runs, which it does again when either has changed.

function(take_snippet path prefix output)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} text)
  string(FIND "${text}" "${prefix}const char *path = \"training.checkpoint\"" start)
  if(start EQUAL -1)
    message(FATAL_ERROR "${path} has no lines about checkpoints that begin with their path")
  endif()
  string(SUBSTRING "${text}" ${start} -1 text)
  string(FIND "${text}" "remove(path);" end)
  if(end EQUAL -1)
    message(FATAL_ERROR "the lines about checkpoints in ${path} do not end with the removal of the file")
  endif()
  string(SUBSTRING "${text}" 0 ${end} text)
  string(REPLACE "\n${prefix}" "\n    " text "\n${text}") # within the body of a function
  file(CONFIGURE OUTPUT ${output} CONTENT "${text}remove(path);\n" @ONLY)
endfunction()

take_snippet(${PROJECT_SOURCE_DIR}/include/backprop.h " *     " ${CMAKE_CURRENT_BINARY_DIR}/snippet_of_header.inc)
take_snippet(${PROJECT_SOURCE_DIR}/docs/guide/stopping.md "" ${CMAKE_CURRENT_BINARY_DIR}/snippet_of_guide.inc)
