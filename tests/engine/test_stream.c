/* Streams: creating and reading them, in parts of any size, and the record that compares passes. */
#include <stdio.h>
#include <string.h>

#include "engine/stream.h"
#include "train/stream_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const stream_use use = {"function", "training"};

/* ---------------------------------------------------------------------------------- creating */

static bp_status read_nothing(void *context, size_t count, bp_real *inputs, bp_real *targets,
                              bp_real *case_weights, size_t *cases)
{
    (void)context, (void)count, (void)inputs, (void)targets, (void)case_weights;
    *cases = 0;
    return BP_OK;
}

static bp_status rewind_nothing(void *context)
{
    (void)context;
    return BP_OK;
}

static bp_stream_source sound_source(void)
{
    bp_stream_source source;
    bp_stream_source_init(&source, sizeof source);
    source.input_width = 3;
    source.read = read_nothing;
    source.rewind = rewind_nothing;
    return source;
}

static void assert_refused(bp_stream_source source, bp_status status, const char *part)
{
    bp_stream *stream = NULL;
    assert_fails(bp_stream_create(&stream, &source, NULL), status, part);
    assert_null(stream);
}

static void test_sources_that_are_refused(void **state)
{
    (void)state;
    bp_stream *stream = NULL;
    bp_stream_source source = sound_source();
    assert_fails(bp_stream_create(NULL, &source, NULL), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_stream_create(&stream, NULL, NULL), BP_ERROR_ARGUMENT, "source is NULL");
    source.size = 0;
    assert_refused(source, BP_ERROR_ARGUMENT, "bp_stream_source.size is 0");
    source = sound_source();
    source.read = NULL;
    assert_refused(source, BP_ERROR_ARGUMENT, "source.read is NULL");
    source = sound_source();
    source.rewind = NULL;
    assert_refused(source, BP_ERROR_ARGUMENT, "source.rewind is NULL");
    source = sound_source();
    source.input_width = 0;
    assert_refused(source, BP_ERROR_ARGUMENT, "source.input_width is 0");
    source = sound_source();
    source.has_case_weights = 2;
    assert_refused(source, BP_ERROR_ARGUMENT, "source.has_case_weights");
    source = sound_source();
    source.varies = -1;
    assert_refused(source, BP_ERROR_ARGUMENT, "source.varies");
    test_memory memory;
    bp_allocator half = test_allocator(&memory, SIZE_MAX);
    half.release = NULL;
    source = sound_source();
    assert_fails(bp_stream_create(&stream, &source, &half), BP_ERROR_ARGUMENT, "allocator");
}

static void test_what_a_stream_says(void **state)
{
    (void)state;
    bp_stream *stream = NULL;
    bp_stream_source source = sound_source();
    source.target_width = 2;
    source.cases = 7;
    assert_ok(bp_stream_create(&stream, &source, NULL));
    assert_int_equal(bp_stream_cases(stream), 7);
    assert_int_equal(bp_stream_input_width(stream), 3);
    assert_int_equal(bp_stream_target_width(stream), 2);
    assert_null(bp_stream_schema(stream));
    assert_int_equal(bp_stream_skipped_rows(stream) + bp_stream_missing_cells(stream) +
                         bp_stream_unknown_cells(stream),
                     0);
    bp_stream_destroy(stream);
    bp_stream_destroy(NULL);
    assert_int_equal(bp_stream_cases(NULL) + bp_stream_input_width(NULL) + bp_stream_target_width(NULL), 0);
    assert_int_equal(bp_stream_skipped_rows(NULL), 0);
    assert_null(bp_stream_schema(NULL));
}

/* ---------------------------------------------------------------------------------- reading */

static void test_parts_of_any_size(void **state)
{
    (void)state;
    const bp_data data = example_training();
    for (size_t at_most = 0; at_most < 4; at_most++)
        for (size_t part = 1; part <= EXAMPLE_CASES + 1; part++) {
            test_source source = {.at_most = at_most};
            bp_stream *stream = test_stream(&source, &data);
            bp_real inputs[(EXAMPLE_CASES + 1) * EXAMPLE_INPUTS],
                targets[(EXAMPLE_CASES + 1) * EXAMPLE_OUTPUTS];
            size_t done = 0, cases = part;
            for (; cases == part; done += cases) {
                assert_ok(bp_stream_read(stream, part, inputs, targets, NULL, &cases));
                assert_memory_equal(inputs, data.inputs + done * EXAMPLE_INPUTS,
                                    cases * EXAMPLE_INPUTS * sizeof *inputs);
                assert_memory_equal(targets, data.targets + done * EXAMPLE_OUTPUTS,
                                    cases * EXAMPLE_OUTPUTS * sizeof *targets);
            }
            assert_int_equal(done, EXAMPLE_CASES);
            assert_ok(bp_stream_read(stream, part, inputs, targets, NULL, &cases));
            assert_int_equal(cases, 0); /* and remains so */
            assert_ok(bp_stream_rewind(stream));
            assert_ok(bp_stream_read(stream, 1, inputs, targets, NULL, &cases));
            assert_memory_equal(inputs, data.inputs, EXAMPLE_INPUTS * sizeof *inputs);
            bp_stream_destroy(stream);
        }
}

static void test_arguments_of_reading(void **state)
{
    (void)state;
    bp_real weights[EXAMPLE_CASES] = {0};
    bp_data data = example_training();
    data.case_weights = weights;
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &data);
    bp_real values[8];
    size_t cases = 77;
    assert_fails(bp_stream_rewind(NULL), BP_ERROR_ARGUMENT, "stream is NULL");
    assert_fails(bp_stream_read(NULL, 1, values, values, values, &cases), BP_ERROR_ARGUMENT,
                 "stream is NULL");
    assert_fails(bp_stream_read(stream, 1, NULL, values, values, &cases), BP_ERROR_ARGUMENT,
                 "inputs is NULL");
    assert_fails(bp_stream_read(stream, 1, values, NULL, values, &cases), BP_ERROR_ARGUMENT,
                 "targets is NULL, but the stream has 2 per case");
    assert_fails(bp_stream_read(stream, 1, values, values, NULL, &cases), BP_ERROR_ARGUMENT,
                 "case_weights is NULL, but the stream has them");
    assert_fails(bp_stream_read(stream, 1, values, values, values, NULL), BP_ERROR_ARGUMENT, "cases is NULL");
    assert_int_equal(source.reads, 0);
    assert_int_equal(cases, 77);
    bp_stream_destroy(stream);
}

/* After a failure the next call begins at the first case. */
static void test_a_failure(void **state)
{
    (void)state;
    const bp_data data = example_training();
    test_source source = {.fault = FAILS_TO_READ, .fault_case = 4, .fault_pass = 1};
    bp_stream *stream = test_stream(&source, &data);
    bp_real inputs[EXAMPLE_CASES * EXAMPLE_INPUTS], targets[EXAMPLE_CASES * EXAMPLE_OUTPUTS];
    size_t cases;
    assert_ok(bp_stream_read(stream, 4, inputs, targets, NULL, &cases));
    assert_fails(
        bp_stream_read(stream, 4, inputs, targets, NULL, &cases), BP_ERROR_FILE,
        "bp_stream_read: stream: the stream's read returned 'a file cannot be opened, read or written' "
        "after 4 cases");
    assert_ok(bp_stream_read(stream, EXAMPLE_CASES, inputs, targets, NULL, &cases));
    assert_int_equal(cases, EXAMPLE_CASES);
    assert_memory_equal(inputs, data.inputs, sizeof inputs);
    assert_int_equal(source.pass, 2);
    bp_stream_destroy(stream);
}

static void test_data_with_gaps_and_weights(void **state)
{
    (void)state;
    const bp_real inputs[] = {1, 2, 99, 3, 4, 99, 5, 6, 99}, targets[] = {7, 99, 8, 99, 9, 99},
                  weights[] = {1, 0, 2};
    bp_data data = bp_data_view(3, inputs, 2, targets, 1);
    data.input_stride = 3;
    data.target_stride = 2;
    data.case_weights = weights;
    bp_stream *stream = NULL;
    assert_ok(bp_stream_create_from_data(&stream, &data, NULL));
    bp_real x[6], d[3], w[3];
    const bp_real wanted_x[] = {1, 2, 3, 4, 5, 6}, wanted_d[] = {7, 8, 9};
    size_t cases;
    assert_ok(bp_stream_read(stream, 3, x, d, w, &cases));
    assert_int_equal(cases, 3);
    assert_memory_equal(x, wanted_x, sizeof x);
    assert_memory_equal(d, wanted_d, sizeof d);
    assert_memory_equal(w, weights, sizeof w);
    bp_stream_destroy(stream);
    assert_fails(bp_stream_create_from_data(NULL, &data, NULL), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_stream_create_from_data(&stream, NULL, NULL), BP_ERROR_ARGUMENT, "data is NULL");
    data.cases = 0;
    assert_fails(bp_stream_create_from_data(&stream, &data, NULL), BP_ERROR_ARGUMENT, "data.cases is 0");
}

/* ----------------------------------------------------------------------------------- records */

/* Reads a pass in parts of one size. */
static bp_status pass(bp_stream *stream, size_t part)
{
    case_buffer buffer;
    assert_ok(bpi_case_buffer_create(&buffer, &use, stream, part));
    bp_status status = bpi_stream_rewind(&use, stream);
    while (status == BP_OK && !stream->is_at_end) {
        buffer.count = 0;
        status = bpi_stream_fill(&use, stream, &buffer, part);
    }
    bpi_case_buffer_release(&buffer, stream);
    return status;
}

/* Passes may be read in other parts than the first one, and segments have any length. */
static void test_equal_passes(void **state)
{
    (void)state;
    bp_real weights[EXAMPLE_CASES];
    bp_data data = example_training();
    for (size_t i = 0; i < EXAMPLE_CASES; i++)
        weights[i] = (bp_real)i;
    data.case_weights = weights;
    for (size_t segment = 1; segment < EXAMPLE_CASES + 3; segment++) {
        test_source source = {0};
        bp_stream *stream = test_stream(&source, &data);
        stream_record record;
        assert_ok(bpi_stream_rewind(&use, stream));
        bpi_stream_attach_record(stream, &record, segment);
        assert_ok(pass(stream, 3));
        assert_true(record.is_complete);
        assert_int_equal(record.cases, EXAMPLE_CASES);
        assert_int_equal(record.count, (EXAMPLE_CASES + segment - 1) / segment);
        for (size_t part = 1; part < EXAMPLE_CASES + 3; part++)
            assert_ok(pass(stream, part));
        bpi_stream_detach_record(stream, &record);
        bp_stream_destroy(stream);
    }
}

/* Any value that changes is noticed at the end of its segment. */
static void test_each_value_that_changes(void **state)
{
    (void)state;
    bp_real inputs[10 * 5], targets[10], weights[10];
    for (size_t i = 0; i < COUNT(inputs); i++)
        inputs[i] = (bp_real)(i % 3);
    for (size_t i = 0; i < 10; i++)
        targets[i] = weights[i] = 1;
    bp_data data = bp_data_view(10, inputs, 5, targets, 1);
    data.case_weights = weights;
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &data);
    stream_record record;
    assert_ok(bpi_stream_rewind(&use, stream));
    bpi_stream_attach_record(stream, &record, 4);
    assert_ok(pass(stream, 4));
    for (size_t i = 0; i < COUNT(inputs) + 20; i++) {
        bp_real *value = i < 50 ? &inputs[i] : i < 60 ? &targets[i - 50] : &weights[i - 60];
        const size_t number = i < 50 ? i / 5 : (i - 50) % 10, segment = number / 4;
        char part[64];
        snprintf(part, sizeof part, "cases %zu to %zu are not those", 4 * segment,
                 segment == 2 ? 9 : 4 * segment + 3);
        *value += (bp_real)1e-3;
        assert_fails(pass(stream, 3), BP_ERROR_STATE, part);
        *value -= (bp_real)1e-3;
        *value = i < 50 ? (bp_real)(i % 3) : 1;
        assert_ok(pass(stream, 5));
    }
    bpi_stream_detach_record(stream, &record);
    bp_stream_destroy(stream);
}

static void test_seeking(void **state)
{
    (void)state;
    const bp_data data = example_training();
    test_source source = {.at_most = 2};
    bp_stream *stream = test_stream(&source, &data);
    case_buffer buffer;
    assert_ok(bpi_case_buffer_create(&buffer, &use, stream, 3));
    const size_t places[] = {5, 5, 9, 0, 12, 3, 13};
    for (size_t i = 0; i < COUNT(places); i++) {
        assert_ok(bpi_stream_seek(&use, stream, &buffer, places[i]));
        assert_int_equal(stream->position, places[i]);
        assert_int_equal(buffer.count, 0);
        assert_ok(bpi_stream_fill(&use, stream, &buffer, 1));
        assert_int_equal(buffer.count, places[i] < EXAMPLE_CASES);
        assert_memory_equal(buffer.inputs, data.inputs + (places[i] % EXAMPLE_CASES) * EXAMPLE_INPUTS,
                            buffer.count * EXAMPLE_INPUTS * sizeof *buffer.inputs);
    }
    bpi_case_buffer_release(&buffer, stream);
    bp_stream_destroy(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sources_that_are_refused),
        cmocka_unit_test(test_what_a_stream_says),
        cmocka_unit_test(test_parts_of_any_size),
        cmocka_unit_test(test_arguments_of_reading),
        cmocka_unit_test(test_a_failure),
        cmocka_unit_test(test_data_with_gaps_and_weights),
        cmocka_unit_test(test_equal_passes),
        cmocka_unit_test(test_each_value_that_changes),
        cmocka_unit_test(test_seeking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
