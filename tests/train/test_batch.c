/* The batches of an epoch, and the order in which they visit the cases. What comes of them in training is in
 * test_epoch_order.c. */
#include "train/batch.h"

#include <string.h>

#include "support/support.h"
#include "train/momentum.h"
#include "train/rprop.h"

enum { CASES = 10 };

/* As much of a trainer as batches need. */
static bp_trainer trainer_with(size_t batch_size, int shuffle, size_t *order)
{
    bp_trainer trainer = {.order = order, .rule = &bpi_momentum_rule};
    trainer.options.batch_size = batch_size;
    trainer.options.shuffle = shuffle;
    bpi_random_seed(&trainer.stream, 1);
    return trainer;
}

static void test_cases_of_an_update(void **state)
{
    (void)state;
    bp_trainer trainer = trainer_with(4, 1, NULL);
    assert_int_equal(bpi_batch_cases(&trainer, 10), 4);
    assert_int_equal(bpi_batch_cases(&trainer, 4), 4);
    assert_int_equal(bpi_batch_cases(&trainer, 3), 3);
    trainer.options.batch_size = 0; /* all */
    assert_int_equal(bpi_batch_cases(&trainer, 10), 10);
}

/* ceil(n / ceil(n / 32)), by counting; so 33 cases make 17 + 16. */
static void test_automatic_batches(void **state)
{
    (void)state;
    bp_trainer trainer = trainer_with(BP_BATCH_AUTO, 1, NULL);
    for (size_t cases = 1; cases <= 200; cases++) {
        size_t batches = 0, size = 0;
        while (batches * 32 < cases)
            batches++;
        while (size * batches < cases)
            size++;
        assert_int_equal(bpi_batch_cases(&trainer, cases), size);
        assert_true(size <= 32 && (cases <= 32 || size > 16));
        assert_int_equal(bpi_epoch_is_shuffled(&trainer, cases), cases > 32);
    }
    assert_int_equal(bpi_batch_cases(&trainer, 33), 17);
    assert_int_equal(bpi_batch_cases(&trainer, SIZE_MAX), 32);
}

/* A rule that learns badly from batches gets all cases, unless the caller wants fewer. */
static void test_batches_of_rules_for_whole_sets(void **state)
{
    (void)state;
    bp_trainer trainer = trainer_with(BP_BATCH_AUTO, 1, NULL);
    trainer.rule = &bpi_irprop_minus_rule;
    assert_int_equal(bpi_batch_cases(&trainer, 200), 200);
    assert_false(bpi_epoch_is_shuffled(&trainer, 200));
    trainer.options.batch_size = 7;
    assert_int_equal(bpi_batch_cases(&trainer, 200), 7);
}

/* There is nothing to shuffle where every update is made from all cases. */
static void test_when_epochs_are_shuffled(void **state)
{
    (void)state;
    bp_trainer trainer = trainer_with(4, 1, NULL);
    assert_true(bpi_epoch_is_shuffled(&trainer, 5));
    assert_false(bpi_epoch_is_shuffled(&trainer, 4));
    trainer.options.batch_size = 0;
    assert_false(bpi_epoch_is_shuffled(&trainer, 5));
    trainer.options.batch_size = 1;
    trainer.options.shuffle = 0;
    assert_false(bpi_epoch_is_shuffled(&trainer, 5));
}

static void assert_permutation(const size_t *order)
{
    bool seen[CASES] = {false};
    for (size_t i = 0; i < CASES; i++) {
        assert_true(order[i] < CASES && !seen[order[i]]);
        seen[order[i]] = true;
    }
}

/* Each order is drawn from the one before; another number of cases begins with 0, 1, 2, ... again, whatever
 * stands there. */
static void test_orders(void **state)
{
    (void)state;
    size_t order[CASES] = {99, 99}, first[CASES], second[CASES];
    bp_trainer trainer = trainer_with(1, 1, order);
    bpi_draw_order(&trainer, CASES);
    memcpy(first, order, sizeof first);
    assert_permutation(first);
    bpi_draw_order(&trainer, CASES);
    memcpy(second, order, sizeof second);
    assert_permutation(second);
    assert_memory_not_equal(first, second, sizeof first);
    random_stream stream;
    bpi_random_seed(&stream, 1);
    size_t expected[CASES];
    for (size_t i = 0; i < CASES; i++)
        expected[i] = i;
    bpi_random_shuffle(&stream, expected, CASES);
    assert_memory_equal(first, expected, sizeof first);
    bpi_random_shuffle(&stream, expected, CASES);
    assert_memory_equal(second, expected, sizeof second);
    bpi_draw_order(&trainer, 3);
    assert_true(order[0] < 3 && order[1] < 3 && order[2] < 3);
    assert_memory_equal(order + 3, second + 3, 7 * sizeof *order);
}

static void test_batches_in_turn(void **state)
{
    (void)state;
    size_t order[CASES] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
    for (int shuffle = 0; shuffle < 2; shuffle++) {
        bp_trainer trainer = trainer_with(4, shuffle, order);
        const training_run run = {
            .trainer = &trainer, .training = {.cases = CASES}, .batch_cases = 4, .is_shuffled = shuffle != 0};
        static const size_t counts[] = {4, 4, 2};
        trainer.epoch = (epoch_state){.begun = true, .cases = CASES};
        for (size_t i = 0; i < 3; i++) {
            const batch cases = bpi_next_batch(&run);
            assert_ptr_equal(cases.data, &run.training);
            assert_int_equal(cases.count, counts[i]);
            if (shuffle)
                assert_ptr_equal(cases.order, order + 4 * i);
            else
                assert_true(cases.order == NULL && cases.first == 4 * i);
            trainer.epoch.done += cases.count;
        }
    }
}

/* The cases in memory may be a window: the numbers in the order are those of its cases. */
static void test_batches_of_a_window(void **state)
{
    (void)state;
    size_t order[CASES] = {4, 3, 2, 1, 0};
    bp_trainer trainer = trainer_with(2, 1, order);
    training_run run = {.trainer = &trainer, .training = {.cases = 5}, .first = 5, .batch_cases = 2};
    trainer.epoch = (epoch_state){.begun = true, .cases = 20, .done = 5};
    static const size_t counts[] = {2, 2, 1, 0};
    for (size_t i = 0; i < 4; i++) {
        run.is_shuffled = i % 2 == 0;
        const batch cases = bpi_next_batch(&run);
        assert_int_equal(bpi_cases_left(&run), 5 - (trainer.epoch.done - 5));
        assert_int_equal(cases.count, counts[i]);
        assert_int_equal(cases.first, trainer.epoch.done - 5);
        assert_true(cases.order == (run.is_shuffled ? order + cases.first : NULL));
        trainer.epoch.done += cases.count;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases_of_an_update),
        cmocka_unit_test(test_automatic_batches),
        cmocka_unit_test(test_batches_of_rules_for_whole_sets),
        cmocka_unit_test(test_when_epochs_are_shuffled),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_batches_in_turn),
        cmocka_unit_test(test_batches_of_a_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
