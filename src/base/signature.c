#include "base/signature.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

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
    {4, "PAR1", "a Parquet file; save it as CSV text"},
    {4, "\xd0\xcf\x11\xe0", "a file of an old spreadsheet or word processor; save it as CSV text"},
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

/* ------------------------------------------------------------------- tables */

/* Text that is not ended by a NUL. */
typedef struct span {
    const char *text;
    size_t size;
} span;

static span skip_blanks(span s)
{
    while (s.size > 0 && strchr(" \t\r\n", *s.text) != NULL && *s.text != '\0')
        s = (span){s.text + 1, s.size - 1};
    return s;
}

static bool begins_with(span s, const char *text)
{
    return s.size >= strlen(text) && strncasecmp(s.text, text, strlen(text)) == 0;
}

/* ARFF may begin with lines of comments. */
static bool is_arff(span s)
{
    for (s = skip_blanks(s); s.size > 0 && *s.text == '%'; s = skip_blanks(s)) {
        const char *line_end = memchr(s.text, '\n', s.size);
        if (line_end == NULL)
            return false;
        s = (span){line_end, (size_t)(s.text + s.size - line_end)};
    }
    return begins_with(s, "@relation");
}

/* An object, or a list of objects or lists; a table may have [ or { in its first name. */
static bool is_json(span s)
{
    if (s.size == 0 || (*s.text != '{' && *s.text != '['))
        return false;
    const span next = skip_blanks((span){s.text + 1, s.size - 1});
    return next.size > 0 && (*s.text == '{' ? *next.text == '"' : *next.text == '{' || *next.text == '[');
}

const char *bpi_foreign_table(const void *bytes, size_t size)
{
    const char *foreign = bpi_foreign_file(bytes, size);
    if (foreign != NULL)
        return foreign;
    span s = {bytes, size};
    if (begins_with(s, "\x93NUMPY"))
        return "a NumPy file; load it with bp_dataset_load_npy";
    if (begins_with(s, "\xEF\xBB\xBF"))
        s = (span){s.text + 3, s.size - 3};
    if (is_arff(s))
        return "an ARFF file; leave out the lines up to @data, and it is CSV text";
    s = skip_blanks(s);
    if (begins_with(s, "<?xml") || begins_with(s, "<!doctype") || begins_with(s, "<html"))
        return "XML or HTML; save its table as CSV text";
    return is_json(s) ? "JSON; save it as CSV text" : NULL;
}
