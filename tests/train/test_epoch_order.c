/* Which cases make up the updates of an epoch: order, batches, sum and mean. */
#include "train/order_notes.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Epochs over the numbered cases, 0 ... 9; an update's derivative is the sum or mean of its cases' numbers.
 */
static order_notes take_notes(size_t epochs, size_t batch_size, bp_reduction reduction, int shuffle,
                              uint64_t seed)
{
    order_notes noted = {.count = 0};
    bp_stop_rule rule = bp_stop_epochs(epochs);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = batch_size;
    options.reduction = reduction;
    options.shuffle = shuffle;
    options.seed = seed;
    options.on_gradient = note_order;
    options.on_gradient_context = &noted;
    bp_network *net = numbered_network();
    bp_trainer *trainer = make_trainer(net, &options);
    bp_data data = numbered_data();
    bp_result result = train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(result.updates, noted.count);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return noted;
}

static void test_batches_without_shuffling(void **state)
{
    (void)state;
    const double one_by_one[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    order_notes noted = take_notes(1, 1, BP_REDUCE_SUM, 0, 1);
    assert_noted(&noted, one_by_one, 10);
    noted = take_notes(1, 1, BP_REDUCE_MEAN, 0, 1);
    assert_noted(&noted, one_by_one, 10);
    /* the last batch is smaller, and its mean is over what it has */
    const double sums[] = {6, 22, 17, 6, 22, 17}, means[] = {1.5, 5.5, 8.5};
    noted = take_notes(2, 4, BP_REDUCE_SUM, 0, 1);
    assert_noted(&noted, sums, 6);
    noted = take_notes(1, 4, BP_REDUCE_MEAN, 0, 1);
    assert_noted(&noted, means, 3);
    const double all_but_one[] = {36, 9};
    noted = take_notes(1, NUMBERED_CASES - 1, BP_REDUCE_SUM, 0, 1);
    assert_noted(&noted, all_but_one, 2);
}

static void test_a_batch_of_all_cases(void **state)
{
    (void)state;
    const double sums[] = {45, 45, 45}, mean[] = {4.5};
    const size_t sizes[] = {0, NUMBERED_CASES, NUMBERED_CASES + 1, SIZE_MAX};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        order_notes noted = take_notes(3, sizes[i], BP_REDUCE_SUM, 1, 1);
        assert_noted(&noted, sums, 3);
        noted = take_notes(1, sizes[i], BP_REDUCE_MEAN, 1, 1);
        assert_noted(&noted, mean, 1);
    }
}

/* The derivatives are 0 ... count - 1 in some order. */
static void assert_each_once(const double *derivatives, size_t count)
{
    unsigned seen = 0;
    for (size_t i = 0; i < count; i++)
        seen |= 1u << (unsigned)derivatives[i];
    assert_int_equal(seen, (1u << count) - 1);
}

/* Runs of one trainer, each on the first cases[i] of the numbered cases and limited to `updates`. */
static order_notes take_notes_in_runs(const size_t *cases, size_t runs, size_t updates, bool reset)
{
    order_notes noted = {.count = 0};
    bp_stop_rule rule = bp_stop_updates(updates);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 1;
    options.on_gradient = note_order;
    options.on_gradient_context = &noted;
    pair both = make_pair(numbered_network(), &options);
    for (size_t i = 0; i < runs; i++) {
        bp_data data = numbered_data();
        data.cases = cases[i];
        train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
        if (reset)
            assert_ok(bp_trainer_reset(both.trainer));
    }
    end_pair(&both);
    return noted;
}

/* With another number of cases a new epoch begins; its order has each of these cases once. */
static void test_orders_of_changing_numbers_of_cases(void **state)
{
    (void)state;
    const size_t cases[] = {10, 7, 10, 10};
    order_notes noted = take_notes_in_runs(cases, COUNT(cases), 7, false);
    assert_each_once(noted.derivative + 7, 7);
    assert_each_once(noted.derivative + 14, 10); /* the epoch that the third and fourth run share */
    const size_t growing[] = {3, 10};
    noted = take_notes_in_runs(growing, COUNT(growing), 10, false);
    assert_each_once(noted.derivative + 10, 10);
}

/* A reset in the middle of an epoch: the next run begins the first epoch of all, in the same order. */
static void test_reset_in_the_middle_of_an_epoch(void **state)
{
    (void)state;
    const size_t cases[] = {10, 10};
    order_notes noted = take_notes_in_runs(cases, 2, 6, true);
    assert_int_equal(noted.count, 12);
    assert_memory_equal(noted.derivative, noted.derivative + 6, 6 * sizeof(double));
}

static void test_shuffling(void **state)
{
    (void)state;
    order_notes noted = take_notes(4, 1, BP_REDUCE_SUM, 1, 5);
    size_t epoch_bytes = NUMBERED_CASES * sizeof(double);
    for (size_t epoch = 0; epoch < 4; epoch++) {
        const double *order = noted.derivative + epoch * NUMBERED_CASES;
        assert_each_once(order, NUMBERED_CASES);
        if (epoch > 0)
            assert_memory_not_equal(order, order - NUMBERED_CASES, epoch_bytes);
    }
    order_notes again = take_notes(4, 1, BP_REDUCE_SUM, 1, 5);
    assert_memory_equal(&noted, &again, sizeof noted);
    order_notes other = take_notes(4, 1, BP_REDUCE_SUM, 1, 6);
    assert_memory_not_equal(noted.derivative, other.derivative, epoch_bytes);
    /* batches of 3 are cut from the same order */
    order_notes batches = take_notes(1, 3, BP_REDUCE_SUM, 1, 5);
    const double *order = noted.derivative;
    const double wanted[] = {order[0] + order[1] + order[2], order[3] + order[4] + order[5],
                             order[6] + order[7] + order[8], order[9]};
    assert_noted(&batches, wanted, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches_without_shuffling),
        cmocka_unit_test(test_a_batch_of_all_cases),
        cmocka_unit_test(test_orders_of_changing_numbers_of_cases),
        cmocka_unit_test(test_reset_in_the_middle_of_an_epoch),
        cmocka_unit_test(test_shuffling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
