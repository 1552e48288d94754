# What the Markdown pages say for readers of files, in the words of Doxygen: the header is the page backprop.h, examples
# lie in docs/examples from every page, and headings have no names that a link could use.
s,](include/backprop\.h),](@ref backprop.h),g
s,](\.\./include/backprop\.h),](@ref backprop.h),g
s,](\.\./\.\./include/backprop\.h),](@ref backprop.h),g
s,](examples/,](docs/examples/,g
s,](\.\./examples/,](docs/examples/,g
s,\[\([^]]*\)](#[^)]*),\1,g
