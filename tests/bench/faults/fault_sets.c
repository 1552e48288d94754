#include "fault_sets.h"

#include <string.h>

#include "data_sets.h"
#include "formulas.h"

/*
 * What is known of the data was counted by check_data.py, in the same cases.
 *
 * The halves were drawn once, before any threshold was looked at, and are not changed.
 */
const fault_set fault_sets[] = {
    {.name = "xor", .half = SETTING, .make = make_xor},
    {.name = "xor, irrelevant columns", .half = JUDGING, .make = make_xor_irrelevant},
    {.name = "spirals", .half = JUDGING, .make = make_spirals},
    {.name = "sine", .half = SETTING, .make = make_sine},
    {.name = "Friedman 1", .half = JUDGING, .make = make_friedman},
    {.name = "Monk's rule", .half = SETTING, .make = make_monks},
    {.name = "heavy tails",
     .half = JUDGING,
     .make = make_heavy_tails,
     .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}}},
    {.name = "unequal columns",
     .half = SETTING,
     .make = make_unequal_columns,
     .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}}},
    {.name = "near-constant columns",
     .half = JUDGING,
     .make = make_near_constant,
     .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX},
               {BP_FINDING_DUPLICATE_INPUT, 1},
               {BP_FINDING_CONSTANT_INPUT, 2}}},
    {.name = "bits", .half = SETTING, .make = make_bits},
    {.name = "zoo", .half = JUDGING},
    {.name = "cars93", .half = SETTING, .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}}},
    {.name = "airquality", .half = JUDGING, .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}}},
    {.name = "iris", .half = SETTING},
    {.name = "servo", .half = JUDGING},
    {.name = "wine", .half = JUDGING, .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}}},
    {.name = "sonar", .half = SETTING},
    {.name = "sunspots", .half = SETTING, .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}}},
    {.name = "house votes", .half = SETTING},
    {.name = "diabetes", .half = JUDGING, .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}}},
    {.name = "breast cancer", .half = SETTING, .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}}},
    {.name = "vehicle", .half = SETTING, .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}}},
    {.name = "vowel", .half = JUDGING},
    {.name = "Mackey-Glass", .half = SETTING, .cases = 800},
    {.name = "digits",
     .half = JUDGING,
     .cases = 800,
     .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}, {BP_FINDING_CONSTANT_INPUT, 4}}},
    {.name = "letters", .half = SETTING, .cases = 1200},
    {.name = "Fashion-MNIST",
     .half = JUDGING,
     .cases = 500,
     .known = {{BP_FINDING_INPUTS_UNSCALED, BP_NO_INDEX}, {BP_FINDING_CONSTANT_INPUT, 4}}},
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
