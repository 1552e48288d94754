/* Hashes of sets of cases, by which checkpoints know their data. */
#include "train/case_hash.h"

#include <stdlib.h>

#include "support/arrays.h"

enum { INPUTS = 5, TARGETS = 2, MOST = 5000 };

/* Made by a formula; rows stand apart, with other numbers between them. */
typedef struct table {
    bp_real *inputs, *targets, *case_weights;
    bp_data data;
} table;

static table make_table(size_t cases, size_t input_stride, size_t target_stride)
{
    table made = {new_reals(cases * input_stride), new_reals(cases * target_stride), new_reals(cases), {0}};
    for (size_t i = 0; i < cases * input_stride; i++)
        made.inputs[i] = (bp_real)(input_stride - INPUTS);
    for (size_t i = 0; i < cases * target_stride; i++)
        made.targets[i] = (bp_real)(target_stride - TARGETS);
    for (size_t i = 0; i < cases; i++) {
        const bp_real x = (bp_real)i, row[] = {x, x / 4, -x / 8, (bp_real)(i % 7), (bp_real)0.5};
        for (size_t j = 0; j < INPUTS; j++)
            made.inputs[i * input_stride + j] = row[j];
        made.targets[i * target_stride] = (bp_real)(i % 3) - 1;
        made.targets[i * target_stride + 1] = (bp_real)(i % 2);
        made.case_weights[i] = 1 + (bp_real)(i % 4) / 2;
    }
    made.data = bp_data_view(cases, made.inputs, INPUTS, made.targets, TARGETS);
    made.data.input_stride = input_stride;
    made.data.target_stride = target_stride;
    made.data.case_weights = made.case_weights;
    return made;
}

static void end_table(table *made)
{
    free(made->inputs);
    free(made->targets);
    free(made->case_weights);
}

/* The numbers come from the description in docs/checkpoint-format.md, programmed in Python. */
static void test_values(void **state)
{
    (void)state;
    static const struct {
        size_t cases;
        uint64_t in_float, in_double;
    } wanted[] = {{1, 0x07ad47f11ae4f1e1u, 0x4ecd357ea545706bu},
                  {13, 0xac5541c3302123c4u, 0xdc82f0dce68d899au},
                  {1024, 0x4869b361c52c3c02u, 0x6a5d4d8723f06210u},
                  {1025, 0x8aa42d56c1a60507u, 0xc8f3cbf0543b8dc1u},
                  {5000, 0x83b0616769fd5dccu, 0xf57c8613b3bde33eu}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        table dense = make_table(wanted[i].cases, INPUTS, TARGETS);
        table apart = make_table(wanted[i].cases, INPUTS + 2, TARGETS + 1);
        const uint64_t hash = sizeof(bp_real) == sizeof(float) ? wanted[i].in_float : wanted[i].in_double;
        assert_true(bpi_case_hash_of(&dense.data) == hash);
        assert_true(bpi_case_hash_of(&apart.data) == hash);
        end_table(&dense);
        end_table(&apart);
    }
}

/* However the parts are cut. */
static void test_parts(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 2, 100, 1023, 1024, 1025, 2047, 2048, 2049, 4095, MOST};
    uint64_t seed = 1;
    table all = make_table(MOST, INPUTS + 1, TARGETS);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t k = 0; k < 10; k++) {
            bp_data part = all.data;
            case_hash hash;
            bpi_case_hash_begin(&hash);
            for (size_t first = 0; first < sizes[i]; first += part.cases) {
                const size_t left = sizes[i] - first;
                part.cases = 1 + (size_t)test_uniform(&seed, 0, k < 5 ? 40 : 3000);
                part.cases = part.cases < left ? part.cases : left;
                part.inputs = all.inputs + first * (INPUTS + 1);
                part.targets = all.targets + first * TARGETS;
                part.case_weights = all.case_weights + first;
                bpi_case_hash_add(&hash, &part);
            }
            part = all.data;
            part.cases = sizes[i];
            assert_true(bpi_case_hash_value(&hash) == bpi_case_hash_of(&part));
        }
    end_table(&all);
}

/* Each value of each case counts, up to 1024 cases; then each 2nd, 4th ... case. */
static void test_changes(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 3, 1024, 1025, 2048, 2049, MOST}, apart[] = {1, 1, 1, 2, 2, 4, 8};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        table all = make_table(sizes[i], INPUTS, TARGETS);
        const uint64_t before = bpi_case_hash_of(&all.data);
        for (size_t row = 0; row < sizes[i]; row += 1 + sizes[i] / 50) {
            bp_real *values[] = {all.inputs + row * INPUTS + row % INPUTS,
                                 all.targets + row * TARGETS + row % TARGETS, all.case_weights + row};
            for (size_t k = 0; k < 3; k++) {
                const bp_real value = *values[k];
                *values[k] += 1;
                assert_int_equal(bpi_case_hash_of(&all.data) != before, row % apart[i] == 0);
                *values[k] = value;
            }
        }
        assert_true(bpi_case_hash_of(&all.data) == before);
        end_table(&all);
    }
}

/* No weights are weights of 1. */
static void test_weights_of_one(void **state)
{
    (void)state;
    table all = make_table(20, INPUTS, TARGETS);
    for (size_t i = 0; i < 20; i++)
        all.case_weights[i] = 1;
    const uint64_t hash = bpi_case_hash_of(&all.data);
    all.data.case_weights = NULL;
    assert_true(bpi_case_hash_of(&all.data) == hash);
    end_table(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_weights_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
