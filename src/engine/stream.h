/*
 * Streams: cases that are read in order, as often as they are needed, and may be more than fit into memory.
 * The public handle, memory for some of its cases, and the record by which a second pass is compared with the
 * first.
 */
#ifndef BPI_ENGINE_STREAM_H
#define BPI_ENGINE_STREAM_H

#include "base/row_hash.h"
#include "engine/types.h"

/* What a source of the library's leaves out or replaces, since the last rewind. */
typedef struct stream_counts {
    size_t skipped_rows, missing_cells, unknown_cells;
} stream_counts;

/*
 * Hashes of all cases from the first to every `segment`-th one, and to the last. They are noted while the
 * stream is read for the first time, and compared whenever it is read again.
 */
typedef struct stream_record {
    size_t segment;
    uint64_t *hashes;
    size_t count, capacity;
    bool is_complete; /* the stream was read to its end: it has `cases` cases */
    size_t cases;
} stream_record;

/* What messages begin with: the public function, and what the stream is to it. */
typedef struct stream_use {
    const char *function, *name;
} stream_use;

/* NAME if the columns of a stream's schema are not those of the network's, where both have one. */
typedef bp_status (*stream_schema_check)(const stream_use *use, const bp_schema *schema,
                                         const bp_network *net, bool with_targets);

struct bp_stream {
    bp_allocator allocator;
    bp_stream_source source;          /* checked */
    bool has_messages;                /* failures of the source have a message: it is one of the library's */
    const bp_schema *schema;          /* of a table, owned by the source; NULL: none */
    stream_schema_check check_schema; /* with a schema */
    const stream_counts *counts;      /* likewise */

    size_t position; /* cases read since the last rewind */
    bool is_at_end;
    bool is_lost;          /* after a failure: it must be rewound */
    stream_record *record; /* NULL: passes are not compared */
    row_hash hash;         /* of the cases since the last rewind, for the record */
};

/* Memory for `capacity` cases, of which it has `count`: dense rows; what the stream lacks is NULL. */
typedef struct case_buffer {
    bp_real *inputs, *targets, *case_weights;
    size_t capacity, count;
} case_buffer;

/* A stream over a source of the library's, which is not checked; the stream releases it. MEMORY: the caller
 * still owns it. */
bp_status bpi_stream_new(bp_stream **out, const char *function, const bp_stream_source *source,
                         const bp_allocator *allocator);

/* SIZE or ARGUMENT unless its cases have the widths of the network, NAME unless their columns are those of
 * its schema; its targets are only wanted where needed. */
bp_status bpi_stream_check(const stream_use *use, const bp_stream *stream, const bp_network *net,
                           bool needs_targets);

/* Bytes of a case in a buffer. */
size_t bpi_stream_case_bytes(const bp_stream *stream);

/* MEMORY or OVERFLOW; the caller releases the buffer in any case. */
bp_status bpi_case_buffer_create(case_buffer *buffer, const stream_use *use, const bp_stream *stream,
                                 size_t capacity);
void bpi_case_buffer_release(case_buffer *buffer, const bp_stream *stream);

/* More room for the cases of a buffer. Likewise; on failure it is as it was. */
bp_status bpi_case_buffer_grow(case_buffer *buffer, const stream_use *use, const bp_stream *stream,
                               size_t capacity);

/* Cases first .. first + count - 1 of a buffer, as unchecked data. */
bp_data bpi_case_buffer_view(const case_buffer *buffer, const bp_stream *stream, size_t first, size_t count);

/* Copies the case `from` of one buffer to the place `to` of another. */
void bpi_case_buffer_copy(const case_buffer *to_buffer, size_t to, const case_buffer *from_buffer,
                          size_t from, const bp_stream *stream);

/* Back to the first case. What the source's function returned. */
bp_status bpi_stream_rewind(const stream_use *use, bp_stream *stream);

/*
 * Adds up to `count` cases to a buffer, which has room for them; fewer only at the end of the stream. The
 * values are not checked. With a complete record: STATE if they are not the cases of the first pass. Else
 * what the source's function returned.
 */
bp_status bpi_stream_fill(const stream_use *use, bp_stream *stream, case_buffer *buffer, size_t count);

/* Goes to the case with a number; reads and drops those before it, in the buffer, which is then empty. */
bp_status bpi_stream_seek(const stream_use *use, bp_stream *stream, case_buffer *buffer, size_t position);

/* From now on passes are compared, the first one from here, where the stream has just been rewound. Sources
 * whose cases vary are compared by their number alone. */
void bpi_stream_attach_record(bp_stream *stream, stream_record *record, size_t segment);
/* Ends that, and releases the hashes. */
void bpi_stream_detach_record(bp_stream *stream, stream_record *record);

#endif
