/* The schema of a network. */
#include "data/network_schema.h"

#include <string.h>

#include "base/status.h"
#include "data/categories.h"
#include "data/name_order.h"
#include "network/attachment.h"
#include "network/require.h"

static const char attachment_name[] = "schema";

static void release(void *content, const bp_allocator *allocator)
{
    (void)allocator; /* the schema has the same */
    bp_schema_destroy(content);
}

static bp_status copy(void **out, const char *function, const void *content, const bp_allocator *allocator)
{
    bp_schema *schema = NULL;
    BPI_TRY(bpi_schema_copy(&schema, function, content, allocator));
    *out = schema;
    return BP_OK;
}

const bp_schema *bp_network_schema(const bp_network *net)
{
    return net == NULL ? NULL : bpi_attached(net, attachment_name);
}

bp_status bpi_network_check_schema(const char *function, const bp_network *net, const bp_schema *schema)
{
    if (schema->input_width != net->input_width)
        return bpi_fail(BP_ERROR_SIZE, "%s: the schema has %zu inputs, but the network %zu", function,
                        schema->input_width, net->input_width);
    if (schema->target_count > 0 && schema->target_width != net->output_width)
        return bpi_fail(BP_ERROR_SIZE, "%s: the schema has %zu targets, but the network %zu outputs",
                        function, schema->target_width, net->output_width);
    return BP_OK;
}

bp_status bpi_network_take_schema(const char *function, bp_network *net, bp_schema *schema)
{
    BPI_TRY(bpi_network_check_schema(function, net, schema));
    return bpi_attach(function, net, attachment_name, schema, release, copy);
}

void bpi_network_put_schema(bp_network *net, bp_schema *schema)
{
    if (schema == NULL)
        bpi_detach(net, attachment_name);
    else
        (void)bpi_attach("", net, attachment_name, schema, release,
                         copy); /* in the place of the present one */
}

/* Takes schema, also on failure. */
static bp_status give(const char *function, bp_network *net, bp_schema *schema)
{
    bp_status status = bpi_network_take_schema(function, net, schema);
    if (status != BP_OK)
        bp_schema_destroy(schema);
    return status;
}

bp_status bp_network_set_schema(bp_network *net, const bp_schema *schema)
{
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_finalized(__func__, net));
    if (schema == NULL) {
        bpi_detach(net, attachment_name);
        return BP_OK;
    }
    BPI_TRY(bpi_schema_require_learned(__func__, schema));
    BPI_TRY(bpi_network_check_schema(__func__, net, schema));
    bp_schema *own = NULL;
    BPI_TRY(bpi_schema_copy(&own, __func__, schema, &net->allocator));
    return give(__func__, net, own);
}

/* --------------------------------------------------------------- names of classes */

static bp_status check_names(const char *function, const bp_network *net, const char *const *names,
                             size_t count)
{
    size_t pair[2];
    if (count < 2 || count != net->output_width)
        return bpi_fail(BP_ERROR_SIZE, "%s: count is %zu, but the network has %zu output%s", function, count,
                        net->output_width, net->output_width == 1 ? ", and classes have one each" : "s");
    for (size_t i = 0; i < count; i++)
        if (names[i] == NULL || names[i][0] == '\0')
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: names[%zu] is %s", function, i,
                            names[i] == NULL ? "NULL" : "empty");
    BPI_TRY(bpi_find_repeated_name(function, &net->allocator, names, count, pair));
    if (pair[1] == BP_NO_INDEX)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: names[%zu] and names[%zu] are the same", function, pair[0],
                    pair[1]);
}

/* Columns of numbers without names, and a target. */
static bp_status make_schema(bp_schema *schema, const char *function, const char *const *names, size_t count)
{
    const size_t last = schema->column_count - 1;
    for (size_t i = 0; i < last; i++)
        schema->columns[i].kind = BP_COLUMN_NUMBER;
    schema_column *target = &schema->columns[last];
    target->role = BP_ROLE_TARGET;
    target->kind = BP_COLUMN_CATEGORY;
    target->is_given = true;
    BPI_TRY(bpi_copy_strings(&target->categories, function, &schema->allocator, names, count));
    target->category_count = count;
    BPI_TRY(bpi_order_categories(target, function, &schema->allocator));
    return bpi_schema_lay_out(function, schema);
}

bp_status bp_network_set_class_names(bp_network *net, const char *const *names, size_t count)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(names);
    BPI_TRY(bpi_require_finalized(__func__, net));
    BPI_TRY(check_names(__func__, net, names, count));
    bp_schema *schema = NULL;
    BPI_TRY(bpi_schema_new(&schema, __func__, &net->allocator, net->input_width + 1));
    bp_status status = make_schema(schema, __func__, names, count);
    if (status == BP_OK)
        return give(__func__, net, schema);
    bp_schema_destroy(schema);
    return status;
}
