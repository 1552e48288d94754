#!/usr/bin/env python3
"""Writes arrays.bin: .npy files as NumPy writes them, each with what is in it.

    python3 tests/data/make_npy.py >tests/data/arrays.bin

Made with NumPy 1.24.2. Each entry is a line of text

    <name> <cases> <width> <bytes of the file> <value> <value> ...

with the cases * width values in C order (hexadecimal floats, all exact in float), and then the bytes of the file.
"""

import io
import itertools
import sys

import numpy as np
from numpy.lib import format as npy

TYPES = ["?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"]
SHAPES = [(3,), (1,), (2, 3), (3, 1), (2, 3, 4), (2, 1, 2, 3)]


def numbers(code, count):
    """Whole numbers at the edges of a type for integers, halves and powers of two for floats."""
    if code == "?":
        few = [0, 1, 1]
    elif code[0] == "f":
        few = [0.5, -2.0, 0.0, 1024.0, -0.09375, 2.0**-24 if code == "f2" else 2.0**-100, 65504.0]
    else:
        low, high = int(np.iinfo(code).min), int(np.iinfo(code).max)
        few = [0, 1, low, high // 2 + 1, 77, low // 2 + 3 if low < 0 and code[1] < "4" else 5]
    return np.array(list(itertools.islice(itertools.cycle(few), count)), dtype=np.dtype(code))


def write(name, array, version):
    file = io.BytesIO()
    npy.write_array(file, array, version=version)
    data = file.getvalue()
    values = array.reshape(-1).astype(np.float64) if array.flags.c_contiguous else array.flatten("C").astype(np.float64)
    assert all(float(np.float32(v)) == v for v in values)
    width = array.size // array.shape[0]
    line = " ".join([name, str(array.shape[0]), str(width), str(len(data)), *(float(v).hex() for v in values)])
    sys.stdout.buffer.write(line.encode() + b"\n" + data)


for code in TYPES:
    for order in "<>" if code not in ("?", "u1", "i1") else "<":
        array = numbers(code, 7)
        write(f"{code}{'le' if order == '<' else 'be'}", array.astype(array.dtype.newbyteorder(order)), (1, 0))
for shape in SHAPES:
    array = numbers("f4", int(np.prod(shape))).reshape(shape)
    name = "x".join(map(str, shape))
    write(f"c-{name}", array, (1, 0))
    write(f"fortran-{name}", np.asfortranarray(array), (1, 0))
write("version-2", numbers("i2", 4), (2, 0))
write("version-3", numbers("i2", 4), (3, 0))
