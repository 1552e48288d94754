#include "base/number.h"

#include <float.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

#include "base/real.h"

/* (-1)^negative * digits * 10^exponent. */
typedef struct decimal {
    bool negative;
    bool exact; /* no digit was dropped */
    uint64_t digits;
    int exponent;
} decimal;

enum { MIN_EXPONENT = -400, MAX_EXPONENT = 10000 };

const double bpi_powers_of_ten[MAX_EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads a run of digits, each of which lowers the exponent by `fraction`. Returns its end. */
static const char *scan_digits(const char *text, int fraction, decimal *d)
{
    const uint64_t max_digits = ((UINT64_C(1) << 53) - 9) / 10; /* one more digit stays within 2^53 */
    for (; is_digit(*text); text++) {
        if (d->digits > max_digits || d->exponent < MIN_EXPONENT)
            d->exact = false;
        else {
            d->digits = d->digits * 10 + (uint64_t)(*text - '0');
            d->exponent -= fraction;
        }
    }
    return text;
}

/* Reads an optional exponent: e, a sign, digits. Returns its end, or NULL if the digits are missing. */
static const char *scan_exponent(const char *text, decimal *d)
{
    if (*text != 'e' && *text != 'E')
        return text;
    text++;
    bool negative = *text == '-';
    text += negative || *text == '+';
    if (!is_digit(*text))
        return NULL;
    int exponent = 0;
    for (; is_digit(*text); text++)
        if (exponent < MAX_EXPONENT)
            exponent = exponent * 10 + (*text - '0');
    d->exponent += negative ? -exponent : exponent;
    return text;
}

/* Is all of text a decimal number? */
static bool scan_decimal(const char *text, decimal *d)
{
    *d = (decimal){.negative = *text == '-', .exact = true};
    text += d->negative || *text == '+';
    const char *whole = text;
    text = scan_digits(text, 0, d);
    bool has_digits = text > whole;
    if (*text == '.') {
        const char *fraction = ++text;
        text = scan_digits(text, 1, d);
        has_digits = has_digits || text > fraction;
    }
    if (!has_digits)
        return false;
    text = scan_exponent(text, d);
    return text != NULL && *text == '\0';
}

/* The words that strtod accepts besides numbers. */
static bool is_not_finite_word(const char *text)
{
    text += *text == '-' || *text == '+';
    return strcasecmp(text, "nan") == 0 || strcasecmp(text, "inf") == 0 || strcasecmp(text, "infinity") == 0;
}

/*
 * Up to 2^53 and 10^22, digits and power are exact doubles, so one product or quotient is the nearest double
 * to the decimal (W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990).
 */
static bool compose(const decimal *d, double *value)
{
    if (FLT_EVAL_METHOD != 0 || !d->exact || d->exponent > MAX_EXACT_POWER || d->exponent < -MAX_EXACT_POWER)
        return false;
    double magnitude = (double)d->digits;
    if (d->exponent < 0)
        magnitude /= bpi_powers_of_ten[-d->exponent];
    else
        magnitude *= bpi_powers_of_ten[d->exponent];
    *value = d->negative ? -magnitude : magnitude;
    return true;
}

number_kind bpi_parse_number(const char *text, double *value)
{
    decimal d;
    if (!scan_decimal(text, &d))
        return is_not_finite_word(text) ? NUMBER_NOT_FINITE : NUMBER_NONE;
    double number;
    if (!compose(&d, &number))
        number = strtod(text, NULL);
    if (!bpi_fits_real(number))
        return NUMBER_NOT_FINITE;
    *value = number;
    return NUMBER_FINITE;
}

bool bpi_c_locale_enter(c_locale *locale)
{
    locale->c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (locale->c == (locale_t)0)
        return false;
    locale->callers = uselocale(locale->c);
    return true;
}

void bpi_c_locale_leave(const c_locale *locale)
{
    uselocale(locale->callers);
    freelocale(locale->c);
}
