/* Selection of the kernel table of a network. */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/select.h"
#include "kernel/tables.h"

static int without_environment(void **state)
{
    (void)state;
    return unsetenv("BACKPROP_ISA");
}

static const kernel_table *best(void)
{
    size_t count;
    const kernel_table *const *tables = bpi_kernel_tables(&count);
    while (!tables[count - 1]->supported())
        count--;
    return tables[count - 1];
}

static void test_tables_are_whole_and_have_names_of_their_own(void **state)
{
    (void)state;
    size_t count;
    const kernel_table *const *tables = bpi_kernel_tables(&count);
    assert_ptr_equal(tables[0], &bpi_kernel_portable);
    assert_string_equal(tables[0]->name, "portable");
    assert_true(tables[0]->supported());
    for (size_t i = 0; i < count; i++) {
        const kernel_table *t = tables[i];
        assert_true(t->product_scratch && t->product_forward && t->product_backward && t->product_weights &&
                    t->forward_from_sums);
        assert_true(t->column_sums && t->activate && t->multiply_slope && t->softmax);
        assert_true(t->scale && t->unscale && t->find_loss && t->momentum_update && t->multiply_all &&
                    t->all_finite && t->sum_of_squares);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(tables[i]->name, tables[k]->name);
    }
}

static void test_each_by_its_name_if_the_cpu_has_it(void **state)
{
    (void)state;
    size_t count;
    const kernel_table *const *tables = bpi_kernel_tables(&count);
    for (size_t i = 0; i < count; i++) {
        const kernel_table *got = NULL;
        if (tables[i]->supported()) {
            assert_ok(bpi_kernel_select(&got, "here", tables[i]->name));
            assert_ptr_equal(got, tables[i]);
        } else {
            assert_fails(bpi_kernel_select(&got, "here", tables[i]->name), BP_ERROR_UNSUPPORTED,
                         tables[i]->name);
            assert_fails(bpi_kernel_select(&got, "here", tables[i]->name), BP_ERROR_UNSUPPORTED, "CPU");
            assert_null(got);
        }
    }
}

static void test_without_a_name_the_best(void **state)
{
    (void)state;
    const kernel_table *got = NULL;
    assert_ok(bpi_kernel_select(&got, "here", NULL));
    assert_ptr_equal(got, best());
}

static void test_the_environment_stands_in_for_no_name(void **state)
{
    (void)state;
    const kernel_table *got = NULL;
    assert_int_equal(setenv("BACKPROP_ISA", "portable", 1), 0);
    assert_ok(bpi_kernel_select(&got, "here", NULL));
    assert_ptr_equal(got, &bpi_kernel_portable);
    assert_ok(bpi_kernel_select(&got, "here", best()->name));
    assert_ptr_equal(got, best());
    assert_int_equal(setenv("BACKPROP_ISA", "", 1), 0);
    assert_ok(bpi_kernel_select(&got, "here", NULL));
    assert_ptr_equal(got, best());
    assert_int_equal(setenv("BACKPROP_ISA", "nonesuch", 1), 0);
    assert_ok(bpi_kernel_select(&got, "here", "portable"));
    assert_ptr_equal(got, &bpi_kernel_portable);
}

static void test_unknown_names(void **state)
{
    (void)state;
    const kernel_table *got = NULL;
    assert_fails(bpi_kernel_select(&got, "here", "nonesuch"), BP_ERROR_UNSUPPORTED,
                 "options.isa is 'nonesuch'");
    assert_fails(bpi_kernel_select(&got, "here", "nonesuch"), BP_ERROR_UNSUPPORTED, "portable");
    assert_fails(bpi_kernel_select(&got, "here", ""), BP_ERROR_UNSUPPORTED, "''");
    assert_fails(bpi_kernel_select(&got, "here", "Portable"), BP_ERROR_UNSUPPORTED, "'Portable'");
    assert_int_equal(setenv("BACKPROP_ISA", "abacus", 1), 0);
    assert_fails(bpi_kernel_select(&got, "here", NULL), BP_ERROR_UNSUPPORTED, "BACKPROP_ISA");
    assert_fails(bpi_kernel_select(&got, "here", NULL), BP_ERROR_UNSUPPORTED, "'abacus'");
    assert_null(got);
}

static void test_a_network_says_what_it_uses(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.isa = "portable";
    assert_ok(bp_network_create(&net, &options));
    assert_string_equal(bp_network_isa(net), "portable");
    bp_network_destroy(net);

    net = NULL;
    options.isa = "nonesuch";
    assert_fails(bp_network_create(&net, &options), BP_ERROR_UNSUPPORTED,
                 "bp_network_create: options.isa is 'nonesuch'");
    assert_null(net);
    assert_int_equal(setenv("BACKPROP_ISA", "abacus", 1), 0);
    assert_fails(bp_network_create(&net, NULL), BP_ERROR_UNSUPPORTED,
                 "bp_network_create: the environment variable BACKPROP_ISA is 'abacus'");
    assert_null(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_are_whole_and_have_names_of_their_own),
        cmocka_unit_test_setup(test_each_by_its_name_if_the_cpu_has_it, without_environment),
        cmocka_unit_test_setup(test_without_a_name_the_best, without_environment),
        cmocka_unit_test_setup(test_the_environment_stands_in_for_no_name, without_environment),
        cmocka_unit_test_setup(test_unknown_names, without_environment),
        cmocka_unit_test_setup(test_a_network_says_what_it_uses, without_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
