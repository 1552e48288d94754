# cmake --install: headers, libraries, licence, documents and example sources, CMake package and pkg-config files. None
# of them knows its prefix, so that the installed tree may be moved; but for .pc files below /usr.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(shared backprop)
set(static backprop_static)
if(BACKPROP_DOUBLE)
  list(APPEND shared backprop_double)
  list(APPEND static backprop_double_static)
endif()

install(FILES include/backprop.h include/backprop_double_names.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs
  FILES_MATCHING PATTERN "*.md" PATTERN "*.svg" PATTERN "*.c" PATTERN "*.h" PATTERN "*.csv")
if(BACKPROP_DOCS_DIR AND BACKPROP_INSTALL_DOCS)
  install(DIRECTORY ${BACKPROP_DOCS_DIR}/man/man3 DESTINATION ${CMAKE_INSTALL_MANDIR})
  install(DIRECTORY ${BACKPROP_DOCS_DIR}/html DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
install(TARGETS ${shared} EXPORT backprop-shared INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS ${static} EXPORT backprop-static INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/backprop)
install(EXPORT backprop-shared NAMESPACE backprop:: DESTINATION ${package_dir})
install(EXPORT backprop-static NAMESPACE backprop:: DESTINATION ${package_dir})
configure_package_config_file(cmake/backprop-config.cmake.in backprop-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(backprop-config-version.cmake COMPATIBILITY ${BACKPROP_COMPATIBILITY})
install(FILES ${PROJECT_BINARY_DIR}/backprop-config.cmake ${PROJECT_BINARY_DIR}/backprop-config-version.cmake
  DESTINATION ${package_dir})

# A directory as a .pc file should name it: below the prefix, unless the installer chose it outside.
function(backprop_pc_directory result directory)
  if(IS_ABSOLUTE ${directory})
    set(${result} ${directory} PARENT_SCOPE)
  else()
    set(${result} "\${prefix}/${directory}" PARENT_SCOPE)
  endif()
endfunction()

# The prefix is known when it is installed. That of a tree which may be moved is found from the file's own place; below
# /usr it is written out, since pkg-config knows the compiler's own folders by that name alone and leaves them out.
function(backprop_install_pc pc_name pc_precision pc_definition)
  backprop_pc_directory(libdir ${CMAKE_INSTALL_LIBDIR})
  backprop_pc_directory(includedir ${CMAKE_INSTALL_INCLUDEDIR})
  file(RELATIVE_PATH to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  string(REGEX REPLACE "/$" "" to_prefix "${to_prefix}")
  foreach(kind IN ITEMS system movable)
    set(prefix "\${pcfiledir}/${to_prefix}")
    if(kind STREQUAL "system")
      set(prefix "@CMAKE_INSTALL_PREFIX@")
    endif()
    configure_file(cmake/backprop.pc.in ${kind}/${pc_name}.pc @ONLY)
  endforeach()
  install(CODE "
    set(kind movable)
    if(CMAKE_INSTALL_PREFIX MATCHES \"^/usr(/local)?$\")
      set(kind system)
    endif()
    configure_file(\"${PROJECT_BINARY_DIR}/\${kind}/${pc_name}.pc\" \"${PROJECT_BINARY_DIR}/${pc_name}.pc\" @ONLY)")
  install(FILES ${PROJECT_BINARY_DIR}/${pc_name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

set(pc_requires "")
if(BACKPROP_ZLIB)
  set(pc_requires "Requires.private: zlib\n")
endif()
backprop_install_pc(backprop "" "")
if(BACKPROP_DOUBLE)
  backprop_install_pc(backprop-double ", in double precision" " -DBP_DOUBLE")
endif()
