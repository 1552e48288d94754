#include "train/finding.h"

#include "base/numeric.h"
#include "base/sized_struct.h"
#include "base/status.h"

/* Of an event that can happen several times, which its count numbers, so many are kept, and the last. */
enum { MAX_EVENTS = 16 };

static bool is_same_event(const bp_finding *a, const bp_finding *b)
{
    const bool is_numbered = a->kind == BP_FINDING_RECOVERED || a->kind == BP_FINDING_ANNEALED;
    return !is_numbered || bpi_min(a->count, MAX_EVENTS) == bpi_min(b->count, MAX_EVENTS);
}

static bool is_same(const bp_finding *a, const bp_finding *b)
{
    return a->kind == b->kind && a->layer == b->layer && a->column == b->column && is_same_event(a, b);
}

void bpi_add_finding(bp_trainer *trainer, const bp_finding *finding)
{
    size_t i = 0;
    while (i < trainer->finding_count && !is_same(&trainer->findings[i], finding))
        i++;
    if (i == MAX_FINDINGS)
        return;
    trainer->findings[i] = *finding;
    trainer->finding_count += i == trainer->finding_count;
}

static bool is_verdict(bp_finding_kind kind)
{
    return kind == BP_FINDING_PLATEAU || kind == BP_FINDING_STILL_IMPROVING ||
           kind == BP_FINDING_RATE_TOO_SMALL || kind == BP_FINDING_OVERFITTING ||
           kind == BP_FINDING_SATURATED_UNITS || kind == BP_FINDING_DEAD_UNITS ||
           kind == BP_FINDING_RATE_SPENT || kind == BP_FINDING_DECAY_TOO_LARGE;
}

void bpi_clear_verdicts(bp_trainer *trainer)
{
    size_t kept = 0;
    for (size_t i = 0; i < trainer->finding_count; i++)
        if (!is_verdict(trainer->findings[i].kind))
            trainer->findings[kept++] = trainer->findings[i];
    trainer->finding_count = kept;
}

void bpi_remove_findings(bp_trainer *trainer, bp_finding_kind kind)
{
    size_t kept = 0;
    for (size_t i = 0; i < trainer->finding_count; i++)
        if (trainer->findings[i].kind != kind)
            trainer->findings[kept++] = trainer->findings[i];
    trainer->finding_count = kept;
}

void bpi_clear_findings(bp_trainer *trainer)
{
    trainer->finding_count = 0;
}

size_t bp_trainer_finding_count(const bp_trainer *trainer)
{
    return trainer == NULL ? 0 : trainer->finding_count;
}

bp_status bp_trainer_findings(const bp_trainer *trainer, bp_finding *findings, size_t capacity, size_t *count)
{
    BPI_REQUIRE(trainer);
    BPI_REQUIRE(count);
    if (findings == NULL && capacity > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: findings is NULL, but capacity is %zu", __func__, capacity);
    if (capacity > 0)
        BPI_TRY(bpi_check_result_struct(__func__, SIZED_FINDING, findings));
    const size_t size = capacity > 0 ? findings->size : 0;
    for (size_t i = 0; i < capacity && i < trainer->finding_count; i++) {
        bp_finding *to = (bp_finding *)(void *)((unsigned char *)findings + i * size);
        bp_finding_init(to, size);
        bpi_write_struct(SIZED_FINDING, to, &trainer->findings[i]);
    }
    *count = trainer->finding_count;
    return BP_OK;
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
