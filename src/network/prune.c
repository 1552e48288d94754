/* Pruning by magnitude: which weights stay. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "network/connection_kind.h"
#include "network/connection_text.h"
#include "network/copy.h"
#include "network/require.h"

typedef struct pruning {
    const bp_network *structure; /* the network, or what it was unrolled from */
    const bp_real *weights;      /* the network's */
    unsigned char *keep;         /* a flag per weight */
} pruning;

/* Its own matrix, whose weights may be taken out. */
static bool may_lose(const bp_connection *connection)
{
    return connection->shares == NULL && connection->shape.kind != BP_CONNECTION_CONVOLUTION;
}

/* |w|, as a number in the same order. */
static uint64_t magnitude(const pruning *p, size_t weight)
{
    const double amount = fabs((double)p->weights[weight]);
    uint64_t bits;
    memcpy(&bits, &amount, sizeof bits);
    return bits;
}

/* The connections from first to last - 1. */
typedef struct connection_range {
    size_t first, last;
} connection_range;

/* How many weights of these connections are below a magnitude. */
static size_t count_below(const pruning *p, connection_range range, uint64_t limit)
{
    size_t below = 0;
    for (size_t i = range.first; i < range.last; i++) {
        const bp_connection *connection = p->structure->connections[i];
        const size_t count = may_lose(connection) ? bpi_connection_weight_count(connection) : 0;
        for (size_t j = connection->offset; j < connection->offset + count; j++)
            below += magnitude(p, j) < limit;
    }
    return below;
}

/* Takes out those below a magnitude, and the first `equal` of those that have it. */
static void take_out(const pruning *p, connection_range range, uint64_t limit, size_t equal)
{
    for (size_t i = range.first; i < range.last; i++) {
        const bp_connection *connection = p->structure->connections[i];
        const size_t count = may_lose(connection) ? bpi_connection_weight_count(connection) : 0;
        for (size_t j = connection->offset; j < connection->offset + count; j++) {
            const uint64_t own = magnitude(p, j);
            const bool is_next = own == limit && equal > 0;
            equal -= is_next;
            if (own < limit || is_next)
                p->keep[j] = 0;
        }
    }
}

/* Takes out the smallest ones. Their largest magnitude is found bit by bit: the largest number below which
 * there are no more than wanted. */
static void take_out_share(const pruning *p, connection_range range, double share)
{
    const size_t all = count_below(p, range, UINT64_MAX);
    const size_t wanted = (size_t)(share * (double)all);
    uint64_t limit = 0;
    for (uint64_t bit = UINT64_C(1) << 62; bit != 0; bit >>= 1)
        if (count_below(p, range, limit | bit) <= wanted)
            limit |= bit;
    take_out(p, range, limit, wanted - count_below(p, range, limit));
}

static void choose(const pruning *p, bp_prune_rule rule, double amount)
{
    const connection_range all = {0, p->structure->connection_count};
    uint64_t limit;
    memcpy(&limit, &amount, sizeof limit);
    if (rule == BP_PRUNE_UP_TO)
        take_out(p, all, limit + 1, 0);
    else if (rule == BP_PRUNE_SHARE_OF_ALL)
        take_out_share(p, all, amount);
    for (size_t i = 0; rule == BP_PRUNE_SHARE_OF_EACH && i < all.last; i++)
        take_out_share(p, (connection_range){i, i + 1}, amount);
}

/* Connections that lose weights keep some, and can be masked. */
static bp_status check_connections(const char *function, const pruning *p)
{
    for (size_t i = 0; i < p->structure->connection_count; i++) {
        const bp_connection *connection = p->structure->connections[i];
        const size_t count = bpi_connection_weight_count(connection);
        size_t kept = 0;
        for (size_t j = connection->offset; j < connection->offset + count; j++)
            kept += p->keep[j];
        if (kept == 0)
            return bpi_fail(BP_ERROR_STRUCTURE,
                            "%s: %s would lose all its weights; take out less, or BP_PRUNE_SHARE_OF_EACH",
                            function, bpi_connection_text(connection).text);
        if (kept < count && connection->from->units > UINT32_MAX)
            return bpi_fail(BP_ERROR_OVERFLOW, "%s: %s: a masked connection can come from at most %llu units",
                            function, bpi_connection_text(connection).text, (unsigned long long)UINT32_MAX);
    }
    return BP_OK;
}

static bp_status check_amount(const char *function, bp_prune_rule rule, double amount)
{
    const bool is_share = rule != BP_PRUNE_UP_TO;
    if ((int)rule < BP_PRUNE_UP_TO || (int)rule > BP_PRUNE_SHARE_OF_ALL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: rule is %d, it must be a BP_PRUNE_ constant", function,
                        (int)rule);
    if (!isfinite(amount))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: amount is %s, it must be finite", function,
                        bpi_format_real(amount).text);
    if (amount < 0 || (is_share && amount >= 1))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: amount is %s, it must be %s", function,
                        bpi_format_real(amount).text, is_share ? "a share, >= 0 and < 1" : ">= 0");
    return BP_OK;
}

bp_status bp_network_prune(bp_network **out, const bp_network *net, bp_prune_rule rule, double amount)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_TRY(check_amount(__func__, rule, amount));
    BPI_TRY(bpi_require_ready(__func__, net));
    const pruning p = {.structure = net->original == NULL ? net : net->original,
                       .weights = net->weights,
                       .keep = bpi_allocate(&net->allocator, net->weight_count + 1, 1)};
    if (p.keep == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu flags", __func__, net->weight_count);
    memset(p.keep, 1, net->weight_count);
    choose(&p, rule, fabs(amount)); /* not -0 */
    bp_status status = check_connections(__func__, &p);
    if (status == BP_OK)
        status = bpi_copy_pruned(out, __func__, net, p.keep);
    bpi_release(&net->allocator, p.keep);
    return status;
}
