/*
 * The T-C problem: is it a T or a C, each of five pixels, in any of four rotations? The two have
 * the same pairs of pixels, so that it takes three together to tell. Hidden units look at the retina through
 * windows of 3 x 3, one for each place where a window lies on it, and all have the same weights; so have
 * their connections to the one output. What the output sees is therefore how many windows respond, not where.
 */
#include "tc.h"

#include <stdlib.h>
#include <string.h>

enum {
    RETINA = TC_RETINA,
    PIXELS = RETINA * RETINA,
    SIDE = 3, /* of a letter */
    EDGE = (RETINA - SIDE) / 2,
    PLACES = RETINA - TC_KERNEL + 1, /* of a window, across and down */
    WINDOWS = PLACES * PLACES,
    WEIGHTS = TC_KERNEL * TC_KERNEL,
    MIDDLE = WEIGHTS / 2,
    ROTATIONS = 4,
    CASES = 2 * ROTATIONS
};

/* ------------------------------------------------------------------------ the cases */

static void draw_letter(bp_real *retina, const char *letter, size_t rotations)
{
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++) {
            size_t row = y, column = x;
            for (size_t r = 0; r < rotations; r++) {
                size_t old_row = row;
                row = column;
                column = SIDE - 1 - old_row;
            }
            retina[(row + EDGE) * RETINA + column + EDGE] = letter[y * SIDE + x] == '#';
        }
}

bp_data tc_cases(void)
{
    static const char *const letters[] = {"###"
                                          ".#."
                                          ".#.",
                                          "##."
                                          "#.."
                                          "##."};
    static bp_real inputs[CASES][PIXELS], targets[CASES];
    for (size_t c = 0; c < CASES; c++) {
        draw_letter(inputs[c], letters[c / ROTATIONS], c % ROTATIONS);
        targets[c] = (bp_real)(c / ROTATIONS);
    }
    return bp_data_view(CASES, inputs[0], PIXELS, targets, 1);
}

/* ---------------------------------------------------------------------- the network */

/* A slice of the weight vector whose weights are kept equal. */
typedef struct equal_weights {
    size_t offset, count;
} equal_weights;

/* A bp_gradient_hook: the derivative of a weight that stands in several places is the sum over them. */
static bp_status keep_equal(void *context, bp_real *gradient, size_t count)
{
    const equal_weights *slice = context;
    bp_real sum = 0;
    (void)count;
    for (size_t i = 0; i < slice->count; i++)
        sum += gradient[slice->offset + i];
    for (size_t i = 0; i < slice->count; i++)
        gradient[slice->offset + i] = sum;
    return BP_OK;
}

/* Gives all weights the value of the first. */
static void make_equal(bp_connection *connection)
{
    bp_real weights[WINDOWS];
    paper_check(bp_connection_get_weights(connection, weights, WINDOWS));
    for (size_t i = 1; i < WINDOWS; i++)
        weights[i] = weights[0];
    paper_check(bp_connection_set_weights(connection, weights, WINDOWS));
}

static bp_network *make_network(uint64_t seed, equal_weights *votes)
{
    bp_network *net = NULL;
    bp_layer *retina = NULL, *window = NULL, *answer = NULL;
    bp_connection *vote = NULL;
    bp_field field;
    bp_field_init(&field, sizeof field);
    field.height = field.width = RETINA;
    field.kernel_height = field.kernel_width = TC_KERNEL;
    paper_check(bp_network_create(&net, NULL));
    paper_check(bp_network_add_input(&retina, net, "retina", PIXELS));
    paper_check(bp_network_add_layer(&window, net, "window", WINDOWS, bp_activation_logistic()));
    paper_check(bp_network_add_layer(&answer, net, "answer", 1, bp_activation_logistic()));
    paper_check(bp_network_connect_field(NULL, net, retina, window, &field));
    paper_check(bp_network_connect(&vote, net, window, answer));
    paper_check(bp_network_finalize(net));
    paper_check(bp_network_set_init(net, bp_init_uniform(-0.3, 0.3)));
    paper_check(bp_network_initialize(net, seed));
    make_equal(vote);
    *votes = (equal_weights){bp_connection_offset(vote), WINDOWS};
    return net;
}

/* ----------------------------------------------------------------------- the kernel */

tc_kind tc_kind_of(const bp_real *kernel)
{
    static const unsigned lines[] = {0007, 0070, 0700, 0111, 0222, 0444, 0124, 0421};
    unsigned positive = 0, count = 0;
    for (size_t i = 0; i < WEIGHTS; i++)
        if (kernel[i] > 0) {
            positive |= 1u << i;
            count++;
        }
    unsigned few = count > MIDDLE ? ~positive & 0777 : positive; /* of the sign that fewer have */
    if (few == 0)
        return TC_COMPACTNESS;
    if (few == 1u << MIDDLE)
        return TC_CENTRE;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (few == lines[i])
            return TC_BAR;
    return TC_OTHER;
}

static void look_at_kernel(const bp_network *net, tc_gallery *gallery, double *figure)
{
    const bp_connection *field = bp_network_connection(net, 0);
    bp_real kernel[WEIGHTS];
    paper_check(bp_connection_get_weights(field, kernel, WEIGHTS));
    tc_kind kind = tc_kind_of(kernel);
    for (size_t k = 0; k < TC_KINDS; k++)
        figure[k] = k == kind;
    if (gallery != NULL && !gallery->found[kind]) {
        gallery->found[kind] = 1;
        memcpy(gallery->kernel[kind], kernel, sizeof kernel);
    }
}

/* ---------------------------------------------------------------------------- a run */

void tc_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
            bp_network **net)
{
    const bp_stop_rule rules[] = {bp_stop_within_tolerance(0.2), bp_stop_epochs(10000)};
    bp_data data = tc_cases();
    equal_weights votes;
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.05, 0.9);
    options.on_gradient = keep_equal;
    options.on_gradient_context = &votes;
    options.stop_rules = rules;
    options.stop_rule_count = 2;

    *net = make_network(seed, &votes);
    bp_result result = paper_train(*net, &data, &options, history);
    outcome->solved = result.reason == BP_STOP_TOLERANCE;
    outcome->sweeps = (double)result.epochs;
    outcome->error = result.error;
    if (outcome->solved)
        look_at_kernel(*net, ((const tc_setting *)setting)->gallery, outcome->figure);
}

/* ----------------------------------------------------------------------- the report */

static void draw_kernels(const paper_options *options, const tc_gallery *gallery)
{
    static const char *const labels[TC_KINDS] = {"compactness", "centre and surround", "bar", "another"};
    paper_panel panels[TC_KINDS];
    size_t count = 0;
    for (size_t k = 0; k < TC_KINDS; k++)
        if (gallery->found[k])
            panels[count++] = (paper_panel){labels[k], gallery->kernel[k], TC_KERNEL, TC_KERNEL, NULL, NULL};
    if (count > 0)
        paper_hinton(options, "tc", "T-C: the first kernel of each kind", panels, count, TC_KINDS);
}

void tc_report(const paper_options *options)
{
    tc_gallery gallery = {0};
    const tc_setting setting = {&gallery};
    paper_sample history = {0};
    paper_table("8 letters, one kernel of 3 x 3; rate 0.05, momentum 0.9, start weights in +-0.3", options);
    paper_summary s = paper_run_seeds(tc_run, &setting, options, NULL, &history);
    paper_row_solved(&s, NULL, PAPER_NONE);
    paper_row_sweeps(&s, "5,000 to 10,000", PAPER_MEMORY);
    paper_row_stuck(&s, NULL, PAPER_NONE);
    paper_row_share("compactness: all weights of one sign", "found", PAPER_SUMMARY,
                    &s.figure[TC_COMPACTNESS]);
    paper_row_share("centre against surround", "found", PAPER_SUMMARY, &s.figure[TC_CENTRE]);
    paper_row_share("a bar against the rest", "found", PAPER_SUMMARY, &s.figure[TC_BAR]);
    paper_row_share("another kernel", NULL, PAPER_NONE, &s.figure[TC_OTHER]);
    draw_kernels(options, &gallery);
    paper_curve(options, "tc-error", "T-C: E of every sweep", &history);
    paper_sample_free(&history);
    paper_summary_free(&s);
}
