#ifndef SYMMETRY_H
#define SYMMETRY_H

#include "task.h"

paper_task symmetry_task(void);
void symmetry_report(const paper_options *options);

#endif
