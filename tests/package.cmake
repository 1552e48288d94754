# Tests of what is built, installed and promised as a whole rather than of one source file.

# Floors, own headers and circles, and trees with a fault planted in each, to see that the check sees it. The objects
# of sanitizers and of link-time optimization do not name what a file calls and gives as a plain build's do.
string(TOUPPER "${CMAKE_BUILD_TYPE}" config)
set(floors_objects $<TARGET_OBJECTS:backprop_objects>)
if(BACKPROP_SANITIZE OR MSVC OR CMAKE_INTERPROCEDURAL_OPTIMIZATION OR CMAKE_INTERPROCEDURAL_OPTIMIZATION_${config}
    OR "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${config}}" MATCHES "-flto|-fsanitize")
  set(floors_objects "")
endif()
add_test(NAME floors
  COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/floors/run.sh ${PROJECT_SOURCE_DIR}/src
    ${PROJECT_SOURCE_DIR}/include/backprop.h ${floors_objects}
  COMMAND_EXPAND_LISTS)
set_tests_properties(floors PROPERTIES ENVIRONMENT "NM=${CMAKE_NM}")
if(NOT MSVC)
  add_test(NAME floors-broken COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/floors/broken.sh)
  set_tests_properties(floors-broken PROPERTIES TIMEOUT 120 ENVIRONMENT "CC=${CMAKE_C_COMPILER};NM=${CMAKE_NM}")
endif()

# Choices of a path outside engine/plan.c, and some planted, to see that the check sees them.
add_test(NAME plan COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/plan/run.sh ${PROJECT_SOURCE_DIR}/src)

separate_arguments(c_flags NATIVE_COMMAND "${CMAKE_C_FLAGS}")
separate_arguments(cxx_flags NATIVE_COMMAND "${CMAKE_CXX_FLAGS}")

# The public header compiles alone as C99 and as C++11.
function(backprop_header_test name)
  add_test(NAME ${name}
    COMMAND ${ARGN} -pedantic -Wall -Wextra -Werror -fsyntax-only -I ${PROJECT_SOURCE_DIR}/include
      -include backprop.h /dev/null)
endfunction()
backprop_header_test(header-c99 ${CMAKE_C_COMPILER} ${c_flags} -x c -std=c99)
backprop_header_test(header-c99-double ${CMAKE_C_COMPILER} ${c_flags} -x c -std=c99 -DBP_DOUBLE)
backprop_header_test(header-c++11 ${CMAKE_CXX_COMPILER} ${cxx_flags} -x c++ -std=c++11)
backprop_header_test(header-c++11-double ${CMAKE_CXX_COMPILER} ${cxx_flags} -x c++ -std=c++11 -DBP_DOUBLE)

# No line is longer than .clang-format says, which does not break comments behind members.
add_test(NAME header-width
  COMMAND ${CMAKE_COMMAND} -DINCLUDE=${PROJECT_SOURCE_DIR}/include
    -P ${CMAKE_CURRENT_SOURCE_DIR}/header_width.cmake)

# It compiles alone for Windows, where it says which functions come from a DLL, if there is a compiler for that.
find_program(MINGW_CC x86_64-w64-mingw32-gcc)
find_program(MINGW_CXX x86_64-w64-mingw32-g++)
find_program(MINGW_NM x86_64-w64-mingw32-nm)
if(MINGW_CC AND MINGW_CXX AND MINGW_NM)
  add_test(NAME header-mingw
    COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/header_mingw.sh ${PROJECT_SOURCE_DIR}/include)
  set_tests_properties(header-mingw PROPERTIES ENVIRONMENT "CC=${MINGW_CC};CXX=${MINGW_CXX};NM=${MINGW_NM}")
endif()

# Arithmetic with excess precision is refused, by cmake and by the sources. GCC has it on every x86.
set(CMAKE_REQUIRED_FLAGS -mfpmath=387)
check_c_source_compiles("#include <float.h>\n#if FLT_EVAL_METHOD == 0\n#error\n#endif\nint main(void) { return 0; }"
  BACKPROP_CAN_TRY_X87)
unset(CMAKE_REQUIRED_FLAGS)
if(BACKPROP_CAN_TRY_X87)
  add_test(NAME x87-configure
    COMMAND ${CMAKE_COMMAND} -G ${CMAKE_GENERATOR} -S ${PROJECT_SOURCE_DIR} -B ${CMAKE_CURRENT_BINARY_DIR}/x87
      -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} "-DCMAKE_C_FLAGS=${CMAKE_C_FLAGS} -mfpmath=387")
  add_test(NAME x87-sources
    COMMAND ${CMAKE_C_COMPILER} ${c_flags} -mfpmath=387 -fsyntax-only -I ${PROJECT_SOURCE_DIR}/include
      -I ${PROJECT_SOURCE_DIR}/src -include base/real.h -x c /dev/null)
  set_tests_properties(x87-configure x87-sources PROPERTIES PASS_REGULAR_EXPRESSION "x87 arithmetic")
endif()

# docs/functions.md has a row, and a picture that is up to date, for each activation; `functions` draws them anew.
add_executable(draw_functions functions/draw.c)
target_link_libraries(draw_functions PRIVATE backprop::backprop_static)
add_custom_target(functions COMMAND draw_functions ${PROJECT_SOURCE_DIR}/docs/functions VERBATIM)
add_test(NAME functions-documented COMMAND draw_functions --check ${PROJECT_SOURCE_DIR}/docs/functions.md
  ${PROJECT_SOURCE_DIR}/docs/functions)

add_test(NAME finding-sections
  COMMAND ${CMAKE_COMMAND} -DHEADER=${PROJECT_SOURCE_DIR}/include/backprop.h
    -DGUIDE=${PROJECT_SOURCE_DIR}/docs/guide/troubleshooting.md -P ${CMAKE_CURRENT_SOURCE_DIR}/finding_sections.cmake)

add_test(NAME double-names
  COMMAND ${CMAKE_COMMAND} -DINCLUDE=${PROJECT_SOURCE_DIR}/include
    -P ${CMAKE_CURRENT_SOURCE_DIR}/double_names.cmake)

# The shared library exports the functions of the header and nothing else; the static one defines them and bpi_ ones.
function(backprop_exports_test library kind letters)
  add_test(NAME exports-${library}
    COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DKIND=${kind} -DLETTERS=${letters}
      -DLIBRARY=$<TARGET_FILE:${library}> -DINCLUDE=${PROJECT_SOURCE_DIR}/include
      -P ${CMAKE_CURRENT_SOURCE_DIR}/exports.cmake)
endfunction()
backprop_exports_test(backprop shared bp)
backprop_exports_test(backprop_static static bp)

if(BACKPROP_DOUBLE)
  backprop_exports_test(backprop_double shared bpd)
  backprop_exports_test(backprop_double_static static bpd)

  # One program that holds both static libraries and trains with each.
  foreach(precision IN ITEMS float double)
    add_library(both_${precision} OBJECT both/learn.c)
    target_include_directories(both_${precision} PRIVATE .)
    target_compile_definitions(both_${precision} PRIVATE LEARN=learn_in_${precision})
  endforeach()
  target_link_libraries(both_float PRIVATE backprop_static)
  target_link_libraries(both_double PRIVATE backprop_double_static)
  add_executable(both both/main.c $<TARGET_OBJECTS:both_float> $<TARGET_OBJECTS:both_double>)
  target_include_directories(both PRIVATE .)
  target_link_libraries(both PRIVATE backprop_static backprop_double_static)
  add_test(NAME both-precisions COMMAND both)
endif()

# Flags of a project around the library that would change results, -ffast-math and its parts.
if(NOT BACKPROP_SANITIZE)
  string(REPLACE ";" " " emulator "${CMAKE_CROSSCOMPILING_EMULATOR}")
  add_test(NAME fast-math
    COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/install/fast_math.sh ${PROJECT_SOURCE_DIR} $<TARGET_FILE:backprop_static>
      ${BACKPROP_STRICT_ARITHMETIC})
  set_tests_properties(fast-math PROPERTIES LABELS rebuild COST 50 TIMEOUT 600 ENVIRONMENT
    "CC=${CMAKE_C_COMPILER};CFLAGS=${CMAKE_C_FLAGS};CMAKE=${CMAKE_COMMAND};EMULATOR=${emulator}")
endif()

# Sanitizers belong to developers' builds, which nobody installs.
if(BACKPROP_INSTALL AND NOT BACKPROP_SANITIZE)
  # The longest tests have a COST, by which they begin first: at the end they would run alone.
  add_test(NAME install
    COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/install/run.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  string(REPLACE ";" " " emulator "${CMAKE_CROSSCOMPILING_EMULATOR}")
  set(tools "CC=${CMAKE_C_COMPILER}" "CFLAGS=${CMAKE_C_FLAGS}" "CXX=${CMAKE_CXX_COMPILER}" "CXXFLAGS=${CMAKE_CXX_FLAGS}"
    "CMAKE=${CMAKE_COMMAND}" "PKG_CONFIG=${PKG_CONFIG}" "EMULATOR=${emulator}")
  set_tests_properties(install PROPERTIES LABELS rebuild COST 100 TIMEOUT 600 ENVIRONMENT "${tools}")
endif()

# The examples of docs/contributing.md, put into a copy of the library where the page says, and used. It builds the
# library anew, without optimization.
string(REPLACE ";" " " emulator "${CMAKE_CROSSCOMPILING_EMULATOR}")
add_test(NAME contributing
  COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/contributing/run.sh ${PROJECT_SOURCE_DIR})
set_tests_properties(contributing PROPERTIES LABELS "docs;rebuild" COST 50 TIMEOUT 600 ENVIRONMENT
  "CC=${CMAKE_C_COMPILER};CFLAGS=${CMAKE_C_FLAGS};CMAKE=${CMAKE_COMMAND};EMULATOR=${emulator}")

# The comments of the public header, and the pages, as Doxygen reads them.
if(BACKPROP_DOCS_DIR) # set by cmake/docs.cmake where Doxygen is installed
  add_test(NAME docs
    COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/docs/run.sh ${PROJECT_SOURCE_DIR} ${BACKPROP_DOCS_DIR}/Doxyfile)
  set_tests_properties(docs PROPERTIES LABELS docs TIMEOUT 120 ENVIRONMENT "CMAKE=${CMAKE_COMMAND};DOXYGEN=${DOXYGEN}")
endif()
