#include "jobs.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "table.h"

/* Memory that forked processes share, zeroed. */
static void *share(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        give_up("out of memory", "results");
    return memory;
}

static void work(size_t count, size_t size, job *function, const void *context, atomic_size_t *next,
                 char *results)
{
    for (size_t i; (i = atomic_fetch_add(next, 1)) < count;)
        function(context, i, results + i * size);
}

void *jobs_run(size_t count, size_t size, unsigned processes, job *function, const void *context)
{
    char *results = share(count * size);
    atomic_size_t *next = share(sizeof *next);
    for (unsigned i = 1; i < processes; i++) {
        pid_t child = fork();
        if (child < 0)
            give_up("no process", "jobs");
        if (child == 0) {
            work(count, size, function, context, next, results);
            _exit(EXIT_SUCCESS);
        }
    }
    work(count, size, function, context, next, results);
    for (unsigned i = 1; i < processes; i++) {
        int status;
        if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
            give_up("a process failed", "jobs");
    }
    munmap(next, sizeof *next);
    return results;
}

void jobs_free(void *results, size_t count, size_t size)
{
    munmap(results, count * size);
}
