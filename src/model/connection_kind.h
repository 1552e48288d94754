/*
 * The kinds of connection: which pairs of units have a weight, and how the products of eq. 1, 6 and 7 run
 * over them. A kind is a row of a table; dense is one of them. Shapes are made in masked.c and field.c.
 */
#ifndef BPI_MODEL_CONNECTION_KIND_H
#define BPI_MODEL_CONNECTION_KIND_H

#include "model/network.h"

/* A weight's place: the units that it connects. Where it has several places, the first. */
typedef struct weight_place {
    size_t unit, from_unit;
} weight_place;

/*
 * The three products are called with what a dense connection would hand to the kernel of that name (see
 * matrix_product), in which the weights, or their derivative, are the connection's slice. Kinds that are not
 * dense add no bias: theirs is NULL.
 */
typedef void (*connection_product)(const bp_connection *connection, const matrix_product *product);

/* How threads may divide the products of a kind, with the same bits: by nothing; forward and backward by
 * cases; or all three, by rows and columns of C, as kernel.h says of the dense ones. */
typedef enum product_cut { CUT_NOT = 0, CUT_CASES, CUT_FREELY } product_cut;

typedef struct connection_operations {
    /* See bpi_check_shape; NULL: any layers will do. */
    bp_status (*check)(const char *function, const bp_connection *connection);
    /* The slice is a matrix of this size, whose product may overflow. */
    void (*matrix)(const bp_connection *connection, size_t *rows, size_t *columns);
    /* How many pairs of units each weight connects. */
    size_t (*pairs_per_weight)(const bp_connection *connection);
    /* How many units of the receiving layer have one bias; NULL: whatever others ask for. */
    size_t (*units_per_bias)(const bp_connection *connection);
    weight_place (*locate)(const bp_connection *connection, size_t weight);
    /* Why two connections of this kind cannot have one matrix; NULL if they can. */
    const char *(*difference)(const bp_connection *a, const bp_connection *b);
    /* "3 x 4", for messages. */
    void (*describe)(const bp_connection *connection, char *text, size_t room);
    /* Values of scratch for products over `cases` cases; SIZE_MAX if they cannot be counted. */
    size_t (*scratch)(const bp_connection *connection, size_t cases);
    product_cut cut;
    connection_product forward, backward, weights;
} connection_operations;

extern const connection_operations bpi_masked_operations;
extern const connection_operations bpi_field_operations;

const connection_operations *bpi_operations(const bp_connection *connection);

/* SIZE, ARGUMENT or STRUCTURE, with the connection's name, if its shape does not fit its layers. */
bp_status bpi_check_shape(const char *function, const bp_connection *connection);

/* Tells the receiving layer what a connection of a checked shape asks of it. */
void bpi_settle_shape(const bp_connection *connection);

/* Rows of a masked connection with `units` receiving units and `weights` weights in all, not filled in, or a
 * copy; false when there is no memory. And their destructor. */
bool bpi_rows_create(masked_rows *rows, const bp_allocator *allocator, size_t units, size_t weights);
bool bpi_rows_copy(masked_rows *copy, const bp_allocator *allocator, const masked_rows *rows, size_t units);
void bpi_rows_clear(masked_rows *rows, const bp_allocator *allocator);

#endif
