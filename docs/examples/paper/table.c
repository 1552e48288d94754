/* Markdown tables of reported and measured results. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "paper.h"

static const char *const source_text[] = {
    [PAPER_NONE] = "",     [PAPER_ARTICLE] = "paper",   [PAPER_NOTES] = "notes",
    [PAPER_LENS] = "Lens", [PAPER_SUMMARY] = "summary", [PAPER_MEMORY] = "memory",
};

/* UTF-8 text, padded with blanks. Continuation bytes have no width, so each makes the field a byte wider. */
static void cell(const char *text, int width)
{
    for (const char *byte = text; *byte != '\0'; byte++)
        width += (*byte & 0xC0) == 0x80;
    printf("%-*s | ", width, text);
}

static void cells(const char *what, const char *reported, const char *source)
{
    printf("| ");
    cell(what, 56);
    cell(reported, 36);
    cell(source, 7);
}

void paper_table(const char *title, const paper_options *options)
{
    printf("\n**%s**\n\n", title);
    cells("", "reported", "source");
    if (options->seeds == 1)
        printf("this run (seed %llu) |\n", (unsigned long long)options->seed);
    else
        printf("%zu runs (seeds %llu to %llu) |\n", options->seeds, (unsigned long long)options->seed,
               (unsigned long long)(options->seed + options->seeds - 1));
    printf("|---|---|---|---|\n");
}

void paper_row(const char *what, const char *reported, paper_source source, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    cells(what, reported == NULL ? "" : reported, source_text[source]);
    vprintf(format, arguments);
    printf(" |\n");
    va_end(arguments);
}

const char *paper_spread(const paper_sample *sample, int decimals)
{
    static char texts[4][96];
    static size_t next;
    char *text = texts[next++ % 4];
    double median = paper_quantile(sample, 0.5);
    if (sample->count == 0)
        snprintf(text, sizeof texts[0], "-");
    else if (sample->count == 1)
        snprintf(text, sizeof texts[0], "%.*f", decimals, median);
    else
        snprintf(text, sizeof texts[0], "%.*f (%.*f to %.*f)", decimals, median, decimals,
                 paper_quantile(sample, 0.1), decimals, paper_quantile(sample, 0.9));
    return text;
}

void paper_row_solved(const paper_summary *summary, const char *reported, paper_source source)
{
    paper_row("solved", reported, source, "%zu of %zu", summary->solved, summary->runs);
}

void paper_row_sweeps(const paper_summary *summary, const char *reported, paper_source source)
{
    paper_row("sweeps until solved", reported, source, "%s", paper_spread(&summary->sweeps, 0));
}

void paper_row_error(const paper_summary *summary)
{
    paper_row("E at the end", NULL, PAPER_NONE, "%s", paper_spread(&summary->error, 3));
}

void paper_row_unsolved_error(const paper_summary *summary, const char *reported, paper_source source)
{
    paper_row("E of the runs not solved", reported, source, "%s", paper_spread(&summary->unsolved_error, 2));
}

void paper_row_summary(const char *what, const char *reported, paper_source source,
                       const paper_summary *summary)
{
    char sweeps[128] = "", others[128] = "";
    if (summary->solved > 0)
        snprintf(sweeps, sizeof sweeps, ", %s sweeps", paper_spread(&summary->sweeps, 0));
    if (summary->unsolved_error.count > 0)
        snprintf(others, sizeof others, "; E of the others %s", paper_spread(&summary->unsolved_error, 2));
    paper_row(what, reported, source, "%zu of %zu solved%s%s", summary->solved, summary->runs, sweeps,
              others);
}

void paper_row_share(const char *what, const char *reported, paper_source source, const paper_sample *sample)
{
    paper_row(what, reported, source, "%zu of %zu", paper_count_ones(sample), sample->count);
}
