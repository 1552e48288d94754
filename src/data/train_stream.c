/* Training on streams. */
#include "base/status.h"
#include "train/run.h"
#include "train/run_stream.h"

bp_status bp_trainer_run_stream(bp_trainer *trainer, bp_stream *training, bp_stream *validation,
                                bp_result *result)
{
    BPI_REQUIRE(trainer);
    BPI_REQUIRE(training);
    BPI_TRY(bpi_run_name_function(__func__, bpi_run_check_call(trainer, result)));
    if (training->schema != NULL)
        BPI_TRY(bp_network_set_schema(trainer->network, training->schema));
    return bpi_run_stream(trainer, training, validation, result);
}
