/* Figures of predictions, standard errors and cross-validation of targets of which some are not there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/arrays.h"

enum { CASES = 30, INPUTS = 2, COLUMNS = 3 };

/* The last column has no target at all. */
static void fill(bp_real *inputs, bp_real *outputs, bp_real *targets, bp_real *weights)
{
    uint64_t stream = 8;
    for (size_t row = 0; row < CASES; row++) {
        for (size_t i = 0; i < INPUTS; i++)
            inputs[row * INPUTS + i] = (bp_real)test_uniform(&stream, -1, 1);
        for (size_t i = 0; i < COLUMNS; i++) {
            outputs[row * COLUMNS + i] = (bp_real)test_uniform(&stream, -1, 1);
            targets[row * COLUMNS + i] = (bp_real)test_uniform(&stream, -1, 1);
            if (i == 2 || row % (3 + i) == 1 || row == 5)
                targets[row * COLUMNS + i] = NAN;
        }
        weights[row] = (bp_real)test_uniform(&stream, 0.5, 2);
    }
    weights[7] = 0;
}

typedef struct plain {
    size_t cases;
    double weight, rmse, mae, r2, mean_error, max_abs_error;
} plain;

static plain plain_figures(const bp_real *outputs, const bp_real *targets, const bp_real *weights,
                           size_t column)
{
    plain p = {0};
    double squares = 0, mean = 0, spread = 0;
    for (size_t row = 0; row < CASES; row++) {
        const double d = (double)targets[row * COLUMNS + column], w = (double)weights[row];
        const double error = (double)outputs[row * COLUMNS + column] - d;
        if (isnan(d))
            continue;
        p.cases++;
        p.weight += w;
        squares += w * error * error;
        p.mae += w * fabs(error);
        p.mean_error += w * error;
        mean += w * d;
        p.max_abs_error = w > 0 ? fmax(p.max_abs_error, fabs(error)) : p.max_abs_error;
    }
    mean /= p.weight;
    for (size_t row = 0; row < CASES; row++) {
        const double d = (double)targets[row * COLUMNS + column];
        spread += isnan(d) ? 0 : (double)weights[row] * (d - mean) * (d - mean);
    }
    p.rmse = sqrt(squares / p.weight);
    p.mae /= p.weight;
    p.mean_error /= p.weight;
    p.r2 = 1 - squares / spread;
    return p;
}

static void test_regression_figures(void **state)
{
    (void)state;
    bp_real inputs[CASES * INPUTS], outputs[CASES * COLUMNS], targets[CASES * COLUMNS], weights[CASES];
    bp_regression_result columns[COLUMNS], all;
    plain found[2];
    fill(inputs, outputs, targets, weights);
    bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, COLUMNS);
    data.case_weights = weights;
    data.missing_targets = 1;
    bp_regression_result_init(columns, sizeof columns[0], COLUMNS);
    bp_regression_result_init(&all, sizeof all, 1);
    assert_ok(bp_regression_metrics(outputs, &data, columns, &all));
    for (size_t i = 0; i < 2; i++) {
        const plain p = found[i] = plain_figures(outputs, targets, weights, i);
        assert_int_equal(columns[i].cases, p.cases);
        assert_close(columns[i].weight, p.weight, 1e-13);
        assert_close(columns[i].rmse, p.rmse, 1e-13);
        assert_close(columns[i].mae, p.mae, 1e-13);
        assert_close(columns[i].r2, p.r2, 1e-12);
        assert_close(columns[i].mean_error, p.mean_error, 1e-12);
        assert_true(columns[i].max_abs_error == p.max_abs_error);
    }
    assert_int_equal(columns[2].cases, 0);
    assert_true(isnan(columns[2].rmse) && isnan(columns[2].r2) && isnan(columns[2].max_abs_error));
    assert_close(all.rmse, (found[0].rmse + found[1].rmse) / 2, 1e-13);
    assert_close(all.r2, (found[0].r2 + found[1].r2) / 2, 1e-12);
    assert_true(all.max_abs_error == fmax(found[0].max_abs_error, found[1].max_abs_error));
    size_t with_any = 0;
    for (size_t row = 0; row < CASES; row++)
        with_any += !isnan((double)targets[row * COLUMNS]) || !isnan((double)targets[row * COLUMNS + 1]);
    assert_int_equal(all.cases, with_any);

    data.missing_targets = 0;
    assert_fails(bp_regression_metrics(outputs, &data, columns, &all), BP_ERROR_NOT_FINITE,
                 "missing_targets = 1 skips it");
    data.missing_targets = 1;
    bp_classification_result classes;
    bp_classification_result_init(&classes, sizeof classes);
    assert_fails(bp_classification_metrics(outputs, &data, NULL, NULL, NULL, &classes), BP_ERROR_UNSUPPORTED,
                 "data.missing_targets is 1, but this call cannot skip missing targets");
}

static void test_no_target_at_all(void **state)
{
    (void)state;
    const bp_real outputs[] = {1, 2}, targets[] = {NAN, NAN};
    bp_data data = bp_data_view(2, outputs, 1, targets, 1);
    bp_regression_result all;
    data.missing_targets = 1;
    bp_regression_result_init(&all, sizeof all, 1);
    assert_ok(bp_regression_metrics(outputs, &data, NULL, &all));
    assert_int_equal(all.cases, 0);
    assert_true(isnan(all.rmse) && isnan(all.mae) && isnan(all.r2) && isnan(all.max_abs_error));
}

static bp_network *net_of(size_t outputs)
{
    const size_t units[] = {INPUTS, outputs};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

/* One output: the standard errors are those of the cases that have the target. */
static void test_standard_errors(void **state)
{
    (void)state;
    bp_real inputs[CASES * INPUTS], outputs[CASES * COLUMNS], all[CASES * COLUMNS], weights[CASES];
    bp_real targets[CASES], kept_inputs[CASES * INPUTS], kept_targets[CASES];
    double errors[INPUTS + 1], kept_errors[INPUTS + 1];
    size_t kept = 0;
    fill(inputs, outputs, all, weights);
    for (size_t row = 0; row < CASES; row++) {
        targets[row] = all[row * COLUMNS];
        if (isnan((double)targets[row]))
            continue;
        memcpy(kept_inputs + kept * INPUTS, inputs + row * INPUTS, INPUTS * sizeof *inputs);
        kept_targets[kept++] = targets[row];
    }
    bp_network *net = net_of(1);
    bp_workspace *workspace = NULL;
    bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, 1);
    const bp_data less = bp_data_view(kept, kept_inputs, INPUTS, kept_targets, 1);
    bp_uncertainty *a = NULL, *b = NULL;
    bp_uncertainty_summary summary;
    data.missing_targets = 1;
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_uncertainty_create(&a, net, workspace, &data, NULL));
    assert_ok(bp_uncertainty_create(&b, net, workspace, &less, NULL));
    bp_uncertainty_summary_init(&summary, sizeof summary);
    assert_ok(bp_uncertainty_get_summary(a, &summary));
    assert_int_equal(summary.residuals, kept);
    assert_ok(bp_uncertainty_standard_errors(a, errors));
    assert_ok(bp_uncertainty_standard_errors(b, kept_errors));
    for (size_t i = 0; i <= INPUTS; i++)
        assert_close(errors[i], kept_errors[i], 1e-10);
    bp_uncertainty_destroy(a);
    bp_uncertainty_destroy(b);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static void test_importance(void **state)
{
    (void)state;
    bp_real inputs[CASES * INPUTS], outputs[CASES * COLUMNS], targets[CASES * COLUMNS], weights[CASES];
    bp_importance each[INPUTS];
    double mean_error;
    fill(inputs, outputs, targets, weights);
    bp_network *net = net_of(COLUMNS);
    bp_workspace *workspace = NULL;
    bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, COLUMNS);
    data.missing_targets = 1;
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    bp_importance_init(each, sizeof each[0], INPUTS);
    assert_ok(bp_permutation_importance(net, workspace, &data, bp_loss_default(), NULL, &mean_error, each));
    bp_evaluation evaluation = {.size = sizeof evaluation};
    assert_ok(bp_network_evaluate(net, workspace, &data, bp_loss_default(), NULL, &evaluation));
    assert_close(mean_error, evaluation.mean_error, 1e-12);
    assert_true(isfinite(each[0].increase) && isfinite(each[1].increase));
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* A dataset keeps that targets may be missing, through splits, copies and folds. */
static void test_datasets(void **state)
{
    (void)state;
    bp_real inputs[CASES * INPUTS], outputs[CASES * COLUMNS], targets[CASES * COLUMNS], weights[CASES];
    bp_dataset *dataset = NULL, *copy = NULL;
    fill(inputs, outputs, targets, weights);
    for (size_t row = 0; row < CASES; row += 2)
        targets[row * COLUMNS + 2] = inputs[row * INPUTS]; /* training needs some of each column */
    bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, COLUMNS), part = {.size = sizeof part};
    assert_fails(bp_dataset_create(&dataset, &data, NULL), BP_ERROR_NOT_FINITE,
                 "missing_targets = 1 skips it");
    data.missing_targets = 1;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    assert_ok(bp_dataset_copy(&copy, dataset));
    assert_ok(bp_dataset_subset(copy, BP_SUBSET_ALL, &part));
    assert_int_equal(part.missing_targets, 1);

    bp_network *net = net_of(COLUMNS);
    bp_fold_result folds[3];
    const bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options;
    bp_fold_options fold_options;
    bp_cross_options cross;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    bp_fold_options_init(&fold_options, sizeof fold_options);
    fold_options.folds = 3;
    bp_cross_options_init(&cross, sizeof cross);
    cross.folds = &fold_options;
    bp_fold_result_init(folds, sizeof folds[0], 3);
    assert_ok(bp_cross_validate(net, &options, copy, &cross, folds, NULL, NULL));
    for (size_t i = 0; i < 3; i++)
        assert_true(isfinite(folds[i].test_error) && isfinite(folds[i].rmse) && isfinite(folds[i].r2));
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
    bp_dataset_destroy(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regression_figures), cmocka_unit_test(test_no_target_at_all),
        cmocka_unit_test(test_standard_errors),    cmocka_unit_test(test_importance),
        cmocka_unit_test(test_datasets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
