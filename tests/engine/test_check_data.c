/* Checks of a bp_data: what each call refuses, with which message. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "engine/check_data.h"

enum { CASES = 3, INPUTS = 4, TARGETS = 2 };

typedef struct fixture {
    bp_network *net;
    bp_real inputs[64], targets[64], weights[CASES];
    bp_data data, checked;
} fixture;

static int setup(void **state)
{
    static fixture f;
    const size_t units[] = {INPUTS, TARGETS};
    f = (fixture){0};
    assert_ok(bp_network_create_layered(&f.net, units, 2, bp_activation_tanh(), bp_activation_linear()));
    for (size_t i = 0; i < 64; i++) {
        f.inputs[i] = (bp_real)i;
        f.targets[i] = -(bp_real)i;
    }
    f.data = bp_data_view(CASES, f.inputs, INPUTS, f.targets, TARGETS);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    bp_network_destroy(((fixture *)*state)->net);
    return 0;
}

static bp_status check(fixture *f, int need)
{
    return bpi_check_data("call", "training", f->net, &f->data, need, &f->checked);
}

#define assert_refused(f, status, part)                                                                      \
    do {                                                                                                     \
        (f)->checked = (bp_data){0};                                                                         \
        assert_fails(check(f, DATA_BOTH), status, part);                                                     \
        assert_int_equal((f)->checked.size, 0);                                                              \
    } while (0)

/* ------------------------------------------------------------------- shape */

static void test_init(void **state)
{
    (void)state;
    bp_data data;
    memset(&data, 0xff, sizeof data);
    bp_data_init(&data, sizeof data);
    assert_int_equal(data.size, sizeof data);
    assert_int_equal(data.steps, 1);
    assert_int_equal(data.cases, 0);
    assert_null(data.inputs);
    assert_null(data.case_weights);
    bp_data_init(NULL, sizeof data);
    data.cases = 5;
    bp_data_init(&data, 0);
    assert_int_equal(data.size, sizeof data);
    bp_data_init(&data, sizeof data.size);
    assert_int_equal(data.cases, 5);
    assert_int_equal(data.size, sizeof data.size);
}

static void test_set_view_makes_what_the_header_makes(void **state)
{
    fixture *f = *state;
    bp_data view = bp_data_view(CASES, f->inputs, INPUTS, f->targets, TARGETS), data;
    memset(&data, 0xff, sizeof data);
    bp_data_set_view(&data, sizeof data, CASES, f->inputs, INPUTS, f->targets, TARGETS);
    assert_memory_equal(&data, &view, sizeof data);
    assert_int_equal(data.size, sizeof data);
    assert_int_equal(data.cases, CASES);
    assert_ptr_equal(data.inputs, f->inputs);
    assert_int_equal(data.input_width, INPUTS);
    assert_ptr_equal(data.targets, f->targets);
    assert_int_equal(data.target_width, TARGETS);
    bp_data_set_view(&data, sizeof data.size, 99, NULL, 0, NULL, 0); /* as far as it reaches */
    assert_int_equal(data.size, sizeof data.size);
    assert_int_equal(data.cases, CASES);
    bp_data_set_view(NULL, sizeof data, CASES, f->inputs, INPUTS, f->targets, TARGETS);
}

static void test_a_view_is_dense(void **state)
{
    fixture *f = *state;
    assert_ok(check(f, DATA_BOTH));
    assert_int_equal(f->checked.cases, CASES);
    assert_ptr_equal(f->checked.inputs, f->inputs);
    assert_ptr_equal(f->checked.targets, f->targets);
    assert_int_equal(f->checked.input_stride, INPUTS);
    assert_int_equal(f->checked.input_step_stride, INPUTS);
    assert_int_equal(f->checked.target_stride, TARGETS);
    assert_int_equal(f->checked.target_step_stride, TARGETS);
    assert_null(f->checked.case_weights);
    assert_int_equal(f->data.input_stride, 0);
}

static void test_strides_are_kept(void **state)
{
    fixture *f = *state;
    f->data.input_stride = 10;
    f->data.target_stride = 3;
    assert_ok(check(f, DATA_BOTH));
    assert_int_equal(f->checked.input_stride, 10);
    assert_int_equal(f->checked.target_stride, 3);
}

static void test_what_is_not_needed_is_not_looked_at(void **state)
{
    fixture *f = *state;
    f->weights[0] = -1;
    f->data.case_weights = f->weights;
    f->targets[0] = (bp_real)NAN;
    f->data.target_width = 77;
    assert_ok(check(f, DATA_INPUTS));
    assert_null(f->checked.targets);
    assert_null(f->checked.case_weights);
    assert_ptr_equal(f->checked.inputs, f->inputs);
    f->data = bp_data_view(CASES, NULL, 0, f->inputs, TARGETS);
    assert_ok(check(f, DATA_TARGETS));
    assert_null(f->checked.inputs);
    assert_ptr_equal(f->checked.targets, f->inputs);
}

static void test_the_struct_is_checked(void **state)
{
    fixture *f = *state;
    assert_fails(bpi_check_data("call", "training", f->net, NULL, DATA_BOTH, &f->checked), BP_ERROR_ARGUMENT,
                 "call: training is NULL");
    f->data.size = 0;
    assert_refused(f, BP_ERROR_ARGUMENT, "bp_data.size is 0");
    f->data.size = sizeof f->data - 1;
    assert_refused(f, BP_ERROR_VERSION, "bp_data.size");
}

static void test_counts_are_checked(void **state)
{
    fixture *f = *state;
    f->data.cases = 0;
    assert_refused(f, BP_ERROR_ARGUMENT, "call: training.cases is 0");
    f->data.cases = CASES;
    f->data.steps = 0;
    assert_refused(f, BP_ERROR_ARGUMENT, "training.steps is 0");
    f->data.steps = 2;
    assert_refused(f, BP_ERROR_SIZE, "training.steps is 2");
}

/* Steps side by side are one row of them all. */
static void test_steps_are_joined(void **state)
{
    fixture *f = *state;
    f->data.steps = INPUTS;
    f->data.input_width = 1;
    assert_ok(check(f, DATA_INPUTS));
    assert_int_equal(f->checked.steps, 1);
    assert_int_equal(f->checked.input_width, INPUTS);
    assert_int_equal(f->checked.input_stride, INPUTS);
    assert_int_equal(f->checked.input_step_stride, INPUTS);
    f->data.input_step_stride = 1;
    f->data.input_stride = INPUTS + 2;
    assert_ok(check(f, DATA_INPUTS));
    assert_int_equal(f->checked.input_stride, INPUTS + 2);
    f->data.input_step_stride = 2;
    assert_refused(f, BP_ERROR_SIZE, "training.steps is 4 and input_step_stride 2; steps must stand side by");
    f->data.input_step_stride = 0;
    assert_refused(f, BP_ERROR_SIZE,
                   "training.steps is 4 and target_width 2, together 8, but the network has 2");
    f->data.steps = SIZE_MAX;
    f->data.input_width = 2;
    assert_refused(f, BP_ERROR_OVERFLOW, "training.steps is");
}

static void test_pointers_are_checked(void **state)
{
    fixture *f = *state;
    f->data.inputs = NULL;
    assert_refused(f, BP_ERROR_ARGUMENT, "training.inputs is NULL");
    f->data.inputs = f->inputs;
    f->data.targets = NULL;
    assert_refused(f, BP_ERROR_ARGUMENT, "training.targets is NULL");
}

static void test_widths_are_checked(void **state)
{
    fixture *f = *state;
    f->data.input_width = INPUTS + 1;
    assert_refused(f, BP_ERROR_SIZE, "training.input_width is 5, but the network has 4");
    f->data.input_width = 0;
    assert_refused(f, BP_ERROR_SIZE, "training.input_width is 0");
    f->data.input_width = INPUTS;
    f->data.target_width = TARGETS - 1;
    assert_refused(f, BP_ERROR_SIZE, "training.target_width is 1, but the network has 2");
}

static void test_strides_are_checked(void **state)
{
    fixture *f = *state;
    f->data.target_stride = TARGETS - 1;
    assert_refused(f, BP_ERROR_SIZE, "training.target_stride is 1, less than target_width, which is 2");
    f->data.target_stride = 0;
    f->data.input_step_stride = INPUTS - 1;
    assert_refused(f, BP_ERROR_SIZE, "training.input_step_stride is 3, less than input_width, which is 4");
    f->data.input_step_stride = 0;
    f->data.target_step_stride = 1;
    assert_refused(f, BP_ERROR_SIZE, "training.target_step_stride is 1");
    f->data.target_step_stride = 0;
    f->data.input_stride = SIZE_MAX / 2;
    assert_refused(f, BP_ERROR_OVERFLOW, "too many to be addressed");
    f->data.input_stride = SIZE_MAX;
    assert_refused(f, BP_ERROR_OVERFLOW, "too many to be addressed");
    f->data.input_stride = 0;
    f->data.cases = SIZE_MAX;
    assert_refused(f, BP_ERROR_OVERFLOW, "too many to be addressed");
}

static void test_rows_of_inputs_may_overlap(void **state)
{
    fixture *f = *state;
    f->data.input_stride = 1;
    assert_ok(check(f, DATA_BOTH));
    assert_int_equal(f->checked.input_stride, 1);
    assert_ptr_equal(f->checked.inputs, f->inputs);
    f->inputs[CASES - 1 + INPUTS] = (bp_real)NAN; /* behind the last window */
    assert_ok(check(f, DATA_BOTH));
    f->inputs[CASES - 1 + INPUTS - 1] = (bp_real)NAN; /* in it alone */
    assert_refused(f, BP_ERROR_NOT_FINITE, "training.inputs: case 2, column 3 is nan");
    f->inputs[1] = (bp_real)INFINITY; /* in two, of which the first is named */
    assert_refused(f, BP_ERROR_NOT_FINITE, "training.inputs: case 0, column 1 is inf");
    f->data.steps = 2;
    f->data.input_width = INPUTS / 2;
    f->data.target_width = TARGETS / 2;
    assert_refused(f, BP_ERROR_NOT_FINITE, "training.inputs: case 0, column 1 is inf");
    f->inputs[1] = f->inputs[CASES - 1 + INPUTS - 1] = 0;
    assert_ok(check(f, DATA_BOTH));
    f->data.cases = SIZE_MAX;
    assert_refused(f, BP_ERROR_OVERFLOW, "too many to be addressed");
}

static void test_a_single_case_may_have_any_stride(void **state)
{
    fixture *f = *state;
    f->data.cases = 1;
    f->data.input_stride = SIZE_MAX;
    assert_ok(check(f, DATA_BOTH));
}

/* ------------------------------------------------------------------ values */

static void test_values_are_checked_and_located(void **state)
{
    fixture *f = *state;
    f->inputs[2 * INPUTS + 3] = (bp_real)NAN;
    assert_refused(f, BP_ERROR_NOT_FINITE, "call: training.inputs: case 2, column 3 is nan");
    f->inputs[1 * INPUTS + 0] = (bp_real)-INFINITY;
    assert_refused(f, BP_ERROR_NOT_FINITE, "call: training.inputs: case 1, column 0 is -inf");
    assert_ok(check(f, DATA_TARGETS));
    f->targets[1] = (bp_real)INFINITY;
    assert_fails(check(f, DATA_TARGETS), BP_ERROR_NOT_FINITE, "training.targets: case 0, column 1 is inf");
}

static void test_values_between_rows_are_not_looked_at(void **state)
{
    fixture *f = *state;
    f->data.input_stride = INPUTS + 2;
    for (size_t row = 0; row < CASES; row++)
        for (size_t i = 0; i < 2; i++)
            f->inputs[row * (INPUTS + 2) + INPUTS + i] = (bp_real)NAN;
    assert_ok(check(f, DATA_BOTH));
    f->inputs[2 * (INPUTS + 2) + 1] = (bp_real)NAN;
    assert_refused(f, BP_ERROR_NOT_FINITE, "training.inputs: case 2, column 1 is nan");
    f->inputs[2 * (INPUTS + 2) + 1] = 0;
    f->inputs[CASES * (INPUTS + 2)] = (bp_real)NAN;
    assert_ok(check(f, DATA_BOTH));
}

static void test_values_must_survive_the_scaling(void **state)
{
    fixture *f = *state;
    const bp_real none[INPUTS] = {0}, ten[INPUTS] = {1, 1, 10, 1};
    const bp_real most = (bp_real)TOLERANCE(3e38, 1e308);
    assert_ok(bp_network_set_input_scaling(f->net, none, ten, INPUTS));
    f->inputs[INPUTS + 1] = most;
    assert_ok(check(f, DATA_BOTH));
    f->inputs[INPUTS + 2] = most;
    assert_refused(f, BP_ERROR_NOT_FINITE, "which scaling makes infinite");
    assert_fails(check(f, DATA_BOTH), BP_ERROR_NOT_FINITE, "training.inputs: case 1, column 2 is");
    assert_ok(check(f, DATA_BOTH | DATA_UNSCALED));
    f->inputs[INPUTS + 2] = (bp_real)NAN;
    assert_refused(f, BP_ERROR_NOT_FINITE, "case 1, column 2 is nan");
    assert_fails(check(f, DATA_BOTH | DATA_UNSCALED), BP_ERROR_NOT_FINITE, "case 1, column 2 is nan");
    f->inputs[INPUTS + 2] = 0;
    const bp_real far[TARGETS] = {0, -most}, close[TARGETS] = {1, 1};
    assert_ok(bp_network_set_target_scaling(f->net, far, close, TARGETS));
    assert_ok(check(f, DATA_BOTH));
    f->targets[2 * TARGETS + 1] = most;
    assert_refused(f, BP_ERROR_NOT_FINITE, "training.targets: case 2, column 1 is");
}

static void test_case_weights_are_checked(void **state)
{
    fixture *f = *state;
    f->data.case_weights = f->weights;
    assert_ok(check(f, DATA_BOTH)); /* all 0 */
    assert_ptr_equal(f->checked.case_weights, f->weights);
    f->weights[2] = (bp_real)-0.5;
    assert_refused(f, BP_ERROR_ARGUMENT, "training.case_weights: case 2 has the weight -0.5, below 0");
    f->weights[1] = (bp_real)INFINITY;
    assert_refused(f, BP_ERROR_NOT_FINITE, "training.case_weights: case 1 has the weight inf");
    assert_ok(check(f, DATA_INPUTS));
}

/* ------------------------------------------------------- without a network */

static void test_alone_any_width_will_do(void **state)
{
    fixture *f = *state;
    f->data = bp_data_view(2, f->inputs, 7, f->targets, 5);
    assert_ok(bpi_check_data_alone("call", "data", &f->data, DATA_BOTH, &f->checked));
    assert_int_equal(f->checked.input_stride, 7);
    assert_int_equal(f->checked.target_stride, 5);
    f->data.target_width = 0;
    assert_fails(bpi_check_data_alone("call", "data", &f->data, DATA_BOTH, &f->checked), BP_ERROR_SIZE,
                 "data.target_width is 0");
    assert_ok(bpi_check_data_alone("call", "data", &f->data, DATA_INPUTS, &f->checked));
    f->inputs[8] = (bp_real)NAN;
    assert_fails(bpi_check_data_alone("call", "data", &f->data, DATA_INPUTS, &f->checked),
                 BP_ERROR_NOT_FINITE, "data.inputs: case 1, column 1 is nan");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init),
        WITH_FIXTURE(test_set_view_makes_what_the_header_makes),
        WITH_FIXTURE(test_a_view_is_dense),
        WITH_FIXTURE(test_strides_are_kept),
        WITH_FIXTURE(test_what_is_not_needed_is_not_looked_at),
        WITH_FIXTURE(test_the_struct_is_checked),
        WITH_FIXTURE(test_counts_are_checked),
        WITH_FIXTURE(test_steps_are_joined),
        WITH_FIXTURE(test_pointers_are_checked),
        WITH_FIXTURE(test_widths_are_checked),
        WITH_FIXTURE(test_strides_are_checked),
        WITH_FIXTURE(test_rows_of_inputs_may_overlap),
        WITH_FIXTURE(test_a_single_case_may_have_any_stride),
        WITH_FIXTURE(test_values_are_checked_and_located),
        WITH_FIXTURE(test_values_between_rows_are_not_looked_at),
        WITH_FIXTURE(test_values_must_survive_the_scaling),
        WITH_FIXTURE(test_case_weights_are_checked),
        WITH_FIXTURE(test_alone_any_width_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
