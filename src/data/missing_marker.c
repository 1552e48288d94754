#include "data/missing_marker.h"

#include <string.h>
#include <strings.h>

bool bpi_is_missing(const bp_csv_options *options, const char *text)
{
    static const char *const markers[] = {"?", "na", "n/a", "#n/a", "nan", "null"};
    if (*text == '\0')
        return true;
    if (options->missing_markers != NULL) {
        for (size_t i = 0; i < options->missing_marker_count; i++)
            if (strcmp(text, options->missing_markers[i]) == 0)
                return true;
        return false;
    }
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++)
        if (strcasecmp(text, markers[i]) == 0)
            return true;
    return false;
}
