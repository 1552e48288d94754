#include "data/split_example.h"

#include <stdio.h>
#include <string.h>

bp_status split_example_create(split_example *e, const bp_allocator *allocator)
{
    static bp_real inputs[EXAMPLE_MAX_CASES * 2], targets[EXAMPLE_MAX_CASES * EXAMPLE_MAX_CLASSES],
        weights[EXAMPLE_MAX_CASES];
    const size_t width = e->classes == 0 ? 1 : e->classes;
    memset(targets, 0, sizeof targets);
    for (size_t c = 0; c < e->cases; c++) {
        inputs[2 * c] = (bp_real)c;
        inputs[2 * c + 1] = -(bp_real)c;
        weights[c] = (bp_real)(c + 1);
        if (e->classes == 0)
            targets[c] = (bp_real)c / 7;
        else
            targets[c * width + e->class_of[c]] = 1;
    }
    bp_data data = bp_data_view(e->cases, inputs, 2, targets, width);
    data.case_weights = weights;
    e->dataset = NULL;
    bp_status status = bp_dataset_create(&e->dataset, &data, allocator);
    return status == BP_OK ? bp_dataset_set_groups(e->dataset, e->group_of, e->cases) : status;
}

void split_example_draw(split_example *e, uint64_t *state, size_t cases, size_t classes)
{
    e->cases = cases;
    e->classes = classes;
    size_t group = 1000, left = 0;
    for (size_t c = 0; c < cases; c++) {
        e->class_of[c] = 0;
        while (e->class_of[c] + 1 < classes && test_below(state, 3) == 0) /* each a third of the one before */
            e->class_of[c]++;
        if (left == 0) {
            left = 1 + test_below(state, 20);
            group = group * 31 % 1009;
        }
        e->group_of[c] = group;
        left--;
    }
    for (size_t k = 0; k < classes && k < cases; k++)
        e->class_of[k * (cases / classes)] = k;
}

void split_example_make(split_example *e, uint64_t *state, size_t cases, size_t classes)
{
    split_example_draw(e, state, cases, classes);
    assert_ok(split_example_create(e, NULL));
}

void split_example_end(split_example *e)
{
    bp_dataset_destroy(e->dataset);
}

static void read_case(const split_example *e, const bp_data *data, size_t index, size_t *c)
{
    const bp_real *target = data->targets + index * data->target_width;
    *c = (size_t)data->inputs[2 * index];
    assert_true(*c < e->cases);
    assert_true(data->inputs[2 * index + 1] == -(bp_real)*c);
    assert_true(data->case_weights[index] == (bp_real)(*c + 1));
    for (size_t k = 0; k < e->classes; k++)
        assert_true(target[k] == (bp_real)(k == e->class_of[*c]));
}

void split_example_parts(const split_example *e, bp_subset *part)
{
    for (size_t c = 0; c < e->cases; c++)
        part[c] = BP_SUBSET_ALL;
    for (int k = BP_SUBSET_TRAINING; k <= BP_SUBSET_TEST; k++) {
        bp_data data;
        bp_data_init(&data, sizeof data);
        if (bp_dataset_subset(e->dataset, (bp_subset)k, &data) != BP_OK)
            continue;
        for (size_t i = 0, c; i < data.cases; i++) {
            read_case(e, &data, i, &c);
            assert_int_equal(part[c], BP_SUBSET_ALL);
            part[c] = (bp_subset)k;
        }
    }
    bp_data all;
    bp_data_init(&all, sizeof all);
    assert_ok(bp_dataset_subset(e->dataset, BP_SUBSET_ALL, &all));
    assert_int_equal(all.cases, e->cases);
    for (size_t i = 0, c; i < all.cases; i++) {
        read_case(e, &all, i, &c);
        assert_int_equal(bp_dataset_order(e->dataset)[i], c);
        assert_int_equal(bp_dataset_groups(e->dataset)[i], e->group_of[c]);
    }
}

size_t split_example_count(const split_example *e, const bp_subset *part, bp_subset subset, size_t class)
{
    size_t count = 0;
    for (size_t c = 0; c < e->cases; c++)
        count +=
            (subset == BP_SUBSET_ALL || part[c] == subset) && (class == SIZE_MAX || e->class_of[c] == class);
    return count;
}

size_t split_example_check_groups(const split_example *e, const bp_subset *part)
{
    size_t largest = 0;
    for (size_t c = 0; c < e->cases; c++) {
        size_t size = 0;
        for (size_t other = 0; other < e->cases; other++) {
            if (e->group_of[other] != e->group_of[c])
                continue;
            assert_int_equal(part[other], part[c]);
            size++;
        }
        largest = size > largest ? size : largest;
    }
    return largest;
}

void split_example_check_result(const split_example *e, const bp_subset *part, const bp_split_result *result)
{
    size_t sizes[BP_SUBSET_TEST + 1] = {0}, missing[BP_SUBSET_TEST + 1] = {0}, first = BP_NO_INDEX;
    for (size_t c = 0; c < e->cases; c++)
        sizes[part[c]]++;
    for (int k = BP_SUBSET_TRAINING; k <= BP_SUBSET_TEST; k++)
        for (size_t class = 0; class < e->classes; class ++) {
            size_t count = split_example_count(e, part, (bp_subset)k, class);
            assert_int_equal(bp_dataset_class_cases(e->dataset, (bp_subset)k, class), count);
            if (count > 0 || sizes[k] == 0)
                continue;
            missing[k]++;
            first = class < first ? class : first;
        }
    assert_int_equal(result->training, sizes[BP_SUBSET_TRAINING]);
    assert_int_equal(result->validation, sizes[BP_SUBSET_VALIDATION]);
    assert_int_equal(result->test, sizes[BP_SUBSET_TEST]);
    assert_int_equal(result->left_out, sizes[BP_SUBSET_ALL]);
    assert_int_equal(result->classes, e->classes);
    assert_int_equal(result->missing_training, missing[BP_SUBSET_TRAINING]);
    assert_int_equal(result->missing_validation, missing[BP_SUBSET_VALIDATION]);
    assert_int_equal(result->missing_test, missing[BP_SUBSET_TEST]);
    assert_true(result->missing_class == first);
}

bp_split_result empty_split_result(void)
{
    bp_split_result result;
    bp_split_result_init(&result, sizeof result);
    return result;
}

bp_dataset *load_gappy_table(void)
{
    static char text[60 * 40];
    size_t size = (size_t)snprintf(text, sizeof text, "x,color,person,kind\n");
    for (size_t row = 0; row < 60; row++) {
        char x[16];
        snprintf(x, sizeof x, "%zu.5", row * row % 37);
        size += (size_t)snprintf(text + size, sizeof text - size, "%s,%s,p%zu,%s\n", row % 4 == 1 ? "?" : x,
                                 row % 3 == 0 ? "red" : "blue", row / 5, row % 5 < 2 ? "old" : "new");
    }
    bp_schema *rules = NULL;
    bp_csv_options options;
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("x"), BP_MISSING_MEAN, 0));
    assert_ok(bp_schema_set_role(rules, bp_column_named("person"), BP_ROLE_GROUP));
    bp_csv_options_init(&options, sizeof options);
    options.schema = rules;
    assert_ok(bp_dataset_load_csv_memory(&dataset, "table", text, size, &options));
    bp_schema_destroy(rules);
    return dataset;
}
