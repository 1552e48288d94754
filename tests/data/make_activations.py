#!/usr/bin/env python3
"""Writes activations.txt: values and slopes of the activations, with 22 digits.

    python3 tests/data/make_activations.py >tests/data/activations.txt

Needs mpmath (made with 1.3.0). The formulas are written from the papers and from FANN's manual, and share nothing with
the library. x is a float, so that it is the same in both libraries. Slopes at a kink are those of the left side, and 0 at
the ends of piecewise linear activations.

    <activation> <first parameter> <second> <x> <f(x)> <f'(x)>     with - for a slope that is not defined
"""

import random
import struct

from mpmath import mp, mpf, cos, erfc, exp, log1p, nstr, pi, sin, sqrt, tanh

mp.dps = 80


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def logistic(x):
    return 1 / (1 + exp(-x))


def phi(x):
    return erfc(-x / sqrt(mpf(2))) / 2


SCALE, ALPHA = mpf("1.0507009873554804934193349852946"), mpf("1.6732632423543772848170429916717")
ROWS = {  # f and f' of x and two parameters
    "linear": (lambda x, a, b: x, lambda x, a, b: 1),
    "logistic": (lambda x, a, b: logistic(x), lambda x, a, b: logistic(x) * logistic(-x)),
    "tanh": (lambda x, a, b: tanh(x), lambda x, a, b: 1 - tanh(x) ** 2),
    "relu": (lambda x, a, b: max(x, 0), lambda x, a, b: int(x > 0)),
    "leaky_relu": (lambda x, a, b: b * (x if x > 0 else a * x), lambda x, a, b: b if x > 0 else a * b),
    "elu": (lambda x, a, b: x if x > 0 else a * mp.expm1(x), lambda x, a, b: 1 if x > 0 else a * exp(x)),
    "selu": (lambda x, a, b: SCALE * (x if x > 0 else ALPHA * mp.expm1(x)),
             lambda x, a, b: SCALE * (1 if x > 0 else ALPHA * exp(x))),
    "softplus": (lambda x, a, b: log1p(exp(x)), lambda x, a, b: logistic(x)),
    "gelu": (lambda x, a, b: x * phi(x), lambda x, a, b: phi(x) + x * exp(-x * x / 2) / sqrt(2 * pi)),
    "silu": (lambda x, a, b: x * logistic(x), lambda x, a, b: logistic(x) * (1 + x * logistic(-x))),
    "softsign": (lambda x, a, b: a * x / (1 + abs(a * x)), lambda x, a, b: a / (1 + abs(a * x)) ** 2),
    "softsign_01": (lambda x, a, b: (1 + a * x / (1 + abs(a * x))) / 2, lambda x, a, b: a / (1 + abs(a * x)) ** 2 / 2),
    "piecewise_linear": (lambda x, a, b: max(-1, min(1, a * x)), lambda x, a, b: a if -1 < a * x < 1 else 0),
    "piecewise_linear_01": (lambda x, a, b: max(0, min(1, a * x)), lambda x, a, b: a if 0 < a * x < 1 else 0),
    "gaussian": (lambda x, a, b: exp(-(a * x) ** 2), lambda x, a, b: -2 * a * a * x * exp(-(a * x) ** 2)),
    "gaussian_symmetric": (lambda x, a, b: 2 * exp(-(a * x) ** 2) - 1,
                           lambda x, a, b: -4 * a * a * x * exp(-(a * x) ** 2)),
    "sine": (lambda x, a, b: sin(a * x), lambda x, a, b: a * cos(a * x)),
    "sine_01": (lambda x, a, b: (1 + sin(a * x)) / 2, lambda x, a, b: a * cos(a * x) / 2),
    "cosine": (lambda x, a, b: cos(a * x), lambda x, a, b: -a * sin(a * x)),
    "cosine_01": (lambda x, a, b: (1 + cos(a * x)) / 2, lambda x, a, b: -a * sin(a * x) / 2),
    "threshold": (lambda x, a, b: int(x >= 0), None),
    "threshold_symmetric": (lambda x, a, b: 1 if x >= 0 else -1, None),
    "steep_logistic": (lambda x, a, b: logistic(a * x), lambda x, a, b: a * logistic(a * x) * logistic(-a * x)),
    "steep_tanh": (lambda x, a, b: tanh(a * x), lambda x, a, b: a * (1 - tanh(a * x) ** 2)),
    "scaled_linear": (lambda x, a, b: a * x, lambda x, a, b: a),
}
STEEP = ("softsign softsign_01 piecewise_linear piecewise_linear_01 gaussian gaussian_symmetric sine sine_01 cosine "
         "cosine_01 steep_logistic steep_tanh scaled_linear").split()
PARAMETERS = {"leaky_relu": [(0.01, 1), (0.25, 2)], "elu": [(1, 0), (0.3, 0)]}
PARAMETERS.update({name: [(1, 0), (1.7, 0), (23.7, 0)] for name in STEEP})

FIXED = [0.0, 1.0, 2.0, 0.5, 1e-42, 1.5e-38, 1e-30, 1e-8, 0.1, 0.75, 0.832554, 1.5708, 3.14159, 5.5, 9.0, 14.2, 17.0,
         38.0, 87.3, 88.8, 92.0, 100.0]


def main():
    random.seed(1986)
    drawn = [random.uniform(-100, 100) for _ in range(6)] + [random.uniform(-6, 6) for _ in range(8)]
    inputs = sorted({single(x) for x in FIXED + [-x for x in FIXED] + drawn})
    for name, (value, slope) in ROWS.items():
        for a, b in PARAMETERS.get(name, [(0, 0)]):
            for x in inputs:
                arguments = mpf(x), mpf(a), mpf(b)
                found = "-" if slope is None else nstr(mpf(slope(*arguments)), 22)
                print(name, a, b, repr(x), nstr(mpf(value(*arguments)), 22), found)


main()
