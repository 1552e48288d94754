/*
 * One thread of this library against two, by the wall clock, which says nothing without two idle cores.
 * contest.h says what it prints. Both must come to the same bits.
 */
#include <stdlib.h>

#include "contest.h"

static const program *const programs[] = {&program_one_thread, &program_two_threads};

int main(int count, char **arguments)
{
    run_contest(programs, sizeof programs / sizeof programs[0], count, arguments);
    return EXIT_SUCCESS;
}
