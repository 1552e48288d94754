#include <time.h>

#include "base/clock.h"
#include "support/support.h"

static void test_clock_goes_forward_by_the_time_slept(void **state)
{
    (void)state;
    double before = bpi_clock_seconds();
    struct timespec pause = {0, 20 * 1000 * 1000};
    while (nanosleep(&pause, &pause) != 0)
        ;
    double after = bpi_clock_seconds();
    assert_true(after - before >= 0.0199);
    double last = after;
    for (int i = 0; i < 1000; i++) {
        double now = bpi_clock_seconds();
        assert_true(now >= last);
        last = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_goes_forward_by_the_time_slept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
