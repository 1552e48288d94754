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
