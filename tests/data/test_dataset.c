/* Datasets: the dense copy, splitting, views of the parts. */
#include "support/support.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/random.h"
#include "data/dataset.h"

enum { CASES = 41, INPUTS = 3, TARGETS = 2, STRIDE = 5 };

/* Case c has inputs 10c, 10c + 1, 10c + 2, targets -c, -c - 1/2 and weight c; rows stand apart. */
typedef struct source {
    bp_real inputs[CASES * STRIDE], targets[CASES * STRIDE], weights[CASES];
    bp_data data;
} source;

static source make_source(void)
{
    source s;
    for (size_t c = 0; c < CASES; c++) {
        for (size_t i = 0; i < STRIDE; i++) {
            s.inputs[c * STRIDE + i] = (bp_real)(10 * c + i);
            s.targets[c * STRIDE + i] = -(bp_real)c - (bp_real)i / 2;
        }
        s.weights[c] = (bp_real)c;
    }
    return s;
}

static bp_status create(bp_dataset **out, source *s, const bp_allocator *allocator)
{
    s->data = bp_data_view(CASES, s->inputs, INPUTS, s->targets, TARGETS);
    s->data.input_stride = s->data.target_stride = STRIDE;
    s->data.case_weights = s->weights;
    return bp_dataset_create(out, &s->data, allocator);
}

static bp_dataset *create_dataset(void)
{
    source s = make_source();
    bp_dataset *dataset = NULL;
    assert_ok(create(&dataset, &s, NULL));
    return dataset;
}

static bp_data part_of(const bp_dataset *dataset, bp_subset part)
{
    bp_data data;
    bp_data_init(&data, sizeof data);
    assert_ok(bp_dataset_subset(dataset, part, &data));
    return data;
}

/* The case that stands at `index`, told from its first input; checks that all of it moved together. */
static size_t identify(const bp_data *data, size_t index)
{
    const bp_real *input = data->inputs + index * INPUTS, *target = data->targets + index * TARGETS;
    size_t c = (size_t)input[0] / 10;
    for (size_t i = 0; i < INPUTS; i++)
        assert_true(input[i] == (bp_real)(10 * c + i));
    for (size_t i = 0; i < TARGETS; i++)
        assert_true(target[i] == -(bp_real)c - (bp_real)i / 2);
    assert_true(data->case_weights[index] == (bp_real)c);
    return c;
}

/* -------------------------------------------------------------------- tests */

static void copy_is_dense_and_its_own(void **state)
{
    (void)state;
    source s = make_source();
    bp_dataset *dataset = NULL;
    assert_ok(create(&dataset, &s, NULL));
    memset(&s, 0, sizeof s);
    bp_data data = part_of(dataset, BP_SUBSET_ALL);
    assert_int_equal(data.cases, CASES);
    assert_int_equal(data.steps, 1);
    assert_int_equal(data.input_width, INPUTS);
    assert_int_equal(data.target_width, TARGETS);
    assert_int_equal(data.input_stride, 0);
    assert_int_equal(data.target_stride, 0);
    for (size_t i = 0; i < CASES; i++)
        assert_int_equal(identify(&data, i), i);
    assert_int_equal(bp_dataset_cases(dataset), CASES);
    assert_int_equal(bp_dataset_input_width(dataset), INPUTS);
    assert_int_equal(bp_dataset_target_width(dataset), TARGETS);
    assert_int_equal(bp_dataset_class_count(dataset), 0);
    assert_null(bp_dataset_class_name(dataset, 0));
    assert_null(bp_dataset_input_name(dataset, 0));
    bp_dataset_destroy(dataset);
}

static void targets_and_weights_may_be_missing(void **state)
{
    (void)state;
    const bp_real inputs[] = {1, 2, 3, 4, 5, 6};
    bp_data data = bp_data_view(3, inputs, 2, NULL, 0);
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    assert_ok(bp_dataset_split(dataset, 1, 0, 5));
    bp_data view = part_of(dataset, BP_SUBSET_TRAINING);
    assert_null(view.targets);
    assert_null(view.case_weights);
    assert_int_equal(view.target_width, 0);
    double sum = 0;
    for (size_t i = 0; i < 3; i++) {
        assert_true(view.inputs[2 * i + 1] == view.inputs[2 * i] + 1);
        sum += (double)view.inputs[2 * i];
    }
    assert_true(sum == 9);
    bp_dataset_destroy(dataset);
}

static void create_refuses_bad_arguments(void **state)
{
    (void)state;
    source s = make_source();
    bp_dataset *dataset = NULL;
    assert_ok(create(&dataset, &s, NULL));
    bp_dataset *const before = dataset;
    assert_fails(bp_dataset_create(NULL, &s.data, NULL), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_dataset_create(&dataset, NULL, NULL), BP_ERROR_ARGUMENT, "data is NULL");
    bp_allocator half = {test_allocator(&(test_memory){0}, 0).allocate, NULL, NULL};
    assert_fails(bp_dataset_create(&dataset, &s.data, &half), BP_ERROR_ARGUMENT,
                 "bp_dataset_create: allocator.release");
    bp_data bad = s.data;
    bad.size = 0;
    assert_fails(bp_dataset_create(&dataset, &bad, NULL), BP_ERROR_ARGUMENT, "size is 0");
    bad = s.data;
    bad.input_width = 0;
    assert_fails(bp_dataset_create(&dataset, &bad, NULL), BP_ERROR_SIZE, "input_width");
    s.inputs[7 * STRIDE + 2] = (bp_real)NAN;
    assert_fails(bp_dataset_create(&dataset, &s.data, NULL), BP_ERROR_NOT_FINITE, "case 7, column 2");
    assert_ptr_equal(dataset, before);
    bp_dataset_destroy(dataset);
}

static void order_is_the_shuffle_of_the_seed(void **state)
{
    (void)state;
    bp_dataset *dataset = create_dataset();
    for (uint64_t seed = 0; seed < 20; seed++) {
        size_t order[CASES];
        random_stream stream;
        bpi_random_seed(&stream, seed);
        for (size_t i = 0; i < CASES; i++)
            order[i] = i;
        bpi_random_shuffle(&stream, order, CASES);
        /* The same whatever was split before. */
        assert_ok(bp_dataset_split(dataset, 0.5, 0.25, seed));
        bp_data all = part_of(dataset, BP_SUBSET_ALL);
        for (size_t i = 0; i < CASES; i++)
            assert_int_equal(identify(&all, i), order[i]);
    }
    bp_dataset_destroy(dataset);
}

static void seeds_give_different_orders(void **state)
{
    (void)state;
    bp_dataset *dataset = create_dataset();
    bp_real first[CASES * INPUTS];
    assert_ok(bp_dataset_split(dataset, 0.5, 0, 1));
    memcpy(first, part_of(dataset, BP_SUBSET_ALL).inputs, sizeof first);
    assert_ok(bp_dataset_split(dataset, 0.5, 0, 2));
    assert_memory_not_equal(first, part_of(dataset, BP_SUBSET_ALL).inputs, sizeof first);
    bp_dataset_destroy(dataset);
}

static void parts_hold_every_case_once(void **state)
{
    (void)state;
    bp_dataset *dataset = create_dataset();
    assert_ok(bp_dataset_split(dataset, 0.6, 0.2, 3));
    const size_t wanted[] = {25, 8, 8}; /* 24.6, 8.2, the rest */
    bool seen[CASES] = {false};
    for (int part = BP_SUBSET_TRAINING; part <= BP_SUBSET_TEST; part++) {
        bp_data data = part_of(dataset, (bp_subset)part);
        assert_int_equal(data.cases, wanted[part - 1]);
        for (size_t i = 0; i < data.cases; i++) {
            size_t c = identify(&data, i);
            assert_false(seen[c]);
            seen[c] = true;
        }
    }
    bp_dataset_destroy(dataset);
}

static size_t part_cases(const bp_dataset *dataset, bp_subset part)
{
    bp_data data;
    bp_data_init(&data, sizeof data);
    bp_status status = bp_dataset_subset(dataset, part, &data);
    assert_true(status == BP_OK || status == BP_ERROR_STATE);
    return status == BP_OK ? data.cases : 0;
}

static void shares_are_rounded(void **state)
{
    (void)state;
    static const struct {
        size_t cases;
        double training, validation;
        size_t parts[3];
    } rows[] = {
        {10, 0.6, 0.2, {6, 2, 2}}, {1797, 0.6, 0.2, {1078, 359, 360}},
        {3, 0.5, 0.5, {2, 1, 0}}, /* 1.5 and 1.5: no more than are left */
        {1, 0.5, 0.5, {1, 0, 0}},  {1, 0.4, 0.4, {0, 0, 1}},
        {7, 1, 0, {7, 0, 0}},      {7, 0, 1, {0, 7, 0}},
        {7, 0, 0, {0, 0, 7}},      {10, 0.7, 0.3, {7, 3, 0}},
        {10, 0.1, 0.9, {1, 9, 0}},
    };
    static bp_real inputs[1797];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bp_data data = bp_data_view(rows[i].cases, inputs, 1, NULL, 0);
        bp_dataset *dataset = NULL;
        assert_ok(bp_dataset_create(&dataset, &data, NULL));
        assert_ok(bp_dataset_split(dataset, rows[i].training, rows[i].validation, 1));
        for (int part = BP_SUBSET_TRAINING; part <= BP_SUBSET_TEST; part++)
            assert_int_equal(part_cases(dataset, (bp_subset)part), rows[i].parts[part - 1]);
        assert_int_equal(part_cases(dataset, BP_SUBSET_ALL), rows[i].cases);
        bp_dataset_destroy(dataset);
    }
}

static void split_refuses_bad_shares(void **state)
{
    (void)state;
    bp_dataset *dataset = create_dataset();
    assert_fails(bp_dataset_split(NULL, 0.5, 0.5, 1), BP_ERROR_ARGUMENT, "dataset is NULL");
    assert_fails(bp_dataset_split(dataset, -0.1, 0.5, 1), BP_ERROR_ARGUMENT, "training is -0.1");
    assert_fails(bp_dataset_split(dataset, 1.5, 0, 1), BP_ERROR_ARGUMENT, "training is 1.5");
    assert_fails(bp_dataset_split(dataset, 0.5, NAN, 1), BP_ERROR_ARGUMENT, "validation is");
    assert_fails(bp_dataset_split(dataset, 0.5, INFINITY, 1), BP_ERROR_ARGUMENT, "validation is");
    assert_fails(bp_dataset_split(dataset, 0.6, 0.5, 1), BP_ERROR_ARGUMENT, "0.6 and 0.5, more than 1");
    bp_data all = part_of(dataset, BP_SUBSET_ALL);
    for (size_t i = 0; i < CASES; i++)
        assert_int_equal(identify(&all, i), i);
    bp_dataset_destroy(dataset);
}

static void part_says_what_is_missing(void **state)
{
    (void)state;
    bp_dataset *dataset = create_dataset();
    bp_data data, before;
    bp_data_init(&data, sizeof data);
    memcpy(&before, &data, sizeof data);
    assert_fails(bp_dataset_subset(dataset, BP_SUBSET_TEST, &data), BP_ERROR_STATE,
                 "the test subset is empty");
    assert_fails(bp_dataset_subset(NULL, BP_SUBSET_ALL, &data), BP_ERROR_ARGUMENT, "dataset is NULL");
    assert_fails(bp_dataset_subset(dataset, BP_SUBSET_ALL, NULL), BP_ERROR_ARGUMENT, "data is NULL");
    assert_fails(bp_dataset_subset(dataset, (bp_subset)4, &data), BP_ERROR_ARGUMENT, "part is 4");
    assert_fails(bp_dataset_subset(dataset, (bp_subset)-1, &data), BP_ERROR_ARGUMENT, "part is -1");
    assert_memory_equal(&before, &data, sizeof data);
    data.size = 0;
    assert_fails(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data), BP_ERROR_ARGUMENT, "bp_data.size is 0");
    data.size = sizeof data - 1;
    assert_fails(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data), BP_ERROR_VERSION, "bp_data.size");
    bp_dataset_destroy(dataset);
}

static void nothing_is_known_of_null(void **state)
{
    (void)state;
    bp_dataset_destroy(NULL);
    assert_int_equal(bp_dataset_cases(NULL), 0);
    assert_int_equal(bp_dataset_input_width(NULL), 0);
    assert_int_equal(bp_dataset_target_width(NULL), 0);
    assert_int_equal(bp_dataset_class_count(NULL), 0);
    assert_null(bp_dataset_class_name(NULL, 0));
    assert_null(bp_dataset_input_name(NULL, 0));
}

static bp_status attempt_create(void *context, const bp_allocator *allocator)
{
    bp_dataset *dataset = NULL;
    bp_status status = create(&dataset, context, allocator);
    assert_true((dataset != NULL) == (status == BP_OK));
    bp_dataset_destroy(dataset);
    return status;
}

static void create_survives_lack_of_memory(void **state)
{
    (void)state;
    source s = make_source();
    test_each_allocation_fails(attempt_create, &s);
}

/* Lack of memory in a split leaves cases and parts as they were. */
static void split_survives_lack_of_memory(void **state)
{
    (void)state;
    source s = make_source();
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    assert_ok(create(&dataset, &s, &allocator));
    assert_ok(bp_dataset_split(dataset, 0.5, 0.25, 1));
    bp_real before[CASES * INPUTS];
    memcpy(before, part_of(dataset, BP_SUBSET_ALL).inputs, sizeof before);
    size_t live = memory.live, failures = 0;
    for (bp_status status = BP_ERROR_MEMORY; status != BP_OK; failures++) {
        memory.fail_at = memory.calls + failures;
        status = bp_dataset_split(dataset, 0.1, 0.1, 2);
        assert_int_equal(memory.live, live);
        if (status == BP_OK)
            break;
        assert_int_equal(status, BP_ERROR_MEMORY);
        assert_memory_equal(before, part_of(dataset, BP_SUBSET_ALL).inputs, sizeof before);
        assert_int_equal(part_of(dataset, BP_SUBSET_TRAINING).cases, 21);
    }
    assert_true(failures > 0);
    assert_int_equal(part_of(dataset, BP_SUBSET_TRAINING).cases, 4);
    bp_dataset_destroy(dataset);
    assert_int_equal(memory.live, 0);
}

static void sizes_that_cannot_be_counted_are_refused(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    assert_fails(bpi_dataset_new(&dataset, "new", &allocator, SIZE_MAX / 2, 3, 0), BP_ERROR_OVERFLOW, "new:");
    assert_fails(bpi_dataset_new(&dataset, "new", &allocator, 2, 1, SIZE_MAX / 4), BP_ERROR_OVERFLOW, "new:");
    assert_null(dataset);
    assert_ok(bpi_dataset_new(&dataset, "new", &allocator, 2, 1, 0));
    assert_fails(bpi_dataset_add_classes(dataset, "add", SIZE_MAX / 2, 0), BP_ERROR_OVERFLOW, "add:");
    bp_dataset_destroy(dataset);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_is_dense_and_its_own),
        cmocka_unit_test(targets_and_weights_may_be_missing),
        cmocka_unit_test(create_refuses_bad_arguments),
        cmocka_unit_test(order_is_the_shuffle_of_the_seed),
        cmocka_unit_test(seeds_give_different_orders),
        cmocka_unit_test(parts_hold_every_case_once),
        cmocka_unit_test(shares_are_rounded),
        cmocka_unit_test(split_refuses_bad_shares),
        cmocka_unit_test(part_says_what_is_missing),
        cmocka_unit_test(nothing_is_known_of_null),
        cmocka_unit_test(create_survives_lack_of_memory),
        cmocka_unit_test(split_survives_lack_of_memory),
        cmocka_unit_test(sizes_that_cannot_be_counted_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
