/* Training on streams. */
#include "base/status.h"
#include "data/training_schema.h"
#include "train/run.h"
#include "train/run_stream.h"

bp_status bp_trainer_run_stream(bp_trainer *trainer, bp_stream *training, bp_stream *validation,
                                bp_result *result)
{
    BPI_REQUIRE(trainer);
    BPI_REQUIRE(training);
    training_schema change;
    BPI_TRY(bpi_run_name_function(__func__, bpi_run_check_call(trainer, result)));
    BPI_TRY(bpi_training_schema_begin(&change, __func__, trainer, training->schema));
    return bpi_training_schema_end(&change, trainer, bpi_run_stream(trainer, training, validation, result));
}
