#include "train/gradient_recorder.h"

#include <math.h>

static bool is_zero(const bp_gradient_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->gradient[i] != 0)
            return false;
    return true;
}

bp_status record(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    recorder *self = context;
    assert_true(batch->size == sizeof *batch && reply->size == sizeof *reply);
    assert_true(reply->stop == 0 && reply->more_batches == 0);
    assert_true(self->calls < MOST);
    self->told[self->calls++] = *batch;
    if (batch->cases == 0)
        self->zeros = self->zeros && is_zero(batch);
    if (batch->reason != BP_STOP_NONE)
        return BP_OK;
    reply->stop = self->calls == self->stop_at;
    if (self->pushes)
        batch->gradient[0] = batch->cases == 0 ? -1 : 0;
    if (self->calls == self->spoil_at)
        batch->gradient[0] = (bp_real)NAN;
    self->empty_so_far = batch->cases > 0 ? 0 : self->empty_so_far + 1;
    reply->more_batches = self->empty_so_far < self->empty;
    return BP_OK;
}

bp_trainer_options recorded_by(recorder *self, const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    options.on_gradient = record;
    options.on_gradient_context = self;
    self->zeros = true;
    return options;
}

void assert_announced(const recorder *self, size_t batches, bp_stop_reason reason, bp_status status)
{
    assert_int_equal(self->calls, batches + 1);
    for (size_t i = 0; i < batches; i++) {
        assert_int_equal(self->told[i].reason, BP_STOP_NONE);
        assert_int_equal(self->told[i].status, BP_OK);
    }
    const bp_gradient_batch *last = &self->told[batches];
    assert_string_equal(bp_stop_reason_string(last->reason), bp_stop_reason_string(reason));
    assert_int_equal(last->status, status);
    assert_int_equal(last->cases, 0);
    assert_int_equal(last->cases_left, 0);
    assert_true(last->error == 0);
    assert_true(self->zeros);
}
