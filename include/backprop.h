/**
 * @file backprop.h
 * Layered neural networks trained by back-propagating errors.
 *
 * The learning procedure of D. E. Rumelhart, G. E. Hinton and R. J. Williams,
 * "Learning representations by back-propagating errors", Nature 323, 533-536
 * (1986), doi 10.1038/323533a0; cited below as [RHW86], its equations as eq. 1-9.
 *
 * The smallest useful program builds a network, draws its weights and trains it:
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
 * @par Terms
 * A network consists of layers (groups of units) and connections (weight
 * matrices between layers). A case is one input with its target. An epoch (a
 * sweep in the paper) is one pass over all training cases. An update changes the
 * weights once.
 *
 * @par Errors
 * Every function that can fail returns a bp_status; BP_OK is zero. A failed call
 * leaves its out parameters and the objects it was given unchanged, except where
 * its description says otherwise, and bp_error_message() describes the failure.
 * NULL where it is not allowed is BP_ERROR_ARGUMENT. The library prints nothing,
 * unless to a stream that it is given, never exits and never calls abort(). Functions of yours that it calls
 * must return to it: no C++ exception and no longjmp may pass through the library.
 *
 * @par Ownership
 * What a `*_create`, `*_copy`, `*_load`, `*_open` or `*_unroll` function returns belongs to
 * the caller, who releases it with the `*_destroy` function of its type; these
 * accept NULL. Layers and connections belong to their network and live as long as
 * it does. Arrays and strings given to the library are copied unless stated
 * otherwise. A bp_data is a view of the caller's arrays, which are not copied.
 *
 * @par Threads
 * Any number of threads may use a const bp_network at once, each with its own
 * workspace. A call that changes an object must have it to itself. The library
 * starts threads only where it is asked to: by bp_workspace_set_threads() and by
 * the option `threads` of a trainer, of bp_train_starts() and of
 * bp_cross_validate().
 *
 * @par Numbers
 * bp_real is float. In the double-precision library (compile with -DBP_DOUBLE,
 * link backprop-double) it is double. Matrices are row-major. The error E is
 * summed over cases and outputs, as in [RHW86], unless a name contains "mean".
 * NaN and infinity are refused in all data, weights and options; only a target may
 * be NaN, if it is said to be missing (bp_data.missing_targets).
 *
 * @par Structs
 * A struct that begins with a `size` member is filled by its init function, which
 * sets the size and every default. Later versions append members to it. A program
 * still works with a library of another version: members that its struct lacks
 * have their defaults, results are written as far as its size reaches, and a
 * member that the library does not know must be 0 (BP_ERROR_VERSION). A size of 0
 * is BP_ERROR_ARGUMENT: the init function was not called. A size that no version
 * has, as that of an uninitialized struct, is BP_ERROR_VERSION.
 * @par
 * Value types (bp_activation, bp_loss, bp_weight_init, ...) have 64 bytes. They
 * are made by their constructor functions and may be copied freely; their members
 * are private. The function that receives a value checks it: one that no
 * constructor made, or with a parameter out of range, is BP_ERROR_ARGUMENT; one
 * with a parameter that is NaN or infinite is BP_ERROR_NOT_FINITE.
 */
#ifndef BACKPROP_H
#define BACKPROP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ------------------------------------------------------------------ version */

/**
 * @defgroup backprop_version Version
 * The version of header and library, and what depends on how they are compiled.
 * @{
 */

/** The major version of this header. */
#define BP_VERSION_MAJOR 0
/** The minor version of this header. */
#define BP_VERSION_MINOR 2
/** The patch version of this header. */
#define BP_VERSION_PATCH 0

/** The version of this header as one number, for comparisons: 0.2.0 is 200, 1.2.3 is 10203. */
#define BP_VERSION_NUMBER (BP_VERSION_MAJOR * 10000 + BP_VERSION_MINOR * 100 + BP_VERSION_PATCH)

/** The type of data, weights and gradients: float, or double if BP_DOUBLE is defined. */
#ifdef BP_DOUBLE
#include "backprop_double_names.h" /* every bp_ function becomes bpd_ */
typedef double bp_real;
#else
typedef float bp_real;
#endif

/**
 * Declares a function of the library.
 *
 * On Windows, a program that links the static library defines BP_STATIC; BP_BUILD is defined only when the
 * library itself is built. Elsewhere neither has any effect.
 */
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

/** The version of the linked library as static text, "major.minor.patch". */
BP_API const char *bp_version(void);

/** The version of the linked library as one number, like #BP_VERSION_NUMBER. */
BP_API int bp_version_number(void);

/** @} */

/* ------------------------------------------------------------------- status */

/**
 * @defgroup backprop_status Status and error messages
 * What functions return, and the description of the last error.
 * @{
 */

/** X(name, value, text) for every status. Values never change; new ones are appended. */
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
    X(BP_DIVERGED, 15, "training diverged: the error or a weight became infinite or NaN")                    \
    X(BP_ERROR_NOT_IDENTIFIED, 16, "the data do not determine the weights")

/** The result of a call: BP_OK, or why it failed. */
typedef enum bp_status {
#define BP_STATUS_ENUM(name, value, text) name = (value),
    BP_STATUS_LIST(BP_STATUS_ENUM)
#undef BP_STATUS_ENUM
} bp_status;

/** The text of a status, static and never NULL; "unknown status" for any other number. */
BP_API const char *bp_status_string(bp_status status);

/**
 * Describes the last error of the calling thread; "" before the first one.
 *
 * For example: "bp_network_connect: layer 'h2' comes before layer 'h1'". Successful calls do not change the
 * text. It belongs to the thread and is valid until the thread's next failing call.
 */
BP_API const char *bp_error_message(void);

/** @} */

/* -------------------------------------------------------------- activations */

/**
 * @defgroup backprop_activations Activations
 * How a unit turns its total input x into its output y.
 * @{
 */

/**
 * Computes the outputs of a custom activation: y[i] = f(x[i]) for i < count.
 *
 * x and y do not overlap. The function must be pure: any thread that uses the network may call it.
 * `context` is the pointer given to bp_activation_custom().
 */
typedef void (*bp_activation_function)(void *context, const bp_real *x, bp_real *y, size_t count);

/** Computes the derivative of a custom activation: slope[i] = f'(x[i]), given x and y = f(x).
 * bp_network_check_gradient() tests it. */
typedef void (*bp_activation_derivative)(void *context, const bp_real *x, const bp_real *y, bp_real *slope,
                                         size_t count);

/** How a unit turns its total input x into its output y. A value, made by a bp_activation_ function. */
typedef struct bp_activation {
    /** @privatesection */
    int32_t kind;
    int32_t reserved_kind;
    double parameter[2];
    bp_activation_function function;
    bp_activation_derivative derivative;
    void *context;
    const char *name;
    unsigned char reserved[64 - 24 - 4 * sizeof(void *)];
} bp_activation;

BP_API bp_activation bp_activation_logistic(void); /**< y = 1 / (1 + exp(-x)). [RHW86] eq. 2. */
BP_API bp_activation bp_activation_tanh(void);     /**< y = tanh(x). */
BP_API bp_activation bp_activation_linear(void);   /**< y = x. */
BP_API bp_activation bp_activation_relu(void);     /**< y = max(x, 0); the slope at x = 0 is 0. */
BP_API bp_activation bp_activation_softmax(void);  /**< y_j = exp(x_j) / sum_k exp(x_k), over a layer. */

/*
 * Further activations. The slope is the derivative of y everywhere; at a kink it is that of the left side,
 * but 0 at the ends of piecewise linear ones. A parameter out of its range is refused when a layer is added.
 * `steepness` is s, from 0.001 to 1000: y is a function of s x. With it the outputs are those of FANN's
 * function of that name and steepness (SIGMOID is steep_logistic of twice the steepness); FANN's slopes
 * differ where they are wrong, and it clips s x. docs/functions.md shows all of them.
 */

/** y = x for x > 0, else slope x; slope 0 to 1, usually 0.01. Maas et al. (2013). */
BP_API bp_activation bp_activation_leaky_relu(double slope);
/** y = x for x > 0, else alpha (exp(x) - 1); alpha 0 to 100, usually 1. Clevert et al. (2016), eq. 15. */
BP_API bp_activation bp_activation_elu(double alpha);
/** y = 1.0507 x for x > 0, else 1.7581 (exp(x) - 1): outputs keep mean 0 and variance 1. Klambauer et al.
 * (2017), eq. 2; initial weights are LeCun's by default, as there. */
BP_API bp_activation bp_activation_selu(void);
BP_API bp_activation bp_activation_softplus(void); /**< y = ln(1 + exp(x)). Dugas et al. (2001). */
/** y = x Phi(x), Phi the normal distribution: exact, not by tanh. Hendrycks & Gimpel (2016), eq. 1. */
BP_API bp_activation bp_activation_gelu(void);
BP_API bp_activation bp_activation_silu(void); /**< y = x / (1 + exp(-x)), also called swish. */
/** y = s x / (1 + |s x|), -1 to 1. Elliott (1993); FANN's ELLIOT_SYMMETRIC. */
BP_API bp_activation bp_activation_softsign(double steepness);
/** y = (1 + s x / (1 + |s x|)) / 2, 0 to 1. FANN's ELLIOT. */
BP_API bp_activation bp_activation_softsign_01(double steepness);
/** y = s x, but not beyond -1 and 1. FANN's LINEAR_PIECE_SYMMETRIC. */
BP_API bp_activation bp_activation_piecewise_linear(double steepness);
/** y = s x, but not beyond 0 and 1. FANN's LINEAR_PIECE. */
BP_API bp_activation bp_activation_piecewise_linear_01(double steepness);
/** y = exp(-(s x)^2), 0 to 1. FANN's GAUSSIAN. */
BP_API bp_activation bp_activation_gaussian(double steepness);
/** y = 2 exp(-(s x)^2) - 1, -1 to 1. FANN's GAUSSIAN_SYMMETRIC. */
BP_API bp_activation bp_activation_gaussian_symmetric(double steepness);
BP_API bp_activation bp_activation_sine(double steepness);      /**< y = sin(s x). FANN's SIN_SYMMETRIC. */
BP_API bp_activation bp_activation_sine_01(double steepness);   /**< y = (1 + sin(s x)) / 2. FANN's SIN. */
BP_API bp_activation bp_activation_cosine(double steepness);    /**< y = cos(s x). FANN's COS_SYMMETRIC. */
BP_API bp_activation bp_activation_cosine_01(double steepness); /**< y = (1 + cos(s x)) / 2. FANN's COS. */
/** y = 1 for x >= 0, else 0. FANN's THRESHOLD. Its slope is 0, so that calls which need a gradient or train
 * refuse it (BP_ERROR_UNSUPPORTED). */
BP_API bp_activation bp_activation_threshold(void);
/** y = 1 for x >= 0, else -1; otherwise like bp_activation_threshold(). FANN's THRESHOLD_SYMMETRIC. */
BP_API bp_activation bp_activation_threshold_symmetric(void);
/** y = 1 / (1 + exp(-s x)). Cross-entropy is defined for bp_activation_logistic() only. */
BP_API bp_activation bp_activation_steep_logistic(double steepness);
BP_API bp_activation bp_activation_steep_tanh(double steepness);    /**< y = tanh(s x). */
BP_API bp_activation bp_activation_scaled_linear(double steepness); /**< y = s x. */

/** How many activations are built in. */
BP_API size_t bp_activation_count(void);

/** Activation number `index` of those that are built in, with the usual parameters, in the order of
 * docs/functions.md; a value that no layer takes if there is no such one. */
BP_API bp_activation bp_activation_at(size_t index);

/**
 * The built-in activation of a name, such as "leaky_relu".
 *
 * @param out Receives it.
 * @param name The name of its constructor without bp_activation_; see bp_activation_name().
 * @param parameters NULL: the usual ones. Else those that differ, from the first on: of leaky_relu slope and
 *   steepness (usually 1), of others that of the constructor.
 * @param count Number of parameters.
 * @return BP_OK, or BP_ERROR_ARGUMENT (a parameter is out of range, or there are too many),
 *   BP_ERROR_NOT_FINITE (one is NaN or infinite), BP_ERROR_NAME (no built-in activation has this name).
 */
BP_API bp_status bp_activation_by_name(bp_activation *out, const char *name, const double *parameters,
                                       size_t count);

/** What is known of an activation, see bp_activation_describe(). */
typedef struct bp_activation_info {
    size_t size;                   /**< sizeof(bp_activation_info). */
    const char *name;              /**< As by bp_activation_name(). */
    size_t parameters;             /**< Number of its parameters, 0 to 2. */
    const char *parameter_name[2]; /**< Their names, such as "alpha"; or NULL. */
    double parameter[2];           /**< Their values, */
    double parameter_usual[2];     /**< and defaults, */
    double parameter_low[2];       /**< and the ends of their ranges, */
    double parameter_high[2];      /**< which are included. */
    double low;                    /**< The least y, or -INFINITY; NaN for a custom one. */
    double high;                   /**< The greatest y, or INFINITY; NaN for a custom one. */
    uint64_t is_unit_wise;         /**< 1: y of a unit depends on its x alone; 0 for softmax. */
    uint64_t can_train;            /**< 1: there is a slope to learn by; 0 for thresholds. */
    uint64_t has_kinks;            /**< 1: the slope jumps somewhere. Not known of a custom one. */
} bp_activation_info;

/** Sets *info to zeros, and its size. size is sizeof(bp_activation_info). */
BP_API void bp_activation_info_init(bp_activation_info *info, size_t size);

/**
 * Tells what is known of an activation. info->size must be set (bp_activation_info_init()).
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT (it is not valid), BP_ERROR_VERSION.
 */
BP_API bp_status bp_activation_describe(const bp_activation *activation, bp_activation_info *info);

/**
 * Computes outputs and slopes, by the instruction set that networks have by default.
 *
 * @param activation Computes a unit by itself: all but softmax.
 * @param x The total inputs: any values. A finite x gives a finite y, unless y is out of the range of bp_real
 *   (a large x times a steepness), or the activation is the caller's. NaN gives NaN; an infinite x may.
 * @param y Receives f(x), unless it is NULL. May be x.
 * @param slope Receives f'(x), unless it is NULL.
 * @param count Number of values.
 * @return BP_OK, or BP_ERROR_ARGUMENT (the activation is not valid, or both results are NULL),
 *   BP_ERROR_NOT_FINITE (a parameter), BP_ERROR_UNSUPPORTED (softmax; the slope of a threshold; the value
 *   of BACKPROP_ISA).
 */
BP_API bp_status bp_activation_evaluate(const bp_activation *activation, const bp_real *x, bp_real *y,
                                        bp_real *slope, size_t count);

/**
 * A custom activation, computed by functions of the caller.
 *
 * The functions and context must outlive every network that uses them. The name is copied when a layer is
 * added. bp_network_add_layer() refuses NULL functions and names that are not valid.
 *
 * @param name Stands for the activation in saved files, 1 to 31 bytes; not linear, logistic, tanh, relu or
 *   softmax.
 *   bp_network_load() looks it up in bp_network_options.activations.
 * @param function Computes y from x.
 * @param derivative Computes dy/dx.
 * @param context Passed to both functions.
 */
BP_API bp_activation bp_activation_custom(const char *name, bp_activation_function function,
                                          bp_activation_derivative derivative, void *context);

/** @} */

/* ------------------------------------------------------------------- losses */

/**
 * @defgroup backprop_losses Losses
 * The error E as a function of outputs y and targets d.
 * @{
 */

/**
 * Returns E of one case of one output layer, for a custom loss.
 *
 * y and d hold `units` outputs and targets, in scaled units. If derivative is not NULL, it receives dE/dy
 * of every unit. The weight of the case is multiplied in afterwards. The function must be pure: any thread
 * that uses the loss may call it. `context` is the pointer given to bp_loss_custom().
 */
typedef double (*bp_loss_function)(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                                   size_t units);

/** What the error E is, for outputs y and targets d. A value, made by a bp_loss_ function. */
typedef struct bp_loss {
    /** @privatesection */
    int32_t kind;
    int32_t reserved_kind;
    double parameter[2];
    bp_loss_function function;
    void *context;
    double label_smoothing;
    union {
        const double *weights;
        uint64_t bits;
    } of_outputs;
    unsigned char reserved[64 - 40 - 2 * sizeof(void *)];
} bp_loss;

/**
 * The loss that suits the output layers: bp_loss_cross_entropy() if all of them are softmax layers, else
 * bp_loss_squared_error().
 */
BP_API bp_loss bp_loss_default(void);

/** E = 1/2 sum over cases and outputs of (y - d)^2. [RHW86] eq. 3. Works with every activation. */
BP_API bp_loss bp_loss_squared_error(void);

/**
 * Cross-entropy: E = -sum d ln y on a softmax layer, E = -sum (d ln y + (1 - d) ln(1 - y)) on a logistic one.
 *
 * It is computed from the total inputs, so it is finite for all finite inputs. Targets must be in 0..1
 * after scaling; those of a softmax layer should sum to 1. Calls refuse it for output layers of any other
 * activation (BP_ERROR_UNSUPPORTED).
 */
BP_API bp_loss bp_loss_cross_entropy(void);

/**
 * Mean absolute error: E = sum over cases and outputs of |y - d|.
 *
 * dE/dy = -1 below the target, 1 above it, 0 on it. The output that fits best is the median of the targets,
 * which a few wild ones hardly move. E is a sum, as that of every loss; divided by the number of cases it is
 * the mean absolute error of one output. Works with every activation. Its second derivative is 0.
 */
BP_API bp_loss bp_loss_absolute_error(void);

/**
 * Huber's loss: squared error up to a distance of delta, and a straight line from there on.
 *
 * With z = y - d: E = sum of z^2 / 2 where |z| <= delta, delta (|z| - delta / 2) elsewhere; dE/dy = z, but at
 * most delta in size. P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical
 * Statistics 35 (1964). Works with every activation.
 *
 * @param delta In scaled units, above 0 and a finite bp_real; 1 is usual for targets with a standard
 *   deviation of 1. A trainer that chooses scaling leaves the targets as they are, since delta has their
 *   units.
 */
BP_API bp_loss bp_loss_huber(double delta);

/**
 * Log-cosh loss: E = sum over cases and outputs of ln cosh(y - d), which is about (y - d)^2 / 2 for small
 * distances and |y - d| - ln 2 for large ones.
 *
 * dE/dy = tanh(y - d), and the second derivative is 1 - tanh(y - d)^2: as Huber's loss with a smooth bend.
 * Neither overflows. Works with every activation.
 */
BP_API bp_loss bp_loss_log_cosh(void);

/**
 * Quantile loss, also called pinball loss: the output that fits best is a quantile of the targets.
 *
 * E = sum of tau (d - y) where y < d, (1 - tau) (y - d) where y > d; dE/dy = -tau, or 1 - tau, and 0 on the
 * target. With a tau of 0.9 a trained output is above 90 % of the targets; 0.5 gives half of
 * bp_loss_absolute_error(). R. Koenker & G. Bassett, "Regression quantiles", Econometrica 46 (1978). Works
 * with every activation; several quantiles of one target take an output layer each
 * (bp_loss_of_outputs()).
 *
 * @param tau Above 0 and below 1.
 */
BP_API bp_loss bp_loss_quantile(double tau);

/**
 * Hinge loss, for two classes: E = sum over cases and outputs of max(0, 1 - t y), with t = 1 for a target of
 * 1, and t = -1 for a target of 0 or -1.
 *
 * dE/dy = -t where t y < 1, else 0: a case counts until its output is 1 or more on the right side of 0. C.
 * Cortes & V. Vapnik, "Support-vector networks", Machine Learning 20 (1995). For linear and tanh outputs:
 * linear ones are better, since the slope of tanh is nearly 0 where an output is far on the wrong side, and
 * such a case is hardly learned. Calls refuse others (BP_ERROR_UNSUPPORTED), and targets that are not -1, 0
 * or 1 after scaling (BP_ERROR_ARGUMENT). Classes are told apart at y = 0: with one output use targets of -1
 * and 1, with which bp_network_evaluate() does so too; several outputs, one for each class, may have targets
 * of 0 and 1. A trainer that chooses scaling leaves the targets as they are.
 */
BP_API bp_loss bp_loss_hinge(void);

/**
 * Poisson loss, for counts: the outputs are the logarithms of expected counts.
 *
 * E = sum over cases and outputs of e^y - d y - (d - d ln d), with 0 ln 0 = 0: the negative log-likelihood of
 * the counts d with the mean e^y, less its least value for these d, so that it is 0 where e^y = d, and never
 * negative; half the deviance of P. McCullagh & J. A. Nelder, "Generalized Linear Models" (1989), 2.3.
 * dE/dy = e^y - d, and the second derivative is e^y. For linear outputs; calls refuse others
 * (BP_ERROR_UNSUPPORTED), and targets below 0 after scaling (BP_ERROR_ARGUMENT). Predictions are y; the count
 * that is expected is e^y. Targets need not be whole numbers. A trainer that chooses scaling leaves them as
 * they are.
 */
BP_API bp_loss bp_loss_poisson(void);

/**
 * The same loss with a tolerance: an output with |y - d| <= tolerance has no error.
 *
 * It adds nothing to E, and its dE/dy is 0. [RHW86] trains the family trees this way, with 0.2: for a target
 * of 1 there is no error from 0.8 up, for a target of 0 none up to 0.2. Only the distance counts, on either
 * side of the target: for a target of 0.9 and a tolerance of 0.05, y = 0.97 is in error. In a softmax layer,
 * outputs in error still change the other units, since all share one sum.
 *
 * Calls that receive the loss return BP_ERROR_ARGUMENT for a tolerance out of range, BP_ERROR_NOT_FINITE for
 * one that is NaN or infinite, and BP_ERROR_UNSUPPORTED for a tolerance on a loss that cannot have one.
 *
 * @param loss Any but a hinge, Poisson or custom loss, one with label smoothing, and a loss of several
 *   outputs, whose losses have tolerances of their own; an earlier tolerance is replaced.
 * @param tolerance In scaled units, from 0 (no tolerance) to the largest finite bp_real.
 */
BP_API bp_loss bp_loss_with_tolerance(bp_loss loss, double tolerance);

/**
 * The same loss with label smoothing: targets less certain than 0 and 1.
 *
 * A target d of a softmax layer of K units counts as (1 - epsilon) d + epsilon / K, one of a logistic layer
 * as (1 - epsilon) d + epsilon / 2. C. Szegedy et al., "Rethinking the Inception architecture for computer
 * vision" (2016), 7. E of validation cases is of the smoothed targets too; figures such as |y - d| are of
 * those that were given.
 *
 * Calls that receive the loss return BP_ERROR_ARGUMENT for an epsilon out of range, and BP_ERROR_UNSUPPORTED
 * if the loss is not cross-entropy or has a tolerance.
 *
 * @param loss Cross-entropy, or the default loss if that is cross-entropy; an earlier epsilon is replaced.
 * @param epsilon From 0 (no smoothing) to less than 1; 0.1 is usual.
 */
BP_API bp_loss bp_loss_with_label_smoothing(bp_loss loss, double epsilon);

/**
 * A loss of its own for each output layer: E = sum over output layers of weight * E of the layer.
 *
 * For a network that answers several questions at once, such as which class, and how many. Every call that
 * takes a loss takes it. A trainer that chooses scaling leaves all targets as they are if it would with one
 * of the losses.
 *
 * @code
 *     const bp_loss losses[] = {bp_loss_cross_entropy(), bp_loss_huber(1)};
 *     const double weights[] = {1, 0.5};
 *     options.loss = bp_loss_of_outputs(losses, weights, 2);
 * @endcode
 *
 * The value refers to the caller's arrays, which must live and stay the same as long as it is used. A trainer
 * copies them when it is created, so they may go then; bp_trainer_loss() refers to its copies. Calls that
 * receive the loss return BP_ERROR_ARGUMENT if an array or count is not valid, with the output layer where
 * it is about one of the losses.
 *
 * @param losses A loss for each output layer, in their order; of an unrolled network, of the layers that were
 *   unrolled. None may itself be made by bp_loss_of_outputs(). bp_loss_default() is the one that suits the
 *   layer.
 * @param weights Finite, 0 or more, not all of them 0; or NULL: all 1.
 * @param count The number of output layers.
 */
BP_API bp_loss bp_loss_of_outputs(const bp_loss *losses, const double *weights, size_t count);

/**
 * A custom loss, computed by a function of the caller. Works with every activation.
 *
 * function and context must outlive the calls and trainers that use the loss, which refuse a NULL function
 * (BP_ERROR_ARGUMENT). bp_network_check_gradient() tests the derivative.
 */
BP_API bp_loss bp_loss_custom(bp_loss_function function, void *context);

/** @} */

/* ---------------------------------------------------------- initial weights */

/**
 * @defgroup backprop_initial_weights Initial weights
 * How the weights that training starts from are drawn; see bp_network_initialize().
 *
 * Rules set biases to 0 where they do not say otherwise. Some draw uniformly from -r..r. Their r depends on
 * fan_in, the number of units that a unit of the receiving layer receives from, and fan_out, the number that
 * a unit of the sending layer sends to, both over all connections of the layer. Where these differ among the
 * units of a layer, their average is used.
 * @{
 */

/** The random numbers of bp_network_initialize(), for a function of the caller's that draws weights. */
typedef struct bp_random bp_random;

/** The next number, uniform in [0, 1), of 53 random bits. NaN if random is NULL, as the next call. */
BP_API double bp_random_uniform(bp_random *random);
/** A number of the normal distribution with mean 0 and variance 1, below 13 in amount, from two or more of
 * the uniform ones: ratio of uniforms, Kinderman & Monahan 1977. */
BP_API double bp_random_normal(bp_random *random);

/** What a function that draws weights is told of them. Never made by the caller. */
typedef struct bp_weight_shape {
    size_t size;                            /**< sizeof(bp_weight_shape) of the library. */
    const struct bp_layer *layer;           /**< The layer that receives. In an unrolled network it is that of
                                                 the recurrent one, as is the connection. */
    const struct bp_connection *connection; /**< Whose weights they are; NULL: the biases of the layer. */
    size_t rows;    /**< The weights are a matrix, row-major: a row for each unit of the layer, or each
                         kernel; of a masked connection one row. Biases: as many rows as there are. */
    size_t columns; /**< Columns of that matrix; 1 of biases. */
    double fan_in;  /**< See @ref backprop_initial_weights. */
    double fan_out; /**< The same; 0 of biases. */
} bp_weight_shape;

/**
 * Draws the weights of a connection, or the biases of a layer, for bp_weight_init_custom().
 *
 * It fills rows * columns weights, all finite. With the numbers of `random` alone the weights follow from the
 * seed. It may be called by several threads at once (bp_train_starts()), and must not change the network.
 *
 * @return BP_OK; anything else ends the call of the library, which hands it on.
 */
typedef bp_status (*bp_weight_init_function)(void *context, const bp_weight_shape *shape, bp_random *random,
                                             bp_real *weights);

/** How initial weights are drawn. A value, made by a bp_weight_init_ function. */
typedef struct bp_weight_init {
    /** @privatesection */
    int32_t kind;
    int32_t reserved_kind;
    double parameter[2];
    bp_weight_init_function function;
    void *context;
    unsigned char reserved[64 - 24 - 2 * sizeof(void *)];
} bp_weight_init;

/** Uniform in low..high, biases too; both finite, low <= high. [RHW86] uses -0.3, 0.3. */
BP_API bp_weight_init bp_weight_init_uniform(double low, double high);
/** The same finite value for every weight, biases too. Hidden units with equal weights stay equal in
 * training. */
BP_API bp_weight_init bp_weight_init_constant(double value);

/** Uniform in -r..r, r = sqrt(6 / (fan_in + fan_out)). Glorot & Bengio 2010. */
BP_API bp_weight_init bp_weight_init_glorot(void);
/** Uniform in -r..r, r = sqrt(6 / fan_in), for ReLU. He et al. 2015. */
BP_API bp_weight_init bp_weight_init_he(void);
/** Uniform in -r..r, r = sqrt(3 / fan_in). LeCun et al. 1998. */
BP_API bp_weight_init bp_weight_init_lecun(void);
/** Normal with this mean and standard deviation, biases too. Both finite, standard_deviation >= 0, and mean
 * +- 13 standard deviations in the range of bp_real. */
BP_API bp_weight_init bp_weight_init_normal(double mean, double standard_deviation);
/** Normal with mean 0 and the variance of bp_weight_init_glorot(), 2 / (fan_in + fan_out); not truncated. */
BP_API bp_weight_init bp_weight_init_glorot_normal(void);
/** Normal with mean 0 and the variance of bp_weight_init_he(), 2 / fan_in; not truncated. */
BP_API bp_weight_init bp_weight_init_he_normal(void);
/** Normal with mean 0 and the variance of bp_weight_init_lecun(), 1 / fan_in; not truncated. */
BP_API bp_weight_init bp_weight_init_lecun_normal(void);
/**
 * A random orthogonal matrix times `gain`, which is finite and > 0; biases are 0. Saxe, McClelland & Ganguli
 * 2014.
 *
 * The rows of the matrix, or its columns if these are fewer, are orthogonal and have the norm `gain`: a
 * matrix of normal numbers, orthogonalized by the method of Gram and Schmidt. A kernel of a convolution is a
 * row. 1 suits linear units, sqrt(2) ReLU. The time grows as the longer side times the square of the shorter.
 * bp_network_initialize() refuses the rule for masked connections (BP_ERROR_UNSUPPORTED).
 */
BP_API bp_weight_init bp_weight_init_orthogonal(double gain);
/**
 * The rule of Nguyen & Widrow 1990, for hidden layers of sigmoid units: the active regions of the H units are
 * spread over the space of the inputs.
 *
 * The weights of a unit with N inputs have a random direction, uniform in -1..1 for each, and the norm
 * b = 0.7 H^(1/N); its bias is uniform in -b..b. This is for inputs in -1..1, to which inputs of the network
 * should be scaled (bp_scaling_min_max(-1, 1)). For outputs of logistic and softmax units, which are in 0..1,
 * the weights are twice as large and the bias moved by minus half their sum, which makes the same function of
 * 2 y - 1. Where several connections lead to a layer, N counts all their units, and each takes its share of
 * the norm: b times the root of its part of N. A kernel of a convolution is a unit. Of biases alone it is the
 * same; layers that share biases should not have it.
 */
BP_API bp_weight_init bp_weight_init_nguyen_widrow(void);
/** As a function of the caller's draws them, biases too; see bp_weight_init_function. function and context
 * must outlive every network that has the rule; copies of networks have it, model files do not. */
BP_API bp_weight_init bp_weight_init_custom(bp_weight_init_function function, void *context);

/** The rule that suits the activation of the receiving layer: bp_weight_init_he() into ReLU, leaky ReLU, ELU,
 * softplus, GELU and SiLU layers, bp_weight_init_lecun() into SELU layers, bp_weight_init_glorot() into all
 * others. docs/functions.md has it for each. */
BP_API bp_weight_init bp_weight_init_default(void);

/** @} */

/* ------------------------------------------------------------------ scaling */

/**
 * @defgroup backprop_scaling Scaling
 * Scaling belongs to the network and is saved with it.
 *
 * Prediction, evaluation, gradient and trainer all take raw values; inside, x' = (x - offset) * factor for
 * inputs and targets. Predictions are returned in raw units. E and every derivative with respect to weights
 * are in scaled units.
 * @{
 */

/** How a column of data is scaled. A value, made by a bp_scaling_ function. */
typedef struct bp_scaling {
    /** @privatesection */
    int32_t kind;
    int32_t reserved_kind;
    double parameter[2];
    int32_t is_pooled;
    unsigned char reserved_pooled[4];
    unsigned char reserved[32];
} bp_scaling;

BP_API bp_scaling bp_scaling_none(void); /**< Values are used as they are. */
/** Maps the minimum of a column to low, its maximum to high; both finite, low < high. */
BP_API bp_scaling bp_scaling_min_max(double low, double high);
/** Gives a column mean 0 and standard deviation 1 (the population's, divided by n). */
BP_API bp_scaling bp_scaling_standard(void);
/** The same line for every column: x' = (x - offset) * factor, whatever the data; both finite, factor not 0.
 * Pixels from 0 to 255 become 0 to 1 by bp_scaling_fixed(0, 1 / 255.0). */
BP_API bp_scaling bp_scaling_fixed(double offset, double factor);
/** Min-max or standard scaling fitted to all columns together, so that they keep their relations: pixels of a
 * picture, values of a series. Other scalings stay as they are. */
BP_API bp_scaling bp_scaling_pooled(bp_scaling scaling);
/**
 * Scaling chosen for each column by its values, as a trainer does by default; see @ref backprop_automatic.
 *
 * As inputs, two values become 0 and 1 (0/1 and -1/1 stay as they are); all else gets mean 0 and standard
 * deviation 1, except that no value of the data may become larger than 10: a pixel that is nearly always 0
 * would. Inputs of an unrolled network are fitted for all steps together, those of a convolution for each
 * feature map. As targets, those of linear units get mean 0 and standard deviation 1; those of logistic
 * units are mapped to 0..1 and those of tanh units to -1..1 if any is out of that range; those of ReLU units
 * that are not negative get a mean square of 1; all others stay as they are.
 */
BP_API bp_scaling bp_scaling_automatic(void);

/** @} */

/* --------------------------------------------------------------------- data */

/**
 * @defgroup backprop_data Data
 * Inputs, targets and weights of cases, in the caller's arrays.
 * @{
 */

/**
 * A view of cases in the caller's arrays.
 *
 * Nothing is copied. The arrays must outlive the call that receives the view. Element e of step s of case
 * c is inputs[c * input_stride + s * input_step_stride + e], targets likewise. Strides count elements; a
 * stride of 0 means dense: input_step_stride = input_width, input_stride = steps * input_width.
 *
 * A network takes steps * input_width inputs and steps * target_width targets per case, with the steps of a
 * case side by side, so a step stride must be the width. For an unrolled network that has inputs at more or
 * fewer steps than targets, set steps to 1 and the widths to those of all steps together.
 *
 * Rows of inputs may overlap, those of targets may not. Windows of 12 values that begin at each value of a
 * series, with the value that follows as the target, are
 *
 *     bp_data windows = bp_data_view(length - 12, series, 12, series + 12, 1);
 *     windows.input_stride = 1;
 *
 * @anchor backprop_missing_targets
 * Where missing_targets is 1, a target that is NaN is not there: it adds nothing to E, and its derivative is
 * 0, as if the output had been right. So a case may have some of several targets, or a sequence targets at
 * some of its steps. A softmax layer has all of its targets in a case or none (BP_ERROR_ARGUMENT). Scaling
 * is fitted to the targets that are there. A case without any counts as a case: the mean E, and the mean
 * gradient of a batch, are divided by the number of all cases, as they are with case weights of 0. Residuals
 * of least squares (bp_optimizer_levenberg_marquardt(), bp_uncertainty_create()) without a target are left
 * out. Training needs something to learn: at least one target, also among the validation cases, and, unless
 * the network is unrolled, at least one in each column of the training cases (BP_ERROR_ARGUMENT, with the
 * column). Custom losses cannot skip targets, and calls that need all of them, such as bp_diagnose(), refuse
 * such data (BP_ERROR_UNSUPPORTED). Where it is 0, NaN is an error (BP_ERROR_NOT_FINITE).
 */
typedef struct bp_data {
    size_t size;                 /**< sizeof(bp_data). */
    size_t cases;                /**< Number of cases, >= 1. */
    size_t steps;                /**< Time steps per case, >= 1; see bp_network_unroll(). */
    const bp_real *inputs;       /**< The first input of the first case. */
    size_t input_width,          /**< Inputs per step, >= 1. */
        input_stride,            /**< Elements from one case to the next; 0: dense. */
        input_step_stride;       /**< Elements from one step to the next; 0: dense. */
    const bp_real *targets;      /**< The first target of the first case; NULL where none are needed. */
    size_t target_width,         /**< Targets per step. */
        target_stride,           /**< Elements from one case to the next; 0: dense. */
        target_step_stride;      /**< Elements from one step to the next; 0: dense. */
    const bp_real *case_weights; /**< A factor >= 0 on the error of each case; NULL: all 1. */
    size_t missing_targets;      /**< 1: a target that is NaN is not there, and is skipped; see
                                      @ref backprop_missing_targets. 0 (default): all are there. */
} bp_data;

/** Sets *data to zeros, its size, and steps = 1. size is sizeof(bp_data). */
BP_API void bp_data_init(bp_data *data, size_t size);

/** A dense view of `cases` rows of inputs and, if targets is not NULL, of targets. */
static inline bp_data bp_data_view(size_t cases, const bp_real *inputs, size_t input_width,
                                   const bp_real *targets, size_t target_width)
{
    bp_data data = {sizeof(bp_data), cases,        1, inputs, input_width, 0, 0,
                    targets,         target_width, 0, 0,      NULL,        0};
    return data;
}

/**
 * Initializes *data like bp_data_init() and makes it the view that bp_data_view() returns. For languages
 * that cannot call an inline function.
 */
BP_API void bp_data_set_view(bp_data *data, size_t size, size_t cases, const bp_real *inputs,
                             size_t input_width, const bp_real *targets, size_t target_width);

/** @} */

/* ------------------------------------------------------- building a network */

/**
 * @defgroup backprop_building Building a network
 * Layers and connections are added to an empty network, which is then finalized.
 *
 * bp_network_create_layered() does all of it for a network in which each layer is connected to the next.
 * @{
 */

typedef struct bp_network bp_network;       /**< Layers, connections, weights and scaling. */
typedef struct bp_layer bp_layer;           /**< A layer of a network, which owns it. */
typedef struct bp_connection bp_connection; /**< A connection of a network, which owns it. */
typedef struct bp_workspace bp_workspace;   /**< The memory that prediction and gradient use. */
typedef struct bp_trainer bp_trainer;       /**< Trains one network; holds the optimizer's state. */
typedef struct bp_schema bp_schema;         /**< What the columns of a table are. */
typedef struct bp_dataset bp_dataset;       /**< Cases that the library owns. */
typedef struct bp_stream bp_stream;         /**< Cases that are read when they are needed. */

/** Where memory comes from. Both functions are called from the thread that calls the library. */
typedef struct bp_allocator {
    /** Returns at least size bytes, aligned as malloc does, or NULL. */
    void *(*allocate)(void *context, size_t size);
    /** Takes back what allocate returned. */
    void (*release)(void *context, void *memory);
    void *context; /**< Passed to both functions. */
} bp_allocator;

/** Options of bp_network_create() and bp_network_load(). */
typedef struct bp_network_options {
    size_t size;            /**< sizeof(bp_network_options). */
    bp_allocator allocator; /**< Default malloc and free. Set both functions or neither. */
    /** The instruction set of the kernels, such as "portable". NULL (default): the value of the environment
     * variable BACKPROP_ISA, or if that is unset or empty, the best that this CPU has. */
    const char *isa;
    const bp_activation *activations; /**< Custom activations, which loading looks up by name. */
    size_t activation_count;          /**< Number of activations; default 0. */
} bp_network_options;

/** Sets *options to its defaults. size is sizeof(bp_network_options). */
BP_API void bp_network_options_init(bp_network_options *options, size_t size);

/**
 * Creates an empty network. options may be NULL (all defaults).
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_UNSUPPORTED (isa unknown or not on this CPU),
 *   BP_ERROR_VERSION, BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_create(bp_network **out, const bp_network_options *options);

/**
 * Creates a finalized network in which each layer is connected to the next.
 *
 * Every unit but the inputs has a bias. The layers are named "input", "hidden1", "hidden2", ..., "output".
 * All options have their defaults. The weights must still be set, by bp_network_initialize() for instance.
 *
 * @param out Receives the network.
 * @param units The number of units of each layer, >= 1; units[0] are inputs, units[layers - 1] outputs.
 * @param layers The number of layers, >= 2.
 * @param hidden The activation of all hidden layers.
 * @param output The activation of the output layer.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_UNSUPPORTED (as bp_network_create()), BP_ERROR_OVERFLOW,
 *   BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_create_layered(bp_network **out, const size_t *units, size_t layers,
                                           bp_activation hidden, bp_activation output);

/** Destroys a network with its layers and connections. Destroy its workspaces and trainers first. */
BP_API void bp_network_destroy(bp_network *net);

/**
 * Adds an input layer, which takes the next `units` columns of the inputs.
 *
 * @param out Receives the layer; may be NULL.
 * @param net A network that is not finalized.
 * @param name 1 to 63 bytes, unique in the network, copied; NULL: "layer" and the index, such as "layer2".
 * @param units >= 1.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_NAME, BP_ERROR_STATE (finalized), BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_add_input(bp_layer **out, bp_network *net, const char *name, size_t units);
/** Adds a layer of units with this activation, after all others; otherwise like bp_network_add_input(). Also
 * BP_ERROR_NOT_FINITE: a parameter of the activation. */
BP_API bp_status bp_network_add_layer(bp_layer **out, bp_network *net, const char *name, size_t units,
                                      bp_activation activation);

/**
 * Connects every unit of `from` to every unit of `to`, a later layer that is not an input.
 *
 * Layers in between may be skipped. out may be NULL. bp_network_connect_with() makes all other connections.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT; BP_ERROR_STRUCTURE (order, a layer of another network, or the layers
 *   are connected already); BP_ERROR_STATE (finalized); BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_connect(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to);

/**
 * A convolution: local receptive fields with shared kernels, without padding ("valid").
 *
 * `from` is a stack of `channels` feature maps of height x width units, stored channel by channel, row by
 * row. Each kernel sees a window of kernel_height x kernel_width units of all channels and is used at every
 * position of the window. Positions are stride_y rows and stride_x columns apart; units at the lower and
 * right edge that no window reaches are not used. So a kernel has
 *
 *     ((height - kernel_height) / stride_y + 1) * ((width - kernel_width) / stride_x + 1)
 *
 * positions, with divisions rounded down. `to` must have one unit for each position of each kernel, kernel by
 * kernel, row by row: again a stack of feature maps. The T-C problem of Rumelhart, Hinton & Williams,
 * "Learning internal representations by error propagation" (PDP, 1986), is an example.
 */
typedef struct bp_convolution {
    size_t size;       /**< sizeof(bp_convolution). */
    size_t channels,   /**< Feature maps of `from`; default 1. */
        height,        /**< Rows of each; must be set. */
        width;         /**< Columns of each; must be set. */
    size_t kernels,    /**< Kernels, and so feature maps of `to`; default 1. */
        kernel_height, /**< Rows of a kernel; must be set. */
        kernel_width;  /**< Columns of a kernel; must be set. */
    int shared_bias;   /**< 1 (default): `to` has one bias for each kernel; 0: one for each unit. */
    size_t stride_y,   /**< Rows from a position to the next; default 1. */
        stride_x;      /**< Columns from a position to the next; default 1. */
} bp_convolution;

/** Sets *convolution to its defaults; heights and widths must be set. size is sizeof(bp_convolution). */
BP_API void bp_convolution_init(bp_convolution *convolution, size_t size);

/** Options of bp_network_connect_with(). With all at their defaults the connection is dense. */
typedef struct bp_connect_options {
    size_t size; /**< sizeof(bp_connect_options). */

    /** 1: y of `from` at step t - 1 contributes to x of `to` at step t; see bp_network_unroll(). It may go
     * in any direction, also from a layer to itself, and beside a connection without delay. Default 0. */
    int delayed;

    /** Which pairs of units have a weight: a row for each unit of `to`, a column for each unit of `from`,
     * row-major, 0 for no weight. NULL (default): all pairs. A pair without a weight has no entry in the
     * weight vector or in a saved file, and is never computed. The weights are in the order of the rows.
     * The mask is copied in a form whose size is that of the weights (CSR). */
    const unsigned char *mask;
    size_t mask_count; /**< Flags in the mask: units of `to` times units of `from`. */

    /** Shared kernels; not together with a mask. NULL (default): none. The weights are a matrix with a row
     * for each kernel, in it channel by channel, row by row: kernels * channels * kernel_height *
     * kernel_width weights. The derivative of a weight or shared bias is the sum over all positions. The
     * struct is copied. */
    const bp_convolution *convolution;

    /** Like bp_connection_set_weight_init(). Default (zeros): the rule of the network. */
    bp_weight_init weight_init;
} bp_connect_options;

/** Sets *options to its defaults. size is sizeof(bp_connect_options). */
BP_API void bp_connect_options_init(bp_connect_options *options, size_t size);

/**
 * Connects two layers as the options say: delayed, masked, by a convolution, with initial weights of its own.
 *
 * out may be NULL. options may be NULL: the same as bp_network_connect().
 *
 * @return BP_OK; or
 *   - as bp_network_connect(), except that a delayed connection may go in any direction
 *   - BP_ERROR_ARGUMENT: delayed neither 0 nor 1; both mask and convolution; a member of the convolution that
 *     is 0; weight_init
 *   - BP_ERROR_SIZE: mask_count; a kernel larger than its input; layers of other sizes than the convolution's
 *   - BP_ERROR_STRUCTURE: a mask without any weight; two convolutions into `to` that need different biases
 *   - BP_ERROR_OVERFLOW: a mask on more than 2^32 - 1 units of `from`
 *   - BP_ERROR_NOT_FINITE: weight_init
 *   - BP_ERROR_VERSION
 */
BP_API bp_status bp_network_connect_with(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                         const bp_connect_options *options);

/**
 * From now on `connection` uses the weights of `with`: one slice of the weight vector for both.
 *
 * Connections that already share with either of them then share with both. The slice stands where its first
 * user stands in the weight vector and is drawn once, by that user's rule. Getting or setting the weights of
 * any user gets or sets the slice. The gradient is the true derivative, the sum over all uses; see also
 * bp_trainer_options.average_shared. Masked connections can share if their masks are equal, convolutions if
 * their kernels are equal in number and size.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT; BP_ERROR_STRUCTURE (another network, a different kind, shape, mask or
 *   kernel, or the same connection twice); BP_ERROR_STATE (finalized).
 */
BP_API bp_status bp_connection_share(bp_connection *connection, const bp_connection *with);
/**
 * From now on `layer` uses the biases of `with`; otherwise like bp_connection_share().
 *
 * The layers must have equal numbers of units, and of units per bias (bp_convolution.shared_bias), which
 * bp_network_finalize() checks. BP_ERROR_STRUCTURE also where one of the layers has no biases.
 */
BP_API bp_status bp_layer_share_bias(bp_layer *layer, const bp_layer *with);

/**
 * Marks a layer as output.
 *
 * The outputs of a network are those of its output layers, side by side in the order of marking. If none is
 * marked, the last layer is the output.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_STRUCTURE (an input, or marked already), BP_ERROR_STATE
 *   (finalized), BP_ERROR_MEMORY.
 */
BP_API bp_status bp_layer_set_output(bp_layer *layer);

/**
 * Switches the biases of a layer on (the default) or off (0).
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_STRUCTURE (an input, or shared biases to be switched off),
 *   BP_ERROR_STATE (finalized).
 */
BP_API bp_status bp_layer_enable_bias(bp_layer *layer, int enabled);

/**
 * Checks the structure and lays out the weights. Afterwards the structure is fixed.
 *
 * There must be an input and an output, and every other layer must receive a connection and lead to an
 * output.
 *
 * @return BP_OK, or BP_ERROR_STRUCTURE (the message names the layer), BP_ERROR_OVERFLOW (also more than 2^28
 *   units), BP_ERROR_MEMORY, BP_ERROR_STATE (finalized already), BP_ERROR_ARGUMENT.
 */
BP_API bp_status bp_network_finalize(bp_network *net);

/**
 * Copies a finalized network: structure, weights and how they are trained, scaling, activations and options.
 *
 * The copy shares no memory with the original; its memory comes from the same allocator.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_STATE (not finalized), BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_copy(bp_network **out, const bp_network *net);

/** @} */

/* ------------------------------------------------- iterative (recurrent) networks */

/**
 * @defgroup backprop_recurrent Recurrent networks
 * Iterative networks, unrolled over time steps.
 *
 * A network whose layers act on themselves or on others from one time step to the next is equivalent to a
 * layered network with a copy of every layer for each step, in which corresponding connections share their
 * weights: [RHW86] figure 5. The recurrent network is built and finalized with the functions above and those
 * below. It holds the weights and can be initialized, copied, saved and loaded, but it cannot run. Unrolled
 * over a number of steps, it is a network like any other, which predicts and trains:
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
 *     ...                                              train unrolled, then copy the weights back:
 *     bp_network_copy_weights(net, unrolled);
 *
 * Weights are all that is copied. The scaling that a trainer fitted to the unrolled network, the same for
 * each step, is carried over by its first step, or `net` and what is unrolled from it later computes
 * something else:
 *
 *     size_t inputs = bp_network_input_width(unrolled), outputs = bp_network_output_width(unrolled);
 *     size_t columns = inputs > outputs ? inputs : outputs;
 *     bp_real *offsets = malloc(columns * sizeof *offsets), *factors = malloc(columns * sizeof *factors);
 *     bp_network_get_input_scaling(unrolled, offsets, factors, inputs);
 *     bp_network_set_input_scaling(net, offsets, factors, bp_network_input_width(net));
 *     bp_network_get_target_scaling(unrolled, offsets, factors, outputs);
 *     bp_network_set_target_scaling(net, offsets, factors, bp_network_output_width(net));
 *     free(offsets);
 *     free(factors);
 *
 * @{
 */

/**
 * Sets the outputs y at step 0, before the first step, of a layer that delayed connections leave.
 *
 * By default they are fixed zeros. A later call replaces an earlier one. bp_network_finalize() refuses an
 * initial state of a layer that no delayed connection leaves.
 *
 * @param layer A layer of a network that is not finalized.
 * @param values One per unit, copied; NULL: zeros.
 * @param learned 0: the state is fixed. Otherwise it is trained like the weights: it follows the biases of
 *   the layer in the weight vector, and bp_network_initialize() sets it to these values.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_NOT_FINITE, BP_ERROR_STATE (finalized), BP_ERROR_MEMORY.
 */
BP_API bp_status bp_layer_set_initial_state(bp_layer *layer, const bp_real *values, int learned);

/**
 * Copies the present initial state to values: the trained one if it is learned and the weights are set.
 *
 * @param layer Any layer.
 * @param values Receives one value per unit.
 * @param count The number of units.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_SIZE.
 */
BP_API bp_status bp_layer_get_initial_state(const bp_layer *layer, bp_real *values, size_t count);

/** Where a learned initial state begins in the weight vector; 0 before bp_network_finalize(). */
BP_API size_t bp_layer_state_offset(const bp_layer *layer);
/** The number of weights of a learned initial state; 0 if not learned, or before bp_network_finalize(). */
BP_API size_t bp_layer_state_count(const bp_layer *layer);

/** Options of bp_network_unroll(). */
typedef struct bp_unroll_options {
    size_t size;                      /**< sizeof(bp_unroll_options). */
    size_t steps;                     /**< T >= 1; (T + 1) * layers must be at most 1,048,576. Must be set. */
    const unsigned char *input_steps; /**< T flags: step t (from 0) has inputs. NULL (default): all have. */
    const unsigned char *output_steps; /**< T flags: step t has outputs. NULL (default): all have. */
} bp_unroll_options;

/** Sets *options to its defaults; steps must be set. size is sizeof(bp_unroll_options). */
BP_API void bp_unroll_options_init(bp_unroll_options *options, size_t size);

/**
 * Creates the layered network that is equivalent to a finalized network over T time steps.
 *
 * Layers are named after the step: layer `h` has the copies `h@1` ... `h@T`, and `h@0` for its initial state
 * where that is used. A step without inputs has no copy of the input layers, so these contribute nothing
 * there; a step without outputs takes no targets. Copies that lead to no output are left out, but inputs
 * are kept. The inputs of a case are those of all steps that have inputs, step by step; its outputs likewise.
 *
 * The weight vector has the length and order of that of net, so bp_network_copy_weights() works in both
 * directions, and bp_network_initialize() draws the same weights as for net. Weights that no copy uses have
 * the derivative 0. Weights and how they are trained, dropout and noise, scaling (the same for each step),
 * activations, rules for initial weights, allocator and instruction set are copied; afterwards the two
 * networks are independent. Without delayed connections, the result is T copies side by side. An unrolled
 * network stays unrolled when it is saved or copied.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT (the message names the option; also if no step has inputs, or none
 *   has outputs), BP_ERROR_OVERFLOW, BP_ERROR_STATE (not finalized, or unrolled already), BP_ERROR_VERSION,
 *   BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_unroll(bp_network **out, const bp_network *net, const bp_unroll_options *options);

/** @} */

/* ------------------------------------------- looking at a network's structure */

/**
 * @defgroup backprop_inspection Inspecting a network
 * Layers are numbered in the order of adding, connections in the order of connecting.
 *
 * An index out of range, an unknown name, two layers without a connection, or a NULL argument give NULL, or 0
 * where a number is returned. The handles found here may be used to change something only by a caller
 * who may change the network.
 * @{
 */

/** The number of layers, inputs among them. */
BP_API size_t bp_network_layer_count(const bp_network *net);
/** The layer with this index. */
BP_API bp_layer *bp_network_layer(const bp_network *net, size_t index);
/** The layer with this name. */
BP_API bp_layer *bp_network_find_layer(const bp_network *net, const char *name);
/** The number of connections. */
BP_API size_t bp_network_connection_count(const bp_network *net);
/** The connection with this index. */
BP_API bp_connection *bp_network_connection(const bp_network *net, size_t index);
/** The connection without delay from one layer to another. */
BP_API bp_connection *bp_network_find_connection(const bp_network *net, const bp_layer *from,
                                                 const bp_layer *to);
/** The delayed connection from one layer to another. */
BP_API bp_connection *bp_network_find_delayed_connection(const bp_network *net, const bp_layer *from,
                                                         const bp_layer *to);
BP_API size_t bp_network_input_width(const bp_network *net);  /**< Inputs per case; 0 before finalize. */
BP_API size_t bp_network_output_width(const bp_network *net); /**< Outputs per case; 0 before finalize. */
BP_API const char *bp_network_isa(const bp_network *net);     /**< The instruction set in use. */

BP_API const char *bp_layer_name(const bp_layer *layer);         /**< The name; lives as long as the layer. */
BP_API size_t bp_layer_index(const bp_layer *layer);             /**< The index, from 0. */
BP_API size_t bp_layer_units(const bp_layer *layer);             /**< The number of units. */
BP_API bp_activation bp_layer_activation(const bp_layer *layer); /**< The activation; linear for an input. */
BP_API int bp_layer_is_input(const bp_layer *layer);             /**< 1 for an input layer, else 0. */
BP_API int bp_layer_is_output(const bp_layer *layer);            /**< 1 for an output layer, else 0. */
BP_API int bp_layer_has_bias(const bp_layer *layer);             /**< 1 if the units have biases, else 0. */
BP_API bp_layer *bp_connection_from(const bp_connection *connection); /**< The sending layer. */
BP_API bp_layer *bp_connection_to(const bp_connection *connection);   /**< The receiving layer. */
BP_API int bp_connection_is_delayed(const bp_connection *connection); /**< 1 if delayed, else 0. */

/** Which pairs of units have a weight, and which pairs share one. */
typedef enum bp_connection_kind {
    BP_CONNECTION_DENSE = 0,      /**< All pairs, each with a weight of its own. */
    BP_CONNECTION_MASKED = 1,     /**< Some pairs, each with a weight of its own. */
    BP_CONNECTION_CONVOLUTION = 2 /**< The pairs of receptive fields, which share kernels. */
} bp_connection_kind;

/** The kind of a connection. */
BP_API bp_connection_kind bp_connection_get_kind(const bp_connection *connection);

/**
 * Copies the mask of a masked connection, with flags 0 and 1; see bp_connect_options.mask.
 *
 * @param connection A masked connection.
 * @param mask Receives the flags.
 * @param count Units of `to` times units of `from`.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_STRUCTURE (not masked), BP_ERROR_SIZE.
 */
BP_API bp_status bp_connection_get_mask(const bp_connection *connection, unsigned char *mask, size_t count);

/**
 * Copies the description of a convolution. convolution->size must be set (bp_convolution_init()).
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_STRUCTURE (not a convolution), BP_ERROR_VERSION.
 */
BP_API bp_status bp_connection_get_convolution(const bp_connection *connection, bp_convolution *convolution);

/** The name of an activation: that of its constructor without bp_activation_, such as "logistic", or that of
 * a custom one. */
BP_API const char *bp_activation_name(const bp_activation *activation);

/** @} */

/* ------------------------------------------------------------------ weights */

/**
 * @defgroup backprop_weights Weights
 * All weights of a network are one vector without gaps.
 *
 * For each layer in order it holds the matrices of its incoming connections in the order of connecting, then
 * the layer's biases, then its initial state if that is learned. A matrix has a row for each receiving unit j
 * and a column for each sending unit i (w_ji of eq. 1), row-major. That of a masked connection holds only the
 * pairs that have a weight, that of a convolution a row for each kernel. Shared weights are stored once, at
 * their first use. Gradients have the same order.
 * @{
 */

/**
 * Sets the rule for the initial weights of every connection and bias, those added later included.
 *
 * The default is bp_weight_init_default(). May be called at any time; takes effect in
 * bp_network_initialize().
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_NOT_FINITE.
 */
BP_API bp_status bp_network_set_weight_init(bp_network *net, bp_weight_init init);
/** The same for the weights of one connection. */
BP_API bp_status bp_connection_set_weight_init(bp_connection *connection, bp_weight_init init);
/** The same for the biases of one layer. */
BP_API bp_status bp_layer_set_bias_init(bp_layer *layer, bp_weight_init init);

/**
 * Draws all weights, frozen ones too.
 *
 * A seed gives the same weights on every machine; those in float are the double ones rounded, but never out
 * of the range of their rule (orthogonal ones are rounded on the way, and may differ in their last bits
 * between float and double). Each weight takes one random number, in the order of the vector, normal ones two
 * or more; weights that are constant or 0 take none. May be called again.
 *
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT, BP_ERROR_STATE (not finalized)
 *   - BP_ERROR_UNSUPPORTED: a rule that does not suit a connection; nothing is changed
 *   - what a function of bp_weight_init_custom() returned, or BP_ERROR_NOT_FINITE if it left a weight that is
 *     NaN or infinite; the network is then as if its weights had never been set
 */
BP_API bp_status bp_network_initialize(bp_network *net, uint64_t seed);

/**
 * The weight vector itself, NULL before bp_network_finalize().
 *
 * It lives as long as the network and shows every later change. *count receives its length; count may be
 * NULL.
 */
BP_API const bp_real *bp_network_weights(const bp_network *net, size_t *count);

/**
 * Copies `count` weights into the network; count must be the length of its vector.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_SIZE, BP_ERROR_NOT_FINITE, BP_ERROR_STATE (not finalized).
 */
BP_API bp_status bp_network_set_weights(bp_network *net, const bp_real *weights, size_t count);

/**
 * Copies all weights of one network into another whose weight vector has the same layout.
 *
 * This may be a copy, the unrolled network of a recurrent one, the recurrent one of an unrolled one, or any
 * network with the same matrices, biases and learned initial states in the same order. Names, activations
 * and inputs may differ. Nothing else is copied: scaling, also one that a trainer has fitted, stays as it is
 * in `to`; @ref backprop_recurrent has the calls that carry it from an unrolled network to the recurrent one.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_STATE (not finalized, or the weights of `from` were never
 *   set), BP_ERROR_STRUCTURE (the message names the first two parts that do not match).
 */
BP_API bp_status bp_network_copy_weights(bp_network *to, const bp_network *from);

/** Which weights bp_network_prune() leaves out. */
typedef enum bp_prune_rule {
    BP_PRUNE_UP_TO = 0,         /**< Those with |w| <= amount, which is finite and >= 0. 0: those that are 0,
                                     as bp_trainer_options.l1 leaves them. */
    BP_PRUNE_SHARE_OF_EACH = 1, /**< amount times the weights of each connection, rounded down: those with the
                                     smallest |w|, of equal ones the first. 0 <= amount < 1. */
    BP_PRUNE_SHARE_OF_ALL = 2   /**< The same of all connections together. */
} bp_prune_rule;

/**
 * Makes the network that is left when small weights are taken out: pruning by magnitude.
 *
 * Connections that lose weights are masked connections then; those that lose none stay as they are. Biases,
 * learned initial states and convolutions keep all of theirs. The outputs are those of `net` with these
 * weights 0, but for rounding. Everything else is copied as bp_network_copy() does it. Training may go on
 * with a trainer of the new network, and often has to (Han, Pool, Tran & Dally 2015).
 *
 * @param out Receives the network, which the caller destroys.
 * @param net A finalized network whose weights were set; an unrolled one gives an unrolled one. A matrix that
 *   several connections share counts once.
 * @param rule Which weights are taken out.
 * @param amount The threshold, or the share.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT, BP_ERROR_NOT_FINITE: rule, amount
 *   - BP_ERROR_STATE: not finalized, or the weights were never set
 *   - BP_ERROR_STRUCTURE: a connection would lose all its weights; the message names it
 *   - BP_ERROR_OVERFLOW: a connection from more than 2^32 - 1 units
 *   - BP_ERROR_MEMORY
 */
BP_API bp_status bp_network_prune(bp_network **out, const bp_network *net, bp_prune_rule rule, double amount);

/**
 * Copies the weights of one connection out of the network.
 *
 * For a dense connection they are a row-major matrix with a row for each unit of `to` and a column for each
 * unit of `from`; for other kinds see @ref backprop_weights. count is bp_connection_weight_count().
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_SIZE, BP_ERROR_STATE (not finalized).
 */
BP_API bp_status bp_connection_get_weights(const bp_connection *connection, bp_real *weights, size_t count);
/** Copies the weights of one connection into the network. Also BP_ERROR_NOT_FINITE. */
BP_API bp_status bp_connection_set_weights(bp_connection *connection, const bp_real *weights, size_t count);
/** Copies the biases of one layer out of the network; count is bp_layer_bias_count(). */
BP_API bp_status bp_layer_get_biases(const bp_layer *layer, bp_real *biases, size_t count);
/** Copies the biases of one layer into the network. Also BP_ERROR_NOT_FINITE. */
BP_API bp_status bp_layer_set_biases(bp_layer *layer, const bp_real *biases, size_t count);

/** Where the weights of a connection begin in the vector; 0 before bp_network_finalize(). */
BP_API size_t bp_connection_offset(const bp_connection *connection);
/** The number of weights of a connection; 0 before bp_network_finalize(). */
BP_API size_t bp_connection_weight_count(const bp_connection *connection);
/** Where the biases of a layer begin in the vector; 0 before bp_network_finalize(). */
BP_API size_t bp_layer_bias_offset(const bp_layer *layer);
/** The number of biases of a layer: its units, its kernels if these share biases, 0 if switched off, and 0
 * before bp_network_finalize(). */
BP_API size_t bp_layer_bias_count(const bp_layer *layer);

/** @} */

/* -------------------------------------------------------- which weights are trained */

/**
 * @defgroup backprop_trainable Which weights are trained, and how fast
 * Weights can be frozen, or have their own factors on learning rate and weight decay.
 *
 * The settings are made for the weights of a connection, or for the biases of a layer, with which its learned
 * initial state goes. They belong to the network: bp_network_copy(), bp_network_unroll() and model files keep
 * them, and every trainer heeds them, so those of bp_train_starts() and bp_cross_validate() too. A matrix
 * that several connections share, or biases that several layers share, have one setting: the last one made
 * through any of them. A run takes the settings as they are when it begins; a change during a run, by a
 * callback for instance, takes effect in the next one.
 *
 * Training leaves frozen weights alone, bit by bit, whatever happens in it: momentum left from before,
 * decay, recoveries, best weights, the search for a learning rate. bp_train_starts() and
 * bp_cross_validate() draw new weights for all others only. The gradient hook sees a derivative of 0 for
 * them, and norms are those of the rest. The optimizer's state of frozen weights is 0, so that they begin
 * from rest when they are trained again. What the caller sets or draws by calls of his own is not held back
 * (bp_network_set_weights(), bp_network_initialize()), and bp_network_gradient() gives all derivatives.
 *
 * With the factors r and c, an update of the weights takes r times the learning rate, and c times the weight
 * decay; a decay that the trainer chooses (#BP_DECAY_AUTO) follows the learning rate and so is multiplied by
 * r c. See @ref backprop_optimizers for the formulas in which they stand.
 *
 * Networks whose lower layers are frozen train faster: the backward pass ends at the lowest layer that has
 * something to learn.
 *
 * All setters return BP_OK, or BP_ERROR_ARGUMENT (NULL; trainable is neither 0 nor 1; a factor out of range),
 * BP_ERROR_NOT_FINITE, BP_ERROR_STATE (not finalized), or, for biases, BP_ERROR_STRUCTURE (the layer has
 * neither biases nor a learned initial state). On failure the settings are as before. The other functions
 * give 0 where there is no such weight.
 * @{
 */

/** Sets whether a connection's weights are trained: 1 (the default), or 0: they are frozen. */
BP_API bp_status bp_connection_set_trainable(bp_connection *connection, int trainable);
/** The same for the biases of one layer. */
BP_API bp_status bp_layer_set_bias_trainable(bp_layer *layer, int trainable);
/** The same for the weights of all connections into a layer, and for its biases if it has any. */
BP_API bp_status bp_layer_set_trainable(bp_layer *layer, int trainable);
/** The same for all weights of a network. With 0, some must be set trainable again before a trainer runs. */
BP_API bp_status bp_network_set_trainable(bp_network *net, int trainable);
/** 1 if the weights of a connection are trained, else 0. */
BP_API int bp_connection_is_trainable(const bp_connection *connection);
/** 1 if the biases of a layer are trained, else 0. */
BP_API int bp_layer_bias_is_trainable(const bp_layer *layer);

/**
 * Sets the factor on the learning rate of a connection's weights: finite, > 0; default 1.
 *
 * Runs refuse another factor (BP_ERROR_UNSUPPORTED) with an optimizer that has no learning rate, those of
 * @ref backprop_whole_set, and with bp_optimizer_custom(), which is given one for all weights. The rules of
 * iRprop take the factor for the first step of each weight.
 */
BP_API bp_status bp_connection_set_rate_factor(bp_connection *connection, double factor);
/** The same for the biases of one layer. */
BP_API bp_status bp_layer_set_bias_rate_factor(bp_layer *layer, double factor);
/** The factor on the learning rate of a connection's weights. */
BP_API double bp_connection_rate_factor(const bp_connection *connection);
/** The factor on the learning rate of a layer's biases. */
BP_API double bp_layer_bias_rate_factor(const bp_layer *layer);

/**
 * Sets the factor on the decay of a connection's weights: finite, >= 0; default 1.
 *
 * It must leave a given bp_trainer_options.weight_decay below 1, or runs return BP_ERROR_ARGUMENT; but for
 * rules for whole sets, where that is no fraction.
 */
BP_API bp_status bp_connection_set_decay_factor(bp_connection *connection, double factor);
/** The same for the biases of one layer; see also bp_trainer_options.no_bias_decay. */
BP_API bp_status bp_layer_set_bias_decay_factor(bp_layer *layer, double factor);
/** The factor on the decay of a connection's weights. */
BP_API double bp_connection_decay_factor(const bp_connection *connection);
/** The factor on the decay of a layer's biases. */
BP_API double bp_layer_bias_decay_factor(const bp_layer *layer);

/** @} */

/* ------------------------------------------------------------- dropout, and noise on inputs */

/**
 * @defgroup backprop_dropout Dropout, and noise on inputs
 * In training, units can be dropped at random, and inputs can have random noise, against overfitting.
 *
 * Dropout with the probability p (Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, "Dropout: a
 * simple way to prevent neural networks from overfitting", JMLR 15, 2014): in each update, for each case, the
 * output y of a unit is replaced by 0 with the probability p, and else by y / (1 - p), so that its mean stays
 * what it is. Where the layers above read it, that is: all connections that the layer sends, delayed ones
 * too. What a dropped unit would learn from the case is 0. Usual are 0.5 in wide hidden layers, 0.1 to 0.3 in
 * others, and up to 0.2 on inputs.
 *
 * Noise adds a normal random number with the mean 0 to each input, after scaling and before dropout: its
 * standard deviation is in scaled units, in which a column has 1 by default (@ref backprop_scaling). For
 * small ones it has the effect of a penalty on the slopes of the outputs (Bishop, "Training with noise is
 * equivalent to Tikhonov regularization", Neural Computation 7, 1995).
 *
 * Both act in the updates of a trainer alone. Predictions, E of bp_network_evaluate(), of validation cases
 * and in bp_result, figures, bp_network_gradient() and the gradient checker are without them, and need no
 * correction. The errors of the epochs are the exception (bp_progress.error, bp_trainer_history()): they
 * are sums over the cases as the updates saw them, with dropout and noise, and so are higher than those of
 * validation cases may be. The search for a learning rate tries its updates with both, and judges without.
 * Recoveries and findings judge without, too: E is computed at few epochs, ever more rarely the longer a run
 * takes. An error that bounces or grows is taken for a rate too large only where it is no lower than that of
 * constant outputs, since random updates change a low one at any rate.
 *
 * The settings belong to the network, as frozen weights do (@ref backprop_trainable): copies, unrolled
 * networks, model files, bp_train_starts() and bp_cross_validate() have them. In an unrolled network they are
 * those of all steps, with other random numbers at each; the state before the first step is not dropped. A
 * run takes them over when it begins; a change during a run takes effect in the next one.
 *
 * Which units are dropped, and the noise, are functions of the trainer's seed, the number of the update, the
 * number of the case among the caller's cases or in his stream, the layer and the unit, and of nothing else:
 * not of threads, blocks or windows. So training that goes on from a checkpoint has the bits of training
 * that was never interrupted, and the units dropped are the same with every instruction set.
 * docs/mathematics.md has the formula.
 *
 * Rules for whole sets (@ref backprop_whole_set) and iRprop+ compare E from update to update, and refuse to
 * run with them (BP_ERROR_UNSUPPORTED). The kernels for small networks have neither, so that updates of
 * small networks take longer.
 * @{
 */

/**
 * Sets the probability with which training drops each unit of a layer: at least 0, less than 1; default 0.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT (NULL; out of range; the layer is an output, or the state before the
 * first step of an unrolled network), BP_ERROR_NOT_FINITE, BP_ERROR_STATE (not finalized). On failure the
 * setting is as before.
 */
BP_API bp_status bp_layer_set_dropout(bp_layer *layer, double probability);
/** The probability with which training drops each unit of a layer; 0 for NULL. */
BP_API double bp_layer_dropout(const bp_layer *layer);

/**
 * Sets the same for all layers but the outputs: one probability for inputs, one for hidden layers.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT (NULL; out of range), BP_ERROR_NOT_FINITE, BP_ERROR_STATE (not
 * finalized). On failure the settings are as before.
 */
BP_API bp_status bp_network_set_dropout(bp_network *net, double inputs, double hidden);

/**
 * Sets the standard deviation of the noise that training adds to each unit of an input layer: at least 0, in
 * the range of bp_real, in scaled units; default 0.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT (NULL; out of range; the layer is no input), BP_ERROR_NOT_FINITE,
 * BP_ERROR_STATE (not finalized). On failure the setting is as before.
 */
BP_API bp_status bp_layer_set_noise(bp_layer *layer, double deviation);
/** The standard deviation of the noise that training adds to each unit of a layer; 0 for NULL. */
BP_API double bp_layer_noise(const bp_layer *layer);

/** @} */

/* -------------------------------------------------------- scaling of the data */

/**
 * @addtogroup backprop_scaling
 * @{
 */

/**
 * Fits the scaling of inputs and targets to data, which should be the training cases alone.
 *
 * Every case counts once, whatever its weight. A column of equal values gets the factor 1; min-max maps it
 * to low, standard to 0. Earlier scaling is replaced; bp_scaling_none() removes it. data->targets may be NULL
 * if targets is bp_scaling_none().
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT (also a column whose range is too large or too small for bp_real; the
 *   message has its number), BP_ERROR_SIZE, BP_ERROR_NOT_FINITE, BP_ERROR_OVERFLOW, BP_ERROR_STATE (not
 *   finalized), BP_ERROR_VERSION, BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_fit_scaling(bp_network *net, const bp_data *data, bp_scaling inputs,
                                        bp_scaling targets);

/**
 * Sets offset and factor of each input column.
 *
 * @param net A finalized network.
 * @param offsets One per column.
 * @param factors One per column, not 0.
 * @param count bp_network_input_width().
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_SIZE, BP_ERROR_NOT_FINITE, BP_ERROR_STATE (not finalized),
 *   BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_set_input_scaling(bp_network *net, const bp_real *offsets, const bp_real *factors,
                                              size_t count);
/** The same for target columns; count is bp_network_output_width(). */
BP_API bp_status bp_network_set_target_scaling(bp_network *net, const bp_real *offsets,
                                               const bp_real *factors, size_t count);
/** Copies offset and factor of each input column: 0 and 1 without scaling. Errors likewise. */
BP_API bp_status bp_network_get_input_scaling(const bp_network *net, bp_real *offsets, bp_real *factors,
                                              size_t count);
/** Copies offset and factor of each target column: 0 and 1 without scaling. Errors likewise. */
BP_API bp_status bp_network_get_target_scaling(const bp_network *net, bp_real *offsets, bp_real *factors,
                                               size_t count);

/** @} */

/* ------------------------------------------- prediction, evaluation, gradient */

/**
 * @defgroup backprop_prediction Prediction, evaluation, gradient
 * What a network computes for given cases.
 * @{
 */

/**
 * Creates the memory that prediction and gradient use.
 *
 * Two threads must not use a workspace at once, and it works for this network only. Prediction with a
 * workspace allocates nothing; the first gradient may. With max_cases above 1 there is also room for a copy
 * of the weights in the order in which several cases read them. It is made in the second call with the same
 * weights and never out of date, and makes calls with a few cases faster.
 *
 * @param out Receives the workspace.
 * @param net A finalized network, which must outlive the workspace.
 * @param max_cases The usual maximum of cases in one call, >= 1. Larger calls work too, in blocks.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_STATE (not finalized, or recurrent and not unrolled),
 *   BP_ERROR_OVERFLOW, BP_ERROR_MEMORY.
 */
BP_API bp_status bp_workspace_create(bp_workspace **out, const bp_network *net, size_t max_cases);
/** Destroys a workspace and ends its threads. */
BP_API void bp_workspace_destroy(bp_workspace *workspace);

/** The maximum number of threads of a workspace or trainer. */
#define BP_MAX_THREADS 256

/**
 * Sets the number of threads that work in calls with this workspace, the calling thread included.
 *
 * Results have the same bits for every number of threads. The other threads belong to the workspace. They
 * are started here with all signals blocked, sleep between calls, and end in bp_workspace_destroy(). Work
 * that is too small to gain from them is done by the caller alone, and functions of the caller's are called
 * only by its own thread. In a child of fork() the workspace uses one thread until this function is called
 * there. More threads than processor cores slow each other down. Stored layer outputs of the last call are
 * lost.
 *
 * @param workspace Unchanged if the call fails.
 * @param threads 1 (as created) to #BP_MAX_THREADS.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_THREAD (the system starts no more threads), BP_ERROR_MEMORY.
 */
BP_API bp_status bp_workspace_set_threads(bp_workspace *workspace, size_t threads);

/**
 * Computes the outputs of every case: the forward pass.
 *
 * [RHW86] eq. 1 and 2.
 *
 * @param net The network, with weights set.
 * @param workspace A workspace of net.
 * @param data The cases; targets are ignored.
 * @param outputs Receives a row of bp_network_output_width() values for each case, in raw units.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT, BP_ERROR_SIZE, BP_ERROR_OVERFLOW (strides), BP_ERROR_VERSION
 *   - BP_ERROR_STATE: not finalized, recurrent and not unrolled, or weights never set
 *   - BP_ERROR_NOT_FINITE: an input; the message has case and column
 *   - BP_ERROR_NOT_FINITE: an output, because weights are too large; the message has case, layer and unit.
 *     outputs is filled, and layer outputs can be read, all the same
 */
BP_API bp_status bp_network_predict(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                    bp_real *outputs);

/**
 * Copies the outputs y of a layer, in scaled units, from the last predict, evaluate or gradient call.
 *
 * @param workspace The workspace of that call.
 * @param layer Any layer of its network but an input.
 * @param outputs Receives a row of values for each case.
 * @param count Cases of that call times units of the layer.
 * @return BP_OK, or BP_ERROR_ARGUMENT (an input, or a layer of another network), BP_ERROR_SIZE,
 *   BP_ERROR_STATE (no such call yet, or it had more than bp_workspace_block_cases() cases).
 */
BP_API bp_status bp_workspace_layer_outputs(const bp_workspace *workspace, const bp_layer *layer,
                                            bp_real *outputs, size_t count);

/** The number of cases computed at once. It depends on the network and max_cases; a gradient of more cases
 * may raise it. 0 for NULL. */
BP_API size_t bp_workspace_block_cases(const bp_workspace *workspace);

/**
 * Computes the mean of the outputs of several networks: for each case and output, in raw units.
 *
 * The mean of networks that were trained from different initial weights is usually nearer to the targets than
 * the outputs of each; see bp_train_starts(). Outputs that are probabilities, of softmax and logistic units,
 * are averaged as probabilities: those of softmax units still sum to 1. The networks need not be alike
 * inside.
 *
 * Every network counts once. The call makes workspaces of its own, with memory from the first network's and
 * each network's allocator, and sums in double.
 *
 * @param networks `count` networks with weights set, which are not changed.
 * @param count >= 1.
 * @param data The cases; targets are ignored.
 * @param outputs Receives a row of bp_network_output_width() values for each case.
 * @return BP_OK; or
 *   - as bp_network_predict(), but outputs is then left untouched; the message has the index of the network
 *   - BP_ERROR_SIZE: networks with different numbers of inputs or outputs
 *   - BP_ERROR_MEMORY
 */
BP_API bp_status bp_networks_predict(bp_network *const *networks, size_t count, const bp_data *data,
                                     bp_real *outputs);

/** The result of bp_network_evaluate(). */
typedef struct bp_evaluation {
    size_t size;          /**< sizeof(bp_evaluation). */
    size_t cases;         /**< Number of cases. */
    size_t classes;       /**< The output width, or 2 if that is 1. */
    size_t correct;       /**< Cases whose predicted class is the true one. */
    size_t unclassified;  /**< Cases that have no class, since a target is not there. */
    double accuracy;      /**< correct / (cases - unclassified); NaN if all are unclassified. */
    double error;         /**< E, summed over cases. */
    double mean_error;    /**< E / cases. */
    double max_abs_error; /**< The maximum of |y - d|, in scaled units. */
} bp_evaluation;

/** Sets *evaluation to zeros and its size. size is sizeof(bp_evaluation). */
BP_API void bp_evaluation_init(bp_evaluation *evaluation, size_t size);

/**
 * Computes E and classification results, without a gradient.
 *
 * The class of a row of outputs or targets is the index of its maximum in raw units (the first of equals);
 * with a single output it is 1 if the raw value is > 0.5, or > 0 where a target is negative, as with classes
 * -1 and 1, else 0. A row is all outputs of a case, those of several output layers and of all steps of an
 * unrolled network included.
 *
 * @param net The network, with weights set.
 * @param workspace A workspace of net.
 * @param data Cases with targets.
 * @param loss Defines E.
 * @param confusion NULL, or receives classes * classes counts: a row for each true class, a column for each
 *   predicted one.
 * @param result Receives the results; its size must be set.
 * @return BP_OK; or
 *   - as bp_network_predict(), for targets and case weights, too
 *   - BP_ERROR_ARGUMENT, BP_ERROR_NOT_FINITE: a parameter of the loss
 *   - BP_ERROR_ARGUMENT: targets that the loss does not take; some, but not all, targets of a softmax layer
 *     are missing in a case
 *   - BP_ERROR_UNSUPPORTED: the loss does not suit an output layer; data->missing_targets with a custom loss
 *   - BP_ERROR_NOT_FINITE: E or the maximum of |y - d|. confusion is filled, *result is not
 */
BP_API bp_status bp_network_evaluate(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                     bp_loss loss, size_t *confusion, bp_evaluation *result);

/**
 * Computes E and the gradient dE/dw of every weight, summed over all cases.
 *
 * [RHW86] eq. 3-7.
 *
 * @param net The network, with weights set.
 * @param workspace A workspace of net.
 * @param data Cases with targets.
 * @param loss Defines E.
 * @param error NULL, or receives E.
 * @param gradient Receives dE/dw, in the order of the weight vector and of its length.
 * @return BP_OK; or
 *   - as bp_network_evaluate(); BP_ERROR_MEMORY
 *   - BP_ERROR_UNSUPPORTED: a threshold activation, which has no slope; the message names the layer
 *   - BP_ERROR_NOT_FINITE: a derivative of a custom activation or loss is NaN or infinite where x, y and E
 *     are finite; the message names the layer. gradient is filled in part
 *   - BP_ERROR_NOT_FINITE: E or a derivative, because weights or data are too large; the message names the
 *     layer. gradient is filled, *error is not set
 */
BP_API bp_status bp_network_gradient(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                                     bp_loss loss, double *error, bp_real *gradient);

/** Computes E and dE/dx of every raw input x of every case, a row of bp_network_input_width() values for each
 * case. Otherwise like bp_network_gradient(). */
BP_API bp_status bp_network_input_gradient(const bp_network *net, bp_workspace *workspace,
                                           const bp_data *data, bp_loss loss, double *error,
                                           bp_real *input_gradient);

/** For bp_network_output_gradient(): every output. */
#define BP_ALL_OUTPUTS ((size_t)-1)

/**
 * Computes the derivatives of outputs by every weight and by every input, case by case.
 *
 * No loss and no targets are involved: this is the Jacobian matrix of what bp_network_predict() computes, in
 * raw units as there. dy/dx says how much an output changes with each input (sensitivity analysis); dy/dw is
 * what an extended Kalman filter, the delta method (see bp_uncertainty_create()) and the Gauss-Newton method
 * are made of. It is found by one backward pass for each output, [RHW86] eq. 5 to 7 from dy/dy = 1 instead of
 * eq. 4.
 *
 * A weight with several uses has the sum over them, one on which the output does not depend has 0. Outputs of
 * a softmax layer are differentiated as they are, y_j by all x_k. Of ReLU units at 0 the derivative is 0.
 * Custom activations are supported.
 *
 * @param net The network, with weights set.
 * @param workspace A workspace of net. Blocks of cases are computed at once; the results alone need memory
 *   for all.
 * @param data The cases; targets are ignored.
 * @param output The index of an output, among the bp_network_output_width() columns of bp_network_predict(),
 *   or #BP_ALL_OUTPUTS.
 * @param weight_gradients NULL, or receives dy/dw: for each case, and within it for each output that was
 *   asked for, a row of values in the order of the weight vector and of its length.
 * @param input_gradients NULL, or receives dy/dx: likewise rows of bp_network_input_width() values.
 * @return BP_OK; or
 *   - as bp_network_predict() for net, workspace and inputs; BP_ERROR_MEMORY
 *   - BP_ERROR_UNSUPPORTED: a threshold activation, which has no slope; the message names the layer
 *   - BP_ERROR_ARGUMENT: output; both results NULL
 *   - BP_ERROR_OVERFLOW: more results than can be addressed
 *   - BP_ERROR_NOT_FINITE: a derivative, because weights are too large or a custom activation's is not
 *     finite; the message has case, output and place. The results are filled in part
 */
BP_API bp_status bp_network_output_gradient(const bp_network *net, bp_workspace *workspace,
                                            const bp_data *data, size_t output, bp_real *weight_gradients,
                                            bp_real *input_gradients);

/**
 * Multiplies the Hessian of E, the matrix of its second derivatives by the weights, with a vector.
 *
 * H v is the derivative of the gradient along v, and exact, not a difference: each value of the forward and
 * backward pass is differentiated along v in one more pass of both (Pearlmutter 1994, "Fast exact
 * multiplication by the Hessian"). H itself is never formed. E is summed over
 * cases as in bp_network_gradient(), with case weights and the tolerance of the loss. Of ReLU
 * units the second derivative is 0, and what a tolerance or a ReLU unit cuts off is constant.
 *
 * @param net The network, with weights set, and with built-in activations.
 * @param workspace A workspace of net.
 * @param data Cases with targets.
 * @param loss Defines E: any built-in loss.
 * @param vector A value for each weight, in the order of the weight vector and in its units.
 * @param product Receives H v, of the same length. It must not overlap vector.
 * @return BP_OK; or
 *   - as bp_network_gradient(), but for its error of custom derivatives; BP_ERROR_OVERFLOW
 *   - BP_ERROR_UNSUPPORTED: a custom activation, which the message names, or a custom loss: they have no
 *     second derivative
 *   - BP_ERROR_NOT_FINITE: an element of the vector; or of the product, because weights, vector or data are
 *     too large. The message has its index. product is filled in the second case
 */
BP_API bp_status bp_network_hessian_product(const bp_network *net, bp_workspace *workspace,
                                            const bp_data *data, bp_loss loss, const bp_real *vector,
                                            bp_real *product);

/**
 * Multiplies the Gauss-Newton matrix of E with a vector.
 *
 * It is the part of the Hessian without the second derivatives of the network, G = J^T L J: for squared error
 * J has dy/dw of all outputs and cases, and L the case weights (0 for an output within the tolerance). For
 * cross-entropy J has the derivatives of x of the output units, and L the second derivatives of E by them:
 * y (1 - y) of a logistic unit; of a softmax layer diag(y) - y y^T, times the sum of its targets (Schraudolph
 * 2002, "Fast curvature matrix-vector products for second-order gradient descent"). G has no negative
 * eigenvalue, which H may have, and is H where the network fits its targets. Parameters and errors are those
 * of bp_network_hessian_product(); custom activations are not supported, though their first derivatives would
 * do.
 */
BP_API bp_status bp_network_gauss_newton_product(const bp_network *net, bp_workspace *workspace,
                                                 const bp_data *data, bp_loss loss, const bp_real *vector,
                                                 bp_real *product);

/** @} */

/* ------------------------------------------ metrics: confusion matrix, ROC AUC, RMSE, ... */

/**
 * @defgroup backprop_metrics Metrics: the figures of predictions
 * How good outputs are, in the units of the targets and in the words of statistics.
 *
 * - Of classes: accuracy, precision, recall, F1, ROC AUC, top-k accuracy, log loss, Brier score and the
 *   confusion matrix, by bp_classification_metrics(); as text by bp_classification_text() and
 *   bp_confusion_text().
 * - Of numbers: RMSE, MAE, R2, largest error, by bp_regression_metrics(); as text by bp_regression_text().
 * - Of a table, with the names of its columns and classes: all of these as text by bp_schema_report().
 * - Of cross-validation: bp_fold_result and bp_cross_summary.
 * - Which inputs matter: bp_permutation_importance().
 * - E, accuracy and the counts of a confusion matrix in one call, without outputs in between:
 *   bp_network_evaluate().
 *
 * The figures are made from outputs that the caller has, as bp_network_predict() wrote them, and the targets
 * of the same cases; no network is needed. They are defined as in scikit-learn 1.2 (F. Pedregosa et al.,
 * "Scikit-learn: Machine learning in Python", JMLR 12 (2011), 2825-2830), whose names are in brackets below,
 * and equal to its own up to rounding. Sums are taken in double, with compensation for rounding errors.
 *
 *     bp_classification_result result;
 *     bp_class_result classes[3];
 *     char text[2000];
 *     bp_classification_result_init(&result, sizeof result);
 *     bp_class_result_init(classes, sizeof classes[0], 3);
 *     bp_network_predict(net, workspace, &test, outputs);
 *     bp_classification_metrics(outputs, &test, NULL, NULL, classes, &result);
 *     bp_classification_text(&result, classes, names, text, sizeof text, NULL);
 *     puts(text);
 *
 * Case weights are factors (sample_weight): a case with the weight 2 counts as two. Those with the weight 0
 * do not count, but in `cases`. Of data with several time steps, each step of each case counts as a case,
 * with the weight of its case.
 *
 * What the data do not define is NaN: nothing is written in its place.
 * @{
 */

/** The figures of one target column, or of all: y are outputs, d targets, w case weights. */
typedef struct bp_regression_result {
    size_t size;          /**< sizeof(bp_regression_result). */
    size_t cases;         /**< Number of cases that have the target, or one of all; of all steps. */
    size_t worst_case;    /**< The case that has max_abs_error, the first of several. */
    double weight;        /**< The sum of their case weights, W = sum w. */
    double rmse;          /**< sqrt(sum w (y - d)^2 / W) (root of mean_squared_error). */
    double mae;           /**< sum w |y - d| / W (mean_absolute_error). */
    double r2;            /**< 1 - sum w (y - d)^2 / sum w (d - mean d)^2 (r2_score). Of targets that are all
                               the same it is 1 if every output is exact, else 0; of a single case NaN. */
    double mean_error;    /**< sum w (y - d) / W: above 0 if outputs are too high on average. */
    double max_abs_error; /**< The maximum of |y - d| (max_error). */
} bp_regression_result;

/** Sets an array of `count` results to zeros and their sizes. size is sizeof(bp_regression_result). */
BP_API void bp_regression_result_init(bp_regression_result *results, size_t size, size_t count);

/**
 * Measures outputs that are numbers, in the units of the targets.
 *
 * Over all columns the figures are the means of those of the columns, with max_abs_error their maximum
 * (multioutput='uniform_average'; of rmse too, it is the mean of the roots). Columns in different units are
 * better looked at one by one. Targets that are not there (bp_data.missing_targets) are left out, column by
 * column; a column that has none with a weight has NaN, and no part in the means.
 *
 * @param outputs A row of steps * target_width values for each case, without gaps.
 * @param data The targets and, if any, the case weights; inputs are not looked at.
 * @param columns NULL, or receives data->target_width results; their sizes must be set.
 * @param all NULL, or receives the figures over all columns; its size must be set.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT: also if all case weights are 0
 *   - BP_ERROR_SIZE, BP_ERROR_OVERFLOW (strides), BP_ERROR_VERSION
 *   - BP_ERROR_NOT_FINITE: an output, target or case weight, the message has case and column; or y - d is too
 *     large for a double
 */
BP_API bp_status bp_regression_metrics(const bp_real *outputs, const bp_data *data,
                                       bp_regression_result *columns, bp_regression_result *all);

/** The threshold that follows from the targets; see bp_classification_options.threshold. */
#define BP_THRESHOLD_AUTO (-1e30)

/** Options of bp_classification_metrics(). */
typedef struct bp_classification_options {
    size_t size;            /**< sizeof(bp_classification_options). */
    bp_allocator allocator; /**< Default malloc and free. */
    size_t first_column,    /**< The first column of the classes; default 0. */
        columns;            /**< How many columns there are; 0 (default): all others. For networks whose
                                 outputs are not all classes, or several groups of them: a call for each. */
    size_t top_k;           /**< For bp_classification_result.top_k_accuracy, >= 1; default 2. */
    double threshold;       /**< A single output above it is of class 1. Default #BP_THRESHOLD_AUTO: halfway
                                 between the two values of the targets; of targets with one value only it is
                                 0.5, or 0 if that is negative. */
} bp_classification_options;

/** Sets *options to its defaults. size is sizeof(bp_classification_options). */
BP_API void bp_classification_options_init(bp_classification_options *options, size_t size);

/** The figures of one class. TP is the weight of its cases that are predicted as it. */
typedef struct bp_class_result {
    size_t size;             /**< sizeof(bp_class_result). */
    size_t cases;            /**< Cases of this class. */
    size_t predicted;        /**< Cases that are predicted as this class. */
    double weight;           /**< The weight T of the cases of this class. */
    double predicted_weight; /**< The weight P of the cases that are predicted as it. */
    double precision;        /**< TP / P; NaN if P is 0. */
    double recall;           /**< TP / T; NaN if T is 0. */
    double f1;               /**< 2 TP / (T + P), the harmonic mean of both; NaN if T + P is 0. */
    double auc;              /**< The area under the ROC curve of this class against the rest, by its output:
                                  the probability that it is higher for a case of the class than for another
                                  case, equal ones counting half (roc_auc_score). NaN if there is no case of
                                  the class, or no other. */
} bp_class_result;

/** Sets an array of `count` results to zeros and their sizes. size is sizeof(bp_class_result). */
BP_API void bp_class_result_init(bp_class_result *results, size_t size, size_t count);

/**
 * The figures of all classes.
 *
 * Macro averages are means over the classes, weighted ones means with the weights T of the classes. Classes
 * whose figure is NaN are left out (zero_division=nan of scikit-learn 1.3 and later; its earlier versions
 * take 0 for the figure, which lowers the mean). Micro averages of precision, recall and F1 are all equal to
 * the accuracy, where each case has one class.
 */
typedef struct bp_classification_result {
    size_t size;               /**< sizeof(bp_classification_result). */
    size_t cases;              /**< Number of cases; of all steps. */
    size_t classes;            /**< Number of classes: the columns, or 2 if that is 1. */
    size_t correct;            /**< Cases whose predicted class is the true one. */
    size_t top_k;              /**< The k of top_k_accuracy. */
    double threshold;          /**< The threshold that was used; NaN if there are several columns. */
    double weight;             /**< The sum of the case weights. */
    double accuracy;           /**< The weight of the correct cases / that of all (accuracy_score). */
    double balanced_accuracy;  /**< The mean of recall over the classes that have cases
                                    (balanced_accuracy_score); it is macro recall. */
    double top_k_accuracy;     /**< The share of cases whose class is among the k highest outputs
                                    (top_k_accuracy_score); of equal ones the last counts as the highest, as
                                    there. Of a single output with k = 1 it is the accuracy. */
    double macro_precision,    /**< The mean of precision (precision_score, average='macro'). */
        macro_f1,              /**< The mean of F1 (f1_score, average='macro'). */
        macro_auc;             /**< The mean of auc (roc_auc_score, multi_class='ovr', average='macro'). */
    double weighted_precision, /**< The weighted mean of precision. */
        weighted_f1;           /**< The weighted mean of F1. The one of recall is the accuracy. */
    double log_loss;           /**< -sum w ln p / W, p being the probability given to the true class
                                    (log_loss). Probabilities are kept within 2^-52 and 1 - 2^-52 first, so
                                    that it is finite, and divided by their sum. NaN if outputs are no
                                    probabilities, as those of linear and tanh units are none. */
    double brier;              /**< The Brier score, sum w sum_k (p_k - d_k)^2 / W with d_k = 1 for the true
                                    class and 0 for the others; with two classes half of that, (p - d)^2 of
                                    class 1 (brier_score_loss). NaN if outputs are no probabilities. */
} bp_classification_result;

/** Sets *result to zeros and its size. size is sizeof(bp_classification_result). */
BP_API void bp_classification_result_init(bp_classification_result *result, size_t size);

/**
 * Measures outputs that stand for classes.
 *
 * With several columns the class of a case is the column with the highest target, which no other may equal,
 * whatever the values for on and off; and the predicted class that with the highest output, the first of
 * equals. With a single column, whose targets have two values, class 1 is the higher one, and predicted if
 * the output is above the threshold.
 *
 * Outputs are probabilities if in every case they are within 0..1 and sum to 1, up to rounding in bp_real; a
 * single output, if it is always within 0..1 and no target is negative. So the outputs of logistic units for
 * several columns are none, though each by itself is: measured with columns = 1, one after the other, they
 * are.
 *
 * ROC AUC takes most of the time: cases times classes, times the logarithm of the cases of a class.
 *
 * @param outputs A row of steps * target_width values for each case, without gaps.
 * @param data The targets and, if any, the case weights; inputs are not looked at.
 * @param options NULL: all defaults.
 * @param confusion NULL, or receives classes * classes sums of case weights (counts, if there are none): a
 *   row for each true class, a column for each predicted one (confusion_matrix).
 * @param each NULL, or receives a result for each class; their sizes must be set.
 * @param result NULL, or receives the figures of all classes; its size must be set.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT: also a case without a highest target, a third value of a single target, a threshold
 *     for several columns, or if all case weights are 0
 *   - BP_ERROR_SIZE: also columns that the data do not have
 *   - BP_ERROR_OVERFLOW (strides), BP_ERROR_VERSION, BP_ERROR_MEMORY
 *   - BP_ERROR_UNSUPPORTED: data->missing_targets; give the cases that have all of theirs
 *   - BP_ERROR_NOT_FINITE: an output, target or case weight, the message has case and column; the threshold;
 *     or the sum of the weights
 */
BP_API bp_status bp_classification_metrics(const bp_real *outputs, const bp_data *data,
                                           const bp_classification_options *options, double *confusion,
                                           bp_class_result *each, bp_classification_result *result);

/**
 * Writes figures of numbers as a table with a line for each column and one for all.
 *
 * The columns are aligned in a font of fixed width, also for names in UTF-8; names of more than 24
 * characters, or 12 above a column, are cut off. NaN is written "-", the decimal sign is a point whatever the
 * locale.
 *
 * @param columns The results of `count` columns; NULL if count is 0.
 * @param count The number of columns.
 * @param all NULL, or the figures over all columns.
 * @param names NULL, or the names of the columns; where one is NULL, its number is written.
 * @param buffer Receives the text, with a final 0, cut off if it is longer. NULL, with a capacity of 0: only
 *   its length is wanted.
 * @param capacity The size of the buffer.
 * @param needed NULL, or receives the size of a buffer for the whole text.
 * @return BP_OK; BP_ERROR_ARGUMENT, BP_ERROR_VERSION; BP_ERROR_SIZE: the text was cut off.
 */
BP_API bp_status bp_regression_text(const bp_regression_result *columns, size_t count,
                                    const bp_regression_result *all, const char *const *names, char *buffer,
                                    size_t capacity, size_t *needed);

/**
 * Writes figures of classes: a table with a line for each class, their averages, and the figures of all.
 *
 * @param result The figures of all classes.
 * @param each NULL, or the results of result->classes classes.
 * @param names NULL, or the names of the classes. This and the others as for bp_regression_text().
 * @param buffer Receives the text.
 * @param capacity The size of the buffer.
 * @param needed NULL, or receives the size of a buffer for the whole text.
 * @return As bp_regression_text().
 */
BP_API bp_status bp_classification_text(const bp_classification_result *result, const bp_class_result *each,
                                        const char *const *names, char *buffer, size_t capacity,
                                        size_t *needed);

/**
 * Writes a confusion matrix as a table: a line for each true class, a column for each predicted one.
 *
 * @param confusion classes * classes numbers, as bp_classification_metrics() filled it.
 * @param classes The number of classes, >= 1.
 * @param names NULL, or the names of the classes. This and the others as for bp_regression_text().
 * @param buffer Receives the text.
 * @param capacity The size of the buffer.
 * @param needed NULL, or receives the size of a buffer for the whole text.
 * @return As bp_regression_text(); BP_ERROR_NOT_FINITE: a number of the matrix.
 */
BP_API bp_status bp_confusion_text(const double *confusion, size_t classes, const char *const *names,
                                   char *buffer, size_t capacity, size_t *needed);

/** Options of bp_permutation_importance(). */
typedef struct bp_importance_options {
    size_t size;          /**< sizeof(bp_importance_options). */
    const size_t *groups; /**< The group of each input column, from 0; #BP_NO_INDEX: of none. NULL (default):
                               each column is a group by itself. Columns that belong together, as those of a
                               one-hot input, are permuted together. */
    size_t group_count;   /**< The number of groups; without groups 0 (default). */
    size_t repetitions;   /**< How often each group is permuted, >= 1; default 5. */
    uint64_t seed;        /**< Of the permutations, which are the same for all groups; default 1. */
} bp_importance_options;

/** Sets *options to its defaults. size is sizeof(bp_importance_options). */
BP_API void bp_importance_options_init(bp_importance_options *options, size_t size);

/** How much the outputs depend on a group of input columns. */
typedef struct bp_importance {
    size_t size;      /**< sizeof(bp_importance). */
    size_t columns;   /**< Input columns of the group. */
    double increase;  /**< The increase of the mean error when it is permuted, on average. */
    double deviation; /**< The standard deviation of the increases of all repetitions (divided by their
                           number, not one less). */
} bp_importance;

/** Sets an array of `count` results to zeros and their sizes. size is sizeof(bp_importance). */
BP_API void bp_importance_init(bp_importance *results, size_t size, size_t count);

/**
 * Measures how much worse the error becomes when a group of input columns tells nothing any more.
 *
 * Their values are exchanged among the cases at random, all columns of the group alike, so that their own
 * distribution stays and their relation to the targets and to other columns is lost: L. Breiman, "Random
 * forests", Machine Learning 45 (2001), 5-32, and permutation_importance of scikit-learn, with the mean error
 * (bp_evaluation.mean_error) in place of a score. The increase is 0, exactly, for columns on which no output
 * depends. If two columns tell the same, each may seem to matter little. On cases that the network was not
 * trained on it shows what helps to generalize.
 *
 * With several time steps a column is permuted at all of them together: whole series change places. The data
 * are not changed, but copied, a block of cases at a time; memory is that of the network's allocator. Each
 * group takes as many evaluations as there are repetitions.
 *
 * @param net The network, with weights set. It is not changed.
 * @param workspace A workspace of net.
 * @param data Cases with targets.
 * @param loss Defines the error. bp_loss_custom() can measure others, as the share of wrong classes.
 * @param options NULL: all defaults.
 * @param mean_error NULL, or receives the mean error with nothing permuted.
 * @param each Receives a result for each group, or for each of data->input_width columns without groups;
 *   their sizes must be set.
 * @return BP_OK; or
 *   - as bp_network_evaluate()
 *   - BP_ERROR_ARGUMENT: also a group out of range or without columns
 *   - BP_ERROR_MEMORY
 */
BP_API bp_status bp_permutation_importance(const bp_network *net, bp_workspace *workspace,
                                           const bp_data *data, bp_loss loss,
                                           const bp_importance_options *options, double *mean_error,
                                           bp_importance *each);

/**
 * Writes importances as a table: a line for each group, the most important first.
 *
 * @param each The results of `count` groups, as bp_permutation_importance() filled them.
 * @param count The number of groups, >= 1.
 * @param names NULL, or the names of the groups; bp_schema_group_name() has those of a table. This and the
 *   others as for bp_regression_text().
 * @param buffer Receives the text.
 * @param capacity The size of the buffer.
 * @param needed NULL, or receives the size of a buffer for the whole text.
 * @return As bp_regression_text(); BP_ERROR_NOT_FINITE: an increase.
 */
BP_API bp_status bp_importance_text(const bp_importance *each, size_t count, const char *const *names,
                                    char *buffer, size_t capacity, size_t *needed);

/** @} */

/* ------------------------------------------------------------------ uncertainty */

/**
 * @defgroup backprop_uncertainty Standard errors and intervals
 * How well data determine the weights of a trained network, and its outputs: the delta method.
 *
 * A network that was fitted by squared error is a nonlinear regression: targets are outputs plus noise of one
 * variance, independent from target to target. Near the weights of least E it is linear in them, and the
 * covariance of the weights is s^2 (J^T J)^-1, with J = dy/dw of all n targets (cases times outputs) by p
 * weights and s^2 = 2 E / (n - p) (Seber & Wild 1989, "Nonlinear Regression", ch. 2 and 5). That of an output
 * with the derivatives g is s^2 g^T (J^T J)^-1 g. It is meant for small networks, trained until E no longer
 * falls, with many more cases than weights; early stopping and a choice among models are not accounted for.
 *
 * Everything is computed in double from J = Q R, by Householder's reflections, block by block. What J can
 * tell is limited by its own precision: in the float library columns count as dependent where less than 1e-5
 * of one is left without the others (1e-11 in the double one).
 *
 * Many networks have directions in which no output changes: two hidden units that do the same, dead ones,
 * more weights than targets. Then J^T J is singular, the weights are not identified, and there are no
 * standard errors: calls that would give them fail with #BP_ERROR_NOT_IDENTIFIED.
 *
 * @code
 *     bp_uncertainty *u = NULL;
 *     bp_uncertainty_create(&u, net, workspace, &train, NULL);
 *     if (bp_uncertainty_intervals(u, workspace, &test, BP_INTERVAL_OF_TARGET, 0.95, low, high) != BP_OK)
 *         fprintf(stderr, "%s\n", bp_error_message());
 *     bp_uncertainty_destroy(u);
 * @endcode
 * @{
 */

typedef struct bp_uncertainty bp_uncertainty; /**< What data say of a network's weights. */

/** What is known of a fit; see bp_uncertainty_get_summary(). */
typedef struct bp_uncertainty_summary {
    size_t size;               /**< sizeof(bp_uncertainty_summary). */
    size_t residuals;          /**< n: the targets of cases whose weight is above 0. */
    size_t weights;            /**< p: the weights that are trained. */
    size_t unidentified;       /**< Directions of these weights in which no output changes; 0: none. */
    size_t first_unidentified; /**< If there are any: the first weight that has a part in one. */
    double error;              /**< E of the squared error, in scaled units, without weight decay. */
    double effective_weights;  /**< p, less with weight decay or with directions that are not identified. */
    double degrees_of_freedom; /**< n less effective_weights. */
    double variance;           /**< s^2, of targets in scaled units; 0 if not identified. */
} bp_uncertainty_summary;

/** Sets *summary to zeros and its size. size is sizeof(bp_uncertainty_summary). */
BP_API void bp_uncertainty_summary_init(bp_uncertainty_summary *summary, size_t size);

/** What was minimized beside E; see bp_uncertainty_create(). */
typedef struct bp_uncertainty_options {
    size_t size;          /**< sizeof(bp_uncertainty_options). */
    size_t no_bias_decay; /**< 1: biases, and learned initial states, do not decay, as with the option of that
                               name of a trainer. Default 0. */
    double weight_decay;  /**< lambda, finite, >= 0. Default 0: no weight decay. */
} bp_uncertainty_options;

/** Sets *options to its defaults. size is sizeof(bp_uncertainty_options). */
BP_API void bp_uncertainty_options_init(bp_uncertainty_options *options, size_t size);

/**
 * Finds what data say of the weights of a network that was fitted to them.
 *
 * It succeeds where weights are not identified, too; the summary says so. Outputs of a network with scaled
 * targets are taken to have noise of one variance in scaled units. The variance of a case is s^2 / its
 * weight; cases of weight 0 do not count.
 *
 * Frozen weights (@ref backprop_trainable) are numbers that are known: they are none of the p weights, and J
 * has no column for them. What is frozen when this is called counts. With all weights frozen p is 0, and an
 * interval has the noise alone.
 *
 * Weight decay makes E + 1/2 sum of d_i w_i^2 what was minimized, with d_i = weight_decay times the decay
 * factor of the weight in the network, or 0 for biases with no_bias_decay. With D, which has d_i on its
 * diagonal, the covariance is s^2 (J^T J + D)^-1, and the weights count as p - trace D (J^T J + D)^-1 (MacKay
 * 1992, "A practical Bayesian framework for backpropagation networks"). For n cases weight_decay is
 *   - n times values[0] of #BP_FINDING_WEIGHT_DECAY, if the trainer chose the decay
 *   - n times bp_trainer_options.weight_decay, with a rule for whole sets (@ref backprop_whole_set) and the
 *     mean gradient; that number itself with BP_REDUCE_SUM
 *   - n times b (1 - alpha) / (epsilon (1 - b)) for b = bp_trainer_options.weight_decay, with momentum alpha,
 *     learning rate epsilon and the mean gradient; with BP_REDUCE_SUM that over the cases of a batch. Such a
 *     b does not follow factors on the learning rate: with the factor r, the decay factor of the weights must
 *     be divided by r for this call
 *
 * @param out Receives the result, with memory from the network's allocator: p^2 doubles, and for the call a
 *   block of J.
 * @param net The network, which must outlive the result.
 * @param workspace A workspace of net.
 * @param data The cases of the fit, with targets.
 * @param options Weight decay; NULL: none.
 * @return BP_OK; or
 *   - as bp_network_gradient(); BP_ERROR_ARGUMENT, BP_ERROR_VERSION also for options
 *   - BP_ERROR_MEMORY, BP_ERROR_OVERFLOW: p^2 values are too many
 */
BP_API bp_status bp_uncertainty_create(bp_uncertainty **out, const bp_network *net, bp_workspace *workspace,
                                       const bp_data *data, const bp_uncertainty_options *options);
/** Destroys it. NULL is allowed. */
BP_API void bp_uncertainty_destroy(bp_uncertainty *uncertainty);

/**
 * Tells what is known of the fit.
 *
 * @param uncertainty The result of bp_uncertainty_create().
 * @param summary Receives the figures; its size must be set.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_VERSION.
 */
BP_API bp_status bp_uncertainty_get_summary(const bp_uncertainty *uncertainty,
                                            bp_uncertainty_summary *summary);

/** Tells which weights are identified: receives for each weight of the network 1, or 0 if it has a part in a
 * direction in which no output changes. Frozen weights have 1. BP_OK, or BP_ERROR_ARGUMENT. */
BP_API bp_status bp_uncertainty_identified(const bp_uncertainty *uncertainty, unsigned char *identified);

/**
 * Computes the standard error of each weight.
 *
 * @param uncertainty The result of bp_uncertainty_create().
 * @param errors Receives one for each weight of the network, in the order and the units of
 *   bp_network_weights(). Frozen weights have 0.
 * @return BP_OK; or BP_ERROR_ARGUMENT; or
 *   - BP_ERROR_NOT_IDENTIFIED: J^T J is singular to the precision of J; the message has the number of
 *     directions and a weight. Or n is not above the number of weights, so that s is not known
 */
BP_API bp_status bp_uncertainty_standard_errors(const bp_uncertainty *uncertainty, double *errors);

/**
 * Computes the covariance of each two weights, s^2 (J^T J + D)^-1.
 *
 * The roots of its diagonal are the standard errors; covariance_ij over the product of those of i and j is
 * their correlation. A figure that follows from the weights with the derivatives g has the variance
 * g^T covariance g.
 *
 * @param uncertainty The result of bp_uncertainty_create().
 * @param covariance Receives count rows of count values, row-major and symmetric, for the count weights of
 *   the network in the order and the units of bp_network_weights(). Rows and columns of frozen weights are 0.
 * @return As bp_uncertainty_standard_errors().
 */
BP_API bp_status bp_uncertainty_covariance(const bp_uncertainty *uncertainty, double *covariance);

/** What an interval is to contain. */
typedef enum bp_interval_kind {
    BP_INTERVAL_OF_TARGET = 0, /**< The target of a new case, noise included: a prediction interval. */
    BP_INTERVAL_OF_MEAN = 1    /**< The mean of the targets for such inputs: a confidence interval. */
} bp_interval_kind;

/**
 * Computes intervals around the outputs of some cases, which contain the target or its mean with a given
 * probability.
 *
 * They are y - t s sqrt(v) to y + t s sqrt(v), with v = g^T (J^T J + D)^-1 g, plus 1 for the target of a new
 * case (of weight 1), and t of Student's distribution with the degrees of freedom of the summary. The
 * probability is that of one interval, not of all at once.
 *
 * @param uncertainty The result of bp_uncertainty_create(). Its network's weights and scaling must not have
 *   changed since.
 * @param workspace A workspace of the network.
 * @param data The cases; targets are ignored.
 * @param kind What the intervals are to contain.
 * @param level The probability, above 0 and below 1; 0.95 is usual.
 * @param low Receives the lower ends: for each case a row of bp_network_output_width() values in raw units.
 * @param high Receives the upper ends, likewise.
 * @return BP_OK; or
 *   - as bp_network_predict(), and BP_ERROR_MEMORY; BP_ERROR_ARGUMENT also for kind and level
 *   - BP_ERROR_STATE: the weights have changed
 *   - BP_ERROR_NOT_IDENTIFIED: as bp_uncertainty_standard_errors()
 *   - BP_ERROR_NOT_FINITE: an end, because weights or data are too large. low and high are filled in part
 */
BP_API bp_status bp_uncertainty_intervals(const bp_uncertainty *uncertainty, bp_workspace *workspace,
                                          const bp_data *data, bp_interval_kind kind, double level,
                                          bp_real *low, bp_real *high);

/** @} */

/* ---------------------------------------------------------- checking derivatives */

/**
 * @defgroup backprop_gradient_check Gradient check
 * Compares the gradient with differences of E, to find a wrong derivative of a custom activation or loss.
 * @{
 */

/** The result of bp_network_check_gradient(). Names belong to the network. */
typedef struct bp_gradient_check {
    size_t size;      /**< sizeof(bp_gradient_check). */
    double tolerance; /**< The tolerance given, or its default. */
    int passed;       /**< 1: a weight was compared, and no weight or activation deviates by more. */
    size_t checked;   /**< Weights compared. 0 with skipped above 0: rounding hides every derivative, and
                           passed = 0 says nothing; scale first, see bp_network_check_gradient(). */
    size_t skipped;   /**< Derivatives of one case by one weight that were left out on both sides. */

    double max_deviation; /**< The maximum deviation of a weight; it is that of the members below. */
    size_t weight;        /**< Its index in the weight vector. */
    double analytic,      /**< Its dE/dw as bp_network_gradient() computes it. */
        numeric;          /**< Its dE/dw from differences of E. */
    /** The layer that it leads into, at its last use if it is shared (for a learned initial state, the layer
     * at step 0); NULL if no weight was compared. */
    const char *layer;
    size_t unit;      /**< The unit of that layer; if there are several, the first. */
    const char *from; /**< The layer that it comes from; NULL for a bias or an initial state. */
    size_t from_unit; /**< The unit of that layer. */

    /** The layer nearest to the outputs into which a weight deviates by more than the tolerance, at its last
     * use if it is shared; NULL if none does. Errors spread downwards from it, so check the derivative of
     * its activation first (or of the loss, if it is an output). */
    const char *suspect;

    /** The custom activation whose derivative deviates most from differences of its function, at total inputs
     * that occur in the data; NULL if there is no custom activation. */
    const char *activation;
    const char *activation_layer;    /**< The layer where it does. */
    double activation_max_deviation; /**< |derivative - difference| / max |derivative| of layer and case. */
    double activation_x,             /**< The total input where it deviates most. */
        activation_derivative,       /**< Its derivative there. */
        activation_difference;       /**< The difference quotient of its function there. */
} bp_gradient_check;

/** Sets *check to zeros and its size. size is sizeof(bp_gradient_check). */
BP_API void bp_gradient_check_init(bp_gradient_check *check, size_t size);

/**
 * Compares dE/dw of every weight with differences of E, for these data and this loss.
 *
 * The network is not changed. A derivative that does not match is not an error of the call: result->passed
 * is 0. Best done before training, with initial weights, and with a handful of cases: each weight and case
 * takes about 8 to 20 forward passes. In float, rounding hides more than in double.
 *
 * The deviation of a weight is |analytic - numeric| / scale. scale is the maximum |dE/dw| of its matrix (of
 * the layer's biases, of its initial state), or, where cases cancel each other out, the square root of the
 * sum over cases of the squared maximum |dE/dw| of each; it is never so small that rounding could count as a
 * deviation. A case is left out of both sums for a weight, and counted as skipped, where E of the case has a
 * kink or a jump near the weight (a ReLU unit at 0, the edge of a tolerance), or where the derivative is
 * below the rounding noise, as at the end of training when outputs meet their targets to the last digits. A
 * weight for which all cases are left out is not checked.
 *
 * If no weight was compared (checked is 0, passed is 0, skipped is not), nothing is known to be wrong. So it
 * is in float with targets of about 1000 and more that are not scaled: E is so large that its changes are
 * lost in rounding. Scale the network to the data first, as a trainer does by itself, and check again:
 *
 *     bp_network_fit_scaling(net, &data, bp_scaling_automatic(), bp_scaling_automatic());
 *
 * @param net The network, with weights set.
 * @param workspace A workspace of net.
 * @param data Cases with targets.
 * @param loss Defines E.
 * @param tolerance The maximum deviation that passes, > 0 and < 1. 0: 2e-3, in double precision 1e-6.
 * @param result Receives the results; its size must be set.
 * @return BP_OK; or
 *   - as bp_network_gradient(); BP_ERROR_ARGUMENT also for the tolerance
 *   - BP_ERROR_NOT_FINITE: an output, E or a derivative; the message has the case and the layer
 */
BP_API bp_status bp_network_check_gradient(const bp_network *net, bp_workspace *workspace,
                                           const bp_data *data, bp_loss loss, double tolerance,
                                           bp_gradient_check *result);

/** @} */

/* ---------------------------------------------------------------- optimizers */

/**
 * @defgroup backprop_optimizers Optimizers and schedules
 * How a gradient becomes an update of the weights.
 * @{
 */

/** How a gradient becomes an update of the weights. A value, made by a bp_optimizer_ function. */
typedef struct bp_optimizer {
    /** @privatesection */
    int32_t kind;
    int32_t reserved_kind;
    double learning_rate;
    double momentum;
    double parameter[3];
    union {
        const struct bp_rule *custom;
        unsigned char reserved[8];
    } rule;
    unsigned char reserved[8];
} bp_optimizer;

/** A learning rate that the trainer finds; see bp_trainer_find_learning_rate(). */
#define BP_RATE_AUTO (-1e30)

/**
 * Gradient descent with momentum: dw(t) = -learning_rate * dE/dw + momentum * dw(t - 1), with dw(0) = 0.
 *
 * [RHW86] eq. 9. The state is the last update dw itself, so a new learning rate does not rescale the
 * contribution of earlier gradients.
 *
 * @param learning_rate Finite, > 0; or #BP_RATE_AUTO.
 * @param momentum >= 0 and < 1.
 */
BP_API bp_optimizer bp_optimizer_momentum(double learning_rate, double momentum);
/** Gradient descent: dw = -learning_rate * dE/dw. [RHW86] eq. 8. The same as a momentum of 0. */
BP_API bp_optimizer bp_optimizer_gradient_descent(double learning_rate);
/**
 * Gradient descent with Nesterov's momentum: v(t) = momentum * v(t - 1) - learning_rate * dE/dw, dw(t) =
 * momentum * v(t) - learning_rate * dE/dw, with v(0) = 0.
 *
 * I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and momentum in deep
 * learning" (2013), eq. 3 and 4, for the weights at which the gradient is taken, as PyTorch has it.
 *
 * @param learning_rate Finite, > 0; or #BP_RATE_AUTO.
 * @param momentum >= 0 and < 1; usually 0.9.
 */
BP_API bp_optimizer bp_optimizer_nesterov(double learning_rate, double momentum);
/**
 * Adagrad: G(t) = G(t - 1) + (dE/dw)^2, dw(t) = -learning_rate * dE/dw / (sqrt(G(t)) + 1e-10), with G(0) = 0.
 *
 * J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods" (2011), with diagonal matrices. The first
 * step of every weight has the size of the learning rate; later ones become ever smaller.
 *
 * @param learning_rate Finite, > 0, usually 0.01 to 0.1; or #BP_RATE_AUTO.
 */
BP_API bp_optimizer bp_optimizer_adagrad(double learning_rate);
/**
 * RMSprop: s(t) = d * s(t - 1) + (1 - d) * (dE/dw)^2, dw(t) = -learning_rate * dE/dw / (sqrt(s(t)) + 1e-8),
 * with s(0) = 0 and d = square_decay.
 *
 * T. Tieleman and G. Hinton, lecture 6.5 of "Neural networks for machine learning" (2012).
 *
 * @param learning_rate Finite, > 0, usually 0.001 to 0.01; or #BP_RATE_AUTO.
 * @param square_decay >= 0 and < 1; 0.9 in the lecture, 0.99 in PyTorch.
 */
BP_API bp_optimizer bp_optimizer_rmsprop(double learning_rate, double square_decay);
/**
 * Adam: m(t) = beta1 * m(t - 1) + (1 - beta1) * dE/dw, v(t) = beta2 * v(t - 1) + (1 - beta2) * (dE/dw)^2,
 * dw(t) = -learning_rate * m / (sqrt(v) + epsilon), where m is m(t) / (1 - beta1^t), v is v(t) / (1 -
 * beta2^t), and m(0) = v(0) = 0.
 *
 * D. Kingma and J. Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1. A schedule of the
 * momentum is one of beta1.
 *
 * @param learning_rate Finite, > 0, about the size of a weight's update; 0.001 in the paper; or
 * #BP_RATE_AUTO.
 * @param beta1 >= 0 and < 1; 0.9 in the paper.
 * @param beta2 >= 0 and < 1; 0.999 in the paper.
 * @param epsilon Finite, > 0; 1e-8 in the paper.
 */
BP_API bp_optimizer bp_optimizer_adam(double learning_rate, double beta1, double beta2, double epsilon);
/**
 * AdamW: Adam whose dw(t) has the further term -learning_rate * decay * w(t - 1).
 *
 * I. Loshchilov and F. Hutter, "Decoupled weight decay regularization" (2019), algorithm 2. The decay takes
 * the place of bp_trainer_options.weight_decay, which must be #BP_DECAY_AUTO or 0.
 *
 * @param learning_rate As of bp_optimizer_adam().
 * @param beta1 Likewise.
 * @param beta2 Likewise.
 * @param epsilon Likewise.
 * @param decay Finite, >= 0; 0.01 in PyTorch.
 */
BP_API bp_optimizer bp_optimizer_adamw(double learning_rate, double beta1, double beta2, double epsilon,
                                       double decay);
/**
 * iRprop+: steps whose sizes follow from the signs of the gradients alone; for whole training sets.
 *
 * C. Igel and M. Huesken, "Empirical evaluation of the improved Rprop learning algorithms" (2003), table 3;
 * M. Riedmiller and H. Braun (1993). Each weight has a step size D. Where dE/dw has the sign that it had
 * before, D becomes min(1.2 * D, 50), and dw(t) = -sign(dE/dw) * D. Where the sign has changed, D becomes
 * max(0.5 * D, 1e-6), the last step of the weight is undone if E has grown since, and the next step has the D
 * that is now.
 *
 * It has no momentum, and no rate but the first D: schedules of either are refused. It needs E of all cases:
 * smaller batches are refused, and so is a gradient hook. #BP_BATCH_AUTO stands for all cases.
 *
 * @param first_step The first D, from 1e-6 to 50; or #BP_RATE_AUTO: 0.01.
 */
BP_API bp_optimizer bp_optimizer_irprop_plus(double first_step);
/**
 * iRprop-: iRprop+ that undoes no step, and so does not look at E; where the sign has changed, the weight
 * stays.
 *
 * Igel and Huesken (2003), table 4; the Rprop of PyTorch. Smaller batches than all cases make signs that
 * change by chance: a finding says so. #BP_BATCH_AUTO stands for all cases.
 *
 * @param first_step As of bp_optimizer_irprop_plus().
 */
BP_API bp_optimizer bp_optimizer_irprop_minus(double first_step);
/**
 * Quickprop: each weight goes to the minimum of the parabola through its last two derivatives S = dE/dw; for
 * whole training sets.
 *
 * S. Fahlman, "An empirical study of learning speed in back-propagation networks" (1988), CMU-CS-88-162.
 * dw(t) = S(t) / (S(t - 1) - S(t)) * dw(t - 1), but max_growth * dw(t - 1) where that is less or the parabola
 * has no minimum ahead. The term -learning_rate * S(t) is added in the first update, after a step of 0, and
 * where S has the sign that it had before. Smaller batches than all cases make differences of S by chance: a
 * finding says so. #BP_BATCH_AUTO stands for all cases.
 *
 * @param learning_rate Finite, > 0; or #BP_RATE_AUTO.
 * @param max_growth 1 to 100; 1.75 in the paper.
 */
BP_API bp_optimizer bp_optimizer_quickprop(double learning_rate, double max_growth);

/** One update of the weights, as a rule of the caller's is given it. Valid during the call. */
typedef struct bp_step {
    size_t size;             /**< sizeof(bp_step) of the library. */
    bp_real *weights;        /**< To be changed: `count` weights, in the order of bp_network_weights(). */
    const bp_real *gradient; /**< dE/dw of each, summed or the mean as bp_trainer_options.reduction says. */
    size_t count;            /**< Weights. */
    bp_real *vectors;     /**< bp_rule.vectors vectors of `count` numbers, 0 before the first update: a number
                               for each weight and vector, kept from update to update. */
    size_t vector_stride; /**< Numbers from the start of one vector to that of the next. */
    double *scalars;      /**< bp_rule.scalars numbers, kept likewise. */
    uint64_t number;      /**< Of this update since vectors and scalars were 0, counted from 1. */
    double learning_rate; /**< Of this update. */
    double momentum;      /**< Of this update; 0 without a schedule or bp_trainer_set_momentum(). */
    double error;         /**< E of the update's cases before it; the sum or mean as the gradient is. */
    double decay;         /**< The fraction by which the trainer shrinks the weights after the call. */
} bp_step;

/**
 * A rule of the caller's: how a gradient becomes an update of the weights.
 *
 * All that it remembers from update to update must be in step->vectors and step->scalars: the trainer sets
 * them to 0 when training begins anew (bp_trainer_reset(), recovery from divergence, the search for a
 * learning rate), and puts old values back after such a search. It must lie where the struct stays as it is
 * until the last trainer made with it is destroyed: nothing is copied.
 */
typedef struct bp_rule {
    size_t size;      /**< sizeof(bp_rule). */
    const char *name; /**< For messages and checkpoints; not NULL, at most 255 bytes. */
    size_t vectors;   /**< Numbers kept for each weight; at most 64. */
    size_t scalars;   /**< Numbers kept beside them; at most 65536. */
    void *context;    /**< Passed to update. */
    /** Changes step->weights, vectors and scalars. It is called once for each update, on the thread that
     * trains; trainings side by side, as those of bp_train_starts() and bp_cross_validate(), call it at once
     * from several threads. It must not call functions of the trainer, nor change the network otherwise. A
     * value other than BP_OK ends the run with that status; the weights are put back, but vectors and
     * scalars stay as the call left them: a function that fails must leave them as they were. Elements of
     * vectors that belong to frozen weights are 0 after the call. */
    bp_status (*update)(void *context, const bp_step *step);
} bp_rule;

/** Sets *rule to zeros and its size; name and update must be set. size is sizeof(bp_rule). */
BP_API void bp_rule_init(bp_rule *rule, size_t size);

/**
 * A rule of the caller's.
 *
 * If `update` fails, or leaves a weight that is NaN or infinite (BP_ERROR_NOT_FINITE), the run ends with that
 * status, and the weights are those before the update. There is no weight decay with #BP_DECAY_AUTO. Frozen
 * weights have a derivative of 0, and are put back after the call; factors on the learning rate are refused.
 *
 * @param rule Not copied; see bp_rule.
 * @param learning_rate Finite, > 0; or #BP_RATE_AUTO: a search from 1e-6 to 100, since nothing is known of
 * the rule.
 */
BP_API bp_optimizer bp_optimizer_custom(const bp_rule *rule, double learning_rate);

/**
 * @section backprop_whole_set Rules for whole sets
 * Scaled conjugate gradient, L-BFGS and Levenberg-Marquardt evaluate E and the gradient of all training cases
 * at weights that they try, and change the weights only to lower E. On smooth problems of moderate size they
 * need far fewer passes over the cases than gradient descent, and they have no learning rate to choose.
 *
 * - They minimize F(w) = E / n + lambda / 2 * sum of w^2, with n = 1 for BP_REDUCE_SUM and the number of
 * cases for BP_REDUCE_MEAN. lambda is options.weight_decay. Gradient descent with learning rate epsilon,
 * momentum alpha and a decay of d per update goes to the same minimum if lambda = d (1 - alpha) / (epsilon (1
 * - d)), and with #BP_DECAY_AUTO lambda is the one that gradient descent aims at.
 * - An epoch is an iteration: one change of the weights that lowers F, or the finding that the rule knows
 * none, which ends the run with BP_STOP_NO_PROGRESS. Its E, maximum of |y - d| and gradient norm (of F) are
 * those of the weights it began with. Each evaluation of F and its gradient is counted
 * (bp_progress.evaluations).
 * - Limits of time and bp_trainer_request_stop() also end a run between two evaluations: the iteration is
 * then given up, with the weights as they were before, and made again by the next run. The first iteration of
 * a run is always finished.
 * - Weights at which E, F or a derivative is infinite or NaN are not divergence: a shorter step is tried.
 * - Changes of F that may be rounding (at most 100 times the precision of bp_real, as a part of F) are
 * taken from the slopes at both ends of the step, as Hager & Zhang (2005) do. A run also ends with
 * BP_STOP_NO_PROGRESS after 100 iterations without an F that is lower than all before.
 * - What the rule remembers from one iteration to the next is used by the next run, too, if F is then still
 * the same number at the start. With other cases, weights or options it begins anew.
 *
 * A trainer with such a rule is refused (BP_ERROR_UNSUPPORTED) with a schedule, a gradient hook, recoveries,
 * average_shared or a loss with a tolerance, and a run with a batch_size that is less than all cases, a
 * stream that does not fit into memory, or trained weights with a factor on the learning rate other than 1.
 * #BP_BATCH_AUTO means all cases. Setting a learning rate or momentum, and searching for a rate, is
 * BP_ERROR_UNSUPPORTED, too; both are 0.
 */

/**
 * L-BFGS: steps along -H dF/dw, H being an estimate of the inverse Hessian from the last changes of weights
 * and gradient.
 *
 * Nocedal & Wright, "Numerical optimization", 2nd edition (2006), algorithms 7.4 and 7.5, with the initial H
 * of equation 7.20. Each step is found by a line search with cubic interpolation, algorithms 3.5 and 3.6, and
 * meets the strong Wolfe conditions with c1 = 1e-4 and c2 = 0.9. It tries the step 1 first; without a memory,
 * along the negative gradient, a step of length 1. Within 20 evaluations a
 * search that finds no such step takes one that meets the first condition alone, as at the kink of a ReLU
 * unit. If there is none either, the memory is cleared and the negative gradient is tried, once.
 *
 * See @ref backprop_whole_set.
 *
 * @param memory Changes that are remembered, 1 to 64; 10 is usual. Each takes twice the memory of the
 * weights.
 */
BP_API bp_optimizer bp_optimizer_lbfgs(size_t memory);

/**
 * Scaled conjugate gradient: steps along conjugate directions, whose length follows from the curvature along
 * the direction instead of a line search.
 *
 * Moller, "A scaled conjugate gradient algorithm for fast supervised learning", Neural Networks 6 (1993),
 * 525-533, with lambda = 1e-6 at first. The curvature is the difference of two gradients at a distance of
 * 1e-4 (1e-3 where bp_real is float), the second evaluation of an epoch; the paper leaves that to the reader,
 * up to 1e-4. The direction begins anew with the negative gradient after as many epochs as there are weights,
 * and where no step along it lowers F. It keeps one vector of the size of the weights.
 *
 * See @ref backprop_whole_set.
 */
BP_API bp_optimizer bp_optimizer_scg(void);

/**
 * Levenberg-Marquardt: Gauss-Newton steps for squared error, damped as far as they fail.
 *
 *     (J^T J + mu I) h = -dF/dw
 *
 * J are the derivatives of all outputs by the weights, in J^T J each case with its weight, the mean or sum
 * and lambda as in F. Levenberg (1944), "A method for the solution of certain non-linear problems in least
 * squares"; Marquardt (1963), "An algorithm for least-squares estimation of nonlinear parameters". mu is the
 * greatest element of the diagonal of J^T J at first, and then follows from the gain, the fall of F as a part
 * of what the linear model predicts: Nielsen (1999), "Damping parameter in Marquardt's method": mu max(1/3, 1
 * - (2 gain - 1)^3) after a success, times 2, 4, 8 ... after failures.
 *
 * For regressions with up to some hundred weights it is the fastest of all rules, and it goes on to minima
 * that first-order rules do not reach. Sums and factors are in double. An iteration takes time in proportion
 * to cases * outputs * weights^2 and to weights^3, and memory for weights^2 doubles: 2 MB for 500 weights.
 *
 * bp_trainer_create() returns BP_ERROR_UNSUPPORTED for more than 5,000 weights, and for a loss that is not
 * squared error without a tolerance. See @ref backprop_whole_set.
 */
BP_API bp_optimizer bp_optimizer_levenberg_marquardt(void);

/**
 * A learning rate or momentum as a function of time. Made by a bp_schedule_ function.
 *
 * In the formulas, t is the number of epochs finished since the trainer's creation or reset, or of updates
 * (bp_schedule_by_update()); it goes on from run to run. A parameter called `start` or `maximum` is a valid
 * learning rate or momentum. In the schedule of a learning rate it may be #BP_RATE_AUTO: the rate that the
 * first run finds.
 *
 * Two schedules are adaptive: bp_schedule_reduce_on_plateau() and bp_schedule_bold_driver() follow the error.
 * They are for the learning rate only. What they remember is the trainer's: bp_trainer_reset() clears it, and
 * so does setting a schedule; it goes on from run to run. With a gradient hook they judge by
 * bp_gradient_reply.mean_error, summed over the updates of the epoch.
 */
typedef struct bp_schedule {
    /** @privatesection */
    int32_t kind;
    int32_t reserved_kind;
    double parameter[4];
    double warm_up;
    uint64_t by_update;
    unsigned char reserved[8];
} bp_schedule;

BP_API bp_schedule bp_schedule_none(void);             /**< No schedule: the optimizer's value. */
BP_API bp_schedule bp_schedule_constant(double value); /**< The same value at all times. */
/** The value `first` for t < epochs, then the value `then`. */
BP_API bp_schedule bp_schedule_switch(double first, size_t epochs, double then);
/**
 * Exponential decay: max(start * factor^t, minimum).
 *
 * @param start See bp_schedule.
 * @param factor > 0 and <= 1.
 * @param minimum A valid learning rate or momentum, or 0.
 */
BP_API bp_schedule bp_schedule_exponential(double start, double factor, double minimum);
/**
 * Steps down: start * factor^floor(t / epochs), the usual schedule of residual networks (He et al. 2016:
 * a factor of 0.1).
 *
 * @param start See bp_schedule.
 * @param factor > 0 and <= 1.
 * @param epochs The length of a step, >= 1.
 */
BP_API bp_schedule bp_schedule_step(double start, double factor, size_t epochs);
/**
 * Inverse decay: start / (1 + decay * t).
 *
 * It falls slowly enough to reach any minimum and fast enough to average out the noise of the batches: the
 * sum of the rates is infinite, that of their squares finite (Robbins & Monro 1951). About constant for
 * t < 1 / decay, then like 1 / t: "search, then converge" (Darken & Moody 1990).
 *
 * @param start See bp_schedule.
 * @param decay >= 0.
 */
BP_API bp_schedule bp_schedule_inverse(double start, double decay);
/**
 * Half a cosine: minimum + (start - minimum) * (1 + cos(pi * t / epochs)) / 2 for t < epochs, then minimum.
 * Loshchilov & Hutter (2017), eq. 5, without restarts.
 *
 * @param start See bp_schedule. If the rate found is below the minimum, the schedule is constant, at minimum.
 * @param minimum A valid learning rate or momentum, or 0; <= start.
 * @param epochs >= 1.
 */
BP_API bp_schedule bp_schedule_cosine(double start, double minimum, size_t epochs);
/**
 * One cycle: a linear rise from maximum / 25 to maximum over the first 30 % of the epochs, then half a cosine
 * down to maximum / 10000, which is kept from t = epochs on.
 *
 * The high rate in the middle regularizes, the fall at the end converges: Smith & Topin (2018). #BP_RATE_AUTO
 * stands for a rate with a margin of safety; several times as much may be a good maximum.
 *
 * @param maximum See bp_schedule.
 * @param epochs >= 1.
 */
BP_API bp_schedule bp_schedule_one_cycle(double maximum, size_t epochs);
/**
 * A schedule v preceded by a linear rise: v(0) * (t + 1) / (epochs + 1) for t < epochs, then v(t - epochs).
 * Its own time, and what it judges if it is adaptive, begins after the warm-up.
 *
 * For rates that the initial weights cannot stand: Goyal et al. (2017), section 2.2, over 5 epochs,
 * updated with every batch. A finer rise is that of bp_schedule_by_update().
 *
 * @param schedule Any schedule; bp_schedule_none(): the optimizer's value after the rise. A second warm-up
 *   replaces the first.
 * @param epochs 0: none.
 */
BP_API bp_schedule bp_schedule_with_warm_up(bp_schedule schedule, size_t epochs);
/**
 * The same schedule in updates: t is the number of updates since creation or reset, and every number of
 * epochs in it, that of a warm-up too, is one of updates. The value changes with every update.
 *
 * Online training is slower with it, since cases are then trained one by one.
 *
 * @param schedule Not an adaptive one, which judges whole epochs.
 */
BP_API bp_schedule bp_schedule_by_update(bp_schedule schedule);
/**
 * A learning rate that falls when the error no longer does: max(start * factor^n, minimum), where n counts
 * how often `patience` epochs in a row have not lowered the minimum error so far. After each such fall the
 * counting begins anew; the minimum error stays.
 *
 * The error is that of the validation cases or, without them, of the epoch's training cases. If a run has
 * validation cases and the next one none, or the other way round, the minimum begins anew.
 *
 * @param start See bp_schedule.
 * @param factor > 0 and < 1, for example 0.5.
 * @param patience >= 1, for example 10.
 * @param minimum A valid learning rate, or 0; <= start.
 */
BP_API bp_schedule bp_schedule_reduce_on_plateau(double start, double factor, size_t patience,
                                                 double minimum);
/**
 * The "bold driver": a learning rate that rises as long as E falls, and falls when E rises. Vogl et al.
 * (1988); Battiti (1989).
 *
 * An epoch is judged by its E (bp_progress.error) against that of the epoch before:
 * - E is lower: the rate is multiplied by growth.
 * - E is higher by more than 1 % (so that rounding and small waves do not count): the weights become again
 *   those that the epoch before began with, the optimizer's state is cleared, and the rate is multiplied by
 *   shrink. The next epoch is not judged; it is the reference for the one after it.
 * - Else the rate stays.
 *
 * With one batch of all cases, E of an epoch is exactly that of the weights it began with. A rise shows that
 * the update of the epoch before went too far: this update and the one that followed are taken back, and E of
 * the weights is again what it was before them. With smaller batches E changes during the epoch and rises by
 * chance, too; the smaller they are, the better bp_schedule_reduce_on_plateau() suits.
 *
 * Weights are taken back before the epoch's validation error is found and callback and stopping rules are
 * called. Epochs and updates count all that were made. If the caller changes the weights, the next epoch is
 * not judged. E that is infinite or NaN ends the run with BP_DIVERGED as always; the rate is then multiplied
 * by shrink, too, so that a further run may go on.
 *
 * @param start See bp_schedule.
 * @param growth >= 1, for example 1.05.
 * @param shrink > 0 and < 1, for example 0.5.
 */
BP_API bp_schedule bp_schedule_bold_driver(double start, double growth, double shrink);

/** @} */

/* ------------------------------------------------------------------ stopping */

/**
 * @defgroup backprop_stopping Stopping rules
 * When a run of a trainer ends.
 *
 * Any number of rules may be combined; the first that fires ends the run. E and outputs are those of the
 * training cases unless stated otherwise.
 * @{
 */

/** X(name, value, text) for every reason why a run ended. Values never change; new ones are appended. */
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
    X(BP_STOP_HOOK, 13, "the gradient hook asked for it")                                                    \
    X(BP_STOP_REQUESTED, 14, "bp_trainer_request_stop() was called")                                         \
    X(BP_STOP_GENERALIZATION_LOSS, 15, "generalization loss above the threshold")                            \
    X(BP_STOP_PROGRESS_QUOTIENT, 16, "generalization loss too large for the progress of training")           \
    X(BP_STOP_VALIDATION_UP, 17, "validation error up in successive strips")                                 \
    X(BP_STOP_EARLY_AVERAGED, 18, "moving average of the validation error no longer improving")              \
    X(BP_STOP_NO_PROGRESS, 19, "no step lowers the error")

/** Why a run ended. */
typedef enum bp_stop_reason {
#define BP_STOP_ENUM(name, value, text) name = (value),
    BP_STOP_LIST(BP_STOP_ENUM)
#undef BP_STOP_ENUM
} bp_stop_reason;

BP_API const char *bp_stop_reason_string(bp_stop_reason reason); /**< Its text, static and never NULL. */

/** When to end a run. A value, made by a bp_stop_ function. */
typedef struct bp_stop_rule {
    /** @privatesection */
    int32_t kind; /* the bp_stop_reason that it gives */
    int32_t reserved_kind;
    double threshold;
    uint64_t count;
    uint64_t window; /* epochs of a strip or of a moving average */
    unsigned char reserved[32];
} bp_stop_rule;

/** E, summed over cases, is below a threshold > 0. If the weights changed during the epoch, E of the current
 * weights must be below it, too. */
BP_API bp_stop_rule bp_stop_error_below(double summed_error);
/** The same for E divided by the number of cases. */
BP_API bp_stop_rule bp_stop_mean_error_below(double mean_error);
/** Every |y - d| is <= tolerance (> 0, scaled units), with the current weights, too. */
BP_API bp_stop_rule bp_stop_within_tolerance(double tolerance);
/**
 * Early stopping: the validation error has not improved for `patience` epochs.
 *
 * When the rule fires, the network receives the weights of the best epoch: by the option keep_best as after
 * every run with validation cases, without it as by bp_trainer_restore_best(). A run with this rule needs
 * validation cases.
 *
 * @param patience >= 1.
 * @param min_improvement The error counts as improved when it is lower than at the last improvement by this
 *   fraction, >= 0 (0.01 is one per cent). So small improvements add up.
 */
BP_API bp_stop_rule bp_stop_early(size_t patience, double min_improvement);
/**
 * Early stopping by a moving average: the mean of the last `window` validation errors has not improved for
 * `patience` epochs.
 *
 * For validation errors that go up and down from epoch to epoch, as with few validation cases or small
 * batches: one low value by chance does not prolong the run. The first mean is that of the first `window`
 * epochs. The mean decides on the end alone. The weights handed back are, as after bp_stop_early(), those of
 * the single epoch with the lowest validation error, which is bp_result.best_epoch: a mean is of the weights
 * of several epochs, and belongs to none of them. A run with this rule needs validation cases.
 *
 * @param patience >= 1.
 * @param min_improvement As in bp_stop_early(), of the mean.
 * @param window Epochs of the mean, >= 1, for example 10. 1 is bp_stop_early().
 */
BP_API bp_stop_rule bp_stop_early_averaged(size_t patience, double min_improvement, size_t window);
/**
 * GL_alpha of Prechelt (1998), "Early stopping - but when?": the generalization loss is above alpha per cent.
 *
 *     GL(t) = 100 (E_va(t) / E_opt(t) - 1)
 *
 * E_va(t) is the mean validation error after epoch t, E_opt(t) the lowest up to then; t counts from creation
 * or reset of the trainer. The paper measured E_va after every fifth epoch, here it is after each one. The
 * loss is 0 where E_va is E_opt, and infinite where only E_opt is 0; for negative errors of a custom loss it
 * is 100 (E_va - E_opt) / |E_opt|.
 *
 * Ends soon after the minimum, but also at the first small hill on the way to a lower one, and not at all if
 * the error stays at its minimum: give a limit, too. Weights are handed back as after bp_stop_early(). A run
 * with this rule needs validation cases.
 *
 * @param alpha > 0, in per cent. The paper tried 1, 2, 3 and 5.
 */
BP_API bp_stop_rule bp_stop_generalization_loss(double alpha);
/**
 * PQ_alpha of Prechelt (1998): the quotient of generalization loss and training progress is above alpha, at
 * the end of a strip of k epochs.
 *
 *     GL(t) / P_k(t) > alpha
 *     P_k(t) = 1000 (sum of E_tr / (k minimum of E_tr) - 1), over the k epochs of the strip
 *
 * GL is that of bp_stop_generalization_loss(), E_tr the mean training error of an epoch. P_k says how far the
 * training error of the strip is above its minimum on average, in thousandths: while it falls quickly, a loss
 * may be made good later. Without any progress, any loss is too much. Strips are counted from creation or
 * reset of the trainer on.
 *
 * Neither this rule nor bp_stop_generalization_loss() ends every training: the paper adds a limit of 3000
 * epochs, and an end when P_k is below 0.1, for which see bp_stop_diminishing_returns(). Weights are handed
 * back as after bp_stop_early(). A run with this rule needs validation cases.
 *
 * @param strip Epochs of a strip, k >= 1; 5 in the paper. A strip of one epoch has no progress.
 * @param alpha > 0. The paper tried 0.5, 0.75, 1, 2 and 3.
 */
BP_API bp_stop_rule bp_stop_progress_quotient(size_t strip, double alpha);
/**
 * UP_s of Prechelt (1998): the validation error was up at the ends of s successive strips of k epochs.
 *
 *     E_va(t) > E_va(t - k) at the end of s strips in a row
 *
 * The signs alone count, however large the rise. The end of the first strip has none before it to be compared
 * with, so the rule ends no training before epoch k (s + 1). Strips are counted from creation or reset of the
 * trainer on. Weights are handed back as after bp_stop_early(). A run with this rule needs validation cases.
 *
 * @param strip Epochs of a strip, k >= 1; 5 in the paper.
 * @param strips Strips in a row, s >= 1. The paper tried 2, 3, 4, 6 and 8.
 */
BP_API bp_stop_rule bp_stop_validation_up(size_t strip, size_t strips);
/** Over the last `window` epochs (>= 1), the mean training error fell by less than the fraction `improvement`
 * (> 0) of its value before them, or that value was 0. */
BP_API bp_stop_rule bp_stop_diminishing_returns(size_t window, double improvement);
/** A limit >= 1 on the epochs of each bp_trainer_run(). */
BP_API bp_stop_rule bp_stop_epochs(size_t epochs);
/** A limit >= 1 on the updates of each bp_trainer_run(). */
BP_API bp_stop_rule bp_stop_updates(uint64_t updates);
/** A limit > 0 on the wall-clock time of each bp_trainer_run(). The clock is read after each update; in
 * online training, and in small networks with batches of up to 16, at least after every 2^20 updated weights.
 */
BP_API bp_stop_rule bp_stop_seconds(double seconds);
/** The Euclidean norm of the gradient, as the update uses it, is below threshold (> 0) at every update of an
 * epoch. */
BP_API bp_stop_rule bp_stop_gradient_below(double threshold);

/** @} */

/* ------------------------------------------------------------------ findings */

/**
 * @defgroup backprop_findings Findings
 * What a trainer decided for the caller and what it noticed; what is wrong with data or network.
 *
 * bp_diagnose() looks at a network and its data before, between or after runs. It reports what can be counted
 * or proved from them; where chance has a say, a finding has been tested, and random data have one by mistake
 * less than once in a thousand calls.
 * @{
 */

/**
 * X(name, value, text) for every kind of finding. Values never change; new ones are appended.
 *
 * docs/guide/troubleshooting.md has a section for each.
 */
#define BP_FINDING_LIST(X)                                                                                   \
    X(BP_FINDING_NONE, 0, "nothing")                                                                         \
    X(BP_FINDING_BATCH_SIZE, 1, "batch size chosen")                                                         \
    X(BP_FINDING_LEARNING_RATE, 2, "learning rate chosen")                                                   \
    X(BP_FINDING_LOSS, 3, "loss chosen")                                                                     \
    X(BP_FINDING_INPUTS_SCALED, 4, "inputs scaled")                                                          \
    X(BP_FINDING_TARGETS_SCALED, 5, "targets scaled")                                                        \
    X(BP_FINDING_STOPPING, 6, "stopping rules chosen")                                                       \
    X(BP_FINDING_CROSS_ENTROPY, 7, "cross-entropy would suit the targets")                                   \
    X(BP_FINDING_RECOVERED, 8, "training was rolled back and changed")                                       \
    X(BP_FINDING_DIVERGED, 9, "training diverged")                                                           \
    X(BP_FINDING_RATE_TOO_LARGE, 10, "learning rate too large")                                              \
    X(BP_FINDING_RATE_TOO_SMALL, 11, "learning rate too small")                                              \
    X(BP_FINDING_STILL_IMPROVING, 12, "training ended while the error still fell")                           \
    X(BP_FINDING_PLATEAU, 13, "error stays at that of constant outputs")                                     \
    X(BP_FINDING_OVERFITTING, 14, "overfitting")                                                             \
    X(BP_FINDING_WEIGHT_DECAY, 15, "weight decay chosen")                                                    \
    X(BP_FINDING_ANNEALED, 16, "learning rate lowered before the end")                                       \
    X(BP_FINDING_CONSTANT_INPUT, 17, "input column is constant")                                             \
    X(BP_FINDING_DUPLICATE_INPUT, 18, "input column repeats another")                                        \
    X(BP_FINDING_OUTLIERS, 19, "input column has outliers")                                                  \
    X(BP_FINDING_INPUTS_UNSCALED, 20, "inputs are not scaled")                                               \
    X(BP_FINDING_CONSTANT_TARGET, 21, "target column is constant")                                           \
    X(BP_FINDING_CLASS_ABSENT, 22, "class without cases")                                                    \
    X(BP_FINDING_CLASS_RARE, 23, "class with few cases")                                                     \
    X(BP_FINDING_CONTRARY_TARGETS, 24, "equal inputs with different targets")                                \
    X(BP_FINDING_SHARED_CASES, 25, "cases both in training and validation")                                  \
    X(BP_FINDING_VALIDATION_INPUTS, 26, "validation inputs unlike those of training")                        \
    X(BP_FINDING_VALIDATION_TARGETS, 27, "validation targets unlike those of training")                      \
    X(BP_FINDING_TARGETS_OUT_OF_REACH, 28, "targets that the outputs cannot reach")                          \
    X(BP_FINDING_SQUARED_ERROR_SOFTMAX, 29, "squared error on softmax units")                                \
    X(BP_FINDING_SOFTMAX_SUITS, 30, "softmax would suit the targets")                                        \
    X(BP_FINDING_SOFTMAX_OF_ONE, 31, "softmax of a single unit")                                             \
    X(BP_FINDING_SYMMETRIC_UNITS, 32, "identical units")                                                     \
    X(BP_FINDING_SATURATED_UNITS, 33, "saturated units")                                                     \
    X(BP_FINDING_DEAD_UNITS, 34, "units that never change")                                                  \
    X(BP_FINDING_VANISHING_DERIVATIVES, 35, "derivatives vanish")                                            \
    X(BP_FINDING_EXPLODING_DERIVATIVES, 36, "derivatives explode")                                           \
    X(BP_FINDING_NO_BETTER_THAN_CONSTANT, 37, "no better than a constant output")                            \
    X(BP_FINDING_FEW_CASES, 38, "more weights than targets")                                                 \
    X(BP_FINDING_HISTORY_FILE, 39, "history file not written")                                               \
    X(BP_FINDING_RANDOM_TARGETS, 40, "targets do not depend on the inputs")                                  \
    X(BP_FINDING_TOO_FEW_UNITS, 41, "too few hidden units")                                                  \
    X(BP_FINDING_TOO_MANY_UNITS, 42, "too many hidden units")                                                \
    X(BP_FINDING_NO_BETTER_THAN_LINEAR, 43, "no better than a linear model")                                 \
    X(BP_FINDING_RULE_BATCHES, 44, "a rule for whole sets, trained by batches")                              \
    X(BP_FINDING_CHECKPOINT_FILE, 45, "checkpoint not written")                                              \
    X(BP_FINDING_OTHER_INSTRUCTIONS, 46, "training goes on with other instructions")                         \
    X(BP_FINDING_RATE_SPENT, 47, "learning rate at its end")                                                 \
    X(BP_FINDING_DECAY_TOO_LARGE, 48, "weight decay too large")                                              \
    X(BP_FINDING_OPTION_OF_CHECKPOINT, 49, "an option of the checkpoint is used")

/** A kind of finding. */
typedef enum bp_finding_kind {
#define BP_FINDING_ENUM(name, value, text) name = (value),
    BP_FINDING_LIST(BP_FINDING_ENUM)
#undef BP_FINDING_ENUM
} bp_finding_kind;

BP_API const char *bp_finding_kind_string(bp_finding_kind kind); /**< Its text, static and never NULL. */

/** How much a finding matters. */
typedef enum bp_severity {
    BP_SEVERITY_NOTE = 0,    /**< Something was decided for the caller, or is worth knowing. */
    BP_SEVERITY_WARNING = 1, /**< Training works, but would work better with a change. */
    BP_SEVERITY_ERROR = 2    /**< Training fails until something is changed. */
} bp_severity;

/** The unit, column or count of a finding that has none. */
#define BP_NO_INDEX ((size_t)-1)

/** A finding: its kind, where it was found, and the numbers that show it. bp_finding_text() says it in words.
 */
typedef struct bp_finding {
    size_t size;           /**< sizeof(bp_finding). */
    bp_finding_kind kind;  /**< What was found. */
    bp_severity severity;  /**< How much it matters. */
    size_t epoch;          /**< The epoch, as in bp_progress; 0: before the first. */
    const bp_layer *layer; /**< The layer; NULL: none in particular. */
    size_t unit,           /**< The unit of the layer, the first of several; #BP_NO_INDEX: none. */
        column,            /**< The input or target column, the first of several; #BP_NO_INDEX: none. */
        count;             /**< Units, columns or cases that it holds for; #BP_NO_INDEX: not counted. */
    double values[4];      /**< The evidence, as bp_finding_text() prints it; meaning by kind. */
} bp_finding;

/** Sets *finding to BP_FINDING_NONE and its size. size is sizeof(bp_finding). */
BP_API void bp_finding_init(bp_finding *finding, size_t size);

/**
 * Writes a finding as a sentence with its evidence and, if there is one, the remedy as it would be typed.
 *
 * @param finding A finding of a trainer, or of bp_diagnose(), whose network still exists.
 * @param buffer Receives the text, with a final 0, cut off if it is longer. NULL, with a capacity of 0: only
 *   its length is wanted.
 * @param capacity The size of the buffer.
 * @param needed NULL, or receives the size of a buffer for the whole text.
 * @return BP_OK; BP_ERROR_ARGUMENT, BP_ERROR_VERSION; BP_ERROR_SIZE: the text was cut off.
 */
BP_API bp_status bp_finding_text(const bp_finding *finding, char *buffer, size_t capacity, size_t *needed);
/**
 * Writes findings, a line for each: its severity, a colon, and the sentence.
 *
 * @param findings An array as bp_diagnose() fills it.
 * @param count The number of findings in it.
 * @param buffer Receives the text. This and the others as for bp_finding_text().
 * @param capacity The size of the buffer.
 * @param needed NULL, or receives the size of a buffer for the whole text.
 * @return As bp_finding_text().
 */
BP_API bp_status bp_findings_text(const bp_finding *findings, size_t count, char *buffer, size_t capacity,
                                  size_t *needed);

/**
 * Looks for what is wrong, or worth knowing, in a network and its data.
 *
 * Each kind is found at most once, or once for each layer; the finding then names the first or the worst
 * column or unit and counts them all. Layers of an unrolled network that are copies of one count as one.
 * Nothing is changed but the workspace. The same call finds the same. The exact checks (constant and repeated
 * columns, outliers, equal cases, classes, targets) look at all cases, the others at 2048 of them, drawn by a
 * fixed seed.
 *
 *     bp_finding findings[32];
 *     size_t count;
 *     bp_finding_init(&findings[0], sizeof findings[0]);
 *     char text[8192];
 *     bp_diagnose(net, workspace, &training, &validation, bp_loss_default(), findings, 32, &count);
 *     bp_findings_text(findings, count < 32 ? count : 32, text, sizeof text, NULL);
 *     fputs(text, stdout);
 *
 * Whether the targets depend on the inputs at all is judged by the data alone: whether near cases have like
 * targets, and whether linear models predict them. If these explain a quarter of the variance, the finding
 * #BP_FINDING_RANDOM_TARGETS comes by mistake less than once in a thousand tables.
 *
 * A trained network is compared with simple models: with the nearest neighbours of the training cases and
 * with linear models of other cases (too few units), with a linear model for the validation cases (no better
 * than it, too many units). Networks with case weights, custom losses or a tolerance are not compared.
 *
 * Whether units are saturated, derivatives vanish and outputs are better than a constant is judged by the
 * weights as they are now. A network that was never trained need not be better than a constant; and it is not
 * judged by its outputs while inputs are large that a trainer with default options would scale first.
 *
 * @param net The network, with weights set.
 * @param workspace A workspace of net.
 * @param training The training cases, with targets, in raw units.
 * @param validation NULL, or the validation cases, with targets.
 * @param loss The loss of training; bp_loss_default() is the one that training chooses by default.
 * @param findings Receives the findings, those that matter most first. Of an array the first element's size
 *   must be set (bp_finding_init()); it is that of all elements. NULL if capacity is 0.
 * @param capacity The number of elements of findings. If more is found, what matters least is left out.
 * @param count Receives the number of findings, which may exceed capacity.
 * @return BP_OK; or
 *   - as bp_network_evaluate(), but that findings tell of targets which cross-entropy does not take
 *   - BP_ERROR_UNSUPPORTED: also missing_targets with any loss; a threshold activation, which has no slope
 *   - BP_ERROR_NOT_FINITE: also a derivative, E or the maximum of |y - d|
 *   - BP_ERROR_MEMORY
 */
BP_API bp_status bp_diagnose(const bp_network *net, bp_workspace *workspace, const bp_data *training,
                             const bp_data *validation, bp_loss loss, bp_finding *findings, size_t capacity,
                             size_t *count);

/** @} */

/* ------------------------------------------------------------------- trainer */

/**
 * @defgroup backprop_training Training
 * A trainer changes the weights of one network, epoch by epoch, until a stopping rule fires.
 *
 * @section backprop_automatic What a trainer chooses
 * With the options untouched, training needs nothing but the data, in raw units. The first run chooses, and a
 * finding reports each choice:
 * - Batches of about 32 cases, all of nearly the same size, and the mean gradient.
 * - The loss: cross-entropy if all outputs are softmax units, else squared error.
 * - Scaling of inputs and targets (bp_scaling_automatic()), unless the scaling of the network was set, or its
 *   weights are not as bp_network_initialize() drew them. Targets stay as they are where they are compared
 *   with numbers of the caller's: a stopping rule on the error or on a tolerance, a loss with a tolerance, or
 *   a custom loss.
 * - The learning rate, by bp_trainer_find_learning_rate(), and how to recover if it turns out too large.
 * - Weight decay: as if E had the term 3 r / n times the sum of all squared weights for each of n cases,
 *   where r is the share of the targets' variance that is noise, estimated from nearest neighbours, or 0.01
 *   if that is more; a quarter of that with logistic hidden units; times the variance of the scaled targets
 *   (squared error) and the mean case weight where these are below 1. There is none for fewer than 50 cases,
 *   for a complete truth table, for a custom loss, and with a gradient hook.
 * - When to end: with validation cases by early stopping, without them by diminishing returns, and in any
 *   case after a generous number of epochs. Where all outputs are logistic, tanh or softmax, errors below
 *   0.001 times that of the first epoch count as so much, since E would fall for ever. A learning rate that
 *   was found, or that a recovery has lowered, is lowered twice before that, to 0.3 times its value each;
 *   later runs go on with it. While the error is still that of constant outputs, training goes on up to twice
 *   as it is.
 *
 * Whatever the options set is not chosen. bp_trainer_options_1986() leaves nothing to be chosen but when to
 * end.
 *
 * @section backprop_history History files
 * With the options `history_csv` and `history_json` each epoch becomes a line of a file while training goes
 * on. The first run since creation or reset makes the file anew, later ones append to it. Each line is
 * written by one call of the system, so a program that is killed leaves whole lines only. A line has the
 * members of bp_progress in this order: epoch, updates, error, mean_error, validation_error,
 * validation_accuracy, learning_rate, momentum, gradient_norm, update_norm, update_cosine, saturated,
 * seconds. Numbers have 17 significant digits and a point, whatever the locale.
 * - CSV: the first line has the names. Saturated units have a column for each layer but the inputs, named
 *   saturated_1 for layer 1. NaN is an empty field, infinity is inf.
 * - JSON lines: each line is an object. `saturated` is an array with an entry for each layer but the inputs,
 *   or null. What is not finite is null.
 *
 * A file that cannot be written (no such directory, disk full, closed pipe) does not end training: the result
 * and a finding report it, and the next run tries again. No signal is raised. A named pipe waits for its
 * reader.
 *
 * @section backprop_penalties Penalties, limits and clipping
 * Options of a trainer that keep weights or gradients small. Each is finite and >= 0; 0 is none.
 *
 * An update is made in this order: dE/dw, summed or the mean of its cases as options.reduction says; the
 * gradient hook; clip_value, clip_norm; l2; the optimizer's rule, and weight_decay; l1; max_norm. Frozen
 * weights are left alone, and count for nothing. E, in results too, is without penalties.
 *
 *   - **clip_value** c: a dE/dw above c becomes c, one below -c becomes -c.
 *   - **clip_norm** c: a gradient with a norm above c is multiplied by c / norm (Pascanu, Mikolov & Bengio
 *     2013, algorithm 1). Norms that are told (bp_progress) are those before clipping.
 *   - **l2** lambda: dE/dw + lambda w takes the place of dE/dw, as weight decay does in other libraries. It
 *     is the derivative of lambda / 2 sum w^2, which is added to what is minimized. With an adaptive rule it
 *     is not the same as a decay by a fraction (Loshchilov & Hutter 2019). It goes by the decay factors of
 *     the weights and by no_bias_decay.
 *   - **l1** lambda: after each update w becomes sign(w) max(|w| - t, 0), with t = lambda epsilon /
 *     (1 - alpha) for learning rate epsilon and momentum alpha, times the weight's factors on learning rate
 *     and decay; 0 for biases with no_bias_decay. Weights that E does not hold become 0, exactly, and may
 *     leave it again. Training rests where E + lambda sum |w| has a minimum: the lasso (Tibshirani 1996), by
 *     proximal gradient descent (Parikh & Boyd 2014). For momentum and Nesterov.
 *   - **max_norm** c: if the root of the sum of w_ji^2 over all weights into a unit j, its bias aside, is
 *     above c, they are all multiplied so that it is c (Srebro & Shraibman 2005; Srivastava et al. 2014).
 *     c is usually 2 to 4. The units that share a kernel are one. c holds up to rounding.
 *
 * With l1 or l2 set, #BP_DECAY_AUTO chooses no weight decay. bp_trainer_create() refuses what a rule has no
 * use for (BP_ERROR_UNSUPPORTED): all of them with the rules of @ref backprop_whole_set, whose lambda is
 * weight_decay; clipping with iRprop; max_norm with bp_optimizer_irprop_plus(); l1 with all rules but
 * momentum and Nesterov; l2 with bp_optimizer_adamw(). With clip_norm an update takes as long as with a
 * gradient hook; with max_norm online training leaves its fastest path.
 *
 * @section backprop_checkpoints Checkpoints
 * A checkpoint holds all that training needs to go on as if it had never ended, in another process, too: the
 * weights and the scaling of the network, which weights are frozen, factors of their rates and decay, dropout
 * and noise of its layers, the options, the state of the optimizer, of schedules, of stopping rules, of what
 * the trainer chose, the best and the last weights, the order of the cases, the place in the epoch and in the
 * random numbers, findings and history. bp_trainer_save() writes it, bp_trainer_load() makes a trainer from
 * it. The weights are then those of training that never stopped, bit by bit, for any number of threads,
 * unless bp_stop_seconds() ends it or the instruction set differs.
 *
 * With the option `checkpoint_path` each run writes checkpoints by itself, every so many updates or seconds,
 * and one when it is interrupted: by bp_trainer_request_stop(), a callback, the gradient hook or a failure.
 * There is none when a rule ends the run, so that a program that is killed afterwards comes to the same end
 * again. The file is replaced whole or not at all. If that fails (disk full, no such directory), the old one
 * stays, training goes on, and result and findings report it; of a path that cannot work they do so from the
 * start of the run. A process that is killed while it writes may leave a file named
 * .backprop-<16 hexadecimal digits>.tmp behind. A run with checkpoints removes such files from their
 * directory when it begins, if they are older than an hour and no process is writing them.
 *
 * The first run of a loaded trainer goes on with the run that the checkpoint was made in, if that was
 * interrupted or in progress: limits of epochs, updates and seconds count from its start, and so does the
 * result. If a rule had ended it, a new run begins, as in the process that saved. Either must have as many
 * training and validation cases as the run before it (BP_ERROR_SIZE), and a run or an epoch that goes on must
 * have the same ones (BP_ERROR_STATE): up to 1024 cases of each set, spread over it, are compared by a hash,
 * but for streams that vary. For data that were corrected or appended to, bp_trainer_reset() after loading
 * begins a new run from the weights of the checkpoint. With streams the cases before the place are read and
 * passed over, so any stream that can rewind will do. History files are cut back to the checkpoint, to whole
 * lines, and go on from there; one that is not there any more begins anew.
 *
 * The following begins a training or goes on with it. The file is removed only where a rule has ended the
 * run, so that the next start begins anew. After a failure (a damaged file, which is not loaded, among them)
 * it stays, and after an interruption it holds the place.
 *
 *     const char *path = "training.checkpoint";
 *     bp_trainer_options options;
 *     bp_trainer_options_init(&options, sizeof options);
 *     options.checkpoint_path = path;
 *     bp_trainer *trainer = NULL;
 *     bp_status status = access(path, F_OK) == 0 ? bp_trainer_load(&trainer, net, path, &options)
 *                                                : bp_trainer_create(&trainer, net, &options);
 *     if (status == BP_OK)
 *         status = bp_trainer_run(trainer, &training, &validation, &result);
 *     if (status != BP_OK)
 *         fprintf(stderr, "%s\n", bp_error_message());
 *     else if (result.reason != BP_STOP_REQUESTED && result.reason != BP_STOP_CALLBACK &&
 *              result.reason != BP_STOP_HOOK)
 *         remove(path);
 *
 * docs/checkpoint-format.md describes the file.
 * @{
 */

/** The metrics that the epoch callback receives. Valid during the call. */
typedef struct bp_progress {
    size_t size;                  /**< Bytes that the library has filled. */
    size_t epoch;                 /**< Epochs finished since creation or reset; 1 after the first. */
    uint64_t updates;             /**< Updates since creation or reset. */
    double error;                 /**< E of this epoch, of each case before its own update. */
    double mean_error;            /**< error / cases. */
    double validation_error;      /**< Mean E of the validation cases; NaN without any. */
    double validation_accuracy;   /**< As bp_evaluation.accuracy; NaN without validation cases. */
    double best_validation_error; /**< The lowest so far; NaN without validation cases. */
    size_t best_epoch;            /**< The epoch of the lowest; 0 without validation cases. */
    double gradient_norm;         /**< The maximum Euclidean norm of a gradient in this epoch. */
    double learning_rate,         /**< The learning rate of this epoch; of its last update, if it changes
                                       with every update. */
        momentum;                 /**< The momentum, likewise. */
    double seconds;               /**< Wall-clock time since the start of this bp_trainer_run(). */
    double update_norm;           /**< The Euclidean norm of what this epoch changed in the weights: w at its
                                       end minus w at its start. */
    double update_cosine;         /**< The cosine of the angle between this change and that of the epoch
                                       before: near 1 on a straight course, negative in oscillation. NaN in
                                       the first epoch, and if either change is 0. */
    const double *saturated;      /**< layer_count numbers: of the hidden layers' logistic and tanh units, the
                                       share of outputs (0 to 1) at most 0.01 from 0 or 1, or at least 0.98 on
                                       either side; NaN for every other layer. Found from up to 256 training
                                       cases with the weights at the end of the epoch: in the first epoch, and
                                       then whenever 40 times as many cases have been trained. NULL in all
                                       other epochs, and if no layer has such units. */
    size_t layer_count;           /**< As bp_network_layer_count(). */
    size_t start,                 /**< The number of the start, from 0, see bp_train_starts(), or of the
                                       fold, see bp_cross_validate(). Else 0. */
        start_count;              /**< The number of starts or folds; 1 in bp_trainer_run(). */
    uint64_t evaluations;         /**< Gradients computed since creation or reset: one for each update or, by
                                       rules that try weights before an update, for each that they tried. */
} bp_progress;

/** The result of a run. It is filled whenever training began, whatever bp_trainer_run() returned. */
typedef struct bp_result {
    size_t size;              /**< sizeof(bp_result). */
    bp_stop_reason reason;    /**< Why the run ended. */
    bp_status history_status; /**< BP_OK; BP_ERROR_FILE: a history file could not be written, as
                                   BP_FINDING_HISTORY_FILE says. */
    size_t rule;              /**< The index of the rule that fired; the number of rules if none did. */
    size_t epochs;            /**< Epochs finished in this run. */
    uint64_t updates;         /**< Updates in this run. */
    double error;             /**< E of the training cases with the final weights. */
    double mean_error;        /**< error / cases. */
    double validation_error;  /**< Mean E of the validation cases with the final weights; NaN without any. */
    size_t best_epoch;        /**< The epoch (as in bp_progress) of the lowest validation error; 0 without. */
    double seconds;           /**< Wall-clock time of this run. */
    uint64_t evaluations;     /**< Gradients computed in this run, counted as in bp_progress. */
    bp_status checkpoint_status; /**< BP_OK; or why the last checkpoint of this run could not be written:
                                      BP_ERROR_FILE, BP_ERROR_MEMORY. See BP_FINDING_CHECKPOINT_FILE. */
    uint64_t checkpoints;        /**< Checkpoints written in this run; see @ref backprop_checkpoints. */
} bp_result;

/** Sets *result to zeros and its size. size is sizeof(bp_result). */
BP_API void bp_result_init(bp_result *result, size_t size);

/**
 * Called after each epoch, before the stopping rules are checked.
 *
 * A value other than 0 ends the run with BP_STOP_CALLBACK. The function may call `bp_trainer_set_*` on the
 * trainer, but not bp_trainer_run(), bp_trainer_restore_best() or bp_trainer_destroy(); bp_trainer_reset()
 * ends the run with BP_ERROR_STATE. The same holds for the gradient hook. `context` is
 * bp_trainer_options.on_epoch_context.
 */
typedef int (*bp_epoch_callback)(void *context, bp_trainer *trainer, const bp_progress *progress);

/** What the gradient hook receives. Valid during the call. */
typedef struct bp_gradient_batch {
    size_t size;       /**< Bytes that the library has filled. */
    size_t epoch;      /**< The epoch of this update, counted as in bp_progress. */
    uint64_t update;   /**< Counts updates since creation or reset; 1 for the first. In the last call epoch
                            and update are those that would come next. */
    size_t cases;      /**< Cases in this batch; 0 in an empty batch and in the last call. */
    size_t cases_left; /**< Cases of the epoch after this batch. */
    double error;      /**< E of this batch. */
    bp_real *gradient; /**< The gradient, which the hook may change; zeros in an empty batch and in the
                            last call. */
    size_t count;      /**< Elements of gradient: the number of weights. */
    bp_stop_reason reason; /**< BP_STOP_NONE; in the last call, why the run ended. */
    bp_status status;      /**< BP_OK; in the last call, what bp_trainer_run() is about to return. */
    int is_search;         /**< 1: the update belongs to a search for the learning rate; else 0. */
} bp_gradient_batch;

/** The reply of the gradient hook. When the hook is called, all is 0, except for error. */
typedef struct bp_gradient_reply {
    size_t size;       /**< Bytes that the library reads. */
    int stop;          /**< 1: the run ends with BP_STOP_HOOK, without this update. */
    int more_batches;  /**< When no cases are left, 1: the epoch continues with an empty batch; 0: it ends. */
    double mean_error; /**< Mean E of the batch, by which searches and adaptive schedules judge the learning
                            rate. Several machines that set it to the mean over all of them choose the same
                            rate; a schedule that watches validation cases needs the same ones on all. */
} bp_gradient_reply;

/**
 * Called before each update with the gradient that the update will use.
 *
 * It serves to inspect or clip the gradient, or to average it over machines. The gradient is the sum or mean
 * over the batch, see bp_trainer_options.reduction. Any status but BP_OK ends the run with that status and
 * without this update; BP_DIVERGED has the same effect as a divergence found by the library. `context` is
 * bp_trainer_options.on_gradient_context.
 *
 * When anything else ends the run (a rule, the callback, divergence, a failure, an argument that is refused),
 * the hook is called one last time, with a reason other than BP_STOP_NONE; its reply is then ignored. There
 * is no last call after the hook itself ended the run by its status or reply, nor for a run that is refused
 * because another run of the same trainer is in progress.
 *
 * @par Several machines
 * Machines that each have a trainer and a share of the cases train one network together when every call of
 * the hook is one exchange among all of them. They start with the same weights and the same options (seeds
 * may differ), with BP_REDUCE_SUM. A machine whose share has fewer batches continues with empty ones until
 * all have finished the epoch. When one run ends, all others end at the same update, and no machine is left
 * waiting:
 *
 *     bp_status exchange(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
 *     {
 *         double sums[4] = {batch->reason != BP_STOP_NONE, batch->cases_left, batch->cases, batch->error};
 *         MPI_Allreduce(MPI_IN_PLACE, sums, 4, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
 *         reply->stop = sums[0] > 0;
 *         reply->more_batches = sums[1] > 0;
 *         reply->mean_error = sums[3] / sums[2];
 *         if (reply->stop)
 *             return BP_OK;
 *         MPI_Allreduce(MPI_IN_PLACE, batch->gradient, batch->count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
 *         for (size_t i = 0; i < batch->count; i++)
 *             batch->gradient[i] /= (bp_real)sums[2];
 *         return BP_OK;
 *     }
 *
 * The loop turns the sum into the mean over the cases of all machines; for the sum, as in [RHW86], leave it
 * out. The weights stay the same on all machines, bit for bit, if all receive the same bits of the sum.
 * Metrics and rules see only the cases of their own machine, so a rule may fire on one machine alone: its
 * result has the reason of the rule, those of the others BP_STOP_HOOK. Early stopping and divergence restore
 * weights on that machine only, and with the option keep_best each machine hands back those of its own best
 * epoch: before training continues, send the weights of one machine to all (MPI_Bcast,
 * bp_network_set_weights()) and call bp_trainer_reset() on all.
 *
 * A search for the learning rate (batch->is_search) finds the same rate on all machines by mean_error. Its
 * errors and gradients may be infinite or NaN. Scaling would be fitted to the share of each machine, so set
 * that of the network before the first run, the same on all, or the option scale_data to 0.
 */
typedef bp_status (*bp_gradient_hook)(void *context, const bp_gradient_batch *batch,
                                      bp_gradient_reply *reply);

/** How the derivatives of the cases of a batch are combined. */
typedef enum bp_reduction {
    BP_REDUCE_SUM = 0, /**< Summed, as in [RHW86]: the learning rate applies to the sum. */
    BP_REDUCE_MEAN = 1 /**< Divided by the number of cases in the batch, the usual convention. */
} bp_reduction;

/** The batch size that the trainer chooses: #BP_BATCH_AUTO cases or a little fewer, so that the last batch of
 * an epoch is as large as the others. */
#define BP_BATCH_AUTO ((size_t)-1)

/** The weight decay that the trainer chooses; see bp_trainer_options.weight_decay. */
#define BP_DECAY_AUTO (-1e30)

/** As many recoveries as suit the learning rate; see bp_trainer_options.recoveries. */
#define BP_RECOVERIES_AUTO (-1)

/**
 * Options of bp_trainer_create(); @ref backprop_automatic describes the defaults.
 *
 * @anchor backprop_class_weights
 * Weights of classes, for classes of which some have few cases: the weight of each case is multiplied by that
 * of its class. Balanced, the weight of class c is
 *
 *     sum of the weights of all cases / (classes that have cases * sum of those of class c)
 *
 * or, with case weights of 1, cases / (classes * cases of c), as scikit-learn's compute_class_weight has it,
 * so that the mean over all cases stays 1. It is found from the training cases of each call of
 * bp_trainer_run(): in cross-validation from those of the fold, for a stream in its first pass. A class
 * without training cases weighs 1.
 *
 * The network must have one output layer: of several units, with a target of 1 for the class of a case and 0
 * for the others, or of one logistic unit, with a target of 0 or 1. Other networks, and unrolled ones, are
 * refused by bp_trainer_create() (BP_ERROR_UNSUPPORTED), other targets by the run (BP_ERROR_ARGUMENT).
 *
 * Validation cases are weighed by the same factors, unlike in Keras, which weighs training cases alone: early
 * stopping and keep_best then judge by the E that training lowers, not by one that passes over the rare
 * class. Accuracies count cases, as ever. bp_network_evaluate() and the test figures of bp_cross_validate()
 * know no weights of classes. A probability that such a network gives is that of a world in which the classes
 * are as frequent as they weigh.
 */
typedef struct bp_trainer_options {
    size_t size;                        /**< sizeof(bp_trainer_options). */
    bp_loss loss;                       /**< Default bp_loss_default(). */
    bp_optimizer optimizer;             /**< Default momentum; learning rate #BP_RATE_AUTO, momentum 0.9. */
    bp_schedule learning_rate_schedule; /**< Default bp_schedule_none(). */
    bp_schedule momentum_schedule;      /**< Of beta1 with Adam. Default bp_schedule_none(). */
    double weight_decay; /**< After each update every weight, biases too, shrinks by this fraction; >= 0 and
                              < 1. The family trees of [RHW86]: 0.002. With a rule for whole sets it is lambda
                              of F, >= 0; see @ref backprop_whole_set. Default #BP_DECAY_AUTO: a decay that
                              suits the number of cases and the noise: with momentum and Nesterov a fraction
                              in proportion to the learning rate, with the other rules a term of dE/dw; none
                              with bp_optimizer_adamw(), which has its own, bp_optimizer_custom(), and
                              losses other than squared error and cross-entropy. */
    size_t batch_size;   /**< Cases per update. Default #BP_BATCH_AUTO: for n cases, n / ceil(n / 32), rounded
                              up; all for iRprop and Quickprop. 0: all, one update per epoch, as in [RHW86];
                              1: online training. The last batch of an epoch may be smaller. */
    bp_reduction reduction; /**< Default BP_REDUCE_MEAN. */
    int average_shared;     /**< 1: the derivative of a weight with n uses (shared, unrolled over time, or at
                                 n positions of a convolution) is divided by n before hook and update, as
                                 [RHW86] does for iterative nets. 0 (default): it is the sum over all uses. */
    int scale_data;         /**< 1 (default): the first run fits bp_scaling_automatic() to the training cases,
                                 but to targets only if the loss has no numbers in their units; 0: it does
                                 not. */
    int keep_best;          /**< 1 (default): after a run with validation cases, the network has the weights
                                 of the best epoch; 0: those of the last, except after a rule that judges
                                 by the validation error, such as bp_stop_early(). The weights that training
                                 began with are no epoch, and may have been better. */
    int recoveries;         /**< How often training may be rolled back and go on with 0.3 times the learning
                                 rate; the first time with less, if the rate was the caller's, there is no
                                 gradient hook, and a search finds less. It is so after divergence, when the
                                 error bounces (with dropout or noise as in @ref backprop_dropout), or when it
                                 is that of constant outputs and all units of a hidden layer have become
                                 saturated or dead. 0: never; a number: so often;
                                 #BP_RECOVERIES_AUTO (default): 5 times if the learning rate is
                                 #BP_RATE_AUTO and there is no gradient hook, else never. */
    int shuffle;            /**< 1 (default): the cases are shuffled in each epoch, unless one batch has them
                                 all; 0: they keep their order. */
    const bp_stop_rule *stop_rules; /**< Copied. None (default): rules that suit the data. */
    size_t stop_rule_count;         /**< Number of stopping rules; default 0. */
    bp_epoch_callback on_epoch;     /**< Default NULL. */
    void *on_epoch_context;         /**< Passed to on_epoch. */
    bp_gradient_hook on_gradient;   /**< Default NULL. */
    void *on_gradient_context;      /**< Passed to on_gradient. */
    int keep_history;               /**< 1: E of every epoch is kept for bp_trainer_history(), and what else
                                         bp_trainer_save_curve() needs, 32 bytes in all. Default 0. */
    size_t threads; /**< Threads that work on each update and evaluation, the calling one included, as in
                         bp_workspace_set_threads(); 1 (default) to #BP_MAX_THREADS. */
    uint64_t seed;  /**< Seed of the shuffling, and of dropout and noise; default 1. */
    const char *history_csv;  /**< The path of a history file in CSV, see @ref backprop_history; copied.
                                 Default NULL: none. */
    const char *history_json; /**< The same in JSON lines. No two of the options that are paths may be equal,
                                   and none empty. */
    size_t stream_window;     /**< Cases that bp_trainer_run_stream() has in memory at a time. 0 (default): as
                                   many as 64 MiB hold. Any number; SIZE_MAX: all of them. Memory beyond 64
                                   MiB is taken as the cases come. */
    size_t no_bias_decay;     /**< 1: biases, and learned initial states, do not decay, as is usual today;
                                   0 (default, [RHW86]): as other weights. */
    const char *checkpoint_path; /**< The file to which runs write checkpoints, as bp_trainer_save() does; see
                                      @ref backprop_checkpoints. Copied. Default NULL: none. */
    uint64_t checkpoint_updates; /**< A checkpoint after so many updates each. Default 0: not by updates. */
    double checkpoint_seconds;   /**< A checkpoint after so many seconds each, if an update was made. Default
                                      0: not by time or, if checkpoint_updates is 0, too, every 60 seconds. */
    const double *class_weights; /**< A factor >= 0 for the cases of each class: one for each unit of the
                                      output layer, or two for a single unit, of the targets 0 and 1; see
                                      @ref backprop_class_weights. Copied. Default NULL: none. */
    size_t class_weight_count;   /**< Number of them; default 0. */
    size_t balance_classes;      /**< 1: all classes that have training cases weigh the same together, as with
                                      class_weight="balanced" of scikit-learn; class_weights must be left out.
                                      Default 0. */
    double l1;         /**< lambda of the term lambda sum |w|; default 0: none; @ref backprop_penalties. */
    double l2;         /**< lambda of the term lambda / 2 sum w^2 in dE/dw; default 0: none. */
    double max_norm;   /**< The largest norm of the weights into a unit; default 0: any. */
    double clip_value; /**< The largest amount of a dE/dw in an update; default 0: any. */
    double clip_norm;  /**< The largest norm of the gradient of an update; default 0: any. */
} bp_trainer_options;

/** Sets *options to its defaults. size is sizeof(bp_trainer_options). */
BP_API void bp_trainer_options_init(bp_trainer_options *options, size_t size);

/**
 * Sets *options to the procedure of [RHW86]: one update per sweep with the summed gradient of the squared
 * error, and a momentum of 0.9. Nothing is scaled, and the run keeps the last weights.
 *
 * The learning rate must be set, for example by options.optimizer = bp_optimizer_momentum(0.1, 0.9), and the
 * stopping rules should be: without any, the first run chooses them.
 * size is sizeof(bp_trainer_options).
 */
BP_API void bp_trainer_options_1986(bp_trainer_options *options, size_t size);

/**
 * Creates a trainer of one network.
 *
 * @param out Receives the trainer.
 * @param net A finalized network, which must outlive the trainer. Its weights may be set later.
 * @param options NULL: all defaults.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT, BP_ERROR_NOT_FINITE: an option; the message names it
 *   - BP_ERROR_SIZE: class_weights of another number than the network has classes
 *   - BP_ERROR_STATE: not finalized, or recurrent and not unrolled
 *   - BP_ERROR_UNSUPPORTED: a threshold activation, which has no slope; the loss does not suit an output
 *     layer, or all outputs are softmax layers of a single unit, which is always 1; class_weights or
 *     balance_classes where there are no classes (@ref backprop_class_weights); a schedule, weight decay,
 *     penalty, limit or clipping (@ref backprop_penalties) or gradient hook that the optimizer has no use
 *     for; what rules for whole sets refuse (@ref backprop_whole_set)
 *   - BP_ERROR_THREAD: the system starts no more threads
 *   - BP_ERROR_VERSION, BP_ERROR_OVERFLOW, BP_ERROR_MEMORY
 */
BP_API bp_status bp_trainer_create(bp_trainer **out, bp_network *net, const bp_trainer_options *options);
/** Destroys a trainer and ends its threads. The network keeps its weights. */
BP_API void bp_trainer_destroy(bp_trainer *trainer);

/**
 * Trains epoch after epoch until a stopping rule fires.
 *
 * The next call continues where this one ended, even within an epoch if a limit was reached there: epochs,
 * schedules, random numbers, the optimizer's state and the memory of adaptive schedules and of stopping
 * rules go on, while limits count from the start of each call. A different
 * number of training cases starts a new epoch.
 *
 * With the option keep_best, the network has the weights of the best epoch after a run with validation cases,
 * and result is about these. Nevertheless the next call continues from the last weights, as if nothing had
 * happened in between, unless the weights of the network were changed since, or bp_trainer_restore_best() was
 * called.
 *
 * After BP_DIVERGED (E, also that of the result, or a weight became infinite or NaN) the best weights seen
 * are restored and the optimizer's state is cleared. Candidates are the network's weights before the run,
 * those at the start of its last epoch with finite E, and, with validation cases, those of the best epoch.
 * The lowest validation error decides; without validation cases, the lowest E of the training cases. Weights
 * with a larger E of the training cases than before the run are never restored. So result->error is finite
 * unless E was infinite or NaN before.
 *
 * After another failure during training, the weights are those after the last update, result is filled, with
 * the reason BP_STOP_FAILED, and the next call continues from there.
 *
 * @param trainer Not one that is running.
 * @param training The training cases, with targets.
 * @param validation The validation cases, with targets; may be NULL.
 * @param result NULL, or receives the result; its size must be set.
 * @return BP_OK, whatever rule fired; or before training begins
 *   - BP_ERROR_ARGUMENT, BP_ERROR_SIZE, BP_ERROR_OVERFLOW, BP_ERROR_NOT_FINITE, BP_ERROR_VERSION,
 *     BP_ERROR_MEMORY
 *   - BP_ERROR_ARGUMENT: also targets that the loss does not take; cases without any target or, unless the
 *     network is unrolled, a column without one among the training cases (@ref backprop_missing_targets);
 *     a case of no class, with class_weights or balance_classes
 *   - BP_ERROR_STATE: weights never set, all of them frozen, or called from a callback of this trainer; or a
 *     run that goes on from a checkpoint with other cases
 *   - BP_ERROR_UNSUPPORTED: batches smaller than all cases, and dropout or noise of a layer, with
 *     bp_optimizer_irprop_plus() and with rules for whole sets (@ref backprop_whole_set); a factor on the
 *     learning rate of trained weights with these rules for whole sets, or with bp_optimizer_custom();
 *     missing_targets with a custom loss
 *
 *   and during training
 *   - BP_DIVERGED
 *   - what the gradient hook returned; BP_ERROR_NOT_FINITE if it left NaN or infinity in the gradient
 *   - BP_ERROR_NOT_FINITE: a derivative of a custom activation or loss; the message names the layer
 *   - what a rule of the caller's returned; BP_ERROR_NOT_FINITE if it left NaN or infinity in the weights
 *   - BP_ERROR_STATE: a callback called bp_trainer_reset()
 *   - BP_ERROR_MEMORY: for the history of another epoch
 */
BP_API bp_status bp_trainer_run(bp_trainer *trainer, const bp_data *training, const bp_data *validation,
                                bp_result *result);

/**
 * Makes a trainer as newly created: clears the optimizer's state, epochs, history, order of cases, best
 * weights, and the memory of an adaptive schedule.
 *
 * The weights of the network and the options stay. No C++ exception and no longjmp may leave
 * bp_trainer_run() through a function of the caller's. If one did, the trainer accepts only
 * bp_trainer_reset() and bp_trainer_destroy(), and everything again after the reset; the weights are those
 * after the last update.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT.
 */
BP_API bp_status bp_trainer_reset(bp_trainer *trainer);

/**
 * Restores the weights of the epoch with the lowest validation error and clears the optimizer's state.
 * Training continues from these weights.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_STATE (no such epoch, weights that are frozen now were others
 *   then, or called from a callback).
 */
BP_API bp_status bp_trainer_restore_best(bp_trainer *trainer);

/**
 * Asks the run in progress to end after the present update, with BP_STOP_REQUESTED.
 *
 * It may be called by any thread, and by a signal handler. Online training, and that of small networks with
 * batches of up to 16, notices it after at most 2^24 updated weights. A request while no run is in progress,
 * or after the last update of one, ends the next one after its first update. NULL is ignored.
 */
BP_API void bp_trainer_request_stop(bp_trainer *trainer);

/**
 * Saves a trainer, and the weights and scaling of its network, to a file; see @ref backprop_checkpoints.
 *
 * The file is written beside the target, synced and renamed, so that at any moment `path` is the old file or
 * the new one. on_epoch may call it, for its trainer; then the checkpoint is of the run in progress.
 *
 * @return BP_OK; BP_ERROR_ARGUMENT; BP_ERROR_STATE: a run is in progress, and this is not its on_epoch;
 *   BP_ERROR_FILE, BP_ERROR_MEMORY.
 */
BP_API bp_status bp_trainer_save(const bp_trainer *trainer, const char *path);
/**
 * The same to memory.
 *
 * @param trainer As above.
 * @param buffer Receives the bytes of the file. NULL, with a capacity of 0: only their number is wanted.
 * @param capacity The size of the buffer.
 * @param needed NULL, or receives the number of bytes. It depends on the place in training.
 * @return As bp_trainer_save(); BP_ERROR_SIZE: the buffer is too small, and was not touched.
 */
BP_API bp_status bp_trainer_save_memory(const bp_trainer *trainer, void *buffer, size_t capacity,
                                        size_t *needed);
/**
 * Makes a trainer from a checkpoint, and gives the network its weights and how they are trained, its scaling,
 * and dropout and noise of its layers; see @ref backprop_checkpoints.
 *
 * What a file cannot hold is given again: custom activations by the network, the rest by `options`, such as
 * those that the first trainer was created with. Of their members these are used: the functions and contexts
 * on_epoch and on_gradient, the loss and the optimizer if they are the caller's own, threads, history_csv,
 * history_json, checkpoint_path, checkpoint_updates, checkpoint_seconds. All others come from the file.
 * on_epoch may be another one or none; a gradient hook must be there if there was one, and else not.
 *
 * Weights, scaling, dropout and noise that the network had are lost. The file is untrusted: it is checked
 * before anything is changed, and a damaged one is refused.
 *
 * @param out Receives the trainer.
 * @param net A finalized network of the same structure, as the program that saved had it; names of layers may
 *   differ. It must outlive the trainer.
 * @param path The file.
 * @param options NULL: no callbacks, no files, one thread.
 * @return BP_OK; on failure trainer and network are untouched:
 *   - BP_ERROR_FILE, BP_ERROR_FORMAT, BP_ERROR_NOT_FINITE: the file cannot be read, or is damaged
 *   - BP_ERROR_VERSION: of another version of the format
 *   - BP_ERROR_STRUCTURE: of another network; the message names the first difference
 *   - BP_ERROR_UNSUPPORTED: made by the library of the other precision, or with an optimizer that this one
 *     does not know
 *   - BP_ERROR_ARGUMENT: an option is not valid, something is not given again, or options.optimizer is set
 *     and of another kind
 *   - BP_ERROR_STATE: the network is not finalized, or recurrent and not unrolled
 *   - BP_ERROR_THREAD, BP_ERROR_OVERFLOW, BP_ERROR_MEMORY
 *
 *   A network that computes with another instruction set than the one that saved is accepted; the finding
 *   BP_FINDING_OTHER_INSTRUCTIONS says so. An option that comes from the file, but that `options` sets to
 *   something else (left as by default it says nothing), is a finding, BP_FINDING_OPTION_OF_CHECKPOINT.
 */
BP_API bp_status bp_trainer_load(bp_trainer **out, bp_network *net, const char *path,
                                 const bp_trainer_options *options);
/** The same from the `size` bytes that bp_trainer_save_memory() wrote, or from those of a file. */
BP_API bp_status bp_trainer_load_memory(bp_trainer **out, bp_network *net, const void *buffer, size_t size,
                                        const bp_trainer_options *options);

/** The loss in use: that of the options, or the one that bp_loss_default() stands for. */
BP_API bp_loss bp_trainer_loss(const bp_trainer *trainer);

/** The number of findings since creation or reset; 0 for NULL. May be called in a callback. */
BP_API size_t bp_trainer_finding_count(const bp_trainer *trainer);

/**
 * Copies a finding. They are in the order in which they were found.
 *
 * @param trainer The trainer.
 * @param index Less than bp_trainer_finding_count().
 * @param finding Receives the finding; its size must be set (bp_finding_init()).
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_VERSION.
 */
BP_API bp_status bp_trainer_finding(const bp_trainer *trainer, size_t index, bp_finding *finding);
/** Copies the first `capacity` findings into an array as bp_diagnose() does; *count is how many there are.
 * BP_ERROR_ARGUMENT, BP_ERROR_VERSION. */
BP_API bp_status bp_trainer_findings(const bp_trainer *trainer, bp_finding *findings, size_t capacity,
                                     size_t *count);

/** The maximum number of points of a bp_rate_search. */
#define BP_RATE_POINTS 64

/** What a learning rate achieved in a search. */
typedef struct bp_rate_point {
    double learning_rate; /**< The rate. */
    double error;         /**< Mean E after some updates with this rate; NaN or infinite: it diverged. */
} bp_rate_point;

/** The result of bp_trainer_find_learning_rate(). */
typedef struct bp_rate_search {
    size_t size;          /**< sizeof(bp_rate_search). */
    double learning_rate; /**< The rate to use. */
    double limit;         /**< The lowest rate tried that made training unstable; infinite: none did. */
    double start_error;   /**< Mean E before any update. */
    uint64_t updates;     /**< Updates that the search took. */
    size_t point_count;   /**< Number of points. */
    bp_rate_point points[BP_RATE_POINTS]; /**< The curve, by ascending rate. */
} bp_rate_search;

/** Sets *search to zeros and its size. size is sizeof(bp_rate_search). */
BP_API void bp_rate_search_init(bp_rate_search *search, size_t size);

/**
 * Searches for the learning rate of the trainer's network, data and options.
 *
 * The search trains with rates that rise until training is unstable, for at most 2 epochs or 100 updates,
 * whichever is more (100 updates with a gradient hook, so that machines with different shares take equally
 * many), and then puts everything back: weights, optimizer, epochs and random numbers are as they were, bit
 * for bit. No callback but the gradient hook is called; with one, the rates are judged by its replies, and it
 * sees the same batches with each rate. It is told of the end only if the search fails on this machine alone.
 * Learning-rate schedules are ignored, momentum is that of the first epoch. The idea is that of L. N. Smith,
 * "Cyclical learning rates for training neural networks" (2017), section 3.3.
 *
 * The rates tried suit the rule: for momentum, Nesterov and Quickprop they go by momentum, batch and
 * reduction; for Adam, AdamW, RMSprop and Adagrad, whose rate is the size of a step, they go from 1e-4 to 1,
 * whatever the batch; for rules of the caller's from 1e-6 to 100. Every rate of a rule but momentum and
 * Nesterov begins with empty state. iRprop has no rate: its first step of 0.01 is the result, without a
 * search (no points, and start_error is NaN).
 *
 * With #BP_RATE_AUTO the first run searches by itself and reports the rate as a finding.
 *
 * @param trainer Not one that is running.
 * @param training The training cases, with targets.
 * @param search Receives the result; its size must be set.
 * @return BP_OK; or
 *   - as bp_trainer_run() before training begins
 *   - BP_ERROR_UNSUPPORTED: no rate lowers the error, or the gradient hook asked to stop; the message says
 *     what was seen
 *   - what the gradient hook returned
 */
BP_API bp_status bp_trainer_find_learning_rate(bp_trainer *trainer, const bp_data *training,
                                               bp_rate_search *search);

/**
 * Sets the learning rate from now on and removes its schedule. It must be finite and > 0.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_NOT_FINITE; BP_ERROR_UNSUPPORTED: the optimizer is iRprop,
 *   SCG, L-BFGS or Levenberg-Marquardt, which have none.
 */
BP_API bp_status bp_trainer_set_learning_rate(bp_trainer *trainer, double learning_rate);
/** The same for the momentum, >= 0 and < 1, or beta1 of Adam. BP_ERROR_UNSUPPORTED: Adagrad, RMSprop, iRprop,
 * Quickprop, SCG, L-BFGS and Levenberg-Marquardt have none. */
BP_API bp_status bp_trainer_set_momentum(bp_trainer *trainer, double momentum);
/**
 * Sets the schedule of the learning rate. Epochs and updates count from creation or reset; an adaptive
 * schedule begins at its start.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_NOT_FINITE; BP_ERROR_MEMORY: for the weights of
 *   bp_schedule_bold_driver(); BP_ERROR_STATE: during a run, if the rate is #BP_RATE_AUTO and has not been
 *   found; BP_ERROR_UNSUPPORTED: the optimizer is iRprop, SCG, L-BFGS or Levenberg-Marquardt, which have no
 *   rate.
 */
BP_API bp_status bp_trainer_set_learning_rate_schedule(bp_trainer *trainer, bp_schedule schedule);
/** Sets the schedule of the momentum. Errors as those of bp_trainer_set_momentum(). */
BP_API bp_status bp_trainer_set_momentum_schedule(bp_trainer *trainer, bp_schedule schedule);
/** Of the next update; NaN for NULL, 0 while #BP_RATE_AUTO has not been found. */
BP_API double bp_trainer_learning_rate(const bp_trainer *trainer);
BP_API double bp_trainer_momentum(const bp_trainer *trainer); /**< Of the next update; NaN for NULL. */

/**
 * E of every epoch finished since creation or reset, as bp_progress.error, the first epoch's at index 0.
 *
 * In a callback, the epoch just finished is included. The pointer is valid until the next bp_trainer_run(),
 * bp_trainer_reset() or bp_trainer_destroy(); one obtained in a callback keeps its *count entries while the
 * run goes on.
 *
 * @param trainer A trainer with the option keep_history.
 * @param count NULL, or receives the number of epochs.
 * @return NULL, with a count of 0, without keep_history and before the first epoch has finished.
 */
BP_API const double *bp_trainer_history(const bp_trainer *trainer, size_t *count);

/** Prints the progress of a run. */
typedef struct bp_reporter bp_reporter;

/**
 * Creates a reporter that prints to a stream, to be given as epoch callback:
 *
 *     bp_reporter *reporter = NULL;
 *     bp_reporter_create(&reporter, stderr);
 *     options.on_epoch = bp_reporter_on_epoch;
 *     options.on_epoch_context = reporter;
 *
 * To a terminal it prints one line, renewed in place about 10 times a second and cut off at the width of the
 * terminal. Elsewhere it prints a line for epochs 1, 2, 5, 10, 20, 50 and so on of each run, and for the
 * last. A line has the epoch, the mean training error, with validation cases their mean error, best epoch
 * and, where outputs are classes, accuracy, the longest time left if a rule limits epochs, updates or time,
 * the learning rate, and the cases trained per second. When the run ends, the line of its last epoch is
 * printed and ended.
 *
 * Errors of the stream are ignored, and no signal is raised by them.
 *
 * @param out Receives the reporter, which serves one running trainer at a time.
 * @param stream Where it prints. It stays the caller's, and must outlive the reporter.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_MEMORY.
 */
BP_API bp_status bp_reporter_create(bp_reporter **out, FILE *stream);
/** Ends the line in progress and destroys a reporter. Allowed while no trainer that uses it is running. */
BP_API void bp_reporter_destroy(bp_reporter *reporter);
/**
 * The epoch callback. It may also be called from a callback of the caller's, with that one's arguments.
 *
 * @param reporter A bp_reporter; NULL does nothing.
 * @param trainer The trainer that is running.
 * @param progress Its progress.
 * @return Always 0.
 */
BP_API int bp_reporter_on_epoch(void *reporter, bp_trainer *trainer, const bp_progress *progress);

/** @} */

/* ------------------------------------------------------------ several starts */

/**
 * @defgroup backprop_starts Several starts
 * A network trained several times from different initial weights, of which the best result is kept.
 *
 * Training finds a minimum of E near the initial weights, and some minima are bad: about one network in four
 * with two hidden units never learns exclusive-or. The best of several starts is seldom bad:
 *
 *     size_t units[] = {2, 2, 1};
 *     bp_network *net = NULL;
 *     bp_network_create_layered(&net, units, 3, bp_activation_logistic(), bp_activation_logistic());
 *     bp_starts_options starts;
 *     bp_starts_options_init(&starts, sizeof starts);
 *     starts.count = 20;
 *     starts.threads = 4;
 *     bp_train_starts(net, NULL, &data, NULL, &starts, NULL, NULL, NULL);
 * @{
 */

/** Options of bp_train_starts(). */
typedef struct bp_starts_options {
    size_t size;    /**< sizeof(bp_starts_options). */
    size_t count;   /**< The number of starts, >= 1; default 10. */
    size_t threads; /**< Threads that train, the calling one included, each one start at a time; 1 (default)
                         to #BP_MAX_THREADS. */
    uint64_t seed;  /**< The seed of start 0, from which those of the others follow; default 1. */
} bp_starts_options;

/** Sets *options to its defaults. size is sizeof(bp_starts_options). */
BP_API void bp_starts_options_init(bp_starts_options *options, size_t size);

/** What became of one start. The members from `reason` on are those of bp_result. */
typedef struct bp_start_result {
    size_t size;             /**< sizeof(bp_start_result). */
    uint64_t seed;           /**< The seed of its initial weights and of its shuffling. */
    bp_status status;        /**< BP_OK or BP_DIVERGED. */
    bp_stop_reason reason;   /**< Why it ended. */
    size_t epochs;           /**< Epochs finished. */
    uint64_t updates;        /**< Updates. */
    double error;            /**< E of the training cases with its final weights. */
    double mean_error;       /**< error / cases. */
    double validation_error; /**< Mean E of the validation cases with its final weights; NaN without any. */
    size_t best_epoch;       /**< The epoch of the lowest validation error; 0 without. */
    double seconds;          /**< Wall-clock time. */
    uint64_t evaluations;    /**< Gradients computed, counted as in bp_progress. */
} bp_start_result;

/** Sets an array of `count` results to zeros and their sizes. size is sizeof(bp_start_result). */
BP_API void bp_start_result_init(bp_start_result *results, size_t size, size_t count);

/** What became of all starts. */
typedef struct bp_starts_summary {
    size_t size;      /**< sizeof(bp_starts_summary). */
    size_t best;      /**< The start whose weights the network has; if all diverged, the number of starts. */
    size_t near_best; /**< Starts whose error is within 1 % of the lowest, the best one included. Only 1 of
                           many: there may be a better minimum yet, so more starts are worth while. */
    size_t diverged;  /**< Starts that diverged. */
    double learning_rate; /**< The rate that start 0 found and all used; 0: none was searched for. */
    double seconds;       /**< Wall-clock time of the call. */
} bp_starts_summary;

/** Sets *summary to zeros and its size. size is sizeof(bp_starts_summary). */
BP_API void bp_starts_summary_init(bp_starts_summary *summary, size_t size);

/**
 * Trains a network from several starts and keeps the best result.
 *
 * Each start trains a copy of the network, from initial weights of its own, as bp_network_initialize() draws
 * them. The best is the one with the lowest mean validation error or, without validation cases, the lowest E
 * of the training cases, with the weights that bp_trainer_run() would hand back; of equals, the first. The
 * network receives its weights, and the scaling of all. What the weights were before does not matter.
 *
 * What a trainer chooses (@ref backprop_automatic) is chosen once, with the weights of start 0, and used by
 * all: their errors can be compared. Start 0 is an ordinary training, bit by bit:
 *
 *     bp_network_initialize(net, seed);
 *     options.seed = seed;
 *     bp_trainer_create(&trainer, net, &options);
 *     bp_trainer_run(trainer, training, validation, &result);
 *
 * So is every other one, with its own seed, from its bp_start_result, and summary->learning_rate in place of
 * #BP_RATE_AUTO. Start i has the same seed for every number of starts. Results have the same bits for every
 * number of threads. Frozen weights are not drawn but kept, if the network's weights were ever set.
 *
 * A start that diverges is a result, not a failure; it is never the best. Any other failure in a start ends
 * the call.
 *
 * @par Callbacks
 * options->on_epoch is called by the thread that trains the start, but never by two threads at once;
 * progress->start tells the starts apart. The trainer that it receives trains one start after the other, and
 * what it changes in it (learning rate, momentum) lasts until the end of the start. A value other than 0 ends
 * this start alone, and so does bp_trainer_request_stop(); what it has reached counts. To end all of them,
 * return the value in every call from then on: each start that is left ends after its first epoch.
 *
 * @par Threads
 * Activations and losses of the caller's are called by all threads, the functions of the allocator by the
 * calling one alone. All signals are blocked in the other threads. The memory needed is that of one network
 * with its trainer for each thread.
 *
 * @param net A finalized network. Others may read it meanwhile, as it changes only at the end, if the call
 *   succeeds.
 * @param options Of the trainers. NULL: all defaults. `seed` is replaced by the seed of each start.
 *   keep_history, history_csv, history_json, checkpoint_path, checkpoint_updates and checkpoint_seconds have
 *   no effect: neither histories nor checkpoints are written.
 * @param training The training cases, with targets.
 * @param validation The validation cases, with targets; may be NULL.
 * @param starts NULL: all defaults.
 * @param networks NULL, or receives as many networks as there are starts, each with the weights of its start:
 *   for bp_networks_predict(), say. They belong to the caller. Of a start that diverged, the weights are the
 *   best that it saw.
 * @param results NULL, or receives a result for each start; their sizes must be set.
 * @param summary NULL, or receives the summary; its size must be set.
 * @return BP_OK; or
 *   - as bp_trainer_create() and bp_trainer_run()
 *   - BP_ERROR_UNSUPPORTED: a gradient hook, or bp_stop_seconds(), with which results would depend on time;
 *     more than one thread both for the starts and for each trainer
 *   - BP_ERROR_THREAD: the system starts no more threads
 *   - BP_DIVERGED: all starts diverged. *results and *summary are filled, all else is left untouched
 */
BP_API bp_status bp_train_starts(bp_network *net, const bp_trainer_options *options, const bp_data *training,
                                 const bp_data *validation, const bp_starts_options *starts,
                                 bp_network **networks, bp_start_result *results, bp_starts_summary *summary);

/** @} */

/* ------------------------------------------------------------------- schemas */

/**
 * @defgroup backprop_schemas Schemas
 * What the columns of a table are, and how they become inputs and targets.
 *
 * Loading a table learns its schema: the kind of each column, the categories, what is missing. The dataset
 * owns it (bp_dataset_schema()), bp_network_set_schema() gives a copy to the network, and the model file has
 * it. So a program that has nothing but the model file reads new rows as training did, in whatever order
 * their columns are, and answers in the words of the table.
 *
 * What the library should not guess is said by rules: create a schema, set them, and load with it.
 *
 *     bp_schema *rules = NULL;
 *     bp_schema_create(&rules, NULL);
 *     bp_schema_set_role(rules, bp_column_named("id"), BP_ROLE_IGNORED);
 *     bp_schema_set_kind(rules, bp_column_named("postcode"), BP_COLUMN_CATEGORY);
 *     bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEDIAN, 0);
 *     options.schema = rules;
 *     bp_dataset_load_csv(&dataset, "people.csv", &options);
 *     bp_schema_destroy(rules);
 *
 * @section backprop_columns How a column becomes inputs
 * - A number is one input.
 * - A truth value is one input, 0 or 1. Truth values are true and false, yes and no, t and f, y and n, on and
 *   off, in any case.
 * - A category is one input for each of its categories, 1 for that of the case and 0 for the others; or, on
 *   request, a single one with its number (BP_ENCODING_ORDINAL).
 *
 * Inputs are in the order of the columns. Targets likewise, but a category is always one target for each
 * class, with the values bp_csv_options.class_on and class_off, and so are truth values.
 *
 * A column is of numbers if all of its cells are, or else of truth values if all are of one of the pairs
 * above, and both occur; all other columns are of categories. Categories are in ascending order: as numbers
 * if all are numbers (1 and 1.0 are then the same one), else as bytes. Ignored are
 * - a column of text that is different in more than 3 of 4 cells, of 8 or more, and one without cells
 * - row numbers: whole numbers that rise by 1 from row to row, in tables of 10 rows or more with other
 * inputs. Its kind stays BP_COLUMN_NUMBER, and bp_schema_text() says what it is. A rule for this column
 * alone, or for its role, keeps it: years or months that are counted in a series, say.
 *
 * Refused are
 * - a column of numbers and words, which may be misprints or stand for missing cells: if more than 20 of the
 *   numbers are different, and 9 of 10 cells are numbers or no more than 5 of the words are different; or,
 * with more numbers than words, if it would be ignored
 * - a column whose words are all numbers written otherwise: 1,5 or 1.234,5 where the decimal sign is a point,
 *   1 000 or 1'000, and percentages and money with their signs; or such numbers and a few other words, by the
 *   same rule as numbers and words.
 *
 * All this is learned from the rows that are kept, not from those that the rule for missing cells leaves out.
 * @{
 */

/** What a column is for. */
typedef enum bp_column_role {
    BP_ROLE_INPUT = 0,       /**< Its cells become inputs. */
    BP_ROLE_TARGET = 1,      /**< Its cells become targets. */
    BP_ROLE_IGNORED = 2,     /**< It is left out. */
    BP_ROLE_CASE_WEIGHT = 3, /**< Numbers >= 0, the weights of the cases. At most one column. */
    BP_ROLE_GROUP = 4        /**< The group of each case, which splits can keep together. At most one. */
} bp_column_role;

/** What the cells of a column are. */
typedef enum bp_column_kind {
    BP_COLUMN_AUTO = 0,     /**< To be found out. Never the kind of a learned column. */
    BP_COLUMN_NUMBER = 1,   /**< Numbers; of an ignored column the numbers of its rows. */
    BP_COLUMN_CATEGORY = 2, /**< One of several texts; numbers may be such texts, too. */
    BP_COLUMN_BOOLEAN = 3,  /**< Truth values. */
    BP_COLUMN_TEXT = 4      /**< Any text, or not looked at; such a column is always ignored. */
} bp_column_kind;

/** How categories become inputs. */
typedef enum bp_encoding {
    BP_ENCODING_ONE_HOT = 0, /**< An input for each category. */
    BP_ENCODING_ORDINAL = 1  /**< One input: the number of the category, from 0. */
} bp_encoding;

/** What to do with a cell that is missing: one that holds nothing, or a marker (see bp_csv_options). */
typedef enum bp_missing {
    BP_MISSING_REFUSE = 0,        /**< Refuse the table, with the place. The default. */
    BP_MISSING_SKIP = 1,          /**< Leave out the row. */
    BP_MISSING_MEAN = 2,          /**< The mean of the column; of other columns than numbers as
                                       BP_MISSING_MOST_FREQUENT. */
    BP_MISSING_MEDIAN = 3,        /**< The median, likewise. */
    BP_MISSING_MOST_FREQUENT = 4, /**< What occurs most often in the column; of several the lowest. */
    BP_MISSING_KEEP = 5           /**< A target that is not there: NaN, in data whose missing_targets is 1; of
                                       a class all its columns. In other columns as BP_MISSING_REFUSE. */
} bp_missing;

/** What to do with a category that is not in the schema. */
typedef enum bp_unknown {
    BP_UNKNOWN_REFUSE = 0, /**< Refuse the table, with the place. The default. */
    BP_UNKNOWN_ZERO = 1    /**< Set all inputs of the column to 0, and count it. Where a column is one input
                                (BP_ENCODING_ORDINAL, truth values), 0 is the first category, too. */
} bp_unknown;

/** Columns of a table, by name or number: the value of a constructor function. Names are only borrowed. */
typedef struct bp_column {
    const char *name; /**< NULL: by number. */
    int number;       /**< From 0; negative counts from the end. */
    int all;          /**< Not 0: all columns. */
} bp_column;

/** The column of this name in the header; names are compared as bytes. */
BP_API bp_column bp_column_named(const char *name);
/** The column with this number, from 0; negative counts from the end, -1 is the last one. */
BP_API bp_column bp_column_numbered(int number);
/** All columns. */
BP_API bp_column bp_column_all(void);

/**
 * Creates a schema without columns, for rules.
 *
 * Rules are applied in the order in which they were set, so that a later one for a single column changes what
 * an earlier one set for all. That a column does not exist shows when a table is loaded.
 *
 * @return BP_OK, BP_ERROR_ARGUMENT, BP_ERROR_MEMORY.
 */
BP_API bp_status bp_schema_create(bp_schema **out, const bp_allocator *allocator);
/** A copy, which the caller destroys. BP_ERROR_ARGUMENT, BP_ERROR_MEMORY. */
BP_API bp_status bp_schema_copy(bp_schema **out, const bp_schema *schema);
/** Destroys a schema that the caller created or copied; NULL is allowed. */
BP_API void bp_schema_destroy(bp_schema *schema);

/*
 * The rules. All return BP_OK, BP_ERROR_ARGUMENT (a value that is not one of its enumeration),
 * BP_ERROR_STATE (the schema was learned from a table and cannot be changed) or BP_ERROR_MEMORY.
 */

/** What columns are for. If a column is set to be a target, target_column and target_columns of the options
 * are not used. */
BP_API bp_status bp_schema_set_role(bp_schema *schema, bp_column column, bp_column_role role);
/** The kind of columns. */
BP_API bp_status bp_schema_set_kind(bp_schema *schema, bp_column column, bp_column_kind kind);
/** How columns of categories become inputs; the default is BP_ENCODING_ONE_HOT. */
BP_API bp_status bp_schema_set_encoding(bp_schema *schema, bp_column column, bp_encoding encoding);
/**
 * What to do with missing cells; the default is BP_MISSING_REFUSE.
 *
 * What is filled in is found from the training cases after a split, from all before. Targets, weights and
 * groups cannot be filled in: with one of these rules their rows are left out. Targets can be kept as missing
 * ones.
 *
 * @param schema A schema of rules.
 * @param column The columns.
 * @param rule What to do.
 * @param indicator Not 0: the column, if it becomes inputs, gets one more after its others, 1 where its cell
 *   is missing.
 */
BP_API bp_status bp_schema_set_missing(bp_schema *schema, bp_column column, bp_missing rule, int indicator);
/** What to do with unknown categories: in tables that are read with the learned schema and, where
 * bp_schema_set_categories() gave the categories, in the table that it is learned from. A class that is
 * unknown is always refused. */
BP_API bp_status bp_schema_set_unknown(bp_schema *schema, bp_column column, bp_unknown rule);
/** The categories of a column, in this order (count >= 2), whether they occur or not; for others see
 * bp_schema_set_unknown(). Implies BP_COLUMN_CATEGORY. Cells are compared with them as numbers if all are
 * different numbers, else as bytes. The strings are copied. */
BP_API bp_status bp_schema_set_categories(bp_schema *schema, bp_column column, const char *const *names,
                                          size_t count);

/** A column of a learned schema. */
typedef struct bp_column_info {
    size_t size;          /**< sizeof(bp_column_info). */
    const char *name;     /**< Its name, borrowed; NULL: the table had no header. */
    bp_column_role role;  /**< What it is for. */
    bp_column_kind kind;  /**< What its cells are. */
    bp_encoding encoding; /**< How its categories become inputs. */
    bp_missing missing;   /**< What happens to missing cells. */
    bp_unknown unknown;   /**< What happens to unknown categories. */
    int has_indicator;    /**< Is there an input that says where a cell is missing? */
    size_t first,         /**< Its first input or target. */
        width;            /**< How many it has; 0 for other roles. */
    size_t categories;    /**< The number of its categories; 2 for truth values, else 0. */
    size_t missing_cells; /**< Cells that are missing in the table from which the schema was learned, also in
                               rows that were left out. */
    double fill;          /**< What is filled in: a number, or the number of a category. NaN: nothing. */
} bp_column_info;

/** Sets *info to zeros and its size. size is sizeof(bp_column_info). */
BP_API void bp_column_info_init(bp_column_info *info, size_t size);
/** The number of columns of the table; 0 for NULL and for a schema of rules. */
BP_API size_t bp_schema_column_count(const bp_schema *schema);
/** Describes a column, by its number from 0. BP_ERROR_ARGUMENT, BP_ERROR_VERSION. */
BP_API bp_status bp_schema_column(const bp_schema *schema, size_t column, bp_column_info *info);
/** The text of a category, borrowed; NULL if there is none. Of truth values 0 is the false one. */
BP_API const char *bp_schema_category(const bp_schema *schema, size_t column, size_t category);
BP_API size_t bp_schema_input_width(const bp_schema *schema);  /**< Inputs per case; 0 for NULL. */
BP_API size_t bp_schema_target_width(const bp_schema *schema); /**< Targets per case, or 0. */
/** The number of the column that an input comes from, or BP_NO_INDEX. */
BP_API size_t bp_schema_column_of_input(const bp_schema *schema, size_t input);
/**
 * Groups the inputs by the columns of the table that they come from, for bp_permutation_importance(): the
 * first input column is group 0, the next one group 1.
 *
 * @param schema A learned schema.
 * @param groups Receives bp_schema_input_width() numbers.
 * @return The number of groups; 0 for NULL.
 */
BP_API size_t bp_schema_input_groups(const bp_schema *schema, size_t *groups);
/** The name of the column of such a group, borrowed; NULL if it has none, or there is no such group. */
BP_API const char *bp_schema_group_name(const bp_schema *schema, size_t group);

/**
 * Writes a learned schema as text: a line that sums it up, then a line for each column.
 *
 *     14 columns: 6 numbers, 8 categories, target 'income' with 2 classes; 4262 cells missing
 *
 * @param schema A learned schema.
 * @param buffer Receives the text, with a final 0, cut off if it is longer. NULL, with a capacity of 0: only
 *   its length is wanted.
 * @param capacity The size of the buffer.
 * @param needed NULL, or receives the size of a buffer for the whole text.
 * @return BP_OK; BP_ERROR_ARGUMENT; BP_ERROR_STATE: not learned; BP_ERROR_SIZE: the text was cut off.
 */
BP_API bp_status bp_schema_text(const bp_schema *schema, char *buffer, size_t capacity, size_t *needed);

/**
 * Turns the cells of one row, as text, into inputs.
 *
 * @param schema A learned schema.
 * @param names The name of each cell, in any order; names of other columns than inputs are passed over. If
 *   several columns have one name, all of them have a cell, in their order. NULL: the cells are in the order
 *   of the table, all of its columns or those of its inputs alone.
 * @param cells The texts; numbers with a point. Blanks around are ignored, unless a category has them.
 *   Missing is NULL, "", and a marker of the table that the schema was learned from
 *   (bp_csv_options.missing_markers), if it is no category of the column.
 * @param count The number of cells.
 * @param inputs Receives bp_schema_input_width() numbers.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT, BP_ERROR_STATE (not learned)
 *   - BP_ERROR_SIZE: with names NULL, a count that fits neither
 *   - BP_ERROR_NAME: no cell for an input column, or too many
 *   - BP_ERROR_FORMAT: the message names the column and the text: no number, no known category, or missing
 *     where that is refused; so it is with BP_MISSING_SKIP
 *   - BP_ERROR_NOT_FINITE, BP_ERROR_MEMORY
 */
BP_API bp_status bp_schema_encode(const bp_schema *schema, const char *const *names, const char *const *cells,
                                  size_t count, bp_real *inputs);

/** What the outputs of a network say about one target column. */
typedef struct bp_answer {
    size_t size;            /**< sizeof(bp_answer). */
    const char *target;     /**< The name of the column, borrowed from the schema; NULL: it has none. */
    const char *class_name; /**< The class with the largest output, borrowed; NULL for a number. */
    size_t class_index;     /**< Its number; BP_NO_INDEX for a number. */
    double value;           /**< The number, in the units of the table; for a class its output, which is its
                                 probability if the outputs are softmax units. */
} bp_answer;

/** Sets *answer to zeros and its size. size is sizeof(bp_answer). */
BP_API void bp_answer_init(bp_answer *answer, size_t size);
/** The number of target columns; 0 for NULL. */
BP_API size_t bp_schema_target_count(const bp_schema *schema);
/**
 * Says what outputs mean.
 *
 * @param schema A learned schema with targets.
 * @param outputs The outputs for one case, bp_schema_target_width() of them.
 * @param target The target column, counted from 0 among the targets.
 * @param answer Receives the answer; its size must be set.
 * @return BP_OK, BP_ERROR_ARGUMENT, BP_ERROR_STATE, BP_ERROR_VERSION, BP_ERROR_NOT_FINITE.
 */
BP_API bp_status bp_schema_answer(const bp_schema *schema, const bp_real *outputs, size_t target,
                                  bp_answer *answer);

/**
 * Writes the figures of outputs beside their targets, for each target column of the table: those of classes
 * as bp_classification_text() and bp_confusion_text() do, those of numbers as bp_regression_text() does.
 *
 * @param schema A learned schema with targets.
 * @param outputs A row of bp_schema_target_width() values for each case, as bp_network_predict() writes them.
 * @param data The targets; inputs are not looked at.
 * @param buffer Receives the text, with a final 0, cut off if it is longer. NULL, with a capacity of 0: only
 *   its length is wanted.
 * @param capacity The size of the buffer.
 * @param needed NULL, or receives the size of a buffer for the whole text.
 * @return As bp_regression_metrics() and bp_classification_metrics(); or BP_ERROR_STATE (not learned, or
 *   without targets), BP_ERROR_SIZE (the text was cut off, or data have other targets).
 */
BP_API bp_status bp_schema_report(const bp_schema *schema, const bp_real *outputs, const bp_data *data,
                                  char *buffer, size_t capacity, size_t *needed);

/**
 * Gives a network a copy of a learned schema, which model files then hold.
 *
 * It replaces the one before; NULL removes it. bp_trainer_run_dataset() and bp_trainer_run_stream() do it by
 * themselves.
 *
 * @return BP_OK, BP_ERROR_ARGUMENT, BP_ERROR_STATE (not learned, or the network is not finalized),
 *   BP_ERROR_SIZE (the widths differ from those of the network; a schema may have no targets),
 *   BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_set_schema(bp_network *net, const bp_schema *schema);
/** The schema of a network, which owns it; NULL: none. */
BP_API const bp_schema *bp_network_schema(const bp_network *net);
/**
 * Names the classes of a network with one output for each, for those who train from arrays: sets a schema of
 * unnamed columns of numbers and one target, in place of any schema that the network has.
 *
 * @param net The network.
 * @param names A name for each output, all different and not empty; copied.
 * @param count The number of outputs, >= 2.
 * @return As bp_network_set_schema().
 */
BP_API bp_status bp_network_set_class_names(bp_network *net, const char *const *names, size_t count);

/**
 * Gives a network a text of the caller's under a key, which model files then hold: a version, say.
 *
 * @param net The network.
 * @param key Not empty; copied.
 * @param text Copied; NULL removes the key.
 * @return BP_OK, BP_ERROR_ARGUMENT, BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_set_metadata(bp_network *net, const char *key, const char *text);
/** The text of a key, which the network owns; NULL: none. */
BP_API const char *bp_network_metadata(const bp_network *net, const char *key);
/** The key with a number, from 0 and in the order of their bytes; NULL: there is none. */
BP_API const char *bp_network_metadata_key(const bp_network *net, size_t index);

/** @} */

/* ------------------------------------------------------------------ datasets */

/**
 * @defgroup backprop_datasets Datasets
 * Cases that the library owns: loaded from a file or copied, and split into subsets.
 *
 * Files that gzip packed are read as if they were not, if the library was built with zlib (the option
 * BACKPROP_ZLIB of CMake, off by default). Otherwise they are refused.
 * @{
 */

/** The subsets of a dataset. */
typedef enum bp_subset {
    BP_SUBSET_ALL = 0,        /**< All cases. */
    BP_SUBSET_TRAINING = 1,   /**< The training cases. */
    BP_SUBSET_VALIDATION = 2, /**< The validation cases. */
    BP_SUBSET_TEST = 3        /**< The test cases. */
} bp_subset;

/** What the target columns of a CSV file hold. */
typedef enum bp_target_kind {
    BP_TARGET_CLASS = 0,   /**< Class labels, encoded one-hot: one output per class. */
    BP_TARGET_NUMERIC = 1, /**< Numbers. */
    BP_TARGET_NONE = 2,    /**< There are none: all columns are inputs. */
    BP_TARGET_AUTO = 3     /**< Class labels, unless they seem to be numbers to be predicted. */
} bp_target_kind;

/** Whether a CSV file begins with a line of column names. */
typedef enum bp_csv_header {
    BP_CSV_HEADER_AUTO = 0,     /**< As it looks; see bp_dataset_load_csv(). */
    BP_CSV_HEADER_NO = 1,       /**< The first line is a case. */
    BP_CSV_HEADER_YES = 2,      /**< The first line has names. */
    BP_CSV_HEADER_ROW_NAMES = 3 /**< The first line has the names of all columns but the first, as R's
                                     write.table writes it; the name of that one is "". */
} bp_csv_header;

/** Options of bp_dataset_load_csv(). */
typedef struct bp_csv_options {
    size_t size;            /**< sizeof(bp_csv_options). */
    bp_allocator allocator; /**< Default malloc and free. */
    char delimiter;         /**< Default ','. ' ' stands for any run of spaces and tabs. */
    bp_csv_header header;   /**< Default BP_CSV_HEADER_AUTO. */
    size_t skip_lines;      /**< Lines to skip before the header or the first case; default 0. */
    bp_target_kind target;  /**< Default BP_TARGET_CLASS. */
    int target_column;      /**< The first target column, from 0; negative counts from the end, -1 (default)
                                 is the last column. */
    size_t target_columns;  /**< Number of target columns; default 1. */
    const bp_dataset *classes_of; /**< Number the classes as in this dataset, also if the file lacks some of
                                       them, for a single target of classes. NULL (default): as found. Only
                                       read during the call. */
    const bp_schema *schema;      /**< Rules for the columns, or the schema of the table that the file is to
                                       be read like: then targets are found by it, and have its class_on and
                                       class_off, and missing cells its markers if missing_markers is NULL;
                                       delimiter, decimal_point and skip_lines are those of this file. NULL
                                       (default): no rules. Only read during the call. */
    const char *target_name;      /**< The name of the target column, in place of target_column. */
    const char *const *missing_markers; /**< Texts that stand for a missing cell, beside an empty one, where
                                             they are no category of a given list or schema; numbers, too.
                                             NULL (default): those of a learned schema, else ?, NA, N/A,
                                             \#N/A, NaN and null, in any case. */
    size_t missing_marker_count; /**< Their number; 0 with a list that is not NULL: only empty cells. */
    int decimal_point; /**< '.' (default) or ','. If it is the delimiter, too, numbers with one must be
                            quoted. */
    double class_on,   /**< The target of the true class; default 1. */
        class_off;     /**< The target of all other classes, < class_on; default 0. */
} bp_csv_options;

/** Sets *options to its defaults. size is sizeof(bp_csv_options). */
BP_API void bp_csv_options_init(bp_csv_options *options, size_t size);

/**
 * Loads a CSV file with one case per line.
 *
 * Fields may be quoted with ", a quote inside is written "", and quoted text may extend over several lines.
 * Blanks around fields, empty lines, a UTF-8 byte order mark, a control-Z at the end and a delimiter at the
 * end of lines are ignored. Quoted text may have 64 MB at most. Lines end in LF, CRLF or CR. A first line
 * such as sep=; sets the delimiter. The locale has no influence.
 *
 * What the columns are is found out by reading the file twice, or said by rules; see bp_schema_create(). With
 * a schema that was learned from another table, columns are found by their names in the header, in any order
 * and among any others. If several columns of the schema share a name, the file must have as many of it,
 * which are taken in the same order. Without names columns are found by their number: all columns, all but
 * the targets, or the inputs alone. Targets may then be absent, or empty in all cases; with BP_TARGET_NONE
 * they are not looked at, so that every row can be answered.
 *
 * @par Classes
 * A class that is not in the schema, or in the dataset of classes_of, is refused. Otherwise there must be at
 * least two classes. A column that seems to hold numbers to be predicted, or text, is refused: fractions;
 * more than 20 different numbers, unless they look like labels: 0, 1, 2, ... or 1, 2, 3, ... up to 100 of
 * them without a gap, each with a tenth or more of the cases that it would have if all had as many, and at
 * most one for ten cases; more than 20 different texts, if they are more than 3 of 4 cases; or more than
 * 1000, if they are more than half of the cases. BP_TARGET_NUMERIC says that they are numbers,
 * bp_schema_set_kind() with BP_COLUMN_CATEGORY that they are classes all the same. BP_TARGET_AUTO takes for
 * numbers what would be refused as such.
 *
 * @par Header
 * With BP_CSV_HEADER_AUTO no case is silently taken for names. The first line has names if in the columns of
 * numbers it has none, or if in a column of few different texts it has another one; it is a case if it has a
 * number among numbers, or a text that comes again in its column. If it has both, or neither, it is refused,
 * and the message names the option to set. A rule or an option that names a column says that there is a
 * header. With the schema of another table it is a header if it has the name of an input, and a case if it
 * has none and all of its inputs can be cells of their columns. Else it is refused. In files that R's
 * write.table made it lacks a name (BP_CSV_HEADER_ROW_NAMES); other lines above it take options.skip_lines.
 *
 * @param out Receives the dataset.
 * @param path The name of the file. A pipe is read to its end first.
 * @param options NULL: all defaults.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT: an option or rule; the message names it
 *   - BP_ERROR_FILE
 *   - BP_ERROR_FORMAT: the message has file, line, column (from 1) and reason
 *   - BP_ERROR_NOT_FINITE: inf, or too large for bp_real; the message likewise
 *   - BP_ERROR_VERSION, BP_ERROR_OVERFLOW, BP_ERROR_MEMORY
 */
BP_API bp_status bp_dataset_load_csv(bp_dataset **out, const char *path, const bp_csv_options *options);
/** The same for text in memory, which is not changed. `name` stands for the file in messages; it may be NULL.
 */
BP_API bp_status bp_dataset_load_csv_memory(bp_dataset **out, const char *name, const char *text, size_t size,
                                            const bp_csv_options *options);
/** The same for a stream, which is read to its end and stays open. `name` may be NULL. */
BP_API bp_status bp_dataset_load_csv_stream(bp_dataset **out, const char *name, FILE *stream,
                                            const bp_csv_options *options);

/**
 * Loads IDX files, the format of MNIST: one of inputs and, if wanted, one of labels.
 *
 * Both may have any element type. Each entry of the first dimension is a case; the other dimensions are
 * flattened. Inputs are as in the file (0..255 for bytes). Labels are one whole number >= 0 per case, encoded
 * one-hot: 1 for the output of the true class, 0 for the others.
 *
 * @param out Receives the dataset.
 * @param inputs_path The name of the file of inputs.
 * @param labels_path The name of the file of labels; NULL: no targets, and classes is ignored.
 * @param classes The number of classes, >= 2; 0: one more than the largest label, which must then be below
 *   1000.
 * @param allocator NULL: malloc and free.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT, BP_ERROR_FILE
 *   - BP_ERROR_FORMAT, BP_ERROR_NOT_FINITE: the message has file, byte position (from 0) and reason
 *   - BP_ERROR_OVERFLOW, BP_ERROR_MEMORY
 */
BP_API bp_status bp_dataset_load_idx(bp_dataset **out, const char *inputs_path, const char *labels_path,
                                     size_t classes, const bp_allocator *allocator);

/**
 * Loads NumPy's .npy files: one of inputs and, if wanted, one of targets.
 *
 * Versions 1 to 3 of the format are read, in both byte orders and both orders of dimensions; elements are
 * bool, int, uint or float of up to 64 bits. Each entry of the first dimension is a case; the other
 * dimensions are flattened, the last one running fastest. An .npz file is a zip file of such files; extract
 * it.
 *
 * @param out Receives the dataset.
 * @param inputs_path The name of the file of inputs.
 * @param targets_path The name of the file of targets; NULL: none, and target and classes are ignored.
 * @param target What the targets are. BP_TARGET_CLASS: one whole number >= 0 per case, encoded one-hot, 1 for
 *   the true class and 0 for the others. BP_TARGET_NUMERIC: numbers. BP_TARGET_AUTO: classes if there is one
 *   truth value or integer per case, else numbers.
 * @param classes The number of classes, >= 2; 0: one more than the largest label, which must then be below
 *   1000.
 * @param allocator NULL: malloc and free.
 * @return As bp_dataset_load_idx().
 */
BP_API bp_status bp_dataset_load_npy(bp_dataset **out, const char *inputs_path, const char *targets_path,
                                     bp_target_kind target, size_t classes, const bp_allocator *allocator);

/**
 * Loads a training file of FANN (.data): the numbers of cases, inputs and outputs, then for each case its
 * inputs and outputs, all separated by blanks or line ends.
 *
 * Outputs become targets as they are; there may be none. As with FANN, what follows the last number is
 * ignored.
 *
 * @param out Receives the dataset.
 * @param path The name of the file. A pipe is read to its end first.
 * @param allocator NULL: malloc and free.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT, BP_ERROR_FILE
 *   - BP_ERROR_FORMAT, BP_ERROR_NOT_FINITE: the message has file, line, column (from 1) and reason
 *   - BP_ERROR_OVERFLOW, BP_ERROR_MEMORY
 */
BP_API bp_status bp_dataset_load_fann(bp_dataset **out, const char *path, const bp_allocator *allocator);

/**
 * Creates a dataset with a dense copy of data.
 *
 * data may lack targets; case weights are then left out, since they apply to the error. allocator may be
 * NULL.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_SIZE, BP_ERROR_NOT_FINITE, BP_ERROR_OVERFLOW,
 *   BP_ERROR_VERSION, BP_ERROR_MEMORY.
 */
BP_API bp_status bp_dataset_create(bp_dataset **out, const bp_data *data, const bp_allocator *allocator);
/** Copies a dataset with its subsets, with the same allocator. @return BP_OK, or BP_ERROR_ARGUMENT,
 * BP_ERROR_MEMORY. */
BP_API bp_status bp_dataset_copy(bp_dataset **out, const bp_dataset *dataset);
/** Destroys a dataset. Views of it must not be used afterwards. */
BP_API void bp_dataset_destroy(bp_dataset *dataset);

/**
 * Shuffles the cases and divides them into training, validation and test cases. bp_dataset_split_with() has
 * more ways to do so.
 *
 * The order depends on the seed and on the order of loading, not on earlier splits: the same call gives the
 * same subsets again. Views obtained before show the new order.
 *
 * @param dataset The dataset.
 * @param training The fraction of training cases, 0..1, rounded to whole cases.
 * @param validation The fraction of validation cases, 0..1. The remaining cases are for testing.
 * @param seed Any number.
 * @return BP_OK, or BP_ERROR_ARGUMENT (fractions out of range, or more than 1 together), BP_ERROR_MEMORY.
 */
BP_API bp_status bp_dataset_split(bp_dataset *dataset, double training, double validation, uint64_t seed);

/**
 * Gets a view of a subset, which lives as long as the dataset.
 *
 * @param dataset The dataset.
 * @param part The subset. Before a split, all but BP_SUBSET_ALL are empty.
 * @param data Receives the view; its size must be set (bp_data_init()).
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_VERSION, BP_ERROR_STATE (the subset is empty).
 */
BP_API bp_status bp_dataset_subset(const bp_dataset *dataset, bp_subset part, bp_data *data);

/**
 * Saves a subset as CSV text, one case per line and in the present order. Loaded with options.schema =
 * bp_dataset_schema(dataset) and the same delimiter and decimal_point it has the same numbers; if its columns
 * have no names, only with all of the table's columns. Loaded without that schema, a subset may lack
 * categories, and what is filled in is found anew. There are no lines to skip: skip_lines must be 0 then.
 *
 * With a schema the columns are those of the table: categories and classes as words, the names as the first
 * line, a cell that was filled in empty, and one whose category was unknown "(unknown)". Ignored columns are
 * there without their cells, so that the others keep their numbers. Targets, case weights and groups that the
 * dataset does not have are not among them, nor are groups that bp_dataset_set_groups() set. Without a schema
 * they are the case weights, if there are any, the inputs, and the class or the targets. Numbers have as many
 * digits as they need; text is quoted where it must be.
 *
 * The file is replaced as by bp_network_save().
 *
 * @param dataset The dataset.
 * @param part The subset; BP_SUBSET_ALL for all cases.
 * @param path The name of the file.
 * @param options NULL: all defaults. Used are delimiter, decimal_point, allocator and header, where
 *   BP_CSV_HEADER_NO writes no names.
 * @return BP_OK, BP_ERROR_ARGUMENT, BP_ERROR_VERSION, BP_ERROR_STATE (the subset is empty), BP_ERROR_FILE,
 *   BP_ERROR_MEMORY.
 */
BP_API bp_status bp_dataset_save_csv(const bp_dataset *dataset, bp_subset part, const char *path,
                                     const bp_csv_options *options);

/**
 * Saves a table of rows with what a network says about them: all columns as they are and, for each target,
 * one named "rent predicted" with the class or number and, for a class, one named "rent probability" with its
 * output (see bp_answer). Cells are empty in rows that were left out for a missing cell. Lines that the
 * options skip, empty lines and blanks around cells are not written.
 *
 * @param path The name of the file, which is replaced as by bp_network_save(). It may be rows_path.
 * @param rows_path The file, no pipe, from which the rows were loaded. It is read again.
 * @param outputs The outputs for its cases in their order, that before a split: bp_schema_target_width()
 *   values for each.
 * @param cases The number of cases.
 * @param options Those with which the rows were loaded, with the schema of the network.
 * @return BP_OK; BP_ERROR_SIZE: the file has another number of cases; BP_ERROR_STATE: the schema was not
 *   learned, or has no targets; BP_ERROR_NOT_FINITE: an output; otherwise as bp_dataset_load_csv().
 */
BP_API bp_status bp_csv_save_answers(const char *path, const char *rows_path, const bp_real *outputs,
                                     size_t cases, const bp_csv_options *options);

/**
 * Trains with a dataset: like bp_trainer_run() with its training and validation cases, or with all cases if
 * it was never divided.
 *
 * Gives the network the dataset's schema, if there is one, unless the run fails before its first update. A
 * network that was trained on a table, or loaded with a schema, and not initialized since, takes only tables
 * with the same columns: names, kinds, encodings and categories. Load them with options.schema =
 * bp_network_schema(net). A dataset without a schema leaves the network's as it is.
 *
 * @return As bp_network_set_schema() and bp_trainer_run(); or
 *   - BP_ERROR_NAME: the columns are not those of the network's table; the message names one
 *   - BP_ERROR_STATE: a division has left no training cases
 */
BP_API bp_status bp_trainer_run_dataset(bp_trainer *trainer, const bp_dataset *dataset, bp_result *result);

BP_API size_t bp_dataset_cases(const bp_dataset *dataset);        /**< Number of cases; 0 for NULL. */
BP_API size_t bp_dataset_input_width(const bp_dataset *dataset);  /**< Inputs per case; 0 for NULL. */
BP_API size_t bp_dataset_target_width(const bp_dataset *dataset); /**< Targets per case, or 0. */
/** Number of classes, also if a table with a known schema lacks its targets; 0 if targets are no classes. */
BP_API size_t bp_dataset_class_count(const bp_dataset *dataset);
/** The label of a class as it first occurs in the file; NULL if there is no such class. */
BP_API const char *bp_dataset_class_name(const bp_dataset *dataset, size_t index);
/** The name of an input from the header of the file, or NULL: "age" for a number, "sex=female" for one of the
 * inputs of a category, "age missing" for an indicator, "age (t-2)" in windows. */
BP_API const char *bp_dataset_input_name(const bp_dataset *dataset, size_t index);
/** The schema of a table that was loaded from text, which the dataset owns; NULL: none. What is filled in for
 * missing cells changes with each split. */
BP_API const bp_schema *bp_dataset_schema(const bp_dataset *dataset);
/** Input cells that were filled in, and targets that were kept as missing. */
BP_API size_t bp_dataset_missing_cells(const bp_dataset *dataset);
BP_API size_t bp_dataset_skipped_rows(const bp_dataset *dataset);  /**< Rows left out for a missing cell. */
BP_API size_t bp_dataset_unknown_cells(const bp_dataset *dataset); /**< Cells with an unknown category. */
/** For each case the place at which it was loaded, from 0: what splits change. They live as long as the
 * dataset; NULL for NULL. */
BP_API const size_t *bp_dataset_order(const bp_dataset *dataset);
/** For each case the number of its group; NULL: there are no groups. They come from a column with the role
 * BP_ROLE_GROUP or from bp_dataset_set_groups(), and live until that is called again. */
BP_API const size_t *bp_dataset_groups(const bp_dataset *dataset);
/**
 * Sets the group of each case: cases of one person or place, say, that splits are to keep together.
 *
 * @param dataset The dataset.
 * @param groups Any numbers, in the order of loading, copied. NULL: there are none any more.
 * @param count The number of cases; 0 with NULL.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_SIZE, BP_ERROR_MEMORY.
 */
BP_API bp_status bp_dataset_set_groups(bp_dataset *dataset, const size_t *groups, size_t count);
/**
 * The number of cases of a class in a subset; 0 if it has none, or the targets are no classes.
 *
 * Targets are classes if none is missing, and there are names of classes, or they have two values, of which
 * each case has the higher one once, or, of a single column, either. Its classes are then 0 and 1.
 */
BP_API size_t bp_dataset_class_cases(const bp_dataset *dataset, bp_subset part, size_t index);

/** @} */

/* --------------------------------------------------------- splits, cross-validation */

/**
 * @defgroup backprop_splits Splits and cross-validation
 * Which cases are trained on, and how well a network does on those that are not.
 *
 * All splits shuffle by a seed and start from the order of loading, so that the same call gives the same
 * subsets again, whatever was called before. What is filled in for missing cells is learned from the training
 * cases of each split. In each subset the cases stand in the order of the shuffle.
 * @{
 */

/** Which cases may be separated from each other. */
typedef enum bp_split_method {
    BP_SPLIT_RANDOM = 0,     /**< Any cases: they are shuffled. */
    BP_SPLIT_STRATIFIED = 1, /**< Shuffled, but with the same shares of each class in all subsets. The targets
                                  must be classes, see bp_dataset_class_cases(). */
    BP_SPLIT_GROUP = 2,      /**< Groups are shuffled: none has cases in two subsets. */
    BP_SPLIT_ORDER = 3       /**< None are shuffled: the subsets follow one another as in the file. For
                                  series, whose future must not be trained on. */
} bp_split_method;

/** Options of bp_dataset_split_with(). */
typedef struct bp_split_options {
    size_t size;            /**< sizeof(bp_split_options). */
    bp_split_method method; /**< Default BP_SPLIT_RANDOM. */
    double training,        /**< The fraction of training cases, 0..1; default 0.7. */
        validation;         /**< The fraction of validation cases, 0..1; default 0.15. All others are for
                                 testing. */
    size_t training_cases,  /**< The number of training cases; 0 (default): the fraction. */
        validation_cases;   /**< The number of validation cases; 0 (default): the fraction. */
    size_t gap;             /**< With BP_SPLIT_ORDER: cases that are left out between two subsets, so that
                                 windows over a series do not overlap; default 0. Fractions are those of the
                                 others. */
    uint64_t seed;          /**< Default 1. */
} bp_split_options;

/** Sets *options to its defaults. size is sizeof(bp_split_options). */
BP_API void bp_split_options_init(bp_split_options *options, size_t size);

/** What came of a split. A class is missing in a subset that has cases, but none of the class. */
typedef struct bp_split_result {
    size_t size;             /**< sizeof(bp_split_result). */
    size_t training,         /**< Training cases. */
        validation,          /**< Validation cases. */
        test,                /**< Test cases. */
        left_out;            /**< Cases in none of the subsets. They stand behind the others. */
    size_t classes;          /**< Classes; 0: the targets are none, see bp_dataset_class_cases(). */
    size_t missing_training, /**< Classes that are missing in the training cases. */
        missing_validation,  /**< Classes that are missing in the validation cases. */
        missing_test;        /**< Classes that are missing in the test cases. */
    size_t missing_class;    /**< The first class that is missing somewhere; #BP_NO_INDEX: none is. */
} bp_split_result;

/** Sets *result to zeros and its size. size is sizeof(bp_split_result). */
BP_API void bp_split_result_init(bp_split_result *result, size_t size);

/**
 * Divides the cases into training, validation and test cases.
 *
 * With BP_SPLIT_RANDOM and fractions it is bp_dataset_split().
 *
 * With BP_SPLIT_STRATIFIED each class has its share of the training cases, rounded up or down: largest
 * remainders are rounded up, so that the subset has the number of cases that was asked for. The validation
 * cases are taken from the rest in the same way. A class of few cases can be missing in a subset; *result and
 * bp_dataset_class_cases() tell. Numbers are not stratified: use BP_SPLIT_RANDOM for them.
 *
 * With BP_SPLIT_GROUP each group, in the order of the shuffle, goes to the subset that lacks most cases. So
 * subsets have the number of cases that was asked for up to the size of a group.
 *
 * @param dataset The dataset.
 * @param options NULL: all defaults.
 * @param result NULL, or receives what came of it; its size must be set.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT: an option; a gap without BP_SPLIT_ORDER
 *   - BP_ERROR_STATE: stratified, but the targets are no classes; by group, but there are no groups
 *   - BP_ERROR_SIZE: more cases are asked for than there are
 *   - BP_ERROR_VERSION, BP_ERROR_OVERFLOW (stratified, with 2^32 cases), BP_ERROR_MEMORY
 */
BP_API bp_status bp_dataset_split_with(bp_dataset *dataset, const bp_split_options *options,
                                       bp_split_result *result);

/** Options of bp_dataset_fold(). */
typedef struct bp_fold_options {
    size_t size;            /**< sizeof(bp_fold_options). */
    bp_split_method method; /**< Default BP_SPLIT_RANDOM. */
    int forward;            /**< With BP_SPLIT_ORDER, 1: only cases before the test cases are trained on. One
                                 more part, the first, is then never tested. Default 0. */
    size_t folds;           /**< k, >= 2; default 5. As many as there are cases: each is left out once. */
    size_t repetitions;     /**< How often the cases are divided anew, >= 1; default 1. */
    size_t gap;             /**< With BP_SPLIT_ORDER: cases that are left out between the test cases and the
                                 others, and before the validation cases; default 0. */
    double validation;      /**< The fraction of validation cases among those that are not tested, >= 0
                                 (default) and < 1. With BP_SPLIT_ORDER they are the last of these. */
    uint64_t seed;          /**< Of the first repetition, from which those of the others follow; default 1. */
} bp_fold_options;

/** Sets *options to its defaults. size is sizeof(bp_fold_options). */
BP_API void bp_fold_options_init(bp_fold_options *options, size_t size);

/**
 * Makes the subsets of one fold of k-fold cross-validation.
 *
 * The cases are divided into k parts, one of which has the test cases; the others train, or validate if that
 * is asked for. Every case is tested once in each repetition. The sizes of the parts differ by at most one
 * case, with BP_SPLIT_STRATIFIED those of each class, too. With BP_SPLIT_GROUP each group, in the order of
 * the shuffle, goes to the smallest part, so sizes differ by at most the largest group. With BP_SPLIT_ORDER
 * each part is a piece of the file.
 *
 * @param dataset The dataset.
 * @param options NULL: all defaults.
 * @param fold Which fold, less than folds * repetitions; folds 0 to k - 1 are those of the first repetition.
 * @param result NULL, or receives what came of it; its size must be set.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT: an option or fold; no training cases are left; a gap or `forward` without
 *     BP_SPLIT_ORDER, several repetitions with it
 *   - BP_ERROR_SIZE: more folds than cases or groups
 *   - BP_ERROR_STATE, BP_ERROR_VERSION, BP_ERROR_OVERFLOW, BP_ERROR_MEMORY: as bp_dataset_split_with()
 */
BP_API bp_status bp_dataset_fold(bp_dataset *dataset, const bp_fold_options *options, size_t fold,
                                 bp_split_result *result);

/** Options of bp_cross_validate(). */
typedef struct bp_cross_options {
    size_t size;                  /**< sizeof(bp_cross_options). */
    const bp_fold_options *folds; /**< NULL (default): all defaults. */
    size_t threads; /**< Threads that train, the calling one included, each one fold at a time; 1 (default)
                         to #BP_MAX_THREADS. */
    uint64_t seed;  /**< The seed of fold 0, from which those of the others follow; default 1. */
} bp_cross_options;

/** Sets *options to its defaults. size is sizeof(bp_cross_options). */
BP_API void bp_cross_options_init(bp_cross_options *options, size_t size);

/**
 * How one fold was trained, and the figures of its test cases.
 *
 * Figures that the targets do not have are NaN: those from `accuracy` to `log_loss` are of classes, as in
 * bp_classification_result, those from `rmse` on of numbers, over all target columns as in
 * bp_regression_result. Which targets are classes is said at bp_dataset_class_cases(): none, where some are
 * missing (BP_MISSING_KEEP). Accuracy and what follows it are then NaN, also of columns of classes, and the
 * targets that are there are measured as numbers.
 */
typedef struct bp_fold_result {
    size_t size;             /**< sizeof(bp_fold_result). */
    uint64_t seed;           /**< The seed of its initial weights and of its shuffling. */
    size_t training,         /**< Training cases. */
        validation,          /**< Validation cases. */
        test;                /**< Test cases. */
    size_t missing_training, /**< Classes without training cases. */
        missing_test;        /**< Classes without test cases. */
    bp_status status;        /**< BP_OK or BP_DIVERGED. */
    bp_stop_reason reason;   /**< Why it ended. */
    size_t epochs;           /**< Epochs finished. */
    size_t best_epoch;       /**< The epoch of the lowest validation error; 0 without. */
    uint64_t updates;        /**< Updates. */
    double learning_rate;    /**< The rate that was found; 0: none was searched for. */
    double training_error;   /**< Mean E of the training cases with its final weights. */
    double validation_error; /**< Mean E of the validation cases; NaN without any. */
    double test_error;       /**< Mean E of the test cases. */
    double accuracy,         /**< The share of correct cases, by weight. */
        balanced_accuracy,   /**< The mean of recall over the classes. */
        macro_f1,            /**< The mean of F1 over the classes. */
        log_loss;            /**< NaN also if outputs are no probabilities. */
    double rmse,             /**< Root of the mean squared deviation, in the units of the targets. */
        mae,                 /**< Mean absolute deviation, in the units of the targets. */
        r2;                  /**< 1 - the share of the targets' variance that is left. */
    double seconds;          /**< Wall-clock time of the training. */
} bp_fold_result;

/** Sets an array of `count` results to zeros and their sizes. size is sizeof(bp_fold_result). */
BP_API void bp_fold_result_init(bp_fold_result *results, size_t size, size_t count);

/** A figure over all folds; folds in which it is NaN are left out. */
typedef struct bp_fold_figure {
    double mean;      /**< The mean; NaN if it is NaN in all folds. */
    double deviation; /**< The standard deviation (divided by the number of folds, not one less). */
} bp_fold_figure;

/** The figures over all folds. */
typedef struct bp_cross_summary {
    size_t size;               /**< sizeof(bp_cross_summary). */
    size_t folds;              /**< Folds of all repetitions. */
    size_t diverged;           /**< Folds that diverged. They count as the others do, with the best
                                    weights that were seen. */
    size_t missing_training,   /**< Folds in which a class has no training cases. */
        missing_test;          /**< Folds in which a class has no test cases. */
    bp_fold_figure test_error; /**< Mean E of the test cases. */
    bp_fold_figure accuracy,   /**< As in bp_fold_result, like those that follow. */
        balanced_accuracy,     /**< Of classes. */
        macro_f1,              /**< Of classes. */
        log_loss;              /**< Of classes. */
    bp_fold_figure rmse,       /**< Of numbers. */
        mae,                   /**< Of numbers. */
        r2;                    /**< Of numbers. */
    double seconds;            /**< Wall-clock time of the call. */
} bp_cross_summary;

/** Sets *summary to zeros and its size. size is sizeof(bp_cross_summary). */
BP_API void bp_cross_summary_init(bp_cross_summary *summary, size_t size);

/**
 * Trains a network for each fold of a dataset and measures it on the cases that it was not trained on.
 *
 *     bp_cross_options cross;
 *     bp_cross_options_init(&cross, sizeof cross);
 *     cross.threads = 4;
 *     bp_cross_summary summary;
 *     bp_cross_summary_init(&summary, sizeof summary);
 *     bp_cross_validate(net, NULL, dataset, &cross, NULL, NULL, &summary);
 *     printf("accuracy %.3f +- %.3f\n", summary.accuracy.mean, summary.accuracy.deviation);
 *
 * Each fold trains a copy of the network from initial weights of its own. All that a trainer chooses, and
 * what is filled in for missing cells, is learned from the training cases of the fold alone. Fold i is an
 * ordinary training, bit by bit, with the seed in its bp_fold_result:
 *
 *     bp_dataset_fold(dataset, cross.folds, i, NULL);
 *     bp_network_initialize(net, seed);
 *     options.seed = seed;
 *     bp_trainer_create(&trainer, net, &options);
 *     bp_trainer_run_dataset(trainer, dataset, &result);
 *
 * Results have the same bits for every number of threads. A fold that diverges is a result, not a failure.
 * Any other failure in a fold ends the call.
 *
 * options->on_epoch is called as by bp_train_starts(); progress->start is the number of the fold.
 *
 * Activations and losses of the caller's are called by all threads, the functions of the allocator, which is
 * that of the network, by the calling one alone. All signals are blocked in the other threads. The memory
 * needed is that of one network with its trainer and one copy of the dataset for each thread.
 *
 * @param net A finalized network. It is not changed, nor do its weights matter, but for frozen ones: each
 *   fold begins with these.
 * @param options Of the trainers. NULL: all defaults. `seed` is replaced by the seed of each fold.
 *   keep_history, history_csv, history_json, checkpoint_path, checkpoint_updates and checkpoint_seconds have
 *   no effect: neither histories nor checkpoints are written.
 * @param dataset The cases, with targets. It is not changed: its own subsets do not matter and stay.
 * @param cross NULL: all defaults.
 * @param each NULL, or receives a result for each fold; their sizes must be set.
 * @param predictions NULL, or receives a row of bp_network_output_width() values for each case, in the order
 *   of loading: what the network predicts that was not trained on it. For each further repetition as many
 *   rows follow. Rows of cases that are never tested (`forward`) are NaN.
 * @param summary NULL, or receives the summary; its size must be set.
 * @return BP_OK; or
 *   - as bp_dataset_fold(), bp_trainer_create() and bp_trainer_run()
 *   - BP_ERROR_UNSUPPORTED: a gradient hook, or bp_stop_seconds(), with which results would depend on time;
 *     more than one thread both for the folds and for each trainer
 *   - BP_ERROR_NOT_FINITE: also a prediction
 *   - BP_ERROR_THREAD: the system starts no more threads
 *   - BP_DIVERGED: all folds diverged. *each and *summary are filled, predictions are not
 */
BP_API bp_status bp_cross_validate(const bp_network *net, const bp_trainer_options *options,
                                   const bp_dataset *dataset, const bp_cross_options *cross,
                                   bp_fold_result *each, bp_real *predictions, bp_cross_summary *summary);

/** @} */

/* ------------------------------------------------------------ windows over series */

/**
 * @defgroup backprop_windows Windows over series
 * Cases made from rows that follow one another in time.
 *
 * A window is some rows of a series; the network is to predict rows that come after it. To learn from 12
 * months what the two after the next will bring:
 *
 *     bp_window_options options;
 *     bp_window_options_init(&options, sizeof options);
 *     options.width = 12;
 *     options.gap = 1;
 *     options.horizon = 2;
 *     bp_dataset *windows = NULL;
 *     bp_dataset_windows(&windows, months, &options, NULL);
 *
 * The inputs of a case are those of its rows, row after row, and so are its targets: for a layered network,
 * or for one that is unrolled over as many steps. An unrolled network with outputs at all steps learns with
 * each_step to predict, at each row, the one that follows.
 * @{
 */

/** Options of bp_dataset_windows() and bp_data_windows(). */
typedef struct bp_window_options {
    size_t size;           /**< sizeof(bp_window_options). */
    size_t width;          /**< Rows of a window, >= 1. Must be set. */
    size_t gap;            /**< Rows between the last one of the window and the first target; default 0. */
    size_t horizon;        /**< Rows that are predicted; default 1. 0: there are no targets, and no gap. */
    size_t step;           /**< Rows from one window to the next, >= 1; default 1. */
    const size_t *inputs;  /**< The columns that are inputs, from 0; those of targets are numbered on from
                                there. NULL (default): all inputs of the rows. */
    size_t input_count;    /**< Their number; 0 with NULL. */
    const size_t *targets; /**< The columns that are targets, likewise. NULL (default): all targets of the
                                rows; without any, all inputs. */
    size_t target_count;   /**< Their number; 0 with NULL. */
    const size_t *lengths; /**< The number of rows of each series, which stand one after another. NULL
                                (default): each group of the dataset is a series; without groups there is
                                one. */
    size_t length_count;   /**< The number of series; 0 with NULL. */
    size_t each_step;      /**< 1: each row of the window has targets, those of the row gap + 1 after it;
                                horizon must be 1. Default 0. */
} bp_window_options;

/** Sets *options to its defaults; width must be set. size is sizeof(bp_window_options). */
BP_API void bp_window_options_init(bp_window_options *options, size_t size);

/**
 * Makes a dataset of the windows over the cases of another, taken as rows in the order of loading.
 *
 * No window goes across the border of a series. The rows of a group need not stand together. Windows are in
 * the order of the series, by number of the group, and within a series in that of the rows; the series is the
 * group of the windows, for BP_SPLIT_GROUP. A window has the case weight of its first target's row, and the
 * names of classes if its targets are those of one row. Missing cells stay as they are filled in.
 *
 * Inputs of a table with names have names again (bp_dataset_input_name()): "age (t)" in the last row of a
 * window, "age (t-2)" in the row two before it. Windows have no schema, so a network that is trained on them
 * has none either: bp_network_set_class_names() names its classes.
 *
 * Windows overlap, so a random split trains on most of the values that it tests. Use BP_SPLIT_ORDER with a
 * gap of (width + gap + horizon - 1) / step windows, or BP_SPLIT_GROUP.
 *
 * @param out Receives the dataset, which has the allocator of the other.
 * @param rows The rows. Not changed.
 * @param options The windows.
 * @param too_short NULL, or receives the number of series that have too few rows for a window.
 * @return BP_OK; or
 *   - BP_ERROR_ARGUMENT: an option, the message names it; or no series is long enough
 *   - BP_ERROR_SIZE: a column that the rows do not have; lengths that do not add up to the rows
 *   - BP_ERROR_VERSION, BP_ERROR_OVERFLOW, BP_ERROR_MEMORY
 */
BP_API bp_status bp_dataset_windows(bp_dataset **out, const bp_dataset *rows,
                                    const bp_window_options *options, size_t *too_short);

/**
 * Makes a view of the windows over the rows of one series: nothing is copied, and the rows must outlive it.
 *
 * That needs inputs that follow one another in memory: all columns of the rows, or neighbouring ones if the
 * width is 1. Targets likewise, which must not overlap from window to window: a step of at least the horizon.
 *
 * @param windows Receives the view; its size must be set (bp_data_init()).
 * @param rows The rows, a case each, with one time step.
 * @param options The windows.
 * @return BP_OK; or
 *   - as bp_dataset_windows()
 *   - BP_ERROR_UNSUPPORTED: such windows must be copied; the message says why
 */
BP_API bp_status bp_data_windows(bp_data *windows, const bp_data *rows, const bp_window_options *options);

/** @} */

/* ------------------------------------------------------------------- streams */

/**
 * @defgroup backprop_streams Streams
 * Training, evaluation and prediction with more cases than fit into memory.
 *
 * A stream is a source of cases that is read in order, and as often as they are needed. It comes from a file,
 * or from functions of the caller's:
 *
 *     bp_stream *stream = NULL;
 *     bp_stream_open_csv(&stream, "flights.csv", &csv);
 *     bp_trainer_run_stream(trainer, stream, NULL, &result);
 *     bp_stream_destroy(stream);
 *
 * What is used of a stream is checked as data in memory are. One thread at a time may use a stream.
 *
 * @section backprop_windows Windows
 * A trainer holds as many cases as its option stream_window says. If that is all of them, the stream is read
 * once, and training is that of bp_trainer_run() on the same cases in memory, bit by bit. Else:
 * - A first pass counts the cases, checks them, finds the statistics by which they are scaled, and draws a
 *   sample: a window's cases, or 2000 if these are more and 64 MiB hold them. By the sample the learning rate
 *   is found, and the noise of the targets is estimated.
 * - Each epoch reads the cases window by window. With the option shuffle each window is shuffled. Its size is
 *   rounded down to whole batches. Every case is used once in an epoch, but cases that are far apart in the
 *   stream never meet in a window: a file that is sorted, by class say, must be shuffled before.
 * - At the end one or two passes more find E for the result. A stopping rule that must hold for the weights
 *   at the end of an epoch takes a pass to be confirmed, and divergence up to three.
 *
 * Validation cases are held in memory if they are no more than a window, else read after each epoch. So the
 * memory does not depend on the number of cases, but for 8 bytes for each window.
 *
 * Batches larger than the window, all cases in one batch (batch_size 0) among them, are refused if there are
 * more cases than the window holds (BP_ERROR_UNSUPPORTED).
 *
 * @section backprop_stream_faults Faults of a stream
 * All passes must find the same cases: they are compared by hashes, window by window, before they are trained
 * on. A stream that ends early, goes on, or has other cases than in the first pass ends the run with
 * BP_ERROR_STATE, one that delivers NaN or infinity with BP_ERROR_NOT_FINITE, a function of the caller's that
 * fails with the status that it returned. The message has the numbers of the cases. As after every failure
 * the weights are those after the last whole update, and the next run goes on there, in the same epoch if the
 * number of cases is the same; bp_result.error is then NaN.
 * @{
 */

/**
 * Delivers the next cases of a stream of the caller's.
 *
 * @param context bp_stream_source.context.
 * @param count Cases that are wanted, >= 1.
 * @param inputs Receives a row of input_width values for each case.
 * @param targets Receives rows of target_width values; NULL if that is 0.
 * @param case_weights Receives a weight for each case; NULL without has_case_weights.
 * @param cases Receives the number of cases delivered: `count` or fewer; 0 only after the last one.
 * @return BP_OK, or a status that ends the call in progress, with a message that names it.
 */
typedef bp_status (*bp_stream_read_function)(void *context, size_t count, bp_real *inputs, bp_real *targets,
                                             bp_real *case_weights, size_t *cases);

/** Goes back to the first case. It is also called before anything is read. Returns as the function before. */
typedef bp_status (*bp_stream_rewind_function)(void *context);

/** Where the cases of a stream come from. */
typedef struct bp_stream_source {
    size_t size;          /**< sizeof(bp_stream_source). */
    size_t input_width;   /**< Inputs per case, those of all time steps together; >= 1. */
    size_t target_width;  /**< Targets per case, likewise; 0 (default): none. */
    size_t cases;         /**< The number of cases; 0 (default): unknown. */
    int has_case_weights; /**< 1: each case has a weight; 0 (default): all are 1. */
    int varies;           /**< 1: the cases may be others in each pass, as with noise that is added anew,
                               but not their number; 0 (default): they must be the same. */
    bp_stream_read_function read;     /**< Must be set. */
    bp_stream_rewind_function rewind; /**< Must be set. */
    void (*release)(void *context);   /**< Called by bp_stream_destroy(); default NULL. */
    void *context;                    /**< Passed to the functions. */
    size_t missing_targets; /**< 1: a target that is NaN is not there; see @ref backprop_missing_targets. 0
                                 (default): all are there. */
} bp_stream_source;

/** Sets *source to zeros and its size; input_width, read and rewind must be set. size is
 * sizeof(bp_stream_source). */
BP_API void bp_stream_source_init(bp_stream_source *source, size_t size);

/**
 * Creates a stream of cases from functions of the caller's.
 *
 * @param out Receives the stream.
 * @param source Copied.
 * @param allocator NULL: malloc and free. Windows are allocated with it, too.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_VERSION, BP_ERROR_MEMORY; source->release is then not called.
 */
BP_API bp_status bp_stream_create(bp_stream **out, const bp_stream_source *source,
                                  const bp_allocator *allocator);

/**
 * Creates a stream over cases in memory, for calls that want a stream. The arrays must outlive it.
 *
 * @return As bp_dataset_create().
 */
BP_API bp_status bp_stream_create_from_data(bp_stream **out, const bp_data *data,
                                            const bp_allocator *allocator);

/**
 * Opens a CSV file as a stream.
 *
 * The cases are those that bp_dataset_load_csv() would load, in the same order. Without a learned schema in
 * the options, the schema is learned now, in one pass over the file, or two if columns hold words beside
 * numbers. Memory grows with the number of categories, not with that of the rows. Missing cells are filled in
 * by what one more pass finds in the whole file: the mean of numbers, the most frequent category. Other rules
 * need all numbers of a column (BP_MISSING_MEDIAN, BP_MISSING_MOST_FREQUENT of numbers): they are refused,
 * unless the schema is a learned one, of a part of the file say, that was loaded as a dataset.
 *
 * A file that is not a regular one, a pipe for instance, is read to its end and held in memory.
 *
 * @param out Receives the stream.
 * @param path The name of the file, which must not change while the stream is used.
 * @param options NULL: all defaults. Only read during the call.
 * @return As bp_dataset_load_csv(); or BP_ERROR_UNSUPPORTED: a rule that needs all numbers of a column.
 */
BP_API bp_status bp_stream_open_csv(bp_stream **out, const char *path, const bp_csv_options *options);

/**
 * Opens IDX files as a stream; the arguments are those of bp_dataset_load_idx(), and so are the cases. With
 * classes 0 the labels are read once for the largest.
 *
 * @return As bp_dataset_load_idx().
 */
BP_API bp_status bp_stream_open_idx(bp_stream **out, const char *inputs_path, const char *labels_path,
                                    size_t classes, const bp_allocator *allocator);

/**
 * Opens NumPy's .npy files as a stream; the arguments are those of bp_dataset_load_npy(), and so are the
 * cases. If the targets are classes and classes is 0, they are read once for the largest.
 *
 * In Fortran order (fortran_order True) the numbers of a case are spread over the file: a piece of each
 * column is read for all cases of a call of bp_stream_read(), so calls for few cases are slow. From a gzip
 * file, which is only read from its beginning, such an array is refused, unless each case has a single
 * number.
 *
 * @param out Receives the stream.
 * @param inputs_path The name of the file of inputs, which must not change while the stream is used.
 * @param targets_path That of the file of targets; NULL: none, and target and classes are ignored.
 * @param target What the targets are: BP_TARGET_CLASS, BP_TARGET_NUMERIC or BP_TARGET_AUTO.
 * @param classes The number of classes, >= 2; 0: one more than the largest label, which must then be below
 *   1000.
 * @param allocator NULL: malloc and free.
 * @return As bp_dataset_load_npy(); or BP_ERROR_UNSUPPORTED: an array in Fortran order in a gzip file.
 */
BP_API bp_status bp_stream_open_npy(bp_stream **out, const char *inputs_path, const char *targets_path,
                                    bp_target_kind target, size_t classes, const bp_allocator *allocator);

/**
 * Opens a training file of FANN as a stream. The cases are those that bp_dataset_load_fann() would load.
 *
 * Of the file 64 KB are held at a time, however long its lines are. One that is not a regular file, a pipe
 * for instance, is read to its end and held in memory.
 *
 * @param out Receives the stream.
 * @param path The name of the file, which must not change while the stream is used.
 * @param allocator NULL: malloc and free.
 * @return As bp_dataset_load_fann().
 */
BP_API bp_status bp_stream_open_fann(bp_stream **out, const char *path, const bp_allocator *allocator);

/** Destroys a stream and closes its files. */
BP_API void bp_stream_destroy(bp_stream *stream);

BP_API size_t bp_stream_cases(const bp_stream *stream);        /**< Number of cases; 0: unknown, or NULL. */
BP_API size_t bp_stream_input_width(const bp_stream *stream);  /**< Inputs per case; 0 for NULL. */
BP_API size_t bp_stream_target_width(const bp_stream *stream); /**< Targets per case, or 0. */
/** The schema of a table, which the stream owns; NULL: none. */
BP_API const bp_schema *bp_stream_schema(const bp_stream *stream);
/** Rows left out for a missing cell, since the stream was last rewound. */
BP_API size_t bp_stream_skipped_rows(const bp_stream *stream);
/** Input cells filled in since then, and targets kept as missing. */
BP_API size_t bp_stream_missing_cells(const bp_stream *stream);
BP_API size_t bp_stream_unknown_cells(const bp_stream *stream); /**< Unknown categories since then. */

/**
 * Reads the next cases.
 *
 * Calls that are given a stream begin at its first case, wherever it stands, and leave it anywhere.
 *
 * @param stream The stream.
 * @param count Cases that are wanted.
 * @param inputs Receives a row of bp_stream_input_width() values for each case.
 * @param targets Receives rows of bp_stream_target_width() values; NULL is allowed if that is 0.
 * @param case_weights Receives the weights; NULL is allowed if the stream has none.
 * @param cases Receives the number of cases read; fewer than count only at the end.
 * @return BP_OK, or BP_ERROR_ARGUMENT, or why the stream could not be read. It is then rewound by the next
 *   call.
 */
BP_API bp_status bp_stream_read(bp_stream *stream, size_t count, bp_real *inputs, bp_real *targets,
                                bp_real *case_weights, size_t *cases);
/** Goes back to the first case. BP_ERROR_ARGUMENT, or why that failed. */
BP_API bp_status bp_stream_rewind(bp_stream *stream);

/**
 * Trains with the cases of a stream; see @ref backprop_windows. Gives the network the stream's schema, if
 * there is one, as bp_trainer_run_dataset() does. The columns of a validation stream must be the same: open
 * it with options.schema = bp_stream_schema(training).
 *
 * All else is as in bp_trainer_run(): options, choices, rules, callbacks, history, findings, the result. The
 * next run goes on where this one ended, even within a window.
 *
 * @param trainer Not one that is running.
 * @param training The training cases, with targets.
 * @param validation The validation cases, with targets; may be NULL. It may be the same stream.
 * @param result NULL, or receives the result; its size must be set.
 * @return As bp_trainer_run() and bp_network_set_schema(); or
 *   - BP_ERROR_NAME: the columns of a stream are not those of the network's table, or of the other stream
 *   - BP_ERROR_STATE, BP_ERROR_NOT_FINITE, or a function's status: a fault of the stream
 *   - BP_ERROR_CALLBACK: a read function delivered more cases than were asked for, or returned BP_DIVERGED
 *   - BP_ERROR_UNSUPPORTED: a batch is larger than the window
 */
BP_API bp_status bp_trainer_run_stream(bp_trainer *trainer, bp_stream *training, bp_stream *validation,
                                       bp_result *result);

/**
 * Like bp_network_evaluate(), with the same bits, for the cases of a stream.
 *
 * @return As bp_network_evaluate(), as bp_trainer_run_stream() for faults of the stream, BP_ERROR_NAME if its
 *   columns are not those of the network's schema, or BP_ERROR_MEMORY. Unless it is BP_OK, confusion is not
 *   defined.
 */
BP_API bp_status bp_network_evaluate_stream(const bp_network *net, bp_workspace *workspace, bp_stream *stream,
                                            bp_loss loss, size_t *confusion, bp_evaluation *result);

/**
 * Receives the outputs for the next cases of a stream. Valid during the call.
 *
 * @param context The pointer given with the function.
 * @param first The number of the first of these cases, from 0.
 * @param data These cases, with their targets and weights if the stream has them.
 * @param outputs A row of bp_network_output_width() values for each case, in raw units.
 * @return BP_OK, or a status that ends the call and that it returns.
 */
typedef bp_status (*bp_outputs_callback)(void *context, size_t first, const bp_data *data,
                                         const bp_real *outputs);

/**
 * Like bp_network_predict(), with the same bits, for the cases of a stream, some at a time.
 *
 * @param net The network, with weights set.
 * @param workspace A workspace of net.
 * @param stream The cases; targets are not needed.
 * @param on_outputs Receives the outputs of all cases, in order.
 * @param context Passed to on_outputs.
 * @return As bp_network_predict(), as bp_trainer_run_stream() for faults of the stream, BP_ERROR_NAME if its
 *   input columns are not those of the network's schema, what on_outputs returned, or BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_predict_stream(const bp_network *net, bp_workspace *workspace, bp_stream *stream,
                                           bp_outputs_callback on_outputs, void *context);

/** @} */

/* -------------------------------------------------------------- save and load */

/**
 * @defgroup backprop_files Saving and loading networks
 * Model files hold what a network is and does; docs/model-format.md describes the format.
 * @{
 */

/**
 * Saves a network.
 *
 * The file holds structure, weights, which of them are frozen, factors of their learning rates and decay,
 * dropout and noise of layers, scaling, the schema and the texts of the user. Rules for initial weights are
 * not saved, nor are the options of a trainer and the functions of custom activations.
 *
 * The file is written under another name in the same directory, synced and renamed, so an existing file is
 * replaced as a whole or stays as it was. Only writable regular files are replaced; they keep their
 * permissions. Symbolic links are followed.
 *
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_FILE (the message has name and reason), BP_ERROR_STATE (not
 *   finalized, or weights never set), BP_ERROR_MEMORY.
 */
BP_API bp_status bp_network_save(const bp_network *net, const char *path);

/**
 * Loads a network from a file that bp_network_save() wrote, ready to predict and train.
 *
 * @param out Receives the network.
 * @param path The name of the file.
 * @param options NULL: all defaults. options->activations must hold the custom activations of the file, which
 *   are looked up by name.
 * @return BP_OK; or
 *   - as bp_network_create()
 *   - BP_ERROR_FILE
 *   - BP_ERROR_FORMAT: the message has file, byte position (from 0) and reason
 *   - BP_ERROR_VERSION: written by a later version of the library
 *   - BP_ERROR_NAME: a custom activation that is not in options->activations
 *   - BP_ERROR_NOT_FINITE: also a double too large for float; the message has the place
 */
BP_API bp_status bp_network_load(bp_network **out, const char *path, const bp_network_options *options);

/**
 * Writes the bytes that bp_network_save() writes to memory.
 *
 * @param net The network, with weights set.
 * @param buffer Receives the bytes. NULL, with a capacity of 0: only their number is wanted.
 * @param capacity The size of the buffer.
 * @param needed Receives the number of bytes; may be NULL if buffer is not.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_STATE (not finalized, or weights never set), BP_ERROR_SIZE
 *   (capacity is too small: *needed is set, buffer is unchanged).
 */
BP_API bp_status bp_network_save_memory(const bp_network *net, void *buffer, size_t capacity, size_t *needed);
/** Loads a network from memory; `size` is the number of bytes. Otherwise like bp_network_load(). */
BP_API bp_status bp_network_load_memory(bp_network **out, const void *buffer, size_t size,
                                        const bp_network_options *options);

/** @} */

/* ------------------------------------------------------------------- pictures */

/**
 * @defgroup backprop_pictures Pictures
 * Pictures in SVG, for browsers and documents.
 * @{
 */

/**
 * Saves the learning curve as an SVG picture.
 *
 * Above, the mean training and validation error of each epoch since creation or reset, on a logarithmic axis;
 * below, the learning rate. The epoch with the lowest validation error has a dashed line. The findings are
 * marked at their epochs and listed. Colours follow the reader's preference for light or dark. Lines have at
 * most 1000 points; of thousands of epochs, the lowest and the highest errors stay. An error of 0 lies on the
 * lower edge, marked 0; one that is not finite interrupts its line.
 *
 * The file is replaced as by bp_network_save().
 *
 * @param trainer A trainer with the option keep_history. It may be running: the call is allowed in a
 * callback.
 * @param path The name of the file.
 * @return BP_OK, or BP_ERROR_ARGUMENT, BP_ERROR_STATE (no keep_history, or no epoch has finished),
 *   BP_ERROR_FILE (the message has name and reason), BP_ERROR_MEMORY.
 */
BP_API bp_status bp_trainer_save_curve(const bp_trainer *trainer, const char *path);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
