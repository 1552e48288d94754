#include "data/key_tree.h"

#include <stdbool.h>
#include <string.h>

#include "base/arithmetic.h"

size_t bpi_key_tree_count(const key_node *top)
{
    return top == NULL ? 0 : top->count;
}

key_node *bpi_key_tree_find(key_node *top, const char *key)
{
    while (top != NULL) {
        const int order = strcmp(key, top->key);
        if (order == 0)
            break;
        top = top->child[order > 0];
    }
    return top;
}

key_node *bpi_key_tree_at(key_node *top, size_t index)
{
    while (top != NULL) {
        const size_t lower = bpi_key_tree_count(top->child[0]);
        if (index == lower)
            break;
        top = top->child[index > lower];
        index -= index > lower ? lower + 1 : 0;
    }
    return top;
}

/* ---------------------------------------------------------------- balance */

static void recount(key_node *top)
{
    top->count = bpi_key_tree_count(top->child[0]) + 1 + bpi_key_tree_count(top->child[1]);
}

/* The child on a side becomes the top. */
static void rotate(key_node **top, int side)
{
    key_node *old = *top, *child = old->child[side];
    old->child[side] = child->child[!side];
    child->child[!side] = old;
    recount(old);
    recount(child);
    *top = child;
}

static size_t weight(const key_node *top)
{
    return bpi_key_tree_count(top) + 1;
}

/*
 * Counts the keys of a part again and balances it, after one of its children has got or lost a key. A
 * weight-balanced tree: no child weighs more than three times as much as the other. Nievergelt & Reingold,
 * "Binary search trees of bounded balance" (SIAM J. Comput. 2, 1973); the numbers 3 and 2 are those that
 * Hirai & Yamamoto, "Balancing weight-balanced trees" (J. Funct. Program. 21, 2011), prove.
 */
static void balance(key_node **top)
{
    key_node *node = *top;
    recount(node);
    for (int side = 0; side < 2; side++) {
        const key_node *child = node->child[side];
        if (weight(child) <= 3 * weight(node->child[!side]))
            continue;
        if (weight(child->child[!side]) >= 2 * weight(child->child[side]))
            rotate(&node->child[side], !side);
        rotate(top, side);
        return;
    }
}

/* ---------------------------------------------------------------- changes */

/* No deeper than some twice the logarithm of the number of keys, as the others are that call themselves. */
void bpi_key_tree_add(key_node **top, key_node *node)
{
    if (*top == NULL) {
        node->child[0] = node->child[1] = NULL;
        node->count = 1;
        *top = node;
        return;
    }
    bpi_key_tree_add(&(*top)->child[strcmp(node->key, (*top)->key) > 0], node);
    balance(top);
}

static key_node *take_lowest(key_node **top)
{
    key_node *node = *top;
    if (node->child[0] == NULL) {
        *top = node->child[1];
        return node;
    }
    node = take_lowest(&node->child[0]);
    balance(top);
    return node;
}

key_node *bpi_key_tree_take(key_node **top, const char *key)
{
    key_node *node = *top;
    const int order = strcmp(key, node->key);
    if (order != 0) {
        node = bpi_key_tree_take(&node->child[order > 0], key);
    } else if (node->child[1] == NULL) {
        *top = node->child[0];
        return node;
    } else { /* the next higher key comes to its place */
        key_node *next = take_lowest(&node->child[1]);
        next->child[0] = node->child[0];
        next->child[1] = node->child[1];
        *top = next;
    }
    balance(top);
    return node;
}
