#!/usr/bin/env python3
"""Writes metrics.txt: random outputs and targets, and what scikit-learn makes of them.

    python3 tests/data/make_metrics.py >tests/data/metrics.txt

Needs scikit-learn (made with 1.2.1). All numbers are whole: outputs and targets in 1/1024, case weights in 1/16, so
that they are the same in float and double. Each set is

    regression <cases> <columns> <has weights>                 or
    classes <cases> <columns> <has weights> <threshold> <k>    (threshold "auto" or a number)
    for each case: outputs, targets, and the weight if there are weights
    a line for each figure: <name> <value>, and for those of a class or column <name> <index> <value>
    end
"""

import warnings

import numpy as np
import sklearn
from sklearn import metrics

warnings.filterwarnings("ignore")
UNIT, WEIGHT_UNIT = 1024.0, 16.0
random = np.random.default_rng(1986)


def say(*parts):
    print(*(f"{p:.17g}" if isinstance(p, float) else p for p in parts))


def rows(outputs, targets, weights):
    outputs, targets = outputs.reshape(len(outputs), -1), targets.reshape(len(targets), -1)
    for i in range(len(outputs)):
        numbers = list(outputs[i]) + list(targets[i]) + ([] if weights is None else [weights[i]])
        print(*(int(n) for n in numbers))


def random_weights(cases, kind):
    if kind == "none":
        return None
    weights = random.integers(1, 100, cases)
    if kind == "zeros":
        weights[random.random(cases) < 0.3] = 0
        weights[0] = 7
    return weights


def scaled(weights):
    return None if weights is None else weights / WEIGHT_UNIT


def total(cases, weights):
    return float(cases) if weights is None else float(np.sum(weights / WEIGHT_UNIT))


# ------------------------------------------------------------------------------------------------------ regression


def regression(cases, columns, kind, offset=0, constant=False, exact=False):
    weights = random_weights(cases, kind)
    targets = random.integers(-3000, 3000, (cases, columns)) + offset
    if constant:
        targets[:, 0] = 1234
    outputs = targets + (random.normal(0, 900, (cases, columns)) + 100).astype(int)
    if exact:
        outputs[:, 0] = targets[:, 0]
    say("regression", cases, columns, int(weights is not None))
    rows(outputs, targets, weights)
    y, d, w = outputs / UNIT, targets / UNIT, scaled(weights)
    bias = np.average(y - d, axis=0, weights=w)
    counted = np.ones(cases, bool) if w is None else w > 0
    say("weight", total(cases, weights))
    for name, value in (
        ("rmse", metrics.mean_squared_error(d, y, sample_weight=w, squared=False, multioutput="raw_values")),
        ("mae", metrics.mean_absolute_error(d, y, sample_weight=w, multioutput="raw_values")),
        ("r2", metrics.r2_score(d, y, sample_weight=w, multioutput="raw_values") if cases > 1 else [np.nan] * columns),
        ("mean_error", bias),
        ("max_abs_error", [metrics.max_error(d[counted, i], y[counted, i]) for i in range(columns)]),
    ):
        for i in range(columns):
            say("column_" + name, i, float(value[i]))
    say("rmse", float(metrics.mean_squared_error(d, y, sample_weight=w, squared=False)))
    say("mae", float(metrics.mean_absolute_error(d, y, sample_weight=w)))
    say("r2", float(metrics.r2_score(d, y, sample_weight=w)) if cases > 1 else np.nan)
    say("mean_error", float(np.mean(bias)))
    say("max_abs_error", float(np.max(np.abs(y - d)[counted])))
    print("end")


# --------------------------------------------------------------------------------------------------------- classes


def average(values, weights=None):
    """As zero_division=nan of scikit-learn 1.3 averages: without NaN."""
    known = ~np.isnan(values)
    if not known.any():
        return np.nan
    if weights is not None and weights[known].sum() > 0:
        return float(np.average(values[known], weights=weights[known]))
    return float(np.mean(values[known]))


def figures_by_class(truth, guess, classes, w):
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, guess, labels=range(classes), sample_weight=w, zero_division=0
    )
    matrix = metrics.confusion_matrix(truth, guess, labels=range(classes), sample_weight=w)
    predicted = matrix.sum(axis=0)
    precision[predicted == 0] = np.nan
    recall[support == 0] = np.nan
    f1[support + predicted == 0] = np.nan
    return precision, recall, f1, np.asarray(support, float), matrix


def auc(truth, scores, w):
    counted = np.ones(len(truth), bool) if w is None else w > 0
    if len(set(truth[counted])) < 2:
        return np.nan
    return metrics.roc_auc_score(truth, scores, sample_weight=w)


def top_k(truth, y, classes, k, w):
    if classes > 2 and y.ndim > 1:
        return metrics.top_k_accuracy_score(truth, y, k=k, labels=range(classes), sample_weight=w)
    ranks = np.argsort(y, axis=1, kind="mergesort")[:, ::-1]  # as it does, which refuses two columns
    return np.average((ranks[:, :k] == truth[:, None]).any(axis=1), weights=w)


def classes(cases, columns, kind, outputs="probabilities", on=1024, off=0, absent=(), threshold="auto", k=2, step=1):
    """step: outputs are multiples of it, so that large ones make ties."""
    count = 2 if columns == 1 else columns
    weights = random_weights(cases, kind)
    w = scaled(weights)
    truth = random.choice([c for c in range(count) if c not in absent], cases)
    near = 0.5 * np.eye(count)[truth] + random.dirichlet(np.ones(count), cases)
    if columns == 1:
        y = near[:, 1] / near.sum(axis=1) * (1024 if outputs == "probabilities" else 2048)
        y = np.round((y if outputs == "probabilities" else y - 1024) / step) * step
        targets = np.where(truth == 1, on, off)
        half = (on + off) / 2 / UNIT if threshold == "auto" else threshold
        guess = (y / UNIT > half).astype(int)
    else:
        if outputs == "probabilities":
            y = np.floor(near / near.sum(axis=1, keepdims=True) * 1024 / step) * step
            y[np.arange(cases), random.integers(0, count, cases)] += 1024 - y.sum(axis=1)
        else:
            y = np.round((near * 5000 - 1000) / step) * step
        targets = np.where(np.eye(count)[truth] == 1, on, off)
        guess = np.argmax(y, axis=1)
    say("classes", cases, columns, int(weights is not None), threshold, k)
    rows(y, targets, weights)
    y = y / UNIT

    precision, recall, f1, support, matrix = figures_by_class(truth, guess, count, w)
    areas = [auc((truth == c).astype(int), y[:, c] if columns > 1 else y, w) for c in range(count)]
    if columns == 1:
        areas[0] = areas[1]
    say("weight", total(cases, weights))
    say("correct", float(np.sum(truth == guess)))
    say("accuracy", float(metrics.accuracy_score(truth, guess, sample_weight=w)))
    say("balanced_accuracy", float(metrics.balanced_accuracy_score(truth, guess, sample_weight=w)))
    say("macro_precision", average(precision))
    say("macro_f1", average(f1))
    say("macro_auc", average(np.array(areas)))
    say("weighted_precision", average(precision, support))
    say("weighted_f1", average(f1, support))
    if columns > 1:
        say("top_k_accuracy", float(top_k(truth, y, count, k, w)))
    elif outputs == "probabilities" and on == 1024 and threshold == "auto":
        say("top_k_accuracy", float(metrics.top_k_accuracy_score(truth, y, k=k, labels=[0, 1], sample_weight=w)))
    if outputs == "probabilities":
        say("log_loss", float(metrics.log_loss(truth, y, labels=range(count), sample_weight=w)))
        if count == 2:
            p = y if columns == 1 else y[:, 1]
            if len(set(truth)) == 2:
                say("brier", float(metrics.brier_score_loss(truth, p, sample_weight=w, pos_label=1)))
        else:  # that of 1.2.1 is for two classes only
            say("brier", float(np.average(((y - np.eye(count)[truth]) ** 2).sum(axis=1), weights=w)))
    else:
        say("log_loss", np.nan)
        say("brier", np.nan)
    for c in range(count):
        say("precision", c, float(precision[c]))
        say("recall", c, float(recall[c]))
        say("f1", c, float(f1[c]))
        say("auc", c, float(areas[c]))
        say("class_weight", c, float(support[c]))
    for i, value in enumerate(matrix.ravel() if count <= 5 else []):
        say("confusion", i, float(value))
    print("end")


print(f"# Made by make_metrics.py with scikit-learn {sklearn.__version__}; see there.")
regression(1, 1, "none")
regression(2, 1, "none")
regression(3, 2, "some")
regression(25, 1, "some")
regression(40, 3, "zeros", offset=1000000)
regression(30, 2, "none", constant=True)
regression(30, 2, "some", constant=True, exact=True)
regression(12, 20, "some")
for kind in ("none", "some", "zeros"):
    classes(30, 1, kind)
    classes(40, 1, kind, step=128)
    classes(30, 1, kind, outputs="scores", off=-1024)
    classes(25, 1, kind, threshold=0.25)
    classes(30, 1, kind, on=922, off=102)
    classes(20, 2, kind, step=64)
    classes(30, 3, kind, outputs="scores", on=1536, off=-256)
    classes(30, 3, kind, step=256, k=1)
    classes(40, 5, kind, absent=(2,), k=3)
    classes(30, 4, kind, outputs="scores", step=1024, off=-1024)
classes(12, 1, "some", absent=(0,))
classes(12, 1, "none", absent=(1,))
classes(10, 3, "none", absent=(0, 2))
classes(40, 20, "some", k=5)
classes(30, 12, "none", step=128, absent=(0, 11), k=20)
classes(1, 3, "none")
