#include "data/cross_example.h"

#include <math.h>
#include <string.h>

bp_cross_options cross_with(const bp_fold_options *folds, size_t threads, uint64_t seed)
{
    bp_cross_options cross;
    bp_cross_options_init(&cross, sizeof cross);
    cross.folds = folds;
    cross.threads = threads;
    cross.seed = seed;
    return cross;
}

bp_fold_options folds_with(bp_split_method method, size_t folds, size_t repetitions, double validation)
{
    bp_fold_options options;
    bp_fold_options_init(&options, sizeof options);
    options.method = method;
    options.folds = folds;
    options.repetitions = repetitions;
    options.validation = validation;
    return options;
}

void cross_outcome_init(cross_outcome *out)
{
    memset(out, 0, sizeof *out);
    bp_fold_result_init(out->each, sizeof out->each[0], CROSS_MAX_FOLDS);
    bp_cross_summary_init(&out->summary, sizeof out->summary);
}

void assert_same_cross_outcome(const cross_outcome *a, const cross_outcome *b, size_t folds)
{
    static cross_outcome of_a, of_b;
    of_a = *a;
    of_b = *b;
    of_a.summary.seconds = of_b.summary.seconds = 0;
    for (size_t i = 0; i < folds; i++)
        of_a.each[i].seconds = of_b.each[i].seconds = 0;
    assert_memory_equal(of_a.each, of_b.each, folds * sizeof of_a.each[0]);
    assert_memory_equal(&of_a.summary, &of_b.summary, sizeof of_a.summary);
    assert_memory_equal(of_a.predictions, of_b.predictions, sizeof of_a.predictions);
}

bp_dataset *cross_classes(const bp_allocator *allocator)
{
    enum { CASES = 90 };
    static bp_real inputs[CASES * 2], targets[CASES * 3];
    uint64_t draw = 5;
    memset(targets, 0, sizeof targets);
    for (size_t c = 0; c < CASES; c++) {
        size_t class = c % 9 < 5 ? 0 : c % 9 < 8 ? 1 : 2;
        inputs[2 * c] = (bp_real)(100 + 10 * (double)class + test_uniform(&draw, -8, 8));
        inputs[2 * c + 1] = (bp_real)(class == 1 ? 3 : 1) + (bp_real)test_uniform(&draw, -1, 1);
        targets[3 * c + class] = 1;
    }
    bp_data data = bp_data_view(CASES, inputs, 2, targets, 3);
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_create(&dataset, &data, allocator));
    return dataset;
}

bp_network *cross_class_network(const bp_allocator *allocator)
{
    bp_network *net = NULL;
    bp_layer *layers[3];
    if (test_network_create(&net, allocator) != BP_OK)
        return NULL;
    if (bp_network_add_input(&layers[0], net, NULL, 2) != BP_OK ||
        bp_network_add_layer(&layers[1], net, NULL, 4, bp_activation_tanh()) != BP_OK ||
        bp_network_add_layer(&layers[2], net, NULL, 3, bp_activation_softmax()) != BP_OK ||
        bp_network_connect(NULL, net, layers[0], layers[1]) != BP_OK ||
        bp_network_connect(NULL, net, layers[1], layers[2]) != BP_OK || bp_network_finalize(net) != BP_OK) {
        bp_network_destroy(net);
        return NULL;
    }
    return net;
}

bp_dataset *cross_curve(void)
{
    enum { CASES = 60 };
    bp_real inputs[CASES], targets[CASES];
    for (size_t c = 0; c < CASES; c++) {
        inputs[c] = (bp_real)(900 + 5 * c);
        targets[c] = (bp_real)(50 + 20 * sin(0.1 * (double)c));
    }
    bp_data data = bp_data_view(CASES, inputs, 1, targets, 1);
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    return dataset;
}

bp_network *cross_curve_network(void)
{
    const size_t units[] = {1, 5, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    return net;
}
