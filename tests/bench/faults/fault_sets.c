#include "fault_sets.h"

#include <string.h>

#include "data_sets.h"
#include "formulas.h"

/* The halves were drawn once, before any threshold was looked at, and are not changed. */
const fault_set fault_sets[] = {
    {.name = "xor", .half = SETTING, .make = make_xor},
    {.name = "xor, irrelevant columns", .half = JUDGING, .make = make_xor_irrelevant},
    {.name = "spirals", .half = JUDGING, .make = make_spirals},
    {.name = "sine", .half = SETTING, .make = make_sine},
    {.name = "Friedman 1", .half = JUDGING, .make = make_friedman},
    {.name = "Monk's rule", .half = SETTING, .make = make_monks},
    {.name = "heavy tails", .half = JUDGING, .make = make_heavy_tails},
    {.name = "unequal columns", .half = SETTING, .make = make_unequal_columns},
    {.name = "near-constant columns", .half = JUDGING, .make = make_near_constant},
    {.name = "bits", .half = SETTING, .make = make_bits},
    {.name = "zoo", .half = JUDGING},
    {.name = "cars93", .half = SETTING},
    {.name = "airquality", .half = JUDGING},
    {.name = "iris", .half = SETTING},
    {.name = "servo", .half = JUDGING},
    {.name = "wine", .half = JUDGING},
    {.name = "sonar", .half = SETTING},
    {.name = "sunspots", .half = SETTING},
    {.name = "house votes", .half = SETTING},
    {.name = "diabetes", .half = JUDGING},
    {.name = "breast cancer", .half = SETTING},
    {.name = "vehicle", .half = SETTING},
    {.name = "vowel", .half = JUDGING},
    {.name = "Mackey-Glass", .half = SETTING, .cases = 800},
    {.name = "digits", .half = JUDGING, .cases = 800},
    {.name = "letters", .half = SETTING, .cases = 1200},
    {.name = "Fashion-MNIST", .half = JUDGING, .cases = 500},
};

const size_t fault_set_count = sizeof fault_sets / sizeof fault_sets[0];

table fault_set_read(const fault_set *set, const char *folder)
{
    table data = {0};
    if (set->make != NULL)
        return set->make();
    for (size_t i = 0; i < data_set_count; i++)
        if (strcmp(data_sets[i].name, set->name) == 0)
            data = data_sets[i].read(folder, &data_sets[i]);
    if (data.cases == 0)
        give_up("no such set", set->name);
    if (set->cases > 0)
        table_shorten(&data, set->cases);
    return data;
}
