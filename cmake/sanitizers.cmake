# Errors of memory, undefined behaviour and data races end the program where they happen, or give it a status that
# is not 0, so that a test cannot pass over one.

if(BACKPROP_SANITIZE)
  if(BACKPROP_SANITIZE STREQUAL "THREAD")
    set(sanitizers -fsanitize=thread)
  else()
    set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all)
  endif()
  add_compile_options(${sanitizers} -fno-omit-frame-pointer -g)
  add_link_options(${sanitizers})
endif()
