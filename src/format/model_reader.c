#include "format/model_reader.h"

static const section_kind sections[SECTION_COUNT] = {
    [SECTION_LAYERS] = {"LAYR", true},
    [SECTION_CONNECTIONS] = {"CONN", true},
    [SECTION_DELAYED] = {"DELY", false},
    [SECTION_KINDS] = {"KIND", false},
    [SECTION_OUTPUTS] = {"OUTP", true},
    [SECTION_SHARED] = {"SHAR", false},
    [SECTION_STATES] = {"STAT", false},
    [SECTION_UNROLLED] = {"UNRL", false},
    [SECTION_INPUT_SCALING] = {"INSC", false},
    [SECTION_TARGET_SCALING] = {"TGSC", false},
    [SECTION_WEIGHTS] = {"WGHT", true},
    [SECTION_TRAINING] = {"trng", false},
    [SECTION_NOISE] = {"nois", false},
    [SECTION_SCHEMA] = {"schm", false},
    [SECTION_MARKERS] = {"mark", false},
    [SECTION_METADATA] = {"meta", false},
    [SECTION_END] = {"ENDF", true},
};
_Static_assert((int)SECTION_COUNT <= (int)MAX_SECTIONS,
               "a section_file has room for the sections of a model");

const section_format bpi_model_format = {.name = "model",
                                         .signature = BPI_MODEL_SIGNATURE,
                                         .version = MODEL_VERSION,
                                         .sections = sections,
                                         .count = SECTION_COUNT};

bp_status bpi_model_scan(model_file *file, const byte_source *source)
{
    return bpi_section_file_scan(file, &bpi_model_format, source);
}

section_cursor bpi_model_cursor(const model_file *file, enum model_section section)
{
    return bpi_section_cursor(file, section);
}
