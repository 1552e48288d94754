/* The program of one experiment. REPORT is defined as the experiment's report function. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paper.h"

void REPORT(const paper_options *options);

static void fail(const char *program, const char *argument)
{
    fprintf(stderr,
            "%s: invalid argument '%s'\nusage: %s [--seeds N] [--seed S] [--svg DIR]\n"
            "  --seeds N  number of runs, 1 (default) to 1000000\n"
            "  --seed S   seed of the first run, then S + 1, S + 2, ... (default 1)\n"
            "  --svg DIR  writes pictures into this folder\n",
            program, argument, program);
    exit(EXIT_FAILURE);
}

static uint64_t number(const char *program, const char *text, uint64_t min, uint64_t max)
{
    char *end = NULL;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < min || value > max)
        fail(program, text);
    return value;
}

int main(int argc, char **argv)
{
    paper_options options = {.seeds = 1, .seed = 1, .svg = NULL};
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            fail(argv[0], argv[i]);
        else if (strcmp(argv[i], "--seeds") == 0)
            options.seeds = (size_t)number(argv[0], argv[i + 1], 1, 1000000);
        else if (strcmp(argv[i], "--seed") == 0)
            options.seed = number(argv[0], argv[i + 1], 0, UINT32_MAX);
        else if (strcmp(argv[i], "--svg") == 0)
            options.svg = argv[i + 1];
        else
            fail(argv[0], argv[i]);
    }
    REPORT(&options);
    return EXIT_SUCCESS;
}
