# Warnings, for those who work on backprop; whoever adds it to another project is spared them.

if(PROJECT_IS_TOP_LEVEL OR BACKPROP_WERROR)
  add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<BOOL:${BACKPROP_WERROR}>:-Werror>)
endif()
