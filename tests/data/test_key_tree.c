/* The tree of texts under keys: order, numbers and balance, in whichever order keys come and go. */
#include "data/key_tree.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "support/support.h"

enum { KEYS = 400 };

typedef struct example {
    char keys[KEYS][8]; /* in their order */
    key_node nodes[KEYS];
    bool is_in[KEYS];
    key_node *top;
} example;

static example *new_example(void)
{
    static example made;
    memset(&made, 0, sizeof made);
    for (unsigned i = 0; i < KEYS; i++) {
        snprintf(made.keys[i], sizeof made.keys[i], "%03u", i);
        made.nodes[i].key = made.keys[i];
    }
    return &made;
}

static void add(example *e, size_t i)
{
    bpi_key_tree_add(&e->top, &e->nodes[i]);
    e->is_in[i] = true;
}

static void take(example *e, size_t i)
{
    assert_ptr_equal(bpi_key_tree_take(&e->top, e->keys[i]), &e->nodes[i]);
    e->is_in[i] = false;
}

/* Counts the nodes, of which no side may have more than three times as many as the other, 1 added to both. */
static size_t check_balance(const key_node *top)
{
    if (top == NULL)
        return 0;
    const size_t lower = check_balance(top->child[0]), higher = check_balance(top->child[1]);
    assert_true(lower + 1 <= 3 * (higher + 1));
    assert_true(higher + 1 <= 3 * (lower + 1));
    assert_int_equal(top->count, lower + 1 + higher);
    return top->count;
}

static void check(const example *e)
{
    size_t count = 0;
    for (size_t i = 0; i < KEYS; i++) {
        const key_node *node = bpi_key_tree_find(e->top, e->keys[i]);
        assert_ptr_equal(node, e->is_in[i] ? &e->nodes[i] : NULL);
        if (e->is_in[i])
            assert_ptr_equal(bpi_key_tree_at(e->top, count++), node);
    }
    assert_int_equal(bpi_key_tree_count(e->top), count);
    assert_null(bpi_key_tree_at(e->top, count));
    assert_int_equal(check_balance(e->top), count);
}

static void an_empty_tree_has_nothing(void **state)
{
    (void)state;
    assert_int_equal(bpi_key_tree_count(NULL), 0);
    assert_null(bpi_key_tree_find(NULL, "a"));
    assert_null(bpi_key_tree_at(NULL, 0));
}

/* Upwards, downwards, and by steps that reach every key. */
static void keys_come_and_go_in_any_order(void **state)
{
    (void)state;
    const size_t steps[] = {1, KEYS - 1, 7, 151};
    for (size_t coming = 0; coming < 4; coming++)
        for (size_t going = 0; going < 4; going++) {
            example *e = new_example();
            for (size_t i = 0; i < KEYS; i++) {
                add(e, i * steps[coming] % KEYS);
                check_balance(e->top);
            }
            check(e);
            for (size_t i = 0; i < KEYS; i++) {
                take(e, i * steps[going] % KEYS);
                check_balance(e->top);
                if (i == KEYS / 2)
                    check(e);
            }
            assert_null(e->top);
        }
}

static void random_changes(void **state)
{
    (void)state;
    example *e = new_example();
    uint64_t random = 1;
    for (int round = 0; round < 20000; round++) {
        const size_t i = test_below(&random, KEYS);
        if (e->is_in[i])
            take(e, i);
        else
            add(e, i);
        if (round % 50 == 0)
            check(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_tree_has_nothing),
        cmocka_unit_test(keys_come_and_go_in_any_order),
        cmocka_unit_test(random_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
