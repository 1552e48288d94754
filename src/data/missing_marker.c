#include "data/missing_marker.h"

#include <string.h>
#include <strings.h>

#include "data/categories.h"

/* Most texts are told apart by their first character. */
static bool is_default_marker(const char *text)
{
    static const char *const markers[] = {"?", "na", "n/a", "#n/a", "nan", "null"};
    if (strchr("?nN#", *text) == NULL)
        return false;
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++)
        if (strcasecmp(text, markers[i]) == 0)
            return true;
    return false;
}

static bool is_marker(const bp_csv_options *options, const char *text)
{
    if (options->missing_markers == NULL)
        return is_default_marker(text);
    for (size_t i = 0; i < options->missing_marker_count; i++)
        if (strcmp(text, options->missing_markers[i]) == 0)
            return true;
    return false;
}

bool bpi_is_missing(const bp_csv_options *options, const schema_column *column, const char *text)
{
    if (*text == '\0')
        return true;
    return is_marker(options, text) && bpi_find_category(column, text) == column->category_count;
}

bool bpi_has_number_markers(const bp_csv_options *options)
{
    for (size_t i = 0; i < options->missing_marker_count; i++) {
        const char *marker = options->missing_markers[i];
        if (*marker != '\0' && strchr("0123456789+-.,", *marker) != NULL)
            return true;
    }
    return false;
}
