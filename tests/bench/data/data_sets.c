#include "data_sets.h"

#include <stdlib.h>

static table read_table(const char *folder, const data_set *set)
{
    return table_read(folder, set->file, &set->layout);
}

/* Inputs and targets in two files, separated by spaces. */
static table read_diabetes(const char *folder, const data_set *set)
{
    const csv_layout first_as_target = {.delimiter = ' '};
    table inputs = table_read(folder, set->file, &first_as_target);
    double *target;
    size_t cases = column_read(folder, "diabetes/diabetes_target.csv", false, 0, &target);
    if (cases != inputs.cases)
        give_up("not as many targets as inputs", set->name);
    table data = table_create(cases, inputs.inputs + 1, 1, false);
    for (size_t i = 0; i < cases; i++) {
        data.x[i * data.inputs] = inputs.y[i];
        for (size_t j = 0; j < inputs.inputs; j++)
            data.x[i * data.inputs + 1 + j] = inputs.x[i * inputs.inputs + j];
        data.y[i] = (bp_real)target[i];
    }
    free(target);
    table_destroy(&inputs);
    return data;
}

/* A series x: the inputs are x at time t less some lags, the target is x `ahead` later. */
static table cut_series(const double *x, size_t length, const size_t *lags, size_t inputs, size_t ahead)
{
    const size_t longest = lags[inputs - 1];
    table data = table_create(length - longest - ahead, inputs, 1, false);
    for (size_t i = 0; i < data.cases; i++) {
        for (size_t j = 0; j < inputs; j++)
            data.x[i * inputs + j] = (bp_real)x[i + longest - lags[j]];
        data.y[i] = (bp_real)x[i + longest + ahead];
    }
    return data;
}

static table read_sunspots(const char *folder, const data_set *set)
{
    static const size_t lags[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    double *x;
    size_t length = column_read(folder, set->file, true, 1, &x);
    table data = cut_series(x, length, lags, 12, 1);
    free(x);
    return data;
}

static table read_mackey_glass(const char *folder, const data_set *set)
{
    static const size_t lags[] = {0, 6, 12, 18};
    double *x;
    size_t length = column_read(folder, set->file, true, 1, &x);
    table data = cut_series(x, length, lags, 4, 6);
    free(x);
    return data;
}

static table read_fashion(const char *folder, const data_set *set)
{
    enum { PIXELS = 28 * 28, CLASSES = 10, IMAGE_HEADER = 16, LABEL_HEADER = 8 };
    unsigned char *images = bytes_read(folder, set->file, IMAGE_HEADER, set->cases * PIXELS);
    unsigned char *labels =
        bytes_read(folder, "fashion-mnist/train-labels-idx1-ubyte", LABEL_HEADER, set->cases);
    table data = table_create(set->cases, PIXELS, CLASSES, true);
    for (size_t i = 0; i < set->cases * PIXELS; i++)
        data.x[i] = images[i];
    for (size_t i = 0; i < set->cases; i++)
        data.y[i * CLASSES + labels[i] % CLASSES] = 1;
    free(images);
    free(labels);
    return data;
}

/* Named columns and the target's place; classes or a number. */
#define CLASSES_IN(column)                                                                                   \
    {                                                                                                        \
        true, ',', column, true                                                                              \
    }
#define NUMBER_IN(column)                                                                                    \
    {                                                                                                        \
        true, ',', column, false                                                                             \
    }

const data_set data_sets[] = {
    {.name = "zoo", .read = read_table, .file = "raw/zoo.csv", .layout = CLASSES_IN(-1)},
    {.name = "cars93", .read = read_table, .file = "raw/cars93.csv", .layout = NUMBER_IN(4)},
    {.name = "airquality", .read = read_table, .file = "raw/airquality.csv", .layout = NUMBER_IN(0)},
    {.name = "iris", .read = read_table, .file = "iris/iris.csv", .layout = CLASSES_IN(-1)},
    {.name = "servo", .read = read_table, .file = "raw/servo.csv", .layout = NUMBER_IN(-1)},
    {.name = "wine", .read = read_table, .file = "wine/wine_data.csv", .layout = CLASSES_IN(-1)},
    {.name = "sonar", .read = read_table, .file = "raw/sonar.csv", .layout = CLASSES_IN(-1)},
    {.name = "sunspots", .read = read_sunspots, .file = "sunspots/sunspots.csv"},
    {.name = "house votes", .read = read_table, .file = "raw/house_votes.csv", .layout = CLASSES_IN(0)},
    {.name = "diabetes", .read = read_diabetes, .file = "diabetes/diabetes_data_raw.csv"},
    {.name = "breast cancer",
     .read = read_table,
     .file = "breast-cancer/breast_cancer.csv",
     .layout = CLASSES_IN(-1)},
    {.name = "vehicle", .read = read_table, .file = "raw/vehicle.csv", .layout = CLASSES_IN(-1)},
    {.name = "vowel", .read = read_table, .file = "raw/vowel.csv", .layout = CLASSES_IN(-1)},
    {.name = "Mackey-Glass",
     .read = read_mackey_glass,
     .file = "mackey-glass/mackey_glass_17.csv",
     .cases = 1500},
    {.name = "digits",
     .read = read_table,
     .file = "digits/digits.csv",
     .layout = {false, ',', -1, true},
     .grid = GRID_MINI_BATCHES},
    {.name = "letters",
     .read = read_table,
     .file = "raw/letter_recognition.csv",
     .layout = CLASSES_IN(0),
     .cases = 4000,
     .grid = GRID_MINI_BATCHES},
    {.name = "Fashion-MNIST",
     .read = read_fashion,
     .file = "fashion-mnist/train-images-idx3-ubyte",
     .cases = 6000,
     .grid = GRID_ONE_FOLD},
};

const size_t data_set_count = sizeof data_sets / sizeof data_sets[0];
