/* The kernel of online training by other rules than momentum: the same numbers as by single updates. */
#include "train/train_example.h"

#include <fenv.h>
#include <math.h>

#include "engine/online.h"
#include "reference/random_network.h"
#include "train/types.h"

enum { CHAINS = 60, MOST_BATCH = 8 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bp_status look(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    (void)context, (void)info, (void)reply;
    return BP_OK;
}

/* A rule with options that the kernel knows, and with those that many users give. */
typedef struct example {
    bp_optimizer optimizer;
    double clip_value, l1, l2, weight_decay;
    bool spares_biases;
} example;

static const example *examples(size_t *count)
{
    static example all[18];
    const bp_optimizer momentum = bp_optimizer_momentum(0.01, 0.9),
                       nesterov = bp_optimizer_nesterov(0.01, 0.9),
                       adam = bp_optimizer_adam(0.01, 0.9, 0.999, 1e-8);
    size_t i = 0;
    all[i++] = (example){.optimizer = momentum, .l1 = 0.01};
    all[i++] = (example){.optimizer = momentum, .l2 = 0.01, .weight_decay = 0.001};
    all[i++] = (example){.optimizer = momentum, .clip_value = 0.05, .l1 = 0.001, .l2 = 0.01};
    all[i++] = (example){.optimizer = nesterov};
    all[i++] = (example){.optimizer = nesterov, .clip_value = 0.05, .l1 = 0.001, .l2 = 0.01};
    all[i++] = (example){.optimizer = bp_optimizer_adagrad(0.01)};
    all[i++] = (example){.optimizer = bp_optimizer_rmsprop(0.001, 0.9), .clip_value = 0.05};
    all[i++] = (example){.optimizer = adam};
    all[i++] = (example){.optimizer = adam, .clip_value = 0.1, .l2 = 0.001};
    all[i++] = (example){.optimizer = bp_optimizer_adamw(0.01, 0.9, 0.999, 1e-8, 0.01)};
    all[i++] = (example){.optimizer = bp_optimizer_irprop_minus(0.01)};
    all[i++] = (example){.optimizer = momentum, .weight_decay = 0.001, .spares_biases = true};
    all[i++] = (example){.optimizer = nesterov, .weight_decay = 0.001, .spares_biases = true};
    all[i++] = (example){.optimizer = adam, .weight_decay = 0.001, .spares_biases = true};
    all[i++] = (example){.optimizer = adam, .l2 = 0.001, .weight_decay = 0.001, .spares_biases = true};
    all[i++] = (example){.optimizer = momentum, .l1 = 0.01, .spares_biases = true};
    all[i++] = (example){.optimizer = momentum, .l2 = 0.1, .weight_decay = 0.001, .spares_biases = true};
    all[i++] = (example){.optimizer = nesterov, .l1 = 0.01, .l2 = 0.1, .spares_biases = true};
    *count = i;
    return all;
}

static bp_trainer_options options_of(const example *e, const bp_stop_rule *rules, size_t count,
                                     size_t batch_size)
{
    bp_trainer_options options = options_with(rules, count);
    options.optimizer = e->optimizer;
    options.clip_value = e->clip_value;
    options.l1 = e->l1;
    options.l2 = e->l2;
    options.weight_decay = e->weight_decay;
    options.no_bias_decay = e->spares_biases;
    options.batch_size = batch_size;
    return options;
}

/* But for the sign of 0. */
static void assert_equal(const bp_real *a, const bp_real *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true(a[i] == b[i]);
}

/* Trains copies of the network with and without a hook, which gets each gradient by itself. Returns whether
 * the kernel trains it. */
static bool check_same_bits(const random_network *random, const example *e, size_t batch_size)
{
    const bp_stop_rule rules[] = {bp_stop_epochs(3), bp_stop_gradient_below(1e-300)};
    const bool wants_norm = batch_size % 2 == 0;
    pair both[2];
    bp_result results[2];
    bp_status statuses[2];
    for (size_t i = 0; i < 2; i++) {
        bp_network *net = NULL;
        bp_trainer_options options = options_of(e, rules, wants_norm ? 2 : 1, batch_size);
        options.on_gradient = i == 0 ? NULL : look;
        results[i] = empty_result();
        assert_ok(bp_network_copy(&net, random->net));
        both[i] = make_pair(net, &options);
        feclearexcept(FE_DIVBYZERO);
        statuses[i] = bp_trainer_run(both[i].trainer, &random->data, NULL, &results[i]);
        assert_false(fetestexcept(FE_DIVBYZERO));
    }
    assert_int_equal(statuses[0], statuses[1]);
    const bp_trainer *first = both[0].trainer, *second = both[1].trainer;
    assert_equal(both[0].net->weights, both[1].net->weights, first->network->weight_count);
    assert_equal(first->state.vectors, second->state.vectors,
                 first->network->weight_count * first->state.vector_count);
    for (size_t i = 0; i < first->state.scalar_count; i++)
        assert_true(first->state.scalars[i] == second->state.scalars[i]);
    assert_true(results[0].error == results[1].error && results[0].updates == results[1].updates);
    const bool goes = bpi_trains_in_kernel(first->workspace, &random->data, batch_size, &first->options.loss);
    end_pair(&both[0]);
    end_pair(&both[1]);
    return goes;
}

static void test_same_bits_with_a_hook(void **state)
{
    (void)state;
    size_t count, in_kernel = 0;
    const example *all = examples(&count);
    for (uint64_t seed = 1; seed <= CHAINS; seed++) {
        random_network *random = random_chain_create(seed);
        for (size_t i = 0; i < count; i++) {
            const size_t batch_size = 1 + (seed + i) % MOST_BATCH;
            if (batch_size <= random->data.cases)
                in_kernel += check_same_bits(random, &all[i], batch_size);
        }
        random_network_destroy(random);
    }
    assert_true(in_kernel > CHAINS * count / 2);
}

/* Larger layers, of several vectors, and weights between hidden layers. */
static void test_same_bits_of_several_vectors(void **state)
{
    (void)state;
    enum { CASES = 9, INPUTS = 21 };
    const size_t units[] = {INPUTS, 35, 19, 5};
    bp_real inputs[CASES * INPUTS], targets[CASES * 5];
    uint64_t seed = 3;
    size_t count;
    const example *all = examples(&count);
    random_network random = {.data = bp_data_view(CASES, inputs, INPUTS, targets, 5)};
    for (size_t i = 0; i < COUNT(inputs); i++)
        inputs[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < COUNT(targets); i++)
        targets[i] = (bp_real)test_uniform(&seed, -1, 1);
    assert_ok(bp_network_create_layered(&random.net, units, 4, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(random.net, 1));
    for (size_t i = 0; i < count; i++)
        for (size_t batch_size = 1; batch_size <= 6; batch_size++)
            check_same_bits(&random, &all[i], batch_size);
    bp_network_destroy(random.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits_with_a_hook),
        cmocka_unit_test(test_same_bits_of_several_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
