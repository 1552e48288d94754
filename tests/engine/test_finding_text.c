/* Each kind of finding as a sentence. */
#include <math.h>
#include <string.h>

#include "engine/finding.h"
#include "support/support.h"

typedef struct example {
    bp_finding_kind kind;
    bp_severity severity;
    size_t unit, column, count;
    double values[4];
    const char *text;
} example;

enum { NONE = -1 };
#define NO ((size_t)NONE)

static const example examples[] = {
#include "engine/finding_texts.inc"
};

static bp_network *make_network(const char *name)
{
    bp_network *net = NULL;
    bp_layer *input, *layer;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, "in", 1));
    assert_ok(bp_network_add_layer(&layer, net, name, 1, bp_activation_logistic()));
    return net;
}

static bp_finding finding_of(const example *e, const bp_layer *layer)
{
    bp_finding finding = bpi_finding(e->kind, e->severity);
    finding.layer = layer;
    finding.unit = e->unit;
    finding.column = e->column;
    finding.count = e->count;
    memcpy(finding.values, e->values, sizeof finding.values);
    return finding;
}

static void test_texts(void **state)
{
    (void)state;
    bp_network *net = make_network("h");
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const bp_finding finding = finding_of(&examples[i], bp_network_find_layer(net, "h"));
        char text[512];
        size_t needed;
        assert_ok(bp_finding_text(&finding, text, sizeof text, &needed));
        assert_string_equal(text, examples[i].text);
        assert_int_equal(needed, strlen(text) + 1);
    }
    bp_network_destroy(net);
}

/* Every kind of the list has a sentence here, but for "nothing". */
static void test_every_kind(void **state)
{
    (void)state;
#define ASSERT_HAS_TEXT(name, value, text)                                                                   \
    {                                                                                                        \
        size_t i = 0;                                                                                        \
        while (i < sizeof examples / sizeof examples[0] && examples[i].kind != (name))                       \
            i++;                                                                                             \
        if (i == sizeof examples / sizeof examples[0] && (name) != BP_FINDING_NONE)                          \
            fail_msg("%s has no text", #name);                                                               \
        assert_string_equal(bp_finding_kind_string(name), text);                                             \
    }
    BP_FINDING_LIST(ASSERT_HAS_TEXT)
}

/* The longest name and numbers of many digits: the remedy at the end is still there. */
static void test_long_texts(void **state)
{
    (void)state;
    char name[64];
    memset(name, 'n', 63);
    name[63] = 0;
    bp_network *net = make_network(name);
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        bp_finding finding = finding_of(&examples[i], bp_network_find_layer(net, name));
        size_t needed;
        for (size_t k = 0; k < 4; k++)
            finding.values[k] = isfinite(finding.values[k]) ? -1.234567e9 : finding.values[k];
        if (finding.count != NO)
            finding.count = 1234567890;
        assert_ok(bp_finding_text(&finding, NULL, 0, &needed));
        assert_true(needed < 512);
    }
    bp_network_destroy(net);
}

static void test_cut_off(void **state)
{
    (void)state;
    const bp_finding finding = finding_of(&examples[0], NULL);
    char text[8];
    size_t needed;
    assert_fails(bp_finding_text(&finding, text, sizeof text, &needed), BP_ERROR_SIZE, "takes");
    assert_int_equal(strlen(text), 7);
    assert_int_equal(needed, strlen(examples[0].text) + 1);
    bp_finding wrong = finding;
    wrong.kind = (bp_finding_kind)1000;
    assert_fails(bp_finding_text(&wrong, text, sizeof text, NULL), BP_ERROR_ARGUMENT,
                 "invalid finding kind 1000");
    wrong.kind = BP_FINDING_NONE;
    assert_fails(bp_finding_text(&wrong, text, sizeof text, NULL), BP_ERROR_ARGUMENT,
                 "invalid finding kind 0");
    assert_fails(bp_finding_text(&finding, NULL, 8, NULL), BP_ERROR_ARGUMENT, "buffer is NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
