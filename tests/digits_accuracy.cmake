# Over seeds 1 to 10 the digits example reads at least 96.5 % of the test digits on average, and never fewer than 94.5 %.

execute_process(COMMAND ${EMULATOR} ${DIGITS} --seeds 10 OUTPUT_VARIABLE output RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "digits ended with ${status}:\n${output}")
endif()
if(NOT output MATCHES "mean ([0-9.]+) %, least ([0-9.]+) %")
  message(FATAL_ERROR "digits said nothing of mean and least accuracy:\n${output}")
endif()
if(CMAKE_MATCH_1 LESS 96.5 OR CMAKE_MATCH_2 LESS 94.5)
  message(FATAL_ERROR "the digits are not read well enough:\n${output}")
endif()
