/*
 * Trains for a while, can be interrupted with Ctrl-C or killed at any time, and goes on when it is started
 * again:
 *
 *     resume <file for checkpoints> [<epochs after which it interrupts itself>]
 *
 * The result is that of training without an interruption, bit by bit.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <backprop.h>

enum { CASES = 400, EPOCHS = 2000 };

static bp_trainer *running; /* for the signal handler */
static size_t interrupt_after;

static void check(bp_status status)
{
    if (status != BP_OK) {
        fprintf(stderr, "resume: %s\n", bp_error_message());
        exit(EXIT_FAILURE);
    }
}

static void interrupt(int number)
{
    (void)number;
    bp_trainer_request_stop(running); /* all that a handler may do */
}

/* Called after each epoch. */
static int watch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    (void)trainer;
    if (progress->epoch % 500 == 0)
        printf("epoch %zu: mean error %.6f\n", progress->epoch, progress->mean_error);
    if (progress->epoch == interrupt_after)
        raise(SIGINT); /* as Ctrl-C does */
    return 0;
}

/* A wave: one input, one target. */
static void make_cases(bp_real *inputs, bp_real *targets)
{
    for (int i = 0; i < CASES; i++) {
        inputs[i] = (bp_real)i / CASES;
        targets[i] = (bp_real)sin(9.0 * i / CASES);
    }
}

static int file_exists(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file != NULL)
        fclose(file);
    return file != NULL;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: resume <file for checkpoints> [<epochs>]\n");
        return EXIT_FAILURE;
    }
    const char *path = argv[1];
    interrupt_after = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    const size_t units[] = {1, 12, 1};
    static bp_real inputs[CASES], targets[CASES];
    make_cases(inputs, targets);
    const bp_data data = bp_data_view(CASES, inputs, 1, targets, 1);

    bp_network *net = NULL;
    check(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    check(bp_network_initialize(net, 1));

    const bp_stop_rule rule = bp_stop_epochs(EPOCHS);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.on_epoch = watch;
    options.checkpoint_path = path;
    options.checkpoint_seconds = 10;

    bp_trainer *trainer = NULL;
    if (file_exists(path))
        check(bp_trainer_load(&trainer, net, path, &options)); /* also gives the network its weights */
    else
        check(bp_trainer_create(&trainer, net, &options));
    running = trainer;
    signal(SIGINT, interrupt);

    bp_result result;
    bp_result_init(&result, sizeof result);
    check(bp_trainer_run(trainer, &data, NULL, &result));
    signal(SIGINT, SIG_DFL);
    if (result.reason == BP_STOP_REQUESTED) {
        check(result.checkpoint_status);
        printf("interrupted after %zu epochs; start it again to go on\n", result.epochs);
    } else {
        remove(path); /* the next start begins anew */
        printf("%zu epochs, mean error %.9g: %s\n", result.epochs, result.mean_error,
               bp_stop_reason_string(result.reason));
    }
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return EXIT_SUCCESS;
}
