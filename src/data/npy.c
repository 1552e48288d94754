#include "data/npy.h"

#include "base/status.h"
#include "data/array_stream.h"
#include "data/npy_header.h"

/* ------------------------------------------------------------------ headers */

/* Are the targets class numbers? */
static bool are_classes(const array_header *header, bp_target_kind target)
{
    return target == BP_TARGET_CLASS ||
           (target == BP_TARGET_AUTO && header->width == 1 && header->type.kind != ELEMENT_FLOAT);
}

static bp_status read_target_header(input_file *file, size_t cases, bp_target_kind target,
                                    array_header *header)
{
    BPI_TRY(bpi_npy_read_header(file, header));
    if (header->cases != cases)
        return bpi_fail(BP_ERROR_FORMAT, "%s: the header: %zu rows of targets for %zu cases", file->path,
                        header->cases, cases);
    header->holds_classes = are_classes(header, target);
    if (header->holds_classes && header->width != 1)
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s: the header: %zu numbers for each case; a class has one (BP_TARGET_NUMERIC reads "
                        "several)",
                        file->path, header->width);
    return BP_OK;
}

bp_status bpi_npy_read_headers(array_pair *pair, bp_target_kind target)
{
    BPI_TRY(bpi_npy_read_header(&pair->inputs, &pair->header));
    if (bpi_array_targets(pair) == NULL)
        return BP_OK;
    return read_target_header(&pair->targets, pair->header.cases, target, &pair->target_header);
}

/* -------------------------------------------------------------------- whole */

static bp_status check_target(const char *function, bp_target_kind target, size_t classes)
{
    if ((unsigned)target > BP_TARGET_AUTO)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: target is %d, not a value of bp_target_kind", function,
                        (int)target);
    if (target == BP_TARGET_NONE)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: target is BP_TARGET_NONE, but targets_path is given",
                        function);
    return bpi_check_classes(function, classes);
}

bp_status bp_dataset_load_npy(bp_dataset **out, const char *inputs_path, const char *targets_path,
                              bp_target_kind target, size_t classes, const bp_allocator *allocator)
{
    const array_reading reading = {bpi_npy_read_headers, target, classes};
    BPI_REQUIRE(out);
    BPI_REQUIRE(inputs_path);
    if (targets_path != NULL)
        BPI_TRY(check_target(__func__, target, classes));
    return bpi_array_load(out, __func__, inputs_path, targets_path, &reading, allocator);
}

bp_status bp_stream_open_npy(bp_stream **out, const char *inputs_path, const char *targets_path,
                             bp_target_kind target, size_t classes, const bp_allocator *allocator)
{
    const array_reading reading = {bpi_npy_read_headers, target, classes};
    BPI_REQUIRE(out);
    BPI_REQUIRE(inputs_path);
    if (targets_path != NULL)
        BPI_TRY(check_target(__func__, target, classes));
    return bpi_array_stream_open(out, __func__, inputs_path, targets_path, &reading, allocator);
}
