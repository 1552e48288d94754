"""Trains with untouched options, a grid and scikit-learn on the same folds, and prints the table; the target
`defaults` calls it.

    defaults.py <folder of defaults_full> <folder of the data> [-R N] [-j N] [--update FILE] [set]...

-R        repetitions of the 5-fold cross-validation; default 1, the full run has 5
-j        processes; default: one per CPU
--no-grid untouched options and scikit-learn only
--update  a file in which the table takes the place of the one between "<!-- defaults -->" and
          "<!-- /defaults -->"
--report  no training: the table of what the results have

Results are added to defaults.csv and defaults-sklearn.csv beside the program; what they have is not run again,
so delete them when the library has changed. scikit-learn is looked for in `python3` and /usr/bin/python3.
"""
import argparse
import collections
import csv
import datetime
import math
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

MARK = re.compile(r"(<!-- defaults -->\n).*?(<!-- /defaults -->)", re.S)
DIVERGED = "15"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("-R", dest="repetitions", type=int, default=1)
    parser.add_argument("-j", dest="processes", type=int, default=os.cpu_count())
    parser.add_argument("--update", type=pathlib.Path)
    parser.add_argument("--no-grid", action="store_true")
    parser.add_argument("--report", action="store_true")
    parser.add_argument("sets", nargs="*")
    return parser.parse_intermixed_args()


def python_with(module):
    for python in (sys.executable, "/usr/bin/python3"):
        found = subprocess.run([python, "-c", f"import {module}; print({module}.__version__)"],
                               capture_output=True, text=True)
        if found.returncode == 0:
            return python, found.stdout.strip()
    return None, None


# ------------------------------------------------------------------------------------------- running


def run(arguments):
    programs, repetitions, processes = arguments.programs, str(arguments.repetitions), str(arguments.processes)
    subprocess.run([programs / "defaults_full", "-R", repetitions, "-j", processes,
                    "-o", programs / "defaults.csv", *(["-d"] if arguments.no_grid else []), arguments.data, *arguments.sets], check=True)
    python, _ = python_with("sklearn")
    if python:
        script = pathlib.Path(__file__).with_name("defaults_sklearn.py")
        subprocess.run([python, script, programs, arguments.data, "-R", repetitions, "-j", processes,
                        *arguments.sets], check=True, env=dict(os.environ, OPENBLAS_NUM_THREADS="1"))


# ------------------------------------------------------------------------------------------ figures


def read(path):
    """{(set, net): {setting: {(repetition, fold): row}}}; net and set in the order of the file."""
    found = collections.defaultdict(lambda: collections.defaultdict(dict))
    if path.exists():
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                found[row["set"], row["net"]][row["setting"]][row["repetition"], row["fold"]] = row
    return found


def errors(rows, folds):
    return [float(rows[fold]["error"]) for fold in folds]


def summary(settings, peer):
    """The figures of one net on one set, over the folds that the whole grid has."""
    default = settings["default"]
    grid = {name: rows for name, rows in settings.items() if name != "default"}
    most = max((len(rows) for rows in grid.values()), default=0)
    grid = {name: rows for name, rows in grid.items() if len(rows) == most}
    folds = sorted(set(default).intersection(*grid.values())) if grid else sorted(default)
    mean = statistics.fmean
    row = {"default": mean(errors(default, folds)), "folds": len(folds),
           "constant": mean(float(default[f]["constant"]) for f in folds),
           "seconds": statistics.median(float(r["seconds"]) for r in default.values()),
           "diverged": sum(r["status"] == DIVERGED for r in default.values()),
           "useless": sum(float(r["error"]) >= float(r["constant"]) for r in default.values()),
           "runs": len(default),
           "sklearn": mean(errors(peer, folds)) if set(folds) <= set(peer) else math.nan,
           "best": math.nan, "setting": "-", "regret": math.nan, "deviation": math.nan}
    if not grid:
        return row
    row["setting"] = min(grid, key=lambda name: mean(errors(grid[name], folds)))
    best = errors(grid[row["setting"]], folds)
    row["best"] = mean(best)
    span = row["constant"] - row["best"]
    row["regret"] = (row["default"] - row["best"]) / span
    differences = [a - b for a, b in zip(errors(default, folds), best)]
    if len(folds) > 1:
        row["deviation"] = statistics.stdev(differences) / math.sqrt(len(folds)) / abs(span)
    return row


def processor():
    try:
        return re.search(r"^model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE).group(1)
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def table(header, rows):
    widths = [max(len(r[i]) for r in rows + [header]) for i in range(len(header))]

    def line(cells):
        return "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths)) + " |"

    return "\n".join([line(header), line(["-" * w for w in widths])] + [line(r) for r in rows])


def number(value, digits=4):
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def conclusions(rows):
    regrets = [r["regret"] for r in rows if not math.isnan(r["regret"])]
    worse = sum(r["regret"] - 2 * r["deviation"] > 0.05 for r in rows)
    runs = sum(r["runs"] for r in rows)
    lines = [f"{runs} runs with untouched options: {sum(r['diverged'] for r in rows)} diverged, "
             f"{sum(r['useless'] for r in rows)} ended no better than the best constant."]
    if regrets:
        lines += [f"Regret over {len(regrets)} nets: mean {statistics.fmean(regrets):.4f}, "
                  f"median {statistics.median(regrets):.4f}, largest {max(regrets):.3f}; "
                  f"{worse} above 0.05 by more than two standard errors."]
    peers = [r for r in rows if not math.isnan(r["sklearn"])]
    if peers:
        better = sum(r["default"] < r["sklearn"] for r in peers)
        ratio = statistics.median(r["default"] / r["sklearn"] for r in peers if r["sklearn"] > 0)
        lines += [f"scikit-learn: the error is lower than its in {better} of {len(peers)} nets; "
                  f"the median of the ratios is {ratio:.2f}."]
    return "\n".join(lines)


def markdown(arguments):
    found = read(arguments.programs / "defaults.csv")
    peers = read(arguments.programs / "defaults-sklearn.csv")
    rows, cells = [], []
    for key, settings in found.items():
        if "default" not in settings or (arguments.sets and key[0] not in arguments.sets):
            continue
        row = summary(settings, peers[key]["sklearn"])
        rows.append(row)
        cells.append([*key, number(row["default"]), number(row["best"]), row["setting"], number(row["constant"]),
                      number(row["sklearn"]), number(row["regret"], 3), number(row["deviation"], 3),
                      str(row["folds"]), number(row["seconds"], 3)])
    cells.sort(key=lambda c: list(dict.fromkeys(k[0] for k in found)).index(c[0]))
    version = python_with("sklearn")[1]
    heading = (f"{processor()}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, "
               f"scikit-learn {version or 'not found'}, {datetime.date.today()}, -R {arguments.repetitions}.")
    header = ["set", "net", "default", "grid", "rate/batch/momentum", "constant", "scikit-learn", "regret", "+-",
              "folds", "s"]
    return "\n\n".join([heading, conclusions(rows), table(header, cells)]) + "\n"


def main():
    arguments = parse_arguments()
    if not arguments.report:
        run(arguments)
    text = markdown(arguments)
    print(text, end="")
    if arguments.update:
        page = arguments.update.read_text()
        if len(MARK.findall(page)) != 1:
            sys.exit(f"defaults: {arguments.update} has no block between <!-- defaults --> and <!-- /defaults -->")
        arguments.update.write_text(MARK.sub(lambda m: m[1] + text + m[2], page))


main()
