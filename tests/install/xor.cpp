// A stranger's C++ program: trains XOR with its own callback and error handling. REAL_BYTES: how wide a
// bp_real must be.
#include <backprop.h>

#include <cmath>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

static_assert(sizeof(bp_real) == REAL_BYTES, "the library of the other precision");

static void check(bp_status status)
{
    if (status != BP_OK)
        throw std::runtime_error(bp_error_message());
}

template <typename T> using handle = std::unique_ptr<T, void (*)(T *)>;

static handle<bp_network> make_network(const std::vector<size_t> &units)
{
    bp_network *net = nullptr;
    check(bp_network_create_layered(&net, units.data(), units.size(), bp_activation_tanh(),
                                    bp_activation_logistic()));
    handle<bp_network> owner(net, bp_network_destroy);
    check(bp_network_initialize(net, 1));
    return owner;
}

static bp_result train(bp_network *net, const bp_data &data)
{
    const std::vector<bp_stop_rule> rules{bp_stop_within_tolerance(0.1), bp_stop_epochs(20000)};
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.5, 0.9);
    options.stop_rules = rules.data();
    options.stop_rule_count = rules.size();
    bp_trainer *trainer = nullptr;
    check(bp_trainer_create(&trainer, net, &options));
    const handle<bp_trainer> owner(trainer, bp_trainer_destroy);

    bp_result result;
    bp_result_init(&result, sizeof result);
    check(bp_trainer_run(trainer, &data, nullptr, &result));
    return result;
}

static std::vector<bp_real> predict(const bp_network *net, const bp_data &data)
{
    bp_workspace *workspace = nullptr;
    check(bp_workspace_create(&workspace, net, data.cases));
    const handle<bp_workspace> owner(workspace, bp_workspace_destroy);
    std::vector<bp_real> outputs(data.cases);
    check(bp_network_predict(net, workspace, &data, outputs.data()));
    return outputs;
}

int main()
try {
    const std::vector<bp_real> inputs{0, 0, 0, 1, 1, 0, 1, 1}, targets{0, 1, 1, 0};
    const bp_data data = bp_data_view(4, inputs.data(), 2, targets.data(), 1);
    const handle<bp_network> net = make_network({2, 4, 1});
    const bp_result result = train(net.get(), data);
    std::cout << bp_stop_reason_string(result.reason) << " after " << result.epochs << " epochs\n";

    bool right = result.reason == BP_STOP_WITHIN_TOLERANCE;
    const std::vector<bp_real> outputs = predict(net.get(), data);
    for (size_t i = 0; i < outputs.size(); i++)
        right = right && std::fabs(outputs[i] - targets[i]) <= 0.1;
    return right ? 0 : 1;
} catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
