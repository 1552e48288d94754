#!/usr/bin/python3
"""Writes derivatives.txt: networks with one hidden layer, and what PyTorch's torch.autograd.functional finds for them.

    tests/data/make_derivatives.py > tests/data/derivatives.txt

A line "hidden output loss inputs hidden-units outputs cases" for each network, then lines of numbers: inputs and
targets, a row for each case; case weights; the weights into the hidden layer (a row for each unit), its biases, the
weights into the outputs, their biases; a vector of the same order; H v; G v; and for each case and output dy/dw and
dy/dx. E = sum of the case weights times 1/2 sum (y - d)^2, or times the cross-entropy.
"""
import torch
from torch.autograd.functional import hessian, hvp, jacobian

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)

FUNCTIONS = {
    "logistic": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "linear": lambda x: x,
    "softmax": lambda x: torch.softmax(x, -1),
}
NETWORKS = [
    ("tanh", "linear", "squared_error", 2, 4, 1, 5),
    ("logistic", "tanh", "squared_error", 3, 3, 2, 4),
    ("relu", "logistic", "squared_error", 2, 5, 2, 4),
    ("softmax", "linear", "squared_error", 2, 4, 2, 4),
    ("tanh", "softmax", "squared_error", 2, 3, 3, 4),
    ("logistic", "logistic", "cross_entropy", 2, 4, 2, 5),
    ("tanh", "softmax", "cross_entropy", 3, 3, 3, 5),
]


def show(values):
    print(" ".join(repr(float(v)) for v in values.flatten()))


def run(hidden, output, loss, n, h, m, cases):
    f, g = FUNCTIONS[hidden], FUNCTIONS[output]
    sizes = [h * n, h, m * h, m]
    # Values that float holds exactly, so that both libraries see the same ones.
    w = (torch.randn(sum(sizes)) * 512).round() / 512
    v = (torch.randn(sum(sizes)) * 512).round() / 512
    x = (torch.randn(cases, n) * 64).round() / 64
    d = (torch.rand(cases, m) * 64).round() / 64
    weights = torch.tensor([1.0, 0.5, 2.0, 1.25, 0.75])[:cases]

    def logits(w, x):
        a, b, c, e = torch.split(w, sizes)
        return f(x @ a.view(h, n).T + b) @ c.view(m, h).T + e

    def loss_of(z):
        if loss == "squared_error":
            return (weights[:, None] * (g(z) - d) ** 2).sum() / 2
        if output == "softmax":
            return -(weights[:, None] * d * torch.log_softmax(z, -1)).sum()
        return (weights[:, None] * torch.nn.functional.binary_cross_entropy_with_logits(z, d, reduction="none")).sum()

    def of_outputs(y):
        return (weights[:, None] * (y - d) ** 2).sum() / 2

    hv = hvp(lambda w: loss_of(logits(w, x)), w, v)[1]
    if loss == "squared_error":
        inner, curve = lambda w: g(logits(w, x)), of_outputs
    else:
        inner, curve = lambda w: logits(w, x), loss_of
    j = jacobian(inner, w).reshape(cases * m, -1)
    middle = hessian(curve, inner(w)).reshape(cases * m, cases * m)
    gv = j.T @ (middle @ (j @ v))
    by_weights = jacobian(lambda w: g(logits(w, x)), w)
    by_inputs = torch.stack([jacobian(lambda u: g(logits(w, u)), x[c]) for c in range(cases)])
    print(hidden, output, loss, n, h, m, cases)
    for values in (x, d, weights, w, v, hv, gv, by_weights, by_inputs):
        show(values)


for network in NETWORKS:
    run(*network)
