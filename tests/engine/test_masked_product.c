/* Masked connections, held against a dense twin whose other weights are 0 and never change. The random
 * networks of test_gradient.c, test_unrolled_gradient.c and test_model_recurrent.c have masked connections
 * too. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/activations.h"
#include "support/connect.h"
#include "support/support.h"

enum { INPUTS = 37, HIDDEN = 21, OUTPUTS = 3, CASES = 45, PAIRS = INPUTS * HIDDEN };

typedef struct fixture {
    unsigned char mask[PAIRS];
    size_t kept;               /* pairs with a weight */
    bp_network *masked, *twin; /* of the same structure, weights and data */
    bp_connection *connection, *dense;
    bp_real inputs[CASES * INPUTS], targets[CASES * OUTPUTS];
    bp_data data;
} fixture;

static bp_network *build(bp_connection **first, const unsigned char *mask)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *h = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", INPUTS));
    assert_ok(bp_network_add_layer(&h, net, "h", HIDDEN, bp_activation_logistic()));
    assert_ok(bp_network_add_layer(&out, net, "out", OUTPUTS, bp_activation_tanh()));
    if (mask == NULL)
        assert_ok(bp_network_connect(first, net, in, h));
    else
        assert_ok(connect_masked(first, net, in, h, mask, PAIRS));
    assert_ok(bp_network_connect(NULL, net, in, out));
    assert_ok(bp_network_connect(NULL, net, h, out));
    assert_ok(bp_network_finalize(net));
    return net;
}

/* The weight of pair p of the mask has what the dense matrix has there, which is 0 where there is none. */
static void set_equal(fixture *f)
{
    bp_real dense[PAIRS] = {0}, few[PAIRS];
    size_t count, twin_count, next = 0;
    for (size_t p = 0; p < PAIRS; p++)
        if (f->mask[p])
            dense[p] = few[next++] = (bp_real)(0.01 * (double)(p % 41) - 0.2);
    assert_ok(bp_network_initialize(f->twin, 3));
    assert_ok(bp_network_initialize(f->masked, 4));
    assert_ok(bp_connection_set_weights(f->dense, dense, PAIRS));
    const bp_real *weights = bp_network_weights(f->twin, &twin_count);
    bp_network_weights(f->masked, &count);
    assert_int_equal(count, twin_count - PAIRS + f->kept);
    bp_real *all = calloc(count, sizeof *all);
    assert_non_null(all);
    memcpy(all, few, f->kept * sizeof *few);
    memcpy(all + f->kept, weights + PAIRS, (count - f->kept) * sizeof *all);
    assert_ok(bp_network_set_weights(f->masked, all, count));
    free(all);
}

static int setup(void **state)
{
    static fixture f;
    uint64_t random = 7;
    memset(&f, 0, sizeof f);
    for (size_t p = 0; p < PAIRS; p++)
        f.mask[p] = p / INPUTS != 5 && test_below(&random, 4) == 0; /* unit 5 receives nothing by it */
    for (size_t p = 0; p < PAIRS; p++)
        f.kept += f.mask[p];
    for (size_t i = 0; i < CASES * INPUTS; i++)
        f.inputs[i] = (bp_real)test_uniform(&random, -1, 1);
    for (size_t i = 0; i < CASES * OUTPUTS; i++)
        f.targets[i] = (bp_real)test_uniform(&random, -1, 1);
    f.data = bp_data_view(CASES, f.inputs, INPUTS, f.targets, OUTPUTS);
    f.masked = build(&f.connection, f.mask);
    f.twin = build(&f.dense, NULL);
    set_equal(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    bp_network_destroy(f->masked);
    bp_network_destroy(f->twin);
    return 0;
}

/* Element p of the dense vector is element *next of the masked one, unless its pair has no weight. */
static int has_weight(const fixture *f, size_t p)
{
    return p >= PAIRS || f->mask[p];
}

static void gradient_of(const fixture *f, bp_network *net, double *error, bp_real *gradient)
{
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_network_gradient(net, workspace, &f->data, bp_loss_squared_error(), error, gradient));
    bp_workspace_destroy(workspace);
}

static void test_equals_a_dense_one_with_zeros(void **state)
{
    fixture *f = *state;
    size_t count, next = 0;
    bp_network_weights(f->twin, &count);
    bp_real *dense = calloc(count, sizeof *dense), *few = calloc(count, sizeof *few);
    assert_non_null(dense);
    assert_non_null(few);
    double dense_error, error;
    gradient_of(f, f->twin, &dense_error, dense);
    gradient_of(f, f->masked, &error, few);
    assert_close(error, dense_error, TOLERANCE(1e-6, 1e-13));
    double scale = test_max_abs(dense, count);
    for (size_t p = 0; p < count; p++)
        if (has_weight(f, p))
            assert_true(fabs((double)few[next++] - (double)dense[p]) <= TOLERANCE(1e-6, 1e-14) * scale);
    bp_network_weights(f->masked, &count);
    assert_int_equal(next, count);
    free(dense);
    free(few);
}

/* The derivative of pairs that the mask leaves out is taken away before each change. */
static bp_status clear_others(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    const fixture *f = context;
    (void)reply;
    for (size_t p = 0; p < batch->count; p++)
        if (!has_weight(f, p))
            batch->gradient[p] = 0;
    return BP_OK;
}

static void train(fixture *f, bp_network *net, bp_gradient_hook hook)
{
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    const bp_stop_rule rule = bp_stop_epochs(20);
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.01, 0.9);
    options.weight_decay = 0.001;
    options.batch_size = 7;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.on_gradient = hook;
    options.on_gradient_context = f;
    assert_ok(bp_trainer_create(&trainer, net, &options));
    assert_ok(bp_trainer_run(trainer, &f->data, NULL, NULL));
    bp_trainer_destroy(trainer);
}

static void test_learns_as_a_dense_one_whose_zeros_stay(void **state)
{
    fixture *f = *state;
    train(f, f->twin, clear_others);
    train(f, f->masked, NULL);
    size_t count, next = 0;
    const bp_real *dense = bp_network_weights(f->twin, &count), *few = bp_network_weights(f->masked, NULL);
    for (size_t p = 0; p < count; p++) {
        if (has_weight(f, p))
            assert_true(fabs((double)few[next++] - (double)dense[p]) <= TOLERANCE(1e-5, 1e-13));
        else
            assert_true(dense[p] == 0);
    }
}

static void test_tells_its_mask_and_places(void **state)
{
    fixture *f = *state;
    unsigned char mask[PAIRS];
    assert_int_equal(bp_connection_get_kind(f->connection), BP_CONNECTION_MASKED);
    assert_int_equal(bp_connection_get_kind(f->dense), BP_CONNECTION_DENSE);
    assert_int_equal(bp_connection_get_kind(NULL), BP_CONNECTION_DENSE);
    assert_ok(bp_connection_get_mask(f->connection, mask, PAIRS));
    assert_memory_equal(mask, f->mask, PAIRS);
    assert_int_equal(bp_connection_offset(f->connection), 0);
    assert_int_equal(bp_connection_weight_count(f->connection), f->kept);
    bp_real weights[PAIRS];
    assert_ok(bp_connection_get_weights(f->connection, weights, f->kept));
    assert_fails(bp_connection_get_weights(f->connection, weights, PAIRS), BP_ERROR_SIZE, "count is 777");
    assert_fails(bp_connection_get_mask(f->dense, mask, PAIRS), BP_ERROR_STRUCTURE,
                 "'in' -> 'h' is not masked");
    assert_fails(bp_connection_get_mask(f->connection, mask, PAIRS - 1), BP_ERROR_SIZE,
                 "the mask has 776 flags; it needs 21 x 37");
    assert_fails(bp_connection_get_mask(NULL, mask, PAIRS), BP_ERROR_ARGUMENT, "connection is NULL");
    assert_fails(bp_connection_get_mask(f->connection, NULL, PAIRS), BP_ERROR_ARGUMENT, "mask is NULL");
}

/* h has masked connections only, whose sums are the same in every lane. */
static void test_cases_do_not_depend_on_each_other(void **state)
{
    fixture *f = *state;
    bp_workspace *workspace = NULL;
    bp_real outputs[CASES * OUTPUTS], together[CASES * HIDDEN], alone[HIDDEN];
    const bp_layer *h = bp_network_layer(f->masked, 1);
    assert_ok(bp_workspace_create(&workspace, f->masked, CASES));
    assert_ok(bp_network_predict(f->masked, workspace, &f->data, outputs));
    assert_ok(bp_workspace_layer_outputs(workspace, h, together, CASES * HIDDEN));
    for (size_t c = 0; c < CASES; c++) {
        bp_data one = bp_data_view(1, f->inputs + c * INPUTS, INPUTS, NULL, 0);
        assert_ok(bp_network_predict(f->masked, workspace, &one, outputs));
        assert_ok(bp_workspace_layer_outputs(workspace, h, alone, HIDDEN));
        assert_memory_equal(alone, together + c * HIDDEN, sizeof alone);
    }
    bp_workspace_destroy(workspace);
}

/* The average unit of h receives kept / HIDDEN, the average input sends kept / INPUTS + OUTPUTS. */
static void test_initial_weights_count_real_connections(void **state)
{
    fixture *f = *state;
    const bp_weight_init rules[] = {bp_weight_init_he(), bp_weight_init_lecun(), bp_weight_init_glorot()};
    double in = (double)f->kept / HIDDEN, out = (double)f->kept / INPUTS + OUTPUTS;
    const double reach[] = {sqrt(6 / in), sqrt(3 / in), sqrt(6 / (in + out))};
    bp_real weights[PAIRS];
    for (size_t r = 0; r < 3; r++) {
        assert_ok(bp_connection_set_weight_init(f->connection, rules[r]));
        assert_ok(bp_network_initialize(f->masked, 1));
        assert_ok(bp_connection_get_weights(f->connection, weights, f->kept));
        double most = test_max_abs(weights, f->kept);
        assert_true(most <= reach[r] && most > 0.95 * reach[r]);
    }
}

static void test_a_copy_is_masked_alike(void **state)
{
    fixture *f = *state;
    bp_network *copy = NULL;
    unsigned char mask[PAIRS];
    size_t count;
    assert_ok(bp_network_copy(&copy, f->masked));
    assert_ok(bp_connection_get_mask(bp_network_connection(copy, 0), mask, PAIRS));
    assert_memory_equal(mask, f->mask, PAIRS);
    const bp_real *weights = bp_network_weights(f->masked, &count);
    assert_memory_equal(bp_network_weights(copy, NULL), weights, count * sizeof *weights);
    bp_network_destroy(copy);
}

/* -------------------------------------------------------- checking the gradient */

/* Wrong: the 3 is missing. */
static void square(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context;
    (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = x[i] * x[i];
}

static void test_the_checker_names_units_that_are_connected(void **state)
{
    (void)state;
    const unsigned char mask[] = {0, 0, 1, 0, 1, 0, 0, 1, 0}; /* of weights 2 -> 0, 1 -> 1, 1 -> 2 */
    const size_t from_units[] = {2, 1, 1};
    for (size_t odd = 0; odd < 3; odd++) {
        bp_network *net = NULL;
        bp_layer *in = NULL, *h = NULL;
        assert_ok(bp_network_create(&net, NULL));
        assert_ok(bp_network_add_input(&in, net, "in", 3));
        assert_ok(bp_network_add_layer(&h, net, "h", 3, bp_activation_custom("cube", cube, square, NULL)));
        assert_ok(bp_layer_enable_bias(h, 0));
        assert_ok(connect_masked(NULL, net, in, h, mask, 9));
        assert_ok(bp_network_finalize(net));
        bp_real weights[] = {1, 1, 1}, inputs[] = {1, 1, 1}, targets[] = {0, 0, 0};
        weights[odd] = 2; /* the greatest derivative, and error of it */
        assert_ok(bp_network_set_weights(net, weights, 3));
        bp_data data = bp_data_view(1, inputs, 3, targets, 3);
        bp_workspace *workspace = NULL;
        bp_gradient_check check;
        bp_gradient_check_init(&check, sizeof check);
        assert_ok(bp_workspace_create(&workspace, net, 1));
        assert_ok(bp_network_check_gradient(net, workspace, &data, bp_loss_squared_error(), 0, &check));
        assert_false(check.passed);
        assert_int_equal(check.checked, 3);
        assert_int_equal(check.weight, odd);
        assert_string_equal(check.layer, "h");
        assert_int_equal(check.unit, odd);
        assert_string_equal(check.from, "in");
        assert_int_equal(check.from_unit, from_units[odd]);
        bp_workspace_destroy(workspace);
        bp_network_destroy(net);
    }
}

/* ------------------------------------------------------------------ open networks */

typedef struct open_network {
    bp_network *net;
    bp_layer *in, *h, *out;
} open_network;

static open_network build_open(void)
{
    open_network o = {0};
    assert_ok(bp_network_create(&o.net, NULL));
    assert_ok(bp_network_add_input(&o.in, o.net, "in", 2));
    assert_ok(bp_network_add_layer(&o.h, o.net, "h", 2, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&o.out, o.net, "out", 2, bp_activation_tanh()));
    return o;
}

static void test_equal_masks_share(void **state)
{
    (void)state;
    const unsigned char mask[] = {1, 0, 1, 1}, same[] = {9, 0, 8, 7}, rows[] = {1, 1, 1, 0},
                        sources[] = {0, 1, 1, 1};
    open_network o = build_open();
    bp_connection *a = NULL, *b = NULL, *c = NULL, *d = NULL, *e = NULL;
    assert_ok(connect_masked(&a, o.net, o.in, o.h, mask, 4));
    assert_ok(connect_masked(&b, o.net, o.h, o.out, same, 4));
    assert_ok(connect_masked(&c, o.net, o.in, o.out, rows, 4));
    assert_ok(connect_delayed(&d, o.net, o.h, o.h));
    assert_ok(connect_delayed_masked(&e, o.net, o.out, o.h, sources, 4));
    assert_fails(bp_connection_share(a, c), BP_ERROR_STRUCTURE,
                 "'in' -> 'h' (2 x 2, 3 weights) cannot share with 'in' -> 'out' (2 x 2, 3 weights): their "
                 "masks differ");
    assert_fails(bp_connection_share(a, e), BP_ERROR_STRUCTURE, "their masks differ");
    assert_fails(bp_connection_share(d, a), BP_ERROR_STRUCTURE,
                 "'h' -> 'h' (delayed) (2 x 2) cannot share with 'in' -> 'h' (2 x 2, 3 weights): they are of "
                 "different kinds");
    assert_ok(bp_connection_share(a, b));
    assert_ok(bp_network_finalize(o.net));
    assert_int_equal(bp_connection_offset(a), bp_connection_offset(b));
    size_t count;
    bp_network_weights(o.net, &count);
    assert_int_equal(count, 3 + 3 + 4 + 3 + 2 * 2);
    assert_true(bp_connection_is_delayed(e));
    assert_ptr_equal(bp_network_find_delayed_connection(o.net, o.out, o.h), e);
    bp_network_destroy(o.net);
}

static void test_different_sizes_do_not_share(void **state)
{
    (void)state;
    const unsigned char mask[] = {1, 1, 1, 1, 1, 1};
    open_network o = build_open();
    bp_layer *wide = NULL;
    bp_connection *a = NULL, *b = NULL;
    assert_ok(bp_network_add_layer(&wide, o.net, "wide", 3, bp_activation_tanh()));
    assert_ok(connect_masked(&a, o.net, o.in, wide, mask, 6));
    assert_ok(connect_delayed_masked(&b, o.net, wide, o.h, mask, 6));
    assert_fails(bp_connection_share(a, b), BP_ERROR_STRUCTURE,
                 "(3 x 2, 6 weights) cannot share with 'wide' -> 'h' (delayed) (2 x 3, 6 weights): their "
                 "shapes differ");
    bp_network_destroy(o.net);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    const unsigned char mask[] = {1, 0, 1, 1}, none[] = {0, 0, 0, 0};
    open_network o = build_open(), other = build_open();
    bp_connection *kept = NULL;
    bp_network *net = o.net;
    assert_fails(connect_masked(&kept, NULL, o.in, o.h, mask, 4), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(connect_masked(&kept, net, NULL, o.h, mask, 4), BP_ERROR_ARGUMENT, "from is NULL");
    assert_fails(connect_masked(&kept, net, o.in, NULL, mask, 4), BP_ERROR_ARGUMENT, "to is NULL");
    assert_fails(connect_masked(&kept, net, o.in, o.h, NULL, 4), BP_ERROR_ARGUMENT,
                 "bp_network_connect_with: options.mask is NULL, but options.mask_count is 4");
    assert_fails(connect_delayed_masked(&kept, net, o.in, o.h, NULL, 4), BP_ERROR_ARGUMENT,
                 "bp_network_connect_with: options.mask is NULL, but options.mask_count is 4");
    assert_fails(connect_masked(&kept, net, o.in, o.h, mask, 3), BP_ERROR_SIZE,
                 "'in' -> 'h': the mask has 3 flags; it needs 2 x 2");
    assert_fails(connect_masked(&kept, net, o.in, o.h, none, 4), BP_ERROR_STRUCTURE,
                 "'in' -> 'h': the mask leaves no weight");
    assert_fails(connect_masked(&kept, net, o.h, o.in, mask, 4), BP_ERROR_STRUCTURE,
                 "layer 'in' is an input");
    assert_fails(connect_masked(&kept, net, o.out, o.h, mask, 4), BP_ERROR_STRUCTURE,
                 "layer 'h' comes before layer 'out'");
    assert_fails(connect_masked(&kept, net, other.in, o.h, mask, 4), BP_ERROR_STRUCTURE, "another network");
    assert_null(kept);
    assert_int_equal(bp_network_connection_count(net), 0);
    assert_ok(connect_masked(NULL, net, o.in, o.h, mask, 4));
    assert_fails(connect_masked(&kept, net, o.in, o.h, mask, 4), BP_ERROR_STRUCTURE, "already");
    assert_fails(bp_network_connect(&kept, net, o.in, o.h), BP_ERROR_STRUCTURE, "already");
    assert_ok(bp_network_connect(NULL, net, o.h, o.out));
    assert_ok(bp_network_finalize(net));
    assert_fails(connect_masked(&kept, net, o.in, o.out, mask, 4), BP_ERROR_STATE, "finalized");
    bp_network_destroy(o.net);
    bp_network_destroy(other.net);
}

#if SIZE_MAX > UINT32_MAX
static void test_too_many_senders(void **state)
{
    (void)state;
    const unsigned char mask[] = {1}; /* not looked at */
    open_network o = build_open();
    bp_layer *many = NULL, *one = NULL;
    size_t units = (size_t)UINT32_MAX + 1;
    assert_ok(bp_network_add_input(&many, o.net, "many", units));
    assert_ok(bp_network_add_layer(&one, o.net, "one", 1, bp_activation_tanh()));
    assert_fails(connect_masked(NULL, o.net, many, one, mask, units), BP_ERROR_OVERFLOW,
                 "'many' -> 'one': a masked connection can come from at most 4294967295 units");
    bp_network_destroy(o.net);
}
#endif

static bp_status build_and_copy(bp_network *net, bp_network **copy)
{
    const unsigned char mask[] = {1, 0, 0, 1};
    bp_layer *in = NULL, *h = NULL;
    bp_status status = bp_network_add_input(&in, net, "in", 2);
    if (status == BP_OK)
        status = bp_network_add_layer(&h, net, "h", 2, bp_activation_tanh());
    if (status == BP_OK)
        status = connect_masked(NULL, net, in, h, mask, 4);
    if (status == BP_OK)
        status = connect_delayed_masked(NULL, net, h, h, mask, 4);
    if (status == BP_OK)
        status = bp_network_finalize(net);
    return status == BP_OK ? bp_network_copy(copy, net) : status;
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL, *copy = NULL, *unrolled = NULL;
    bp_status status = test_network_create(&net, allocator);
    if (status == BP_OK)
        status = build_and_copy(net, &copy);
    bp_unroll_options steps;
    bp_unroll_options_init(&steps, sizeof steps);
    steps.steps = 2;
    if (status == BP_OK)
        status = bp_network_unroll(&unrolled, copy, &steps);
    bp_network_destroy(net);
    bp_network_destroy(copy);
    bp_network_destroy(unrolled);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

#define WITH_NETWORKS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORKS(test_equals_a_dense_one_with_zeros),
        WITH_NETWORKS(test_learns_as_a_dense_one_whose_zeros_stay),
        WITH_NETWORKS(test_tells_its_mask_and_places),
        WITH_NETWORKS(test_cases_do_not_depend_on_each_other),
        WITH_NETWORKS(test_initial_weights_count_real_connections),
        WITH_NETWORKS(test_a_copy_is_masked_alike),
        cmocka_unit_test(test_the_checker_names_units_that_are_connected),
        cmocka_unit_test(test_equal_masks_share),
        cmocka_unit_test(test_different_sizes_do_not_share),
        cmocka_unit_test(test_wrong_calls),
#if SIZE_MAX > UINT32_MAX
        cmocka_unit_test(test_too_many_senders),
#endif
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
