/* Saving and loading trainers. The format is described in docs/checkpoint-format.md. */
#include "train/checkpoint_file.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/read_file.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "base/write_file.h"
#include "network/require.h"
#include "train/checkpoint.h"
#include "train/resume.h"
#include "train/trainer_options.h"

bp_status bpi_checkpoint_save(const bp_trainer *trainer, const run_place *place, const char *path)
{
    const size_t size = bpi_checkpoint_write(trainer, place, NULL);
    unsigned char *bytes = bpi_allocate(&trainer->allocator, size, 1);
    if (bytes == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the %zu bytes of the checkpoint", path, size);
    bpi_checkpoint_write(trainer, place, bytes);
    bp_status status = bpi_write_file(path, bytes, size, &trainer->allocator);
    const int number = errno;
    bpi_release(&trainer->allocator, bytes);
    errno = number;
    return status;
}

/* The place of the run whose epoch on_epoch is told, or of the last one. STATE in other callbacks, where an
 * update may be half made. */
static bp_status find_place(const char *function, const bp_trainer *trainer, run_place *place)
{
    if (trainer->running != 0 && trainer->reported == NULL)
        return bpi_fail(BP_ERROR_STATE,
                        "%s: a run is in progress; call it from on_epoch, or set options.checkpoint_path",
                        function);
    *place = trainer->reported == NULL ? trainer->place : bpi_run_place(trainer->reported, true);
    return BP_OK;
}

bp_status bp_trainer_save(const bp_trainer *trainer, const char *path)
{
    run_place place;
    BPI_REQUIRE(trainer);
    BPI_REQUIRE(path);
    BPI_TRY(find_place(__func__, trainer, &place));
    return bpi_checkpoint_save(trainer, &place, path);
}

bp_status bp_trainer_save_memory(const bp_trainer *trainer, void *buffer, size_t capacity, size_t *needed)
{
    run_place place;
    BPI_REQUIRE(trainer);
    if (buffer == NULL && capacity > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: buffer is NULL, but capacity is %zu", __func__, capacity);
    if (buffer == NULL && needed == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: buffer and needed are both NULL", __func__);
    BPI_TRY(find_place(__func__, trainer, &place));
    const size_t size = bpi_checkpoint_write(trainer, &place, NULL);
    if (needed != NULL)
        *needed = size;
    if (buffer == NULL)
        return BP_OK;
    if (capacity < size)
        return bpi_fail(BP_ERROR_SIZE, "%s: capacity is %zu, but the checkpoint has %zu bytes", __func__,
                        capacity, size);
    bpi_checkpoint_write(trainer, &place, buffer);
    return BP_OK;
}

/* Checks what the caller gives again, which a trainer could be created with. The default loss stays so: it
 * says nothing, while the loss that it stands for is a choice. */
static bp_status check_call(const char *function, const bp_network *net, const bp_trainer_options *options,
                            bp_trainer_options *given)
{
    BPI_TRY(bpi_require_finalized(function, net));
    BPI_TRY(bpi_require_layered(function, net));
    if (options == NULL)
        return BP_OK;
    bp_trainer_options untouched, read;
    bp_trainer_options_init(&untouched, sizeof untouched);
    read = untouched;
    BPI_TRY(
        bpi_rename_function("bp_trainer_create", function, bpi_trainer_options_check(options, net, given)));
    BPI_TRY(bpi_read_struct(function, SIZED_TRAINER_OPTIONS, options, &read));
    if (memcmp(&read.loss, &untouched.loss, sizeof read.loss) == 0)
        given->loss = untouched.loss;
    return BP_OK;
}

bp_status bp_trainer_load(bp_trainer **out, bp_network *net, const char *path,
                          const bp_trainer_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_REQUIRE(path);
    bp_trainer_options given;
    BPI_TRY(check_call(__func__, net, options, &given));
    char *bytes;
    size_t size;
    BPI_TRY(bpi_read_file(path, &net->allocator, &bytes, &size));
    const byte_source source = {path, (const unsigned char *)bytes, size};
    bp_status status = bpi_checkpoint_read(out, net, options == NULL ? NULL : &given, &source);
    bpi_release(&net->allocator, bytes);
    if (status == BP_ERROR_FORMAT || status == BP_ERROR_NOT_FINITE)
        return bpi_fail(status, "%s; training can begin anew, with bp_trainer_create()", bp_error_message());
    return bpi_rename_function("bp_trainer_create", __func__, status);
}

bp_status bp_trainer_load_memory(bp_trainer **out, bp_network *net, const void *buffer, size_t size,
                                 const bp_trainer_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_REQUIRE(buffer);
    bp_trainer_options given;
    BPI_TRY(check_call(__func__, net, options, &given));
    const byte_source source = {__func__, buffer, size};
    bp_status status = bpi_checkpoint_read(out, net, options == NULL ? NULL : &given, &source);
    return bpi_rename_function("bp_trainer_create", __func__, status);
}
