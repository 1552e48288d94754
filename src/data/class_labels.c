#include "data/class_labels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "data/csv_reader.h"

bool bpi_class_labels_init(class_labels *labels, const bp_allocator *allocator, size_t capacity)
{
    *labels = (class_labels){.all_numbers = true};
    labels->labels = bpi_allocate(allocator, capacity, sizeof *labels->labels);
    return labels->labels != NULL;
}

void bpi_class_labels_clear(class_labels *labels, const bp_allocator *allocator)
{
    bpi_release(allocator, labels->labels);
    labels->labels = NULL;
}

/* From 2^53 on different integers may be the same double: such labels are compared as text. */
static bool is_number(const char *text, double *value)
{
    return bpi_parse_number(text, value) == NUMBER_FINITE && fabs(*value) < 0x1p53;
}

void bpi_class_labels_add(class_labels *labels, const char *text, size_t line)
{
    case_label *label = &labels->labels[labels->count];
    *label = (case_label){.text = text, .row = labels->count, .line = line};
    labels->all_numbers = labels->all_numbers && is_number(text, &label->value);
    labels->count++;
}

bool bpi_class_labels_begin_with_name(const class_labels *labels)
{
    double value;
    if (labels->count < 3 || is_number(labels->labels[0].text, &value))
        return false;
    for (size_t i = 1; i < labels->count; i++)
        if (!is_number(labels->labels[i].text, &value))
            return false;
    return true;
}

/* Ascending order; equal labels in the order of their cases, so that the first one names the class. */

static int compare_rows(const case_label *a, const case_label *b)
{
    return (a->row > b->row) - (a->row < b->row);
}

static int compare_values(const void *left, const void *right)
{
    const case_label *a = left, *b = right;
    int order = (a->value > b->value) - (a->value < b->value);
    return order != 0 ? order : compare_rows(a, b);
}

static int compare_texts(const void *left, const void *right)
{
    const case_label *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order != 0 ? order : compare_rows(a, b);
}

/* Numbers of classes that suggest a column of other contents: of text, if there is also a class for every two
 * cases (one output per class would take too much memory); of numbers, if there is one for every ten. */
enum { MANY_CLASSES = 1000, MANY_NUMBERS = 20 };

/* Does a class begin at label i of the sorted ones? */
static bool begins_class(const class_labels *labels, size_t i)
{
    if (i == 0)
        return true;
    const case_label *a = &labels->labels[i - 1], *b = &labels->labels[i];
    return labels->all_numbers ? a->value != b->value : strcmp(a->text, b->text) != 0;
}

static size_t count_classes(const class_labels *labels)
{
    size_t classes = 0;
    for (size_t i = 0; i < labels->count; i++)
        classes += begins_class(labels, i);
    return classes;
}

static bp_status fail_numeric(const char *name, const char *found)
{
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s: %s: the target column seems to hold numbers to be predicted, not classes; "
                    "set options.target to BP_TARGET_NUMERIC for that",
                    name, found);
}

/* FORMAT if sorted labels of `classes` classes do not look like classes. */
static bp_status check_classes(const class_labels *labels, size_t classes, const char *name)
{
    const size_t cases = labels->count;
    char found[96];
    if (classes < 2)
        return bpi_fail(BP_ERROR_FORMAT, "%s: every case is of class '%s'; there must be two classes or more",
                        name, bpi_csv_excerpt(labels->labels[0].text).text);
    for (size_t i = 0; labels->all_numbers && i < cases; i++) {
        if (labels->labels[i].value == floor(labels->labels[i].value))
            continue;
        snprintf(found, sizeof found, "class '%s' in line %zu is not a whole number",
                 bpi_csv_excerpt(labels->labels[i].text).text, labels->labels[i].line);
        return fail_numeric(name, found);
    }
    bool too_many = labels->all_numbers ? classes > MANY_NUMBERS && classes > cases / 10
                                        : classes > MANY_CLASSES && classes > cases / 2;
    if (!too_many)
        return BP_OK;
    snprintf(found, sizeof found, "%zu classes in %zu cases", classes, cases);
    return fail_numeric(name, found);
}

static bp_status name_class(bp_dataset *dataset, const char *name, size_t class, const char *text)
{
    dataset->class_names[class] = bpi_copy_string(&dataset->allocator, text);
    if (dataset->class_names[class] == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the names of %zu classes", name,
                        dataset->class_count);
    return BP_OK;
}

bp_status bpi_class_labels_apply(class_labels *labels, bp_dataset *dataset, const char *name, bp_real on,
                                 bp_real off)
{
    qsort(labels->labels, labels->count, sizeof *labels->labels,
          labels->all_numbers ? compare_values : compare_texts);
    size_t classes = count_classes(labels);
    BPI_TRY(check_classes(labels, classes, name));
    BPI_TRY(bpi_dataset_add_classes(dataset, name, classes, off));
    size_t class = 0;
    for (size_t i = 0; i < labels->count; i++) {
        const case_label *label = &labels->labels[i];
        if (begins_class(labels, i)) {
            class += i > 0;
            BPI_TRY(name_class(dataset, name, class, label->text));
        }
        dataset->targets[label->row * classes + class] = on;
    }
    return BP_OK;
}

/* ---------------------------------------------- the classes of another dataset */

static bool are_numbers(char *const *names, size_t count)
{
    double value;
    for (size_t i = 0; i < count; i++)
        if (!is_number(names[i], &value))
            return false;
    return true;
}

/* Compares a label with the name of a class in the order in which classes are numbered, as strcmp does. */
static int compare_with_name(const char *label, const char *name, bool as_numbers)
{
    double a, b;
    if (!as_numbers)
        return strcmp(label, name);
    (void)is_number(label, &a);
    (void)is_number(name, &b);
    return (a > b) - (a < b);
}

/* The class of a label, or the number of classes if there is none. */
static size_t find_class(const bp_dataset *known, const char *label, bool as_numbers)
{
    size_t first = 0, end = known->class_count;
    double value;
    if (as_numbers && !is_number(label, &value))
        return known->class_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        int order = compare_with_name(label, known->class_names[middle], as_numbers);
        if (order == 0)
            return middle;
        if (order < 0)
            end = middle;
        else
            first = middle + 1;
    }
    return known->class_count;
}

bp_status bpi_class_labels_apply_known(const class_labels *labels, bp_dataset *dataset, const char *name,
                                       size_t column, const bp_dataset *known, bp_real on, bp_real off)
{
    const size_t classes = known->class_count;
    const bool as_numbers = are_numbers(known->class_names, classes);
    BPI_TRY(bpi_dataset_add_classes(dataset, name, classes, off));
    for (size_t i = 0; i < classes; i++)
        BPI_TRY(name_class(dataset, name, i, known->class_names[i]));
    for (size_t i = 0; i < labels->count; i++) {
        const case_label *label = &labels->labels[i];
        size_t class = find_class(known, label->text, as_numbers);
        if (class == classes)
            return bpi_fail(BP_ERROR_FORMAT,
                            "%s:%zu: column %zu: '%s' is none of the %zu classes of options.classes_of", name,
                            label->line, column, bpi_csv_excerpt(label->text).text, classes);
        dataset->targets[label->row * classes + class] = on;
    }
    return BP_OK;
}
