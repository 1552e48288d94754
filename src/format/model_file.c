/* Saving and loading networks. The format is described in docs/model-format.md. */
#include "base/cursor.h"
#include "base/memory.h"
#include "base/read_file.h"
#include "base/status.h"
#include "base/write_file.h"
#include "format/model_build.h"
#include "format/model_format.h"
#include "format/model_reader.h"
#include "format/model_writer.h"
#include "network/network.h"
#include "network/require.h"

bp_status bp_network_save_memory(const bp_network *net, void *buffer, size_t capacity, size_t *needed)
{
    BPI_REQUIRE(net);
    if (buffer == NULL && capacity > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: buffer is NULL, but capacity is %zu", __func__, capacity);
    if (buffer == NULL && needed == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: buffer and needed are both NULL", __func__);
    BPI_TRY(bpi_require_ready(__func__, net));
    size_t size = bpi_model_write(net, NULL);
    if (needed != NULL)
        *needed = size;
    if (buffer == NULL)
        return BP_OK;
    if (capacity < size)
        return bpi_fail(BP_ERROR_SIZE, "%s: capacity is %zu, but the model has %zu bytes", __func__, capacity,
                        size);
    bpi_model_write(net, buffer);
    return BP_OK;
}

bp_status bp_network_save(const bp_network *net, const char *path)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(path);
    BPI_TRY(bpi_require_ready(__func__, net));
    size_t size = bpi_model_write(net, NULL);
    unsigned char *bytes = bpi_allocate(&net->allocator, size, 1);
    if (bytes == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the %zu bytes of the model", path, size);
    bpi_model_write(net, bytes);
    bp_status status = bpi_write_file(path, bytes, size, &net->allocator);
    bpi_release(&net->allocator, bytes);
    return status;
}

/* Loads a model into an empty network, which may be replaced (bpi_model_build). */
static bp_status read_model(bp_network **net, const char *name, const void *bytes, size_t size)
{
    byte_source source = {name, bytes, size};
    model_file file;
    BPI_TRY(bpi_model_scan(&file, &source));
    return bpi_model_build(net, &file);
}

static bp_status read_model_file(bp_network **net, const char *path)
{
    const bp_allocator allocator = (*net)->allocator;
    char *bytes;
    size_t size;
    BPI_TRY(bpi_read_file(path, &allocator, &bytes, &size));
    bp_status status = read_model(net, path, bytes, size);
    bpi_release(&allocator, bytes);
    return status;
}

/* *out = net if status is BP_OK, else destroys it. Returns status. */
static bp_status hand_out(bp_network **out, bp_network *net, bp_status status)
{
    if (status == BP_OK)
        *out = net;
    else
        bp_network_destroy(net);
    return status;
}

bp_status bp_network_load(bp_network **out, const char *path, const bp_network_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(path);
    bp_network *net = NULL;
    BPI_TRY(bpi_network_create(&net, __func__, options));
    bp_status status = read_model_file(&net, path);
    return hand_out(out, net, status);
}

bp_status bp_network_load_memory(bp_network **out, const void *buffer, size_t size,
                                 const bp_network_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(buffer);
    bp_network *net = NULL;
    BPI_TRY(bpi_network_create(&net, __func__, options));
    bp_status status = read_model(&net, __func__, buffer, size);
    return hand_out(out, net, status);
}
