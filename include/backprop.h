/*
 * backprop.h - layered neural networks trained by back-propagating errors.
 *
 * The learning procedure of D. E. Rumelhart, G. E. Hinton and R. J. Williams,
 * "Learning representations by back-propagating errors", Nature 323, 533-536
 * (1986), doi 10.1038/323533a0; cited below as [RHW86], its equations as eq. 1-9.
 *
 * The smallest useful program: build a network, draw its weights, train, predict.
 *
 *     size_t units[] = {2, 2, 1};
 *     bp_network *net = NULL;
 *     bp_network_create_layered(&net, units, 3, bp_activation_logistic(), bp_activation_logistic());
 *     bp_network_initialize(net, 1);
 *
 *     bp_data data = bp_data_view(4, inputs, 2, targets, 1);
 *     bp_trainer_options options;
 *     bp_trainer_options_init(&options, sizeof options);
 *     options.optimizer = bp_optimizer_momentum(0.5, 0.9);
 *     bp_trainer *trainer = NULL;
 *     bp_trainer_create(&trainer, net, &options);
 *     bp_trainer_run(trainer, &data, NULL, NULL);
 *
 * WORDS. A network is layers (groups of units) and connections (weight matrices
 * between them). A case is one input with its target; a sweep or epoch is one
 * pass over all cases; a change is one update of the weights.
 *
 * ERRORS. Every function that can fail returns a bp_status; BP_OK is zero. On
 * failure its out parameters and the objects it was given are as before the
 * call, and bp_error_message() holds a sentence that names the culprit.
 * Exceptions to this are said where they are. The library never prints, never
 * exits, and never calls abort(). Functions of yours that it calls must return: no
 * C++ exception and no longjmp may leave them through the library.
 *
 * OWNERSHIP. What a *_create, *_copy or *_load function hands out belongs to the
 * caller, who returns it with the *_destroy function of its type; these take
 * NULL. Layers and connections are borrowed from their network and live as long
 * as it does. Arrays and strings given to the library are copied unless said
 * otherwise; a bp_data is a view that nobody copies.
 *
 * THREADS. A const bp_network may be used by any number of threads at once, each
 * with its own workspace. Calls that change an object need it for themselves. The library starts threads only
 * where it is asked to: bp_workspace_set_threads and the option threads of a trainer.
 *
 * NUMBERS. bp_real is float; in the double-precision library (compile with
 * -DBP_DOUBLE, link backprop-double) it is double. Matrices are row-major. The
 * error E is summed over cases and outputs, as in [RHW86], unless a name says
 * "mean". NaN and infinity are refused in all data, weights and options.
 *
 * STRUCTS. Structs that begin with a size member are filled by their init
 * function, which sets size and every default. Later versions append members to
 * them, and a program goes with libraries of other versions all the same: what its
 * struct does not have is at its default, results are written as far as its size
 * reaches, and an option that the library does not know is refused (VERSION).
 * Value types (bp_activation, bp_loss, bp_weight_init, ...) are 64 bytes, made by their
 * constructor functions and copied freely; their members are not for use. A value
 * that no constructor made is refused (ARGUMENT).
 */
#ifndef BACKPROP_H
#define BACKPROP_H

#include <stddef.h>
#include <stdint.h>

#define BP_VERSION_MAJOR 0
#define BP_VERSION_MINOR 2
#define BP_VERSION_PATCH 0

/* The version of this header as one number, for comparisons: 0.2.0 is 200, 1.2.3 would be 10203. */
#define BP_VERSION_NUMBER (BP_VERSION_MAJOR * 10000 + BP_VERSION_MINOR * 100 + BP_VERSION_PATCH)

#ifdef BP_DOUBLE
#include "backprop_double_names.h" /* every bp_ function becomes bpd_ */
typedef double bp_real;
#else
typedef float bp_real;
#endif

/* How a function of the library is declared. On Windows, programs that link the static library define
 * BP_STATIC, and BP_BUILD is for the library itself; elsewhere neither is looked at. */
#if defined(_WIN32) && defined(BP_STATIC)
#define BP_API
#elif defined(_WIN32) && defined(BP_BUILD)
#define BP_API __declspec(dllexport)
#elif defined(_WIN32)
#define BP_API __declspec(dllimport)
#elif defined(__GNUC__)
#define BP_API __attribute__((visibility("default")))
#else
#define BP_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ version */

/* The version of the library that is linked, "major.minor.patch". Static text. */
BP_API const char *bp_version(void);

/* The same as one number, as BP_VERSION_NUMBER gives that of the header. */
BP_API int bp_version_number(void);

/* ------------------------------------------------------------------- status */

/* Name, value and text of every status. Values never change; new ones are appended. */
#define BP_STATUS_LIST(X)                                                                                    \
    X(BP_OK, 0, "no error")                                                                                  \
    X(BP_ERROR_ARGUMENT, 1, "an argument is not valid")                                                      \
    X(BP_ERROR_MEMORY, 2, "out of memory")                                                                   \
    X(BP_ERROR_SIZE, 3, "sizes do not fit together")                                                         \
    X(BP_ERROR_OVERFLOW, 4, "a size is too large to be computed")                                            \
    X(BP_ERROR_STATE, 5, "the call does not fit the object's state")                                         \
    X(BP_ERROR_NOT_FINITE, 6, "a value is NaN or infinite")                                                  \
    X(BP_ERROR_STRUCTURE, 7, "the structure of the network is not valid")                                    \
    X(BP_ERROR_NAME, 8, "a name is unknown or already taken")                                                \
    X(BP_ERROR_FILE, 9, "a file cannot be opened, read or written")                                          \
    X(BP_ERROR_FORMAT, 10, "the content of a file is not valid")                                             \
    X(BP_ERROR_VERSION, 11, "made by or for a version this library does not know")                           \
    X(BP_ERROR_UNSUPPORTED, 12, "not supported by this machine or this combination")                         \
    X(BP_ERROR_CALLBACK, 13, "a function of the caller reported failure")                                    \
    X(BP_ERROR_THREAD, 14, "a thread could not be started")                                                  \
    X(BP_DIVERGED, 15, "training diverged: the error or a weight became infinite or NaN")

typedef enum bp_status {
#define BP_STATUS_ENUM(name, value, text) name = (value),
    BP_STATUS_LIST(BP_STATUS_ENUM)
#undef BP_STATUS_ENUM
} bp_status;

/* The text of a status; for a value that is none, "unknown status". Static text, never NULL. */
BP_API const char *bp_status_string(bp_status status);

/*
 * The calling thread's last error in words, e.g. "bp_network_connect: layer 'h2' comes
 * before layer 'h1'"; "" before the first error. Success leaves it alone. The text belongs
 * to the thread and is valid until its next failing call.
 */
BP_API const char *bp_error_message(void);

/* -------------------------------------------------------------- activations */

/*
 * A function of the caller's that computes outputs from total inputs: y[i] = f(x[i])
 * for i < count. x and y do not overlap. It must be pure: it is called from any thread.
 */
typedef void (*bp_activation_function)(void *context, const bp_real *x, bp_real *y, size_t count);

/* Its derivative: slope[i] = f'(x[i]), given x and y = f(x). See bp_network_check_gradient. */
typedef void (*bp_activation_derivative)(void *context, const bp_real *x, const bp_real *y, bp_real *slope,
                                         size_t count);

/* How a unit turns its total input x into its output y. A value; see bp_activation_*. */
typedef struct bp_activation {
    int32_t kind;
    int32_t reserved_kind;
    double parameter[2];
    bp_activation_function function;
    bp_activation_derivative derivative;
    void *context;
    const char *name;
    unsigned char reserved[64 - 24 - 4 * sizeof(void *)];
} bp_activation;

BP_API bp_activation bp_activation_logistic(void); /* y = 1 / (1 + exp(-x)), [RHW86] eq. 2 */
BP_API bp_activation bp_activation_tanh(void);     /* y = tanh(x) */
BP_API bp_activation bp_activation_linear(void);   /* y = x */
BP_API bp_activation bp_activation_relu(void);     /* y = max(x, 0); slope 0 at x = 0 */
BP_API bp_activation bp_activation_softmax(void);  /* y_j = exp(x_j) / sum_k exp(x_k), over the layer */

/*
 * An activation of the caller's. name (1 to 31 bytes) stands for it in saved files;
 * loading finds the functions again in bp_network_options.activations. The functions
 * and context must outlive every network that uses them; the name is copied when a
 * layer is added. NULL functions or a bad name are refused by bp_network_add_layer.
 */
BP_API bp_activation bp_activation_custom(const char *name, bp_activation_function function,
                                          bp_activation_derivative derivative, void *context);

/* ------------------------------------------------------------------- losses */

/*
 * A function of the caller's that computes E of one case of one output layer from its outputs y and targets
 * d, `units` values each, scaled as the network works with them. derivative, unless it is NULL, gets dE/dy of
 * every unit. The case's weight is multiplied in afterwards. It must be pure: it is called from any thread.
 */
typedef double (*bp_loss_function)(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                                   size_t units);

/* What the error E is, for output y and target d. A value; see bp_loss_*. */
typedef struct bp_loss {
    int32_t kind;
    int32_t reserved_kind;
    double parameter[2];
    bp_loss_function function;
    void *context;
    unsigned char reserved[64 - 24 - 2 * sizeof(void *)];
} bp_loss;

/* E = 1/2 sum over cases and outputs of (y - d)^2, [RHW86] eq. 3. Goes with every activation. */
BP_API bp_loss bp_loss_squared_error(void);

/*
 * Cross-entropy. On a softmax layer E = -sum d ln y; on a logistic layer
 * E = -sum (d ln y + (1 - d) ln(1 - y)). Computed from the total inputs, so it is
 * finite for every finite input. Output layers of any other activation are refused.
 * Targets must be in 0..1 after scaling; those of a softmax layer should sum to 1.
 */
BP_API bp_loss bp_loss_cross_entropy(void);

/*
 * The same loss, but an output with |y - d| <= tolerance counts as having no error: it adds nothing to E and
 * its dE/dy is 0. [RHW86] trains the family trees so, with 0.2: for targets 1 and 0, a unit that should be on
 * has no error from 0.8 up, one that should be off none up to 0.2. Distance alone counts, on either side of
 * the target: for a target of 0.9 and a tolerance of 0.05, a y of 0.97 is in error. Range: 0 (no tolerance,
 * the loss as it is) to the greatest bp_real, in scaled units; it replaces an earlier one. Goes with squared
 * error and cross-entropy; in a softmax layer the outputs in error still move those that are not, as they
 * share one sum. Calls that are given the loss refuse a bad tolerance (ARGUMENT), and one of a user-defined
 * loss (UNSUPPORTED).
 */
BP_API bp_loss bp_loss_with_tolerance(bp_loss loss, double tolerance);

/*
 * A loss of the caller's, which goes with every activation. function and context must outlive the calls and
 * trainers that use the loss; a NULL function is refused by them (ARGUMENT). bp_network_check_gradient
 * tells whether its derivative fits it.
 */
BP_API bp_loss bp_loss_custom(bp_loss_function function, void *context);

/* ------------------------------------------------------------ start weights */

/* How start weights are drawn. A value; see bp_weight_init_*. */
typedef struct bp_weight_init {
    int32_t kind;
    int32_t reserved_kind;
    double parameter[2];
    unsigned char reserved[40];
} bp_weight_init;

/* Uniform in low..high, biases too. Range: both finite, low <= high. The paper: -0.3, 0.3. */
BP_API bp_weight_init bp_weight_init_uniform(double low, double high);
/* Every weight the same: no learning of hidden layers. */
BP_API bp_weight_init bp_weight_init_constant(double value);

/*
 * Uniform in -r..r, biases 0; r is named beside each. fan_in counts the units that a unit of the receiving
 * layer receives from, fan_out those that a unit of the sending layer sends to, over all connections of the
 * layer; where the units of a layer differ in that, their average.
 */
BP_API bp_weight_init bp_weight_init_glorot(void);  /* sqrt(6 / (fan_in + fan_out)), Glorot & Bengio 2010 */
BP_API bp_weight_init bp_weight_init_he(void);      /* sqrt(6 / fan_in), He et al. 2015, for ReLU */
BP_API bp_weight_init bp_weight_init_lecun(void);   /* sqrt(3 / fan_in), LeCun et al. 1998 */
BP_API bp_weight_init bp_weight_init_default(void); /* He into ReLU layers, Glorot into all others */

/* ------------------------------------------------------------------ scaling */

/* How a column of data is brought into the range the network works in. A value. */
typedef struct bp_scaling {
    int32_t kind;
    int32_t reserved_kind;
    double parameter[2];
    unsigned char reserved[40];
} bp_scaling;

BP_API bp_scaling bp_scaling_none(void); /* as it is */
/* Least value to low, greatest to high; both finite, low < high. */
BP_API bp_scaling bp_scaling_min_max(double low, double high);
BP_API bp_scaling bp_scaling_standard(void); /* mean 0, standard deviation (of n) 1 */

/* --------------------------------------------------------------------- data */

/*
 * A view of cases in the caller's arrays; nothing is copied, and the arrays must
 * outlive the call that gets the view. Element e of step s of case c is
 * inputs[c * input_stride + s * input_step_stride + e]. Strides count elements; a
 * stride of 0 means dense (input_step_stride = input_width, input_stride = steps *
 * input_width; targets likewise). A network takes steps * input_width inputs and steps *
 * target_width targets per case, the steps of a case side by side: a step stride is the
 * width. Rows of inputs may overlap, those of targets may not: windows of 12 values that
 * begin at each value of a series, with the value that follows as the target, are
 *
 *     bp_data windows = bp_data_view(length - 12, series, 12, series + 12, 1);
 *     windows.input_stride = 1;
 *
 * Where an unrolled network has inputs at more steps than targets, or at fewer,
 * steps stays 1, and the widths are those of all steps together.
 */
typedef struct bp_data {
    size_t size;  /* sizeof(bp_data) */
    size_t cases; /* number of cases; >= 1 */
    size_t steps; /* time steps per case; >= 1, see bp_network_unroll */
    const bp_real *inputs;
    size_t input_width, input_stride, input_step_stride;
    const bp_real *targets; /* NULL where none are needed */
    size_t target_width, target_stride, target_step_stride;
    const bp_real *case_weights; /* factor >= 0 on each case's error, or NULL: all 1 */
} bp_data;

/* Fills *data with zeros, its size, and steps = 1. size is sizeof(bp_data). */
BP_API void bp_data_init(bp_data *data, size_t size);

/* A dense view of `cases` rows of inputs and, if targets is not NULL, of targets. */
static inline bp_data bp_data_view(size_t cases, const bp_real *inputs, size_t input_width,
                                   const bp_real *targets, size_t target_width)
{
    bp_data data = {sizeof(bp_data), cases, 1, inputs, input_width, 0, 0, targets, target_width, 0, 0, NULL};
    return data;
}

/*
 * The same as a function of the library, for languages that cannot use the header's: initializes *data, of
 * `size` bytes, as bp_data_init does, and makes it such a view.
 */
BP_API void bp_data_set_view(bp_data *data, size_t size, size_t cases, const bp_real *inputs,
                             size_t input_width, const bp_real *targets, size_t target_width);

/* ------------------------------------------------------- building a network */

typedef struct bp_network bp_network;
typedef struct bp_layer bp_layer;
typedef struct bp_connection bp_connection;
typedef struct bp_workspace bp_workspace;
typedef struct bp_trainer bp_trainer;
typedef struct bp_dataset bp_dataset;

/*
 * Where memory comes from. allocate returns at least size bytes aligned as malloc
 * does, or NULL; release takes what allocate returned. Both are called from the
 * thread that calls the library.
 */
typedef struct bp_allocator {
    void *(*allocate)(void *context, size_t size);
    void (*release)(void *context, void *memory);
    void *context;
} bp_allocator;

typedef struct bp_network_options {
    size_t size;
    bp_allocator allocator; /* default malloc and free; both functions or neither */
    const char *isa;        /* kernels: NULL (default) the best this CPU has, or a name such as "portable".
                               The environment variable BACKPROP_ISA, unless empty, overrides NULL. */
    const bp_activation *activations; /* for loading: the caller's activations, found by name */
    size_t activation_count;
} bp_network_options;

BP_API void bp_network_options_init(bp_network_options *options, size_t size);

/*
 * An empty network to add layers and connections to. options may be NULL (all defaults).
 * Errors: ARGUMENT, UNSUPPORTED (isa unknown or not on this CPU), VERSION, MEMORY.
 */
BP_API bp_status bp_network_create(bp_network **out, const bp_network_options *options);

/*
 * A layered network, ready to be initialized: units[0] inputs, units[layers - 1] outputs, each
 * layer connected to the next, a bias on every unit but the inputs. The layers are named "input",
 * "hidden1", ..., "output". layers >= 2; every size >= 1. All options have their defaults. Errors:
 * ARGUMENT, UNSUPPORTED (as bp_network_create), OVERFLOW, MEMORY.
 */
BP_API bp_status bp_network_create_layered(bp_network **out, const size_t *units, size_t layers,
                                           bp_activation hidden, bp_activation output);

BP_API void bp_network_destroy(bp_network *net);

/*
 * Adds a layer; its place in the order is the order of adding. name: 1 to 63 bytes, unique in
 * the network, copied; NULL names it "layer<index>". units >= 1. out may be NULL. An input
 * layer takes the next `units` columns of the inputs. Errors: ARGUMENT, NAME, STATE (finalized), MEMORY.
 */
BP_API bp_status bp_network_add_input(bp_layer **out, bp_network *net, const char *name, size_t units);
BP_API bp_status bp_network_add_layer(bp_layer **out, bp_network *net, const char *name, size_t units,
                                      bp_activation activation);

/*
 * Connects every unit of `from` to every unit of `to`, a later layer that is not an input; layers
 * in between may be skipped. out may be NULL. For anything else see bp_network_connect_with. Errors:
 * ARGUMENT, STRUCTURE (order, a layer of another network, or these two are connected already), STATE
 * (finalized), MEMORY.
 */
BP_API bp_status bp_network_connect(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to);

/*
 * Local receptive fields with shared kernels, as in the T-C problem of the PDP chapter. `from` is a stack of
 * `channels` pictures of height x width units, channel by channel, row by row. Each kernel looks at a window
 * of kernel_height x kernel_width units, of all channels, and is used at every position of the window: rows
 * begin stride_y, columns stride_x units apart, and what is left over at the lower and right edge is not
 * looked at. So a kernel has
 *     ((height - kernel_height) / stride_y + 1) * ((width - kernel_width) / stride_x + 1)   (rounded down)
 * positions, and `to` has a unit for each position of each kernel, kernel by kernel, row by row: again a
 * stack of pictures.
 */
typedef struct bp_convolution {
    size_t size;
    size_t channels, height, width;              /* of `from`; default 1 channel, 0 x 0 */
    size_t kernels, kernel_height, kernel_width; /* default 1 kernel, 0 x 0 */
    int shared_bias;           /* 1 (default): `to` has one bias for each kernel; 0: one for each unit */
    size_t stride_y, stride_x; /* default 1 */
} bp_convolution;

/* Fills *convolution with its defaults; heights and widths must be set. size is sizeof(bp_convolution). */
BP_API void bp_convolution_init(bp_convolution *convolution, size_t size);

/*
 * A connection of another kind, or to the next time step. All that is left at 0 makes a plain one.
 *
 * delayed: y of `from` at step t - 1 goes into x of `to` at step t; see bp_network_unroll. Any direction will
 * do, also a layer with itself, and two layers may have both a delayed connection and one without delay.
 *
 * mask: some pairs of units only. A row of flags for each unit of `to`, in it a column for each unit of
 * `from`, row-major, so mask_count must be their product; other than 0 where a weight is. A pair without a
 * weight has no entry in the weight vector, none in a saved file, and is never computed. The weights stand in
 * the order of the rows: for each receiving unit those from its sources, in ascending order. The mask is
 * copied in a form whose size is that of the weights.
 *
 * convolution: kernels, see bp_convolution. The weights are a matrix with a row for each kernel, in it
 * channel by channel, row by row: kernels * channels * kernel_height * kernel_width in all. With shared_bias
 * the biases of `to` are one for each kernel (see bp_layer_bias_count), used at all its positions. The
 * derivative of a weight or such a bias is the sum over the positions. The struct is copied.
 */
typedef struct bp_connect_options {
    size_t size;
    int delayed;               /* 1: to the next time step; default 0 */
    const unsigned char *mask; /* default NULL: all pairs */
    size_t mask_count;
    const bp_convolution *convolution; /* default NULL; not together with a mask */
    bp_weight_init weight_init; /* as bp_connection_set_weight_init sets it; default (zeros): the network's */
} bp_connect_options;

BP_API void bp_connect_options_init(bp_connect_options *options, size_t size);

/*
 * Connects as the options say; NULL: as bp_network_connect. out may be NULL. Errors: as bp_network_connect
 * (order does not count if delayed; ARGUMENT also for a mask and a convolution together, with both names);
 * VERSION; NOT_FINITE (weight_init). Of a mask: SIZE (mask_count) with both sizes; STRUCTURE (no flag is
 * set); OVERFLOW (from more than 2^32 - 1 units). Of a convolution: ARGUMENT (a number that is 0) with its
 * name; SIZE (a kernel larger than the picture, or layers of other sizes than follow) with both; STRUCTURE
 * (another convolution that ends in `to` asks for other biases).
 */
BP_API bp_status bp_network_connect_with(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                         const bp_connect_options *options);

/*
 * Shared weights: from now on `connection` uses the matrix of `with`, or `layer` the biases of `with`, so
 * that one slice of the weight vector has two places. What already shares with either of them then shares
 * with both. The slice stands where the first of its places stands and is drawn once, by that place's
 * rule; setting or reading the weights of any of them is setting or reading the slice. The gradient is
 * the true derivative, summed over the places; see also bp_trainer_options.average_shared. Masked connections
 * share if their masks are the same, convolutions if their kernels have the same number and size, and biases
 * if as many units have one; the last is found by bp_network_finalize. Errors: ARGUMENT, STRUCTURE (another
 * network, different kinds, shapes, masks or kernels, without biases, the thing itself), with both names and
 * shapes; STATE (finalized).
 */
BP_API bp_status bp_connection_share(bp_connection *connection, const bp_connection *with);
BP_API bp_status bp_layer_share_bias(bp_layer *layer, const bp_layer *with);

/*
 * Marks a layer as output. Several outputs are concatenated in the order of marking; if none is
 * marked, the last layer is the output. Errors: ARGUMENT, STRUCTURE (an input, or marked already), STATE
 * (finalized), MEMORY.
 */
BP_API bp_status bp_layer_set_output(bp_layer *layer);

/* Switches the biases of a layer on (the default) or off (0). Errors: ARGUMENT, STRUCTURE (an input, or they
 * are shared and cannot be switched off), STATE.
 */
BP_API bp_status bp_layer_enable_bias(bp_layer *layer, int enabled);

/*
 * Checks the structure (an input; an output; every other layer receives a connection and leads on
 * to an output) and lays out the weights. After this the structure is fixed. Errors: STRUCTURE
 * with the name of the layer, OVERFLOW (also more than 2^28 units), MEMORY, STATE (finalized already).
 */
BP_API bp_status bp_network_finalize(bp_network *net);

/*
 * A copy of a finalized network: structure, weights, scaling, activations, options. *out gets its own memory,
 * from the same allocator. Errors: ARGUMENT, STATE (not finalized), MEMORY.
 */
BP_API bp_status bp_network_copy(bp_network **out, const bp_network *net);

/* ------------------------------------------------- iterative (recurrent) networks */

/*
 * [RHW86] figure 5: a network whose layers also act on themselves, or on any other, from one time step to
 * the next is the same as a layered one with a copy of every layer for each step, in which corresponding
 * connections share their weights. The recurrent network is built and finalized with the calls above and
 * those below; it holds the weights, can be initialized, copied, saved and loaded, but not run. Unrolled over
 * a number of steps it is a network like any other, which predicts and trains:
 *
 *     bp_connect_options next_step;
 *     bp_connect_options_init(&next_step, sizeof next_step);
 *     next_step.delayed = 1;
 *     bp_network_connect_with(NULL, net, hidden, hidden, &next_step);
 *     bp_network_finalize(net);
 *     bp_network_initialize(net, 1);
 *     bp_unroll_options options;
 *     bp_unroll_options_init(&options, sizeof options);
 *     options.steps = 6;
 *     bp_network *unrolled = NULL;
 *     bp_network_unroll(&unrolled, net, &options);
 *     ...                                              train unrolled, then take the weights back:
 *     bp_network_copy_weights(net, unrolled);
 */

/*
 * The outputs y at step 0, before the first, of a layer that delayed connections leave; by default fixed
 * zeros. values: one per unit, copied; NULL: zeros. learned other than 0: they are what weights start from
 * that stand in the weight vector behind the layer's own biases, are trained like others, and are set back to
 * these values by bp_network_initialize. A later call replaces an earlier one. Errors: ARGUMENT, NOT_FINITE,
 * STATE (finalized), MEMORY; a layer that no delayed connection leaves is found by bp_network_finalize.
 */
BP_API bp_status bp_layer_set_initial_state(bp_layer *layer, const bp_real *values, int learned);

/* The initial state as it is now: the weights if it is learned and weights were set. count must be the number
 * of units. Errors: ARGUMENT, SIZE. */
BP_API bp_status bp_layer_get_initial_state(const bp_layer *layer, bp_real *values, size_t count);

/* Where a learned initial state begins in the weight vector, and how many weights it is: 0 unless learned,
 * and before finalize. */
BP_API size_t bp_layer_state_offset(const bp_layer *layer);
BP_API size_t bp_layer_state_count(const bp_layer *layer);

typedef struct bp_unroll_options {
    size_t size;
    size_t steps;                      /* T, >= 1; with n layers, (T + 1) n must be at most 1,048,576 */
    const unsigned char *input_steps;  /* T flags: does step t (from 0) have inputs? NULL (default): all do */
    const unsigned char *output_steps; /* T flags: does it have outputs? NULL (default): all do */
} bp_unroll_options;

BP_API void bp_unroll_options_init(bp_unroll_options *options, size_t size);

/*
 * The layered network that a finalized one is over T time steps. Its layers are named after the step: layer
 * "h" has the copies "h@1" ... "h@T", and "h@0" for its initial state where that is used. A step without
 * inputs has no copy of the input layers, so nothing arrives from them; one without outputs asks for no
 * targets. Copies that lead to no output are left out; inputs stay, and have no effect. Inputs and outputs
 * are concatenated step by step: the inputs of the steps that have any are the columns of a case, and so are
 * its outputs.
 *
 * The weight vector has the length and order of net's, so that bp_network_copy_weights moves weights either
 * way, and bp_network_initialize draws what it draws for net; weights that no copy uses have the derivative
 * 0. Weights, scaling (the same for each step), activations, rules for start weights, allocator and kernels
 * are copied; afterwards the two networks have nothing to do with each other. A network without delayed
 * connections gives T copies side by side. Saving and copying keep the network unrolled.
 *
 * Errors: ARGUMENT (also: no step with inputs, or none with outputs), with the name of the option; OVERFLOW;
 * STATE (not finalized, or unrolled already); MEMORY.
 */
BP_API bp_status bp_network_unroll(bp_network **out, const bp_network *net, const bp_unroll_options *options);

/* ------------------------------------------- looking at a network's structure */

/*
 * Layers are numbered in the order of adding, connections in the order of connecting. An index
 * out of range, an unknown name, two layers without a connection, or a NULL argument give NULL
 * (0 where a number is returned). To change something through a handle found here, the network
 * must be yours to change.
 */
BP_API size_t bp_network_layer_count(const bp_network *net);
BP_API bp_layer *bp_network_layer(const bp_network *net, size_t index);
BP_API bp_layer *bp_network_find_layer(const bp_network *net, const char *name);
BP_API size_t bp_network_connection_count(const bp_network *net);
BP_API bp_connection *bp_network_connection(const bp_network *net, size_t index);
BP_API bp_connection *bp_network_find_connection(const bp_network *net, const bp_layer *from,
                                                 const bp_layer *to); /* the one without delay */
BP_API bp_connection *bp_network_find_delayed_connection(const bp_network *net, const bp_layer *from,
                                                         const bp_layer *to);
BP_API size_t bp_network_input_width(const bp_network *net);  /* values per case; 0 before finalize */
BP_API size_t bp_network_output_width(const bp_network *net); /* values per case; 0 before finalize */
BP_API const char *bp_network_isa(const bp_network *net);     /* the kernels in use, e.g. "portable" */

BP_API const char *bp_layer_name(const bp_layer *layer);
BP_API size_t bp_layer_index(const bp_layer *layer);
BP_API size_t bp_layer_units(const bp_layer *layer);
BP_API bp_activation bp_layer_activation(const bp_layer *layer); /* linear for an input */
BP_API int bp_layer_is_input(const bp_layer *layer);
BP_API int bp_layer_is_output(const bp_layer *layer);
BP_API int bp_layer_has_bias(const bp_layer *layer);
BP_API bp_layer *bp_connection_from(const bp_connection *connection);
BP_API bp_layer *bp_connection_to(const bp_connection *connection);
BP_API int bp_connection_is_delayed(const bp_connection *connection);

/* Which pairs of units a connection joins, and which of them have one weight. */
typedef enum bp_connection_kind {
    BP_CONNECTION_DENSE = 0,  /* all, each with a weight of its own */
    BP_CONNECTION_MASKED = 1, /* some, each with a weight of its own */
    BP_CONNECTION_CONVOLUTION =
        2 /* those of a receptive field; a kernel's weights are used at all positions */
} bp_connection_kind;

BP_API bp_connection_kind bp_connection_get_kind(const bp_connection *connection);

/* The mask of a masked connection, as bp_connect_options has it, of flags 0 and 1. Errors: ARGUMENT,
 * STRUCTURE (not masked), SIZE. */
BP_API bp_status bp_connection_get_mask(const bp_connection *connection, unsigned char *mask, size_t count);

/* What a convolution was connected with. convolution->size must be set (bp_convolution_init). Errors:
 * ARGUMENT, STRUCTURE (not a convolution), VERSION. */
BP_API bp_status bp_connection_get_convolution(const bp_connection *connection, bp_convolution *convolution);

/* The name of an activation: "logistic", "tanh", "linear", "relu", "softmax", or the caller's. */
BP_API const char *bp_activation_name(const bp_activation *activation);

/* ------------------------------------------------------------------ weights */

/*
 * All weights of a network are one vector without gaps. For each layer in order: the matrices of
 * its incoming connections in the order of connecting, each with a row per receiving unit j and a
 * column per sending unit i (w_ji of eq. 1; of a masked connection, only the pairs that have a weight; of a
 * convolution, a row per kernel), then the layer's biases, then its initial state if that is
 * learned. What is shared stands once, in the first of its places. The gradient has the same order.
 */

/*
 * How start weights are drawn: for every connection and bias (those added later too), for one connection,
 * for one layer's biases. Default bp_weight_init_default(). At any time. Errors: ARGUMENT, NOT_FINITE.
 */
BP_API bp_status bp_network_set_weight_init(bp_network *net, bp_weight_init init);
BP_API bp_status bp_connection_set_weight_init(bp_connection *connection, bp_weight_init init);
BP_API bp_status bp_layer_set_bias_init(bp_layer *layer, bp_weight_init init);

/*
 * Draws all weights. The same seed gives the same weights on every machine, in float
 * rounded from the same numbers as in double (but never out of a range). Each weight takes one draw, in the
 * order of the vector; those that are constant or 0 take none. May be repeated. Errors: ARGUMENT, STATE.
 */
BP_API bp_status bp_network_initialize(bp_network *net, uint64_t seed);

/*
 * The vector itself; it lives as long as the network and shows every later change. *count (may be
 * NULL) gets its length. NULL, and 0, before finalize.
 */
BP_API const bp_real *bp_network_weights(const bp_network *net, size_t *count);

/* Copies `count` weights, which must be the network's number, into the network. Errors: SIZE, NOT_FINITE,
 * STATE. */
BP_API bp_status bp_network_set_weights(bp_network *net, const bp_real *weights, size_t count);

/*
 * Copies all weights of one network into another whose vector is laid out alike: a copy, the unrolled network
 * of a recurrent one, the recurrent one of an unrolled one, or any with the same matrices, biases and learned
 * initial states in the same order. Names, activations and inputs may differ. Errors: ARGUMENT, STATE (not
 * finalized, or the weights of from were never set), STRUCTURE, with the first two parts that do not match.
 */
BP_API bp_status bp_network_copy_weights(bp_network *to, const bp_network *from);

/* One matrix (units of `to` rows, units of `from` columns, row-major; of a masked connection, the pairs that
 * have a weight; of a convolution, the kernels) or one layer's biases; count must be their number. Errors:
 * ARGUMENT, SIZE, NOT_FINITE, STATE (not finalized). */
BP_API bp_status bp_connection_get_weights(const bp_connection *connection, bp_real *weights, size_t count);
BP_API bp_status bp_connection_set_weights(bp_connection *connection, const bp_real *weights, size_t count);
BP_API bp_status bp_layer_get_biases(const bp_layer *layer, bp_real *biases, size_t count);
BP_API bp_status bp_layer_set_biases(bp_layer *layer, const bp_real *biases, size_t count);

/* Where a matrix or the biases begin in the vector, and how many weights they are (0 biases if switched off).
 * 0 before finalize. */
BP_API size_t bp_connection_offset(const bp_connection *connection);
BP_API size_t bp_connection_weight_count(const bp_connection *connection);
BP_API size_t bp_layer_bias_offset(const bp_layer *layer);
BP_API size_t bp_layer_bias_count(const bp_layer *layer);

/* -------------------------------------------------------- scaling of the data */

/*
 * Scaling belongs to the network and is saved with it: predict, evaluate, gradient and trainer all
 * take raw values; inside, x' = (x - offset) * factor for inputs and targets. Predictions are
 * handed back in raw units; E and every derivative with respect to weights are in scaled units.
 */

/*
 * Learns scaling from data, which should be the training part alone; every case counts once, whatever
 * its weight. A column that never changes gets factor 1; min-max brings it to low, standard to 0. What was
 * learned before is replaced; bp_scaling_none() takes it away. data->targets may be NULL if targets is
 * bp_scaling_none(). Errors: ARGUMENT (also: a column too wide or too narrow for bp_real, with its number),
 * SIZE, NOT_FINITE, STATE (not finalized), MEMORY.
 */
BP_API bp_status bp_network_fit_scaling(bp_network *net, const bp_data *data, bp_scaling inputs,
                                        bp_scaling targets);

/* Sets or reads offset and factor of each column; count is the network's width; factors are not 0. Without
 * scaling offsets are 0 and factors 1. Errors: ARGUMENT, SIZE, NOT_FINITE, STATE (not finalized), MEMORY. */
BP_API bp_status bp_network_set_input_scaling(bp_network *net, const bp_real *offsets, const bp_real *factors,
                                              size_t count);
BP_API bp_status bp_network_set_target_scaling(bp_network *net, const bp_real *offsets,
                                               const bp_real *factors, size_t count);
BP_API bp_status bp_network_get_input_scaling(const bp_network *net, bp_real *offsets, bp_real *factors,
                                              size_t count);
BP_API bp_status bp_network_get_target_scaling(const bp_network *net, bp_real *offsets, bp_real *factors,
                                               size_t count);

/* ------------------------------------------- prediction, evaluation, gradient */

/*
 * The memory that prediction and gradient work in. max_cases >= 1 is the largest number of cases
 * you mean to hand over in one call; larger calls work too, in blocks. It must not be used by two
 * threads at once, nor with another network. Prediction with a workspace allocates nothing; the
 * first gradient may. Errors: ARGUMENT, STATE (not finalized), OVERFLOW, MEMORY.
 */
BP_API bp_status bp_workspace_create(bp_workspace **out, const bp_network *net, size_t max_cases);
BP_API void bp_workspace_destroy(bp_workspace *workspace);

/* The greatest number of threads that may work together. */
#define BP_MAX_THREADS 256

/*
 * How many threads work in calls that get this workspace, the calling one among them: 1 (as created) to
 * BP_MAX_THREADS. The others are POSIX threads of the workspace's own, started here with all signals blocked
 * and ended by bp_workspace_destroy; between calls they sleep. Results have the same bits for every number.
 * What is too small to gain by it is done by the caller alone, and the caller's own functions are called by
 * no other thread. In a child of fork() the workspace works on one thread, until this is called there. More
 * threads than the machine has cores slow each other down. The layer outputs of the last call are forgotten.
 * Errors: ARGUMENT with the limit, THREAD (the system starts no more), MEMORY; all leave the workspace as it
 * was.
 */
BP_API bp_status bp_workspace_set_threads(bp_workspace *workspace, size_t threads);

/*
 * Forward pass, eq. 1 and 2, for every case of data. outputs gets cases rows of
 * bp_network_output_width(net) values in raw units. Targets are not looked at. Errors: ARGUMENT, SIZE,
 * NOT_FINITE with the case and column, OVERFLOW (strides), STATE (not finalized, or weights never set);
 * NOT_FINITE with case, layer and unit where finite inputs give an output that is not finite, since weights
 * are too large: outputs are filled, and the layers' outputs can be read, all the same.
 */
BP_API bp_status bp_network_predict(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                    bp_real *outputs);

/*
 * The outputs y of any layer but an input, in scaled units, for the cases of the last predict, evaluate or
 * gradient call with this workspace. count must be cases * units of the layer. Errors: ARGUMENT (an input, or
 * a layer of another network), SIZE, STATE (no such call yet, or it had more cases than one block holds, see
 * bp_workspace_block_cases).
 */
BP_API bp_status bp_workspace_layer_outputs(const bp_workspace *workspace, const bp_layer *layer,
                                            bp_real *outputs, size_t count);

/* How many cases are worked on at once; fixed by the network and max_cases, which a gradient of more cases
 * raises. 0 for NULL. */
BP_API size_t bp_workspace_block_cases(const bp_workspace *workspace);

typedef struct bp_evaluation {
    size_t size;
    size_t cases;
    size_t classes;       /* output width, or 2 if that is 1 */
    size_t correct;       /* cases whose predicted class is the true one */
    double accuracy;      /* correct / cases */
    double error;         /* E, summed */
    double mean_error;    /* E / cases */
    double max_abs_error; /* greatest |y - d|, in scaled units */
} bp_evaluation;

BP_API void bp_evaluation_init(bp_evaluation *evaluation, size_t size);

/*
 * E and classification results without a gradient. confusion may be NULL, else it gets classes * classes
 * counters: a row for each true class, a column for each predicted one. The class of a row is the index of
 * its greatest raw value (the first of equals); with a single output, 1 if the raw value is > 0.5, else 0; and
 * if a target is negative, as where the classes are -1 and 1, 1 if it is > 0. A row is all outputs of a case,
 * those of several layers and of all steps of an unrolled network too. Errors: as predict, and UNSUPPORTED if
 * the loss does not go with an output layer; NOT_FINITE with the layer where E or the greatest |y - d| is not
 * finite: confusion is then filled, *result is not.
 */
BP_API bp_status bp_network_evaluate(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                     bp_loss loss, size_t *confusion, bp_evaluation *result);

/*
 * E and the gradient dE/dw of every weight, eq. 4-7, summed over all cases. *error (may be NULL)
 * gets E; gradient gets as many values as there are weights, in their order. Errors: as evaluate; MEMORY;
 * NOT_FINITE with the layer if a derivative of the caller's (of an activation, a loss) is NaN or infinite
 * where x, y and E are not: gradient is then filled in part. NOT_FINITE with the layer, too, where E or a
 * derivative is not finite since weights or data are too large: gradient is filled then, *error is not set.
 */
BP_API bp_status bp_network_gradient(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                     bp_loss loss, double *error, bp_real *gradient);

/* E and dE/dx of every raw input of every case: cases rows of bp_network_input_width(net) values. Errors: as
 * gradient. */
BP_API bp_status bp_network_input_gradient(const bp_network *net, bp_workspace *workspace,
                                           const bp_data *data, bp_loss loss, double *error,
                                           bp_real *input_gradient);

/* ---------------------------------------------------------- checking derivatives */

/* What a check of derivatives found. Names belong to the network. */
typedef struct bp_gradient_check {
    size_t size;
    double tolerance; /* that was asked for, or its default */
    int passed;       /* 1: a weight was compared, and no weight nor activation deviates by more */
    size_t checked;   /* weights compared */
    size_t skipped;   /* derivatives of a single case by a single weight left out on both sides, see below */

    /* The weight that deviates most, and the last of its places if it is shared (a learned initial state
     * leads into the layer at step 0); layer is NULL if none was compared. */
    double max_deviation;     /* its deviation, see below */
    size_t weight;            /* its index in the vector */
    double analytic, numeric; /* dE/dw as bp_network_gradient gives it, and from differences of E */
    const char *layer;        /* the layer it leads into, and the unit there (of several, the first) */
    size_t unit;
    const char *from; /* the layer it comes from, and the unit there; NULL for a bias or an initial state */
    size_t from_unit;

    /* The layer nearest to the outputs into which a weight deviates by more than the tolerance, a shared one
     * wherever it is used last; NULL if none does. Errors travel downwards from it: the derivative of its
     * activation (or, if it is an output, of the loss) is the first to look at. */
    const char *suspect;

    /* The user-defined activation whose derivative deviates most from differences of its function at total
     * inputs that occur in the data; NULL if there is none. */
    const char *activation;
    const char *activation_layer;
    double activation_max_deviation; /* |derivative - difference| / the greatest of the layer in that case */
    double activation_x, activation_derivative, activation_difference;
} bp_gradient_check;

BP_API void bp_gradient_check_init(bp_gradient_check *check, size_t size);

/*
 * Compares dE/dw of every weight, as bp_network_gradient gives it for these data and this loss, with
 * differences of E; works with the caller's own activations and losses. Nothing but *result and the workspace
 * is written to. tolerance is the greatest deviation that passes, > 0 and < 1; 0: 2e-3, in the
 * double-precision library 1e-6. A derivative that does not fit is no error: result->passed is 0.
 *
 * The deviation of a weight is |analytic - numeric| / scale, where scale is the greatest |dE/dw| of its
 * matrix (of the layer's biases, of its initial state), or, where cases cancel each other out, the root of
 * the sum over cases of the squares of the greatest |dE/dw| of each, and never so small that rounding could
 * count as a deviation. Where E of a case has a kink or a jump next to where a weight stands (a ReLU unit at
 * 0, the edge of a tolerance), or where a derivative is too small to be told from rounding (as it is at the
 * end of training, when outputs meet their targets to the last digits), this case is left out of both sums
 * for this weight, and counted; a weight of which nothing is left is not checked. In float, more is drowned
 * by rounding than in double. So it is best done before training, with start weights.
 *
 * Takes about 8 to 20 forward passes per weight and case: a handful of cases is enough. Errors: as
 * bp_network_gradient; ARGUMENT (tolerance); NOT_FINITE with the case and the layer where an output, E or a
 * derivative is NaN or infinite; MEMORY.
 */
BP_API bp_status bp_network_check_gradient(const bp_network *net, bp_workspace *workspace,
                                           const bp_data *data, bp_loss loss, double tolerance,
                                           bp_gradient_check *result);

/* ---------------------------------------------------------------- optimizers */

/* How a gradient becomes an update of the weights. A value; see bp_optimizer_*. */
typedef struct bp_optimizer {
    int32_t kind;
    int32_t reserved_kind;
    double learning_rate;
    double momentum;
    unsigned char reserved[40];
} bp_optimizer;

/*
 * [RHW86] eq. 9: dw(t) = -learning_rate * dE/dw + momentum * dw(t - 1), with dw(0) = 0. The state is the last
 * update dw itself. learning_rate finite and > 0; momentum in 0 <= m < 1.
 */
BP_API bp_optimizer bp_optimizer_momentum(double learning_rate, double momentum);
BP_API bp_optimizer bp_optimizer_gradient_descent(double learning_rate); /* eq. 8: momentum 0 */

/* A value that depends on the epoch (0 is the first). A value; see bp_schedule_*. */
typedef struct bp_schedule {
    int32_t kind;
    int32_t reserved_kind;
    double parameter[3];
    unsigned char reserved[32];
} bp_schedule;

BP_API bp_schedule bp_schedule_none(void);             /* no schedule: the optimizer's own value */
BP_API bp_schedule bp_schedule_constant(double value); /* the same in every epoch */
BP_API bp_schedule bp_schedule_switch(double first, size_t epochs,
                                      double then); /* first for `epochs` epochs */
/* max(start * factor^epoch, minimum), with 0 < factor <= 1. start is a valid learning rate or momentum; so is
 * minimum, which may also be 0. */
BP_API bp_schedule bp_schedule_exponential(double start, double factor, double minimum);

/* ------------------------------------------------------------------ stopping */

/* Name, value and text of every reason why training ended. Append-only. */
#define BP_STOP_LIST(X)                                                                                      \
    X(BP_STOP_NONE, 0, "not stopped")                                                                        \
    X(BP_STOP_ERROR_BELOW, 1, "error below the threshold")                                                   \
    X(BP_STOP_MEAN_ERROR_BELOW, 2, "mean error below the threshold")                                         \
    X(BP_STOP_WITHIN_TOLERANCE, 3, "every output within the tolerance")                                      \
    X(BP_STOP_EARLY, 4, "validation error no longer improving")                                              \
    X(BP_STOP_DIMINISHING_RETURNS, 5, "diminishing returns")                                                 \
    X(BP_STOP_EPOCHS, 6, "limit of epochs")                                                                  \
    X(BP_STOP_UPDATES, 7, "limit of updates")                                                                \
    X(BP_STOP_SECONDS, 8, "limit of time")                                                                   \
    X(BP_STOP_GRADIENT_BELOW, 9, "gradient below the threshold")                                             \
    X(BP_STOP_CALLBACK, 10, "the caller's callback asked for it")                                            \
    X(BP_STOP_DIVERGED, 11, "the error or a weight became infinite or NaN")                                  \
    X(BP_STOP_FAILED, 12, "a failure, which the status names")                                               \
    X(BP_STOP_HOOK, 13, "the gradient hook asked for it")

typedef enum bp_stop_reason {
#define BP_STOP_ENUM(name, value, text) name = (value),
    BP_STOP_LIST(BP_STOP_ENUM)
#undef BP_STOP_ENUM
} bp_stop_reason;

BP_API const char *bp_stop_reason_string(bp_stop_reason reason); /* static text, never NULL */

/* When to end training. A value; see bp_stop_*. Any number of rules may be combined: the first that fires
 * ends training. */
typedef struct bp_stop_rule {
    int32_t kind; /* the bp_stop_reason it gives */
    int32_t reserved_kind;
    double threshold;
    uint64_t count;
    unsigned char reserved[40];
} bp_stop_rule;

/*
 * E of the training cases, summed or divided by the number of cases, is below a threshold > 0. If the
 * weights changed during the epoch, E of the current weights must be below it, too.
 */
BP_API bp_stop_rule bp_stop_error_below(double summed_error);
BP_API bp_stop_rule bp_stop_mean_error_below(double mean_error);
/* Every |y - d| of the training cases is <= tolerance (> 0, scaled units), with the current weights, too. */
BP_API bp_stop_rule bp_stop_within_tolerance(double tolerance);
/*
 * Early stopping: for `patience` epochs (>= 1) the validation error has not improved. It improves when it is
 * lower than at the last improvement by the fraction min_improvement (>= 0; 0.01 is one per cent), so that
 * small improvements add up. When the rule fires, the weights of the best epoch are restored, as by
 * bp_trainer_restore_best. A run with this rule needs a validation set.
 */
BP_API bp_stop_rule bp_stop_early(size_t patience, double min_improvement);
/*
 * Diminishing returns: over the last `window` epochs (>= 1) the mean training error fell by less than
 * the fraction `improvement` (> 0) of what it was before them, or it was 0 already.
 */
BP_API bp_stop_rule bp_stop_diminishing_returns(size_t window, double improvement);
/*
 * Limits, counted from the start of each bp_trainer_run; >= 1, seconds > 0 of wall-clock time. The clock is
 * read after each update or, in online training, at least after every 2^20 updated weights.
 */
BP_API bp_stop_rule bp_stop_epochs(size_t epochs);
BP_API bp_stop_rule bp_stop_updates(uint64_t updates);
BP_API bp_stop_rule bp_stop_seconds(double seconds);
/* The Euclidean norm of the gradient, as the update uses it, is below threshold (> 0) at every update of an
 * epoch. */
BP_API bp_stop_rule bp_stop_gradient_below(double threshold);

/* ------------------------------------------------------------------- trainer */

/* Metrics for the epoch callback. Valid during the call. */
typedef struct bp_progress {
    size_t size;
    size_t epoch;                   /* epochs finished since creation or reset; 1 after the first */
    uint64_t updates;               /* since creation or reset */
    double error;                   /* E of this epoch, each case before its own update */
    double mean_error;              /* error / cases */
    double validation_error;        /* mean E of the validation cases; NaN without */
    double validation_accuracy;     /* as bp_evaluation.accuracy; NaN without */
    double best_validation_error;   /* lowest so far; NaN without */
    size_t best_epoch;              /* the epoch of it; 0 without */
    double gradient_norm;           /* largest Euclidean norm of a gradient in this epoch */
    double learning_rate, momentum; /* of this epoch */
    double seconds;                 /* wall-clock time since the start of this bp_trainer_run */
} bp_progress;

/* The result of a run. Filled whenever training began, whatever bp_trainer_run returned. */
typedef struct bp_result {
    size_t size;
    bp_stop_reason reason;
    size_t rule;             /* index of the rule that fired; the number of rules if none did */
    size_t epochs;           /* finished in this run */
    uint64_t updates;        /* in this run */
    double error;            /* E of the training cases with the weights handed back */
    double mean_error;       /* error / cases */
    double validation_error; /* mean E of the validation cases with these weights; NaN without */
    size_t best_epoch;       /* the epoch (as in bp_progress) with the lowest validation error; 0 without */
    double seconds;
} bp_result;

BP_API void bp_result_init(bp_result *result, size_t size);

/* Called after each epoch, before the stopping rules are checked. A value other than 0 ends training with
 * BP_STOP_CALLBACK. It may call bp_trainer_set_* on the trainer, but not run, restore_best or destroy;
 * bp_trainer_reset ends the run with STATE. The same holds for the gradient hook. */
typedef int (*bp_epoch_callback)(void *context, bp_trainer *trainer, const bp_progress *progress);

/* What the gradient hook is told. Valid during the call. */
typedef struct bp_gradient_batch {
    size_t size;
    size_t epoch;          /* of this update, counted as in bp_progress */
    uint64_t update;       /* counted since creation or reset; 1 for the first */
    size_t cases;          /* in this batch; 0 if it is empty, and in the last call */
    size_t cases_left;     /* of the epoch, after this batch */
    double error;          /* E of this batch */
    bp_real *gradient;     /* about to be used, and may be altered; zeros if the batch is empty, and in the
                              last call */
    size_t count;          /* elements of gradient: the number of weights */
    bp_stop_reason reason; /* BP_STOP_NONE; in the last call why the run ended */
    bp_status status;      /* BP_OK; in the last call what bp_trainer_run is about to return */
} bp_gradient_batch;

/* The answer of the gradient hook; all 0 when it is called. */
typedef struct bp_gradient_reply {
    size_t size;
    int stop;         /* 1: the run ends with BP_STOP_HOOK; this update is not made */
    int more_batches; /* 1: when no cases are left, the epoch continues with an empty batch; 0: it ends */
} bp_gradient_reply;

/*
 * Called before each update with the gradient that the update will use, summed or averaged over the batch as
 * bp_trainer_options.reduction says; for inspection, clipping, or averaging over machines. Any status but
 * BP_OK ends the run with that status and without this update; BP_DIVERGED is treated as if the library had
 * found it.
 *
 * When anything else ends the run (a rule, the callback, divergence, a failure, an argument that is refused),
 * the hook is called one last time, with a reason other than BP_STOP_NONE; its answer is then ignored. There
 * is no last call after a status or a stop of its own, nor for a run that is refused because another run of
 * the same trainer is in progress.
 *
 * SEVERAL MACHINES, each with a trainer and a share of the cases, train one network together when every call
 * of the hook is one exchange between all of them. They start with the same weights and the same options
 * (seeds may differ), with BP_REDUCE_SUM. A machine whose share has fewer batches continues with empty ones
 * until all have finished the epoch. When the run of one ends, all others end at the same update, and no
 * machine is left waiting:
 *
 *     bp_status exchange(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
 *     {
 *         double sums[3] = {batch->reason != BP_STOP_NONE, batch->cases_left, batch->cases};
 *         MPI_Allreduce(MPI_IN_PLACE, sums, 3, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
 *         reply->stop = sums[0] > 0;
 *         reply->more_batches = sums[1] > 0;
 *         if (reply->stop)
 *             return BP_OK;
 *         MPI_Allreduce(MPI_IN_PLACE, batch->gradient, batch->count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
 *         for (size_t i = 0; i < batch->count; i++)
 *             batch->gradient[i] /= (bp_real)sums[2];
 *         return BP_OK;
 *     }
 *
 * The loop turns the sum into the mean over the cases of all machines; for the paper's sum, leave it out. The
 * weights stay the same on all machines, bit for bit, if all receive the same bits of the sum. Metrics and
 * rules are those of each machine's own cases, so a rule may fire on one machine only: its result has the
 * rule's reason, those of the others BP_STOP_HOOK. Early stopping and divergence restore weights on that
 * machine only: afterwards send the weights of one machine to all (MPI_Bcast, bp_network_set_weights), and
 * call bp_trainer_reset on all before training continues.
 */
typedef bp_status (*bp_gradient_hook)(void *context, const bp_gradient_batch *batch,
                                      bp_gradient_reply *reply);

/* How the derivatives of the cases of a batch are put together. */
typedef enum bp_reduction {
    BP_REDUCE_SUM = 0, /* the paper's: the learning rate belongs to the summed gradient */
    BP_REDUCE_MEAN = 1 /* the usual convention: divided by the number of cases in the batch */
} bp_reduction;

typedef struct bp_trainer_options {
    size_t size;
    bp_loss loss;                       /* default squared error */
    bp_optimizer optimizer;             /* default momentum, learning rate 0.1, momentum 0.9 */
    bp_schedule learning_rate_schedule; /* default none */
    bp_schedule momentum_schedule;      /* default none */
    double weight_decay;    /* after each update every weight (biases too) shrinks by this fraction,
                               0 <= decay < 1; default 0. [RHW86] family tree: 0.002 */
    size_t batch_size;      /* cases per update (a mini-batch); 0 (default): all, one update per epoch,
                               as [RHW86]; 1: online training. The last batch may be smaller. */
    bp_reduction reduction; /* default BP_REDUCE_SUM */
    int average_shared;     /* 1: the derivative of a weight with n uses (shared, unrolled over time, or at n
                               positions of a convolution) is divided by n before the hook and the update, as
                               [RHW86] does for iterative nets; 0 (default): it is the sum over the uses */
    int shuffle;            /* 1 (default): shuffle the cases in each epoch, unless one batch has them all;
                               0: leave them in their order */
    const bp_stop_rule *stop_rules; /* copied; none (default): bp_stop_epochs(1000) */
    size_t stop_rule_count;
    bp_epoch_callback on_epoch; /* default NULL */
    void *on_epoch_context;
    bp_gradient_hook on_gradient; /* default NULL */
    void *on_gradient_context;
    int keep_history; /* 1: E of every epoch is recorded for bp_trainer_history; default 0 */
    size_t threads;   /* for each update and evaluation, the calling one among them, as in
                         bp_workspace_set_threads; 1 (default) to BP_MAX_THREADS */
    uint64_t seed;    /* of the shuffling; default 1 */
} bp_trainer_options;

BP_API void bp_trainer_options_init(bp_trainer_options *options, size_t size);

/*
 * A trainer of one network, which must outlive it. options may be NULL. Errors: ARGUMENT with the
 * name of the option, NOT_FINITE, STATE (not finalized), UNSUPPORTED (loss and output layer,
 * or all outputs are softmax layers of a single unit, which is always 1), VERSION,
 * THREAD (the system starts no more threads), MEMORY.
 */
BP_API bp_status bp_trainer_create(bp_trainer **out, bp_network *net, const bp_trainer_options *options);
BP_API void bp_trainer_destroy(bp_trainer *trainer);

/*
 * Trains for epoch after epoch until a rule fires. validation may be NULL. result may be NULL; else its size
 * must be set. The next call continues where this one stopped, within an epoch if a limit was reached there:
 * epochs, schedules, random streams, the optimizer's state and what the early-stopping and
 * diminishing-returns rules remember go on; limits count from the start of each call. With another number of
 * training cases a new epoch begins. Errors: ARGUMENT, SIZE, OVERFLOW, NOT_FINITE, STATE (weights never
 * set, or called from a callback), MEMORY.
 *
 * Errors after training has begun: what the gradient hook returns (NOT_FINITE if it leaves NaN or infinity),
 * NOT_FINITE with the layer if a custom derivative is not finite (as in bp_network_gradient), MEMORY (for
 * the history of a further epoch). What was done stays: the weights are those after the last update, result
 * is filled, with reason BP_STOP_FAILED, and the next call continues from there.
 *
 * BP_DIVERGED: the error, also that of the result, or a weight became infinite or NaN. The best weights seen
 * are restored: those that the run began with, those at the start of its last epoch whose error was finite,
 * or, with a validation set, those of the best epoch, whichever have the lowest validation error (without a
 * validation set, the lowest E of the training cases); never weights with a larger E of the training cases
 * than at the start. The optimizer's state is cleared, and result is filled. result->error is infinite or NaN
 * only if E of the start was.
 */
BP_API bp_status bp_trainer_run(bp_trainer *trainer, const bp_data *training, const bp_data *validation,
                                bp_result *result);

/*
 * Clears the optimizer's state, epochs, history, order and best weights: as newly created. Weights and
 * options stay. No C++ exception and no longjmp may leave bp_trainer_run through a function of yours (see
 * ERRORS). If one did, the trainer accepts bp_trainer_reset and bp_trainer_destroy only, and everything again
 * after the reset; the weights are those after the last update.
 */
BP_API bp_status bp_trainer_reset(bp_trainer *trainer);

/* Restores the weights of the epoch with the lowest validation error, and clears the optimizer's state. STATE
 * if there was none, or called from a callback. */
BP_API bp_status bp_trainer_restore_best(bp_trainer *trainer);

/* Learning rate or momentum from now on; replaces its schedule. Ranges as in bp_optimizer_momentum. */
BP_API bp_status bp_trainer_set_learning_rate(bp_trainer *trainer, double learning_rate);
BP_API bp_status bp_trainer_set_momentum(bp_trainer *trainer, double momentum);
BP_API bp_status bp_trainer_set_learning_rate_schedule(bp_trainer *trainer, bp_schedule schedule);
BP_API bp_status bp_trainer_set_momentum_schedule(bp_trainer *trainer, bp_schedule schedule);
BP_API double bp_trainer_learning_rate(const bp_trainer *trainer); /* of the next update; NaN for NULL */
BP_API double bp_trainer_momentum(const bp_trainer *trainer);

/*
 * E of every epoch finished since creation or reset, as bp_progress.error: the first epoch's in [0]. *count
 * (may be NULL) gets their number. In a callback, the epoch just finished is among them. Valid until the next
 * bp_trainer_run, reset or destroy: a pointer taken in a callback keeps its *count entries while the run goes
 * on. NULL, and 0, without the option keep_history and before the first epoch.
 */
BP_API const double *bp_trainer_history(const bp_trainer *trainer, size_t *count);

/* ------------------------------------------------------------------ datasets */

/* Parts of a dataset. */
typedef enum bp_subset {
    BP_SUBSET_ALL = 0,
    BP_SUBSET_TRAINING = 1,
    BP_SUBSET_VALIDATION = 2,
    BP_SUBSET_TEST = 3
} bp_subset;

/* What the target of a loaded file is. */
typedef enum bp_target_kind {
    BP_TARGET_CLASS = 0,  /* one column of class labels, turned into one output per class */
    BP_TARGET_NUMERIC = 1 /* one or several columns of numbers */
} bp_target_kind;

typedef enum bp_csv_header {
    BP_CSV_HEADER_AUTO = 0, /* a first line of names: no column that should be a number has one */
    BP_CSV_HEADER_NO = 1,
    BP_CSV_HEADER_YES = 2
} bp_csv_header;

typedef struct bp_csv_options {
    size_t size;
    bp_allocator allocator; /* default malloc and free */
    char delimiter;         /* default ','; ' ' stands for any run of spaces and tabs */
    bp_csv_header header;   /* default AUTO */
    size_t skip_lines;      /* lines to pass over before the header or the first case; default 0 */
    bp_target_kind target;  /* default BP_TARGET_CLASS */
    int target_column;      /* first target column, from 0; negative counts from the end; default -1. For
                               numeric targets with target_columns = n: the first of n columns */
    size_t target_columns;  /* default 1; must be 1 for classes */
    const bp_dataset *classes_of; /* classes are numbered as in this dataset, whichever of them occur in the
                                     file; NULL (default): as they are found. Only read by the call */
    double class_on, class_off;   /* target of the true class and of the others, class_on > class_off;
                                     default 1 and 0 */
} bp_csv_options;

BP_API void bp_csv_options_init(bp_csv_options *options, size_t size);

/*
 * Loads a CSV file: a case per line, numbers in every column but a class column, which may hold any
 * text. Classes are numbered in ascending order of their labels (as numbers if all are, and then 1 and
 * 1.0 are the same class; else as bytes), or as in options.classes_of: a test file is loaded with the dataset
 * of the training file there, so that an output means the same class in both; a label that it does not have
 * is refused. Without it there must be at least two classes, and what seems to be a column of numbers to be
 * predicted is refused: labels that are numbers with a fraction, or more than 20 that are more than a tenth
 * of the cases; or more than 1000 texts, if more than every other case has a class of its own.
 *
 * With BP_CSV_HEADER_AUTO no case is passed over in silence: a first line that has numbers in some columns
 * and names in others, or a class that occurs among the cases, is refused with a hint at the option to set.
 * Fields may be quoted with ", a quote inside is written "", and quoted text may go on over several lines.
 * Blanks around fields, empty lines and a UTF-8 byte order mark are passed over; LF and CRLF both end a line;
 * the decimal sign is a point whatever the locale. options may be NULL. Errors: ARGUMENT with the name of the
 * option; FILE; FORMAT with file, line, column (from 1) and reason; NOT_FINITE likewise (nan, inf, or too
 * large for bp_real); OVERFLOW; MEMORY.
 */
BP_API bp_status bp_dataset_load_csv(bp_dataset **out, const char *path, const bp_csv_options *options);

/*
 * Loads a pair of IDX files (the format of MNIST): inputs of any element type, one case per entry
 * of the first dimension, the others flattened; labels, one unsigned byte per case, become one output
 * per class, 1 for the true class and 0 for the others. classes: the number of classes, or 0: one more than
 * the greatest label; not 1. labels_path may be NULL: no targets, and classes is not used. Values are as
 * in the file (0..255 for bytes). allocator may be NULL. Errors: ARGUMENT; FILE; FORMAT with file, byte
 * position (from 0) and reason; NOT_FINITE likewise; OVERFLOW; MEMORY.
 */
BP_API bp_status bp_dataset_load_idx(bp_dataset **out, const char *inputs_path, const char *labels_path,
                                     size_t classes, const bp_allocator *allocator);

/*
 * A dataset that holds a dense copy of data, which may be without targets (case weights are then left
 * out, since they go with targets). allocator may be NULL. Errors:
 * ARGUMENT, SIZE, NOT_FINITE, OVERFLOW, MEMORY.
 */
BP_API bp_status bp_dataset_create(bp_dataset **out, const bp_data *data, const bp_allocator *allocator);
BP_API void bp_dataset_destroy(bp_dataset *dataset);

/*
 * Puts the cases into a random order drawn from seed and divides them: the first `training` share
 * (0..1, rounded to whole cases), then `validation`, the rest is for testing. The order depends on the
 * seed and on the order in which the cases were loaded, not on earlier splits: the same call gives the
 * same parts again. Views handed out before are then of the new order. Errors: ARGUMENT (shares not in
 * 0..1 or more than 1 together), MEMORY.
 */
BP_API bp_status bp_dataset_split(bp_dataset *dataset, double training, double validation, uint64_t seed);

/*
 * A view of a part; it lives as long as the dataset. Before a split only BP_SUBSET_ALL has cases.
 * data->size must be set (bp_data_init). Errors: ARGUMENT, STATE (the part is empty).
 */
BP_API bp_status bp_dataset_subset(const bp_dataset *dataset, bp_subset part, bp_data *data);

BP_API size_t bp_dataset_cases(const bp_dataset *dataset);
BP_API size_t bp_dataset_input_width(const bp_dataset *dataset);
BP_API size_t bp_dataset_target_width(const bp_dataset *dataset);
/* Number of classes (0 if targets are not made from classes); the label of one as it first stands in the
 * file, NULL if there is none such. */
BP_API size_t bp_dataset_class_count(const bp_dataset *dataset);
BP_API const char *bp_dataset_class_name(const bp_dataset *dataset, size_t index);
/* Name of an input column from the header, or NULL. */
BP_API const char *bp_dataset_input_name(const bp_dataset *dataset, size_t index);

/* -------------------------------------------------------------- save and load */

/*
 * Saves structure, weights and scaling of a network; how start weights are drawn is not saved. The file is
 * written beside its place, synced and renamed, so a file of that name is replaced whole or stays as it
 * was; only regular files that may be written are replaced, and keep their permissions; symbolic links
 * are followed. The format is described in docs/model-format.md. Errors: FILE with the name and the
 * reason, STATE (not finalized, or weights never set), MEMORY.
 */
BP_API bp_status bp_network_save(const bp_network *net, const char *path);

/*
 * Loads what bp_network_save wrote; ready to predict or train. options may be NULL; its table of
 * activations gives the caller's functions back to layers saved with them. Errors: those of
 * bp_network_create; FILE; FORMAT with file, byte position (from 0) and reason; VERSION; NAME (an activation
 * that is not in the table); NOT_FINITE (also a double weight too large for float), with the place; MEMORY.
 */
BP_API bp_status bp_network_load(bp_network **out, const char *path, const bp_network_options *options);

/*
 * The same bytes in memory. *needed (may be NULL) gets their number. With buffer NULL and capacity 0
 * that is all, and no error. SIZE if capacity is too small: *needed is set, the buffer is untouched.
 */
BP_API bp_status bp_network_save_memory(const bp_network *net, void *buffer, size_t capacity, size_t *needed);
BP_API bp_status bp_network_load_memory(bp_network **out, const void *buffer, size_t size,
                                        const bp_network_options *options);

#ifdef __cplusplus
}
#endif

#endif
