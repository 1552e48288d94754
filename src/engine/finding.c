#include "engine/finding.h"

#include "base/sized_struct.h"

void bp_finding_init(bp_finding *finding, size_t size)
{
    bpi_init_struct(SIZED_FINDING, finding, size, NULL);
}

const char *bp_finding_kind_string(bp_finding_kind kind)
{
    static const char *const texts[] = {
#define FINDING_ROW(name, value, text) [value] = text,
        BP_FINDING_LIST(FINDING_ROW)
#undef FINDING_ROW
    };
    size_t index = (size_t)kind; /* huge if it is negative */
    return index < sizeof texts / sizeof texts[0] ? texts[index] : "unknown finding";
}

bp_finding bpi_finding(bp_finding_kind kind, bp_severity severity)
{
    return (bp_finding){.size = sizeof(bp_finding),
                        .kind = kind,
                        .severity = severity,
                        .unit = BP_NO_INDEX,
                        .column = BP_NO_INDEX,
                        .count = BP_NO_INDEX};
}
