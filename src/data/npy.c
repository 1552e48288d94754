#include "data/npy.h"

#include "base/memory.h"
#include "base/status.h"
#include "data/npy_header.h"

/* ------------------------------------------------------------------- values */

/* The cases of one place in the other dimensions after those of another, of which the first runs fastest. */
static bp_status read_fortran(input_file *file, const npy_header *header, bp_real *to)
{
    size_t index[NPY_MAX_DIMENSIONS] = {0}, stride[NPY_MAX_DIMENSIONS], column = 0;
    stride[header->dimensions - 1] = 1;
    for (size_t k = header->dimensions - 1; k > 1; k--)
        stride[k - 1] = stride[k] * header->shape[k];
    for (size_t place = 0; place < header->width; place++) {
        BPI_TRY(bpi_read_elements(file, header->type, header->cases, to + column, header->width));
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

static bp_status read_values(input_file *file, const npy_header *header, bp_real *to)
{
    if (header->is_fortran && header->width > 1)
        BPI_TRY(read_fortran(file, header, to));
    else
        BPI_TRY(bpi_read_elements(file, header->type, header->cases * header->width, to, 1));
    return bpi_input_check_unchanged(file);
}

/* ------------------------------------------------------------------ targets */

/* Are the targets class numbers? */
static bool are_classes(const npy_header *header, bp_target_kind target)
{
    return target == BP_TARGET_CLASS ||
           (target == BP_TARGET_AUTO && header->width == 1 && header->type.kind != ELEMENT_FLOAT);
}

static bp_status read_target_header(input_file *file, size_t cases, bp_target_kind target, npy_header *header)
{
    BPI_TRY(bpi_npy_read_header(file, header));
    if (header->cases != cases)
        return bpi_fail(BP_ERROR_FORMAT, "%s: the header: %zu rows of targets for %zu cases", file->path,
                        header->cases, cases);
    if (are_classes(header, target) && header->width != 1)
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s: the header: %zu numbers for each case; a class has one (BP_TARGET_NUMERIC reads "
                        "several)",
                        file->path, header->width);
    return BP_OK;
}

static bp_status read_targets(bp_dataset *dataset, input_file *file, const npy_header *header,
                              bp_target_kind target, size_t classes)
{
    if (!are_classes(header, target))
        return read_values(file, header, dataset->targets);
    BPI_TRY(bpi_read_class_targets(dataset, file, header->type, classes));
    return bpi_input_check_unchanged(file);
}

/* -------------------------------------------------------------------- whole */

/* Both headers are checked before memory is allocated. */
bp_status bpi_npy_read(bp_dataset **out, input_file *inputs, input_file *targets, bp_target_kind target,
                       size_t classes, const bp_allocator *allocator)
{
    npy_header header, target_header = {.width = 0};
    BPI_TRY(bpi_input_unpack(inputs, allocator));
    BPI_TRY(bpi_npy_read_header(inputs, &header));
    if (targets != NULL) {
        BPI_TRY(bpi_input_unpack(targets, allocator));
        BPI_TRY(read_target_header(targets, header.cases, target, &target_header));
    }
    const size_t width = targets == NULL || are_classes(&target_header, target) ? 0 : target_header.width;
    bp_dataset *dataset;
    BPI_TRY(bpi_dataset_new(&dataset, inputs->path, allocator, header.cases, header.width, width));
    bp_status status = read_values(inputs, &header, dataset->inputs);
    if (status == BP_OK && targets != NULL)
        status = read_targets(dataset, targets, &target_header, target, classes);
    if (status == BP_OK)
        status = bpi_dataset_number_cases(dataset, inputs->path);
    if (status != BP_OK) {
        bp_dataset_destroy(dataset);
        return status;
    }
    *out = dataset;
    return BP_OK;
}

static bp_status load_pair(bp_dataset **out, input_file *inputs, const char *targets_path,
                           bp_target_kind target, size_t classes, const bp_allocator *allocator)
{
    if (targets_path == NULL)
        return bpi_npy_read(out, inputs, NULL, target, 0, allocator);
    input_file targets;
    BPI_TRY(bpi_input_open(&targets, targets_path));
    bp_status status = bpi_npy_read(out, inputs, &targets, target, classes, allocator);
    bpi_input_close(&targets);
    return status;
}

static bp_status check_target(const char *function, bp_target_kind target, size_t classes)
{
    if ((unsigned)target > BP_TARGET_AUTO)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: target is %d, not a value of bp_target_kind", function,
                        (int)target);
    if (target == BP_TARGET_NONE)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: target is BP_TARGET_NONE, but targets_path is given",
                        function);
    if (classes == 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: classes is 1, it must be 0 or at least 2", function);
    return BP_OK;
}

bp_status bp_dataset_load_npy(bp_dataset **out, const char *inputs_path, const char *targets_path,
                              bp_target_kind target, size_t classes, const bp_allocator *allocator)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(inputs_path);
    if (targets_path != NULL)
        BPI_TRY(check_target(__func__, target, classes));
    bp_allocator chosen;
    BPI_TRY(bpi_allocator_choose(&chosen, __func__, allocator));
    input_file inputs;
    BPI_TRY(bpi_input_open(&inputs, inputs_path));
    bp_status status = load_pair(out, &inputs, targets_path, target, classes, &chosen);
    bpi_input_close(&inputs);
    return status;
}
