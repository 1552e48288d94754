/* The tables of members have a row for every member of their structs: a checkpoint forgets none. */
#include "support/support.h"

#include "train/members.h"

/* Rows follow each other as the members do; only padding may lie between them. */
static void check_table(const member_table *table)
{
    const size_t widest = sizeof(uint64_t);
    size_t end = 0;
    for (size_t i = 0; i < table->count; i++) {
        const member *row = &table->members[i];
        if (row->offset < end || row->offset - end >= widest)
            print_error("%s.%s: no row for what stands before it\n", table->name, row->name);
        assert_true(row->offset >= end && row->offset - end < widest);
        assert_int_equal(row->size % bpi_member_size(row), 0);
        if (row->kind == MEMBER_STRUCT)
            check_table(row->table);
        else
            assert_null(row->table);
        end = row->offset + row->size;
    }
    if (table->size - end >= widest)
        print_error("%s: no row for its end\n", table->name);
    assert_true(end <= table->size && table->size - end < widest);
}

static void test_every_member_has_a_row(void **state)
{
    (void)state;
    const member_table *const tables[] = {
        &bpi_trainer_members,         &bpi_options_members,      &bpi_place_members,
        &bpi_finding_members,         &bpi_stop_rule_members,    &bpi_stop_memory_members,
        &bpi_optimizer_state_members, &bpi_history_file_members,
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        check_table(tables[i]);
}

/* A member without a row is noticed: the same table, with one of its rows left out. */
static bool has_gap(const member_table *table, size_t left_out)
{
    size_t end = 0;
    bool gap = false;
    for (size_t i = 0; i < table->count; i++) {
        const member *row = &table->members[i];
        if (i == left_out)
            continue;
        gap = gap || row->offset - end >= sizeof(uint64_t);
        end = row->offset + row->size;
    }
    return gap || table->size - end >= sizeof(uint64_t);
}

static void test_a_missing_row_is_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < bpi_trainer_members.count; i++)
        if (bpi_trainer_members.members[i].size >= sizeof(uint64_t)) /* smaller ones may hide in padding */
            assert_true(has_gap(&bpi_trainer_members, i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_member_has_a_row),
        cmocka_unit_test(test_a_missing_row_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
