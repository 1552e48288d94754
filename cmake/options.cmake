# What can be chosen, and what holds for every target of the project.

option(BACKPROP_DOUBLE "Also build backprop-double, the library in double precision" OFF)
option(BACKPROP_ZLIB "Read data files that gzip packed; needs zlib" OFF)
option(BACKPROP_EXAMPLES "Build docs/examples" ${PROJECT_IS_TOP_LEVEL})
option(BACKPROP_INSTALL "Add the rules of cmake --install" ${PROJECT_IS_TOP_LEVEL})
option(BACKPROP_TESTS "Build the tests; needs CMocka, a C++ compiler and pkg-config" OFF)
option(BACKPROP_BENCH "Build the benchmarks" OFF)
set(BACKPROP_SANITIZE OFF CACHE STRING
  "For developers: ON for AddressSanitizer and UndefinedBehaviorSanitizer, THREAD for ThreadSanitizer")
set_property(CACHE BACKPROP_SANITIZE PROPERTY STRINGS OFF ON THREAD)
option(BACKPROP_WERROR "For developers: a compiler warning is an error" OFF)

get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(PROJECT_IS_TOP_LEVEL AND NOT multi_config AND NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)

# The same source gives the same bits from every compiler; kernels that want fused products say so themselves.
add_compile_options(-ffp-contract=off)

set(THREADS_PREFER_PTHREAD_FLAG OFF)
find_package(Threads REQUIRED)
if(BACKPROP_ZLIB)
  find_package(ZLIB REQUIRED)
endif()
