/* What can be seen of trainings, compared; and trainers as bytes. */
#include "train/checkpoint_example.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------ outcomes */

/* What was found when the checkpoint was loaded is not of the training: a rate that a callback had set is not
 * that of the options that are given again. */
static void leave_out_notes_of_loading(outcome *all)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->finding_count; i++)
        if (all->findings[i].kind != BP_FINDING_OPTION_OF_CHECKPOINT)
            all->findings[kept++] = all->findings[i];
    all->finding_count = kept;
}

void take_outcome(outcome *all, bp_trainer *trainer, bp_network *net, const bp_result *result)
{
    all->net = net;
    all->result = *result;
    bp_finding_init(&all->findings[0], sizeof all->findings[0]);
    assert_ok(bp_trainer_findings(trainer, all->findings, 64, &all->finding_count));
    leave_out_notes_of_loading(all);
    const double *errors = bp_trainer_history(trainer, &all->epochs);
    assert_true(all->epochs <= SCENARIO_HISTORY);
    if (all->epochs > 0)
        memcpy(all->errors, errors, all->epochs * sizeof *errors);
}

void train_without_stop(const scenario *s, outcome *all)
{
    bp_trainer_options options = scenario_options(s);
    pair both = make_pair(scenario_network(s), &options);
    bp_result result = empty_result();
    assert_ok(scenario_run(s, both.trainer, &result));
    take_outcome(all, both.trainer, both.net, &result);
    bp_trainer_destroy(both.trainer);
}

static void assert_same_double(double got, double wanted)
{
    assert_memory_equal(&got, &wanted, sizeof got);
}

static void assert_same_finding(const bp_finding *got, const bp_finding *wanted)
{
    assert_int_equal(got->kind, wanted->kind);
    assert_int_equal(got->severity, wanted->severity);
    assert_int_equal(got->epoch, wanted->epoch);
    assert_int_equal(got->layer == NULL, wanted->layer == NULL);
    assert_true(got->unit == wanted->unit && got->column == wanted->column && got->count == wanted->count);
    if (got->layer != NULL)
        assert_string_equal(bp_layer_name(got->layer), bp_layer_name(wanted->layer));
    assert_memory_equal(got->values, wanted->values, sizeof got->values);
}

static void assert_same_scaling(const bp_network *a, const bp_network *b)
{
    const bp_network *nets[] = {a, b};
    bp_real numbers[2][6];
    for (size_t i = 0; i < 2; i++) {
        assert_ok(bp_network_get_input_scaling(nets[i], &numbers[i][0], &numbers[i][2], 2));
        assert_ok(bp_network_get_target_scaling(nets[i], &numbers[i][4], &numbers[i][5], 1));
    }
    assert_memory_equal(numbers[0], numbers[1], sizeof numbers[0]);
}

void assert_same_outcome(const scenario *s, const outcome *got, const outcome *wanted)
{
    if (!same_weights(got->net, wanted->net))
        print_error("%s: other weights\n", s->name);
    assert_same_weights(got->net, wanted->net);
    assert_int_equal(got->result.reason, wanted->result.reason);
    assert_int_equal(got->result.rule, wanted->result.rule);
    assert_int_equal(got->result.epochs, wanted->result.epochs);
    assert_int_equal(got->result.updates, wanted->result.updates);
    assert_int_equal(got->result.evaluations, wanted->result.evaluations);
    assert_int_equal(got->result.best_epoch, wanted->result.best_epoch);
    assert_same_double(got->result.error, wanted->result.error);
    assert_same_double(got->result.mean_error, wanted->result.mean_error);
    if (s->has_validation)
        assert_same_double(got->result.validation_error, wanted->result.validation_error);
    assert_int_equal(got->epochs, wanted->epochs);
    assert_memory_equal(got->errors, wanted->errors, wanted->epochs * sizeof wanted->errors[0]);
    assert_same_scaling(got->net, wanted->net);
    assert_int_equal(got->finding_count, wanted->finding_count);
    for (size_t i = 0; i < got->finding_count; i++)
        assert_same_finding(&got->findings[i], &wanted->findings[i]);
}

void end_outcome(outcome *all)
{
    bp_network_destroy(all->net);
}

/* ------------------------------------------------------------------ saving and loading */

unsigned char *save_trainer(const bp_trainer *trainer, size_t *size)
{
    assert_ok(bp_trainer_save_memory(trainer, NULL, 0, size));
    unsigned char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_ok(bp_trainer_save_memory(trainer, bytes, *size, NULL));
    return bytes;
}

pair load_scenario(const scenario *s, const unsigned char *bytes, size_t size,
                   const bp_trainer_options *options)
{
    pair both = {.net = scenario_network(s)};
    assert_ok(bp_network_initialize(both.net, 99)); /* other weights than those of the checkpoint */
    assert_ok(bp_trainer_load_memory(&both.trainer, both.net, bytes, size, options));
    return both;
}
