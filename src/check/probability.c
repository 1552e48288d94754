#include "check/probability.h"

#include <math.h>

/* ln n!; from 16 on by Stirling's series, to 1e-12. lgamma() of the C library sets a global variable. */
static double ln_factorial(double n)
{
    const double stirling_from = 16, two_pi = 6.283185307179586;
    double sum = 0;
    if (n >= stirling_from)
        return n * log(n) - n + log(two_pi * n) / 2 + (1 - (1 - 2 / (7 * n * n)) / (30 * n * n)) / (12 * n);
    for (double k = 2; k <= n; k++)
        sum += log(k);
    return sum;
}

double bpi_ln_choices(size_t n, size_t k)
{
    return ln_factorial((double)n) - ln_factorial((double)k) - ln_factorial((double)(n - k));
}

double bpi_binomial_tail(size_t n, double p, size_t count)
{
    if (count == 0 || p >= 1)
        return 1;
    if (p <= 0)
        return 0;
    double sum = 0;
    for (size_t k = count; k <= n; k++) {
        double failures = (double)(n - k);
        sum += exp(bpi_ln_choices(n, k) + (double)k * log(p) + failures * log1p(-p));
    }
    return fmin(1, sum);
}

double bpi_fisher_test(size_t a, size_t n, size_t b, size_t m)
{
    const size_t kind = a + b, all = n + m;
    const size_t least = kind > m ? kind - m : 0, most = kind < n ? kind : n;
    const double slack = 1e-7; /* so that equal probabilities count as equal, rounded as they are */
    const double ways = bpi_ln_choices(all, n),
                 seen = bpi_ln_choices(kind, a) + bpi_ln_choices(all - kind, n - a);
    double sum = 0;
    for (size_t k = least; k <= most; k++) {
        double other = bpi_ln_choices(kind, k) + bpi_ln_choices(all - kind, n - k);
        if (other <= seen + slack)
            sum += exp(other - ways);
    }
    return fmin(1, sum);
}

double bpi_kolmogorov_smirnov_test(double distance, size_t n, size_t m)
{
    enum { TERMS = 100 };
    const double effective = (double)n * (double)m / ((double)n + (double)m);
    const double square = distance * distance * effective;
    double sum = 0, sign = 1;
    if (square < 0.1) /* the series converges slowly, to 1 */
        return 1;
    for (int k = 1; k <= TERMS; k++, sign = -sign)
        sum += sign * exp(-2.0 * k * k * square);
    return fmin(1, fmax(0, 2 * sum));
}
