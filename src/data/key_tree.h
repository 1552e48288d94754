/* Texts under keys, in the order of the keys: a balanced tree. */
#ifndef BPI_DATA_KEY_TREE_H
#define BPI_DATA_KEY_TREE_H

#include "backprop.h"

/* The top of a tree, or of a part of one; NULL is an empty one. */
typedef struct key_node {
    char *key, *text;
    struct key_node *child[2]; /* with lower and with higher keys */
    size_t count;              /* of the keys in this part */
} key_node;

size_t bpi_key_tree_count(const key_node *top);

/* The node of a key, or with a number in the order of the keys; NULL if there is none. */
key_node *bpi_key_tree_find(key_node *top, const char *key);
key_node *bpi_key_tree_at(key_node *top, size_t index);

/* Adds a node with a key that the tree does not have. */
void bpi_key_tree_add(key_node **top, key_node *node);

/* Takes out the node of a key that the tree has. */
key_node *bpi_key_tree_take(key_node **top, const char *key);

#endif
