/* Evaluation and prediction of streams: the bits of the same calls with data in memory. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/stream_pass.h"
#include "train/stream_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { INPUTS = 5, MAX_CASES = 70000 };

/* Cases with targets of a kind: 0 and 1, or -1 and 1, or numbers. */
static bp_data make_cases(size_t cases, size_t outputs, int lowest)
{
    static bp_real inputs[MAX_CASES * INPUTS], targets[MAX_CASES * 3], weights[MAX_CASES];
    uint64_t seed = 3;
    for (size_t i = 0; i < cases * INPUTS; i++)
        inputs[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < cases * outputs; i++)
        targets[i] = test_below(&seed, 3) > 0 ? 1 : (bp_real)lowest;
    for (size_t i = 0; i < cases; i++)
        weights[i] = (bp_real)test_uniform(&seed, 0, 2);
    bp_data data = bp_data_view(cases, inputs, INPUTS, targets, outputs);
    if (lowest == 0)
        data.case_weights = weights;
    return data;
}

static bp_network *make_network(size_t hidden, size_t outputs)
{
    const size_t units[] = {INPUTS, hidden, outputs};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

/* Outputs of the calls, one after the other. */
typedef struct gathered {
    bp_real *outputs;
    size_t width, next, calls;
    const bp_data *data;
    size_t fails_at; /* a call; 0: none */
} gathered;

static bp_status gather(void *context, size_t first, const bp_data *data, const bp_real *outputs)
{
    gathered *all = context;
    assert_int_equal(first, all->next);
    assert_memory_equal(data->inputs, all->data->inputs + first * INPUTS,
                        data->cases * INPUTS * sizeof *outputs);
    assert_int_equal(data->targets == NULL, all->data->targets == NULL);
    memcpy(all->outputs + first * all->width, outputs, data->cases * all->width * sizeof *outputs);
    all->next += data->cases;
    return ++all->calls == all->fails_at ? BP_ERROR_FILE : BP_OK;
}

static void compare(bp_network *net, const bp_data *data, size_t at_most)
{
    const size_t width = bp_network_output_width(net), classes = width == 1 ? 2 : width;
    bp_workspace *workspace = NULL;
    bp_evaluation wanted, found;
    size_t wanted_confusion[9], confusion[9];
    bp_real *outputs = malloc(2 * data->cases * width * sizeof *outputs);
    test_source source = {.at_most = at_most};
    bp_stream *stream = test_stream(&source, data);
    gathered all = {.outputs = outputs + data->cases * width, .width = width, .data = data};
    bp_evaluation_init(&wanted, sizeof wanted);
    bp_evaluation_init(&found, sizeof found);
    assert_ok(bp_workspace_create(&workspace, net, 64));
    assert_ok(bp_network_evaluate(net, workspace, data, bp_loss_default(), wanted_confusion, &wanted));
    assert_ok(bp_network_evaluate_stream(net, workspace, stream, bp_loss_default(), confusion, &found));
    assert_memory_equal(&wanted, &found, sizeof found);
    assert_memory_equal(wanted_confusion, confusion, classes * classes * sizeof *confusion);
    assert_ok(bp_network_evaluate_stream(net, workspace, stream, bp_loss_default(), NULL, &found));
    assert_memory_equal(&wanted, &found, sizeof found);
    assert_ok(bp_network_predict(net, workspace, data, outputs));
    assert_ok(bp_network_predict_stream(net, workspace, stream, gather, &all));
    assert_int_equal(all.next, data->cases);
    assert_memory_equal(outputs, all.outputs, data->cases * width * sizeof *outputs);
    bp_stream_destroy(stream);
    bp_workspace_destroy(workspace);
    free(outputs);
}

/* Numbers of cases around those of a part, and of one more or less. */
static void test_numbers_of_cases(void **state)
{
    (void)state;
    bp_network *small = make_network(3, 1), *large = make_network(60, 3);
    const bp_data one = make_cases(1, 1, 0);
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &one);
    const size_t part = bpi_stream_part_cases(stream);
    bp_stream_destroy(stream);
    assert_true(4 * part < MAX_CASES);
    const size_t cases[] = {1,        2,    3,        15,           64,       part - 2,
                            part - 1, part, part + 1, 2 * part - 1, 2 * part, 3 * part + 1};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const int lowest = i % 2 == 0 ? 0 : -1;
        const bp_data of_one = make_cases(cases[i], 1, lowest);
        compare(small, &of_one, i % 3 == 2 ? 1000 : 0);
        const bp_data of_three = make_cases(cases[i], 3, lowest);
        compare(large, &of_three, 0);
    }
    bp_network_destroy(small);
    bp_network_destroy(large);
}

static void test_faults(void **state)
{
    (void)state;
    bp_network *net = make_network(3, 1), *other = make_network(3, 1);
    bp_workspace *workspace = NULL;
    bp_real outputs[200];
    bp_evaluation result;
    bp_data data = make_cases(100, 1, 0);
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &data);
    gathered all = {.outputs = outputs, .width = 1, .data = &data, .fails_at = 1};
    bp_evaluation_init(&result, sizeof result);
    assert_ok(bp_workspace_create(&workspace, net, 64));
    assert_fails(bp_network_predict_stream(NULL, workspace, stream, gather, &all), BP_ERROR_ARGUMENT,
                 "net is NULL");
    assert_fails(bp_network_predict_stream(net, NULL, stream, gather, &all), BP_ERROR_ARGUMENT,
                 "workspace is NULL");
    assert_fails(bp_network_predict_stream(net, workspace, NULL, gather, &all), BP_ERROR_ARGUMENT,
                 "stream is NULL");
    assert_fails(bp_network_predict_stream(net, workspace, stream, NULL, &all), BP_ERROR_ARGUMENT,
                 "on_outputs is NULL");
    assert_fails(bp_network_predict_stream(other, workspace, stream, gather, &all), BP_ERROR_ARGUMENT,
                 "another network");
    assert_fails(bp_network_evaluate_stream(net, workspace, NULL, bp_loss_default(), NULL, &result),
                 BP_ERROR_ARGUMENT, "stream is NULL");
    assert_fails(bp_network_evaluate_stream(net, workspace, stream, bp_loss_default(), NULL, NULL),
                 BP_ERROR_ARGUMENT, "result is NULL");
    assert_fails(bp_network_predict_stream(net, workspace, stream, gather, &all), BP_ERROR_FILE,
                 "on_outputs returned 'a file cannot be opened, read or written' after case 99");
    source.fault = DELIVERS_NAN;
    source.fault_case = 42;
    const bp_evaluation before = result;
    assert_fails(bp_network_evaluate_stream(net, workspace, stream, bp_loss_default(), NULL, &result),
                 BP_ERROR_NOT_FINITE, "bp_network_evaluate_stream: stream.inputs: case 42, column 0 is nan");
    assert_memory_equal(&before, &result, sizeof result);
    source.fault = FAILS_TO_READ;
    assert_fails(bp_network_evaluate_stream(net, workspace, stream, bp_loss_default(), NULL, &result),
                 BP_ERROR_FILE, "read returned");
    bp_stream_destroy(stream);

    /* A number of targets that does not fit, and none, with which outputs can be found all the same. */
    data.target_width = 2;
    data.cases = 40;
    data.case_weights = NULL;
    test_source wide = {0}, blind = {0};
    stream = test_stream(&wide, &data);
    assert_fails(bp_network_evaluate_stream(net, workspace, stream, bp_loss_default(), NULL, &result),
                 BP_ERROR_SIZE, "stream has 2 targets per case, but the network has 1");
    bp_stream_destroy(stream);
    data.targets = NULL;
    stream = test_stream(&blind, &data);
    assert_fails(bp_network_evaluate_stream(net, workspace, stream, bp_loss_default(), NULL, &result),
                 BP_ERROR_ARGUMENT, "stream has no targets");
    all = (gathered){.outputs = outputs, .width = 1, .data = &data};
    assert_ok(bp_network_predict_stream(net, workspace, stream, gather, &all));
    assert_int_equal(all.next, 40);
    bp_stream_destroy(stream);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    bp_network_destroy(other);
}

/* The case of an output that is not finite. */
static void test_outputs_that_overflow(void **state)
{
    (void)state;
    const size_t units[] = {1, 1};
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    bp_real inputs[50] = {0}, outputs[50], weights[] = {0, 0};
    const bp_data data = bp_data_view(50, inputs, 1, NULL, 0);
    inputs[30] = (bp_real)TOLERANCE(3e38, 1e308);
    weights[0] = weights[1] = 10;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, weights, 2));
    assert_ok(bp_workspace_create(&workspace, net, 64));
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &data);
    gathered all = {.outputs = outputs, .width = 1, .data = &data};
    assert_fails(bp_network_predict_stream(net, workspace, stream, gather, &all), BP_ERROR_NOT_FINITE,
                 "bp_network_predict_stream: case 30: the output of unit 0 of layer 'output' is inf");
    bp_stream_destroy(stream);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ----------------------------------------------------------------------------------- memory */

static bp_status evaluate_and_predict(void *context, const bp_allocator *allocator)
{
    bp_network *net = context;
    bp_workspace *workspace = NULL;
    bp_stream *stream = NULL;
    bp_evaluation result;
    bp_real outputs[200];
    const bp_data data = make_cases(100, 1, 0);
    gathered all = {.outputs = outputs, .width = 1, .data = &data};
    bp_evaluation_init(&result, sizeof result);
    assert_ok(bp_workspace_create(&workspace, net, 64));
    bp_status status = bp_stream_create_from_data(&stream, &data, allocator);
    if (status == BP_OK)
        status = bp_network_evaluate_stream(net, workspace, stream, bp_loss_default(), NULL, &result);
    if (status == BP_OK)
        status = bp_network_predict_stream(net, workspace, stream, gather, &all);
    bp_stream_destroy(stream);
    bp_workspace_destroy(workspace);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    bp_network *net = make_network(3, 1);
    test_each_allocation_fails(evaluate_and_predict, net);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_of_cases),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_outputs_that_overflow),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
