#include <backprop.h>

const char *stranger_version(void);

const char *stranger_version(void)
{
    return bp_version();
}
