/* Figures as tables. */
#include "support/support.h"

#include <math.h>
#include <string.h>

static const char *const names[] = {"setosa", "Fr\xc3\xbchlings-Knotenblume", NULL};
static const bp_real outputs[] = {0.75, 0.125, 0.125, 0.25, 0.5, 0.25, 0.25, 0.5,
                                  0.25, 0.125, 0.125, 0.75, 0.5, 0.25, 0.25};
static const bp_real targets[] = {1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1};

typedef struct figures {
    double confusion[9];
    bp_class_result each[3];
    bp_classification_result all;
    bp_regression_result columns[3], of_columns;
} figures;

static figures measure(void)
{
    figures f;
    const bp_data data = bp_data_view(5, NULL, 0, targets, 3);
    bp_class_result_init(f.each, sizeof f.each[0], 3);
    bp_classification_result_init(&f.all, sizeof f.all);
    bp_regression_result_init(f.columns, sizeof f.columns[0], 3);
    bp_regression_result_init(&f.of_columns, sizeof f.of_columns, 1);
    assert_ok(bp_classification_metrics(outputs, &data, NULL, f.confusion, f.each, &f.all));
    assert_ok(bp_regression_metrics(outputs, &data, f.columns, &f.of_columns));
    return f;
}

static void test_confusion(void **state)
{
    (void)state;
    char text[1000];
    size_t needed;
    const figures f = measure();
    const double weights[] = {1.5, 0, 0, 123456};
    assert_ok(bp_confusion_text(f.confusion, 3, names, text, sizeof text, &needed));
    assert_string_equal(text, "true \\ predicted             setosa  Fr\xc3\xbchlings-..             2\n"
                              "setosa                            1             1             0\n"
                              "Fr\xc3\xbchlings-Knotenblume             0             1             0\n"
                              "2                                 1             0             1\n");
    assert_int_equal(needed, strlen(text) + 1);
    assert_ok(bp_confusion_text(weights, 2, NULL, text, sizeof text, NULL));
    assert_string_equal(text, "true \\ predicted       0       1\n"
                              "0                    1.5       0\n"
                              "1                      0  123456\n");
}

static void test_classification(void **state)
{
    (void)state;
    char text[2000];
    const figures f = measure();
    assert_ok(bp_classification_text(&f.all, f.each, names, text, sizeof text, NULL));
    assert_string_equal(
        text, "                       precision     recall         F1        AUC      cases\n"
              "setosa                     0.500      0.500      0.500      0.750          2\n"
              "Fr\xc3\xbchlings-Knotenblume      0.500      1.000      0.667      0.875          1\n"
              "2                          1.000      0.500      0.667      0.833          2\n"
              "macro mean                 0.667      0.667      0.611      0.819\n"
              "weighted mean              0.700      0.600      0.600\n"
              "5 cases, 3 right: accuracy 0.600, balanced accuracy 0.667, top-2 accuracy 0.800\n"
              "log loss 0.8082, Brier score 0.4625\n");
    assert_ok(bp_classification_text(&f.all, NULL, names, text, sizeof text, NULL));
    assert_null(strstr(text, "setosa"));
    assert_non_null(strstr(text, "\nmacro mean "));
}

/* A single output of weighted cases that is no probability. */
static void test_single_output(void **state)
{
    (void)state;
    const bp_real y[] = {-2, 2}, d[] = {-1, 1}, weights[] = {1, 2};
    char text[1000];
    bp_classification_result all;
    bp_data data = bp_data_view(2, NULL, 0, d, 1);
    data.case_weights = weights;
    bp_classification_result_init(&all, sizeof all);
    assert_ok(bp_classification_metrics(y, &data, NULL, NULL, NULL, &all));
    assert_ok(bp_classification_text(&all, NULL, NULL, text, sizeof text, NULL));
    assert_non_null(strstr(text, "2 cases with the weight 3, 2 right: "));
    assert_non_null(strstr(text, "no log loss and Brier score: the outputs are no probabilities\n"));
    assert_non_null(strstr(text, "class 1 is an output above 0\n"));
}

static void test_regression(void **state)
{
    (void)state;
    char text[1000];
    figures f = measure();
    f.of_columns.mean_error = 1.5;
    f.columns[2].r2 = (double)NAN;
    assert_ok(bp_regression_text(f.columns, 3, &f.of_columns, names, text, sizeof text, NULL));
    assert_string_equal(
        text, "                            RMSE        MAE         R2  mean error  largest error    in case\n"
              "setosa                   0.43661      0.375    0.20573      -0.025           0.75          1\n"
              "Fr\xc3\xbchlings-Knotenblume     0.3446        0.3    0.25781         0.1            0.5      "
              "    1\n"
              "2                        0.39131      0.325          -      -0.075           0.75          4\n"
              "all columns              0.39084    0.33333    0.27517         1.5           0.75          1\n"
              "5 cases\n");
    assert_ok(bp_regression_text(NULL, 0, &f.of_columns, NULL, text, sizeof text, NULL));
    assert_non_null(strstr(text, "\nall columns "));
    assert_ok(bp_regression_text(f.columns, 1, NULL, NULL, text, sizeof text, NULL));
    assert_null(strstr(text, "all columns "));
}

/* The most important first; of equal ones, the first. */
static void test_importances(void **state)
{
    (void)state;
    const double increases[] = {0.25, -0.0625, 0.5, 0.25}, deviations[] = {0.125, 0, 0.0625, 0};
    const char *const columns[] = {"age", NULL, "education", "sex"};
    char text[300], cut[20];
    size_t needed;
    bp_importance each[4];
    bp_importance_init(each, sizeof each[0], 4);
    for (size_t i = 0; i < 4; i++) {
        each[i].increase = increases[i];
        each[i].deviation = deviations[i];
    }
    assert_ok(bp_importance_text(each, 4, columns, text, sizeof text, &needed));
    assert_string_equal(text, "            increase  deviation\n"
                              "education        0.5     0.0625\n"
                              "age             0.25      0.125\n"
                              "sex             0.25          0\n"
                              "1            -0.0625          0\n");
    assert_int_equal(needed, strlen(text) + 1);
    assert_fails(bp_importance_text(each, 4, columns, cut, sizeof cut, NULL), BP_ERROR_SIZE, "");
    assert_int_equal(strlen(cut), sizeof cut - 1);
    assert_fails(bp_importance_text(NULL, 4, NULL, text, sizeof text, NULL), BP_ERROR_ARGUMENT,
                 "each is NULL");
    assert_fails(bp_importance_text(each, 0, NULL, text, sizeof text, NULL), BP_ERROR_ARGUMENT, "count is 0");
    each[2].increase = (double)NAN;
    assert_fails(bp_importance_text(each, 4, NULL, text, sizeof text, NULL), BP_ERROR_NOT_FINITE,
                 "each[2].increase is ");
    each[1].size = 0;
    assert_fails(bp_importance_text(each, 4, NULL, text, sizeof text, NULL), BP_ERROR_ARGUMENT,
                 "each[1].size is 0");
}

/* Every capacity: what fits is written, and what all takes is told. */
static void test_capacities(void **state)
{
    (void)state;
    char whole[2000], part[2000];
    size_t needed, size;
    const figures f = measure();
    assert_ok(bp_classification_text(&f.all, f.each, names, whole, sizeof whole, &size));
    assert_ok(bp_classification_text(&f.all, f.each, names, NULL, 0, &needed));
    assert_int_equal(needed, size);
    for (size_t capacity = 1; capacity < size; capacity++) {
        memset(part, '#', sizeof part);
        assert_fails(bp_classification_text(&f.all, f.each, names, part, capacity, &needed), BP_ERROR_SIZE,
                     "bp_classification_text: the text takes");
        assert_int_equal(needed, size);
        assert_memory_equal(part, whole, capacity - 1);
        assert_int_equal(part[capacity - 1], 0);
        assert_int_equal(part[capacity], '#');
    }
}

/* Members that a later version of the header has appended. */
static void test_longer_structs(void **state)
{
    (void)state;
    struct longer {
        bp_class_result class;
        double more;
    } longer[3];
    char wanted[2000], text[2000];
    const figures f = measure();
    memset(longer, 0, sizeof longer);
    for (size_t k = 0; k < 3; k++) {
        longer[k].class = f.each[k];
        longer[k].class.size = sizeof longer[k];
    }
    assert_ok(bp_classification_text(&f.all, f.each, names, wanted, sizeof wanted, NULL));
    assert_ok(bp_classification_text(&f.all, &longer[0].class, names, text, sizeof text, NULL));
    assert_string_equal(text, wanted);
    longer[1].more = 1;
    assert_fails(bp_classification_text(&f.all, &longer[0].class, names, text, sizeof text, NULL),
                 BP_ERROR_VERSION, "a member is set");
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    char text[100];
    figures f = measure();
    f.confusion[5] = (double)NAN;
    assert_fails(bp_confusion_text(NULL, 3, NULL, text, sizeof text, NULL), BP_ERROR_ARGUMENT,
                 "confusion is NULL");
    assert_fails(bp_confusion_text(f.confusion, 0, NULL, text, sizeof text, NULL), BP_ERROR_ARGUMENT,
                 "classes is 0, it must be >= 1");
    assert_fails(bp_confusion_text(f.confusion, 3, NULL, text, sizeof text, NULL), BP_ERROR_NOT_FINITE,
                 "confusion: row 1, column 2 is nan");
    assert_fails(bp_confusion_text(f.confusion, 2, NULL, NULL, 5, NULL), BP_ERROR_ARGUMENT, "buffer is NULL");
    assert_fails(bp_classification_text(NULL, NULL, NULL, text, sizeof text, NULL), BP_ERROR_ARGUMENT,
                 "result is NULL");
    f.all.size = 0;
    assert_fails(bp_classification_text(&f.all, NULL, NULL, text, sizeof text, NULL), BP_ERROR_ARGUMENT,
                 "size is 0");
    assert_fails(bp_regression_text(NULL, 1, NULL, NULL, text, sizeof text, NULL), BP_ERROR_ARGUMENT,
                 "columns is NULL, but count is 1");
    f.columns[1].size = 0;
    assert_fails(bp_regression_text(f.columns, 2, NULL, NULL, text, sizeof text, NULL), BP_ERROR_ARGUMENT,
                 "columns[1].size is 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_confusion),      cmocka_unit_test(test_classification),
        cmocka_unit_test(test_single_output),  cmocka_unit_test(test_regression),
        cmocka_unit_test(test_importances),    cmocka_unit_test(test_capacities),
        cmocka_unit_test(test_longer_structs), cmocka_unit_test(test_wrong_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
