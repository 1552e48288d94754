"""Runs the benchmarks and prints one table of their figures, in Markdown; the target `bench` calls it.

    bench.py <folder of the programs> [--quick | --short] [--fashion FOLDER] [--csv FILE] [--update FILE] [workload]...

--quick     a few seconds for each workload, to see that all works: the figures are rough
--short     many short turns, of which the lower quartile counts, for a machine on which others work at times
--fashion   the folder with the four files of Fashion-MNIST, packed (.gz) or not: runs W8 too
--csv       where the figures go as "workload,program,unit,value,ratio"; default <folder>/bench.csv
--curves    only the cost of a case by batch, and the speed by size of layer, and the pictures of both in a folder,
            which gets curves.csv, too; --short unless --quick; about 15 minutes
--update    a file in which the table takes the place of the one between "<!-- bench -->" and "<!-- /bench -->"
workload    only those whose names begin so; without limits and whole processes

Peers that are not installed are left out. NumPy and PyTorch are looked for in `python3` and /usr/bin/python3.
"""
import argparse
import csv
import datetime
import gzip
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

LIBRARY = "backprop"
PLANS = {
    None: "medians of 7 turns of at least 0.25 s",
    "--quick": "quick run, rough figures",
    "--short": "lower quartiles of 15 turns of at least 0.01 s",
}
CURVE_NETS = ("784-128-10", "64-32-10", "200-50-200", "17-33-5")
# One thread for every peer; for those that read these when they start.
ENVIRONMENT = {name + "_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "GOTO", "BLIS")}
IN_NS = {"ns": 1, "ns/step": 1, "ns/case": 1, "us/sweep": 1e3, "ms": 1e6, "s": 1e9}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--quick", action="store_const", const="--quick", dest="plan")
    parser.add_argument("--short", action="store_const", const="--short", dest="plan")
    parser.add_argument("--fashion", type=pathlib.Path)
    parser.add_argument("--csv", type=pathlib.Path)
    parser.add_argument("--curves", type=pathlib.Path)
    parser.add_argument("--update", type=pathlib.Path)
    parser.add_argument("workloads", nargs="*")
    return parser.parse_intermixed_args()


# ------------------------------------------------------------------------------------------- running


def python_with(module):
    for python in (sys.executable, "/usr/bin/python3"):
        if python and subprocess.run([python, "-c", "import " + module], stderr=subprocess.DEVNULL).returncode == 0:
            return python
    return None


def run(command):
    """The rows that a program prints; they are also shown as they come."""
    rows = []
    with subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(line, end="", file=sys.stderr, flush=True)
            rows += csv.reader([line])
    if process.returncode != 0:
        sys.exit(f"bench: {command[0]} failed")
    return rows


def run_fashion(program, folder):
    with tempfile.TemporaryDirectory() as unpacked:
        for path in folder.glob("*-ubyte*"):
            opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
            with opened as packed, open(pathlib.Path(unpacked) / path.name.replace(".gz", ""), "wb") as out:
                shutil.copyfileobj(packed, out)
        return run([program, unpacked])


def stripped_size(library):
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "stripped"
        subprocess.run(["strip", "-o", copy, library], check=True)
        return ["W7 shared library, stripped", LIBRARY, "KB", f"{copy.stat().st_size / 1000:.1f}", ""]


def run_all(arguments):
    programs, plan = arguments.programs, [arguments.plan] if arguments.plan else []
    if arguments.workloads:
        return run([programs / "bench_contest", *plan, *arguments.workloads])
    rows = run([programs / "bench_limits", *plan])
    rows += run([programs / "bench_contest", *plan])
    rows += run([programs / "bench_threads", *plan])
    rows += run([programs / "bench_footprint", *plan])
    rows.append(stripped_size(os.path.realpath(programs.parent / "libbackprop.so")))
    if arguments.fashion:
        rows += run_fashion(programs / "bench_fashion", arguments.fashion)
    return rows


def write_csv(path, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["workload", "program", "unit", "value", "ratio"]] + rows)


def draw_curves(arguments):
    program = [arguments.programs / "bench_batches", arguments.plan or "--short"]
    rows = run([*program, *CURVE_NETS]) + run([*program, "--layers"])
    arguments.curves.mkdir(exist_ok=True)
    write_csv(arguments.curves / "curves.csv", rows)
    run([arguments.programs / "bench_draw", arguments.curves / "curves.csv", arguments.curves])


# ----------------------------------------------------------------------------------------- the table


def figure(value, unit):
    """Three digits, and a unit that fits: 5.61 M/s, 40.2 ns."""
    value = float(value)
    if unit in IN_NS:
        ns = value * IN_NS[unit]
        for size, name in ((1e9, "s"), (1e6, "ms"), (1e3, "us"), (1, "ns")):
            if ns >= size:
                return f"{ns / size:.3g} {name}"
    if unit == "cases/s":
        for size, name in ((1e6, " M/s"), (1e3, " k/s"), (1, " /s")):
            if value >= size:
                return f"{value / size:.3g}{name}" if value / size < 1000 else f"{value / size:.0f}{name}"
    return f"{value:.4g} {unit}" if unit != "accuracy" else f"{100 * value:.2f} %"


def table(rows, header):
    widths = [max(len(r[i]) for r in rows + [header]) for i in range(len(header))]

    def line(cells):
        return "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths)) + " |"

    return "\n".join([line(header), line(["-" * w for w in widths])] + [line(r) for r in rows])


def ratio_text(ratio):
    return f"{float(ratio):.2f}" if float(ratio) < 10 else f"{float(ratio):.0f}"


def contest_table(rows, shown=float):
    """A row per workload; behind the figure of all but the first program, how many times as long it takes."""
    found = {}
    for workload, program, unit, value, ratio in rows:
        text = figure(value, unit) + (f" ({ratio_text(shown(ratio))})" if workload in found else "")
        found.setdefault(workload, {})[program] = text
    programs = list(dict.fromkeys(p for cells in found.values() for p in cells))
    return table([[w] + [cells.get(p, "-") for p in programs] for w, cells in found.items()], ["workload"] + programs)


def thread_table(rows):
    """Behind the figure of two threads, how many times as fast they are."""
    return contest_table(rows, lambda ratio: 1 / float(ratio))


def limit_table(rows):
    return table([[what, figure(value, unit)] for _, what, unit, value, _ in rows], ["limit of this core", "measured"])


def process_table(rows):
    return table([[what, program, figure(value, unit)] for what, program, unit, value, _ in rows],
                 ["whole programs", "", "measured"])


def processor():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        name, family, model = (re.search(rf"^{key}\s*: (.*)", text, re.MULTILINE).group(1)
                               for key in ("model name", "cpu family", "model"))
        return f"{name} (family {family}, model {model})"
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def version_of(module):
    python = python_with(module)
    return python and subprocess.run([python, "-c", f"import {module}; print({module}.__version__)"],
                                     capture_output=True, text=True).stdout.strip()


def compiler_of(programs):
    cache = (programs.parent / "CMakeCache.txt").read_text()
    compiler = re.search(r"CMAKE_C_COMPILER:\w+=(.*)", cache).group(1)
    return subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.splitlines()[0]


def heading(arguments):
    kind = PLANS[arguments.plan]
    peers = [f"{name} {version}" for name, version in (("NumPy", version_of("numpy")), ("PyTorch", version_of("torch"))) if version]
    peers += [f"{key}={os.environ[key]}" for key in ("BACKPROP_ISA", "OPENBLAS_CORETYPE") if key in os.environ]
    facts = [processor(), f"{os.cpu_count()} CPUs", f"{platform.system()} {platform.machine()}",
             compiler_of(arguments.programs), *peers, str(datetime.date.today()), kind,
             f"load {os.getloadavg()[0]:.1f} at the end"]
    return ", ".join(facts) + "."


def markdown(arguments, rows):
    limits = [r for r in rows if r[0] == "limit"]
    threads = [r for r in rows if r[4] and "thread" in r[1]]
    contest = [r for r in rows if r[4] and r not in threads]
    processes = [r for r in rows if not r[4] and r not in limits]
    parts = [heading(arguments)]
    tables = ((contest_table, contest), (thread_table, threads), (limit_table, limits), (process_table, processes))
    parts += [make(chosen) for make, chosen in tables if chosen]
    return "\n\n".join(parts) + "\n"


BLOCK = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.S)


def update(path, text):
    path.write_text(BLOCK.sub(lambda m: m[1] + text + m[2], path.read_text()))


def main():
    arguments = parse_arguments()
    if arguments.update and len(BLOCK.findall(arguments.update.read_text())) != 1:
        sys.exit(f"bench: {arguments.update} has no block between <!-- bench --> and <!-- /bench -->")
    os.environ.update(ENVIRONMENT)
    python = python_with("torch") or python_with("numpy")
    if python:
        os.environ["BENCH_PYTHON"] = python
    if arguments.curves:
        draw_curves(arguments)
        return
    rows = run_all(arguments)
    write_csv(arguments.csv or arguments.programs / "bench.csv", rows)
    text = markdown(arguments, rows)
    print(text, end="")
    if arguments.update:
        update(arguments.update, text)


main()
