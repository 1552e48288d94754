/* A finding of each kind, and its sentence. */
    {BP_FINDING_BATCH_SIZE, BP_SEVERITY_NOTE, NO, NO, NO, {32, 280},
     "the batch size is 32 for 280 training cases"},
    {BP_FINDING_LEARNING_RATE, BP_SEVERITY_NOTE, NO, NO, NO, {0.05, 0.8, 1, 60},
     "the learning rate is 0.05: training became unstable at 0.8, after 60 updates of a search"},
    {BP_FINDING_LEARNING_RATE, BP_SEVERITY_NOTE, NO, NO, NO, {0.05, 0.8, 0.8, 60},
     "the learning rate is 0.05: training became unstable at 0.8, after 60 updates of a search"},
    {BP_FINDING_LEARNING_RATE, BP_SEVERITY_NOTE, NO, NO, NO, {0.5, INFINITY, 1, 60},
     "the learning rate is 0.5: rates up to 1 were stable in a search of 60 updates"},
    {BP_FINDING_LOSS, BP_SEVERITY_NOTE, NO, NO, NO, {1},
     "the loss is cross-entropy, as the outputs are softmax units"},
    {BP_FINDING_LOSS, BP_SEVERITY_NOTE, NO, NO, NO, {0},
     "the loss is squared error"},
    {BP_FINDING_INPUTS_SCALED, BP_SEVERITY_NOTE, NO, NO, 4, {5, 0.01, 2},
     "4 of 5 input columns are scaled, factors from 0.01 to 2"},
    {BP_FINDING_TARGETS_SCALED, BP_SEVERITY_NOTE, NO, NO, 1, {1, 0.01, 0.01},
     "1 of 1 target columns are scaled, factors from 0.01 to 0.01; E is in scaled units"},
    {BP_FINDING_STOPPING, BP_SEVERITY_NOTE, NO, NO, NO, {1, 0, 20, 300},
     "training ends when the validation error has not improved for 20 epochs, or after 300 "
     "epochs"},
    {BP_FINDING_STOPPING, BP_SEVERITY_NOTE, NO, NO, NO, {0, 0.01, 20, 300},
     "training ends when the training error has fallen by less than 1 % in 20 epochs, or after"
     " 300 epochs"},
    {BP_FINDING_WEIGHT_DECAY, BP_SEVERITY_NOTE, NO, NO, NO, {2e-4, 280},
     "weights decay as if the mean error had the term 0.0002 / 2 w^2 for each weight, for 280 "
     "cases"},
    {BP_FINDING_ANNEALED, BP_SEVERITY_NOTE, NO, NO, NO, {0.05, 0.0045},
     "the error no longer improved, so the learning rate was lowered from 0.05 to 0.0045 "
     "from epoch 0 on"},
    {BP_FINDING_CROSS_ENTROPY, BP_SEVERITY_NOTE, NO, NO, NO, {0},
     "all targets of layer 'h' are 0 or 1: options.loss = bp_loss_cross_entropy() usually "
     "learns such targets faster than the squared error"},
    {BP_FINDING_RECOVERED, BP_SEVERITY_WARNING, NO, NO, NO, {0.5, 0.05},
     "training was rolled back, and the learning rate lowered from 0.5 to 0.05"},
    {BP_FINDING_DIVERGED, BP_SEVERITY_ERROR, NO, NO, NO, {0.5, 0.05},
     "training diverged in epoch 0: the learning rate 0.5 is too large; use a smaller one, "
     "such as 0.05, or BP_RATE_AUTO"},
    {BP_FINDING_DIVERGED, BP_SEVERITY_ERROR, NO, NO, NO, {0.5, 0.05, 32},
     "training diverged in epoch 0: the learning rate 0.5 belongs to the sum over 32 cases; "
     "use options.reduction = BP_REDUCE_MEAN, or a learning rate of 0.05"},
    {BP_FINDING_RATE_TOO_LARGE, BP_SEVERITY_WARNING, NO, NO, NO, {0.5, 0.05},
     "the error bounces or grows in epoch 0: the learning rate 0.5 is too large; use a smaller"
     " one, such as 0.05, or BP_RATE_AUTO"},
    {BP_FINDING_RATE_TOO_SMALL, BP_SEVERITY_WARNING, NO, NO, NO, {1e-5, 4.5, 1e-3},
     "the learning rate 1e-05 is too small: an update ten times as large would lower the error"
     " 4.5 times as much; use a larger one, such as 0.001, or BP_RATE_AUTO"},
    {BP_FINDING_STILL_IMPROVING, BP_SEVERITY_WARNING, NO, NO, NO, {0.5, 0.4, 300, 0},
     "training ended after 300 epochs while the training error still fell, from 0.5 to 0.4 "
     "over the last quarter; train longer: call bp_trainer_run() again, or raise the limit"},
    {BP_FINDING_PLATEAU, BP_SEVERITY_WARNING, NO, NO, NO, {0.5, 0.5, 1000},
     "the error has stayed at 0.5 for 1000 updates, no better than the 0.5 of constant "
     "outputs; start from other weights: bp_network_initialize(net, another seed)"},
    {BP_FINDING_OVERFITTING, BP_SEVERITY_WARNING, NO, NO, NO, {0.1, 0.2, 0.1, 0.01},
     "overfitting: since epoch 0 the validation error rose from 0.1 to 0.2, while the training"
     " error fell from 0.1 to 0.01; use bp_stop_early(), fewer hidden units, weight decay or "
     "more cases"},
    {BP_FINDING_CONSTANT_INPUT, BP_SEVERITY_NOTE, NO, 3, 1, {2.5, 280},
     "input column 3 is 2.5 in all 280 cases: it teaches nothing; leave it out"},
    {BP_FINDING_CONSTANT_INPUT, BP_SEVERITY_NOTE, NO, 3, 4, {2.5, 280},
     "4 input columns never change, such as column 3, which is 2.5 in all 280 cases: they "
     "teach nothing; leave them out"},
    {BP_FINDING_DUPLICATE_INPUT, BP_SEVERITY_NOTE, NO, 5, 1, {2, 1, 0, 280},
     "input column 5 equals column 2 in all 280 cases: it teaches nothing new; leave one of "
     "them out"},
    {BP_FINDING_DUPLICATE_INPUT, BP_SEVERITY_NOTE, NO, 5, 2, {2, -1, 1, 280},
     "2 input columns repeat others, such as column 5, which is -1 times column 2 + 1 in all "
     "280 cases: they teach nothing new; leave them out"},
    {BP_FINDING_OUTLIERS, BP_SEVERITY_WARNING, NO, 4, 1, {-999, 0.5, 7, 1},
     "1 value lies in input column 4 far from all others, such as -999, where the rest lie "
     "between 0.5 and 7: correct it, leave the cases out, or limit the column's values"},
    {BP_FINDING_OUTLIERS, BP_SEVERITY_WARNING, NO, 4, 3, {-999, 0.5, 7, 12},
     "12 values lie in input column 4 far from all others, such as -999, where the rest lie "
     "between 0.5 and 7 (likewise 2 other columns): correct them, leave the cases out, or "
     "limit the column's values"},
    {BP_FINDING_INPUTS_UNSCALED, BP_SEVERITY_WARNING, NO, 12, NO, {806, 0.8},
     "the inputs are not scaled: the root mean square of column 12 is 806, the median standard"
     " deviation 0.8; before training call bp_network_fit_scaling(net, &data, "
     "bp_scaling_automatic(), bp_scaling_automatic()), then bp_network_initialize(net, seed) "
     "and train anew"},
    {BP_FINDING_INPUTS_UNSCALED, BP_SEVERITY_NOTE, NO, 12, NO, {806, 0.8},
     "the inputs are not scaled: the root mean square of column 12 is 806, the median standard"
     " deviation 0.8; before training call bp_network_fit_scaling(net, &data, "
     "bp_scaling_automatic(), bp_scaling_automatic()), as a trainer with options.scale_data "
     "does by itself"},
    {BP_FINDING_CONSTANT_TARGET, BP_SEVERITY_WARNING, NO, 0, 1, {1, 280},
     "target column 0 is 1 in all 280 cases: there is nothing to learn; leave it out"},
    {BP_FINDING_CONSTANT_TARGET, BP_SEVERITY_NOTE, NO, 0, 2, {1, 280},
     "2 target columns never change, such as column 0, which is 1 in all 280 cases: there is "
     "nothing to learn; leave them out"},
    {BP_FINDING_CLASS_ABSENT, BP_SEVERITY_WARNING, NO, 2, 1, {280, 10},
     "no case of 280 is of the class of target column 2: it cannot be learned; add cases of "
     "it, or leave the output out"},
    {BP_FINDING_CLASS_ABSENT, BP_SEVERITY_WARNING, NO, 2, 3, {280, 10},
     "3 of 10 classes have no case, such as that of target column 2: they cannot be learned; "
     "add cases of them, or leave the outputs out"},
    {BP_FINDING_CLASS_RARE, BP_SEVERITY_WARNING, NO, 2, 7, {280, 3, 200},
     "7 of 280 cases are of the class of target column 2, and 200 of the commonest: it may be "
     "passed over; add cases of it, or weigh them more with data.case_weights"},
    {BP_FINDING_CLASS_RARE, BP_SEVERITY_WARNING, NO, 0, 7, {280, 2, 273},
     "7 of 280 cases are of the rarer class of target column 0, and 273 of the other: it may "
     "be passed over; add cases of it, or weigh them more with data.case_weights"},
    {BP_FINDING_CONTRARY_TARGETS, BP_SEVERITY_NOTE, NO, NO, 7, {12, 40, 435, 0.0023},
     "7 of 435 cases have the inputs of another case but not its targets, such as cases 12 and"
     " 40: one network cannot meet both, and no network has a mean error below 0.0023; correct"
     " the targets, or add the inputs that tell them apart"},
    {BP_FINDING_CONTRARY_TARGETS, BP_SEVERITY_NOTE, NO, NO, 7, {12, 40, 435, NAN},
     "7 of 435 cases have the inputs of another case but not its targets, such as cases 12 and"
     " 40: one network cannot meet both; correct the targets, or add the inputs that tell them"
     " apart"},
    {BP_FINDING_SHARED_CASES, BP_SEVERITY_WARNING, NO, NO, 31, {0, 3, 50},
     "31 of 50 validation cases equal a training case, such as validation case 0, which is "
     "training case 3: the validation error does not tell how new cases will do; leave them "
     "out of one of the two, and keep equal cases together when you split"},
    {BP_FINDING_SHARED_CASES, BP_SEVERITY_NOTE, NO, NO, 1, {0, 3, 50},
     "1 of 50 validation cases equals a training case, such as validation case 0, which is "
     "training case 3: no more than equal cases are found in the training data alone; nothing "
     "need be done"},
    {BP_FINDING_VALIDATION_INPUTS, BP_SEVERITY_WARNING, NO, 2, 1, {0.1, 1.25, 0.4, 2e-8},
     "the validation cases are not drawn like those of training: input column 2 has the mean "
     "0.1 in training and 1.25 in validation, and by chance its values would differ so much "
     "with probability 2e-08; split at random, as bp_dataset_split() does"},
    {BP_FINDING_VALIDATION_TARGETS, BP_SEVERITY_WARNING, NO, 0, 2, {0.1, 0.25, 0.4, 2e-8},
     "the validation cases are not drawn like those of training: target column 0 has the mean "
     "0.1 in training and 0.25 in validation, and by chance its values would differ so much "
     "with probability 2e-08 (likewise 1 other column); split at random, as bp_dataset_split()"
     " does"},
    {BP_FINDING_TARGETS_OUT_OF_REACH, BP_SEVERITY_ERROR, NO, 1, 9, {-3, 40, 0, 1},
     "targets of layer 'h' are out of reach in 9 cases: those of column 1 lie between -3 and "
     "40, but logistic outputs are between 0 and 1; call bp_network_fit_scaling(net, &data, "
     "bp_scaling_automatic(), bp_scaling_automatic()), or let the layer be "
     "bp_activation_linear()"},
    {BP_FINDING_TARGETS_OUT_OF_REACH, BP_SEVERITY_NOTE, NO, 1, 9, {-3, 40, 0, 1},
     "targets of layer 'h' are out of reach in 9 cases: those of column 1 lie between -3 and "
     "40, but logistic outputs are between 0 and 1; a trainer with options.scale_data scales "
     "them by itself"},
    {BP_FINDING_TARGETS_OUT_OF_REACH, BP_SEVERITY_ERROR, NO, NO, 9, {2.5},
     "the targets of layer 'h' do not sum to 1 in 9 cases, where the sum is 2.5 or so, but "
     "softmax outputs do: make them shares, or let the layer be bp_activation_logistic()"},
    {BP_FINDING_SQUARED_ERROR_SOFTMAX, BP_SEVERITY_WARNING, NO, NO, NO, {0},
     "the loss is the squared error, but layer 'h' is softmax: where it is sure and wrong it "
     "hardly learns; set options.loss = bp_loss_cross_entropy()"},
    {BP_FINDING_SOFTMAX_SUITS, BP_SEVERITY_NOTE, NO, NO, 3, {0},
     "each case is of one of 3 classes, but the outputs of layer 'h' are logistic, which are "
     "no probabilities of classes; bp_activation_softmax() with bp_loss_cross_entropy() suits "
     "them"},
    {BP_FINDING_SOFTMAX_OF_ONE, BP_SEVERITY_ERROR, 0, NO, NO, {0},
     "layer 'h' is softmax of a single unit, whose output is always 1, so that it learns "
     "nothing; let it be bp_activation_logistic(), or give it a unit for each class"},
    {BP_FINDING_SYMMETRIC_UNITS, BP_SEVERITY_ERROR, 0, NO, 16, {1, 16},
     "16 of 16 units of layer 'h' have the same weights as another, such as units 0 and 1: "
     "they get the same updates and never part; call bp_network_initialize(net, seed)"},
    {BP_FINDING_SATURATED_UNITS, BP_SEVERITY_WARNING, 2, NO, 9, {0.974, 16},
     "9 of 16 units of layer 'h', the first of them unit 2, are saturated in 97.4 % of the "
     "cases and hardly learn; scale the inputs with bp_network_fit_scaling(), call "
     "bp_network_initialize(net, seed), and train with a lower learning rate"},
    {BP_FINDING_DEAD_UNITS, BP_SEVERITY_NOTE, 3, NO, 2, {0, 16, 280},
     "2 of 16 units of layer 'h', the first of them unit 3, have the same output in all 280 "
     "cases, 0, and do not learn"},
    {BP_FINDING_DEAD_UNITS, BP_SEVERITY_WARNING, 3, NO, 12, {-1, 16, 280},
     "12 of 16 units of layer 'h', the first of them unit 3, have the same output in all 280 "
     "cases, -1, and do not learn; call bp_network_initialize(net, seed) and train with a "
     "lower learning rate"},
    {BP_FINDING_VANISHING_DERIVATIVES, BP_SEVERITY_WARNING, NO, NO, NO, {1e-7, 0.01, 6},
     "derivatives vanish: in layer 'h' they are 1e-07, 1e-05 times those 6 layers above; use "
     "bp_activation_relu() or fewer hidden layers, or connect layers directly to later ones"},
    {BP_FINDING_EXPLODING_DERIVATIVES, BP_SEVERITY_WARNING, NO, NO, NO, {100, 0.01, 6},
     "derivatives explode: in layer 'h' they are 1e+02, 1e+04 times those 6 layers above; call"
     " bp_network_initialize(net, seed), and train with a lower learning rate"},
    {BP_FINDING_NO_BETTER_THAN_CONSTANT, BP_SEVERITY_WARNING, NO, NO, NO, {0.51, 0.5},
     "the network is no better than a constant output: its mean error is 0.51, that of the "
     "best constant 0.5; see what else is found, and train anew from "
     "bp_network_initialize(net, seed)"},
    {BP_FINDING_HISTORY_FILE, BP_SEVERITY_WARNING, NO, NO, NO, {0, 1e10},
     "options.history_json could not be written: error 10000000000; set it to a path that can be "
     "written"},
    {BP_FINDING_HISTORY_FILE, BP_SEVERITY_WARNING, NO, NO, NO, {1e10, 2e10},
     "options.history_csv could not be written: error 10000000000; options.history_json could not be "
     "written: error 20000000000; set it to a path that can be written"},
    {BP_FINDING_FEW_CASES, BP_SEVERITY_NOTE, NO, NO, 166, {1010, 2},
     "166 cases of 2 targets are to determine 1010 weights: they may be learned by heart; hand"
     " bp_trainer_run() validation cases, or use fewer hidden units"},
    {BP_FINDING_FEW_CASES, BP_SEVERITY_NOTE, NO, NO, 134, {225, 1},
     "134 cases of 1 target are to determine 225 weights: they may be learned by heart; hand "
     "bp_trainer_run() validation cases, or use fewer hidden units"},
