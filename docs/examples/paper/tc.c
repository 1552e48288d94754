/*
 * The T-C problem: tell a T from a C, each of five pixels, in any of four rotations. Both letters have the
 * same distances between pairs of pixels, so that a detector needs at least three pixels. The hidden units
 * have receptive fields of 3 x 3 pixels at every position of the retina and share one kernel, a convolution.
 * Their connections to the output share one weight, so the output depends on how many units respond, not on
 * which.
 */
#include "tc.h"

#include <stdlib.h>
#include <string.h>

enum {
    RETINA = TC_RETINA,
    PIXELS = RETINA * RETINA,
    SIDE = 3, /* height and width of a letter */
    EDGE = (RETINA - SIDE) / 2,
    POSITIONS = RETINA - TC_KERNEL + 1, /* of a receptive field, across and down */
    FIELDS = POSITIONS * POSITIONS,
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

/* A range of the weight vector whose weights are copies of one. */
typedef struct tied_weights {
    size_t offset, count;
} tied_weights;

/* A bp_gradient_hook: the derivative of a shared weight is the sum over its copies. */
static bp_status sum_over_copies(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    const tied_weights *slice = context;
    bp_real *gradient = batch->gradient, sum = 0;
    (void)reply;
    for (size_t i = 0; i < slice->count; i++)
        sum += gradient[slice->offset + i];
    for (size_t i = 0; i < slice->count; i++)
        gradient[slice->offset + i] = sum;
    return BP_OK;
}

/* Sets all weights of the connection to the first. */
static void set_all_to_first(bp_connection *connection)
{
    bp_real weights[FIELDS];
    paper_check(bp_connection_get_weights(connection, weights, FIELDS));
    for (size_t i = 1; i < FIELDS; i++)
        weights[i] = weights[0];
    paper_check(bp_connection_set_weights(connection, weights, FIELDS));
}

/* The range of the weights from the receptive fields to the output goes to *tied. */
static bp_network *make_network(uint64_t seed, tied_weights *tied)
{
    bp_network *net = NULL;
    bp_layer *retina = NULL, *window = NULL, *answer = NULL;
    bp_connection *to_answer = NULL;
    bp_convolution field;
    bp_convolution_init(&field, sizeof field);
    field.height = field.width = RETINA;
    field.kernel_height = field.kernel_width = TC_KERNEL;
    bp_connect_options by_kernels;
    bp_connect_options_init(&by_kernels, sizeof by_kernels);
    by_kernels.convolution = &field;
    paper_check(bp_network_create(&net, NULL));
    paper_check(bp_network_add_input(&retina, net, "retina", PIXELS));
    paper_check(bp_network_add_layer(&window, net, "window", FIELDS, bp_activation_logistic()));
    paper_check(bp_network_add_layer(&answer, net, "answer", 1, bp_activation_logistic()));
    paper_check(bp_network_connect_with(NULL, net, retina, window, &by_kernels));
    paper_check(bp_network_connect(&to_answer, net, window, answer));
    paper_check(bp_network_finalize(net));
    paper_check(bp_network_set_weight_init(net, bp_weight_init_uniform(-0.3, 0.3)));
    paper_check(bp_network_initialize(net, seed));
    set_all_to_first(to_answer);
    *tied = (tied_weights){bp_connection_offset(to_answer), FIELDS};
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
    unsigned few = count > MIDDLE ? ~positive & 0777 : positive; /* the weights of the rarer sign */
    if (few == 0)
        return TC_COMPACTNESS;
    if (few == 1u << MIDDLE)
        return TC_CENTRE;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (few == lines[i])
            return TC_BAR;
    return TC_OTHER;
}

static void classify_kernel(const bp_network *net, tc_examples *examples, double *metric)
{
    const bp_connection *field = bp_network_connection(net, 0);
    bp_real kernel[WEIGHTS];
    paper_check(bp_connection_get_weights(field, kernel, WEIGHTS));
    tc_kind kind = tc_kind_of(kernel);
    for (size_t k = 0; k < TC_KINDS; k++)
        metric[k] = k == kind;
    if (examples != NULL && !examples->found[kind]) {
        examples->found[kind] = 1;
        memcpy(examples->kernel[kind], kernel, sizeof kernel);
    }
}

/* ---------------------------------------------------------------------------- a run */

void tc_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
            bp_network **net)
{
    const bp_stop_rule rules[] = {bp_stop_within_tolerance(0.2), bp_stop_epochs(10000)};
    bp_data data = tc_cases();
    tied_weights tied;
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.05, 0.9);
    options.on_gradient = sum_over_copies;
    options.on_gradient_context = &tied;
    options.stop_rules = rules;
    options.stop_rule_count = 2;

    *net = make_network(seed, &tied);
    bp_result result = paper_train(*net, &data, &options, history);
    outcome->solved = result.reason == BP_STOP_WITHIN_TOLERANCE;
    outcome->sweeps = (double)result.epochs;
    outcome->error = result.error;
    if (outcome->solved)
        classify_kernel(*net, ((const tc_setting *)setting)->examples, outcome->metric);
}

/* ----------------------------------------------------------------------- the report */

static void draw_kernels(const paper_options *options, const tc_examples *examples)
{
    static const char *const labels[TC_KINDS] = {"compactness", "centre and surround", "bar", "other"};
    paper_panel panels[TC_KINDS];
    size_t count = 0;
    for (size_t k = 0; k < TC_KINDS; k++)
        if (examples->found[k])
            panels[count++] = (paper_panel){labels[k], examples->kernel[k], TC_KERNEL, TC_KERNEL, NULL, NULL};
    if (count > 0)
        paper_hinton(options, "tc", "T-C: the first kernel of each kind", panels, count, TC_KINDS);
}

void tc_report(const paper_options *options)
{
    tc_examples examples = {0};
    const tc_setting setting = {&examples};
    paper_sample history = {0};
    paper_table("8 letters, one kernel of 3 x 3; learning rate 0.05, momentum 0.9, initial weights in ±0.3",
                options);
    paper_summary s = paper_run_seeds(tc_run, &setting, options, NULL, &history);
    paper_row_solved(&s, NULL, PAPER_NONE);
    paper_row_sweeps(&s, "5,000 to 10,000", PAPER_MEMORY);
    paper_row_unsolved_error(&s, NULL, PAPER_NONE);
    paper_row_share("compactness: all weights of one sign", "found", PAPER_SUMMARY,
                    &s.metric[TC_COMPACTNESS]);
    paper_row_share("centre against surround", "found", PAPER_SUMMARY, &s.metric[TC_CENTRE]);
    paper_row_share("a bar against the rest", "found", PAPER_SUMMARY, &s.metric[TC_BAR]);
    paper_row_share("other kernels", NULL, PAPER_NONE, &s.metric[TC_OTHER]);
    draw_kernels(options, &examples);
    paper_curve(options, "tc-error", "T-C: E of every sweep", &history);
    paper_sample_free(&history);
    paper_summary_free(&s);
}
