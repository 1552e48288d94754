# The arithmetic that results rest on: each operation on float or double is rounded to that type.

include(CheckCSourceCompiles)
check_c_source_compiles("#include <float.h>\n#if FLT_EVAL_METHOD != 0\n#error\n#endif\nint main(void) { return 0; }"
  BACKPROP_ROUNDS_EACH_RESULT)
if(NOT BACKPROP_ROUNDS_EACH_RESULT)
  unset(BACKPROP_ROUNDS_EACH_RESULT CACHE) # other flags may be tried in the same folder
  message(FATAL_ERROR "backprop needs arithmetic that rounds each result to its type (FLT_EVAL_METHOD is 0 in "
    "float.h). x87 arithmetic keeps excess precision: results would depend on which values the compiler holds in "
    "registers, and could leave their range. On 32-bit x86, configure with "
    "-DCMAKE_C_FLAGS=\"-msse2 -mfpmath=sse\".")
endif()

# Flags of a project around this one reach the library. Those that let a compiler change results, -ffast-math and each
# of its parts, are taken back here, by options that come after them; GCC keeps a part that was named by itself unless
# its own opposite is. They are one argument for CMake, so that it does not drop what it has seen before.
set(strict -fno-fast-math -fno-unsafe-math-optimizations -fno-finite-math-only -fno-associative-math
  -fno-reciprocal-math -fsigned-zeros -ffp-contract=off)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND strict -ftrapping-math -fno-rounding-math -fno-single-precision-constant)
elseif(CMAKE_C_COMPILER_ID MATCHES "Clang")
  list(APPEND strict -fhonor-nans -fhonor-infinities -fno-approx-func)
endif()
list(JOIN strict " " BACKPROP_STRICT_ARITHMETIC)

set(CMAKE_REQUIRED_FLAGS ${BACKPROP_STRICT_ARITHMETIC})
set(CMAKE_REQUIRED_INCLUDES ${PROJECT_SOURCE_DIR}/src)
check_c_source_compiles("#include \"base/arithmetic.h\"\nint main(void) { return 0; }" BACKPROP_ARITHMETIC_IS_STRICT)
unset(CMAKE_REQUIRED_FLAGS)
unset(CMAKE_REQUIRED_INCLUDES)
if(NOT BACKPROP_ARITHMETIC_IS_STRICT)
  unset(BACKPROP_ARITHMETIC_IS_STRICT CACHE)
  message(FATAL_ERROR "backprop needs arithmetic as IEEE 754 has it. With this compiler and the flags given, "
    "'${BACKPROP_STRICT_ARITHMETIC}' does not give it; leave out what changes it, such as -ffast-math.")
endif()
