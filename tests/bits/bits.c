/*
 * Prints hashes of what random networks compute: predictions, errors, gradients, trained weights, bit by bit,
 * for each instruction set that this CPU runs. Two builds of the library whose output is the same compute the
 * same bits: before and after code is rearranged, with this and that compiler and optimization.
 *
 *     bits [--each] [--isa NAME] [--group NAME] [--count N] [--threads N]
 *
 *     --each       a line for each network, with a hash of each part of its results
 *     --isa        this instruction set only
 *     --group      this group of networks only, see group.c
 *     --count      about so many networks for each instruction set, instead of all: of every group the first
 *     --threads    1 to 3; by default networks take turns. Every number must give the same output
 *
 * A line is an instruction set, a group, how many networks, and their hash.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bits/digest.h"
#include "bits/isa.h"
#include "bits/results.h"

enum { MOST_THREADS = 3 };

typedef struct request {
    int each;
    const char *isa, *group; /* NULL: all */
    size_t count, threads;   /* 0: the default */
} request;

static size_t all_networks(void)
{
    size_t sum = 0;
    for (size_t i = 0; i < group_count; i++)
        sum += groups[i].count;
    return sum;
}

/* The group's share of the networks that are asked for; one at least. */
static size_t networks_of(const request *asked, const network_group *group)
{
    if (asked->count == 0)
        return group->count;
    size_t all = asked->group == NULL ? all_networks() : group->count;
    size_t share = asked->count * group->count / all;
    return share > 0 ? share : 1;
}

static void print_each(const char *isa, const network_group *group, size_t number, const results *found)
{
    printf("%s %s %zu", isa, group->name, number);
    for (int part = 0; part < RESULT_PARTS; part++)
        printf(" %s %016" PRIx64, result_names[part], found->digest[part]);
    printf("\n");
}

static void print_group(const request *asked, const char *isa, const network_group *group)
{
    uint64_t digest = DIGEST_START;
    size_t count = networks_of(asked, group);
    for (size_t number = 0; number < count; number++) {
        size_t threads = asked->threads > 0 ? asked->threads : 1 + number % MOST_THREADS;
        results found = results_of(group, number, isa, threads);
        digest = results_add(digest, &found);
        if (asked->each)
            print_each(isa, group, number, &found);
    }
    printf("%-12s %-12s %5zu %016" PRIx64 "\n", isa, group->name, count, digest);
    fflush(stdout);
}

static int is_wanted(const char *name, const char *wanted)
{
    return wanted == NULL || strcmp(name, wanted) == 0;
}

/* How many lines were printed. */
static size_t print_all(const request *asked)
{
    size_t lines = 0;
    for (size_t i = 0; i < isa_count; i++) {
        if (!is_wanted(isa_names[i], asked->isa) || !isa_is_supported(isa_names[i]))
            continue;
        for (size_t j = 0; j < group_count; j++)
            if (is_wanted(groups[j].name, asked->group)) {
                print_group(asked, isa_names[i], &groups[j]);
                lines++;
            }
    }
    return lines;
}

static int read_number(const char *text, size_t most, size_t *number)
{
    char *end = NULL;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 || value > most)
        return 0;
    *number = (size_t)value;
    return 1;
}

static int read_option(request *asked, const char *name, const char *value)
{
    if (strcmp(name, "--isa") == 0)
        asked->isa = value;
    else if (strcmp(name, "--group") == 0)
        asked->group = value;
    else if (strcmp(name, "--count") == 0)
        return read_number(value, 1000000, &asked->count);
    else if (strcmp(name, "--threads") == 0)
        return read_number(value, MOST_THREADS, &asked->threads);
    else
        return 0;
    return 1;
}

static int read_request(request *asked, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--each") == 0) {
            asked->each = 1;
            continue;
        }
        if (i + 1 == argc || !read_option(asked, argv[i], argv[i + 1]))
            return 0;
        i++;
    }
    return 1;
}

int main(int argc, char **argv)
{
    request asked = {.each = 0};
    if (!read_request(&asked, argc, argv)) {
        fprintf(stderr, "usage: bits [--each] [--isa NAME] [--group NAME] [--count N] [--threads 1..3]\n");
        return EXIT_FAILURE;
    }
    if (print_all(&asked) > 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "bits: no such group, or an instruction set that this library or CPU does not have\n");
    return EXIT_FAILURE;
}
