/* Checkpoints of networks whose connections are of another kind. */
#include <stdlib.h>

#include "train/checkpoint_example.h"

/* in(2) -> out(2), dense or with a mask that has all pairs. */
static bp_network *network_of_kind(const unsigned char *mask)
{
    bp_network *net = NULL;
    bp_layer *in, *out;
    bp_connect_options options;
    bp_connect_options_init(&options, sizeof options);
    options.mask = mask;
    options.mask_count = mask == NULL ? 0 : 4;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 2));
    assert_ok(bp_network_add_layer(&out, net, "out", 2, bp_activation_tanh()));
    assert_ok(bp_network_connect_with(NULL, net, in, out, &options));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

static void test_another_kind_of_connection(void **state)
{
    (void)state;
    const unsigned char mask[] = {1, 1, 1, 1};
    bp_network *dense = network_of_kind(NULL), *masked = network_of_kind(mask);
    bp_trainer *trainer = NULL, *loaded = NULL;
    unsigned char *bytes;
    size_t size;
    assert_ok(bp_trainer_create(&trainer, dense, NULL));
    bytes = save_trainer(trainer, &size);
    assert_fails(bp_trainer_load_memory(&loaded, masked, bytes, size, NULL), BP_ERROR_STRUCTURE,
                 "of another network: connection 'in' -> 'out' is dense there, masked here");
    bp_trainer_destroy(trainer);
    free(bytes);
    assert_ok(bp_trainer_create(&trainer, masked, NULL));
    bytes = save_trainer(trainer, &size);
    assert_fails(bp_trainer_load_memory(&loaded, dense, bytes, size, NULL), BP_ERROR_STRUCTURE,
                 "is masked there, dense here");
    bp_trainer_destroy(trainer);
    free(bytes);
    bp_network_destroy(dense);
    bp_network_destroy(masked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_another_kind_of_connection)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
