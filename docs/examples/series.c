/* Predicts a series from its past: windows of two years of made-up monthly sales, of which the month after
 * each is the target; the last fifth of the series is the test. Beside the network stands what costs nothing:
 * the value of the same month a year ago. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <backprop.h>

enum { MONTHS = 360, YEAR = 12, WINDOW = 24 };

static void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "series: %s: %s\n", bp_status_string(status), bp_error_message());
    exit(EXIT_FAILURE);
}

/* Good and bad times, a season that grows with them, and noise. */
static void make_sales(bp_real *sales)
{
    unsigned long state = 1;
    for (int month = 0; month < MONTHS; month++) {
        state = (state * 1103515245UL + 12345UL) & 0x7fffffffUL;
        const double noise = (double)(state >> 8) / (double)(1 << 23) - 0.5;
        const double turn = 2 * 3.14159265358979 * month;
        const double level = 100 + 30 * sin(turn / 85), season = sin(turn / YEAR);
        sales[month] = (bp_real)(level * (1 + 0.2 * season) + 8 * noise);
    }
}

/* Windows as cases, in the order of time. Those that share months with the test are left out of training. */
static bp_dataset *make_windows(const bp_real *sales)
{
    bp_dataset *months = NULL, *windows = NULL;
    const bp_data rows = bp_data_view(MONTHS, sales, 1, NULL, 0);
    check(bp_dataset_create(&months, &rows, NULL));
    bp_window_options options;
    bp_window_options_init(&options, sizeof options);
    options.width = WINDOW;
    check(bp_dataset_windows(&windows, months, &options, NULL));
    bp_dataset_destroy(months);
    bp_split_options split;
    bp_split_options_init(&split, sizeof split);
    split.method = BP_SPLIT_ORDER;
    split.training = 0.65;
    split.validation = 0.15;
    split.gap = WINDOW;
    check(bp_dataset_split_with(windows, &split, NULL));
    return windows;
}

static double rmse(const bp_real *outputs, const bp_data *data)
{
    bp_regression_result result;
    bp_regression_result_init(&result, sizeof result, 1);
    check(bp_regression_metrics(outputs, data, NULL, &result));
    return result.rmse;
}

int main(void)
{
    static bp_real sales[MONTHS], outputs[MONTHS], last_year[MONTHS];
    make_sales(sales);
    bp_dataset *windows = make_windows(sales);
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    bp_workspace *workspace = NULL;
    const size_t units[] = {WINDOW, 16, 1};
    check(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    check(bp_network_initialize(net, 1));
    check(bp_trainer_create(&trainer, net, NULL));
    check(bp_trainer_run_dataset(trainer, windows, NULL));

    bp_data test;
    bp_data_init(&test, sizeof test);
    check(bp_dataset_subset(windows, BP_SUBSET_TEST, &test));
    check(bp_workspace_create(&workspace, net, test.cases));
    check(bp_network_predict(net, workspace, &test, outputs));
    for (size_t i = 0; i < test.cases; i++)
        last_year[i] = test.inputs[i * WINDOW + WINDOW - YEAR];
    printf("the last %zu months: RMSE of the network %.2f, of the month a year ago %.2f\n", test.cases,
           rmse(outputs, &test), rmse(last_year, &test));

    bp_workspace_destroy(workspace);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    bp_dataset_destroy(windows);
    return EXIT_SUCCESS;
}
