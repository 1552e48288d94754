#include "backprop.h"
#include "base/arithmetic.h"

#define TEXT(x)                     #x
#define DOTTED(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

const char *bp_version(void)
{
    return DOTTED(BP_VERSION_MAJOR, BP_VERSION_MINOR, BP_VERSION_PATCH);
}

int bp_version_number(void)
{
    return BP_VERSION_NUMBER;
}
