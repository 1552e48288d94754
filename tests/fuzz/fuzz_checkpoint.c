/*
 * Loads any bytes as a checkpoint of a small network, as they are and with all checksums put right, so that
 * damage reaches what lies behind them. What is taken must train, and be the same when saved and loaded once
 * more. Ends with abort() on a wrong result; a memory checker sees the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "backprop.h"
#include "format/model_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { CASES = 12, INPUTS = 2, HIDDEN = 3, MAX_UPDATES = 40 };

static void require(bool condition)
{
    if (!condition)
        abort();
}

static bp_network *make_network(void)
{
    const size_t units[] = {INPUTS, HIDDEN, 1};
    bp_network *net = NULL;
    require(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()) == BP_OK);
    require(bp_network_initialize(net, 1) == BP_OK);
    return net;
}

static bp_data make_data(size_t cases)
{
    static bp_real inputs[INPUTS * CASES], targets[CASES];
    for (size_t i = 0; i < CASES; i++) {
        inputs[INPUTS * i] = (bp_real)i / CASES;
        inputs[INPUTS * i + 1] = (bp_real)(i * 5 % CASES) / CASES;
        targets[i] = inputs[INPUTS * i] - inputs[INPUTS * i + 1];
    }
    return bp_data_view(cases, inputs, INPUTS, targets, 1);
}

static unsigned char *save(const bp_trainer *trainer, size_t *size)
{
    require(bp_trainer_save_memory(trainer, NULL, 0, size) == BP_OK);
    unsigned char *bytes = malloc(*size);
    require(bytes != NULL && bp_trainer_save_memory(trainer, bytes, *size, NULL) == BP_OK);
    return bytes;
}

/* Saved, loaded, and saved again: the bytes are as many. */
static void check_round_trip(const bp_trainer *trainer)
{
    size_t size, again_size;
    bp_network *net = make_network();
    bp_trainer *again = NULL;
    unsigned char *bytes = save(trainer, &size);
    require(bp_trainer_load_memory(&again, net, bytes, size, NULL) == BP_OK);
    unsigned char *again_bytes = save(again, &again_size);
    require(size == again_size);
    bp_trainer_destroy(again);
    bp_network_destroy(net);
    free(bytes);
    free(again_bytes);
}

/* With so many validation cases as the file may want: a few steps, each of which is the last. */
static void train(bp_trainer *trainer)
{
    const bp_data training = make_data(CASES), validation = make_data(CASES / 2);
    for (int i = 0; i < MAX_UPDATES; i++) {
        bp_trainer_request_stop(trainer);
        if (bp_trainer_run(trainer, &training, NULL, NULL) == BP_ERROR_SIZE) {
            bp_trainer_request_stop(trainer);
            bp_trainer_run(trainer, &training, &validation, NULL);
        }
    }
}

static void read_findings(const bp_trainer *trainer)
{
    char text[512];
    bp_finding finding;
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding_init(&finding, sizeof finding);
        require(bp_trainer_finding(trainer, i, &finding) == BP_OK);
        require(bp_finding_text(&finding, text, sizeof text, NULL) == BP_OK);
    }
}

static void try_loading(const unsigned char *bytes, size_t size)
{
    bp_network *net = make_network();
    bp_trainer *trainer = NULL;
    if (bp_trainer_load_memory(&trainer, net, bytes, size, NULL) != BP_OK) {
        require(trainer == NULL && bp_error_message()[0] != '\0');
    } else {
        read_findings(trainer);
        check_round_trip(trainer);
        train(trainer);
        bp_trainer_destroy(trainer);
    }
    bp_network_destroy(net);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    unsigned char *copy = malloc(size > 0 ? size : 1); /* exactly as large: reading past the end shows */
    require(copy != NULL);
    if (size > 0)
        memcpy(copy, bytes, size);
    try_loading(copy, size);
    model_fix_checksums(copy, size);
    try_loading(copy, size);
    free(copy);
    return 0;
}
