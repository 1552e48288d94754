"""NumPy or PyTorch as a contestant: peers.py numpy|torch; program_python.c says what is read and written.

Ends without a word where the library is not installed.
"""
import os
import sys

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[name + "_NUM_THREADS"] = "1"

MOMENTUM = 0.9


class NumpyNet:
    """A step as a NumPy user writes it: matrix products, in place where that is easy."""

    def __init__(self, np, softmax, rule, rate, units, inputs, targets, weights):
        self.np, self.softmax, self.rate = np, softmax, np.float32(rate)
        self.inputs, self.targets = inputs, targets
        self.layers, at = [], 0
        for i, o in zip(units, units[1:]):
            self.layers.append([weights[at:at + i * o].reshape(o, i).copy(), weights[at + i * o:at + (i + 1) * o].copy()])
            at += (i + 1) * o
        self.change = [[np.zeros_like(w), np.zeros_like(b)] for w, b in self.layers]

    def forward(self, x):
        np, ys = self.np, [x]
        for l, (w, b) in enumerate(self.layers):
            x = ys[-1] @ w.T
            x += b
            if self.softmax and l + 1 == len(self.layers):
                x -= x.max(axis=1, keepdims=True)
                np.exp(x, out=x)
                x /= x.sum(axis=1, keepdims=True)
            else:
                np.negative(x, out=x)
                np.exp(x, out=x)
                x += 1
                np.reciprocal(x, out=x)
            ys.append(x)
        return ys

    def train(self, first, last):
        ys = self.forward(self.inputs[first:last])
        y, delta = ys[-1], ys[-1] - self.targets[first:last]
        if not self.softmax:
            delta *= y * (1 - y)
        for l in reversed(range(len(self.layers))):
            gradient = delta.T @ ys[l], delta.sum(axis=0)
            if l > 0:
                delta = delta @ self.layers[l][0]
                delta *= ys[l] * (1 - ys[l])
            for weights, change, g in zip(self.layers[l], self.change[l], gradient):
                change *= self.np.float32(MOMENTUM)
                g *= self.rate
                change -= g
                weights += change

    def predict(self, first, last):
        return self.forward(self.inputs[first:last])[-1]

    def error(self):
        np = self.np
        y, d = self.predict(0, len(self.inputs)).astype(np.float64), self.targets
        return -np.log(y[d > 0]).sum() if self.softmax else 0.5 * ((y - d) ** 2).sum()


class TorchNet:
    """A step as a PyTorch user writes it: Sequential, a loss, SGD, Adam or Rprop."""

    def __init__(self, torch, softmax, rule, rate, units, inputs, targets, weights):
        torch.set_num_threads(1)
        self.torch, self.softmax = torch, softmax
        self.inputs, self.targets = torch.from_numpy(inputs), torch.from_numpy(targets)
        modules, at = [], 0
        for i, o in zip(units, units[1:]):
            linear = torch.nn.Linear(i, o)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(weights[at:at + i * o].reshape(o, i)))
                linear.bias.copy_(torch.from_numpy(weights[at + i * o:at + (i + 1) * o]))
            at += (i + 1) * o
            modules += [linear, torch.nn.Sigmoid()]
        self.net = torch.nn.Sequential(*(modules[:-1] if softmax else modules))
        self.classes = self.targets.argmax(dim=1)
        parameters = self.net.parameters()
        self.optimizer = (torch.optim.Adam(parameters, lr=rate) if rule == b"adam" else
                          torch.optim.Rprop(parameters, lr=rate) if rule == b"rprop" else
                          torch.optim.SGD(parameters, lr=rate or 1.0, momentum=MOMENTUM))

    def loss(self, first, last):
        y = self.net(self.inputs[first:last])
        if self.softmax:
            return self.torch.nn.functional.cross_entropy(y, self.classes[first:last], reduction="sum")
        return 0.5 * ((y - self.targets[first:last]) ** 2).sum()

    def train(self, first, last):
        self.optimizer.zero_grad()
        self.loss(first, last).backward()
        self.optimizer.step()

    def predict(self, first, last):
        with self.torch.inference_mode():
            y = self.net(self.inputs[first:last])
            return self.torch.softmax(y, dim=1) if self.softmax else y

    def error(self):
        with self.torch.inference_mode():
            return float(self.loss(0, len(self.inputs)))


def read_floats(np, count):
    return np.frombuffer(sys.stdin.buffer.read(4 * count), dtype=np.float32).copy()


class Contestant:
    """A net and its cases, as the line "net ..." describes them and the floats behind it fill them."""

    def __init__(self, library, output, rule, cases, batch, rate, *units):
        import numpy as np
        self.cases, self.batch, units = int(cases), int(batch), [int(u) for u in units]
        inputs = read_floats(np, self.cases * units[0]).reshape(self.cases, units[0])
        targets = read_floats(np, self.cases * units[-1]).reshape(self.cases, units[-1])
        weights = read_floats(np, sum((i + 1) * o for i, o in zip(units, units[1:])))
        make = NumpyNet if library.__name__ == "numpy" else TorchNet
        self.net = make(library, output == b"softmax", rule, float(rate), units, inputs, targets, weights)

    def repeat(self, work, count):
        for _ in range(count):
            for first in range(0, self.cases, self.batch):
                work(first, min(first + self.batch, self.cases))


def answer(text):
    print(text, flush=True)


def main():
    try:
        library = __import__(sys.argv[1])
        import numpy
    except ImportError:
        return
    answer("here")
    for line in sys.stdin.buffer:
        command, *values = line.split()
        if command == b"net":
            contestant = Contestant(library, *values)
            answer("ready")
        elif command == b"error":
            answer(repr(float(contestant.net.error())))
        elif command == b"forget":
            contestant = None
            answer("done")
        else:
            work = contestant.net.train if command == b"train" else contestant.net.predict
            contestant.repeat(work, int(values[0]))
            answer("done")


main()
