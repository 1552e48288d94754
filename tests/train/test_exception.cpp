// A C++ exception that flies through the library, which it should not: bp_trainer_reset makes the trainer
// good again, and training comes to the same weights, bit by bit, as that of a trainer which saw no
// exception.
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "backprop.h"

namespace
{

int failures;

void check(bool holds, const char *what)
{
    if (!holds) {
        std::fprintf(stderr, "not true: %s (%s)\n", what, bp_error_message());
        failures++;
    }
}

#define CHECK(expression) check((expression), #expression)

const std::size_t cases = 6;
const bp_real inputs[] = {1, 2, -1, 3, 0, 1, -2, -1, 2, 2, 1, -3};
const bp_real targets[] = {1, 0, 1, 0, 1, 0};

struct thrower {
    long left; // calls until it throws; negative: never
    void count()
    {
        if (left-- == 0)
            throw std::runtime_error("thrown by a function of the caller's");
    }
};

extern "C" int on_epoch(void *context, bp_trainer *, const bp_progress *)
{
    static_cast<thrower *>(context)->count();
    return 0;
}

extern "C" bp_status on_gradient(void *context, const bp_gradient_batch *, bp_gradient_reply *)
{
    static_cast<thrower *>(context)->count();
    return BP_OK;
}

extern "C" void square(void *context, const bp_real *x, bp_real *y, std::size_t count)
{
    static_cast<thrower *>(context)->count();
    for (std::size_t i = 0; i < count; i++)
        y[i] = x[i] * x[i];
}

extern "C" void square_slope(void *context, const bp_real *x, const bp_real *, bp_real *slope,
                             std::size_t count)
{
    static_cast<thrower *>(context)->count();
    for (std::size_t i = 0; i < count; i++)
        slope[i] = 2 * x[i];
}

extern "C" double distance(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                           std::size_t units)
{
    static_cast<thrower *>(context)->count();
    double sum = 0;
    for (std::size_t i = 0; i < units; i++) {
        sum += (double)(y[i] - d[i]) * (double)(y[i] - d[i]) / 2;
        if (derivative != nullptr)
            derivative[i] = y[i] - d[i];
    }
    return sum;
}

enum class place { epoch, gradient, activation, loss };

// Two hidden layers; the inputs lead to every later layer, whose sums the case before makes while cases
// update the weights one after another.
bp_network *make_network(place where, thrower *source)
{
    bp_network *net = nullptr;
    bp_layer *layers[4];
    bp_activation hidden = where == place::activation
                               ? bp_activation_custom("square", square, square_slope, source)
                               : bp_activation_tanh();
    CHECK(bp_network_create(&net, nullptr) == BP_OK);
    CHECK(bp_network_add_input(&layers[0], net, "in", 2) == BP_OK);
    CHECK(bp_network_add_layer(&layers[1], net, "first", 3, hidden) == BP_OK);
    CHECK(bp_network_add_layer(&layers[2], net, "second", 3, bp_activation_tanh()) == BP_OK);
    CHECK(bp_network_add_layer(&layers[3], net, "out", 1, bp_activation_logistic()) == BP_OK);
    for (int to = 1; to < 4; to++) {
        CHECK(bp_network_connect(nullptr, net, layers[0], layers[to]) == BP_OK);
        if (to > 1)
            CHECK(bp_network_connect(nullptr, net, layers[to - 1], layers[to]) == BP_OK);
    }
    CHECK(bp_network_finalize(net) == BP_OK);
    CHECK(bp_network_initialize(net, 3) == BP_OK);
    return net;
}

bp_trainer *make_trainer(bp_network *net, place where, thrower *source, std::size_t batch_size)
{
    bp_stop_rule rule = bp_stop_epochs(5);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.batch_size = batch_size;
    options.keep_history = 1;
    if (where == place::epoch) {
        options.on_epoch = on_epoch;
        options.on_epoch_context = source;
    } else if (where == place::gradient) {
        options.on_gradient = on_gradient;
        options.on_gradient_context = source;
    } else if (where == place::loss) {
        options.loss = bp_loss_custom(distance, source);
    }
    bp_trainer *trainer = nullptr;
    CHECK(bp_trainer_create(&trainer, net, &options) == BP_OK);
    return trainer;
}

std::vector<bp_real> weights_of(const bp_network *net)
{
    std::size_t count = 0;
    const bp_real *weights = bp_network_weights(net, &count);
    return std::vector<bp_real>(weights, weights + count);
}

// Throws at the given call, resets and trains from the first weights; returns whether anything was thrown.
bool train_again(place where, std::size_t batch_size, long call, const std::vector<bp_real> &wanted)
{
    thrower source = {-1};
    bp_network *net = make_network(where, &source);
    bp_trainer *trainer = make_trainer(net, where, &source, batch_size);
    const bp_data data = bp_data_view(cases, inputs, 2, targets, 1);
    const std::vector<bp_real> start = weights_of(net);
    source.left = call;
    bool thrown = false;
    try {
        CHECK(bp_trainer_run(trainer, &data, nullptr, nullptr) == BP_OK);
    } catch (const std::runtime_error &) {
        thrown = true;
    }
    source.left = -1;
    if (thrown) {
        CHECK(bp_trainer_run(trainer, &data, nullptr, nullptr) == BP_ERROR_STATE);
        CHECK(bp_trainer_reset(trainer) == BP_OK);
        CHECK(bp_trainer_history(trainer, nullptr) == nullptr);
        CHECK(bp_network_set_weights(net, start.data(), start.size()) == BP_OK);
        CHECK(bp_trainer_run(trainer, &data, nullptr, nullptr) == BP_OK);
    }
    CHECK(weights_of(net) == wanted);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return thrown;
}

void throw_at_each_call(place where, std::size_t batch_size)
{
    thrower never = {-1};
    bp_network *net = make_network(where, &never);
    bp_trainer *trainer = make_trainer(net, where, &never, batch_size);
    const bp_data data = bp_data_view(cases, inputs, 2, targets, 1);
    CHECK(bp_trainer_run(trainer, &data, nullptr, nullptr) == BP_OK);
    const std::vector<bp_real> wanted = weights_of(net);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    long calls = 0;
    while (failures == 0 && train_again(where, batch_size, calls, wanted))
        calls++;
    CHECK(calls >= 5);
}

} // namespace

int main()
{
    const place places[] = {place::epoch, place::gradient, place::activation, place::loss};
    for (place where : places)
        for (std::size_t batch_size : {std::size_t(1), std::size_t(4), std::size_t(0)})
            throw_at_each_call(where, batch_size);
    return failures == 0 ? 0 : 1;
}
