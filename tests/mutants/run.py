#!/usr/bin/env python3
"""Which small errors in the derivatives no test notices.

    tests/mutants/run.py [-j JOBS] [--folder FOLDER] [FILE ...]

Copies the tree, and builds the tests that mutants.txt names. Then, for each mutant there (of the FILEs only, if
any are given), changes the line, builds what follows from it and runs the tests of the file. Prints the mutants
that survive. Takes some seconds per mutant. The copy is deleted, unless it has a FOLDER of its own.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def read_mutants(files):
    """Pairs of a file with its tests, and of a line with what takes its place."""
    mutants, section, line = [], None, None
    for text in open(os.path.join(HERE, "mutants.txt")):
        text = text.rstrip("\n")
        if text.startswith("> "):
            file, tests = text[2:].split(": ")
            section = (file, tests.split())
        elif text.startswith("-"):
            line = text[1:]
        elif text.startswith("+") and (not files or section[0] in files):
            mutants.append((section, line, text[1:]))
    return mutants


def run(command, folder):
    return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


def copy_tree(folder):
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split("\0")
    for name in filter(None, files):
        source, target = os.path.join(ROOT, name), os.path.join(folder, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target) or open(source, "rb").read() != open(target, "rb").read():
            shutil.copy(source, target)


def build(folder, jobs, tests):
    return run(["cmake", "--build", "build", f"-j{jobs}", "--target"] + tests, folder)


def test(folder, jobs, tests):
    names = "|".join(name.replace("_test_", "/test_", 1) for name in tests)
    return run(["ctest", "--test-dir", "build", "-R", f"^({names})$", "--stop-on-failure", "--no-tests=error",
                "--timeout", "300", f"-j{jobs}"], folder)


def prepare(folder, jobs, mutants):
    copy_tree(folder)
    tests = sorted({name for (_, names), _, _ in mutants for name in names})
    if run(["cmake", "-S", ".", "-B", "build", "-DBACKPROP_TESTS=ON", "-DBACKPROP_DOUBLE=ON"], folder) != 0:
        sys.exit("the copy cannot be configured")
    if build(folder, jobs, tests) != 0 or test(folder, jobs, tests) != 0:
        sys.exit("without a mutant, the tests do not build or pass")


def try_mutant(folder, jobs, section, line, mutant):
    """What became of it."""
    file, tests = section
    path = os.path.join(folder, file)
    original = open(path).read()
    if original.count(line + "\n") != 1:
        return "not found"
    with open(path, "w") as out:
        out.write(original.replace(line + "\n", mutant + "\n"))
    try:
        if build(folder, jobs, tests) != 0:
            return "does not compile"
        return "survived" if test(folder, jobs, tests) == 0 else "killed"
    finally:
        with open(path, "w") as out:
            out.write(original)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("-j", type=int, default=2, dest="jobs")
    options.add_argument("--folder")
    options.add_argument("files", nargs="*")
    options = options.parse_args()
    mutants, counts = read_mutants(options.files), {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or temporary
        prepare(folder, options.jobs, mutants)
        for section, line, mutant in mutants:
            found = try_mutant(folder, options.jobs, section, line, mutant)
            counts[found] = counts.get(found, 0) + 1
            if found != "killed":
                print(f"{section[0]}: {found}\n  -{line}\n  +{mutant}", flush=True)
    print(", ".join(f"{count} {found}" for found, count in sorted(counts.items())))
    return 0 if set(counts) == {"killed"} else 1


if __name__ == "__main__":
    sys.exit(main())
