#include "train/order_notes.h"

bp_status note_order(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    order_notes *noted = context;
    (void)reply;
    if (batch->reason != BP_STOP_NONE)
        return BP_OK;
    assert_int_equal(batch->count, 1);
    assert_true(noted->count < sizeof noted->derivative / sizeof noted->derivative[0]);
    noted->derivative[noted->count++] = (double)batch->gradient[0];
    batch->gradient[0] = 0;
    return BP_OK;
}

void assert_noted(const order_notes *noted, const double *wanted, size_t count)
{
    assert_int_equal(noted->count, count);
    for (size_t i = 0; i < count; i++)
        assert_close(noted->derivative[i], wanted[i], 0);
}
