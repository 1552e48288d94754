/* bp_diagnose: what is wrong with a network and its data. */
#include "base/sized_struct.h"
#include "base/status.h"
#include "check/baseline.h"
#include "check/check_dependence.h"
#include "check/check_equal_cases.h"
#include "check/check_fit.h"
#include "check/check_inputs.h"
#include "check/check_signals.h"
#include "check/check_targets.h"
#include "check/check_validation.h"
#include "check/check_weights.h"
#include "check/diagnosis.h"
#include "engine/check_data.h"
#include "engine/loss.h"
#include "engine/loss_check.h"
#include "engine/workspace.h"
#include "network/require.h"

/* What is found of the targets may be the cause of what is found of outputs, and that of how good they are.
 */
static bp_status check_behaviour(diagnosis *d)
{
    baseline b;
    if (!bpi_baseline_is_possible(d)) {
        BPI_TRY(bpi_check_signals(d));
        return bpi_check_fit(d, NULL);
    }
    bp_status status = bpi_baseline_create(&b, d);
    if (status == BP_OK)
        status = bpi_check_dependence(d, &b);
    if (status == BP_OK)
        status = bpi_check_signals(d);
    if (status == BP_OK)
        status = bpi_check_fit(d, &b);
    bpi_baseline_clear(&b);
    return status;
}

/* All checks, in the order in which findings of the same severity are handed out. */
static bp_status run_checks(diagnosis *d)
{
    bpi_check_targets(d);
    bpi_check_weights(d);
    BPI_TRY(bpi_check_symmetry(d));
    BPI_TRY(bpi_check_inputs(d));
    BPI_TRY(check_behaviour(d));
    BPI_TRY(bpi_check_equal_cases(d));
    return bpi_check_validation(d);
}

/* The caller's array of structs of its own size, which the first one has. */
static bp_finding *element(bp_finding *findings, size_t index)
{
    return (bp_finding *)(void *)((unsigned char *)findings + index * findings->size);
}

/* Writes the findings of one severity after `done` others; returns how many are written then. */
static size_t write_severity(const diagnosis *d, bp_severity severity, bp_finding *findings, size_t capacity,
                             size_t done)
{
    for (size_t i = 0; i < d->count && done < capacity; i++) {
        if (d->findings[i].severity != severity)
            continue;
        bp_finding *to = element(findings, done++);
        bp_finding_init(to, findings->size);
        bpi_write_struct(SIZED_FINDING, to, &d->findings[i]);
    }
    return done;
}

static void write_findings(const diagnosis *d, bp_finding *findings, size_t capacity)
{
    size_t done = write_severity(d, BP_SEVERITY_ERROR, findings, capacity, 0);
    done = write_severity(d, BP_SEVERITY_WARNING, findings, capacity, done);
    write_severity(d, BP_SEVERITY_NOTE, findings, capacity, done);
}

static bp_status check_results_array(const char *function, const bp_finding *findings, size_t capacity)
{
    if (capacity == 0)
        return BP_OK;
    if (findings == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: findings is NULL, but capacity is %zu", function, capacity);
    return bpi_check_result_struct(function, SIZED_FINDING, findings);
}

/* Of cross-entropy the checks say which targets it does not take; other losses refuse them. */
static bp_status check_targets_of(const diagnosis *d, const char *name, const bp_data *data)
{
    for (size_t i = 0; i < d->net->output_count; i++) {
        const bp_layer *layer = d->net->outputs[i];
        const bp_loss *loss = bpi_loss_of(&d->loss, layer);
        if (!bpi_loss_gives_delta(loss, &layer->activation))
            BPI_TRY(bpi_loss_check_targets_of(d->function, name, loss, layer, data));
    }
    return BP_OK;
}

bp_status bp_diagnose(const bp_network *net, bp_workspace *workspace, const bp_data *training,
                      const bp_data *validation, bp_loss loss, bp_finding *findings, size_t capacity,
                      size_t *count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(training);
    BPI_REQUIRE(count);
    BPI_TRY(check_results_array(__func__, findings, capacity));
    BPI_TRY(bpi_workspace_check(__func__, net, workspace));
    BPI_TRY(bpi_require_slopes(__func__, net));
    BPI_TRY(bpi_loss_check(__func__, &loss, net));
    diagnosis d = {
        .function = __func__, .net = net, .allocator = &net->allocator, .workspace = workspace, .loss = loss};
    BPI_TRY(bpi_check_data_with(__func__, "training", workspace, training, DATA_BOTH, &d.training));
    BPI_TRY(check_targets_of(&d, "training", &d.training));
    if (validation != NULL) {
        BPI_TRY(bpi_check_data_with(__func__, "validation", workspace, validation, DATA_BOTH, &d.validation));
        BPI_TRY(check_targets_of(&d, "validation", &d.validation));
    }
    bp_status status = bpi_diagnosis_prepare(&d);
    if (status == BP_OK)
        status = run_checks(&d);
    if (status == BP_OK) {
        write_findings(&d, findings, capacity);
        *count = d.count;
    }
    bpi_diagnosis_clear(&d);
    return status;
}
