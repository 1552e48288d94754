/* The hashes of bits.c: what must not change them, and what must. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backprop.h"
#include "bits/digest.h"
#include "bits/isa.h"
#include "bits/must.h"
#include "bits/results.h"

enum { FEW = 4 };

static void assert_same(const results *got, const results *wanted, const network_group *group, size_t number,
                        const char *isa)
{
    for (int part = 0; part < RESULT_PARTS; part++) {
        if (got->digest[part] == wanted->digest[part])
            continue;
        print_error("%s, group %s, network %zu: other bits of %s\n", isa != NULL ? isa : "best", group->name,
                    number, result_names[part]);
        fail();
    }
}

static void check_network(const network_group *group, size_t number, const char *isa)
{
    results wanted = results_of(group, number, isa, 1);
    for (size_t threads = 1; threads <= 3; threads++) { /* 1: the same once more */
        results got = results_of(group, number, isa, threads);
        assert_same(&got, &wanted, group, number, isa);
    }
}

static void test_runs_and_threads_give_the_same_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < isa_count; i++)
        for (size_t j = 0; j < group_count && isa_is_supported(isa_names[i]); j++)
            for (size_t number = 0; number < FEW && number < 1 + groups[j].count / 10; number++)
                check_network(&groups[j], number, isa_names[i]);
}

/* All of those whose work threads share most; with the kernels that networks get by default. */
static void test_threads_give_the_same_bits_of_large_networks(void **state)
{
    (void)state;
    const network_group *large = &groups[group_count - 1];
    assert_string_equal(large->name, "large");
    for (size_t number = 0; number < large->count; number++)
        check_network(large, number, NULL);
}

static void test_networks_differ(void **state)
{
    (void)state;
    for (size_t j = 0; j < group_count; j++) {
        results one = results_of(&groups[j], 0, "portable", 1);
        results other = results_of(&groups[j], 1, "portable", 1);
        for (int part = 0; part < RESULT_PARTS; part++)
            if (part != RESULT_CHECK) /* of few networks only */
                assert_true(one.digest[part] != other.digest[part]);
    }
}

/* Known values of FNV-1a, from the authors' test vectors. */
static void test_digest(void **state)
{
    (void)state;
    assert_true(digest_bytes(DIGEST_START, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(digest_bytes(DIGEST_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(digest_bytes(DIGEST_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
}

static void test_digest_sees_each_bit(void **state)
{
    (void)state;
    const bp_real zeros[] = {0, (bp_real)-0.0};
    assert_true(digest_reals(DIGEST_START, &zeros[0], 1) != digest_reals(DIGEST_START, &zeros[1], 1));
}

/* Else there would be kernels that nobody looks at. */
static void test_the_best_instruction_set_is_among_the_names(void **state)
{
    (void)state;
    bp_network *net = NULL;
    MUST(bp_network_create(&net, NULL));
    int found = 0;
    for (size_t i = 0; i < isa_count; i++)
        found += strcmp(isa_names[i], bp_network_isa(net)) == 0;
    bp_network_destroy(net);
    assert_int_equal(found, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_digest_sees_each_bit),
        cmocka_unit_test(test_the_best_instruction_set_is_among_the_names),
        cmocka_unit_test(test_networks_differ),
        cmocka_unit_test(test_runs_and_threads_give_the_same_bits),
        cmocka_unit_test(test_threads_give_the_same_bits_of_large_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
