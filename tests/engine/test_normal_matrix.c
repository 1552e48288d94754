/* J^T J and J^T r of random networks, against sums of the oracle's derivatives; the same bits with any
 * threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/check_data.h"
#include "engine/normal_matrix.h"
#include "engine/workspace.h"
#include "reference/random_network.h"
#include "support/arrays.h"

enum { NETWORKS = 40 };

typedef struct sums {
    double *matrix, *gradient;
} sums;

static sums find(const bp_network *net, const bp_data *data, size_t threads)
{
    const size_t n = net->weight_count;
    bp_workspace *workspace = NULL;
    bp_data checked;
    size_t bytes;
    assert_ok(bpi_check_data("find", "data", net, data, DATA_BOTH, &checked));
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    assert_ok(bp_workspace_set_threads(workspace, threads));
    assert_ok(bpi_workspace_reserve("find", workspace, data->cases, true));
    assert_true(bpi_normal_block_bytes(net, &bytes));
    void *memory = aligned_alloc(BPI_ALIGNMENT, bytes + BPI_ALIGNMENT);
    const normal_block block = bpi_normal_block_view(net, memory);
    const sums found = {calloc(n * n + 1, sizeof(double)), calloc(n + 1, sizeof(double))};
    bpi_normal_matrix(workspace, &(batch){.data = &checked, .count = data->cases}, &block, found.matrix,
                      found.gradient);
    free(memory);
    bp_workspace_destroy(workspace);
    return found;
}

static void release(sums *s)
{
    free(s->matrix);
    free(s->gradient);
}

static void assert_near(double got, double wanted, double scale)
{
    assert_true(fabs(got - wanted) <= TOLERANCE(2e-5, 1e-11) * (scale + 1e-3));
}

static void compare(const random_network *r, const sums *got)
{
    const size_t n = r->net->weight_count;
    sums wanted = {calloc(n * n + 1, sizeof(double)), calloc(n + 1, sizeof(double))};
    double *row = calloc(n + 1, sizeof *row), *by_inputs = calloc(r->ref->input_width + 1, sizeof *row);
    for (size_t c = 0; c < r->data.cases; c++)
        for (size_t o = 0; o < r->ref->output_width; o++) {
            const double weight = r->data.case_weights == NULL ? 1 : (double)r->data.case_weights[c];
            reference_output_gradient(r->ref, &r->data, c, o, row, by_inputs);
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++)
                    wanted.matrix[i * n + j] += weight * row[i] * row[j];
        }
    reference_run(r->ref, &r->data, REFERENCE_SQUARED_ERROR,
                  &(reference_result){.gradient = wanted.gradient});
    double scale = 0, gradient_scale = 0;
    for (size_t i = 0; i < n; i++) {
        scale = fmax(scale, wanted.matrix[i * n + i]);
        gradient_scale = fmax(gradient_scale, fabs(wanted.gradient[i]));
    }
    for (size_t i = 0; i < n; i++) {
        assert_near(got->gradient[i], wanted.gradient[i], gradient_scale + scale);
        for (size_t j = i; j < n; j++)
            assert_near(got->matrix[i * n + j], wanted.matrix[i * n + j], scale);
    }
    free(row);
    free(by_inputs);
    release(&wanted);
}

static void assert_same_bits(const sums *a, const sums *b, size_t n)
{
    assert_memory_equal(a->gradient, b->gradient, n * sizeof(double));
    for (size_t i = 0; i < n; i++)
        assert_memory_equal(a->matrix + i * n + i, b->matrix + i * n + i, (n - i) * sizeof(double));
}

/* Of squared error, whatever the loss of the random network; those with a ReLU unit at its kink are left out.
 */
static void test_sums_are_the_oracles(void **state)
{
    (void)state;
    const double kink = TOLERANCE(1e-4, 1e-12);
    size_t judged = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        random_network *random = random_network_create(seed);
        random->ref->tolerance = 0;
        reference_run(random->ref, &random->data, REFERENCE_SQUARED_ERROR, &(reference_result){0});
        if (random->net->weight_count <= 300 && random->ref->closest_kink > kink) {
            sums one = find(random->net, &random->data, 1);
            compare(random, &one);
            for (size_t threads = 2; threads <= 8; threads += threads == 2 ? 1 : 5) {
                sums several = find(random->net, &random->data, threads);
                assert_same_bits(&one, &several, random->net->weight_count);
                release(&several);
            }
            release(&one);
            judged++;
        }
        random_network_destroy(random);
    }
    assert_true(judged >= NETWORKS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_are_the_oracles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
