# The kernels written with vector extensions, each compiled for its instruction set; which of them runs is chosen
# when a network is created. Without GCC or Clang, or on another processor, the portable kernels are all there is.

include(CheckCSourceCompiles)
set(vectors "typedef float vec __attribute__((vector_size(16)));\n")
check_c_source_compiles("${vectors}#ifndef __x86_64__\n#error\n#endif\nint main(void) { return 0; }"
  BACKPROP_X86_KERNELS)
check_c_source_compiles("${vectors}#ifndef __aarch64__\n#error\n#endif\nint main(void) { return 0; }"
  BACKPROP_AARCH64_KERNELS)

# Files for small networks: the vectors in them are written by hand, and a compiler that makes more of them
# spends longer on gathering their lanes than the few terms take.
set(few -fno-tree-vectorize -fno-tree-slp-vectorize)

# The loops that matter are unrolled by hand, and functions that should be inlined say so. What GCC does beyond that,
# copies of functions and loops for special cases, makes code longer and no workload of tests/bench faster.
set(fast -O3)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND fast -fno-inline-functions -fno-ipa-cp-clone -fno-peel-loops -fno-split-loops -fno-split-paths
    -fno-version-loops-for-strides -fno-loop-interchange -fno-loop-unroll-and-jam -fno-gcse-after-reload
    -fno-tree-partial-pre -fvect-cost-model=cheap -fno-align-functions -fno-align-jumps -fno-align-loops)
endif()

# backprop_add_kernels(<file> <option>...): a file of kernels, and the options of its instruction set.
function(backprop_add_kernels file)
  set(BACKPROP_SOURCES ${BACKPROP_SOURCES} ${file} PARENT_SCOPE)
  set_source_files_properties(${file} PROPERTIES
    COMPILE_OPTIONS "$<$<NOT:$<CONFIG:Debug>>:${fast}>;${ARGN}")
endfunction()

set(avx2 -mavx2 -mfma)
set(avx512 -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma -mprefer-vector-width=512)
if(BACKPROP_X86_KERNELS)
  backprop_add_kernels(src/kernel/x86_baseline.c)
  backprop_add_kernels(src/kernel/x86_avx2.c ${avx2})
  backprop_add_kernels(src/kernel/x86_avx512.c ${avx512})
  backprop_add_kernels(src/small/x86_baseline.c)
  backprop_add_kernels(src/small/x86_avx2.c ${avx2} ${few})
  backprop_add_kernels(src/small/x86_avx512.c ${avx512} ${few})
  backprop_add_kernels(src/small/x86_fma_case.c ${avx2} ${few})
  backprop_add_kernels(src/small/x86_avx512_online.c ${avx512} ${few})
  # Few processors are left that run these; they get short code. With -Os Clang would not unroll.
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set_source_files_properties(src/kernel/x86_baseline.c src/small/x86_baseline.c PROPERTIES
      COMPILE_OPTIONS "$<$<NOT:$<CONFIG:Debug>>:-Os>")
  endif()
  set_source_files_properties(src/kernel/select.c src/small/select.c PROPERTIES
    COMPILE_DEFINITIONS BPI_X86_KERNELS)
elseif(BACKPROP_AARCH64_KERNELS)
  backprop_add_kernels(src/kernel/aarch64_neon.c)
  backprop_add_kernels(src/small/aarch64_neon.c)
  backprop_add_kernels(src/small/aarch64_neon_case.c ${few})
  set_source_files_properties(src/kernel/select.c src/small/select.c PROPERTIES
    COMPILE_DEFINITIONS BPI_AARCH64_KERNELS)
endif()

# Beside vector kernels the portable ones are what those are compared with, and compute what has no vector formula;
# where they are alone they are compiled for speed like the rest of a Release build.
if(BACKPROP_X86_KERNELS OR BACKPROP_AARCH64_KERNELS)
  set_source_files_properties(
    src/kernel/activation_rows.c src/kernel/portable.c src/kernel/portable_loss.c src/kernel/portable_noise.c
    src/kernel/portable_update.c src/kernel/portable_values.c
    src/small/portable.c PROPERTIES
    COMPILE_OPTIONS "$<$<CONFIG:Release>:-Os>")
endif()
