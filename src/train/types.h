/* What training works with: optimizer rules, stopping rules, a trainer, and one run of it. */
#ifndef BPI_TRAIN_TYPES_H
#define BPI_TRAIN_TYPES_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/random.h"
#include "base/status.h"
#include "engine/column_statistics.h"
#include "engine/constant_error.h"
#include "engine/stream.h"
#include "engine/unit_signals.h"

/* Values of bp_optimizer.kind. */
enum {
    OPTIMIZER_MOMENTUM = 1,
    OPTIMIZER_NESTEROV,
    OPTIMIZER_ADAGRAD,
    OPTIMIZER_RMSPROP,
    OPTIMIZER_ADAM,
    OPTIMIZER_ADAMW,
    OPTIMIZER_IRPROP_PLUS,
    OPTIMIZER_IRPROP_MINUS,
    OPTIMIZER_QUICKPROP,
    OPTIMIZER_CUSTOM,
    /* Of rules that need all cases at once. */
    OPTIMIZER_SCG = 20,
    OPTIMIZER_LBFGS,
    OPTIMIZER_LEVENBERG_MARQUARDT
};

/* What a rule keeps between updates. All is 0 before the first one. */
typedef struct optimizer_state {
    bp_real *vectors;    /* each as long as the weights, one after the other */
    double *scalars;     /* beside them */
    size_t vector_count; /* of this rule with these options ... */
    size_t scalar_count; /* ... likewise */
    uint64_t updates;    /* since the state was 0 */
} optimizer_state;

/* One update of the weights, or of a part of them; all vectors have `count` elements. */
typedef struct optimizer_step {
    const kernel_table *kernel;
    bp_real *weights;
    const bp_real *gradient; /* as the update uses it */
    bp_real *state;          /* the rule's vectors, zero before the first update ... */
    size_t state_stride;     /* ... and the elements from the start of one to that of the next */
    size_t count;
    double learning_rate, momentum;
    double decay;                  /* fraction by which every weight shrinks after the update */
    double penalty;                /* times the weight, it is added to the gradient */
    double clip_value, l1;         /* the options; 0: none */
    double decay_factor;           /* of these weights, on a decay that is the rule's own; usually 1 */
    const bp_optimizer *optimizer; /* its own parameters; learning rate and momentum are those above */
    double *scalars;               /* as `state`, of the whole update; only prepare may change them */
    void *work;                    /* the rule's work_bytes, with nothing of earlier updates */
    uint64_t number;               /* of this update since the state was 0, counted from 1 */
    double error;                  /* E of the update's cases before it, summed or the mean as the gradient */
} optimizer_step;

/* What a rule's learning rate is. */
typedef enum rate_meaning {
    RATE_OF_GRADIENT,   /* updates are in proportion to it and to the gradient */
    RATE_OF_STEP,       /* about the size of a weight's update, whatever that of the gradient */
    RATE_OF_FIRST_STEP, /* that of the first update since the state was 0; it has no effect on later ones */
    RATE_UNKNOWN,
    RATE_NONE /* there is none */
} rate_meaning;

/* What a weight decay is that the library chooses. */
typedef enum automatic_decay {
    DECAY_BY_RATE,     /* a fraction of the weight, in proportion to the learning rate */
    DECAY_IN_GRADIENT, /* a term of E, since the fraction would be another prior for each weight */
    DECAY_NONE
} automatic_decay;

struct training_run;

typedef struct optimizer_rule {
    int32_t kind;
    const char *name;
    size_t state_vectors; /* vectors, each as long as the weights, that are kept between updates */
    size_t state_scalars; /* numbers that are kept beside them */
    /* The state of a rule that keeps more or less by its parameters; NULL: that above. */
    void (*state_size)(const bp_optimizer *optimizer, size_t *vectors, size_t *scalars);
    size_t parameters; /* of bp_optimizer.parameter that it uses */
    rate_meaning rate_meaning;
    double automatic_rate; /* the one that BP_RATE_AUTO stands for; 0: it is searched for */
    bool has_momentum;     /* does a schedule of the momentum mean something? */
    automatic_decay automatic_decay;
    bool has_own_decay;    /* that of the trainer's options must be 0 */
    bool suits_whole_sets; /* BP_BATCH_AUTO is all cases; it learns badly by smaller batches ... */
    bool needs_whole_sets; /* ... or not at all: they are refused, as a gradient hook is */
    bool compares_errors;  /* E of two updates */
    /* NOT_FINITE or ARGUMENT for parameters out of range; `where` as in option.h. */
    bp_status (*check)(const char *where, const bp_optimizer *optimizer);
    /* Called once before the steps of an update, with the whole vectors and the trainer's workspace; it may
     * change the scalars. NULL if there is nothing to prepare. */
    void (*prepare)(const optimizer_step *step, const bp_workspace *workspace);
    /* A step that is made once, for all weights, by the calling thread, and leaves penalty, clip_value and l1
     * to others. NULL: the step is the update below, by the kernel's rule_update. */
    bp_status (*step)(const optimizer_step *step);
    /* The rule has no learning rate, or one for all weights: factors on it are refused. */
    bool needs_equal_rates;
    /* Its vectors belong to one direction of all weights: they mean nothing without the elements of weights
     * that are frozen since. */
    bool has_joint_state;
    /* The step as an update of each weight by itself, which the kernels make, also while they compute the
     * gradient; that is not used here. NULL if there is a step or an iteration instead. */
    void (*make_update)(const optimizer_step *step, weight_update *update);

    /* A rule that evaluates E and the gradient of all cases at points that it tries has no step, but makes
     * one iteration, see iteration.h; else NULL. The first of its scalars is the library's. */
    bp_status (*iterate)(struct training_run *run);
    /* Of such a rule, or NULL: can its scalars have come from it? Those of a file may not. */
    bool (*are_valid_scalars)(const bp_optimizer *optimizer, const double *scalars);
    /* Memory that a rule needs within an iteration or an update; false on overflow. NULL: none. */
    bool (*work_bytes)(const bp_network *net, size_t *bytes);
    /* Of such a rule, or NULL: UNSUPPORTED for options and networks that it cannot work with, beside those
     * that none of them can (whole_set.h). */
    bp_status (*check_use)(const char *where, const bp_trainer_options *options, const bp_network *net);
} optimizer_rule;

/* What the stopping rules are given. Limits count from the start of a run. */
typedef struct stop_metrics {
    double error, mean_error; /* of the training cases */
    double max_abs_error;     /* largest |y - d| of the training cases */
    double validation_error;  /* mean; NaN without */
    double gradient_norm;     /* largest of the epoch */
    size_t epochs;            /* finished in this run */
    uint64_t updates;         /* in this run */
    double seconds;           /* since the start of this run */
    double negligible_error;  /* diminishing returns: smaller mean errors count as so much; 0: as they are */
} stop_metrics;

/* What one rule remembers from epoch to epoch: plain numbers, all 0 before the first one, and an array whose
 * length and use bpi_stopping_array() tells. */
typedef struct stop_memory {
    /*
     * The validation error to compare with. Early stopping: that of the last improvement, or the mean there.
     * Generalization loss, progress quotient: the lowest. Validation error up: that at the end of the last
     * strip.
     */
    double reference;
    uint64_t
        waited; /* early stopping: epochs since then; validation error up: strips in a row in which it rose */
    uint64_t seen; /* epochs observed */
    /* Rings: the error of the n-th epoch observed, from 0, is at n modulo the length. Diminishing returns:
     * the last window + 1 mean errors. Progress quotient: those of the last strip. Early stopping by a moving
     * average: the validation errors of the last window. */
    double *errors;
} stop_memory;

typedef struct stop_rules {
    bp_allocator allocator;
    bp_stop_rule *rules;
    stop_memory *memory; /* one per rule */
    size_t count;
} stop_rules;

/* The epoch in progress. It is kept when a run ends before all its cases are used. */
typedef struct epoch_state {
    bool begun;
    size_t cases;      /* of the training data that it began with */
    size_t window;     /* cases of a window; 0: all of them are in memory */
    size_t done;       /* cases used so far */
    bool more_batches; /* the hook asks for empty batches after the last case */
    double error;      /* E of these cases, before their updates */
    double max_abs_error;
    double gradient_norm;
    double hook_error;        /* sum of the mean errors that the hook replied */
    uint64_t weights_changed; /* the network's count when it began */
    size_t ordered;           /* cases up to the end of the last window whose order was drawn */
} epoch_state;

/*
 * How far a run has come: what a checkpoint knows of it beside the trainer. A run that was interrupted goes
 * on in the next call, if that is the first one of a trainer that was loaded; see resume.h.
 */
typedef struct run_place {
    bool goes_on;            /* the run was interrupted, or is still in progress */
    bool has_snapshot;       /* see training_run */
    bool ends_epoch;         /* its last step ended an epoch, and the rules may not have been applied ... */
    bool is_unstable;        /* ... nor has been acted on what was found of the errors */
    stop_metrics metrics;    /* of that epoch */
    size_t epochs;           /* finished in the run */
    uint64_t updates;        /* in the run */
    uint64_t evaluations;    /* likewise */
    double seconds;          /* since its start */
    size_t cases;            /* of the training data; 0: no run yet */
    size_t validation_cases; /* 0: none */
    uint64_t training_hash;  /* of the cases (case_hash.h); 0: not known, or they vary from pass to pass */
    uint64_t validation_hash;
} run_place;

enum { MAX_FINDINGS = 64 };

/* The errors of an epoch, as mean E. */
typedef struct trace_point {
    uint64_t updates; /* before it */
    double error, validation_error;
} trace_point;

enum { TRACE_POINTS = 32 };

/* See error_trace.h. */
typedef struct error_trace {
    double first_error;
    uint64_t stride, next; /* updates from point to point, and when the next one is due */
    size_t count;
    trace_point points[TRACE_POINTS];
} error_trace;

/* The epoch with the lowest validation error so far. */
typedef struct best_epoch {
    size_t epoch; /* counted from 1; 0: none */
    double validation_error;
    double error;     /* mean E of the training cases in that epoch */
    bp_real *weights; /* NULL until a run has a validation set */
} best_epoch;

/* What an adaptive schedule of the learning rate remembers. */
typedef struct rate_memory {
    double scale;             /* of the schedule's start; 1 for others */
    bool has_reference;       /* is there an error to judge by? */
    double reference;         /* plateau: the minimum error; bold driver: E of the epoch before; means */
    bool of_validation;       /* is it an error of the validation cases? */
    size_t cases;             /* bold driver: the training cases of that epoch */
    size_t waited;            /* plateau: epochs since the minimum, or since the last fall of the rate */
    uint64_t weights_changed; /* bold driver: the network's count at that epoch */
    bp_real *weights;         /* bold driver: those that epoch began with; NULL until one is set */
} rate_memory;

/* What is found of an epoch beside its errors, if somebody wants it; see epoch_metrics.h. */
typedef struct epoch_observation {
    bp_real *change;           /* of the weights, in the last epoch observed; NULL: nothing is observed */
    double *saturated;         /* a share per layer */
    double change_norm;        /* of `change` */
    bool has_change;           /* an epoch was observed */
    bool samples_units;        /* some hidden layer has units that saturate */
    bool is_sampled;           /* `saturated` is of this epoch */
    double cases_until_sample; /* to be trained before the next one */
    double update_norm, update_cosine;
} epoch_observation;

typedef enum history_format { HISTORY_CSV, HISTORY_JSON, HISTORY_FORMATS } history_format;

/* A file that gets a line for each epoch; see history_file.h. */
typedef struct history_file {
    char *path;      /* NULL: not wanted */
    bool is_started; /* made anew since creation or reset of the trainer */
    bool is_cut;     /* the next run cuts it to its length, which is that at a checkpoint */
    uint64_t length; /* bytes when the last line was written */
    int descriptor;  /* during a run, unless it failed; else -1 */
    int error;       /* errno of what failed in the last run; 0: nothing */
} history_file;

typedef struct history_files {
    history_file files[HISTORY_FORMATS];
    char *line; /* memory for the longest line; NULL: no file is wanted */
    size_t capacity;
} history_files;

/* What is kept of each epoch: each is an array with an entry per epoch. */
typedef enum history_column {
    HISTORY_ERROR, /* E of the epoch */
    HISTORY_MEAN_ERROR,
    HISTORY_VALIDATION_ERROR, /* mean; NaN without */
    HISTORY_LEARNING_RATE,
    HISTORY_COLUMNS
} history_column;

/* The columns side by side, each as long as the trainer's history_capacity. A block that became too small is
 * kept until the next run, since the caller may read its errors. */
typedef struct history_block {
    struct history_block *older;
    double values[];
} history_block;

struct bp_trainer {
    bp_network *network;
    bp_allocator allocator;
    bp_trainer_options options; /* checked; stop_rules is NULL, see stopping */
    bp_loss *losses;            /* options.loss refers to them, if each output has its own; else NULL */
    double *loss_weights;       /* likewise */
    stop_rules stopping;
    const optimizer_rule *rule;

    bp_workspace *workspace;
    bp_real *gradient;
    double *given_class_weights; /* of the options; NULL: classes have no weights */
    class_weights classes;       /* those of the run, which the workspace reads; count 0: none */
    void *work;                  /* its memory within an iteration; NULL: it needs none */
    optimizer_state state;       /* of the optimizer's rule; 0 for weights that are frozen */
    weight_parts parts;          /* as the network had them when the run began */
    layer_noise *noise;          /* likewise, one per layer */
    bp_real *start_weights;      /* those that the run began with */
    bp_real *weights_snapshot;   /* those that the last epoch whose error was finite began with */
    size_t *order;               /* of the cases; NULL until a run needs one */
    size_t order_capacity;
    size_t order_cases; /* elements that are an order; 0: none yet */

    random_stream stream;
    size_t epochs;                  /* finished since creation or reset */
    uint64_t updates;               /* since creation or reset */
    uint64_t evaluations;           /* likewise; see bp_progress */
    double learning_rate, momentum; /* of the next update */
    bool is_scheduled;              /* may they change from epoch to epoch, or from update to update? */
    rate_memory rate_memory;
    epoch_state epoch;
    epoch_observation observation;
    best_epoch best;
    bp_real
        *last_weights; /* where training goes on after the best weights were handed back; as best.weights */
    bool has_last_weights;
    double found_rate;  /* by the search; 0: none yet */
    bool chooses_rules; /* the caller gave no stopping rules */
    bool chooses_loss;  /* the caller left the loss to the library */
    bool is_prepared;   /* has the first run since creation or reset made its choices? */
    atomic_int stop_requested;
    double decay_strength, decay_unit, target_noise; /* see weight_decay.h */
    int reductions;                                  /* of the learning rate, before the end of training */
    bool has_ended;                                  /* by an improvement rule, after all of that */
    int extensions;                                  /* of training on a plateau */
    double decay;       /* of the next update: the fraction by which every weight shrinks ... */
    double penalty;     /* ... and what is added to the gradient, times the weight */
    double rate_factor; /* of all learning rates, lowered by recoveries */
    int recoveries;     /* since creation or reset */
    error_trace trace;
    unit_signals units; /* memory for lost_units.h */
    bp_finding findings[MAX_FINDINGS];
    size_t finding_count;
    history_block *history; /* of each finished epoch, if the option asks for it */
    size_t history_capacity;
    history_files history_files;
    bp_reporter *reporters;              /* those called in this run, linked; see reporter.h */
    size_t epochs_before;                /* finished before the run in progress */
    uint64_t updates_before;             /* likewise */
    uint64_t runs;                       /* calls of bp_trainer_run since creation */
    uint64_t running;                    /* the one of these that is in progress, counted from 1; 0: none */
    char *checkpoint_path;               /* that of the options */
    run_place place;                     /* of the last run */
    bool is_loaded;                      /* from a checkpoint, and no run has begun since */
    const struct training_run *reported; /* the run whose epoch on_epoch is told; NULL: none */
};

/*
 * The training cases of a stream that do not fit into memory: they are trained on window by window. See
 * window.h.
 */
typedef struct case_window {
    bp_stream *stream;
    stream_record record; /* of the first pass, in segments of a window */
    size_t cases;         /* of the stream */
    size_t batch;         /* cases of a batch */
    size_t capacity;      /* cases of a window, a multiple of those of a batch; the last one may have fewer */
    case_buffer buffer;   /* the present window; before the first one, a sample of all cases */
    size_t first;         /* the number of the first case in it */
    bool is_loaded;       /* a window, not the sample */
    column_statistics *inputs, *targets; /* of all cases, unscaled; NULL if the trainer is prepared */
    target_sums *target_sums;            /* likewise, one per target */
    uint64_t hash;                       /* of all cases; see case_hash.h */
} case_window;

/* The validation cases of a stream. Those that do not fit into memory are read by each evaluation. */
typedef struct validation_stream {
    bp_stream *stream;
    stream_record record;
    case_buffer buffer; /* of those that do */
} validation_stream;

/* E of all training cases, and what a rule that needs all of them minimizes; see objective.h. */
typedef struct objective_point {
    double value; /* infinite if it, E or a derivative is infinite or NaN */
    batch_error error;
} objective_point;

/* The first scalars of every such rule: the objective at the weights that the last iteration led to; the
 * lowest so far, and the iterations since. */
enum { SCALAR_VALUE = 0, SCALAR_LOWEST, SCALAR_SINCE_LOWEST, ITERATION_SCALARS };

/* What came of an iteration. */
typedef enum iteration_outcome {
    ITERATION_MOVED,   /* other weights, with a lower value */
    ITERATION_NONE,    /* the rule finds none */
    ITERATION_GIVEN_UP /* a limit of time, or a request; it is made again later */
} iteration_outcome;

/* How the weights are updated. */
typedef enum update_branch {
    UPDATE_PLAIN, /* after the whole gradient is computed and the hook has seen it; an empty batch always */
    UPDATE_FUSED, /* while the gradient is computed */
    UPDATE_ONLINE /* case by case, many cases in one call */
} update_branch;

/* Checkpoints that a run writes by itself. */
typedef struct checkpoint_timer {
    uint64_t updates; /* of the trainer at the last one, or when the run began */
    double seconds;   /* of the run, likewise */
    uint64_t written; /* in this run */
    bp_status status; /* of the last one */
} checkpoint_timer;

/* A run: one call of bp_trainer_run from its checked data to its result. */
typedef struct training_run {
    bp_trainer *trainer;
    size_t cases;                   /* training cases in all */
    size_t first;                   /* the number of the first of those in memory */
    bp_data training;               /* those in memory: all, or a window */
    case_window *window;            /* NULL: all */
    bp_data validation;             /* cases is 0 if there is none */
    validation_stream *validations; /* NULL: they are in memory */
    bp_status stream_status;        /* of passes for metrics; a failure ends the run ... */
    saved_message *stream_message;  /* ... with this message */
    uint64_t number;                /* among the trainer's runs */
    size_t start_number;            /* among start_count trainings of the network (starts.c); else 0 of 1 */
    size_t start_count;
    uint64_t max_updates; /* of this run, beside its rules; a search has such a limit */
    double hook_error;    /* mean E of the last batch, as the gradient hook replied */
    bool has_constant_error;
    double constant_error; /* see constant_error.h */
    bool is_unstable;      /* the course of the errors says that the learning rate is too large */
    bool may_diverge;      /* divergence is handled, and gives no message */
    bool is_search;        /* for the learning rate: nothing is reported, and all is put back afterwards */
    bool has_varying_training, has_varying_validation; /* cases of streams that are others in each pass */
    uint64_t training_hash, validation_hash;           /* see run_place */
    size_t batch_cases;                                /* of every batch but the last of an epoch */
    bool is_shuffled;     /* is the order of the cases drawn anew in each epoch? */
    double start;         /* by the clock */
    size_t epochs;        /* finished in this run */
    uint64_t updates;     /* in this run */
    uint64_t evaluations; /* likewise; see bp_progress */
    uint64_t resumed_at;  /* updates that a checkpoint had of this run; 0: none */
    bool wants_norm;      /* is the gradient's norm needed? */
    bool has_limits;      /* can a rule end it within an epoch? */
    bool has_time_rule;
    bool has_snapshot;          /* has this run taken the trainer's weights_snapshot? */
    bool ends_epoch;            /* did the last step end an epoch? */
    stop_metrics epoch_metrics; /* of that epoch */
    checkpoint_timer checkpoints;

    /* Metrics of the current weights; each is valid until a weight changes. */
    bool has_training_metrics, has_validation_metrics;
    batch_error training_metrics;
    bp_evaluation validation_metrics;

    update_branch branch; /* for batches of branch_cases */
    size_t branch_cases;
    bool may_use_panels;      /* likewise; see weight_order.h */
    bool has_online_gradient; /* likewise: a hook gets the gradient of the kernel of online training */
    uint64_t seen_at;         /* updates of this run when somebody last looked at the weights */
    online_run online;        /* of single cases, and of the batches that its kernel takes */

    /* Of a rule that needs all cases: the objective and, in the trainer, its gradient, at the current
     * weights, if the network's count is this; and the last iteration. */
    bool has_point;
    bool has_counted_point; /* its evaluation was counted before a checkpoint */
    uint64_t point_weights_changed;
    objective_point point;
    iteration_outcome outcome;

    bool ended_by_hook;
    bp_stop_reason reason; /* BP_STOP_NONE during training */
    size_t rule;
} training_run;

#endif
