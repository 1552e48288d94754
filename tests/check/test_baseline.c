/* What a baseline makes of targets: their units, classes, and the predictions of its linear models. */
#include "check/baseline.h"

#include <math.h>

#include "check/diagnose_example.h"
#include "engine/check_data.h"

typedef struct fixture {
    diagnose_example *e;
    bp_workspace *workspace;
    diagnosis d;
    baseline b;
} fixture;

static void begin(fixture *f, diagnose_example *e)
{
    f->e = e;
    assert_ok(bp_workspace_create(&f->workspace, e->net, 16));
    f->d = (diagnosis){.function = "test",
                       .net = e->net,
                       .allocator = &e->net->allocator,
                       .workspace = f->workspace,
                       .loss = bp_loss_squared_error()};
    assert_ok(bpi_check_data_with("test", "training", f->workspace, &e->training, DATA_BOTH, &f->d.training));
    assert_ok(
        bpi_check_data_with("test", "validation", f->workspace, &e->validation, DATA_BOTH, &f->d.validation));
    assert_ok(bpi_diagnosis_prepare(&f->d));
    assert_true(bpi_baseline_is_possible(&f->d));
    assert_ok(bpi_baseline_create(&f->b, &f->d));
}

static void end(fixture *f)
{
    bpi_baseline_clear(&f->b);
    bpi_diagnosis_clear(&f->d);
    bp_workspace_destroy(f->workspace);
    free_example(f->e);
}

/* Targets are twice an input, plus 1; the second one and the third are the same in other units. */
static void test_numbers(void **state)
{
    (void)state;
    fixture f;
    diagnose_example *e = make_numbers(1);
    for (size_t i = 0; i < CASES; i++)
        for (size_t j = 0; j < OUTPUTS; j++)
            *target_of(e, i, j) = (2 * *input_of(e, i, 0) + 1) * (bp_real)(j == 0 ? 1 : 100);
    begin(&f, e);
    assert_int_equal(f.b.kind, LINEAR_NUMBERS);
    assert_int_equal(f.b.training.rows.count, CASES);
    assert_int_equal(f.b.neighbours.queries, CASES);
    for (size_t i = 0; i < CASES; i++)
        for (size_t j = 0; j < OUTPUTS; j++) {
            const bp_real target = bpi_targets_of(&f.b.training.rows, i)[j],
                          raw = *target_of(e, f.b.training.order[i], j);
            assert_true(fabs((double)raw - f.b.units[j].offset - (double)target / f.b.units[j].factor) <
                        1e-2);
            assert_true(fabs((double)(f.b.training.linear[i * OUTPUTS + j] - target)) < 0.05);
            assert_true(fabs((double)(f.b.fitted[i * OUTPUTS + j] - target)) < 0.05);
        }
    end(&f);
}

static void test_classes(void **state)
{
    (void)state;
    fixture f;
    const bp_real outputs[] = {(bp_real)0.1, (bp_real)0.7, (bp_real)0.2};
    size_t right = 0;
    begin(&f, make_classes(1));
    assert_int_equal(f.b.kind, LINEAR_CLASSES);
    assert_int_equal(bpi_class_told(&f.b, outputs), 1);
    for (size_t i = 0; i < OTHERS; i++)
        right += bpi_class_told(&f.b, f.b.validation.linear + i * OUTPUTS) ==
                 bpi_class_told(&f.b, bpi_targets_of(&f.b.validation.rows, i));
    assert_in_range(right, 75, OTHERS);
    end(&f);
}

static void test_few_cases(void **state)
{
    (void)state;
    diagnosis d = {0};
    diagnose_example *e = make_classes(1);
    d.net = e->net;
    d.training_sample.count = 49;
    assert_false(bpi_baseline_is_possible(&d));
    d.training_sample.count = 50;
    assert_true(bpi_baseline_is_possible(&d));
    free_example(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_few_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
