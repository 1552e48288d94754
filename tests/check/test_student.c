/* Student's t distribution: quantiles against mpmath 1.2.1 with 40 digits (roots of its incomplete beta
 * function; closed forms for 1 and 2 degrees of freedom), tails against SciPy 1.10.1 (scipy.stats.t.sf),
 * whose quantiles have 10 digits. */
#include <math.h>

#include "check/student.h"
#include "support/support.h"

/* The continued fraction loses digits with many degrees of freedom. */
static double tolerance_at(double many)
{
    return many > 1e6 ? 1e-9 : 1e-12;
}

enum { DEGREES = 7, TAILS = 6, POINTS = 4 };

static const double degrees[DEGREES] = {1, 2, 2.5, 6, 30, 1e4, 1e7};
static const double tails[TAILS] = {.25, .05, .025, .005, 1e-6, 1e-12};
static const double points[POINTS] = {0.5, 2, 10, 100};

static const double quantiles[DEGREES][TAILS] = {
    {1.0, 6.3137515146750431, 12.706204736174705, 63.656741162871581, 318309.88618274347, 318309886183.79067},
    {0.81649658092772603, 2.9199855803537257, 4.3026527297494639, 9.9248432009182931, 707.1057205259338,
     707106.78118548686},
    {0.7850136829923011, 2.5582186141359366, 3.5746548420036832, 7.1637281389487855, 220.17342917823684,
     55306.174076515815},
    {0.71755819649141257, 1.9431802805153032, 2.44691185114497, 3.7074280213247798, 17.830314500655491,
     179.75335991079196},
    {0.68275569332129255, 1.6972608865939578, 2.0422724563012383, 2.7499956535672253, 5.8711171204188826,
     11.397217523311411},
    {0.67451428448359243, 1.645006018069243, 1.9602012398906263, 2.5763210466685289, 4.756229685056779,
     7.0433716020557756},
    {0.67448977472957515, 1.6448537793284017, 1.9599642217672055, 2.575829795203749, 4.7534271127555771,
     7.0344927035261599},
};

/* 0 where it is smaller than any double. */
static const double probabilities[DEGREES][POINTS] = {
    {0.3524163823495668, 0.1475836176504332, 0.03172551743055356, 0.0031829927649082547},
    {0.33333333333333337, 0.09175170953613696, 0.004926228511662846, 4.9992501249781284e-05},
    {0.3288489599348574, 0.078695747878983, 0.002220747883653711, 7.191649211666181e-06},
    {0.31744, 0.0462131557658375, 2.8959913774768124e-05, 3.369690110616924e-11},
    {0.31036150244256366, 0.02731252248149155, 2.2876257041148048e-11, 9.923058983635087e-40},
    {0.30854303966161667, 0.022763630330717727, 9.816403714332053e-24, 0.0},
    {0.3085375442270075, 0.02275014544592147, 7.621796145136777e-24, 0.0},
};

static void test_tail(void **state)
{
    (void)state;
    for (size_t i = 0; i < DEGREES; i++) {
        assert_close(bpi_student_tail(0, degrees[i]), 0.5, 1e-15);
        for (size_t j = 0; j < POINTS; j++)
            assert_close(bpi_student_tail(points[j], degrees[i]), probabilities[i][j],
                         tolerance_at(degrees[i]));
    }
}

static void test_quantile(void **state)
{
    (void)state;
    for (size_t i = 0; i < DEGREES; i++)
        for (size_t j = 0; j < TAILS; j++)
            assert_close(bpi_student_quantile(tails[j], degrees[i]), quantiles[i][j],
                         tolerance_at(degrees[i]));
}

static void test_one_half(void **state)
{
    (void)state;
    assert_true(fabs(bpi_student_quantile(0.5, 3)) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tail),
        cmocka_unit_test(test_quantile),
        cmocka_unit_test(test_one_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
