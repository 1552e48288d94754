#include <stdio.h>

const char *stranger_version(void);

int main(void)
{
    return printf("with backprop %s\n", stranger_version()) < 0;
}
