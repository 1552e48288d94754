#include "data/case_classes.h"

#include "base/numeric.h"
#include "engine/evaluate.h"
#include "engine/missing_targets.h"

static const bp_real *targets_of(const bp_dataset *dataset, size_t index)
{
    return dataset->targets + index * dataset->target_width;
}

/* False if there are not exactly two. */
static bool find_values(const bp_dataset *dataset, bp_real *low, bp_real *high)
{
    *low = *high = dataset->targets[0];
    for (size_t i = 1; i < dataset->cases * dataset->target_width; i++) {
        bp_real value = dataset->targets[i];
        if (value == *low || value == *high)
            continue;
        if (*low != *high)
            return false;
        *low = value < *low ? value : *low;
        *high = value > *high ? value : *high;
    }
    return *low != *high;
}

static bool are_one_hot(const bp_dataset *dataset, bp_real high)
{
    for (size_t i = 0; i < dataset->cases; i++) {
        size_t count = 0;
        for (size_t k = 0; k < dataset->target_width; k++)
            count += targets_of(dataset, i)[k] == high;
        if (count != 1)
            return false;
    }
    return true;
}

size_t bpi_count_missing_targets(const bp_dataset *dataset)
{
    const size_t count = dataset->cases * dataset->target_width;
    return dataset->missing_targets == 0 ? 0 : count - bpi_count_targets(dataset->targets, count);
}

case_classes bpi_case_classes(const bp_dataset *dataset)
{
    const size_t width = dataset->target_width;
    bp_real low, high;
    if (dataset->targets == NULL || bpi_count_missing_targets(dataset) > 0)
        return (case_classes){0};
    if (dataset->class_count > 1 && dataset->class_count == width)
        return (case_classes){.count = width};
    if (!find_values(dataset, &low, &high) || (width > 1 && !are_one_hot(dataset, high)))
        return (case_classes){0};
    return (case_classes){.count = bpi_max(width, 2), .threshold = (double)low / 2 + (double)high / 2};
}

size_t bpi_case_class(const bp_dataset *dataset, const case_classes *classes, size_t index)
{
    return bpi_class_of(targets_of(dataset, index), dataset->target_width, classes->threshold);
}

size_t bp_dataset_class_cases(const bp_dataset *dataset, bp_subset part, size_t index)
{
    if (dataset == NULL || (unsigned)part > BP_SUBSET_TEST)
        return 0;
    const case_range range = bpi_dataset_range(dataset, part);
    const case_classes classes = bpi_case_classes(dataset);
    size_t count = 0;
    for (size_t i = range.first; classes.count > 0 && i < range.first + range.count; i++)
        count += bpi_case_class(dataset, &classes, i) == index;
    return count;
}
