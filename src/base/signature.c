#include "base/signature.h"

#include <stdbool.h>
#include <string.h>

static const struct {
    size_t count;
    char bytes[9];
    const char *what;
} kinds[] = {
    {2, "\x1f\x8b", "a gzip file; decompress it first"},
    {4, "\xfd\x37\x7a\x58", "an xz file; decompress it first"},
    {4, "\x28\xb5\x2f\xfd", "a zstd file; decompress it first"},
    {4, "PK\x03\x04", "a zip file, as spreadsheets are too; extract it, or save it as CSV text"},
    {2, "\xff\xfe", "text in UTF-16; save it as UTF-8"},
    {2, "\xfe\xff", "text in UTF-16; save it as UTF-8"},
    {8, "\213BPN\r\n\032\n", "a model, which bp_network_load() reads"},
    {8, "\213BPC\r\n\032\n", "a checkpoint of a trainer, which bp_trainer_load() reads"},
};

/* "BZh" may begin a text; with a digit and the magic number of a block it is bzip2. */
static bool is_bzip2(const char *bytes, size_t size)
{
    return size >= 10 && memcmp(bytes, "BZh", 3) == 0 && memcmp(bytes + 4, "1AY&SY", 6) == 0;
}

const char *bpi_foreign_file(const void *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (size >= kinds[i].count && memcmp(bytes, kinds[i].bytes, kinds[i].count) == 0)
            return kinds[i].what;
    return is_bzip2(bytes, size) ? "a bzip2 file; decompress it first" : NULL;
}
