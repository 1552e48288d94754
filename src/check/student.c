#include "check/student.h"

#include <float.h>
#include <math.h>

/*
 * Gamma(a + 1/2) / Gamma(a), a > 0: by the series for large a (DLMF 5.11.13), to which Gamma(a + 1) =
 * a Gamma(a) leads from small ones. A difference of logarithms would lose as many digits as they have, and
 * lgamma() sets a global variable.
 */
static double gamma_ratio(double a)
{
    const double series_from = 20;
    double below = 1;
    for (; a < series_from; a++)
        below *= a / (a + 0.5);
    const double s = 1 / (a * a);
    return below * sqrt(a) * exp((-1.0 / 8 + s * (1.0 / 192 - s * (1.0 / 640 - s * 17 / 14336))) / a);
}

/* Never 0, so that it can be divided by. */
static double away_from_0(double value)
{
    return fabs(value) < DBL_MIN ? DBL_MIN : value;
}

/* The continued fraction of the incomplete beta function (DLMF 8.17.22), by the method of Lentz. */
static double beta_fraction(double a, double b, double x)
{
    enum { TERMS = 100000 };
    double c = 1, d = 1 / away_from_0(1 - (a + b) * x / (a + 1)), product = d;
    for (int m = 1; m <= TERMS; m++) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away_from_0(1 + even * d);
        c = away_from_0(1 + even / c);
        product *= c * d;
        d = 1 / away_from_0(1 + odd * d);
        c = away_from_0(1 + odd / c);
        product *= c * d;
        if (fabs(c * d - 1) < 1e-15)
            break;
    }
    return product;
}

/* Half the regularized incomplete beta function I_x(a, 1/2), a = degrees / 2, x = degrees / (degrees + t^2)
 * (DLMF 8.17). */
double bpi_student_tail(double t, double degrees)
{
    const double pi = 3.14159265358979323846;
    const double a = degrees / 2, b = 0.5, sum = degrees + t * t, x = degrees / sum, y = t * t / sum;
    if (!(y > 0))
        return 0.5;
    const double front = exp(-a * log1p(t * t / degrees)) * sqrt(y / pi) * gamma_ratio(a);
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a / 2;
    return 0.5 - front * beta_fraction(b, a, y); /* (1 - front / b) / 2 */
}

double bpi_student_quantile(double tail, double degrees)
{
    double low = 0, high = 1;
    while (bpi_student_tail(high, degrees) > tail && high < 1e150) {
        low = high;
        high *= 2;
    }
    for (double middle = low + (high - low) / 2; middle > low && middle < high;
         middle = low + (high - low) / 2) {
        if (bpi_student_tail(middle, degrees) > tail)
            low = middle;
        else
            high = middle;
    }
    return high;
}
