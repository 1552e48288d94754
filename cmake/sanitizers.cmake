# Errors of memory and undefined behaviour end the program where they happen, so that a test cannot pass over one.

if(BACKPROP_SANITIZE)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all)
  add_compile_options(${sanitizers} -fno-omit-frame-pointer -g)
  add_link_options(${sanitizers})
endif()
