#include "check/agreement.h"

#include <math.h>

/* Of a symmetric matrix with a row for each case: the sum of its diagonal; without the diagonal, the sums of
 * its elements, of their squares, and of the squares of the sums of its rows. */
typedef struct matrix_sums {
    double trace, all, squares, row_squares;
} matrix_sums;

static double product_of_rows(const case_values *v, size_t a, size_t b)
{
    double sum = 0;
    for (size_t i = 0; i < v->columns; i++)
        sum += (double)v->values[a * v->columns + i] * (double)v->values[b * v->columns + i];
    return sum;
}

static double product_of_columns(const case_values *a, size_t i, const case_values *b, size_t j)
{
    double sum = 0;
    for (size_t row = 0; row < a->cases; row++)
        sum += (double)a->values[row * a->columns + i] * (double)b->values[row * b->columns + j];
    return sum;
}

/* The sum of the squares of the products of all rows with each other, which is that of all columns. */
static double sum_of_squared_products(const case_values *v)
{
    double sum = 0;
    const size_t count = v->columns < v->cases ? v->columns : v->cases;
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b <= a; b++) {
            const double product =
                v->columns < v->cases ? product_of_columns(v, a, v, b) : product_of_rows(v, a, b);
            sum += (a == b ? 1 : 2) * product * product;
        }
    return sum;
}

/* Of G with G_ij = the product of the rows i and j. Each row of it sums to 0. */
static matrix_sums sums_of_products(const case_values *v)
{
    matrix_sums sums = {0};
    for (size_t i = 0; i < v->cases; i++) {
        const double diagonal = product_of_rows(v, i, i);
        sums.trace += diagonal;
        sums.row_squares += diagonal * diagonal;
    }
    sums.all = -sums.trace;
    sums.squares = sum_of_squared_products(v) - sums.row_squares;
    return sums;
}

static bool is_neighbour(const neighbour_lists *lists, size_t neighbours, size_t of, size_t wanted)
{
    for (size_t i = 0; of < lists->queries && i < neighbours; i++)
        if (lists->nearest[of][i] == wanted)
            return true;
    return false;
}

/* How many neighbours a case has, and how often it is one. */
static size_t count_pairs(const neighbour_lists *lists, size_t neighbours, size_t wanted)
{
    size_t count = wanted < lists->queries ? neighbours : 0;
    for (size_t query = 0; query < lists->queries; query++)
        count += is_neighbour(lists, neighbours, query, wanted);
    return count;
}

/* Of S with S_ij = 1/2 if j is a neighbour of i, and 1/2 more if i is one of j. */
static matrix_sums sums_of_neighbours(const neighbour_lists *lists, size_t neighbours, size_t cases)
{
    matrix_sums sums = {.all = (double)lists->queries * (double)neighbours};
    for (size_t query = 0; query < lists->queries; query++)
        for (size_t i = 0; i < neighbours; i++) /* two elements of 1/2 for one pair, two of 1 for both */
            sums.squares += is_neighbour(lists, neighbours, lists->nearest[query][i], query) ? 1 : 0.5;
    for (size_t i = 0; i < cases; i++) {
        const double row = (double)count_pairs(lists, neighbours, i) / 2;
        sums.row_squares += row * row;
    }
    return sums;
}

/* Of the sum of A_ij B_ij over all i and j that differ, over all permutations of the n cases of one of them.
 */
static double mean_by_chance(const matrix_sums *a, const matrix_sums *b, double n)
{
    return a->all * b->all / (n * (n - 1));
}

static double deviation_by_chance(const matrix_sums *a, const matrix_sums *b, double n)
{
    const double pairs = n * (n - 1), threes = pairs * (n - 2), fours = threes * (n - 3);
    const double mean = mean_by_chance(a, b, n);
    const double square = 2 * a->squares * b->squares / pairs +
                          4 * (a->row_squares - a->squares) * (b->row_squares - b->squares) / threes +
                          (a->all * a->all + 2 * a->squares - 4 * a->row_squares) *
                              (b->all * b->all + 2 * b->squares - 4 * b->row_squares) / fours;
    return sqrt(fmax(0, square - mean * mean));
}

/* The sum as a share of what it is at most; by how much it differs from chance does not depend on that. */
static agreement compare(const matrix_sums *a, const matrix_sums *b, size_t cases, double sum, double most)
{
    const double n = (double)cases;
    if (!(most > 0))
        return (agreement){0};
    return (agreement){.share = sum / most,
                       .expected = mean_by_chance(a, b, n) / most,
                       .deviation = deviation_by_chance(a, b, n) / most};
}

agreement bpi_find_agreement(const neighbour_lists *lists, size_t neighbours, const case_values *values)
{
    const matrix_sums g = sums_of_products(values), s = sums_of_neighbours(lists, neighbours, values->cases);
    double sum = 0;
    for (size_t query = 0; query < lists->queries; query++)
        for (size_t i = 0; i < neighbours; i++)
            sum += product_of_rows(values, query, lists->nearest[query][i]);
    return compare(&s, &g, values->cases, sum, g.trace / (double)values->cases * s.all);
}

agreement bpi_find_linear_share(const case_values *inputs, const case_values *targets)
{
    const matrix_sums x = sums_of_products(inputs), t = sums_of_products(targets);
    double sum = 0;
    for (size_t i = 0; i < inputs->columns; i++)
        for (size_t j = 0; j < targets->columns; j++) {
            const double product = product_of_columns(inputs, i, targets, j);
            sum += product * product;
        }
    for (size_t row = 0; row < inputs->cases; row++)
        sum -= product_of_rows(inputs, row, row) * product_of_rows(targets, row, row);
    const double most = x.trace > 0 ? (x.squares + x.row_squares) / x.trace * t.trace : 0;
    return compare(&x, &t, inputs->cases, sum, most);
}
