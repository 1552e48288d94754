#include "reference/rules.h"

#include <math.h>

static const double rise = 1.2, fall = 0.5, min_step = 1e-6, max_step = 50;

static double sign(double x)
{
    return (x > 0) - (x < 0);
}

static void move(rule_weight *weight, double change)
{
    weight->change = change;
    weight->w += change;
}

void reference_irprop_minus(rule_weight *weights, size_t count, const double *derivatives)
{
    for (size_t i = 0; i < count; i++) {
        rule_weight *now = &weights[i];
        double derivative = derivatives[i];
        const double product = now->derivative * derivative;
        if (product > 0)
            now->step = fmin(now->step * rise, max_step);
        if (product < 0) {
            now->step = fmax(now->step * fall, min_step);
            derivative = 0;
        }
        move(now, -sign(derivative) * now->step);
        now->derivative = derivative;
    }
}

void reference_irprop_plus(rule_weight *weights, size_t count, const double *derivatives,
                           bool error_has_grown)
{
    for (size_t i = 0; i < count; i++) {
        rule_weight *now = &weights[i];
        const double product = now->derivative * derivatives[i];
        now->derivative = derivatives[i];
        if (product < 0) {
            now->step = fmax(now->step * fall, min_step);
            if (error_has_grown)
                now->w -= now->change;
            now->derivative = 0;
            continue;
        }
        if (product > 0)
            now->step = fmin(now->step * rise, max_step);
        move(now, -sign(derivatives[i]) * now->step);
    }
}

void reference_quickprop(rule_weight *weights, size_t count, const double *derivatives, double rate,
                         double max_growth)
{
    for (size_t i = 0; i < count; i++) {
        rule_weight *now = &weights[i];
        const double slope = derivatives[i], before = now->derivative;
        const bool same_sign = slope * before > 0;
        double change = 0;
        if (now->change != 0) {
            double factor = slope / (before - slope);
            if (same_sign && (fabs(slope) >= fabs(before) || factor > max_growth))
                factor = max_growth;
            change = factor * now->change;
        }
        if (now->change == 0 || same_sign)
            change -= rate * slope;
        move(now, change);
        now->derivative = slope;
    }
}
