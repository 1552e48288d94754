#include "train/reporter.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "base/write_signals.h"
#include "train/reporter_line.h"

struct bp_reporter {
    bp_allocator allocator;
    FILE *stream;
    bool is_terminal;
    bp_trainer *trainer;  /* whose run is in progress, and links this reporter; NULL: none */
    bp_reporter *next;    /* reporter of that trainer */
    bp_progress progress; /* of the last epoch ... */
    reported_run run;     /* ... and of its run */
    bool is_pending;      /* it is not printed yet */
    size_t on_screen;     /* columns of a line that is not ended yet */
    double printed_at;    /* seconds of the run; negative: nothing yet */
    size_t next_epoch;    /* of the run: the next one to be printed where there is no terminal */
};

bp_status bp_reporter_create(bp_reporter **out, FILE *stream)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(stream);
    bp_allocator allocator;
    BPI_TRY(bpi_allocator_choose(&allocator, __func__, NULL));
    bp_reporter *reporter = bpi_allocate_zeroed(&allocator, 1, sizeof *reporter);
    if (reporter == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: out of memory", __func__);
    reporter->allocator = allocator;
    reporter->stream = stream;
    reporter->is_terminal = isatty(fileno(stream)) == 1;
    *out = reporter;
    return BP_OK;
}

/* --------------------------------------------------------------------------- printing */

/* Columns of the terminal, of which the last stays free: some begin a new line when it is written. */
static size_t terminal_width(FILE *stream)
{
    const size_t usual = 80;
    size_t width = usual;
#ifdef TIOCGWINSZ
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
#endif
    return width - 1;
}

/* The bytes of the line that fit, if possible in whole parts. */
static size_t shown_length(const char *line, size_t width)
{
    size_t length = strlen(line), end = width;
    if (length <= width)
        return length;
    while (end > 0 && !(line[end] == ' ' && line[end + 1] == ' '))
        end--;
    return end > 0 ? end : width;
}

/* Overwrites the line on the screen, whose rest is covered by blanks. */
static void renew(bp_reporter *reporter, const char *line)
{
    const size_t width = terminal_width(reporter->stream);
    const size_t shown = shown_length(line, width);
    const size_t covered = bpi_min(reporter->on_screen, width);
    const size_t blanks = covered > shown ? covered - shown : 0;
    fprintf(reporter->stream, "\r%.*s%*s", (int)shown, line, (int)blanks, "");
    reporter->on_screen = shown;
}

static void print(bp_reporter *reporter)
{
    char line[REPORTER_LINE_CAPACITY];
    write_signals signals;
    bpi_reporter_line(line, &reporter->run, &reporter->progress);
    bpi_block_write_signals(&signals);
    if (reporter->is_terminal)
        renew(reporter, line);
    else
        fprintf(reporter->stream, "%s\n", line);
    fflush(reporter->stream);
    bpi_restore_write_signals(&signals);
    reporter->printed_at = reporter->progress.seconds;
    reporter->is_pending = false;
}

/* Prints a pending line, and ends that on a terminal. */
static void end_line(bp_reporter *reporter)
{
    if (reporter->is_pending)
        print(reporter);
    if (reporter->on_screen == 0)
        return;
    write_signals signals;
    bpi_block_write_signals(&signals);
    fputs("\n", reporter->stream);
    fflush(reporter->stream);
    bpi_restore_write_signals(&signals);
    reporter->on_screen = 0;
}

/* ------------------------------------------------------------------------------- runs */

static void join(bp_reporter *reporter, bp_trainer *trainer)
{
    reporter->trainer = trainer;
    reporter->next = trainer->reporters;
    trainer->reporters = reporter;
    reporter->next_epoch = 1;
    reporter->printed_at = -1;
}

/* The end of the run that the reporter belongs to, if there is one. */
static void leave(bp_reporter *reporter)
{
    if (reporter->trainer == NULL)
        return;
    bp_reporter **link = &reporter->trainer->reporters;
    while (*link != reporter)
        link = &(*link)->next;
    *link = reporter->next;
    end_line(reporter);
    reporter->trainer = NULL;
}

void bpi_reporters_end_run(bp_trainer *trainer)
{
    while (trainer->reporters != NULL)
        leave(trainer->reporters);
}

void bp_reporter_destroy(bp_reporter *reporter)
{
    if (reporter == NULL)
        return;
    leave(reporter);
    bp_allocator allocator = reporter->allocator;
    bpi_release(&allocator, reporter);
}

/* 1, 2, 5, 10, 20, 50 ...: the first of these after `epoch`. */
static size_t next_printed(size_t epoch)
{
    static const size_t multiples[] = {1, 2, 5};
    for (size_t power = 1; power <= SIZE_MAX / 10; power *= 10)
        for (size_t i = 0; i < 3; i++)
            if (multiples[i] * power > epoch)
                return multiples[i] * power;
    return SIZE_MAX;
}

/* Is the epoch to be printed, the `epoch`-th of its run? */
static bool is_due(bp_reporter *reporter, size_t epoch)
{
    const double interval = 0.1;
    if (reporter->is_terminal)
        return reporter->printed_at < 0 || reporter->progress.seconds - reporter->printed_at >= interval;
    if (epoch < reporter->next_epoch)
        return false;
    reporter->next_epoch = next_printed(epoch);
    return true;
}

int bp_reporter_on_epoch(void *reporter, bp_trainer *trainer, const bp_progress *progress)
{
    bp_reporter *self = reporter;
    if (self == NULL || trainer == NULL || progress == NULL)
        return 0;
    if (self->trainer != trainer) {
        leave(self);
        join(self, trainer);
    }
    self->progress = *progress;
    self->run = bpi_reported_run(trainer);
    self->is_pending = true;
    if (is_due(self, progress->epoch - self->run.epochs_before))
        print(self);
    return 0;
}
