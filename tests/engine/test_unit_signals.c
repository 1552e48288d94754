/* Which units are saturated or dead, from outputs that are given. */
#include "engine/unit_signals.h"

#include <math.h>
#include <string.h>

#include "support/support.h"

enum { UNITS = 4, ROWS = 20 };

/* A 1-4-1 network and signals of it; a workspace whose outputs are the test's. */
typedef struct example {
    bp_network *net;
    unit_signals signals;
    bp_real input[ROWS], hidden[ROWS * UNITS], output[ROWS];
    layer_outputs outputs[3];
    bp_workspace workspace;
} example;

static void begin(example *e, bp_activation hidden)
{
    const size_t units[] = {1, UNITS, 1};
    memset(e, 0, sizeof *e);
    assert_ok(bp_network_create_layered(&e->net, units, 3, hidden, bp_activation_linear()));
    assert_true(bpi_unit_signals_create(&e->signals, &e->net->allocator, e->net));
    bpi_unit_signals_begin(&e->signals);
    e->outputs[0] = (layer_outputs){e->input, 1};
    e->outputs[1] = (layer_outputs){e->hidden, UNITS};
    e->outputs[2] = (layer_outputs){e->output, 1};
    e->workspace.outputs = e->outputs;
}

static void end(example *e)
{
    bpi_unit_signals_clear(&e->signals, &e->net->allocator);
    bp_network_destroy(e->net);
}

static const bp_layer *hidden_of(const example *e)
{
    return e->net->layers[1];
}

/* Unit 0 changes, 1 is at one end or the other, 2 is always at one, 3 nearly always. */
static void fill_tanh(example *e)
{
    for (size_t row = 0; row < ROWS; row++) {
        bp_real *y = e->hidden + row * UNITS;
        y[0] = (bp_real)row / ROWS - (bp_real)0.5;
        y[1] = (bp_real)(row % 2 == 0 ? -0.999 : 0.999);
        y[2] = (bp_real)0.99999;
        y[3] = (bp_real)(row == 0 ? 0.5 : 0.99999);
    }
}

static void test_tanh_units(void **state)
{
    (void)state;
    example e;
    bp_finding f;
    begin(&e, bp_activation_tanh());
    fill_tanh(&e);
    bpi_unit_signals_add(&e.signals, &e.workspace, ROWS / 2);
    bpi_unit_signals_add(&e.signals, &e.workspace, ROWS / 2);
    assert_int_equal(e.signals.cases, ROWS);
    bpi_unit_signals_begin(&e.signals);
    bpi_unit_signals_add(&e.signals, &e.workspace, ROWS);
    assert_true(bpi_find_saturated_units(&e.signals, hidden_of(&e), &f));
    assert_true(f.kind == BP_FINDING_SATURATED_UNITS && f.severity == BP_SEVERITY_WARNING);
    assert_true(f.layer == hidden_of(&e) && f.unit == 1 && f.count == 2);
    assert_close(f.values[0], (1 + 0.95) / 2, 1e-12);
    assert_true(bpi_find_dead_units(&e.signals, hidden_of(&e), &f));
    assert_true(f.severity == BP_SEVERITY_NOTE && f.unit == 2 && f.count == 1 && f.values[1] == UNITS &&
                f.values[2] == ROWS);
    end(&e);
}

/* Inputs are to blame if they go beyond 4 and the network does not scale them. */
static void test_large_inputs(void **state)
{
    (void)state;
    const bp_real inputs[] = {4, (bp_real)4.5, (bp_real)-4.5, (bp_real)-4.5}, zero = 0, half = 0.5;
    for (size_t i = 0; i < 4; i++) {
        example e;
        bp_finding f;
        begin(&e, bp_activation_tanh());
        if (i == 3)
            assert_ok(bp_network_set_input_scaling(e.net, &zero, &half, 1));
        fill_tanh(&e);
        e.input[ROWS - 2] = inputs[i];
        bpi_unit_signals_add(&e.signals, &e.workspace, ROWS);
        assert_true(bpi_find_saturated_units(&e.signals, hidden_of(&e), &f));
        assert_true(f.values[2] == (i == 1 || i == 2));
        bpi_unit_signals_begin(&e.signals);
        e.input[ROWS - 2] = 1;
        bpi_unit_signals_add(&e.signals, &e.workspace, ROWS);
        assert_true(bpi_find_saturated_units(&e.signals, hidden_of(&e), &f));
        assert_true(f.values[2] == 0);
        end(&e);
    }
}

static void test_relu_units(void **state)
{
    (void)state;
    const bp_severity severities[] = {BP_SEVERITY_NOTE, BP_SEVERITY_WARNING, BP_SEVERITY_WARNING,
                                      BP_SEVERITY_ERROR};
    for (size_t dead = 0; dead <= UNITS; dead++) {
        example e;
        bp_finding f;
        begin(&e, bp_activation_relu());
        for (size_t i = 0; i < ROWS * UNITS; i++)
            e.hidden[i] = i % UNITS >= dead && i / UNITS == 3;
        bpi_unit_signals_add(&e.signals, &e.workspace, ROWS);
        assert_int_equal(bpi_find_dead_units(&e.signals, hidden_of(&e), &f), dead > 0);
        assert_false(bpi_find_saturated_units(&e.signals, hidden_of(&e), &f)); /* it has no upper end */
        if (dead > 0) {
            assert_true(bpi_find_dead_units(&e.signals, hidden_of(&e), &f));
            assert_true(f.count == dead && f.unit == 0 && f.severity == severities[dead - 1]);
        }
        end(&e);
    }
}

/* Inputs have no units of their own, and linear outputs no ends. */
static void test_other_layers(void **state)
{
    (void)state;
    example e;
    bp_finding f;
    begin(&e, bp_activation_tanh());
    bpi_unit_signals_add(&e.signals, &e.workspace, ROWS);
    for (size_t i = 0; i < 3; i += 2) {
        assert_false(bpi_find_dead_units(&e.signals, e.net->layers[i], &f));
        assert_false(bpi_find_saturated_units(&e.signals, e.net->layers[i], &f));
    }
    end(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tanh_units),
        cmocka_unit_test(test_large_inputs),
        cmocka_unit_test(test_relu_units),
        cmocka_unit_test(test_other_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
