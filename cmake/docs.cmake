# The target `docs`: the manual in HTML (manual/html/index.html) and as manual pages (manual/man/man3), made by Doxygen
# from include/backprop.h, README.md and docs/. A warning is an error.

option(BACKPROP_INSTALL_DOCS "Build the target docs always, and install HTML and manual pages" OFF)
find_program(DOXYGEN doxygen)
mark_as_advanced(DOXYGEN)

if(BACKPROP_INSTALL_DOCS AND NOT DOXYGEN)
  message(FATAL_ERROR "BACKPROP_INSTALL_DOCS needs Doxygen (Debian: apt-get install doxygen)")
endif()

if(DOXYGEN)
  set(BACKPROP_DOCS_DIR ${PROJECT_BINARY_DIR}/manual)
  configure_file(cmake/docs/Doxyfile.in manual/Doxyfile @ONLY)

  set(all "")
  if(BACKPROP_INSTALL_DOCS)
    set(all ALL)
  endif()
  add_custom_target(docs ${all}
    COMMAND ${CMAKE_COMMAND} -DDOXYGEN=${DOXYGEN} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUTPUT=${BACKPROP_DOCS_DIR}
      -P ${PROJECT_SOURCE_DIR}/cmake/docs/make.cmake
    COMMENT "Making ${BACKPROP_DOCS_DIR}/html/index.html and manual pages"
    VERBATIM)
endif()
