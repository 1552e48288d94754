#!/usr/bin/env python3
"""Writes rules.txt: what PyTorch's optimizers make of recorded gradients, and of a small network.

    python3 tests/data/make_rules.py >tests/data/rules.txt

Needs PyTorch (made with 1.13.0). It computes in double; gradients, initial weights and cases are whole numbers in 1/4096,
so that they are the same in float and double.

    gradients <updates> <weights>
    a line for each update
    cases <cases> <inputs> <hidden> <outputs>
    a line for each case: inputs, targets
    start: a line with the initial weights for the gradients, one with those of the network: a tanh layer and a linear
        one, each its matrix by rows, then its biases
    rule <name> <learning rate> <momentum or beta1> <3 parameters> <penalty>
    a line for some numbers of updates: the number, and the weights then
    network: a line with the weights of the network after 20 updates by all cases, E being the mean of 1/2 (y - d)^2
        summed over the outputs; and one with E before each
"""

import numpy as np
import torch

UPDATES, WEIGHTS, UNIT = 200, 6, 4096.0
CASES, INPUTS, HIDDEN, OUTPUTS, STEPS = 10, 3, 4, 2, 20
SHOWN = (1, 2, 3, 10, 50, 100, 200)
random = np.random.default_rng(1986)
torch.set_default_dtype(torch.float64)


def whole(values):
    return np.rint(np.asarray(values) * UNIT)


def say(values):
    print(*(f"{float(v):.17g}" for v in values))


def record_gradients():
    """Of different sizes, some that keep their sign for long, some that are 0 at times."""
    noise = random.normal(size=(UPDATES, WEIGHTS)) * [0.01, 0.1, 1, 1, 4, 0.5]
    drift = np.array([0.02, 0, 0.5, -3, 0, 0.1]) * np.cos(np.arange(UPDATES) / 25)[:, None]
    gradients = noise + drift
    gradients[random.random(gradients.shape) < 0.03] = 0
    return whole(gradients)


gradients = record_gradients()
start = whole(random.uniform(-1, 1, WEIGHTS))
inputs, targets = whole(random.uniform(-1, 1, (CASES, INPUTS))), whole(random.uniform(-1, 1, (CASES, OUTPUTS)))
shapes = [(HIDDEN, INPUTS), (HIDDEN,), (OUTPUTS, HIDDEN), (OUTPUTS,)]
net_start = [whole(random.uniform(-1, 1, shape)) for shape in shapes]

O = torch.optim
RULES = [  # name, rate, momentum, parameters, penalty, PyTorch's
    ("momentum", 0.01, 0, (0, 0, 0), 0, lambda w: O.SGD(w, lr=0.01)),
    ("momentum", 0.01, 0.9, (0, 0, 0), 0, lambda w: O.SGD(w, lr=0.01, momentum=0.9)),
    ("nesterov", 0.01, 0.9, (0, 0, 0), 0, lambda w: O.SGD(w, lr=0.01, momentum=0.9, nesterov=True)),
    ("adagrad", 0.05, 0, (0, 0, 0), 0, lambda w: O.Adagrad(w, lr=0.05)),
    ("adagrad", 0.05, 0, (0, 0, 0), 0.25, lambda w: O.Adagrad(w, lr=0.05, weight_decay=0.25)),
    ("rmsprop", 0.003, 0, (0.9, 0, 0), 0, lambda w: O.RMSprop(w, lr=0.003, alpha=0.9)),
    ("rmsprop", 0.001, 0, (0.99, 0, 0), 0.25, lambda w: O.RMSprop(w, lr=0.001, alpha=0.99, weight_decay=0.25)),
    ("adam", 0.001, 0.9, (0.999, 1e-8, 0), 0, lambda w: O.Adam(w, lr=0.001)),
    ("adam", 0.01, 0.8, (0.95, 1e-3, 0), 0.25,
     lambda w: O.Adam(w, lr=0.01, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.25)),
    ("adamw", 0.01, 0.9, (0.999, 1e-8, 0.5), 0, lambda w: O.AdamW(w, lr=0.01, weight_decay=0.5)),
    ("irprop_minus", 0.01, 0, (0, 0, 0), 0, lambda w: O.Rprop(w, lr=0.01)),
]


def follow_gradients(make):
    weights = torch.tensor(start / UNIT, requires_grad=True)
    optimizer = make([weights])
    for number, gradient in enumerate(gradients, 1):
        weights.grad = torch.tensor(gradient / UNIT)
        optimizer.step()
        if number in SHOWN:
            print(number, end=" ")
            say(weights.detach())


def train_network(make):
    weights = [torch.tensor(w / UNIT, requires_grad=True) for w in net_start]
    optimizer, errors = make(weights), []
    x, d = torch.tensor(inputs / UNIT), torch.tensor(targets / UNIT)
    for _ in range(STEPS):
        optimizer.zero_grad()
        y = torch.tanh(x @ weights[0].T + weights[1]) @ weights[2].T + weights[3]
        error = 0.5 * ((y - d) ** 2).sum() / CASES
        error.backward()
        errors.append(error.item())
        optimizer.step()
    say(np.concatenate([w.detach().numpy().ravel() for w in weights]))
    say(errors)


print("gradients", UPDATES, WEIGHTS)
for row in gradients:
    print(*(int(g) for g in row))
print("cases", CASES, INPUTS, HIDDEN, OUTPUTS)
for row in np.hstack([inputs, targets]):
    print(*(int(v) for v in row))
print(*(int(w) for w in start))
print(*(int(w) for part in net_start for w in part.ravel()))
for name, rate, momentum, parameters, penalty, make in RULES:
    print("rule", name, rate, momentum, *parameters, penalty)
    follow_gradients(make)
    train_network(make)
print("end")
