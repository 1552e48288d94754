#include "scene.h"

#include <math.h>
#include <stdlib.h>

#include "split.h"

const char *const net_names[NETS] = {"16 logistic",    "16 tanh",    "16 ReLU",
                                     "16-16 logistic", "16-16 tanh", "16-16 ReLU"};

enum { VALIDATION_PART = 4, MAX_LAYERS = 16 };

static void check(bp_status status)
{
    if (status != BP_OK)
        give_up("the library refused", bp_error_message());
}

scene scene_create(const table *data, unsigned net)
{
    static bp_activation (*const hidden[])(void) = {bp_activation_logistic, bp_activation_tanh,
                                                    bp_activation_relu};
    scene s = {.hidden_layers = net < 3 ? 1 : 2,
               .hidden_units = 16,
               .hidden = hidden[net % 3](),
               .output = data->has_classes ? bp_activation_softmax() : bp_activation_linear(),
               .seed = 1 + net};
    split_table(data, VALIDATION_PART, net, 0, &s.training, &s.validation);
    bp_trainer_options_init(&s.options, sizeof s.options);
    return s;
}

void scene_destroy(scene *s)
{
    table_destroy(&s->training);
    table_destroy(&s->validation);
}

static bp_data view(const table *data)
{
    return bp_data_view(data->cases, data->x, data->inputs, data->y, data->outputs);
}

/* ---------------------------------------------------------------------- network */

static void change_weights(const scene *s, bp_network *net)
{
    size_t count;
    const bp_real *drawn = bp_network_weights(net, &count);
    bp_real *weights = allocate(count, sizeof *weights);
    for (size_t i = 0; i < count; i++)
        weights[i] = (bp_real)((double)drawn[i] * (s->weight_factor != 0 ? s->weight_factor : 1));
    for (size_t layer = 1; s->hidden_bias != 0 && layer <= s->hidden_layers; layer++) {
        size_t bias = bp_layer_bias_offset(bp_network_layer(net, layer));
        for (size_t i = 0; i < s->hidden_units; i++)
            weights[bias + i] = (bp_real)s->hidden_bias;
    }
    check(bp_network_set_weights(net, weights, count));
    free(weights);
}

static void scale(const scene *s, bp_network *net)
{
    const bp_data training = view(&s->training);
    const bp_scaling automatic = bp_scaling_automatic(), none = bp_scaling_none();
    check(bp_network_fit_scaling(net, &training, s->scaling == TARGETS_SCALED ? none : automatic,
                                 s->scaling == INPUTS_SCALED ? none : automatic));
}

static bp_network *make_net(const scene *s, bool will_train)
{
    size_t units[MAX_LAYERS] = {s->training.inputs};
    bp_network *net = NULL;
    for (size_t i = 0; i < s->hidden_layers; i++)
        units[1 + i] = s->hidden_units;
    units[1 + s->hidden_layers] = s->training.outputs;
    check(bp_network_create_layered(&net, units, 2 + s->hidden_layers, s->hidden, s->output));
    if (s->init != NULL)
        check(bp_network_set_weight_init(net, *s->init));
    check(bp_network_initialize(net, s->seed));
    bool is_changed = s->weight_factor != 0 || s->hidden_bias != 0;
    if (is_changed)
        change_weights(s, net);
    if (is_changed || !will_train || s->scaling != SCALED_BY_TRAINER)
        scale(s, net);
    return net;
}

/* Of a logistic or tanh layer. */
static double saturated_share(const bp_real *outputs, size_t count)
{
    double low = 0;
    size_t saturated = 0;
    for (size_t i = 0; i < count; i++)
        low = outputs[i] < 0 ? -1 : low;
    const double margin = 0.01 * (1 - low);
    for (size_t i = 0; i < count; i++)
        saturated += (double)outputs[i] < low + margin || (double)outputs[i] > 1 - margin;
    return (double)saturated / (double)count;
}

double scene_saturation(const scene *s)
{
    bp_network *net = make_net(s, false);
    bp_workspace *workspace = NULL;
    bp_data cases = view(&s->training);
    check(bp_workspace_create(&workspace, net, cases.cases));
    if (cases.cases > bp_workspace_block_cases(workspace))
        cases.cases = bp_workspace_block_cases(workspace);
    bp_real *predicted = allocate(cases.cases * s->training.outputs, sizeof *predicted);
    bp_real *outputs = allocate(cases.cases * s->hidden_units, sizeof *outputs);
    check(bp_network_predict(net, workspace, &cases, predicted));
    check(bp_workspace_layer_outputs(workspace, bp_network_layer(net, 1), outputs,
                                     cases.cases * s->hidden_units));
    const double share = saturated_share(outputs, cases.cases * s->hidden_units);
    free(outputs);
    free(predicted);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return share;
}

/* ---------------------------------------------------------------------- reports */

static void add(report *found, const bp_finding *finding)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->kinds[i] == finding->kind)
            return;
    if (found->count == MAX_REPORTED)
        give_up("too many findings", bp_finding_kind_string(finding->kind));
    found->kinds[found->count] = finding->kind;
    found->severities[found->count] = finding->severity;
    found->cases_or_columns[found->count++] = finding->count;
}

/* All of one severity. */
static void add_findings(report *found, const bp_finding *findings, size_t count, bp_severity severity)
{
    for (size_t i = 0; i < count; i++)
        if (findings[i].severity == severity)
            add(found, &findings[i]);
}

typedef struct findings {
    bp_finding list[128];
    size_t count;
} findings;

static void add_diagnosis(findings *to, const bp_network *net, const table *training, const table *validation,
                          bp_loss loss)
{
    enum { CAPACITY = 64 };
    bp_data training_view = view(training);
    bp_data validation_view = {.size = 0};
    if (validation != NULL)
        validation_view = view(validation);
    bp_workspace *workspace = NULL;
    size_t count;
    check(bp_workspace_create(&workspace, net, training->cases));
    bp_finding_init(&to->list[to->count], sizeof to->list[0]);
    check(bp_diagnose(net, workspace, &training_view, validation == NULL ? NULL : &validation_view, loss,
                      to->list + to->count, CAPACITY, &count));
    to->count += count < CAPACITY ? count : CAPACITY;
    bp_workspace_destroy(workspace);
}

static void write_report(const findings *all, report *found)
{
    *found = (report){0};
    for (int severity = BP_SEVERITY_ERROR; severity >= BP_SEVERITY_NOTE; severity--)
        add_findings(found, all->list, all->count, (bp_severity)severity);
}

void scene_diagnose(const scene *s, report *found)
{
    findings all = {.count = 0};
    bp_network *net = make_net(s, false);
    add_diagnosis(&all, net, &s->training, s->uses_validation ? &s->validation : NULL, s->options.loss);
    write_report(&all, found);
    bp_network_destroy(net);
}

void table_diagnose(const table *data, report *found)
{
    findings all = {.count = 0};
    scene s = scene_create(data, 0);
    bp_network *net = make_net(&s, true);
    add_diagnosis(&all, net, data, NULL, bp_loss_default());
    write_report(&all, found);
    bp_network_destroy(net);
    scene_destroy(&s);
}

/* --------------------------------------------------------------------- training */

static int watch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    run_result *result = context;
    (void)trainer;
    result->best_validation = fmin(result->best_validation, progress->validation_error);
    result->last_validation = progress->validation_error;
    return 0;
}

static void read_trainer(const bp_trainer *trainer, findings *all, run_result *result)
{
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding *finding = &all->list[all->count++];
        bp_finding_init(finding, sizeof *finding);
        check(bp_trainer_finding(trainer, i, finding));
        if (finding->kind == BP_FINDING_LEARNING_RATE)
            result->rate = finding->values[0];
        result->recoveries += finding->kind == BP_FINDING_RECOVERED;
    }
}

static double accuracy_of(const bp_network *net, const table *data, bp_loss loss)
{
    bp_workspace *workspace = NULL;
    bp_evaluation found;
    bp_data cases = view(data);
    bp_evaluation_init(&found, sizeof found);
    check(bp_workspace_create(&workspace, net, data->cases));
    bp_status status = bp_network_evaluate(net, workspace, &cases, loss, NULL, &found);
    bp_workspace_destroy(workspace);
    return status == BP_OK ? found.accuracy : 0;
}

/* Mean E around an epoch. */
static double error_around(const double *history, size_t count, size_t epoch, size_t cases)
{
    size_t first = epoch - epoch / 10, last = epoch + epoch / 10;
    double sum = 0;
    for (size_t i = first; i <= last; i++)
        sum += history[i < count ? i : count - 1];
    return sum / (double)(last - first + 1) / (double)cases;
}

static void read_history(const bp_trainer *trainer, size_t cases, run_result *result)
{
    size_t count;
    const double *history = bp_trainer_history(trainer, &count);
    if (count == 0)
        return;
    result->error_at_20th = error_around(history, count, count / 20, cases);
    result->error_at_10th = error_around(history, count, count / 10, cases);
}

static void run(const scene *s, bp_network *net, bp_trainer *trainer, run_result *result)
{
    bp_data training = view(&s->training), validation = view(&s->validation);
    bp_result ended;
    bp_result_init(&ended, sizeof ended);
    result->status = bp_trainer_run(trainer, &training, s->uses_validation ? &validation : NULL, &ended);
    if (result->status != BP_OK && result->status != BP_DIVERGED)
        give_up("training failed", bp_error_message());
    result->reason = ended.reason;
    result->epochs = ended.epochs;
    result->error = ended.mean_error;
    result->accuracy = accuracy_of(net, &s->training, bp_trainer_loss(trainer));
    result->rate = s->options.optimizer.learning_rate;
}

void scene_train(const scene *s, run_result *result)
{
    findings all = {.count = 0};
    *result = (run_result){.best_validation = INFINITY, .last_validation = NAN};
    bp_network *net = make_net(s, true);
    bp_trainer *trainer = NULL;
    bp_trainer_options options = s->options;
    options.seed = s->seed;
    options.stop_rules = options.stop_rule_count > 0 ? &s->rule : NULL;
    options.keep_history = 1;
    options.on_epoch = watch;
    options.on_epoch_context = result;
    check(bp_trainer_create(&trainer, net, &options));
    run(s, net, trainer, result);
    read_trainer(trainer, &all, result);
    read_history(trainer, s->training.cases, result);
    add_diagnosis(&all, net, &s->training, s->uses_validation ? &s->validation : NULL,
                  bp_trainer_loss(trainer));
    write_report(&all, &result->found);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}
