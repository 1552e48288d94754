/* Too few and too many hidden units, and networks no better than a linear model; each beside healthy ones. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "support/support.h"

enum { INPUTS = 4, OTHERS = 300, MAX_CASES = 500, MAX_FOUND = 30 };

/* Cases drawn around 0, and a network trained on the first of them. */
typedef struct example {
    size_t outputs;
    bp_real inputs[(MAX_CASES + OTHERS) * INPUTS], targets[(MAX_CASES + OTHERS) * 3];
    bp_data training, validation;
    bp_network *net;
    bp_finding found[MAX_FOUND];
    size_t count;
} example;

static bp_real *input_of(example *e, size_t row)
{
    return e->inputs + row * INPUTS;
}

static bp_real *target_of(example *e, size_t row)
{
    return e->targets + row * e->outputs;
}

/* Is the point inside of a circle that has half of them? */
static void fill_ring(example *e, size_t row, uint64_t *stream)
{
    const bp_real *x = input_of(e, row);
    (void)stream;
    target_of(e, row)[x[0] * x[0] + x[1] * x[1] < 0.6366 ? 1 : 0] = 1;
}

/* The largest of three scores, that are linear; no two of the classes lie opposite each other. */
static void fill_sectors(example *e, size_t row, uint64_t *stream)
{
    const bp_real *x = input_of(e, row);
    const double scores[] = {(double)x[0], -(double)x[0] / 2 + 0.87 * (double)x[1],
                             -(double)x[0] / 2 - 0.87 * (double)x[1]};
    size_t best = scores[1] > scores[0] ? 1 : 0;
    (void)stream;
    target_of(e, row)[scores[2] > scores[best] ? 2 : best] = 1;
}

/* A linear function, and as much noise. */
static void fill_noisy_line(example *e, size_t row, uint64_t *stream)
{
    const bp_real *x = input_of(e, row);
    *target_of(e, row) = x[0] - x[1] + (bp_real)test_uniform(stream, -1.4, 1.4);
}

static void fill_wave(example *e, size_t row, uint64_t *stream)
{
    (void)stream;
    *target_of(e, row) = (bp_real)sin(4 * (double)input_of(e, row)[0]);
}

typedef void (*fill_target)(example *e, size_t row, uint64_t *stream);

static example *make(size_t cases, size_t outputs, fill_target fill, uint64_t seed)
{
    example *e = calloc(1, sizeof *e);
    assert_non_null(e);
    e->outputs = outputs;
    for (size_t row = 0; row < cases + OTHERS; row++) {
        for (size_t j = 0; j < INPUTS; j++)
            input_of(e, row)[j] = (bp_real)test_uniform(&seed, -1, 1);
        fill(e, row, &seed);
    }
    e->training = bp_data_view(cases, e->inputs, INPUTS, e->targets, outputs);
    e->validation = bp_data_view(OTHERS, input_of(e, cases), INPUTS, target_of(e, cases), outputs);
    return e;
}

static void make_net(example *e, size_t units, bp_activation hidden)
{
    const size_t sizes[] = {INPUTS, units, e->outputs};
    bp_network_destroy(e->net);
    assert_ok(bp_network_create_layered(&e->net, sizes, 3, hidden,
                                        e->outputs > 1 ? bp_activation_softmax() : bp_activation_linear()));
    assert_ok(bp_network_initialize(e->net, 1));
}

/* By untouched options; or, if epochs > 0, so many without weight decay. */
static void train(example *e, size_t units, bp_activation hidden, size_t epochs)
{
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    const bp_stop_rule rule = bp_stop_epochs(epochs == 0 ? 1 : epochs);
    bp_trainer_options_init(&options, sizeof options);
    if (epochs > 0) {
        options.stop_rules = &rule;
        options.stop_rule_count = 1;
        options.weight_decay = 0;
        options.keep_best = 0;
    }
    make_net(e, units, hidden);
    assert_ok(bp_trainer_create(&trainer, e->net, &options));
    assert_ok(bp_trainer_run(trainer, &e->training, NULL, NULL));
    bp_trainer_destroy(trainer);
}

static void diagnose(example *e, bool with_validation)
{
    bp_workspace *workspace = NULL;
    bp_finding_init(e->found, sizeof *e->found);
    assert_ok(bp_workspace_create(&workspace, e->net, 16));
    assert_ok(bp_diagnose(e->net, workspace, &e->training, with_validation ? &e->validation : NULL,
                          bp_loss_default(), e->found, MAX_FOUND, &e->count));
    bp_workspace_destroy(workspace);
}

/* The finding, or NULL. */
static const bp_finding *find(const example *e, bp_finding_kind kind)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->found[i].kind == kind)
            return &e->found[i];
    return NULL;
}

static void free_example(example *e)
{
    bp_network_destroy(e->net);
    free(e);
}

/* None of the three kinds as a warning. */
static void assert_healthy(const example *e)
{
    const bp_finding *linear = find(e, BP_FINDING_NO_BETTER_THAN_LINEAR);
    assert_null(find(e, BP_FINDING_TOO_FEW_UNITS));
    assert_null(find(e, BP_FINDING_TOO_MANY_UNITS));
    assert_true(linear == NULL || linear->severity == BP_SEVERITY_NOTE);
}

static void test_too_few(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        example *e = make(400, 2, fill_ring, seed);
        train(e, 1, bp_activation_tanh(), 0);
        diagnose(e, false);
        const bp_finding *f = find(e, BP_FINDING_TOO_FEW_UNITS);
        assert_non_null(f);
        assert_int_equal(f->severity, BP_SEVERITY_WARNING);
        assert_ptr_equal(f->layer, bp_network_find_layer(e->net, "hidden1"));
        assert_int_equal(f->count, 1);
        assert_true(f->values[0] > f->values[1] + 0.05 && f->values[2] == 1 && f->values[3] == 1);
        train(e, 16, bp_activation_tanh(), 0);
        diagnose(e, false);
        assert_healthy(e);
        assert_null(find(e, BP_FINDING_NO_BETTER_THAN_LINEAR));
        free_example(e);
    }
}

static void test_too_few_for_numbers(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        example *e = make(MAX_CASES, 1, fill_wave, seed);
        train(e, 1, bp_activation_tanh(), 0);
        diagnose(e, false);
        const bp_finding *f = find(e, BP_FINDING_TOO_FEW_UNITS);
        assert_non_null(f);
        assert_true(f->values[0] > f->values[1] + 0.05 && f->values[3] == 0);
        train(e, 24, bp_activation_tanh(), 0);
        diagnose(e, true);
        assert_healthy(e);
        free_example(e);
    }
}

/* Units are there, but training has hardly begun: that is another fault. */
static void test_hardly_trained(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        example *e = make(400, 2, fill_ring, seed);
        train(e, 16, bp_activation_tanh(), 2);
        diagnose(e, false);
        assert_null(find(e, BP_FINDING_TOO_FEW_UNITS));
        make_net(e, 1, bp_activation_tanh());
        diagnose(e, false);
        assert_healthy(e); /* it was never trained */
        free_example(e);
    }
}

static void test_too_many(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        example *e = make(60, 1, fill_noisy_line, seed);
        train(e, 150, bp_activation_relu(), 600);
        diagnose(e, true);
        const bp_finding *f = find(e, BP_FINDING_TOO_MANY_UNITS);
        assert_non_null(f);
        assert_int_equal(f->severity, BP_SEVERITY_WARNING);
        assert_int_equal(f->count, 60);
        assert_true(f->values[1] > f->values[0] + 0.05 && f->values[2] == 150 * (INPUTS + 2) + 1);
        diagnose(e, false);
        assert_null(find(e, BP_FINDING_TOO_MANY_UNITS)); /* only validation cases can tell */
        train(e, 3, bp_activation_relu(), 0);
        diagnose(e, true);
        assert_null(find(e, BP_FINDING_TOO_MANY_UNITS));
        free_example(e);
    }
}

/* Many units that do no harm. */
static void test_many_units_that_help(void **state)
{
    (void)state;
    example *e = make(200, 2, fill_ring, 1);
    train(e, 200, bp_activation_tanh(), 100);
    diagnose(e, true);
    assert_healthy(e);
    free_example(e);
}

/* The data are linear: that is a note, with and without validation cases. */
static void test_linear_data(void **state)
{
    (void)state;
    example *e = make(400, 1, fill_noisy_line, 1);
    train(e, 2, bp_activation_tanh(), 0); /* more units learn some of the noise of training cases */
    for (int with_validation = 0; with_validation < 2; with_validation++) {
        diagnose(e, with_validation != 0);
        const bp_finding *f = find(e, BP_FINDING_NO_BETTER_THAN_LINEAR);
        assert_non_null(f);
        assert_int_equal(f->severity, BP_SEVERITY_NOTE);
        assert_null(f->layer);
        assert_int_equal(f->count, with_validation ? OTHERS : 400);
        assert_true(f->values[0] > 0.3 && f->values[0] < 0.6 && fabs(f->values[0] - f->values[1]) < 0.05);
        assert_healthy(e);
    }
    free_example(e);
}

/* One unit cannot pass three classes on, which a linear model tells apart. */
static void test_worse_than_linear(void **state)
{
    (void)state;
    example *e = make(400, 3, fill_sectors, 1);
    train(e, 1, bp_activation_tanh(), 0);
    diagnose(e, true);
    const bp_finding *f = find(e, BP_FINDING_NO_BETTER_THAN_LINEAR);
    assert_non_null(f);
    assert_int_equal(f->severity, BP_SEVERITY_WARNING);
    assert_true(f->values[0] > f->values[1] + 0.05 && f->values[2] == 1 && f->values[3] == 1);
    assert_non_null(find(e, BP_FINDING_TOO_FEW_UNITS));
    assert_true(find(e, BP_FINDING_TOO_FEW_UNITS) < f); /* the cause first */
    free_example(e);
}

/* A network that is a linear model; a warning where neighbours know more. */
static void test_linear_layers(void **state)
{
    (void)state;
    example *e = make(400, 2, fill_ring, 1);
    make_net(e, 8, bp_activation_linear());
    diagnose(e, false);
    const bp_finding *f = find(e, BP_FINDING_NO_BETTER_THAN_LINEAR);
    assert_non_null(f);
    assert_int_equal(f->severity, BP_SEVERITY_NOTE);
    assert_ptr_equal(f->layer, bp_network_find_layer(e->net, "hidden1"));
    e->training.cases = 20; /* too few for anything else */
    diagnose(e, false);
    assert_non_null(find(e, BP_FINDING_NO_BETTER_THAN_LINEAR));
    e->training.cases = 400;
    bp_real *weights = calloc(400, sizeof *weights);
    size_t count;
    bp_network_weights(e->net, &count);
    assert_true(weights != NULL && count < 400);
    weights[count - 1] = (bp_real)0.5;
    assert_ok(bp_network_set_weights(e->net, weights, count)); /* it says one class, whatever the case */
    free(weights);
    diagnose(e, false);
    f = find(e, BP_FINDING_NO_BETTER_THAN_LINEAR);
    assert_non_null(f);
    assert_int_equal(f->severity, BP_SEVERITY_WARNING);
    assert_null(find(e, BP_FINDING_TOO_FEW_UNITS));
    free_example(e);
}

/* Cases that count differently, and a tolerance, have other aims than the errors that are compared. */
static void test_other_aims(void **state)
{
    (void)state;
    example *e = make(400, 2, fill_ring, 1);
    bp_real *case_weights = calloc(400, sizeof *case_weights);
    assert_non_null(case_weights);
    for (size_t i = 0; i < 400; i++)
        case_weights[i] = 1;
    train(e, 1, bp_activation_tanh(), 0);
    e->training.case_weights = case_weights;
    diagnose(e, false);
    assert_healthy(e);
    free(case_weights);
    free_example(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_too_few_for_numbers),
        cmocka_unit_test(test_hardly_trained),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_many_units_that_help),
        cmocka_unit_test(test_linear_data),
        cmocka_unit_test(test_worse_than_linear),
        cmocka_unit_test(test_linear_layers),
        cmocka_unit_test(test_other_aims),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
