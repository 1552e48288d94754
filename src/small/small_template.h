/*
 * The table for small networks of one instruction set. The file that includes this defines
 *     BPI_VECTOR_BYTES      the size of a register: 16, 32 or 64
 *     BPI_TILE_VECTORS      4 with 32 registers, 2 with 16
 *     BPI_TABLE             the table's symbol
 *     BPI_TABLE_NAME        the name of the kernel table that it belongs to
 *     BPI_CASE_TABLE        the table for single cases, which has a file of its own
 *     BPI_ONLINE_TABLE      the table for online training, likewise
 *     BPI_WIDE_ONLINE_TABLE that with vectors twice as long; only if there is one
 * and is compiled for that instruction set (cmake/instruction_sets.cmake).
 */
#include "small/batch_template.h"

const small_table BPI_TABLE = {
    .name = BPI_TABLE_NAME,
    .pass_scratch = pass_scratch,
    .run_pass = run_pass,
    .one_case = &BPI_CASE_TABLE,
    .online = &BPI_ONLINE_TABLE,
#ifdef BPI_WIDE_ONLINE_TABLE
    .wide_online = &BPI_WIDE_ONLINE_TABLE,
#endif
};
