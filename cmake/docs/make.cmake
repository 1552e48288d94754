# Runs DOXYGEN on the Doxyfile in OUTPUT and finishes what it makes there, html and man. SOURCE is the source folder.

cmake_minimum_required(VERSION 3.21)

file(REMOVE_RECURSE ${OUTPUT}/html ${OUTPUT}/man)
execute_process(COMMAND ${DOXYGEN} ${OUTPUT}/Doxyfile WORKING_DIRECTORY ${SOURCE} COMMAND_ERROR_IS_FATAL ANY)

# Pages link to sources by their place in the source folder.
file(COPY ${SOURCE}/docs/examples DESTINATION ${OUTPUT}/html/docs)
file(COPY ${SOURCE}/LICENSE DESTINATION ${OUTPUT}/html)

# A manual page for each group, struct, function, constant and type. Members of structs have one too, under their bare
# names (error, size), and the pages of docs/: these are removed.
file(GLOB pages ${OUTPUT}/man/man3/*.3)
foreach(page IN LISTS pages)
  get_filename_component(name ${page} NAME)
  if(NOT name MATCHES "^(bp_|BP_|backprop)")
    file(REMOVE ${page})
    continue()
  endif()
  # The title of a group and what it says in brief are two paragraphs under NAME, where there may be only one. troff
  # takes a line that begins with ' for a request.
  file(READ ${page} text)
  string(REGEX REPLACE "\n\\.PP\n \\\\- " ": " text "${text}")
  string(REPLACE "\n'" "\n\\&'" text "${text}")
  file(WRITE ${page} "${text}")
endforeach()
