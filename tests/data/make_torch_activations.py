#!/usr/bin/python3
"""Writes torch_activations.txt: the activations that PyTorch has, with its derivatives, in double.

    tests/data/make_torch_activations.py >tests/data/torch_activations.txt

The lines are those of activations.txt.
"""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

ACTIVATIONS = [
    ("logistic", 0, 0, torch.sigmoid),
    ("tanh", 0, 0, torch.tanh),
    ("relu", 0, 0, F.relu),
    ("leaky_relu", 0.01, 1, lambda x: F.leaky_relu(x, 0.01)),
    ("leaky_relu", 0.25, 1, lambda x: F.leaky_relu(x, 0.25)),
    ("elu", 1, 0, F.elu),
    ("elu", 0.3, 0, lambda x: F.elu(x, 0.3)),
    ("selu", 0, 0, F.selu),
    ("softplus", 0, 0, lambda x: F.softplus(x, threshold=1000)),
    ("softsign", 1, 0, F.softsign),
    ("gelu", 0, 0, F.gelu),
    ("silu", 0, 0, F.silu),
    ("piecewise_linear", 1, 0, F.hardtanh),
    ("gaussian", 1, 0, lambda x: torch.exp(-x * x)),
    ("sine", 1.5, 0, lambda x: torch.sin(1.5 * x)),
    ("cosine", 1.5, 0, lambda x: torch.cos(1.5 * x)),
    ("steep_logistic", 1.5, 0, lambda x: torch.sigmoid(1.5 * x)),
    ("steep_tanh", 1.5, 0, lambda x: torch.tanh(1.5 * x)),
]

torch.manual_seed(31)
FIXED = [-100, -30, -5, -1.5, -0.75, -1e-3, 1e-3, 0.75, 1.5, 5, 30, 100]
POINTS = torch.cat([torch.tensor(FIXED), 8 * torch.rand(20) - 4]).float().double()  # floats, in both libraries

for name, first, second, function in ACTIVATIONS:
    for point in POINTS:
        x = point.clone().requires_grad_(True)
        y = function(x)
        y.backward()
        print(name, first, second, repr(x.item()), repr(y.item()), repr(x.grad.item()))
