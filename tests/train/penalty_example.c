#include "train/penalty_example.h"

bp_trainer_options penalty_options(bp_stop_rule *rule, size_t epochs)
{
    *rule = bp_stop_epochs(epochs);
    bp_trainer_options options = options_with(rule, 1);
    options.loss = bp_loss_squared_error();
    options.optimizer = bp_optimizer_momentum(0.05, 0.9);
    options.weight_decay = 0;
    options.batch_size = 0;
    options.reduction = BP_REDUCE_MEAN;
    options.scale_data = 0;
    options.recoveries = 0;
    return options;
}

void train_with(bp_network *net, const bp_trainer_options *options, const bp_data *data)
{
    bp_trainer *trainer = make_trainer(net, options);
    assert_ok(bp_trainer_run(trainer, data, NULL, NULL));
    bp_trainer_destroy(trainer);
}

double soft_threshold(double w, double t)
{
    return w > t ? w - t : w < -t ? w + t : 0;
}
