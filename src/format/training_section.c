#include "format/training_section.h"

#include <math.h>

#include "format/model_reader.h"
#include "network/trainable.h"

size_t bpi_training_entries(const bp_network *net)
{
    size_t count = 0;
    for (size_t i = 0; i < net->slice_count; i++)
        count += !bpi_is_default_training(&net->slices[i].training);
    return count;
}

/* A factor is binary64 in the files of both libraries: rounded, training would go on with another. */
void bpi_training_write(byte_sink *sink, const bp_network *net)
{
    bpi_sink_u64(sink, bpi_training_entries(net));
    for (size_t i = 0; i < net->slice_count; i++) {
        const slice_training *training = &net->slices[i].training;
        if (bpi_is_default_training(training))
            continue;
        bpi_sink_u64(sink, i);
        bpi_sink_u32(sink, training->is_frozen ? TRAINING_FLAG_FROZEN : 0);
        /* in the files of both libraries: rounded, training would go on with another factor */
        bpi_sink_f64(sink, training->rate_factor);
        bpi_sink_f64(sink, training->decay_factor);
    }
}

static bp_status read_factor(section_cursor *cursor, const char *what, bool may_be_zero, double *factor)
{
    const size_t start = cursor->at;
    BPI_TRY(bpi_cursor_f64(cursor, factor));
    if (isfinite(*factor) && (*factor > 0 || (may_be_zero && *factor == 0)))
        return BP_OK;
    return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "a factor on the %s is %s, it must be %s",
                           what, bpi_format_real(*factor).text, may_be_zero ? ">= 0" : "> 0");
}

static bp_status read_entry(section_cursor *cursor, bp_network *net, size_t *next)
{
    const size_t start = cursor->at;
    size_t index;
    uint32_t flags;
    slice_training training;
    BPI_TRY(bpi_cursor_index(cursor, "part of the weights", net->slice_count, &index));
    if (index < *next)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT,
                               "part %zu of the weights follows %zu; they must ascend", index, *next - 1);
    *next = index + 1;
    BPI_TRY(bpi_cursor_u32(cursor, &flags));
    if ((flags & ~(uint32_t)TRAINING_FLAGS) != 0)
        return bpi_source_fail(cursor->source, start + 8, BP_ERROR_VERSION,
                               "the flags of a part of the weights are %#lx, of which this library knows %#x",
                               (unsigned long)flags, (unsigned)TRAINING_FLAGS);
    training.is_frozen = (flags & TRAINING_FLAG_FROZEN) != 0;
    BPI_TRY(read_factor(cursor, "learning rate", false, &training.rate_factor));
    BPI_TRY(read_factor(cursor, "decay", true, &training.decay_factor));
    net->slices[index].training = training;
    return BP_OK;
}

bp_status bpi_training_read(const model_file *file, bp_network *net)
{
    enum { ENTRY_BYTES = 8 + 4 + 2 * 8 };
    if (!file->sections[SECTION_TRAINING].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_TRAINING);
    size_t count, next = 0;
    BPI_TRY(bpi_cursor_count(&cursor, ENTRY_BYTES, &count));
    for (size_t i = 0; i < count; i++)
        BPI_TRY(read_entry(&cursor, net, &next));
    bpi_find_fixed_layers(net);
    return bpi_cursor_close(&cursor);
}
