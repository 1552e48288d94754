/*
 * Compares one thread of this library with two, by the wall clock; meaningful only with two idle cores.
 * contest.h describes the output. Both must compute the same bits.
 */
#include <stdlib.h>

#include "contest.h"

static const program *const programs[] = {&program_one_thread, &program_two_threads};

int main(int count, char **arguments)
{
    run_contest(programs, sizeof programs / sizeof programs[0], count, arguments);
    return EXIT_SUCCESS;
}
