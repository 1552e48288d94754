/* Training with a dataset. */
#include "base/status.h"
#include "data/dataset.h"
#include "train/run.h"

static bool is_split(const bp_dataset *dataset)
{
    return dataset->parts[BP_SUBSET_TRAINING].count > 0;
}

bp_status bp_trainer_run_dataset(bp_trainer *trainer, const bp_dataset *dataset, bp_result *result)
{
    BPI_REQUIRE(trainer);
    BPI_REQUIRE(dataset);
    bp_data training, validation;
    bp_data_init(&training, sizeof training);
    bp_data_init(&validation, sizeof validation);
    const bool has_validation = dataset->parts[BP_SUBSET_VALIDATION].count > 0;
    BPI_TRY(bp_dataset_subset(dataset, is_split(dataset) ? BP_SUBSET_TRAINING : BP_SUBSET_ALL, &training));
    if (has_validation)
        BPI_TRY(bp_dataset_subset(dataset, BP_SUBSET_VALIDATION, &validation));
    BPI_TRY(bpi_run_name_function(__func__, bpi_run_check_call(trainer, result)));
    if (dataset->schema != NULL)
        BPI_TRY(bp_network_set_schema(trainer->network, dataset->schema));
    return bp_trainer_run(trainer, &training, has_validation ? &validation : NULL, result);
}
