#include "bits/cases.h"

#include <stdlib.h>

#include "bits/must.h"

/* Numbers as data have them: in a range, mostly zeros, zeros and ones, or so large that units saturate. */
static void fill(draw_stream *stream, bp_real *values, size_t count)
{
    size_t kind = draw_below(stream, 8);
    double range = kind == 7 ? 25 : 1;
    for (size_t i = 0; i < count; i++) {
        double value = draw_real(stream, -range, range);
        if (kind == 5)
            value = value > 0.5 ? value : 0;
        if (kind == 6)
            value = value > 0 ? 1 : 0;
        values[i] = (bp_real)value;
    }
}

/* In 0..1, where all losses take them: anywhere, or 0 and 1. */
static void fill_targets(draw_stream *stream, bp_real *values, size_t count)
{
    int is_class = draw_one_in(stream, 2);
    for (size_t i = 0; i < count; i++) {
        double value = draw_real(stream, 0, 1);
        values[i] = (bp_real)(is_class ? value > 0.5 : value);
    }
}

static size_t draw_count(draw_stream *stream, size_t most)
{
    size_t few = most < 40 ? most : 40;
    switch (draw_below(stream, 4)) {
    case 0:
        return draw_between(stream, 1, 3);
    case 1:
        return most;
    case 2:
        return draw_between(stream, 1, few);
    default:
        return draw_between(stream, few, most);
    }
}

random_cases random_cases_create(const random_net *made, size_t most, draw_stream *stream)
{
    random_cases cases = {.inputs = NULL};
    size_t inputs = bp_network_input_width(made->net), outputs = bp_network_output_width(made->net);
    size_t gap = draw_one_in(stream, 3) ? draw_between(stream, 1, 5) : 0;
    size_t count = draw_count(stream, most);
    cases.inputs = must_allocate(count * (inputs + gap), sizeof *cases.inputs);
    cases.targets = must_allocate(count * (outputs + gap), sizeof *cases.targets);
    fill(stream, cases.inputs, count * (inputs + gap));
    fill_targets(stream, cases.targets, count * (outputs + gap));
    cases.data =
        bp_data_view(count, cases.inputs, inputs / made->steps, cases.targets, outputs / made->steps);
    cases.data.steps = made->steps;
    cases.data.input_stride = gap == 0 ? 0 : inputs + gap;
    cases.data.target_stride = gap == 0 ? 0 : outputs + gap;
    if (!draw_one_in(stream, 3))
        return cases;
    cases.case_weights = must_allocate(count, sizeof *cases.case_weights);
    for (size_t i = 0; i < count; i++)
        cases.case_weights[i] = draw_one_in(stream, 6) ? 0 : (bp_real)draw_real(stream, 0, 2);
    cases.data.case_weights = cases.case_weights;
    return cases;
}

void random_cases_destroy(random_cases *cases)
{
    free(cases->inputs);
    free(cases->targets);
    free(cases->case_weights);
}

bp_data random_cases_part(const random_cases *cases, size_t first, size_t count)
{
    bp_data part = cases->data;
    size_t inputs = part.input_stride > 0 ? part.input_stride : part.input_width * part.steps;
    size_t targets = part.target_stride > 0 ? part.target_stride : part.target_width * part.steps;
    part.cases = count;
    part.inputs += first * inputs;
    part.targets += first * targets;
    if (part.case_weights != NULL)
        part.case_weights += first;
    return part;
}

static void draw_columns(draw_stream *stream, bp_real *offsets, bp_real *factors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        offsets[i] = (bp_real)draw_real(stream, -1, 1);
        factors[i] = (bp_real)draw_real(stream, 0.5, 2);
    }
}

static void set_drawn_scaling(const random_net *made, draw_stream *stream)
{
    size_t inputs = bp_network_input_width(made->net), outputs = bp_network_output_width(made->net);
    size_t most = inputs > outputs ? inputs : outputs;
    bp_real *offsets = must_allocate(2 * most, sizeof *offsets), *factors = offsets + most;
    draw_columns(stream, offsets, factors, inputs);
    MUST(bp_network_set_input_scaling(made->net, offsets, factors, inputs));
    draw_columns(stream, offsets, factors, outputs);
    if (!made->is_probability)
        MUST(bp_network_set_target_scaling(made->net, offsets, factors, outputs));
    free(offsets);
}

void random_cases_scale(const random_net *made, const random_cases *cases, draw_stream *stream)
{
    switch (draw_below(stream, 9)) {
    case 0:
        MUST(bp_network_fit_scaling(made->net, &cases->data, bp_scaling_standard(),
                                    made->is_probability ? bp_scaling_none() : bp_scaling_min_max(0.1, 0.9)));
        return;
    case 1:
        MUST(bp_network_fit_scaling(made->net, &cases->data, bp_scaling_min_max(-1, 1), bp_scaling_none()));
        return;
    case 2:
        set_drawn_scaling(made, stream);
        return;
    default:
        return;
    }
}
