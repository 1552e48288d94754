/* Short decimal numbers at the start of text, for loops over millions of them. */
#ifndef BPI_BASE_SCAN_NUMBER_H
#define BPI_BASE_SCAN_NUMBER_H

#include <float.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"

#define BPI_ALWAYS_INLINE static inline __attribute__((always_inline))

/* bpi_scan_number may read so many bytes behind the end of a text. */
enum { SCAN_SLACK = 16 };

/* A run of digits: its value, if it has up to 15, and its length. */
typedef struct digit_run {
    uint64_t value;
    size_t length;
} digit_run;

static inline digit_run bpi_scan_long_run(const char *text, size_t most)
{
    digit_run run = {0, 0};
    for (unsigned digit; run.length < most && (digit = (unsigned)(unsigned char)text[run.length] - '0') <= 9;
         run.length++)
        run.value = run.value * 10 + digit;
    return run;
}

/*
 * A run of up to 8 digits; of a longer one the first 8. All 8 characters are looked at together, since
 * branches on the length of numbers are hard to predict. A byte of `chunk` is a digit if its upper half is 3,
 * and still is after 6 was added. Digits are shifted to the end and combined pairwise: to numbers of two
 * digits, four, and eight.
 */
BPI_ALWAYS_INLINE digit_run bpi_scan_run(const char *text)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const uint64_t upper = UINT64_C(0xf0f0f0f0f0f0f0f0), three = UINT64_C(0x3030303030303030);
    uint64_t chunk;
    memcpy(&chunk, text, sizeof chunk);
    const uint64_t other =
        ((chunk & upper) ^ three) | (((chunk + UINT64_C(0x0606060606060606)) & upper) ^ three);
    const size_t length = other == 0 ? 8 : (size_t)__builtin_ctzll(other) / 8;
    if (length == 0)
        return (digit_run){0, 0};
    chunk = (chunk & ~upper) << (64 - 8 * length);
    chunk = chunk * 10 + (chunk >> 8);
    chunk = ((chunk & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
             ((chunk >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >>
            32;
    return (digit_run){chunk, length};
#else
    return bpi_scan_long_run(text, 8);
#endif
}

/*
 * Scans digits with an optional sign and decimal sign `point`, in any locale. Returns the end of the number;
 * NULL if there is none, or if it has an exponent, or so many digits that bpi_parse_number is needed. Gives
 * the nearest double, as that does: up to 15 digits and a power of ten are exact doubles, and their quotient
 * is rounded once. Reads up to SCAN_SLACK bytes behind the first character that is no part of the number.
 */
BPI_ALWAYS_INLINE const char *bpi_scan_number(const char *text, char point, double *value)
{
    enum { MAX_DIGITS = 15 };
    static const uint64_t powers[MAX_DIGITS + 1] = {1,
                                                    10,
                                                    100,
                                                    1000,
                                                    10000,
                                                    100000,
                                                    1000000,
                                                    10000000,
                                                    100000000,
                                                    1000000000,
                                                    UINT64_C(10000000000),
                                                    UINT64_C(100000000000),
                                                    UINT64_C(1000000000000),
                                                    UINT64_C(10000000000000),
                                                    UINT64_C(100000000000000),
                                                    UINT64_C(1000000000000000)};
    static const double signs[] = {1, -1}; /* a branch would be hard to predict, too */
    const bool negative = *text == '-';
    text += (int)negative | (*text == '+');
    digit_run whole = bpi_scan_run(text), fraction = {0, 0};
    if (whole.length == 8)
        whole = bpi_scan_long_run(text, MAX_DIGITS + 1);
    text += whole.length;
    double magnitude = (double)(int64_t)whole.value;
    if (*text == point) {
        fraction = bpi_scan_run(++text);
        if (fraction.length == 8)
            fraction = bpi_scan_long_run(text, MAX_DIGITS + 1);
        text += fraction.length;
        if (whole.length + fraction.length > MAX_DIGITS)
            return NULL;
        magnitude = (double)(int64_t)(whole.value * powers[fraction.length] + fraction.value) /
                    bpi_powers_of_ten[fraction.length];
    }
    if (whole.length + fraction.length - 1 >= MAX_DIGITS || FLT_EVAL_METHOD != 0 || (*text | 0x20) == 'e')
        return NULL;
    *value = signs[negative] * magnitude;
    return text;
}

#endif
