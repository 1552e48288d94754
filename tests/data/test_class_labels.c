/* Classes from labels. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/class_labels.h"

enum { MOST = 8 };

/* Labels of up to MOST cases, ended by NULL, and the classes they should make. */
typedef struct example {
    const char *labels[MOST + 1];
    const char *names[MOST + 1];
    size_t classes[MOST];
} example;

static bp_status make(bp_dataset **out, const char *const *texts, const bp_allocator *allocator)
{
    size_t cases = 0;
    while (texts[cases] != NULL)
        cases++;
    bp_dataset *dataset = NULL;
    class_labels labels = {0};
    bp_status status = bpi_dataset_new(&dataset, "test", allocator, cases, 1, 0);
    if (status == BP_OK && !bpi_class_labels_init(&labels, allocator, cases))
        status = BP_ERROR_MEMORY;
    for (size_t i = 0; status == BP_OK && i < cases; i++)
        bpi_class_labels_add(&labels, texts[i], i + 1);
    if (status == BP_OK)
        status = bpi_class_labels_apply(&labels, dataset, "f.csv", 3, -2);
    bpi_class_labels_clear(&labels, allocator);
    if (status == BP_OK)
        *out = dataset;
    else
        bp_dataset_destroy(dataset);
    return status;
}

static void assert_classes(const example *e)
{
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    assert_ok(make(&dataset, e->labels, &allocator));
    size_t classes = bp_dataset_class_count(dataset);
    assert_int_equal(bp_dataset_target_width(dataset), classes);
    for (size_t i = 0; i < classes; i++) {
        assert_non_null(e->names[i]);
        assert_string_equal(bp_dataset_class_name(dataset, i), e->names[i]);
    }
    assert_null(e->names[classes]);
    assert_null(bp_dataset_class_name(dataset, classes));
    bp_data data;
    bp_data_init(&data, sizeof data);
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data));
    for (size_t c = 0; c < data.cases; c++)
        for (size_t i = 0; i < classes; i++)
            assert_true(data.targets[c * classes + i] == (bp_real)(i == e->classes[c] ? 3 : -2));
    bp_dataset_destroy(dataset);
    assert_int_equal(memory.live, 0);
}

static void classes_are_in_ascending_order(void **state)
{
    (void)state;
    const example examples[] = {
        {{"b", "a", "c", "a"}, {"a", "b", "c"}, {1, 0, 2, 0}},
        {{"10", "9", "-1", "9"}, {"-1", "9", "10"}, {2, 1, 0, 1}},
        {{"10", "9", "x"}, {"10", "9", "x"}, {0, 1, 2}}, /* not all are numbers: as text */
        {{"10", "9", "nan"}, {"10", "9", "nan"}, {0, 1, 2}},
        {{"\xC3\xA4", "z", "Z"}, {"Z", "z", "\xC3\xA4"}, {2, 1, 0}}, /* bytes, unsigned */
        {{"ab", "a"}, {"a", "ab"}, {1, 0}},
        {{"2", "1.0", "1", "1e0"}, {"1.0", "2"}, {1, 0, 0, 0}}, /* equal numbers; the first names the class */
        {{"0", "-0", "1"}, {"0", "1"}, {0, 0, 1}},
        {{"01", "1", "x"}, {"01", "1", "x"}, {0, 1, 2}},
        /* Equal as doubles, but not the same number. */
        {{"9007199254740993", "9007199254740992"}, {"9007199254740992", "9007199254740993"}, {1, 0}},
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_classes(&examples[i]);
}

static void one_class_is_refused(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    const char *const texts[] = {"same", "same", NULL}, *const numbers[] = {"1", "1.0", NULL};
    assert_fails(make(&dataset, texts, &allocator), BP_ERROR_FORMAT, "f.csv: every case is of class 'same'");
    assert_fails(make(&dataset, numbers, &allocator), BP_ERROR_FORMAT, "f.csv: every case is of class '1'");
    assert_null(dataset);
    assert_int_equal(memory.live, 0);
}

static bp_status attempt_making(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_dataset *dataset = NULL;
    const char *const texts[] = {"b", "a", "c", NULL};
    bp_status status = make(&dataset, texts, allocator);
    bp_dataset_destroy(dataset);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_making, NULL);
}

/* `cases` labels made by the format from 0, 1, ..., classes - 1, over and over. */
static bp_status make_many(int cases, int classes, const char *format, double factor)
{
    enum { MOST_CASES = 2500 };
    static char labels[MOST_CASES][16];
    const char *texts[MOST_CASES + 1] = {NULL};
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    assert_in_range(cases, 1, MOST_CASES);
    for (int i = 0; i < cases; i++) {
        snprintf(labels[i], sizeof labels[i], format, factor * (i % classes));
        texts[i] = labels[i];
    }
    bp_status status = make(&dataset, texts, &allocator);
    assert_int_equal(bp_dataset_class_count(dataset), status == BP_OK ? classes : 0);
    bp_dataset_destroy(dataset);
    assert_int_equal(memory.live, 0);
    return status;
}

/* One output for each of the texts would fill the memory. */
static void a_class_for_every_other_case_is_refused(void **state)
{
    (void)state;
    assert_fails(make_many(1500, 1001, "w%g", 1), BP_ERROR_FORMAT, "1001 classes in 1500 cases");
    assert_ok(make_many(1500, 1000, "w%g", 1));
    assert_ok(make_many(2003, 1001, "w%g", 1));
}

/* Prices, counts, measurements: not classes, though they are whole numbers now and then. */
static void numbers_to_be_predicted_are_refused(void **state)
{
    (void)state;
    assert_fails(
        make_many(400, 374, "%g", 100), BP_ERROR_FORMAT,
        "374 classes in 400 cases: the target column seems to hold numbers to be predicted, not classes; "
        "set options.target to BP_TARGET_NUMERIC");
    assert_fails(make_many(209, 21, "%g", 1), BP_ERROR_FORMAT, "21 classes in 209 cases");
    assert_ok(make_many(210, 21, "%g", 1));
    assert_ok(make_many(20, 20, "%g", 1));
    assert_fails(make_many(400, 3, "%g", 0.5), BP_ERROR_FORMAT,
                 "class '0.5' in line 2 is not a whole number");
    assert_ok(make_many(400, 3, "%.1f", 2)); /* 2.0 is one */
    assert_ok(make_many(400, 3, "%g cm", 0.5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_in_ascending_order),
        cmocka_unit_test(one_class_is_refused),
        cmocka_unit_test(a_class_for_every_other_case_is_refused),
        cmocka_unit_test(numbers_to_be_predicted_are_refused),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
