# Over seeds 1 to 10 the digits example reads at least 96.5 % of the test digits on average, and never fewer than 94.5 %.

file(MAKE_DIRECTORY ${DIRECTORY}) # of its own, for the model
set(sum 0)
foreach(seed RANGE 1 10)
  execute_process(COMMAND ${EMULATOR} ${DIGITS} ${seed} WORKING_DIRECTORY ${DIRECTORY} OUTPUT_VARIABLE output
    RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "digits ${seed} ended with ${status}:\n${output}")
  endif()
  if(NOT output MATCHES "377 cases, ([0-9]+) right")
    message(FATAL_ERROR "digits ${seed} did not say how many it read:\n${output}")
  endif()
  message("seed ${seed}: ${CMAKE_MATCH_1} of 377")
  if(CMAKE_MATCH_1 LESS 357) # 94.5 % are 356.3
    message(FATAL_ERROR "with seed ${seed} only ${CMAKE_MATCH_1} of 377 digits are read")
  endif()
  math(EXPR sum "${sum} + ${CMAKE_MATCH_1}")
endforeach()
if(sum LESS 3639) # 96.5 % are 3638.1
  message(FATAL_ERROR "only ${sum} of 3770 digits are read")
endif()
