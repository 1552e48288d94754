/*
 * Tells pictures apart: learns from pictures with labels, in one program, and names others in another one
 * that has nothing but the model file. Pictures are squares of grey, in IDX files (the format of MNIST) or in
 * .npy files of NumPy; see docs/guide/data.md for how to make such a file of a folder of pictures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <backprop.h>

enum { KERNELS = 12, KERNEL = 5, STRIDE = 2, HIDDEN = 32 };

static void fail(const char *reason, const char *detail)
{
    fprintf(stderr, "pictures: %s: %s\n", reason, detail);
    exit(EXIT_FAILURE);
}

static void check(bp_status status)
{
    if (status != BP_OK)
        fail(bp_status_string(status), bp_error_message());
}

/* labels: NULL if only the pictures are wanted. */
static bp_dataset *load(const char *images, const char *labels, size_t classes)
{
    bp_dataset *dataset = NULL;
    const size_t length = strlen(images);
    if (length > 4 && strcmp(images + length - 4, ".npy") == 0)
        check(bp_dataset_load_npy(&dataset, images, labels, BP_TARGET_CLASS, classes, NULL));
    else
        check(bp_dataset_load_idx(&dataset, images, labels, classes, NULL));
    return dataset;
}

static size_t side_of(size_t pixels)
{
    size_t side = KERNEL;
    while (side * side < pixels)
        side++;
    if (side * side != pixels)
        fail("the pictures", "they are not square, or smaller than 5 x 5 pixels");
    return side;
}

/* Kernels that move over the picture two pixels at a time, a hidden layer, and a unit for each class. */
static bp_network *make_network(size_t pixels, size_t classes)
{
    const size_t side = side_of(pixels), positions = (side - KERNEL) / STRIDE + 1;
    bp_network *net = NULL;
    bp_layer *input, *maps, *hidden, *output;
    bp_convolution convolution;
    bp_connect_options options;
    bp_convolution_init(&convolution, sizeof convolution);
    convolution.height = convolution.width = side;
    convolution.kernels = KERNELS;
    convolution.kernel_height = convolution.kernel_width = KERNEL;
    convolution.stride_y = convolution.stride_x = STRIDE;
    bp_connect_options_init(&options, sizeof options);
    options.convolution = &convolution;
    check(bp_network_create(&net, NULL));
    check(bp_network_add_input(&input, net, "pixels", pixels));
    check(bp_network_add_layer(&maps, net, "maps", KERNELS * positions * positions, bp_activation_tanh()));
    check(bp_network_add_layer(&hidden, net, "hidden", HIDDEN, bp_activation_tanh()));
    check(bp_network_add_layer(&output, net, "classes", classes, bp_activation_softmax()));
    check(bp_network_connect_with(NULL, net, input, maps, &options));
    check(bp_network_connect(NULL, net, maps, hidden));
    check(bp_network_connect(NULL, net, hidden, output));
    check(bp_layer_set_output(output));
    check(bp_network_finalize(net));
    check(bp_network_initialize(net, 1));
    return net;
}

static void train(const char *images, const char *labels, const char *model, const char *const *names,
                  size_t classes)
{
    bp_dataset *dataset = load(images, labels, classes);
    bp_data training, test;
    bp_data_init(&training, sizeof training);
    bp_data_init(&test, sizeof test);
    check(bp_dataset_split(dataset, 0.65, 0.15, 1));
    check(bp_dataset_subset(dataset, BP_SUBSET_TRAINING, &training));
    check(bp_dataset_subset(dataset, BP_SUBSET_TEST, &test));

    bp_network *net = make_network(training.input_width, classes);
    /* All pixels alike, whose common spread is what matters. */
    check(
        bp_network_fit_scaling(net, &training, bp_scaling_pooled(bp_scaling_standard()), bp_scaling_none()));
    bp_trainer *trainer = NULL;
    check(bp_trainer_create(&trainer, net, NULL));
    check(bp_trainer_run_dataset(trainer, dataset, NULL));

    bp_workspace *workspace = NULL;
    bp_evaluation found;
    bp_evaluation_init(&found, sizeof found);
    check(bp_workspace_create(&workspace, net, test.cases));
    check(bp_network_evaluate(net, workspace, &test, bp_loss_default(), NULL, &found));
    printf("%zu pictures that it has never seen: %.1f %% right\n", test.cases, 100 * found.accuracy);
    check(bp_network_set_class_names(net, names, classes));
    check(bp_network_save(net, model));

    bp_workspace_destroy(workspace);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

static void answer(const char *model, const char *images)
{
    bp_network *net = NULL;
    check(bp_network_load(&net, model, NULL));
    bp_dataset *dataset = load(images, NULL, 0);
    bp_data data;
    bp_data_init(&data, sizeof data);
    check(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data));
    const bp_schema *schema = bp_network_schema(net);
    const size_t classes = bp_schema_target_width(schema);
    bp_real *outputs = calloc(data.cases * classes + 1, sizeof *outputs);
    bp_workspace *workspace = NULL;
    if (outputs == NULL)
        fail(images, "out of memory");
    check(bp_workspace_create(&workspace, net, data.cases));
    check(bp_network_predict(net, workspace, &data, outputs));
    for (size_t i = 0; i < data.cases; i++) {
        bp_answer found;
        bp_answer_init(&found, sizeof found);
        check(bp_schema_answer(schema, outputs + i * classes, 0, &found));
        printf("%s %.3f\n", found.class_name, found.value);
    }
    free(outputs);
    bp_workspace_destroy(workspace);
    bp_dataset_destroy(dataset);
    bp_network_destroy(net);
}

int main(int argc, char **argv)
{
    if (argc >= 7 && strcmp(argv[1], "train") == 0)
        train(argv[2], argv[3], argv[4], (const char *const *)argv + 5, (size_t)argc - 5);
    else if (argc == 4 && strcmp(argv[1], "answer") == 0)
        answer(argv[2], argv[3]);
    else
        fail("usage", "pictures train IMAGES LABELS MODEL NAME NAME... (of classes 0, 1, ...)\n"
                      "                 pictures answer MODEL IMAGES");
    return EXIT_SUCCESS;
}
