#include "check/diagnose_example.h"

#include <stdlib.h>
#include <string.h>

/* The sum of 12 uniform numbers, less 6: nearly normal, without a long tail. */
static bp_real draw(uint64_t *stream)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += test_uniform(stream, 0, 1);
    return (bp_real)sum;
}

static double score(const bp_real *inputs, size_t output)
{
    return (double)(inputs[output] - inputs[output + 1] + inputs[4] * inputs[output] / 2);
}

static void fill_targets(const bp_real *inputs, bp_real *targets, int as_classes)
{
    size_t best = 0;
    for (size_t i = 0; i < OUTPUTS; i++) {
        targets[i] = as_classes ? 0 : (bp_real)score(inputs, i);
        best = score(inputs, i) > score(inputs, best) ? i : best;
    }
    if (as_classes)
        targets[best] = 1;
}

static void fill(uint64_t *stream, size_t cases, bp_real *inputs, bp_real *targets, int as_classes)
{
    for (size_t i = 0; i < cases * INPUTS; i++)
        inputs[i] = draw(stream);
    for (size_t i = 0; i < cases; i++)
        fill_targets(inputs + i * INPUTS, targets + i * OUTPUTS, as_classes);
}

void replace_network(diagnose_example *e, bp_activation hidden, bp_activation output)
{
    const size_t units[] = {INPUTS, HIDDEN, OUTPUTS};
    bp_network_destroy(e->net);
    e->net = NULL;
    assert_ok(bp_network_create_layered(&e->net, units, 3, hidden, output));
    assert_ok(bp_network_initialize(e->net, 1));
}

static diagnose_example *make(uint64_t seed, int as_classes)
{
    diagnose_example *e = calloc(1, sizeof *e);
    assert_non_null(e);
    fill(&seed, CASES, e->inputs, e->targets, as_classes);
    fill(&seed, OTHERS, e->other_inputs, e->other_targets, as_classes);
    e->training = bp_data_view(CASES, e->inputs, INPUTS, e->targets, OUTPUTS);
    e->validation = bp_data_view(OTHERS, e->other_inputs, INPUTS, e->other_targets, OUTPUTS);
    replace_network(e, bp_activation_tanh(), as_classes ? bp_activation_softmax() : bp_activation_linear());
    return e;
}

diagnose_example *make_classes(uint64_t seed)
{
    return make(seed, 1);
}

diagnose_example *make_numbers(uint64_t seed)
{
    return make(seed, 0);
}

void free_example(diagnose_example *e)
{
    bp_network_destroy(e->net);
    free(e);
}

static void run(diagnose_example *e, const bp_data *validation, bp_loss loss)
{
    bp_workspace *workspace = NULL;
    bp_finding_init(e->found, sizeof *e->found);
    assert_ok(bp_workspace_create(&workspace, e->net, 16));
    assert_ok(bp_diagnose(e->net, workspace, &e->training, validation, loss, e->found, MAX_FOUND, &e->count));
    assert_in_range(e->count, 0, MAX_FOUND);
    bp_workspace_destroy(workspace);
}

void diagnose(diagnose_example *e, bp_loss loss)
{
    run(e, NULL, loss);
}

void diagnose_with_validation(diagnose_example *e, bp_loss loss)
{
    run(e, &e->validation, loss);
}

static void print_findings(const diagnose_example *e)
{
    char text[512];
    for (size_t i = 0; i < e->count; i++) {
        bp_finding_text(&e->found[i], text, sizeof text, NULL);
        print_error("found: %s\n", text);
    }
}

static size_t count_kind(const diagnose_example *e, bp_finding_kind kind, const bp_finding **last)
{
    size_t count = 0;
    for (size_t i = 0; i < e->count; i++)
        if (e->found[i].kind == kind) {
            *last = &e->found[i];
            count++;
        }
    return count;
}

const bp_finding *found(const diagnose_example *e, bp_finding_kind kind)
{
    const bp_finding *last = NULL;
    if (count_kind(e, kind, &last) != 1) {
        print_findings(e);
        fail_msg("wanted once: %s", bp_finding_kind_string(kind));
    }
    return last;
}

void assert_not_found(const diagnose_example *e, bp_finding_kind kind)
{
    const bp_finding *last;
    if (count_kind(e, kind, &last) == 0)
        return;
    print_findings(e);
    fail_msg("not wanted: %s", bp_finding_kind_string(kind));
}

void assert_healthy(const diagnose_example *e)
{
    print_findings(e);
    assert_int_equal(e->count, 0);
}

bp_real *input_of(diagnose_example *e, size_t row, size_t column)
{
    return &e->inputs[row * INPUTS + column];
}

bp_real *target_of(diagnose_example *e, size_t row, size_t column)
{
    return &e->targets[row * OUTPUTS + column];
}

bp_real *copy_weights(const bp_network *net, size_t *count)
{
    const bp_real *weights = bp_network_weights(net, count);
    bp_real *copy = malloc(*count * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, weights, *count * sizeof *copy);
    return copy;
}

void set_weights(bp_network *net, bp_real *weights, size_t count)
{
    assert_ok(bp_network_set_weights(net, weights, count));
    free(weights);
}
