/*
 * A program may trap floating-point exceptions (feenableexcept of glibc): then each INVALID, DIVBYZERO or
 * OVERFLOW ends it. Finite data and weights whose results are far from overflow must raise none, in no lane
 * of a vector, nor by what stands in memory that was never written. So memory and stack are filled with the
 * largest number, or with signaling NaN.
 */
#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backprop.h"
#include "bits/cases.h"
#include "bits/isa.h"
#include "bits/must.h"
#include "bits/training.h"

enum { FEW = 12, TRAPPED = FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW };

static const double far_from_overflow = 1e12;

/* Where a call is made. */
typedef struct subject {
    const char *isa, *group;
    size_t number;
    double scale;
    random_net made;
    random_cases cases;
    bp_workspace *workspace;
    bp_real *values; /* enough for any result */
    size_t calls;    /* that were looked at */
} subject;

/* What is found in memory and on the stack that nothing has been written to. */
#ifdef BP_DOUBLE
typedef uint64_t filling;
static const filling max_finite = UINT64_C(0x7fefffffffffffff), signaling_nan = UINT64_C(0x7ff4000000000001);
#else
typedef uint32_t filling;
static const filling max_finite = 0x7f7fffff, signaling_nan = 0x7fa00001;
#endif

static filling fresh;

/* The linker puts it in the place of malloc (--wrap). */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    void *block = __real_malloc(size);
    for (size_t i = 0; block != NULL && i + sizeof fresh <= size; i += sizeof fresh)
        memcpy((unsigned char *)block + i, &fresh, sizeof fresh);
    return block;
}

static __attribute__((noinline)) void fill_stack(void)
{
    volatile filling values[16 * 1024];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        values[i] = fresh;
}

static void begin_call(void)
{
    fill_stack();
    feclearexcept(FE_ALL_EXCEPT);
}

static void end_call(subject *s, const char *call, size_t cases, bool is_far)
{
    int raised = fetestexcept(TRAPPED);
    feclearexcept(FE_ALL_EXCEPT);
    s->calls += is_far;
    if (raised == 0 || !is_far)
        return;
    print_error("%s, group %s, network %zu, weights * %g, %s of %zu cases raises%s%s%s\n", s->isa, s->group,
                s->number, s->scale, call, cases, raised & FE_INVALID ? " INVALID" : "",
                raised & FE_DIVBYZERO ? " DIVBYZERO" : "", raised & FE_OVERFLOW ? " OVERFLOW" : "");
    fail();
}

static bool are_small(const bp_real *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)values[i]) < far_from_overflow))
            return false;
    return true;
}

/* Is what a call made far from overflow, in all layers? */
static bool layers_are_small(const subject *s, size_t cases)
{
    for (size_t i = 0; i < bp_network_layer_count(s->made.net); i++) {
        const bp_layer *layer = bp_network_layer(s->made.net, i);
        size_t count = cases * bp_layer_units(layer);
        if (bp_layer_is_input(layer))
            continue;
        bp_real *outputs = must_allocate(count, sizeof *outputs);
        bp_status status = bp_workspace_layer_outputs(s->workspace, layer, outputs, count);
        bool small = status == BP_OK && are_small(outputs, count);
        free(outputs);
        if (!small)
            return false;
    }
    return true;
}

static void check_calls(subject *s, size_t count)
{
    const bp_network *net = s->made.net;
    const bp_data data = random_cases_part(&s->cases, 0, count);
    bp_evaluation found;
    size_t weights;
    double error = 0;
    bp_network_weights(net, &weights);
    bp_evaluation_init(&found, sizeof found);

    begin_call();
    bp_status status = bp_network_predict(net, s->workspace, &data, s->values);
    bool is_far = status == BP_OK && layers_are_small(s, count);
    end_call(s, "prediction", count, is_far);
    begin_call();
    status = bp_network_evaluate(net, s->workspace, &data, s->made.loss, NULL, &found);
    end_call(s, "evaluation", count, is_far && status == BP_OK);
    begin_call();
    status = bp_network_gradient(net, s->workspace, &data, s->made.loss, &error, s->values);
    end_call(s, "gradient", count, is_far && status == BP_OK && are_small(s->values, weights));
    begin_call();
    status = bp_network_input_gradient(net, s->workspace, &data, s->made.loss, &error, s->values);
    end_call(s, "input gradient", count,
             is_far && status == BP_OK && are_small(s->values, count * bp_network_input_width(net)));
}

static void check_training(subject *s, const training_plan *plan)
{
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    bp_trainer_options options = plan->options;
    size_t weights, count = s->cases.data.cases - plan->validation;
    bp_data training = random_cases_part(&s->cases, 0, count);
    bp_data validation = random_cases_part(&s->cases, count, plan->validation);
    MUST(bp_network_copy(&net, s->made.net));
    options.loss = s->made.loss;
    options.stop_rules = plan->rules;
    begin_call();
    MUST(bp_trainer_create(&trainer, net, &options));
    bp_status status = bp_trainer_run(trainer, &training, plan->validation > 0 ? &validation : NULL, NULL);
    const bp_real *values = bp_network_weights(net, &weights);
    end_call(s, plan->options.batch_size == 1 ? "online training" : "training", count,
             status == BP_OK && are_small(values, weights));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

/* Weights that are so many times larger saturate units: x far below the least exponent. */
static void scale_weights(subject *s, double factor)
{
    size_t count;
    const bp_real *weights = bp_network_weights(s->made.net, &count);
    bp_real *scaled = must_allocate(count, sizeof *scaled);
    for (size_t i = 0; i < count; i++)
        scaled[i] = (bp_real)((double)weights[i] * factor);
    MUST(bp_network_set_weights(s->made.net, scaled, count));
    free(scaled);
    s->scale *= factor;
}

static size_t largest_result(const subject *s)
{
    size_t weights, most = bp_network_input_width(s->made.net) + bp_network_output_width(s->made.net);
    bp_network_weights(s->made.net, &weights);
    return most * s->cases.data.cases + weights;
}

/* Returns how many calls were looked at. */
static size_t check_network(const network_group *group, size_t number, const char *isa)
{
    const double factors[] = {1, 40, 100, 1e4};
    draw_stream stream = draw_begin(number, 77);
    subject s = {.isa = isa, .group = group->name, .number = number, .scale = 1};
    s.made = random_net_create(group, number, isa, &stream);
    s.cases = random_cases_create(&s.made, group->cases, &stream);
    random_cases_scale(&s.made, &s.cases, &stream);
    s.values = must_allocate(largest_result(&s), sizeof *s.values);
    const size_t all = s.cases.data.cases, counts[] = {1, 2, 7, 33, all};
    for (int is_online = 0; is_online < 2; is_online++) {
        training_plan plan = training_plan_draw(group, is_online, &s.cases, &stream);
        check_training(&s, &plan);
    }
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
        scale_weights(&s, factors[i]);
        MUST(bp_workspace_create(&s.workspace, s.made.net, all));
        for (size_t j = 0; j < sizeof counts / sizeof counts[0]; j++)
            if (counts[j] <= all)
                check_calls(&s, counts[j]);
        bp_workspace_destroy(s.workspace);
    }
    free(s.values);
    random_cases_destroy(&s.cases);
    random_net_destroy(&s.made);
    return s.calls;
}

static void check_all(void)
{
    size_t calls = 0;
    for (size_t i = 0; i < isa_count; i++)
        for (size_t j = 0; j < group_count && isa_is_supported(isa_names[i]); j++)
            for (size_t number = 0; number < FEW && number < 1 + groups[j].count / 10; number++)
                calls += check_network(&groups[j], number, isa_names[i]);
    assert_true(calls > 1000);
}

static void test_nothing_is_raised_among_great_numbers(void **state)
{
    (void)state;
    fresh = max_finite;
    check_all();
}

static void test_nothing_is_raised_among_signaling_nan(void **state)
{
    (void)state;
    fresh = signaling_nan;
    check_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_raised_among_great_numbers),
        cmocka_unit_test(test_nothing_is_raised_among_signaling_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
