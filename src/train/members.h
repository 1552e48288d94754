/*
 * The members of a trainer and of what belongs to it, as tables: what a checkpoint has of them. Saving and
 * loading go through the same tables, and each table has a row for every member of its struct, in order, so
 * that none can be forgotten (tests/train/test_members.c).
 */
#ifndef BPI_TRAIN_MEMBERS_H
#define BPI_TRAIN_MEMBERS_H

#include "train/types.h"

typedef enum member_kind {
    MEMBER_BOOL,
    MEMBER_INT, /* int, or int32_t, or an enum */
    MEMBER_SIZE,
    MEMBER_U64,
    MEMBER_DOUBLE,
    MEMBER_STRUCT,
    MEMBER_APART, /* saved by a function of its own */
    MEMBER_GIVEN, /* not saved: the caller gives it again */
    MEMBER_NOT    /* not saved: it follows from the rest, or is needed only in calls */
} member_kind;

/* A member, or an array of several values. */
typedef struct member {
    const char *name;
    size_t offset, size;
    member_kind kind;
    const struct member_table *table; /* of a struct */
} member;

typedef struct member_table {
    const char *name; /* of the struct */
    const member *members;
    size_t count, size; /* of the table; of the struct */
} member_table;

/* Bytes of a value of the first kinds, or of a struct. */
size_t bpi_member_size(const member *row);

extern const member_table bpi_trainer_members, bpi_options_members, bpi_place_members, bpi_finding_members,
    bpi_loss_members, bpi_stop_rule_members, bpi_stop_memory_members, bpi_optimizer_state_members,
    bpi_history_file_members;

#endif
