#include "support/support.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *allocate(void *context, size_t size)
{
    test_memory *memory = context;
    size_t call = memory->calls++;
    if (call == memory->fail_at || (memory->sticky && call > memory->fail_at))
        return NULL;
    void *block = malloc(size);
    memory->live += block != NULL;
    return block;
}

static void release(void *context, void *block)
{
    test_memory *memory = context;
    memory->live--;
    free(block);
}

bp_allocator test_allocator(test_memory *memory, size_t fail_at)
{
    *memory = (test_memory){.fail_at = fail_at};
    return (bp_allocator){allocate, release, memory};
}

static void *allocate_here(void *context, size_t size)
{
    test_own_memory *own = context;
    assert_true(pthread_equal(own->owner, pthread_self()));
    return own->allocator.allocate(own->allocator.context, size);
}

static void release_here(void *context, void *block)
{
    test_own_memory *own = context;
    assert_true(pthread_equal(own->owner, pthread_self()));
    own->allocator.release(own->allocator.context, block);
}

bp_allocator test_own_allocator(test_own_memory *own)
{
    own->owner = pthread_self();
    own->allocator = test_allocator(&own->memory, SIZE_MAX);
    return (bp_allocator){allocate_here, release_here, own};
}

static void *allocate_and_cut(void *name, size_t size)
{
    assert_int_equal(truncate(test_path(test_directory, name), 9), 0);
    return malloc(size);
}

static void release_plain(void *name, void *memory)
{
    (void)name;
    free(memory);
}

bp_allocator test_cutting_allocator(char *name)
{
    return (bp_allocator){allocate_and_cut, release_plain, name};
}

bp_data test_all_cases(const bp_dataset *dataset)
{
    bp_data data;
    bp_data_init(&data, sizeof data);
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data));
    return data;
}

bp_status test_network_create(bp_network **out, const bp_allocator *allocator)
{
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    if (allocator != NULL)
        options.allocator = *allocator;
    return bp_network_create(out, &options);
}

bp_status test_layer_create(bp_network **out, const bp_allocator *allocator, size_t inputs, size_t outputs)
{
    bp_layer *in = NULL, *layer = NULL;
    bp_status status = test_network_create(out, allocator);
    if (status == BP_OK)
        status = bp_network_add_input(&in, *out, "in", inputs);
    if (status == BP_OK)
        status = bp_network_add_layer(&layer, *out, "out", outputs, bp_activation_tanh());
    if (status == BP_OK)
        status = bp_network_connect(NULL, *out, in, layer);
    if (status == BP_OK)
        status = bp_network_finalize(*out);
    return status;
}

unsigned char *test_save(const bp_network *net, size_t *size)
{
    assert_ok(bp_network_save_memory(net, NULL, 0, size));
    unsigned char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_ok(bp_network_save_memory(net, bytes, *size, size));
    return bytes;
}

void test_each_allocation_fails(test_attempt attempt, void *context)
{
    bp_status status = BP_ERROR_MEMORY;
    size_t fail_at = 0;
    for (; status != BP_OK; fail_at++) {
        test_memory memory;
        bp_allocator allocator = test_allocator(&memory, fail_at);
        status = attempt(context, &allocator);
        assert_int_equal(memory.live, 0);
        if (memory.calls > fail_at)
            assert_int_equal(status, BP_ERROR_MEMORY);
        else
            assert_ok(status);
    }
    assert_true(fail_at > 1);
}

void test_assert_ok(bp_status status, const char *expression, const char *file, int line)
{
    if (status == BP_OK)
        return;
    print_error("%s\n    gave: %s (%s)\n", expression, bp_status_string(status), bp_error_message());
    _fail(file, line);
}

void test_assert_fails(bp_status got, bp_status wanted, const char *part, const char *expression,
                       const char *file, int line)
{
    if (got == wanted && strstr(bp_error_message(), part) != NULL)
        return;
    print_error("%s\n    wanted: %s, with \"%s\"\n    gave: %s (%s)\n", expression, bp_status_string(wanted),
                part, bp_status_string(got), bp_error_message());
    _fail(file, line);
}

void test_assert_close(double got, double wanted, double tolerance, const char *expression, const char *file,
                       int line)
{
    double bound = wanted == 0 ? tolerance : tolerance * fabs(wanted);
    if (fabs(got - wanted) <= bound)
        return;
    print_error("%s is %.17g, wanted %.17g within %g\n", expression, got, wanted, bound);
    _fail(file, line);
}

double test_max_abs(const bp_real *values, size_t count)
{
    double max = 0;
    for (size_t i = 0; i < count; i++) {
        double size = fabs((double)values[i]);
        if (size > max)
            max = size;
    }
    return max;
}

char *test_make_directory(void)
{
    const char *base = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/backprop-test-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(path));
    char *copy = strdup(path);
    assert_non_null(copy);
    return copy;
}

void test_remove_directory(char *path)
{
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove(test_path(path, entry->d_name));
    closedir(directory);
    assert_int_equal(rmdir(path), 0);
    free(path);
}

char *test_directory;

int test_directory_setup(void **state)
{
    (void)state;
    test_directory = test_make_directory();
    return 0;
}

int test_directory_teardown(void **state)
{
    (void)state;
    test_remove_directory(test_directory);
    test_directory = NULL;
    return 0;
}

const char *test_path(const char *directory, const char *name)
{
    static char paths[4][1024];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

void test_write_file(const char *path, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 11;
}

double test_larger(double a, double b)
{
    return b > a ? b : a;
}

double test_uniform(uint64_t *state, double low, double high)
{
    return low + (high - low) * ((double)next_random(state) * 0x1p-53);
}

size_t test_below(uint64_t *state, size_t bound)
{
    return (size_t)(next_random(state) % bound);
}
