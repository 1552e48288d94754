#include "formulas.h"

#include <math.h>

#include "split.h"

static const double pi = 3.14159265358979323846;

static double between(uint64_t *state, double low, double high)
{
    return low + (high - low) * next_uniform(state);
}

/* About normal: the sum of twelve uniform numbers. */
static double noise(uint64_t *state)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += next_uniform(state);
    return sum;
}

static void set_class(table *data, size_t row, size_t class)
{
    data->y[row * data->outputs + class] = 1;
}

static void fill_row(table *data, size_t row, uint64_t *state, double low, double high)
{
    for (size_t j = 0; j < data->inputs; j++)
        data->x[row * data->inputs + j] = (bp_real)between(state, low, high);
}

/* Clouds around the corners of a square, the class by the diagonal; other columns are noise. */
static table make_corners(size_t cases, size_t inputs)
{
    table data = table_create(cases, inputs, 2, true);
    uint64_t state = 1;
    for (size_t i = 0; i < cases; i++) {
        bp_real *x = data.x + i * inputs;
        for (size_t j = 0; j < inputs; j++)
            x[j] = (bp_real)(j < 2 ? 0.25 * noise(&state) : noise(&state));
        x[0] += i % 2 == 0 ? 1 : -1;
        x[1] += i / 2 % 2 == 0 ? 1 : -1;
        set_class(&data, i, i % 2 == i / 2 % 2);
    }
    return data;
}

table make_xor(void)
{
    return make_corners(300, 2);
}

table make_xor_irrelevant(void)
{
    return make_corners(600, 6);
}

table make_spirals(void)
{
    table data = table_create(400, 2, 2, true);
    uint64_t state = 2;
    for (size_t i = 0; i < data.cases; i++) {
        double along = sqrt(next_uniform(&state)), angle = 2 * pi * along + (i % 2 == 0 ? 0 : pi);
        data.x[2 * i] = (bp_real)(along * cos(angle) + 0.01 * noise(&state));
        data.x[2 * i + 1] = (bp_real)(along * sin(angle) + 0.01 * noise(&state));
        set_class(&data, i, i % 2);
    }
    return data;
}

table make_sine(void)
{
    table data = table_create(300, 1, 1, false);
    uint64_t state = 3;
    for (size_t i = 0; i < data.cases; i++) {
        fill_row(&data, i, &state, 0, 2 * pi);
        data.y[i] = (bp_real)(sin((double)data.x[i]) + 0.1 * noise(&state));
    }
    return data;
}

table make_friedman(void)
{
    table data = table_create(400, 10, 1, false);
    uint64_t state = 4;
    for (size_t i = 0; i < data.cases; i++) {
        fill_row(&data, i, &state, 0, 1);
        const bp_real *x = data.x + i * data.inputs;
        double middle = (double)x[2] - 0.5;
        data.y[i] = (bp_real)(10 * sin(pi * (double)x[0] * (double)x[1]) + 20 * middle * middle +
                              10 * (double)x[3] + 5 * (double)x[4] + noise(&state));
    }
    return data;
}

table make_monks(void)
{
    static const size_t values[6] = {3, 3, 2, 3, 4, 2};
    table data = table_create(432, 17, 2, true);
    for (size_t i = 0; i < data.cases; i++) {
        size_t attribute[6], column = 0, rest = i;
        for (size_t j = 0; j < 6; j++) {
            attribute[j] = rest % values[j];
            rest /= values[j];
            data.x[i * data.inputs + column + attribute[j]] = 1;
            column += values[j];
        }
        set_class(&data, i, attribute[0] == attribute[1] || attribute[4] == 0);
    }
    return data;
}

table make_heavy_tails(void)
{
    table data = table_create(400, 4, 2, true);
    uint64_t state = 5;
    for (size_t i = 0; i < data.cases; i++) {
        double sum = 0;
        for (size_t j = 0; j < data.inputs; j++) {
            double value = tan(0.4997 * pi * between(&state, -1, 1));
            data.x[i * data.inputs + j] = (bp_real)value;
            sum += value / (1 + fabs(value));
        }
        set_class(&data, i, sum > 0);
    }
    return data;
}

table make_unequal_columns(void)
{
    static const double sizes[] = {1e-6, 1e-3, 1, 1e3, 1e6};
    table data = table_create(400, 5, 1, false);
    uint64_t state = 6;
    for (size_t i = 0; i < data.cases; i++) {
        double value[5];
        for (size_t j = 0; j < 5; j++) {
            value[j] = between(&state, -1, 1);
            data.x[i * 5 + j] = (bp_real)(sizes[j] * (value[j] + (double)j));
        }
        data.y[i] =
            (bp_real)(1e4 * (value[0] - value[4] + value[1] * value[3] + value[2] + 0.1 * noise(&state)) +
                      5e4);
    }
    return data;
}

table make_near_constant(void)
{
    table data = table_create(300, 6, 1, false);
    uint64_t state = 7;
    for (size_t i = 0; i < data.cases; i++) {
        double a = between(&state, -1, 1), b = between(&state, -1, 1);
        const double row[] = {1000 + a, 7, b, 0, next_uniform(&state) < 0.01, 1 + 1e-3 * b};
        for (size_t j = 0; j < 6; j++)
            data.x[i * 6 + j] = (bp_real)row[j];
        data.y[i] = (bp_real)(a * a + b + 0.05 * noise(&state));
    }
    return data;
}

table make_bits(void)
{
    table data = table_create(400, 9, 2, true);
    uint64_t state = 8;
    for (size_t i = 0; i < data.cases; i++) {
        size_t ones = 0;
        for (size_t j = 0; j < 9; j++) {
            bool bit = next_uniform(&state) < 0.5;
            data.x[i * 9 + j] = bit;
            ones += bit;
        }
        set_class(&data, i, ones > 4 || ones == 0);
    }
    return data;
}
