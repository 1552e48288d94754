/* Decimal numbers in text. */
#ifndef BPI_BASE_NUMBER_H
#define BPI_BASE_NUMBER_H

#include <locale.h>
#include <stdbool.h>

#include "base/arithmetic.h"

typedef enum number_kind {
    NUMBER_FINITE,     /* a decimal number that bp_real can hold */
    NUMBER_NOT_FINITE, /* one that is too large for bp_real, or the word nan, inf or infinity */
    NUMBER_NONE        /* anything else */
} number_kind;

/* Parses text, which is a number if it is digits with an optional sign, point and exponent, and nothing else.
 * Sets *value for NUMBER_FINITE. Trusts that the thread's locale is "C". */
number_kind bpi_parse_number(const char *text, double *value);

/* Powers of ten that are exact doubles. */
enum { MAX_EXACT_POWER = 22 };
extern const double bpi_powers_of_ten[MAX_EXACT_POWER + 1];

/* The locales of a thread that reads or writes text. */
typedef struct c_locale {
    locale_t c, callers;
} c_locale;

/* Makes "C" the thread's locale, until bpi_c_locale_leave. False, with nothing changed, when there is no
 * memory. */
bool bpi_c_locale_enter(c_locale *locale);
void bpi_c_locale_leave(const c_locale *locale);

#endif
