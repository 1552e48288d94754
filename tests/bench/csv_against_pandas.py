"""Reads two tables of numbers with the library and with pandas, one after the other, and prints a table.

    csv_against_pandas.py <folder of bench_csv>

Times are CPU time on one thread with the file in memory, the least of several calls; memory is the peak of the
whole process. pandas is looked for in `python3` and /usr/bin/python3 (Debian: python3-pandas).
"""
import pathlib
import random
import subprocess
import sys
import tempfile

PANDAS = """
import sys, time, resource, pandas
least = 1e9
for _ in range(5):
    start = time.process_time()
    table = pandas.read_csv(sys.argv[1], header=None, engine="c")
    least = min(least, time.process_time() - start)
print(least, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, pandas.__version__)
"""


def write_tables(folder):
    generator = random.Random(1)
    floats, integers = folder / "20 columns of %.6g", folder / "64 columns of integers 0 to 99"
    with open(floats, "w") as file:
        for _ in range(300_000):
            file.write(",".join(f"{generator.gauss(0, 1):.6g}" for _ in range(20)) + "\n")
    with open(integers, "w") as file:
        for _ in range(200_000):
            file.write(",".join(map(str, generator.choices(range(100), k=64))) + "\n")
    return (floats, 300_000 * 20 * 4), (integers, 200_000 * 64 * 4)


def run_pandas(path):
    for python in (sys.executable, "/usr/bin/python3"):
        done = subprocess.run([python, "-c", PANDAS, path], capture_output=True, text=True)
        if done.returncode == 0:
            seconds, memory, version = done.stdout.split()
            return float(seconds), int(memory), version
    return None


def main():
    program = pathlib.Path(sys.argv[1]) / "bench_csv"
    print("| table | library | pandas | ratio | memory of the library | table in memory |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for path, table_bytes in write_tables(pathlib.Path(folder)):
            seconds, memory = subprocess.run([program, path], check=True, capture_output=True, text=True).stdout.split()
            peer = run_pandas(path)
            print(f"| {path.name}, {path.stat().st_size / 1e6:.0f} MB | {float(seconds):.3f} s |"
                  + (f" {peer[0]:.3f} s ({peer[2]}) | {peer[0] / float(seconds):.1f} |" if peer else " - | - |")
                  + f" {int(memory) / 1024:.0f} MB | {table_bytes / 2**20:.0f} MB |")


main()
