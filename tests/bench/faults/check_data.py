#!/usr/bin/env python3
"""Counts by other means what fault_sets.c lists as known of each set.

    build/bench/faults -x path/to/data | python3 tests/bench/faults/check_data.py

Plain counting over all values, without the library: constant and repeated columns, outliers, absent and rare
classes, equal inputs with different targets, and columns of very different size.
"""
import statistics
import sys


def read_tables(lines):
    name, rows = None, []
    for line in lines:
        line = line.rstrip("\n")
        if name is None:
            name = line
        elif line == "":
            yield name, rows
            name, rows = None, []
        else:
            inputs, targets = line.split("|")
            rows.append((tuple(map(float, inputs.split())), tuple(map(float, targets.split()))))


def standardized(column):
    """The column by its mean and deviation; its first deviation from the mean is positive."""
    mean = statistics.fmean(column)
    deviation = statistics.pstdev(column, mean)
    if deviation == 0 or max(column) == min(column):
        return None
    z = [(value - mean) / deviation for value in column]
    sign = next(1 if v > 0 else -1 for v in z if abs(v) > 1e-6)
    return [sign * v for v in z]


def is_category(column, other):
    """Columns of 0 and 1 that are each other's opposite: the two inputs of a category, if they are neighbours."""
    return set(column) == {0.0, 1.0} and all(a + b == 1 for a, b in zip(column, other))


def count_repeated(columns):
    """Columns equal to an earlier one up to scale and shift."""
    seen, repeated = [], 0
    for index, column in enumerate(columns):
        z = standardized(column)
        if z is None:
            continue
        twins = [earlier for earlier, other in seen if max(abs(a - b) for a, b in zip(z, other)) < 1e-3]
        if any(earlier != index - 1 or not is_category(column, columns[earlier]) for earlier in twins):
            repeated += 1
        else:
            seen.append((index, z))
    return repeated


def has_outliers(column):
    """Up to 5 % of the values on a side, behind a gap ten times as wide as the range of all others."""
    values = sorted(column)
    count = len(values)
    tail = int(0.05 * count)
    if len(set(values)) < 3 or count < 20 or values[count // 4] == values[count - 1 - count // 4]:
        return False
    for low in range(tail + 1):
        for high in range(tail + 1):
            if low + high == 0:
                continue
            inner = values[low:count - high]
            width = inner[-1] - inner[0]
            below = low == 0 or inner[0] - values[low - 1] >= 10 * width
            above = high == 0 or values[count - high] - inner[-1] >= 10 * width
            if width > 0 and below and above:
                return True
    return False


def count_contrary(rows):
    """Cases whose inputs another case has, with other targets."""
    groups = {}
    for inputs, targets in rows:
        groups.setdefault(inputs, []).append(targets)
    return sum(len(group) for group in groups.values() if len(set(group)) > 1)


def class_counts(rows):
    """Cases of each class, or None if the targets are not one-hot."""
    width = len(rows[0][1])
    if width == 1 or any(sorted(targets) != [0.0] * (width - 1) + [1.0] for _, targets in rows):
        return None
    return [sum(targets[i] for _, targets in rows) for i in range(width)]


def is_unscaled(columns):
    sizes = [statistics.fmean(v * v for v in column) ** 0.5 for column in columns]
    deviations = sorted(d for d in (statistics.pstdev(column) for column in columns) if d > 0)
    median = deviations[len(deviations) // 2]
    return max(sizes) > 10 or max(sizes) < 0.01 or max(sizes) > 100 * median


def findings(rows):
    columns = list(zip(*(inputs for inputs, _ in rows)))
    found = []
    constant = sum(min(column) == max(column) for column in columns)
    outliers = sum(map(has_outliers, columns))
    counts = class_counts(rows)
    absent = sum(c == 0 for c in counts) if counts else 0
    rare = min((c for c in counts if c > 0), default=0) if counts else 0
    if is_unscaled(columns):
        found.append("inputs unscaled")
    for name, count in (("outliers", outliers), ("repeated", count_repeated(columns)), ("constant", constant),
                        ("absent", absent), ("contrary", count_contrary(rows))):
        if count > 0:
            found.append(f"{name} {count}")
    if counts and rare * len(counts) < 0.1 * len(rows):
        found.append(f"rare {int(rare)}")
    return found


def main():
    for name, rows in read_tables(sys.stdin):
        print(f"{name}: {'; '.join(findings(rows))}")


if __name__ == "__main__":
    main()
