#include "bits/results.h"

#include <stdlib.h>

#include "bits/cases.h"
#include "bits/digest.h"
#include "bits/must.h"
#include "bits/training.h"

const char *const result_names[RESULT_PARTS] = {"weights", "predict", "evaluate", "gradient",
                                                "check",   "online",  "batches"};

/* A network with its cases, and what looks at it. */
typedef struct subject {
    random_net made;
    random_cases cases;
    bp_workspace *workspace;
} subject;

/* ------------------------------------------------------------- prediction */

static uint64_t add_layer_outputs(uint64_t digest, const subject *s, size_t cases)
{
    for (size_t i = 0; i < bp_network_layer_count(s->made.net); i++) {
        const bp_layer *layer = bp_network_layer(s->made.net, i);
        if (bp_layer_is_input(layer))
            continue;
        size_t count = cases * bp_layer_units(layer);
        bp_real *values = must_allocate(count, sizeof *values);
        MUST(bp_workspace_layer_outputs(s->workspace, layer, values, count));
        digest = digest_reals(digest, values, count);
        free(values);
    }
    return digest;
}

static uint64_t add_prediction(uint64_t digest, const subject *s, const bp_data *data)
{
    size_t count = data->cases * bp_network_output_width(s->made.net);
    bp_real *outputs = must_allocate(count, sizeof *outputs);
    MUST(bp_network_predict(s->made.net, s->workspace, data, outputs));
    digest = digest_reals(digest, outputs, count);
    free(outputs);
    if (data->cases <= bp_workspace_block_cases(s->workspace))
        digest = add_layer_outputs(digest, s, data->cases);
    return digest;
}

static uint64_t add_predictions(uint64_t digest, const subject *s)
{
    static const size_t counts[] = {1, 2, 7};
    size_t all = s->cases.data.cases;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (counts[i] < all) {
            bp_data some = random_cases_part(&s->cases, all - counts[i], counts[i]);
            digest = add_prediction(digest, s, &some);
        }
    return add_prediction(digest, s, &s->cases.data);
}

/* ------------------------------------------------------------- evaluation */

static uint64_t add_evaluation(uint64_t digest, const subject *s, const bp_data *data)
{
    size_t width = bp_network_output_width(s->made.net), classes = width == 1 ? 2 : width;
    bp_evaluation found;
    bp_evaluation_init(&found, sizeof found);
    size_t *confusion = must_allocate(classes * classes, sizeof *confusion);
    MUST(bp_network_evaluate(s->made.net, s->workspace, data, s->made.loss, confusion, &found));
    digest = digest_double(digest, found.error);
    digest = digest_double(digest, found.mean_error);
    digest = digest_double(digest, found.max_abs_error);
    digest = digest_integer(digest, found.correct);
    for (size_t i = 0; i < classes * classes; i++)
        digest = digest_integer(digest, confusion[i]);
    free(confusion);
    return digest;
}

static uint64_t add_evaluations(uint64_t digest, const subject *s)
{
    bp_data one = random_cases_part(&s->cases, 0, 1);
    digest = add_evaluation(digest, s, &one);
    return add_evaluation(digest, s, &s->cases.data);
}

/* --------------------------------------------------------------- gradient */

static uint64_t add_gradient(uint64_t digest, const subject *s, const bp_data *data)
{
    size_t weights, inputs = data->cases * bp_network_input_width(s->made.net);
    bp_network_weights(s->made.net, &weights);
    bp_real *values = must_allocate(weights > inputs ? weights : inputs, sizeof *values);
    double error;
    MUST(bp_network_gradient(s->made.net, s->workspace, data, s->made.loss, &error, values));
    digest = digest_reals(digest_double(digest, error), values, weights);
    MUST(bp_network_input_gradient(s->made.net, s->workspace, data, s->made.loss, &error, values));
    digest = digest_reals(digest_double(digest, error), values, inputs);
    free(values);
    return digest;
}

static uint64_t add_gradients(uint64_t digest, const subject *s)
{
    size_t all = s->cases.data.cases;
    for (size_t count = 1; count < all && count <= 2; count++) {
        bp_data some = random_cases_part(&s->cases, all - count, count);
        digest = add_gradient(digest, s, &some);
    }
    return add_gradient(digest, s, &s->cases.data);
}

/* Takes many passes for each weight, so that only few networks are checked. */
static uint64_t add_check(uint64_t digest, const subject *s, draw_stream *stream)
{
    enum { MOST_WEIGHTS = 40, MOST_CASES = 3 };
    size_t weights;
    bp_network_weights(s->made.net, &weights);
    if (weights > MOST_WEIGHTS || !draw_one_in(stream, 4))
        return digest;
    size_t all = s->cases.data.cases;
    bp_data some = random_cases_part(&s->cases, 0, all < MOST_CASES ? all : MOST_CASES);
    bp_gradient_check found;
    bp_gradient_check_init(&found, sizeof found);
    MUST(bp_network_check_gradient(s->made.net, s->workspace, &some, s->made.loss, 0, &found));
    digest = digest_integer(digest, (uint64_t)found.passed);
    digest = digest_integer(digest, found.checked);
    digest = digest_integer(digest, found.skipped);
    digest = digest_integer(digest, found.weight);
    digest = digest_double(digest, found.max_deviation);
    digest = digest_double(digest, found.analytic);
    return digest_double(digest, found.numeric);
}

/* --------------------------------------------------------------- the whole */

static subject begin(const network_group *group, size_t number, const char *isa, size_t threads,
                     draw_stream *stream)
{
    subject s = {.workspace = NULL};
    s.made = random_net_create(group, number, isa, stream);
    s.cases = random_cases_create(&s.made, group->cases, stream);
    random_cases_scale(&s.made, &s.cases, stream);
    MUST(bp_workspace_create(&s.workspace, s.made.net, draw_one_in(stream, 3) ? 1 : s.cases.data.cases));
    MUST(bp_workspace_set_threads(s.workspace, threads));
    return s;
}

static void end(subject *s)
{
    bp_workspace_destroy(s->workspace);
    random_cases_destroy(&s->cases);
    random_net_destroy(&s->made);
}

/* The stream of a network; another for each group, by its name, so that groups may be added. */
static draw_stream begin_stream(const network_group *group, size_t number)
{
    uint64_t name = DIGEST_START;
    for (const char *letter = group->name; *letter != '\0'; letter++)
        name = digest_bytes(name, letter, 1);
    return draw_begin(name, number);
}

results results_of(const network_group *group, size_t number, const char *isa, size_t threads)
{
    results found;
    for (int part = 0; part < RESULT_PARTS; part++)
        found.digest[part] = DIGEST_START;
    uint64_t *digest = found.digest;
    draw_stream stream = begin_stream(group, number);
    subject s = begin(group, number, isa, threads, &stream);
    size_t weights;
    const bp_real *drawn = bp_network_weights(s.made.net, &weights);
    digest[RESULT_WEIGHTS] = digest_reals(digest[RESULT_WEIGHTS], drawn, weights);
    digest[RESULT_PREDICT] = add_predictions(digest[RESULT_PREDICT], &s);
    digest[RESULT_EVALUATE] = add_evaluations(digest[RESULT_EVALUATE], &s);
    digest[RESULT_GRADIENT] = add_gradients(digest[RESULT_GRADIENT], &s);
    digest[RESULT_CHECK] = add_check(digest[RESULT_CHECK], &s, &stream);
    for (int part = RESULT_ONLINE; part <= RESULT_BATCHES; part++) {
        training_plan plan = training_plan_draw(group, part == RESULT_ONLINE, &s.cases, &stream);
        digest[part] = training_add(digest[part], &s.made, &s.cases, &plan, threads);
    }
    end(&s);
    return found;
}

uint64_t results_add(uint64_t digest, const results *found)
{
    return digest_bytes(digest, found->digest, sizeof found->digest);
}
