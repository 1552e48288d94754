#include "data/array_file.h"

#include "base/memory.h"
#include "base/status.h"

/* ----------------------------------------------------------------- opening, closing */

input_file *bpi_array_targets(array_pair *pair)
{
    return pair->targets.path == NULL ? NULL : &pair->targets;
}

bp_status bpi_array_pair_open(array_pair *pair, const char *inputs_path, const char *targets_path)
{
    *pair = (array_pair){.inputs = {.path = NULL}};
    BPI_TRY(bpi_input_open(&pair->inputs, inputs_path));
    if (targets_path == NULL)
        return BP_OK;
    bp_status status = bpi_input_open(&pair->targets, targets_path);
    if (status != BP_OK)
        bpi_input_close(&pair->inputs);
    return status;
}

void bpi_array_pair_close(array_pair *pair)
{
    bpi_input_close(&pair->inputs);
    if (bpi_array_targets(pair) != NULL)
        bpi_input_close(&pair->targets);
}

bp_status bpi_array_pair_begin(array_pair *pair, const array_reading *reading, const bp_allocator *allocator)
{
    BPI_TRY(bpi_input_unpack(&pair->inputs, allocator));
    if (bpi_array_targets(pair) != NULL)
        BPI_TRY(bpi_input_unpack(&pair->targets, allocator));
    return reading->read_headers(pair, reading->target);
}

/* ------------------------------------------------------------------------- elements */

static bp_status go_to(input_file *file, const array_header *header, size_t element)
{
    const size_t at = header->first + element * header->type.size;
    return file->position == at ? BP_OK : bpi_input_seek(file, at);
}

/*
 * The elements at one place in the other dimensions lie one after another, case by case. Then follow those of
 * the next place, by the first of the other dimensions, which runs fastest among them.
 */
static bp_status read_fortran(input_file *file, const array_header *header, size_t first, size_t count,
                              bp_real *to)
{
    size_t index[ARRAY_MAX_DIMENSIONS] = {0}, stride[ARRAY_MAX_DIMENSIONS], column = 0;
    stride[header->dimensions - 1] = 1;
    for (size_t k = header->dimensions - 1; k > 1; k--)
        stride[k - 1] = stride[k] * header->shape[k];
    for (size_t place = 0; place < header->width; place++) {
        BPI_TRY(go_to(file, header, place * header->cases + first));
        BPI_TRY(bpi_read_elements(file, header->type, count, to + column, header->width));
        for (size_t k = 1; k < header->dimensions; k++) {
            column += stride[k];
            if (++index[k] < header->shape[k])
                break;
            column -= stride[k] * index[k];
            index[k] = 0;
        }
    }
    return BP_OK;
}

bp_status bpi_array_read(input_file *file, const array_header *header, size_t first, size_t count,
                         bp_real *to)
{
    if (count == 0)
        return BP_OK;
    if (header->is_fortran && header->width > 1)
        return read_fortran(file, header, first, count, to);
    BPI_TRY(go_to(file, header, first * header->width));
    return bpi_read_elements(file, header->type, count * header->width, to, 1);
}

/* -------------------------------------------------------------------------- loading */

static bp_status load_values(input_file *file, const array_header *header, bp_real *to)
{
    BPI_TRY(bpi_array_read(file, header, 0, header->cases, to));
    return bpi_input_check_unchanged(file);
}

static bp_status load_targets(bp_dataset *dataset, input_file *file, const array_header *header,
                              size_t classes)
{
    if (!header->holds_classes)
        return load_values(file, header, dataset->targets);
    BPI_TRY(bpi_read_class_targets(dataset, file, header->type, classes));
    return bpi_input_check_unchanged(file);
}

/* Both headers are checked before memory is allocated. */
bp_status bpi_array_pair_load(bp_dataset **out, array_pair *pair, const array_reading *reading,
                              const bp_allocator *allocator)
{
    input_file *inputs = &pair->inputs, *targets = bpi_array_targets(pair);
    BPI_TRY(bpi_array_pair_begin(pair, reading, allocator));
    const bool has_numbers = targets != NULL && !pair->target_header.holds_classes;
    bp_dataset *dataset;
    BPI_TRY(bpi_dataset_new(&dataset, inputs->path, allocator, pair->header.cases, pair->header.width,
                            has_numbers ? pair->target_header.width : 0));
    bp_status status = load_values(inputs, &pair->header, dataset->inputs);
    if (status == BP_OK && targets != NULL)
        status = load_targets(dataset, targets, &pair->target_header, reading->classes);
    if (status == BP_OK)
        status = bpi_dataset_number_cases(dataset, inputs->path);
    if (status != BP_OK) {
        bp_dataset_destroy(dataset);
        return status;
    }
    *out = dataset;
    return BP_OK;
}

bp_status bpi_array_load(bp_dataset **out, const char *function, const char *inputs_path,
                         const char *targets_path, const array_reading *reading,
                         const bp_allocator *allocator)
{
    bp_allocator chosen;
    array_pair pair;
    BPI_TRY(bpi_allocator_choose(&chosen, function, allocator));
    BPI_TRY(bpi_array_pair_open(&pair, inputs_path, targets_path));
    bp_status status = bpi_array_pair_load(out, &pair, reading, &chosen);
    bpi_array_pair_close(&pair);
    return status;
}
