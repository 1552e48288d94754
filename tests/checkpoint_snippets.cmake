# Lines of code in the header and in a guide, as files that the tests of them include: those about checkpoints, and
# those that carry scaling from an unrolled network to the recurrent one. They are taken out when CMake runs, which
# it does again when either has changed.

# From the first line that begins with `first` to the first `last` after it.
function(take_snippet path prefix first last output)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} text)
  string(FIND "${text}" "${prefix}${first}" start)
  if(start EQUAL -1)
    message(FATAL_ERROR "${path} has no line that begins with ${first}")
  endif()
  string(SUBSTRING "${text}" ${start} -1 text)
  string(FIND "${text}" "${last};" end)
  if(end EQUAL -1)
    message(FATAL_ERROR "the lines of ${path} that begin with ${first} do not end with ${last}")
  endif()
  string(SUBSTRING "${text}" 0 ${end} text)
  string(REPLACE "\n${prefix}" "\n    " text "\n${text}") # within the body of a function
  file(CONFIGURE OUTPUT ${output} CONTENT "${text}${last};\n" @ONLY)
endfunction()

set(header ${PROJECT_SOURCE_DIR}/include/backprop.h)
set(first "const char *path = \"training.checkpoint\"")
take_snippet(${header} " *     " "${first}" "remove(path)" ${CMAKE_CURRENT_BINARY_DIR}/snippet_of_header.inc)
take_snippet(${PROJECT_SOURCE_DIR}/docs/guide/stopping.md "" "${first}" "remove(path)"
             ${CMAKE_CURRENT_BINARY_DIR}/snippet_of_guide.inc)
take_snippet(${header} " *     " "size_t inputs = bp_network_input_width(unrolled)" "free(factors)"
             ${CMAKE_CURRENT_BINARY_DIR}/snippet_of_scaling.inc)
