/* The course of the errors: which points are kept, and how they moved. */
#include <math.h>

#include "support/support.h"
#include "train/error_trace.h"

enum { FIRST_STRIDE = 16 };

/* As the trainer does after an epoch of so many updates; the error tells the updates. */
static void offer(error_trace *trace, uint64_t updates)
{
    if (bpi_trace_is_due(trace, updates))
        bpi_trace_add(trace, updates, 1 + 1.0 / (double)updates, 2 + 1.0 / (double)updates);
}

static void assert_points(const error_trace *trace, uint64_t first, uint64_t stride, size_t count)
{
    assert_int_equal(trace->count, count);
    for (size_t i = 0; i < count; i++) {
        const trace_point *point = &trace->points[i];
        assert_int_equal(point->updates, first + i * stride);
        assert_true(point->error == 1 + 1.0 / (double)point->updates);
        assert_true(point->validation_error == 2 + 1.0 / (double)point->updates);
    }
}

static void test_the_first_points(void **state)
{
    (void)state;
    error_trace trace = {0};
    assert_true(bpi_trace_is_due(&trace, 0));
    offer(&trace, 3);
    assert_true(trace.first_error == 1 + 1.0 / 3);
    assert_points(&trace, 3, FIRST_STRIDE, 1);
    for (uint64_t updates = 4; updates < 3 + FIRST_STRIDE; updates++)
        assert_false(bpi_trace_is_due(&trace, updates));
    assert_true(bpi_trace_is_due(&trace, 3 + FIRST_STRIDE));
    for (uint64_t updates = 4; updates <= 3 + (TRACE_POINTS - 1) * FIRST_STRIDE; updates++)
        offer(&trace, updates);
    assert_points(&trace, 3, FIRST_STRIDE, TRACE_POINTS);
}

/* Epochs of more updates than the stride give a point each. */
static void test_long_epochs(void **state)
{
    (void)state;
    error_trace trace = {0};
    for (uint64_t epoch = 1; epoch <= 20; epoch++)
        offer(&trace, epoch * 1000);
    assert_points(&trace, 1000, 1000, 20);
}

/* When it is full, the next point drops every second one, and later ones are twice as far apart. */
static void test_thinning(void **state)
{
    (void)state;
    error_trace trace = {0};
    uint64_t updates = 1;
    for (; trace.count < TRACE_POINTS; updates++)
        offer(&trace, updates);
    const uint64_t last = trace.points[TRACE_POINTS - 1].updates;
    for (; updates < last + FIRST_STRIDE; updates++) {
        offer(&trace, updates);
        assert_int_equal(trace.count, TRACE_POINTS);
    }
    offer(&trace, updates);
    assert_int_equal(trace.count, TRACE_POINTS / 2 + 1);
    assert_true(trace.first_error == 2); /* though that point is gone */
    for (size_t i = 0; i < TRACE_POINTS / 2; i++)
        assert_int_equal(trace.points[i].updates, 1 + (2 * i + 1) * FIRST_STRIDE);
    assert_int_equal(trace.points[TRACE_POINTS / 2].updates, last + FIRST_STRIDE);
    for (; trace.count < TRACE_POINTS; updates++)
        offer(&trace, updates);
    for (size_t i = TRACE_POINTS / 2 + 1; i < TRACE_POINTS; i++)
        assert_int_equal(trace.points[i].updates - trace.points[i - 1].updates, 2 * FIRST_STRIDE);
}

/* After any number of updates the points are spread evenly, to within a stride, and half of them at least are
 * there. */
static void test_it_always_spans_all_updates(void **state)
{
    (void)state;
    error_trace trace = {0};
    for (uint64_t updates = 1; updates <= 200000; updates++) {
        offer(&trace, updates);
        if (updates <= TRACE_POINTS * FIRST_STRIDE)
            continue;
        assert_in_range(trace.count, TRACE_POINTS / 2, TRACE_POINTS);
        assert_true(trace.points[0].updates <= 2 * trace.stride);
        assert_true(updates < trace.points[trace.count - 1].updates + trace.stride);
        for (size_t i = 1; updates % 997 == 0 && i < trace.count; i++) {
            const uint64_t apart = trace.points[i].updates - trace.points[i - 1].updates;
            assert_true(apart <= trace.stride && 2 * apart >= trace.stride);
        }
    }
}

static void test_restart(void **state)
{
    (void)state;
    error_trace trace = {0};
    bpi_trace_restart(&trace); /* before the first point */
    assert_true(bpi_trace_is_due(&trace, 0));
    for (uint64_t updates = 2; updates < 5000; updates++)
        offer(&trace, updates);
    assert_true(trace.stride > FIRST_STRIDE);
    bpi_trace_restart(&trace);
    assert_int_equal(trace.count, 0);
    assert_true(bpi_trace_is_due(&trace, 5000));
    for (uint64_t updates = 5000; updates < 5100; updates++)
        offer(&trace, updates);
    assert_points(&trace, 5000, FIRST_STRIDE, 7);
    assert_true(trace.first_error == 1.5);
}

/* Against the definition, over the last points of many. */
static void test_motion(void **state)
{
    (void)state;
    uint64_t seed = 3;
    error_trace trace = {0};
    for (uint64_t i = 1; i <= 20; i++)
        bpi_trace_add(&trace, i, test_uniform(&seed, 0, 5), NAN);
    for (size_t points = 2; points <= trace.count; points++) {
        const trace_motion motion = bpi_trace_motion(&trace, points);
        double sum = 0, rises = 0, moves = 0;
        for (size_t i = trace.count - points; i < trace.count; i++)
            sum += trace.points[i].error;
        for (size_t i = trace.count - points + 1; i < trace.count; i++) {
            rises += fmax(trace.points[i].error - trace.points[i - 1].error, 0);
            moves += fabs(trace.points[i].error - trace.points[i - 1].error);
        }
        assert_close(motion.level, sum / (double)points, 1e-14);
        assert_close(motion.rises, rises, 1e-14);
        assert_close(motion.falls, moves - rises, 1e-12);
    }
}

static void test_motion_by_hand(void **state)
{
    (void)state;
    static const double errors[] = {100, 4, 1, 3, 2};
    error_trace trace = {0};
    for (size_t i = 0; i < 5; i++)
        bpi_trace_add(&trace, i, errors[i], NAN);
    const trace_motion motion = bpi_trace_motion(&trace, 4);
    assert_true(motion.level == 2.5 && motion.rises == 2 && motion.falls == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_points), cmocka_unit_test(test_long_epochs),
        cmocka_unit_test(test_thinning),         cmocka_unit_test(test_it_always_spans_all_updates),
        cmocka_unit_test(test_restart),          cmocka_unit_test(test_motion),
        cmocka_unit_test(test_motion_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
