# Code that runs once in a while should be small, not fast. A Release build is otherwise for speed; the kernels
# have options of their own (cmake/instruction_sets.cmake), and the loops of the losses keep those of the build. Of
# what runs in every step, only the files with loops over values, and those that a step of a small network spends its
# time in, gain by more than their size costs.
set(backprop_in_every_step
  src/base/bytes.c src/base/number.c src/base/random.c src/base/row_hash.c src/base/sized_struct.c src/base/threads.c
  src/data/csv_reader.c src/data/elements.c src/data/number_table.c src/data/table_learner.c src/data/table_reader.c
  src/engine/activation.c
  src/engine/backward.c src/engine/column_statistics.c
  src/engine/check_data.c src/engine/dense_product.c src/engine/error.c src/engine/forward.c
  src/engine/cholesky.c src/engine/normal_matrix.c
  src/engine/fused_update.c src/engine/gradient.c src/engine/load.c src/engine/loss.c
  src/engine/masked_product.c src/engine/online.c src/engine/parallel.c src/engine/predict.c
  src/engine/product.c src/engine/small_batch.c src/engine/small_case.c src/engine/small_online.c
  src/engine/small_values.c src/engine/unit_noise.c src/engine/weight_gradient.c src/train/epoch.c
  src/train/adam.c src/train/epoch_metrics.c src/train/metrics.c src/train/momentum.c src/train/penalties.c
  src/train/rule_update.c src/train/update.c
  src/train/vectors.c)

function(backprop_choose_optimization)
  foreach(source IN LISTS BACKPROP_SOURCES)
    if(source IN_LIST backprop_in_every_step)
      set(option -O2)
    elseif(source MATCHES "^src/(kernel|small)/" OR source STREQUAL "src/engine/loss_kind.c")
      continue()
    else()
      set(option -Os)
    endif()
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "$<$<CONFIG:Release>:${option}>")
  endforeach()
endfunction()

# What else makes the library small: calls of its own functions do not take a detour, and segments are not padded to
# pages. Unwind tables, an eighth of it, stay: without them a debugger that stands in a function of the caller's does
# not find the way back to who called the library.
include(CheckLinkerFlag)
check_linker_flag(C -Wl,-Bsymbolic-functions BACKPROP_HAS_BSYMBOLIC_FUNCTIONS)
check_linker_flag(C -Wl,-z,noseparate-code BACKPROP_HAS_NOSEPARATE_CODE)

function(backprop_make_small library)
  if(BACKPROP_HAS_BSYMBOLIC_FUNCTIONS)
    target_link_options(${library} PRIVATE -Wl,-Bsymbolic-functions)
  endif()
  if(BACKPROP_HAS_NOSEPARATE_CODE)
    target_link_options(${library} PRIVATE -Wl,-z,noseparate-code)
  endif()
endfunction()

# backprop_add_library(<name> OUTPUT_NAME <name of the files> [DOUBLE])
#
# Compiles the sources once and makes of them
#   <name>            the shared library, also backprop::<name>
#   <name>_static     the static library, also backprop::<name>_static
#   <name>_internal   what sources and tests need to see the inside; for use in this project only
function(backprop_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "DOUBLE" "OUTPUT_NAME" "")

  add_library(${name}_internal INTERFACE)
  target_include_directories(${name}_internal INTERFACE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(${name}_internal INTERFACE _POSIX_C_SOURCE=200809L)
  if(CMAKE_SIZEOF_VOID_P EQUAL 4) # else files with large inode numbers could not be examined
    target_compile_definitions(${name}_internal INTERFACE _FILE_OFFSET_BITS=64)
  endif()
  if(BACKPROP_ZLIB)
    target_compile_definitions(${name}_internal INTERFACE BPI_ZLIB)
    target_link_libraries(${name}_internal INTERFACE ZLIB::ZLIB)
  endif()
  if(arg_DOUBLE)
    target_compile_definitions(${name}_internal INTERFACE BP_DOUBLE)
    target_compile_options(${name}_internal INTERFACE "SHELL:-include \"${BACKPROP_DOUBLE_INNER_NAMES}\"")
  endif()

  add_library(${name}_objects OBJECT ${BACKPROP_SOURCES})
  target_link_libraries(${name}_objects PRIVATE ${name}_internal)
  target_compile_definitions(${name}_objects PRIVATE BP_BUILD)
  # In one file, sources would share their static names, and instruction sets their options.
  set_target_properties(${name}_objects PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF)
  target_compile_options(${name}_objects PRIVATE "SHELL:${BACKPROP_STRICT_ARITHMETIC}")

  add_library(${name} SHARED $<TARGET_OBJECTS:${name}_objects>)
  add_library(${name}_static STATIC $<TARGET_OBJECTS:${name}_objects>)
  target_compile_definitions(${name}_static INTERFACE BP_STATIC) # see backprop.h
  set_target_properties(${name} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${BACKPROP_ABI})
  backprop_make_small(${name})
  # -ffast-math where the shared library is linked would change the floating-point mode of the program that loads it.
  target_link_options(${name} PRIVATE "SHELL:-O1 -fno-fast-math -fno-unsafe-math-optimizations")
  foreach(library IN ITEMS ${name} ${name}_static)
    add_library(backprop::${library} ALIAS ${library})
    set_target_properties(${library} PROPERTIES OUTPUT_NAME ${arg_OUTPUT_NAME} LINKER_LANGUAGE C)
    target_link_libraries(${library} PRIVATE m Threads::Threads)
    if(BACKPROP_ZLIB)
      target_link_libraries(${library} PRIVATE ZLIB::ZLIB)
    endif()
    target_include_directories(${library} INTERFACE
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
    if(arg_DOUBLE)
      target_compile_definitions(${library} INTERFACE BP_DOUBLE)
    endif()
  endforeach()
endfunction()
