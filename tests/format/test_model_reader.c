#include <stdlib.h>
#include <string.h>

#include "format/model_bytes.h"
#include "format/model_format.h"
#include "format/model_reader.h"

static bp_status scan(const void *bytes, size_t size, model_file *file)
{
    byte_source source = {"model.bp", bytes, size};
    bp_status status = bpi_model_scan(file, &source);
    file->source = NULL;
    return status;
}

static bp_status scan_model(const model_bytes *model)
{
    model_file file;
    return scan(model->bytes, model->size, &file);
}

static void test_finds_the_payloads(void **state)
{
    (void)state;
    for (uint32_t real_bytes = 4; real_bytes <= 8; real_bytes += 4) {
        model_bytes model;
        model_file file;
        model_tiny(&model, real_bytes);
        assert_ok(scan(model.bytes, model.size, &file));
        assert_int_equal(file.real_bytes, real_bytes);
        assert_int_equal(file.sections[SECTION_LAYERS].start, 20 + 12);
        const section_span *weights = &file.sections[SECTION_WEIGHTS];
        assert_true(weights->present);
        assert_int_equal(weights->end - weights->start, 8 + 2 * real_bytes);
        assert_int_equal(model.bytes[weights->start], 2);
        assert_false(file.sections[SECTION_INPUT_SCALING].present);
    }
}

/* Every truncation must be noticed; the copies let a memory checker see a read past the end. */
static void test_every_truncation_fails(void **state)
{
    (void)state;
    model_bytes model;
    model_file file;
    model_tiny(&model, 4);
    for (size_t size = 0; size < model.size; size++) {
        unsigned char *cut = malloc(size + 1);
        assert_non_null(cut);
        memcpy(cut, model.bytes, size);
        unsigned char *exact = realloc(cut, size > 0 ? size : 1);
        assert_non_null(exact);
        assert_fails(scan(exact, size, &file), BP_ERROR_FORMAT, "model.bp: byte ");
        free(exact);
    }
}

static void test_every_damaged_bit_fails(void **state)
{
    (void)state;
    model_bytes model;
    model_file file;
    model_tiny(&model, 8);
    for (size_t i = 0; i < model.size; i++)
        for (int bit = 0; bit < 8; bit++) {
            model.bytes[i] ^= (unsigned char)(1u << bit);
            assert_fails(scan(model.bytes, model.size, &file), BP_ERROR_FORMAT, "model.bp: byte ");
            model.bytes[i] ^= (unsigned char)(1u << bit);
        }
}

static void test_what_is_no_model_file(void **state)
{
    (void)state;
    model_file file;
    assert_fails(scan("", 0, &file), BP_ERROR_FORMAT, "byte 0: not a model file: it is empty");
    assert_fails(scan("1,2,3\n4,5,6\n7,8,9\n", 18, &file), BP_ERROR_FORMAT, "not a model file");
    assert_fails(scan("\x1f\x8b\x08", 3, &file), BP_ERROR_FORMAT,
                 "byte 0: not a model file, but a gzip file");
    /* A transfer as text would have turned CR LF into LF. */
    assert_fails(scan("\x8b"
                      "BPN\n\x1a\n........................",
                      31, &file),
                 BP_ERROR_FORMAT, "as if it were text");
}

static void test_other_versions(void **state)
{
    (void)state;
    static const uint32_t versions[] = {0, 2, 0xffffffffu};
    for (size_t i = 0; i < 3; i++) {
        model_bytes model;
        model_begin(&model, versions[i], 4);
        model_end(&model);
        assert_fails(scan_model(&model), BP_ERROR_VERSION, "this library reads version 1");
    }
}

static void test_other_real_numbers(void **state)
{
    (void)state;
    static const uint32_t widths[] = {0, 2, 5, 16};
    for (size_t i = 0; i < 4; i++) {
        model_bytes model;
        model_begin(&model, 1, widths[i]);
        model_end(&model);
        assert_fails(scan_model(&model), BP_ERROR_FORMAT, "byte 12: numbers of ");
    }
}

/* A whole file with one more section of that tag at `place`: 0 is before all others, 5 behind the last. */
static void make_with_section(model_bytes *model, const char *tag, int place)
{
    static void (*const sections[])(model_bytes *) = {model_tiny_layers, model_tiny_connections,
                                                      model_tiny_outputs, model_tiny_weights, model_end};
    model_begin(model, 1, 4);
    for (int i = 0; i <= 5; i++) {
        if (i == place) {
            model_section(model, tag);
            model_u32(model, 12345);
            model_section_end(model);
        }
        if (i < 5)
            sections[i](model);
    }
}

static void test_unknown_sections(void **state)
{
    (void)state;
    for (int place = 0; place < 5; place++) {
        model_bytes model;
        make_with_section(&model, "noTE", place);
        assert_ok(scan_model(&model));
        make_with_section(&model, "NOTE", place);
        assert_fails(scan_model(&model), BP_ERROR_VERSION, "section NOTE is needed");
        make_with_section(&model, "no3E", place);
        assert_fails(scan_model(&model), BP_ERROR_FORMAT, "no section begins here");
    }
}

static void test_order_of_sections(void **state)
{
    (void)state;
    model_bytes model;
    make_with_section(&model, "LAYR", 2);
    assert_fails(scan_model(&model), BP_ERROR_FORMAT, "section LAYR comes twice or too late");
    make_with_section(&model, "INSC", 1);
    assert_fails(scan_model(&model), BP_ERROR_FORMAT, "section CONN should come before INSC");
    make_with_section(&model, "TGSC", 4);
    assert_fails(scan_model(&model), BP_ERROR_FORMAT, "section TGSC comes twice or too late");
    make_with_section(&model, "TGSC", 3);
    assert_ok(scan_model(&model));
}

static void test_missing_section(void **state)
{
    (void)state;
    model_bytes model;
    model_begin(&model, 1, 4);
    model_tiny_layers(&model);
    model_tiny_connections(&model);
    model_tiny_outputs(&model);
    model_end(&model);
    assert_fails(scan_model(&model), BP_ERROR_FORMAT, "section WGHT should come before ENDF");
}

static void test_the_end_is_the_end(void **state)
{
    (void)state;
    model_bytes model;
    make_with_section(&model, "noTE", 5);
    assert_fails(scan_model(&model), BP_ERROR_FORMAT, "20 bytes follow the end");
    model_begin(&model, 1, 4);
    model_tiny_layers(&model);
    model_tiny_connections(&model);
    model_tiny_outputs(&model);
    model_tiny_weights(&model);
    model_section(&model, "ENDF");
    model_u32(&model, 0);
    model_section_end(&model);
    assert_fails(scan_model(&model), BP_ERROR_FORMAT, "section ENDF is not empty");
}

static void test_lengths_that_reach_beyond_the_file(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {1000, UINT64_MAX, UINT64_MAX - 11, (uint64_t)1 << 63};
    for (size_t i = 0; i < 4; i++) {
        model_bytes model;
        model_tiny(&model, 4);
        for (int byte = 0; byte < 8; byte++)
            model.bytes[24 + byte] = (unsigned char)(lengths[i] >> (8 * byte));
        assert_fails(scan_model(&model), BP_ERROR_FORMAT, "byte 20: section LAYR should have ");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_the_payloads),
        cmocka_unit_test(test_every_truncation_fails),
        cmocka_unit_test(test_every_damaged_bit_fails),
        cmocka_unit_test(test_what_is_no_model_file),
        cmocka_unit_test(test_other_versions),
        cmocka_unit_test(test_other_real_numbers),
        cmocka_unit_test(test_unknown_sections),
        cmocka_unit_test(test_order_of_sections),
        cmocka_unit_test(test_missing_section),
        cmocka_unit_test(test_the_end_is_the_end),
        cmocka_unit_test(test_lengths_that_reach_beyond_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
