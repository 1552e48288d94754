"""scikit-learn's networks on the folds of defaults_full: its own defaults, but for the hidden layers, the
activation, and at most 500 epochs; columns standardized, numbers to predict too. defaults.py calls it."""
import argparse
import csv
import multiprocessing
import pathlib
import subprocess
import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

SETS = ["zoo", "cars93", "airquality", "iris", "servo", "wine", "sonar", "sunspots", "house votes", "diabetes",
        "breast cancer", "vehicle", "vowel", "Mackey-Glass", "digits", "letters", "Fashion-MNIST"]
NETS = [(f"{layers} {name}", tuple(map(int, layers.split("-"))), activation) for layers in ("16", "16-16")
        for name, activation in (("logistic", "logistic"), ("tanh", "tanh"), ("ReLU", "relu"))]
HEADER = ["set", "net", "setting", "repetition", "fold", "error", "constant", "status", "epochs", "seconds"]


def export(program, folder, name, repetitions):
    lines = subprocess.run([program, "-R", str(repetitions), "-x", name, folder], check=True, capture_output=True,
                           text=True).stdout.split("\n", 1)
    values = np.array([line.split(",") for line in lines[1].split()], dtype=float)
    return lines[0].startswith("classes"), values[:, :repetitions].T, values[:, repetitions:-1], values[:, -1]


def trial(job):
    name, net, repetition, fold, is_class, test, inputs, targets = job
    scaler = StandardScaler().fit(inputs[~test])
    x, x_test, y = scaler.transform(inputs[~test]), scaler.transform(inputs[test]), targets[~test]
    label, hidden, activation = net
    make = MLPClassifier if is_class else MLPRegressor
    model = make(hidden, activation=activation, max_iter=500, random_state=1 + 5 * repetition + fold)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y if is_class else (y - y.mean()) / y.std())
    seconds = time.perf_counter() - start
    predicted = model.predict(x_test)
    if is_class:
        error = np.mean(predicted != targets[test])
    else:
        error = np.mean((predicted * y.std() + y.mean() - targets[test]) ** 2) / targets.var()
    return [name, label, "sklearn", repetition, fold, f"{error:.6g}", "", 0, model.n_iter_, f"{seconds:.4f}"]


def jobs_of(name, arguments, done):
    program = arguments.programs / "defaults_full"
    is_class, folds, inputs, targets = export(program, arguments.data, name, arguments.repetitions)
    for repetition in range(arguments.repetitions):
        for fold in range(5):
            for net in NETS:
                if (name, net[0], str(repetition), str(fold)) not in done:
                    yield name, net, repetition, fold, is_class, folds[repetition] == fold, inputs, targets


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("-R", dest="repetitions", type=int, default=1)
    parser.add_argument("-j", dest="processes", type=int, default=1)
    parser.add_argument("sets", nargs="*")
    arguments = parser.parse_intermixed_args()
    path = arguments.programs / "defaults-sklearn.csv"
    done = set()
    if path.exists():
        with open(path, newline="") as file:
            done = {(r["set"], r["net"], r["repetition"], r["fold"]) for r in csv.DictReader(file)}
    with open(path, "a", newline="") as file, multiprocessing.Pool(arguments.processes) as pool:
        writer = csv.writer(file)
        if file.tell() == 0:
            writer.writerow(HEADER)
        for name in arguments.sets or SETS:
            for row in pool.imap_unordered(trial, jobs_of(name, arguments, done)):
                writer.writerow(row)
                file.flush()


main()
