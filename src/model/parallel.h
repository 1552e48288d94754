/*
 * Work shared out among the threads of a workspace. It is decided here alone what is worth it, and how it is
 * cut: into consecutive ranges, one for each thread, so that what a thread worked on is in its core's cache
 * when the same range of the next vector or matrix comes. The cut does not show in results, because every
 * value is made by the same operations in the same order whatever is made beside it (kernel.h).
 */
#ifndef BPI_MODEL_PARALLEL_H
#define BPI_MODEL_PARALLEL_H

#include "model/workspace.h"

/* Does the work of elements first .. first + count - 1. `piece` is the number of the range, from 0. */
typedef bp_status (*range_work)(void *context, size_t first, size_t count, size_t piece);

typedef struct shared_work {
    size_t count; /* elements */
    size_t grain; /* ranges begin at multiples of it, and have more than one unless one has all */
    double cost;  /* of all, see below */
    range_work work;
    void *context;
} shared_work;

/*
 * Costs are counted in multiply-adds of a matrix product. To read or write a value that is in a core's cache
 * costs about as much; one that, as most of a caller's data, is in none costs BPI_DISTANT_COST to copy, and
 * BPI_SCAN_COST to look at in the order of memory. A thread's
 * range must cost BPI_LEAST_COST, some microseconds, well above what handing it over takes.
 */
#define BPI_DISTANT_COST 50
#define BPI_SCAN_COST    5
#define BPI_LEAST_COST   150e3

/* Does the work, with all the workspace's threads if it is worth it. The status of the first range that
 * failed; BP_OK where none can. */
bp_status bpi_share_out(const bp_workspace *workspace, const shared_work *work);

typedef enum product_kind { PRODUCT_FORWARD, PRODUCT_BACKWARD, PRODUCT_WEIGHTS } product_kind;

/* One of the three products of a connection's kind. product->scratch is the workspace's. */
void bpi_product(const bp_workspace *workspace, const bp_connection *connection, product_kind kind,
                 const matrix_product *product);

#endif
