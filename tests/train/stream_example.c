#include "train/stream_example.h"

#include <math.h>
#include <string.h>

static bool is_faulty(const test_source *source, source_fault fault)
{
    return source->fault == fault && (source->fault_pass == 0 || source->fault_pass == source->pass);
}

static size_t last_case(const test_source *source)
{
    if (is_faulty(source, ENDS_EARLY))
        return source->fault_case;
    return source->data.cases + is_faulty(source, GOES_ON);
}

/* The case after the last is the first one. */
static void copy_case(const test_source *source, size_t number, bp_real *inputs, bp_real *targets,
                      bp_real *weight)
{
    const bp_data *data = &source->data;
    const size_t from = number % data->cases;
    memcpy(inputs, data->inputs + from * data->input_width, data->input_width * sizeof *inputs);
    if (data->targets != NULL)
        memcpy(targets, data->targets + from * data->target_width, data->target_width * sizeof *targets);
    if (data->case_weights != NULL)
        *weight = data->case_weights[from];
    if (is_faulty(source, DELIVERS_NAN) && number == source->fault_case)
        inputs[0] = (bp_real)NAN;
    if (is_faulty(source, CHANGES) && number == source->fault_case)
        targets[0] += (bp_real)0.125;
}

static bp_status read_cases(void *context, size_t count, bp_real *inputs, bp_real *targets,
                            bp_real *case_weights, size_t *cases)
{
    test_source *source = context;
    const bp_data *data = &source->data;
    assert_true(count >= 1);
    assert_int_equal(targets == NULL, data->targets == NULL);
    assert_int_equal(case_weights == NULL, data->case_weights == NULL);
    source->reads++;
    source->most_wanted = count > source->most_wanted ? count : source->most_wanted;
    if (source->at_most > 0 && count > source->at_most)
        count = source->at_most;
    if (is_faulty(source, FAILS_TO_READ) && source->next + count > source->fault_case)
        return BP_ERROR_FILE;
    if (is_faulty(source, CLAIMS_DIVERGENCE))
        return BP_DIVERGED;
    for (*cases = 0; *cases < count && source->next < last_case(source); ++*cases, source->next++)
        copy_case(source, source->next, inputs + *cases * data->input_width,
                  targets == NULL ? NULL : targets + *cases * data->target_width,
                  case_weights == NULL ? NULL : case_weights + *cases);
    if (is_faulty(source, DELIVERS_TOO_MUCH))
        *cases = count + 1;
    return BP_OK;
}

static bp_status rewind_cases(void *context)
{
    test_source *source = context;
    source->next = 0;
    source->pass++;
    return is_faulty(source, FAILS_TO_REWIND) ? BP_ERROR_FILE : BP_OK;
}

static void release(void *context)
{
    ((test_source *)context)->releases++;
}

bp_status test_stream_create(bp_stream **out, test_source *source, const bp_data *data,
                             const bp_allocator *allocator)
{
    source->data = *data;
    bp_stream_source given;
    bp_stream_source_init(&given, sizeof given);
    given.input_width = data->input_width;
    given.target_width = data->targets == NULL ? 0 : data->target_width;
    given.has_case_weights = data->case_weights != NULL;
    given.cases = source->promised;
    given.varies = source->varies;
    given.read = read_cases;
    given.rewind = rewind_cases;
    given.release = release;
    given.context = source;
    return bp_stream_create(out, &given, allocator);
}

bp_stream *test_stream(test_source *source, const bp_data *data)
{
    bp_stream *stream = NULL;
    assert_ok(test_stream_create(&stream, source, data, NULL));
    return stream;
}
