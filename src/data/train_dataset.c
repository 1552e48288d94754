/* Training with a dataset. */
#include "base/status.h"
#include "data/dataset.h"
#include "data/training_schema.h"
#include "train/run.h"

/* Has the dataset been divided? Then one of its parts has cases. */
static bool is_split(const bp_dataset *dataset)
{
    return dataset->parts[BP_SUBSET_TRAINING].count > 0 || dataset->parts[BP_SUBSET_VALIDATION].count > 0 ||
           dataset->parts[BP_SUBSET_TEST].count > 0;
}

/* Cases that a split has set apart are not trained with. */
static bp_status find_training(const bp_dataset *dataset, const char *function, bp_data *training)
{
    if (is_split(dataset) && dataset->parts[BP_SUBSET_TRAINING].count == 0)
        return bpi_fail(BP_ERROR_STATE,
                        "%s: the split has left no training cases of the %zu; give the training subset a "
                        "larger share",
                        function, dataset->cases);
    return bp_dataset_subset(dataset, is_split(dataset) ? BP_SUBSET_TRAINING : BP_SUBSET_ALL, training);
}

bp_status bp_trainer_run_dataset(bp_trainer *trainer, const bp_dataset *dataset, bp_result *result)
{
    BPI_REQUIRE(trainer);
    BPI_REQUIRE(dataset);
    bp_data training, validation;
    training_schema change;
    bp_data_init(&training, sizeof training);
    bp_data_init(&validation, sizeof validation);
    const bool has_validation = dataset->parts[BP_SUBSET_VALIDATION].count > 0;
    BPI_TRY(find_training(dataset, __func__, &training));
    if (has_validation)
        BPI_TRY(bp_dataset_subset(dataset, BP_SUBSET_VALIDATION, &validation));
    BPI_TRY(bpi_run_name_function(__func__, bpi_run_check_call(trainer, result)));
    BPI_TRY(bpi_training_schema_begin(&change, __func__, trainer, dataset->schema));
    bp_status status = bp_trainer_run(trainer, &training, has_validation ? &validation : NULL, result);
    return bpi_training_schema_end(&change, trainer, bpi_run_name_function(__func__, status));
}
