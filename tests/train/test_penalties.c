/* L1, L2, max-norm and clipping: against plain loops, the known solution of the lasso, what must always hold,
 * and that neither threads nor paths nor pauses show. */
#include "train/penalties.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference/random_network.h"
#include "train/starts_example.h"
#include "train/stream_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define EPSILON      TOLERANCE((double)FLT_EPSILON, DBL_EPSILON)

/* Squared error, the mean of all cases, and no choices. */
static bp_trainer_options plain_options(bp_stop_rule *rule, size_t epochs)
{
    *rule = bp_stop_epochs(epochs);
    bp_trainer_options options = options_with(rule, 1);
    options.loss = bp_loss_squared_error();
    options.optimizer = bp_optimizer_momentum(0.05, 0.9);
    options.weight_decay = 0;
    options.batch_size = 0;
    options.reduction = BP_REDUCE_MEAN;
    options.scale_data = 0;
    options.recoveries = 0;
    return options;
}

static void train(bp_network *net, const bp_trainer_options *options, const bp_data *data)
{
    bp_trainer *trainer = make_trainer(net, options);
    assert_ok(bp_trainer_run(trainer, data, NULL, NULL));
    bp_trainer_destroy(trainer);
}

/* -------------------------------------------------------------------- plain loops */

static double soft(double w, double t)
{
    return w > t ? w - t : w < -t ? w + t : 0;
}

static void oracle_clip(double *g, size_t count, const bp_trainer_options *options)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        if (options->clip_value > 0 && fabs(g[i]) > options->clip_value)
            g[i] = g[i] > 0 ? options->clip_value : -options->clip_value;
        squares += g[i] * g[i];
    }
    for (size_t i = 0; options->clip_norm > 0 && i < count; i++)
        g[i] *= fmin(1, options->clip_norm / sqrt(squares));
}

/* Rows of the 3-4-2 network: 4 of 3 weights, 2 of 4. */
static void oracle_limit(double *w, double limit)
{
    const size_t first[] = {0, 3, 6, 9, 16, 20}, length[] = {3, 3, 3, 3, 4, 4};
    for (size_t j = 0; limit > 0 && j < 6; j++) {
        double squares = 0;
        for (size_t i = 0; i < length[j]; i++)
            squares += w[first[j] + i] * w[first[j] + i];
        for (size_t i = 0; sqrt(squares) > limit && i < length[j]; i++)
            w[first[j] + i] *= limit / sqrt(squares);
    }
}

/* [RHW86] eq. 9 with all options, in double; only the gradient comes from the library. */
static void oracle(bp_network *net, const bp_data *data, const bp_trainer_options *options, size_t updates)
{
    const double rate = options->optimizer.learning_rate, momentum = options->optimizer.momentum;
    double w[EXAMPLE_WEIGHTS], g[EXAMPLE_WEIGHTS], last[EXAMPLE_WEIGHTS] = {0};
    bp_real rounded[EXAMPLE_WEIGHTS], gradient[EXAMPLE_WEIGHTS];
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        w[i] = (double)bp_network_weights(net, NULL)[i];
    for (size_t n = 0; n < updates; n++) {
        double error;
        assert_ok(bp_network_gradient(net, workspace, data, bp_loss_squared_error(), &error, gradient));
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
            g[i] = (double)gradient[i] / (double)data->cases;
        oracle_clip(g, EXAMPLE_WEIGHTS, options);
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++) {
            last[i] = momentum * last[i] - rate * (g[i] + options->l2 * w[i]);
            w[i] = soft(w[i] + last[i], options->l1 * rate / (1 - momentum));
        }
        oracle_limit(w, options->max_norm);
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
            rounded[i] = (bp_real)w[i];
        assert_ok(bp_network_set_weights(net, rounded, EXAMPLE_WEIGHTS));
    }
    bp_workspace_destroy(workspace);
}

static void test_against_plain_loops(void **state)
{
    (void)state;
    const struct {
        double l1, l2, max_norm, clip_value, clip_norm;
    } rows[] = {{0.002, 0, 0, 0, 0}, {0, 0.1, 0, 0, 0},  {0, 0, 0.5, 0, 0},
                {0, 0, 0, 0.01, 0},  {0, 0, 0, 0, 0.02}, {0.001, 0.02, 0.7, 0.03, 0.05}};
    const bp_data data = example_training();
    for (size_t i = 0; i < COUNT(rows); i++) {
        bp_stop_rule rule;
        bp_trainer_options options = plain_options(&rule, 30);
        options.l1 = rows[i].l1;
        options.l2 = rows[i].l2;
        options.max_norm = rows[i].max_norm;
        options.clip_value = rows[i].clip_value;
        options.clip_norm = rows[i].clip_norm;
        bp_network *net = example_network(3), *wanted = example_network(3), *without = example_network(3);
        train(net, &options, &data);
        oracle(wanted, &data, &options, 30);
        options.l1 = options.l2 = options.max_norm = options.clip_value = options.clip_norm = 0;
        train(without, &options, &data);
        double off = 0, moved = 0;
        for (size_t j = 0; j < EXAMPLE_WEIGHTS; j++) {
            const double w = (double)bp_network_weights(net, NULL)[j];
            off = fmax(off, fabs(w - (double)bp_network_weights(wanted, NULL)[j]));
            moved = fmax(moved, fabs(w - (double)bp_network_weights(without, NULL)[j]));
        }
        assert_true(off < 100 * EPSILON);
        assert_true(moved > 1e-3);
        bp_network_destroy(net);
        bp_network_destroy(wanted);
        bp_network_destroy(without);
    }
}

/* Adam with l2 in the gradient, algorithm 1 of Kingma & Ba, on one linear unit: y = w x. */
static void test_l2_with_adam(void **state)
{
    (void)state;
    const bp_real x[] = {1, -2, (bp_real)0.5}, d[] = {2, -3, 1};
    const bp_data data = bp_data_view(3, x, 1, d, 1);
    bp_network *net = numbered_network();
    bp_stop_rule rule;
    bp_trainer_options options = plain_options(&rule, 40);
    options.optimizer = bp_optimizer_adam(0.05, 0.9, 0.999, 1e-8);
    options.l2 = 0.3;
    train(net, &options, &data);
    double w = 0, m = 0, v = 0;
    for (int t = 1; t <= 40; t++) {
        double g = 0.3 * w;
        for (size_t i = 0; i < 3; i++)
            g += (w * (double)x[i] - (double)d[i]) * (double)x[i] / 3;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        w -= 0.05 * (m / (1 - pow(0.9, t))) / (sqrt(v / (1 - pow(0.999, t))) + 1e-8);
    }
    assert_true(fabs((double)bp_network_weights(net, NULL)[0] - w) < 100 * EPSILON);
    bp_network_destroy(net);
}

/* ---------------------------------------------------------------------- the lasso */

static bp_network *linear_unit(size_t inputs)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", inputs));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_linear()));
    assert_ok(bp_layer_enable_bias(out, 0));
    assert_ok(bp_network_connect(NULL, net, in, out));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

/* Columns of a Hadamard matrix: sum over cases of x_i x_j is 4 if i = j, else 0. With the mean E, the minimum
 * of E + lambda sum |w| is w_j = soft(x_j . d / 4, lambda); Tibshirani 1996, eq. 3. */
static void test_the_lasso_with_orthogonal_columns(void **state)
{
    (void)state;
    const bp_real x[] = {1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1};
    const bp_real d[] = {3, 1, (bp_real)-0.5, (bp_real)0.5};
    const double least_squares[] = {1, 0.25, 1, 0.75}; /* x_j . d / 4 */
    const bp_data data = bp_data_view(4, x, 4, d, 1);
    const bp_optimizer rules[] = {bp_optimizer_gradient_descent(0.3), bp_optimizer_momentum(0.05, 0.9),
                                  bp_optimizer_nesterov(0.05, 0.9)};
    for (size_t i = 0; i < COUNT(rules); i++) {
        bp_stop_rule rule;
        bp_network *net = linear_unit(4);
        bp_trainer_options options = plain_options(&rule, 2000);
        options.optimizer = rules[i];
        options.l1 = 0.8;
        train(net, &options, &data);
        for (size_t j = 0; j < 4; j++) {
            const double wanted = soft(least_squares[j], 0.8), w = (double)bp_network_weights(net, NULL)[j];
            assert_true(wanted == 0 ? w == 0 : fabs(w - wanted) < 20 * EPSILON);
        }
        bp_network_destroy(net);
    }
}

/* The conditions of the minimum: dE/dw = -lambda sign(w) where w is not 0, else |dE/dw| <= lambda. */
static void test_the_conditions_of_the_lasso(void **state)
{
    (void)state;
    enum { CASES = 40, INPUTS = 12 };
    bp_real x[CASES * INPUTS], d[CASES], g[INPUTS];
    uint64_t seed = 5;
    for (size_t c = 0; c < CASES; c++) {
        for (size_t i = 0; i < INPUTS; i++)
            x[c * INPUTS + i] = (bp_real)test_uniform(&seed, -1, 1);
        x[c * INPUTS + 1] += x[c * INPUTS]; /* correlated */
        d[c] = 2 * x[c * INPUTS] - x[c * INPUTS + 3] + (bp_real)test_uniform(&seed, -0.2, 0.2);
    }
    const bp_data data = bp_data_view(CASES, x, INPUTS, d, 1);
    bp_network *net = linear_unit(INPUTS);
    bp_workspace *workspace = NULL;
    bp_stop_rule rule;
    bp_trainer_options options = plain_options(&rule, 4000);
    const double lambda = options.l1 = 0.05;
    size_t zeros = 0;
    train(net, &options, &data);
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, g));
    for (size_t i = 0; i < INPUTS; i++) {
        const double w = (double)bp_network_weights(net, NULL)[i], slope = (double)g[i] / CASES;
        zeros += w == 0;
        if (w == 0)
            assert_true(fabs(slope) <= lambda * 1.0001);
        else
            assert_true(fabs(slope + (w > 0 ? lambda : -lambda)) < 1e-4);
    }
    assert_true(zeros >= 6 && zeros < INPUTS);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ------------------------------------------- biases, factors, and frozen weights */

static void test_which_weights_are_drawn_to_zero(void **state)
{
    (void)state;
    const bp_data data = example_training();
    bp_stop_rule rule;
    bp_trainer_options options = plain_options(&rule, 50);
    options.l1 = 100; /* all of them, at once */
    options.no_bias_decay = 1;
    bp_network *net = example_network(4);
    bp_real before[EXAMPLE_WEIGHTS];
    memcpy(before, bp_network_weights(net, NULL), sizeof before);
    bp_connection *second = bp_network_connection(net, 1);
    assert_ok(bp_connection_set_trainable(second, 0));
    train(net, &options, &data);
    const bp_real *w = bp_network_weights(net, NULL);
    for (size_t i = 0; i < 12; i++)
        assert_true(w[i] == 0 && !signbit(w[i]));
    assert_memory_equal(w + 16, before + 16, 8 * sizeof *w); /* frozen */
    assert_true(w[24] != 0 && w[25] != 0);                   /* biases */
    assert_ok(bp_connection_set_trainable(second, 1));
    assert_ok(bp_connection_set_decay_factor(second, 0));
    options.no_bias_decay = 0;
    train(net, &options, &data);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        assert_true((w[i] == 0) == (i < 16 || i >= 24));
    bp_network_destroy(net);
}

/* No decay is chosen beside a penalty of the caller's: the same weights as without any. */
static void test_no_decay_is_chosen_beside_them(void **state)
{
    (void)state;
    enum { CASES = 80 };
    bp_real x[CASES * 3], d[CASES * 2];
    uint64_t seed = 8;
    for (size_t i = 0; i < CASES * 3; i++)
        x[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < CASES * 2; i++)
        d[i] = (bp_real)test_uniform(&seed, 0.1, 0.9);
    const bp_data data = bp_data_view(CASES, x, 3, d, 2);
    for (size_t i = 0; i < 2; i++) {
        bp_stop_rule rule;
        bp_network *nets[2];
        for (size_t j = 0; j < 2; j++) {
            bp_trainer_options options = plain_options(&rule, 5);
            options.weight_decay = j == 0 ? 0 : BP_DECAY_AUTO;
            *(i == 0 ? &options.l1 : &options.l2) = 0.01;
            nets[j] = example_network(4);
            train(nets[j], &options, &data);
        }
        assert_same_weights(nets[0], nets[1]);
        bp_network_destroy(nets[0]);
        bp_network_destroy(nets[1]);
    }
}

/* ----------------------------------------------------------------------- max-norm */

/* For dense and masked connections: the squares of a row of the matrix. */
static double squares_into(const bp_connection *connection, size_t unit)
{
    const bp_layer *from = bp_connection_from(connection), *to = bp_connection_to(connection);
    const size_t columns = bp_layer_units(from), flags = columns * bp_layer_units(to);
    const size_t count = bp_connection_weight_count(connection);
    bp_real *weights = malloc(count * sizeof *weights);
    unsigned char *mask = malloc(flags);
    double squares = 0;
    memset(mask, 1, flags);
    assert_ok(bp_connection_get_weights(connection, weights, count));
    if (bp_connection_get_kind(connection) == BP_CONNECTION_MASKED)
        assert_ok(bp_connection_get_mask(connection, mask, flags));
    for (size_t i = 0, next = 0; i < flags; next += mask[i++] != 0)
        if (mask[i] != 0 && i / columns == unit)
            squares += (double)weights[next] * (double)weights[next];
    free(weights);
    free(mask);
    return squares;
}

/* The largest norm of the weights into a unit; NaN with convolutions, which have a test of their own. */
static double largest_norm(const bp_network *net)
{
    double largest = 0;
    for (size_t i = 0; i < bp_network_layer_count(net); i++) {
        const bp_layer *layer = bp_network_layer(net, i);
        for (size_t unit = 0; unit < bp_layer_units(layer); unit++) {
            double squares = 0;
            for (size_t k = 0; k < bp_network_connection_count(net); k++) {
                const bp_connection *connection = bp_network_connection(net, k);
                if (bp_connection_get_kind(connection) == BP_CONNECTION_CONVOLUTION)
                    return NAN;
                if (bp_connection_to(connection) == layer)
                    squares += squares_into(connection, unit);
            }
            largest = fmax(largest, sqrt(squares));
        }
    }
    return largest;
}

static void test_norms_of_random_networks(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(2);
    size_t limited = 0;
    for (uint64_t seed = 1; seed <= 120; seed++) {
        random_network *random = random_network_create(seed);
        const double before = largest_norm(random->net);
        bp_trainer_options options = options_with(&rule, 1);
        options.loss = random->loss;
        options.optimizer = bp_optimizer_momentum(1e-4, 0.9);
        options.weight_decay = 0;
        options.max_norm = 0.4;
        options.batch_size = 1 + seed % 4;
        bp_trainer *trainer = NULL;
        if (bp_trainer_create(&trainer, random->net, &options) == BP_OK) {
            assert_ok(bp_trainer_run(trainer, &random->data, NULL, NULL));
            if (before > 0.4) {
                assert_true(largest_norm(random->net) <= 0.4 * (1 + 4 * EPSILON));
                limited++;
            }
        }
        bp_trainer_destroy(trainer);
        random_network_destroy(random);
    }
    assert_true(limited > 40);
}

/* A kernel of norm 5 becomes one of norm 2 in the same direction, whatever the learning rate. */
static void test_norms_of_kernels(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    bp_convolution convolution;
    bp_connect_options how;
    bp_connect_options_init(&how, sizeof how);
    bp_convolution_init(&convolution, sizeof convolution);
    convolution.height = 1;
    convolution.width = 5;
    convolution.kernels = 2;
    convolution.kernel_height = 1;
    convolution.kernel_width = 2;
    how.convolution = &convolution;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 5));
    assert_ok(bp_network_add_layer(&out, net, "out", 8, bp_activation_linear()));
    assert_ok(bp_network_connect_with(NULL, net, in, out, &how));
    assert_ok(bp_network_finalize(net));
    const bp_real weights[] = {3, 4, 1, -1, 0, 0}, x[5] = {1, 2, 3, 4, 5}, d[8] = {0};
    assert_ok(bp_network_set_weights(net, weights, 6));
    const bp_data data = bp_data_view(1, x, 5, d, 8);
    bp_stop_rule rule;
    bp_trainer_options options = plain_options(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(TOLERANCE(1e-12, 1e-20)); /* which changes nothing */
    options.max_norm = 2;
    train(net, &options, &data);
    const bp_real *w = bp_network_weights(net, NULL);
    assert_true(fabs((double)w[0] - 1.2) < 4 * EPSILON && fabs((double)w[1] - 1.6) < 4 * EPSILON);
    assert_true(fabs((double)w[2] - 1) < 1e-8 && fabs((double)w[3] + 1) < 1e-8);
    bp_network_destroy(net);
}

/* ----------------------------------------------------------------------- clipping */

/* With a rate of 1 and no momentum an update is the clipped gradient. */
static void test_no_update_is_longer(void **state)
{
    (void)state;
    const bp_data data = example_training();
    bp_stop_rule rule;
    bp_trainer_options options = plain_options(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(1);
    for (int by_norm = 0; by_norm < 2; by_norm++) {
        *(by_norm ? &options.clip_norm : &options.clip_value) = 0.001;
        bp_network *net = example_network(6);
        bp_real before[EXAMPLE_WEIGHTS];
        double squares = 0, largest = 0;
        memcpy(before, bp_network_weights(net, NULL), sizeof before);
        train(net, &options, &data);
        for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++) {
            const double change = (double)(bp_network_weights(net, NULL)[i] - before[i]);
            squares += change * change;
            largest = fmax(largest, fabs(change));
        }
        assert_true(fabs((by_norm ? sqrt(squares) : largest) - 0.001) < 10 * EPSILON);
        bp_network_destroy(net);
        options.clip_norm = options.clip_value = 0;
    }
}

/* The rule that waits for a small gradient sees it as it is. */
static int note_norm(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    *(double *)context = progress->gradient_norm;
    return 0;
}

static void test_norms_are_told_before_clipping(void **state)
{
    (void)state;
    const bp_data data = example_training();
    double norms[2];
    for (int clipped = 0; clipped < 2; clipped++) {
        const bp_stop_rule rules[] = {bp_stop_epochs(1), bp_stop_gradient_below(1e-30)};
        bp_stop_rule rule;
        bp_trainer_options options = plain_options(&rule, 1);
        options.stop_rules = rules;
        options.stop_rule_count = 2;
        options.on_epoch = note_norm;
        options.on_epoch_context = &norms[clipped];
        options.clip_norm = clipped * 0.001;
        options.l2 = clipped * 10;
        bp_network *net = example_network(6);
        train(net, &options, &data);
        bp_network_destroy(net);
    }
    assert_true(norms[0] > 0.001 && norms[0] == norms[1]);
}

/* ------------------------------------------------------------- nothing else shows */

static void set_all(bp_trainer_options *options)
{
    options->l1 = 1e-4;
    options->l2 = 0.01;
    options->max_norm = 0.5;
    options->clip_value = 0.1;
    options->clip_norm = 0.3;
}

static bp_status look(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    (void)context, (void)info, (void)reply;
    return BP_OK;
}

static void test_fused_and_plain_updates(void **state)
{
    (void)state;
    const size_t batches[] = {1, 2, 7, 64, 0};
    bp_stop_rule rule = bp_stop_epochs(2);
    size_t compared = 0;
    for (uint64_t seed = 1; seed <= 80; seed++) {
        random_network *random = random_network_create(seed);
        bp_network *nets[2] = {NULL, NULL};
        bp_status status = BP_OK;
        for (int hooked = 0; hooked < 2 && status == BP_OK; hooked++) {
            bp_trainer_options options = options_with(&rule, 1);
            bp_trainer *trainer = NULL;
            options.loss = random->loss;
            options.optimizer =
                seed % 2 ? bp_optimizer_momentum(1e-3, 0.9) : bp_optimizer_nesterov(1e-3, 0.9);
            options.weight_decay = 0;
            options.batch_size = batches[seed % 5];
            options.l1 = 1e-3;
            options.max_norm = 0.5;
            options.l2 = seed % 2 ? 0 : 0.01;
            options.on_gradient = hooked ? look : NULL;
            assert_ok(bp_network_copy(&nets[hooked], random->net));
            status = bp_trainer_create(&trainer, nets[hooked], &options);
            if (status == BP_OK)
                assert_ok(bp_trainer_run(trainer, &random->data, NULL, NULL));
            bp_trainer_destroy(trainer);
        }
        if (status == BP_OK) {
            assert_same_weights(nets[0], nets[1]);
            compared++;
        }
        bp_network_destroy(nets[0]);
        bp_network_destroy(nets[1]);
        random_network_destroy(random);
    }
    assert_true(compared > 60);
}

static void test_threads(void **state)
{
    (void)state;
    enum { CASES = 20, INPUTS = 300, HIDDEN = 400 };
    static bp_real x[CASES * INPUTS], d[CASES * 3];
    uint64_t seed = 12;
    for (size_t i = 0; i < COUNT(x); i++)
        x[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < COUNT(d); i++)
        d[i] = (bp_real)test_uniform(&seed, -1, 1);
    const bp_data data = bp_data_view(CASES, x, INPUTS, d, 3);
    for (int clips = 0; clips < 2; clips++) {
        bp_network *nets[3];
        for (size_t i = 0; i < 3; i++) {
            bp_stop_rule rule;
            bp_trainer_options options = plain_options(&rule, 3);
            set_all(&options);
            if (!clips)
                options.clip_value = options.clip_norm = options.l2 = 0;
            options.batch_size = 10;
            options.threads = i + 1;
            assert_ok(bp_network_create_layered(&nets[i], (size_t[]){INPUTS, HIDDEN, 3}, 3,
                                                bp_activation_tanh(), bp_activation_linear()));
            assert_ok(bp_network_initialize(nets[i], 2));
            train(nets[i], &options, &data);
        }
        assert_same_weights(nets[0], nets[1]);
        assert_same_weights(nets[0], nets[2]);
        for (size_t i = 0; i < 3; i++)
            bp_network_destroy(nets[i]);
    }
}

/* A training that is saved and loaded between two runs of 4 epochs. */
static void test_checkpoints(void **state)
{
    (void)state;
    const bp_data data = example_training();
    bp_network *nets[2] = {example_network(2), example_network(2)};
    bp_stop_rule rule;
    bp_trainer_options options = plain_options(&rule, 8);
    options.batch_size = 4;
    set_all(&options);
    train(nets[0], &options, &data);
    rule = bp_stop_epochs(4);
    bp_trainer *trainer = make_trainer(nets[1], &options);
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    size_t size = 0;
    assert_ok(bp_trainer_save_memory(trainer, NULL, 0, &size));
    unsigned char *bytes = malloc(size);
    assert_ok(bp_trainer_save_memory(trainer, bytes, size, &size));
    bp_trainer_destroy(trainer);
    bp_network *other = example_network(7);
    assert_ok(bp_trainer_load_memory(&trainer, other, bytes, size, NULL));
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    assert_same_weights(nets[0], other);
    bp_trainer_destroy(trainer);
    free(bytes);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
    bp_network_destroy(other);
}

static void test_streams(void **state)
{
    (void)state;
    const bp_data data = example_training();
    bp_network *nets[2] = {example_network(2), example_network(2)};
    bp_stop_rule rule;
    bp_trainer_options options = plain_options(&rule, 4);
    test_source source = {0};
    options.batch_size = 4;
    set_all(&options);
    train(nets[0], &options, &data);
    bp_trainer *trainer = make_trainer(nets[1], &options);
    bp_stream *stream = test_stream(&source, &data);
    assert_ok(bp_trainer_run_stream(trainer, stream, NULL, NULL));
    assert_same_weights(nets[0], nets[1]);
    bp_stream_destroy(stream);
    bp_trainer_destroy(trainer);
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
}

static void test_starts(void **state)
{
    (void)state;
    const bp_data data = xor_data();
    outcome found[2];
    for (size_t i = 0; i < 2; i++) {
        bp_stop_rule rule;
        bp_trainer_options options = plain_options(&rule, 30);
        bp_network *net = xor_network(1);
        const bp_starts_options starts = starts_with(6, 1 + i, 5);
        set_all(&options);
        assert_ok(bp_network_set_weight_init(net, bp_weight_init_nguyen_widrow()));
        assert_ok(bp_connection_set_weight_init(bp_network_connection(net, 0), bp_weight_init_orthogonal(1)));
        train_from_starts(&found[i], net, &options, &data, NULL, &starts);
    }
    assert_same_outcome(&found[0], &found[1]);
    end_outcome(&found[0]);
    end_outcome(&found[1]);
}

/* A function of the caller's that fails in the third start. */
static bp_status fail_late(void *context, const bp_weight_shape *shape, bp_random *random, bp_real *weights)
{
    size_t *calls = context;
    for (size_t i = 0; i < shape->rows * shape->columns; i++)
        weights[i] = (bp_real)(bp_random_uniform(random) - 0.5);
    return ++*calls > 10 ? BP_ERROR_FILE : BP_OK;
}

static void test_initial_weights_that_fail_in_a_start(void **state)
{
    (void)state;
    const bp_data data = xor_data();
    bp_network *net = xor_network(1);
    bp_stop_rule rule;
    size_t calls = 0;
    const bp_trainer_options options = plain_options(&rule, 3);
    const bp_starts_options starts = starts_with(6, 1, 5);
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_custom(fail_late, &calls)));
    assert_fails(bp_train_starts(net, &options, &data, NULL, &starts, NULL, NULL, NULL), BP_ERROR_FILE,
                 "the caller's function");
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------- wrong options */

static void test_values_out_of_range(void **state)
{
    (void)state;
    const double wrong[] = {-1, NAN, INFINITY, 1e-320, TOLERANCE(1e39, INFINITY)};
    const char *names[] = {"l1", "l2", "max_norm", "clip_value", "clip_norm"};
    bp_network *net = example_network(1);
    for (size_t i = 0; i < COUNT(wrong); i++)
        for (size_t j = 0; j < 5; j++) {
            bp_stop_rule rule;
            bp_trainer *trainer = NULL;
            bp_trainer_options options = plain_options(&rule, 1);
            double *values[] = {&options.l1, &options.l2, &options.max_norm, &options.clip_value,
                                &options.clip_norm};
            char text[64];
            *values[j] = wrong[i];
            snprintf(text, sizeof text, "%s is ", names[j]);
            if (sizeof(bp_real) == sizeof(double) && wrong[i] == 1e-320)
                continue;
            assert_fails(bp_trainer_create(&trainer, net, &options),
                         isfinite(wrong[i]) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE, text);
        }
    bp_network_destroy(net);
}

static void test_rules_that_have_no_use_for_them(void **state)
{
    (void)state;
    enum { L1 = 1, L2 = 2, MAX_NORM = 4, CLIP_VALUE = 8, CLIP_NORM = 16, CLIP = CLIP_VALUE | CLIP_NORM };
    const struct {
        bp_optimizer optimizer;
        int refused;
    } rows[] = {
        {bp_optimizer_momentum(0.1, 0.9), 0},
        {bp_optimizer_nesterov(0.1, 0.9), 0},
        {bp_optimizer_adagrad(0.1), L1},
        {bp_optimizer_rmsprop(0.1, 0.9), L1},
        {bp_optimizer_adam(0.1, 0.9, 0.999, 1e-8), L1},
        {bp_optimizer_adamw(0.1, 0.9, 0.999, 1e-8, 0.1), L1 | L2},
        {bp_optimizer_quickprop(0.1, 1.75), L1},
        {bp_optimizer_irprop_minus(0.1), L1 | CLIP},
        {bp_optimizer_irprop_plus(0.1), L1 | MAX_NORM | CLIP},
        {bp_optimizer_scg(), L1 | L2 | MAX_NORM | CLIP},
        {bp_optimizer_lbfgs(10), L1 | L2 | MAX_NORM | CLIP},
        {bp_optimizer_levenberg_marquardt(), L1 | L2 | MAX_NORM | CLIP},
    };
    const char *names[] = {"options.l1 is", "options.l2 is", "options.max_norm is", "options.clip_value is",
                           "options.clip_norm is"};
    bp_network *net = example_network(1);
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t j = 0; j < 5; j++) {
            bp_stop_rule rule;
            bp_trainer *trainer = NULL;
            bp_trainer_options options = plain_options(&rule, 1);
            double *values[] = {&options.l1, &options.l2, &options.max_norm, &options.clip_value,
                                &options.clip_norm};
            options.optimizer = rows[i].optimizer;
            options.recoveries = 0;
            *values[j] = 0.5;
            if (rows[i].refused & 1 << j)
                assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_UNSUPPORTED, names[j]);
            else
                assert_ok(bp_trainer_create(&trainer, net, &options));
            bp_trainer_destroy(trainer);
        }
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_plain_loops),
        cmocka_unit_test(test_l2_with_adam),
        cmocka_unit_test(test_the_lasso_with_orthogonal_columns),
        cmocka_unit_test(test_the_conditions_of_the_lasso),
        cmocka_unit_test(test_which_weights_are_drawn_to_zero),
        cmocka_unit_test(test_no_decay_is_chosen_beside_them),
        cmocka_unit_test(test_norms_of_random_networks),
        cmocka_unit_test(test_norms_of_kernels),
        cmocka_unit_test(test_no_update_is_longer),
        cmocka_unit_test(test_norms_are_told_before_clipping),
        cmocka_unit_test(test_fused_and_plain_updates),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_checkpoints),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_starts),
        cmocka_unit_test(test_initial_weights_that_fail_in_a_start),
        cmocka_unit_test(test_values_out_of_range),
        cmocka_unit_test(test_rules_that_have_no_use_for_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
