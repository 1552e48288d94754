include(CMakeFindDependencyMacro)
find_dependency(backprop)
include("${CMAKE_CURRENT_LIST_DIR}/stranger-targets.cmake")
