#include "train/finding.h"

#include "base/sized_struct.h"
#include "base/status.h"

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

static bool is_same(const bp_finding *a, const bp_finding *b)
{
    return a->kind == b->kind && a->layer == b->layer && a->column == b->column;
}

void bpi_add_finding(bp_trainer *trainer, const bp_finding *finding)
{
    size_t i = 0;
    while (i < trainer->finding_count && !is_same(&trainer->findings[i], finding))
        i++;
    if (i == MAX_FINDINGS)
        return;
    size_t epoch = i < trainer->finding_count ? trainer->findings[i].epoch : finding->epoch;
    trainer->findings[i] = *finding;
    trainer->findings[i].epoch = epoch;
    trainer->finding_count += i == trainer->finding_count;
}

void bpi_clear_findings(bp_trainer *trainer)
{
    trainer->finding_count = 0;
}

size_t bp_trainer_finding_count(const bp_trainer *trainer)
{
    return trainer == NULL ? 0 : trainer->finding_count;
}

bp_status bp_trainer_finding(const bp_trainer *trainer, size_t index, bp_finding *finding)
{
    BPI_REQUIRE(trainer);
    BPI_REQUIRE(finding);
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_FINDING, finding));
    if (index >= trainer->finding_count)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: index is %zu, but the trainer has %zu findings", __func__,
                        index, trainer->finding_count);
    bpi_write_struct(SIZED_FINDING, finding, &trainer->findings[index]);
    return BP_OK;
}
