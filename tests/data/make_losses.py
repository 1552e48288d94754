#!/usr/bin/python3
"""Writes losses.txt: E of one output, and its first and second derivative by y, as PyTorch finds them.

    tests/data/make_losses.py > tests/data/losses.txt

A line "loss parameter y d E dE/dy d2E/dy2" for each output. Then a line "label_smoothing activation epsilon units"
for each row of an output layer with label smoothing, followed by its total inputs, targets, E and dE/dx.
"""
import torch
import torch.nn.functional as F

torch.manual_seed(30)
torch.set_default_dtype(torch.float64)


def quantile(y, d, tau):
    return torch.maximum(tau * (d - y), (tau - 1) * (d - y))


def log_cosh(y, d, _):
    return torch.logaddexp(y - d, d - y) - torch.log(torch.tensor(2.0))


def hinge(y, d, _):
    return F.relu(1 - (1 if d > 0 else -1) * y)


def poisson(y, d, _):
    # PyTorch leaves out what does not depend on y; here E is 0 where the mean is the target.
    return F.poisson_nll_loss(y, d, log_input=True, full=False, reduction="sum") - (d - torch.xlogy(d, d))


LOSSES = {
    "absolute_error": (lambda y, d, _: F.l1_loss(y, d, reduction="sum"), [0]),
    "huber": (lambda y, d, delta: F.huber_loss(y, d, reduction="sum", delta=delta), [0.5, 1, 3.25]),
    "log_cosh": (log_cosh, [0]),
    "quantile": (quantile, [0.125, 0.5, 0.875]),
    "hinge": (hinge, [0]),
    "poisson": (poisson, [0]),
}
OUTPUTS = [-100, -20.5, -3, -1.25, -0.5, -0.0625, 0, 0.03125, 0.25, 0.984375, 1.5, 2.0625, 7, 31.5, 100]
TARGETS = {"hinge": [-1, 0, 1], "poisson": [0, 0.5, 1, 3, 20, 1000]}
OTHER_TARGETS = [-64, -1, -0.25, 0, 0.015625, 0.75, 2, 50]


def derivatives(function, y, d, parameter):
    y = torch.tensor(float(y), requires_grad=True)
    error = function(y, torch.tensor(float(d)), parameter)
    (first,) = torch.autograd.grad(error, y, create_graph=True)
    second = torch.autograd.grad(first, y, allow_unused=True)[0] if first.requires_grad else None
    return [float(error), float(first), 0.0 if second is None else float(second)]


def has_kink(name, y, d, parameter):
    """Where PyTorch takes the derivative of one side, or of the other."""
    if name == "hinge":
        return abs(y) == 1
    return (name == "quantile" and y == d) or (name == "huber" and abs(y - d) == parameter)


for name, (function, parameters) in LOSSES.items():
    for parameter in parameters:
        for y in OUTPUTS:
            for d in TARGETS.get(name, OTHER_TARGETS):
                # logaddexp(z, -z) - ln 2 has no digits left for a small z.
                small = name == "log_cosh" and abs(y - d) < 0.2 and y != d
                if not small and not has_kink(name, y, d, parameter) and not (name == "poisson" and y > 40):
                    values = derivatives(function, y, d, parameter)
                    print(name, parameter, y, d, *(repr(v) for v in values))

for activation, units in [("softmax", 2), ("softmax", 5), ("logistic", 3)]:
    for epsilon in [0.0625, 0.25, 0.875]:
        x = ((torch.randn(units) * 256).round() / 64).requires_grad_(True)
        d = F.one_hot(torch.randint(units, (1,)), units)[0].double()
        if activation == "softmax":
            error = F.cross_entropy(x[None], d[None], label_smoothing=epsilon, reduction="sum")
        else:
            smoothed = (1 - epsilon) * d + epsilon / 2
            error = F.binary_cross_entropy_with_logits(x, smoothed, reduction="sum")
        (first,) = torch.autograd.grad(error, x)
        print("label_smoothing", activation, epsilon, units)
        for row in (x, d, error.view(1), first):
            print(" ".join(repr(float(v)) for v in row))
