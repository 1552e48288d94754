/*
 * The oracle: the equations of [RHW86] in plain loops, case by case and unit by unit, all in double. It
 * shares no code with the library; it only reads a network's structure and numbers through the public header.
 */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include "backprop.h"
#include "reference/activations.h"

typedef enum reference_loss {
    REFERENCE_SQUARED_ERROR,
    REFERENCE_CROSS_ENTROPY,
    REFERENCE_ABSOLUTE_ERROR,
    REFERENCE_HUBER,
    REFERENCE_LOG_COSH,
    REFERENCE_QUANTILE,
    REFERENCE_HINGE,
    REFERENCE_POISSON,
    REFERENCE_LOSSES /* how many there are */
} reference_loss;

/* The loss of one output layer. */
typedef struct reference_own_loss {
    reference_loss loss;
    double parameter; /* delta or tau */
    double smoothing; /* of labels */
    double weight;
} reference_own_loss;

/* y = f(x) and its slope at x, for an activation that the caller of the library made. */
typedef struct reference_custom {
    const char *name;
    double (*function)(double x);
    double (*slope)(double x);
} reference_custom;

enum { REFERENCE_LAYERS = 16, REFERENCE_CONNECTIONS = 64 };

typedef struct reference_layer {
    size_t units;
    const char *activation;
    const reference_activation *formula; /* NULL: softmax or custom */
    int is_input, is_output, has_bias;
    size_t column; /* first column among inputs or outputs */
    size_t bias;   /* first bias in the weight vector */
    size_t units_per_bias;
    double *initial; /* y at step 0, for delayed connections */
    int learns_state;
    size_t state; /* then: where it is in the weight vector */
} reference_layer;

typedef struct reference_connection {
    size_t from, to; /* layers */
    int is_delayed;
    size_t offset; /* of its weights in the weight vector */
    size_t count;  /* of them */
    size_t
        *of; /* for each pair j, i (j * units of from + i) which of them w_ji is; SIZE_MAX: there is none */
} reference_connection;

typedef struct reference {
    reference_layer layers[REFERENCE_LAYERS];
    size_t layer_count;
    reference_connection connections[REFERENCE_CONNECTIONS];
    size_t connection_count;
    size_t input_width, output_width;
    const reference_custom *custom; /* or NULL */
    size_t weight_count;
    double *weights; /* may be changed */
    double *input_offset, *input_factor, *target_offset, *target_factor;
    int has_own_losses; /* 0 at first; then each output layer has its own, in place of that of the call */
    reference_own_loss own[REFERENCE_LAYERS];
    double tolerance;    /* 0 at first; above: outputs with |y - d| <= tolerance have no error */
    double closest_kink; /* in the last pass: least distance of an x from a kink of its f, or
                            distance of a |y - d| from the tolerance */
} reference;

/*
 * Reads a finalized network. The layers in outputs were marked as output in that order; NULL: the last layer
 * alone. custom is the activation of layers whose name is its name.
 */
reference *reference_create(const bp_network *net, const size_t *outputs, size_t output_count,
                            const reference_custom *custom);
void reference_destroy(reference *ref);

/* What is not NULL is filled: E (eq. 3), raw outputs of every case, dE/dw of every weight, dE/dinput of every
 * case. */
typedef struct reference_result {
    double *error;
    double *outputs;
    double *gradient;
    double *input_gradient;
} reference_result;

/* Where w_ji of a connection stands in the weight vector; SIZE_MAX: j receives nothing from i. */
size_t reference_weight(const reference *ref, const reference_connection *connection, size_t j, size_t i);

/* The pieces of it for one layer and one case: y from x; dE/dx from dE/dy (eq. 5), x and y; E of an output
 * (eq. 3) and, added to dy, its dE/dy (eq. 4). */
void reference_activate(reference *ref, size_t layer, const double *x, double *y);
void reference_find_dx(const reference *ref, size_t layer, const double *x, const double *y, const double *dy,
                       double *dx);
double reference_error(reference *ref, size_t layer, reference_loss loss, const double *y,
                       const double *target, double *dy);

/* Eq. 1 to 7 for all cases. For networks without delayed connections; see recurrent.h for the others. */
void reference_run(reference *ref, const bp_data *data, reference_loss loss, const reference_result *result);

/* dy/dw (weight_count values) and dy/dx of the inputs (input_width), in scaled units, of one output of one
 * case of the data. */
void reference_output_gradient(reference *ref, const bp_data *data, size_t row, size_t output,
                               double *by_weights, double *by_inputs);

/* Eq. 8 and 9, then decay: one update of `count` weights. */
void reference_update(double *weights, const double *gradient, double *last_update, size_t count, double rate,
                      double momentum, double decay);

#endif
