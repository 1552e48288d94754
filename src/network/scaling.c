#include "network/scaling.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "network/require.h"

/* ------------------------------------------------------------------- memory */

void bpi_scaling_clear(const bp_allocator *allocator, column_scaling *scaling)
{
    bpi_release(allocator, scaling->offset);
    bpi_release(allocator, scaling->factor);
    *scaling = (column_scaling){NULL, NULL};
}

bool bpi_scaling_reserve(const bp_allocator *allocator, column_scaling *scaling, size_t columns)
{
    scaling->offset = bpi_allocate(allocator, columns, sizeof(bp_real));
    scaling->factor = bpi_allocate(allocator, columns, sizeof(bp_real));
    if (scaling->offset != NULL && scaling->factor != NULL)
        return true;
    bpi_scaling_clear(allocator, scaling);
    return false;
}

static bool is_identity(const column_scaling *scaling, size_t columns)
{
    for (size_t i = 0; i < columns; i++)
        if (scaling->offset[i] != 0 || scaling->factor[i] != 1)
            return false;
    return true;
}

void bpi_scaling_replace(const bp_allocator *allocator, column_scaling *old, column_scaling *fresh,
                         size_t columns)
{
    bpi_scaling_clear(allocator, old);
    if (bpi_scaling_is_set(fresh) && is_identity(fresh, columns))
        bpi_scaling_clear(allocator, fresh);
    *old = *fresh;
}

/* Fills an empty scaling. False, with the scaling still empty, when there is no memory. */
static bool fill(const bp_allocator *allocator, column_scaling *fresh, const bp_real *offsets,
                 const bp_real *factors, size_t columns)
{
    if (!bpi_scaling_reserve(allocator, fresh, columns))
        return false;
    memcpy(fresh->offset, offsets, columns * sizeof *offsets);
    memcpy(fresh->factor, factors, columns * sizeof *factors);
    return true;
}

bool bpi_scaling_copy(const bp_allocator *allocator, column_scaling *copy, const column_scaling *scaling,
                      size_t columns, size_t times)
{
    if (!bpi_scaling_is_set(scaling))
        return true;
    if (!bpi_scaling_reserve(allocator, copy, columns * times))
        return false;
    for (size_t i = 0; i < times; i++) {
        memcpy(copy->offset + i * columns, scaling->offset, columns * sizeof *copy->offset);
        memcpy(copy->factor + i * columns, scaling->factor, columns * sizeof *copy->factor);
    }
    return true;
}

/* ------------------------------------------------------ setting and reading */

static bp_status check_columns(const char *function, const bp_real *offsets, const bp_real *factors,
                               size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(offsets[i]) || !isfinite(factors[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: column %zu has the %s %s", function, i,
                            isfinite(offsets[i]) ? "factor" : "offset",
                            bpi_format_real((double)(isfinite(offsets[i]) ? factors[i] : offsets[i])).text);
        if (factors[i] == 0)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: column %zu has the factor 0", function, i);
    }
    return BP_OK;
}

static bp_status check_count(const char *function, const bp_network *net, size_t count, size_t width)
{
    BPI_TRY(bpi_require_finalized(function, net));
    if (count != width)
        return bpi_fail(BP_ERROR_SIZE, "%s: count is %zu, but the network has %zu columns", function, count,
                        width);
    return BP_OK;
}

static bp_status set(const char *function, bp_network *net, column_scaling *scaling, const bp_real *offsets,
                     const bp_real *factors, size_t count)
{
    BPI_TRY(check_columns(function, offsets, factors, count));
    column_scaling fresh = {NULL, NULL};
    if (!fill(&net->allocator, &fresh, offsets, factors, count))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the scaling of %zu columns", function, count);
    bpi_scaling_replace(&net->allocator, scaling, &fresh, count);
    net->scaling_origin = SCALING_GIVEN;
    return BP_OK;
}

static void get(const column_scaling *scaling, bp_real *offsets, bp_real *factors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        offsets[i] = bpi_scaling_is_set(scaling) ? scaling->offset[i] : 0;
        factors[i] = bpi_scaling_is_set(scaling) ? scaling->factor[i] : 1;
    }
}

bp_status bp_network_set_input_scaling(bp_network *net, const bp_real *offsets, const bp_real *factors,
                                       size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(offsets);
    BPI_REQUIRE(factors);
    BPI_TRY(check_count(__func__, net, count, net->input_width));
    return set(__func__, net, &net->input_scaling, offsets, factors, count);
}

bp_status bp_network_set_target_scaling(bp_network *net, const bp_real *offsets, const bp_real *factors,
                                        size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(offsets);
    BPI_REQUIRE(factors);
    BPI_TRY(check_count(__func__, net, count, net->output_width));
    return set(__func__, net, &net->target_scaling, offsets, factors, count);
}

bp_status bp_network_get_input_scaling(const bp_network *net, bp_real *offsets, bp_real *factors,
                                       size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(offsets);
    BPI_REQUIRE(factors);
    BPI_TRY(check_count(__func__, net, count, net->input_width));
    get(&net->input_scaling, offsets, factors, count);
    return BP_OK;
}

bp_status bp_network_get_target_scaling(const bp_network *net, bp_real *offsets, bp_real *factors,
                                        size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(offsets);
    BPI_REQUIRE(factors);
    BPI_TRY(check_count(__func__, net, count, net->output_width));
    get(&net->target_scaling, offsets, factors, count);
    return BP_OK;
}
