#include "data/class_labels.h"

#include <math.h>
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

/* From 2^53 on different integers become equal doubles: such labels are told apart as text. */
static bool is_number(const char *text, double *value)
{
    return bpi_parse_number(text, value) == NUMBER_FINITE && fabs(*value) < 0x1p53;
}

void bpi_class_labels_add(class_labels *labels, const char *text)
{
    case_label *label = &labels->labels[labels->count];
    *label = (case_label){.text = text, .row = labels->count};
    labels->all_numbers = labels->all_numbers && is_number(text, &label->value);
    labels->count++;
}

/* Labels in ascending order; equal ones in the order of their cases, so that the first names the class. */

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

/* So many, and a class for every other case: one output per class would fill the memory, and teach nothing.
 */
enum { MANY_CLASSES = 1000 };

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

bp_status bpi_class_labels_apply(class_labels *labels, bp_dataset *dataset, const char *name, bp_real on,
                                 bp_real off)
{
    qsort(labels->labels, labels->count, sizeof *labels->labels,
          labels->all_numbers ? compare_values : compare_texts);
    size_t classes = count_classes(labels);
    if (classes < 2)
        return bpi_fail(BP_ERROR_FORMAT, "%s: every case is of class '%s'; there must be two classes or more",
                        name, bpi_csv_excerpt(labels->labels[0].text).text);
    if (classes > MANY_CLASSES && classes > labels->count / 2)
        return bpi_fail(
            BP_ERROR_FORMAT,
            "%s: %zu classes in %zu cases: the target column seems to hold numbers to be predicted; "
            "options.target = BP_TARGET_NUMERIC takes it so",
            name, classes, labels->count);
    BPI_TRY(bpi_dataset_add_classes(dataset, name, classes, off));
    size_t class = 0;
    for (size_t i = 0; i < labels->count; i++) {
        const case_label *label = &labels->labels[i];
        if (begins_class(labels, i)) {
            class += i > 0;
            dataset->class_names[class] = bpi_copy_string(&dataset->allocator, label->text);
            if (dataset->class_names[class] == NULL)
                return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the names of %zu classes", name, classes);
        }
        dataset->targets[label->row * classes + class] = on;
    }
    return BP_OK;
}
