/*
 * The 25 sequences: all pairs of five letters, each of which stands for two digits. The letters are inputs at
 * steps 1 and 2, the digits of both are targets at steps 3 to 6. Twenty pairs are trained; the other five
 * measure generalization.
 */
#include "sequences.h"

#include <stdlib.h>

enum { LETTERS = 5, HIDDEN = 30, VALUES = 3, STEPS = 6, PAIR = 2 };
enum { CASES = LETTERS * LETTERS, INPUTS = PAIR * LETTERS, OUTPUTS = SEQUENCES_DIGITS * VALUES };

const sequences_setting sequences_synchronous = {1, 0, 0.02};
const sequences_setting sequences_averaged = {1, 1, 0.1};
const sequences_setting sequences_within_steps = {0, 0, 0.02};

typedef struct sequences {
    bp_real inputs[CASES][INPUTS]; /* the trained pairs first */
    bp_real targets[CASES][OUTPUTS];
} sequences;

/* ---------------------------------------------------------------------- the cases */

static void encode(sequences *all, size_t c, size_t first, size_t second)
{
    static const int digits[LETTERS][2] = {{1, 2}, {2, 3}, {3, 1}, {2, 1}, {1, 3}};
    const size_t letters[PAIR] = {first, second};
    for (size_t k = 0; k < PAIR; k++) {
        all->inputs[c][k * LETTERS + letters[k]] = 1;
        for (size_t d = 0; d < 2; d++)
            all->targets[c][(2 * k + d) * VALUES + (size_t)digits[letters[k]][d] - 1] = 1;
    }
}

static const sequences *all_sequences(void)
{
    static const size_t held_out[LETTERS] = {3, 4, 0, 1, 2}; /* AD, BE, CA, DB, EC */
    static sequences all;
    static int made;
    size_t trained = 0;
    if (made)
        return &all;
    made = 1;
    for (size_t first = 0; first < LETTERS; first++)
        for (size_t second = 0; second < LETTERS; second++)
            encode(&all, second == held_out[first] ? SEQUENCES_TRAINED + first : trained++, first, second);
    return &all;
}

static bp_data part(size_t first, size_t cases)
{
    const sequences *all = all_sequences();
    return bp_data_view(cases, all->inputs[first], INPUTS, all->targets[first], OUTPUTS);
}

/* ---------------------------------------------------------------------- the network */

/* Connects two layers, with a delay of one step or without. */
static void connect(bp_network *net, bp_layer *from, bp_layer *to, int delayed)
{
    bp_connect_options options;
    bp_connect_options_init(&options, sizeof options);
    options.delayed = delayed;
    paper_check(bp_network_connect_with(NULL, net, from, to, &options));
}

static bp_network *make_recurrent(int synchronous)
{
    bp_network *net = NULL;
    bp_layer *letter = NULL, *hidden = NULL, *digit = NULL;
    bp_real start[HIDDEN];
    for (size_t j = 0; j < HIDDEN; j++)
        start[j] = (bp_real)0.2;
    paper_check(bp_network_create(&net, NULL));
    paper_check(bp_network_add_input(&letter, net, "letter", LETTERS));
    paper_check(bp_network_add_layer(&hidden, net, "hidden", HIDDEN, bp_activation_logistic()));
    paper_check(bp_network_add_layer(&digit, net, "digit", VALUES, bp_activation_logistic()));
    connect(net, letter, hidden, synchronous);
    connect(net, hidden, hidden, 1);
    connect(net, hidden, digit, synchronous);
    paper_check(bp_layer_set_initial_state(hidden, start, 0));
    paper_check(bp_network_finalize(net));
    paper_check(bp_network_set_weight_init(net, bp_weight_init_uniform(-0.3, 0.3)));
    return net;
}

static bp_network *make_network(int synchronous)
{
    static const unsigned char letters[STEPS] = {1, 1, 0, 0, 0, 0}, digits[STEPS] = {0, 0, 1, 1, 1, 1};
    bp_network *recurrent = make_recurrent(synchronous), *net = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = STEPS;
    options.input_steps = letters;
    options.output_steps = digits;
    paper_check(bp_network_unroll(&net, recurrent, &options));
    bp_network_destroy(recurrent);
    return net;
}

/* ---------------------------------------------------------------------------- a run */

static int digit_is_right(const bp_real *y, const bp_real *target)
{
    int right = 1;
    for (size_t j = 0; j < VALUES; j++)
        right = right && (y[j] > (bp_real)0.5) == (target[j] > (bp_real)0.5);
    return right;
}

/* The number of sequences whose digits are all right; *digits receives the number of right digits. */
static size_t count_right(const bp_network *net, const bp_data *data, size_t *digits)
{
    size_t sequences_right = 0;
    bp_real *y = paper_outputs(net, data, NULL);
    *digits = 0;
    for (size_t c = 0; c < data->cases; c++) {
        size_t right = 0;
        for (size_t d = 0; d < SEQUENCES_DIGITS; d++)
            right += (size_t)digit_is_right(y + c * OUTPUTS + d * VALUES,
                                            data->targets + c * OUTPUTS + d * VALUES);
        sequences_right += right == SEQUENCES_DIGITS;
        *digits += right;
    }
    free(y);
    return sequences_right;
}

void sequences_run(const void *setting, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                   bp_network **net)
{
    const sequences_setting *s = setting;
    const bp_stop_rule rules[] = {bp_stop_within_tolerance(0.5), bp_stop_epochs(2000)};
    bp_data trained = part(0, SEQUENCES_TRAINED), held_out = part(SEQUENCES_TRAINED, SEQUENCES_HELD_OUT);
    size_t digits = 0;
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.loss = bp_loss_with_tolerance(bp_loss_squared_error(), 0.2);
    options.optimizer = bp_optimizer_momentum(s->rate, 0.5);
    options.momentum_schedule = bp_schedule_switch(0.5, 20, 0.9);
    options.weight_decay = 0.002;
    options.average_shared = s->averaged;
    options.stop_rules = rules;
    options.stop_rule_count = 2;

    *net = make_network(s->synchronous);
    paper_check(bp_network_initialize(*net, seed));
    bp_result result = paper_train(*net, &trained, &options, history);
    outcome->metric[SEQUENCES_TRAINED_RIGHT] = (double)count_right(*net, &trained, &digits);
    outcome->metric[SEQUENCES_HELD_OUT_RIGHT] = (double)count_right(*net, &held_out, &digits);
    outcome->metric[SEQUENCES_DIGITS_RIGHT] = (double)digits;
    outcome->solved = outcome->metric[SEQUENCES_TRAINED_RIGHT] >= SEQUENCES_TRAINED;
    outcome->sweeps = (double)result.epochs;
    outcome->error = result.error;
}

/* ---------------------------------------------------------------------- the report */

/* Moves the weights of the unrolled network to the recurrent one, which has a panel for each connection. */
static void draw_weights(const paper_options *options, const sequences_setting *setting,
                         const bp_network *net)
{
    bp_network *recurrent = make_recurrent(setting->synchronous);
    paper_check(bp_network_copy_weights(recurrent, net));
    paper_hinton_network(options, "sequences-weights", "25 sequences: weights", recurrent);
    bp_network_destroy(recurrent);
}

static void report(const paper_options *options, const char *title, const sequences_setting *setting,
                   int with_pictures)
{
    bp_network *net = NULL;
    paper_sample history = {0};
    paper_table(title, options);
    paper_summary s = paper_run_seeds(sequences_run, setting, options, &net, &history);
    const paper_sample *held_out = &s.metric[SEQUENCES_HELD_OUT_RIGHT];
    paper_row_solved(&s, "1 of 1", PAPER_NOTES);
    paper_row_sweeps(&s, "260", PAPER_NOTES);
    paper_row("held-out sequences right, of 5", "4 to 5", PAPER_SUMMARY, "%s", paper_spread(held_out, 0));
    paper_row("held-out digits right, of 20", NULL, PAPER_NONE, "%s",
              paper_spread(&s.metric[SEQUENCES_DIGITS_RIGHT], 0));
    paper_row("runs with 4 or 5 held-out sequences right", NULL, PAPER_NONE, "%zu of %zu",
              s.runs - paper_count_at_most(held_out, 3), s.runs);
    paper_row_error(&s);
    if (with_pictures) {
        paper_curve(options, "sequences-error", "25 sequences: E of every sweep", &history);
        draw_weights(options, setting, net);
    }
    paper_sample_free(&history);
    paper_summary_free(&s);
    bp_network_destroy(net);
}

void sequences_report(const paper_options *options)
{
    report(options,
           "All connections delayed by a step; derivatives averaged over the steps, learning rate 0.1",
           &sequences_averaged, 1);
    report(options, "All connections delayed by a step; derivatives summed, learning rate 0.02",
           &sequences_synchronous, 0);
    report(options, "Only connections between hidden units delayed; derivatives summed, learning rate 0.02",
           &sequences_within_steps, 0);
}
