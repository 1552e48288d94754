#include "guide.h"

#include <stdio.h>
#include <stdlib.h>

void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "guide: %s: %s\n", bp_status_string(status), bp_error_message());
    exit(EXIT_FAILURE);
}

static bp_data subset(const digits *data, bp_subset part)
{
    bp_data view;
    bp_data_init(&view, sizeof view);
    check(bp_dataset_subset(data->dataset, part, &view));
    return view;
}

void load_digits(digits *data)
{
    check(bp_dataset_load_csv(&data->dataset, DIGITS_CSV, NULL));
    check(bp_dataset_split(data->dataset, 0.7, 0.15, 1));
    data->training = subset(data, BP_SUBSET_TRAINING);
    data->validation = subset(data, BP_SUBSET_VALIDATION);
    data->test = subset(data, BP_SUBSET_TEST);
}

bp_network *digits_network(unsigned long seed)
{
    const size_t units[] = {64, 32, 10};
    bp_network *net = NULL;
    check(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    check(bp_network_initialize(net, seed));
    return net;
}

double accuracy(const bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_evaluation result;
    bp_evaluation_init(&result, sizeof result);
    check(bp_workspace_create(&workspace, net, 256));
    check(bp_network_evaluate(net, workspace, data, bp_loss_default(), NULL, &result));
    bp_workspace_destroy(workspace);
    return result.accuracy;
}

static bp_finding finding_at(const bp_trainer *trainer, size_t index)
{
    bp_finding finding;
    bp_finding_init(&finding, sizeof finding);
    check(bp_trainer_finding(trainer, index, &finding));
    return finding;
}

void print_findings(const bp_trainer *trainer, bp_finding_kind kind)
{
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding finding = finding_at(trainer, i);
        char text[512];
        check(bp_finding_text(&finding, text, sizeof text, NULL));
        if (finding.kind == kind || finding.severity != BP_SEVERITY_NOTE)
            printf("%s\n", text);
    }
}

const char *warnings_of(const bp_trainer *trainer)
{
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding finding = finding_at(trainer, i);
        if (finding.severity != BP_SEVERITY_NOTE)
            return bp_finding_kind_string(finding.kind);
    }
    return "";
}
