/* Reads the family trees. */
#include "family_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 128 };

/* In the order of persons: Christopher, Andrew, Arthur, James, Charles, Colin, Penelope, Christine, Victoria,
 * Jennifer, Margaret, Charlotte, then the corresponding Italians. */
const family_feature family_features[FAMILY_FEATURES] = {
    {"nationality", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}},
    {"generation", {1, 1, 2, 2, 2, 3, 1, 1, 2, 2, 2, 3, 1, 1, 2, 2, 2, 3, 1, 1, 2, 2, 2, 3}},
    {"branch", {1, 2, 1, 2, 2, 0, 1, 2, 1, 2, 1, 0, 1, 2, 1, 2, 2, 0, 1, 2, 1, 2, 1, 0}},
};

static void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", FAMILY_TREE_CSV, what);
    exit(EXIT_FAILURE);
}

/* The lines after the header. */
static void read_lines(char (*lines)[LINE])
{
    char header[LINE];
    FILE *file = fopen(FAMILY_TREE_CSV, "r");
    if (file == NULL || fgets(header, LINE, file) == NULL)
        fail("cannot be read");
    for (size_t i = 0; i < FAMILY_CASES; i++)
        if (fgets(lines[i], LINE, file) == NULL)
            fail("has too few lines");
    fclose(file);
}

/* The index of a name; a new name is appended. */
static size_t find(char (*names)[FAMILY_NAME], size_t capacity, const char *name)
{
    size_t length = strlen(name);
    if (length >= FAMILY_NAME)
        fail("has a name that is too long");
    for (size_t i = 0; i < capacity; i++) {
        if (names[i][0] == '\0')
            memcpy(names[i], name, length + 1);
        if (strcmp(names[i], name) == 0)
            return i;
    }
    fail("has too many names");
    return 0;
}

/* A line "person,relation,answer|answer". */
static void encode(family_cases *cases, size_t c, char *line)
{
    const char *person = strtok(line, ",");
    const char *relation = strtok(NULL, ",");
    if (person == NULL || relation == NULL)
        fail("has a line without a relation");
    cases->inputs[c][find(cases->persons, FAMILY_PERSONS, person)] = 1;
    cases->inputs[c][FAMILY_PERSONS + find(cases->relations, FAMILY_RELATIONS, relation)] = 1;
    for (const char *answer = strtok(NULL, "|\r\n"); answer != NULL; answer = strtok(NULL, "|\r\n"))
        cases->targets[c][find(cases->persons, FAMILY_PERSONS, answer)] = 1;
}

const family_cases *family_cases_get(void)
{
    static family_cases cases;
    char lines[FAMILY_CASES][LINE];
    if (cases.persons[0][0] != '\0')
        return &cases;
    read_lines(lines);
    /* Persons are numbered by first appearance in the first column, which lists them as the paper's figure
     * does: men before women, older before younger. */
    for (size_t c = 0; c < FAMILY_CASES; c++) {
        char person[LINE];
        memcpy(person, lines[c], LINE);
        find(cases.persons, FAMILY_PERSONS, strtok(person, ","));
    }
    for (size_t c = 0; c < FAMILY_CASES; c++)
        encode(&cases, c, lines[c]);
    return &cases;
}
