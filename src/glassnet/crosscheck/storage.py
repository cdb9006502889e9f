"""Files with what Keras computed: one for each comparison, and one that holds those of a page."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["LIMIT", "Record", "bundle", "load", "store"]

LIMIT = 1_000_000  # bytes of a comparison's numbers; what has more is left out
SUFFIX = ".keras-values"


class Record(NamedTuple):
    """Keras' side of one comparison.

    Parameters
    ----------
    kind : str
        The function of `glassnet.crosscheck`, such as ``"layer"``.
    about : dict of str to str
        What was compared, in words.
    prints : dict of str to list
        The fingerprints of the arrays that Keras was given.
    versions : str
        Of Keras and TensorFlow.
    note : str
        What the report says about Keras.
    values : dict of str to list of (ndarray or None), or None
        What Keras computed, float64. None if that is too much for a page.
    """

    kind: str
    about: dict
    prints: dict
    versions: str
    note: str
    values: dict | None


def store(folder, record):
    """Write a record into a file of its own.

    The name is made of what the record is about, so running a cell again replaces the file; and the
    file appears as a whole or not at all, however many processes write at once.
    """
    if sum(_bytes(arrays) for arrays in record.values.values()) > LIMIT:
        record = record._replace(values=None)
    key = json.dumps([record.kind, record.about, record.prints], sort_keys=True)
    name = hashlib.sha256(key.encode()).hexdigest()[:24] + SUFFIX
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{name}.{os.getpid()}"
    part.write_bytes(_pack([record]))
    part.replace(folder / name)


def bundle(folder):
    """Return one file's bytes with all records of a folder; empty if there is none."""
    files = sorted(Path(folder).glob(f"*{SUFFIX}"))
    records = [record for file in files for record in load(file)]
    return _pack(records) if records else b""


def load(path):
    """Return the records in a file, as a list."""
    data = zlib.decompress(Path(path).read_bytes())
    header, _, numbers = data.partition(b"\n")
    numbers = np.frombuffer(numbers, np.uint8).reshape(8, -1).T.copy().view("<f8").ravel()
    records, start = [], 0
    for fields in json.loads(header):
        record = Record(*fields)
        for shapes in (record.values or {}).values():
            for i, shape in enumerate(shapes):
                if shape is not None:
                    size = int(np.prod(shape))
                    shapes[i] = numbers[start : start + size].reshape(shape)
                    start += size
        records.append(record)
    return records


def _pack(records):
    """A line of JSON, with shapes for the values, and the numbers, by bytes of equal weight.

    The bytes of signs and exponents are much alike, so that together they compress well.
    """
    header, numbers = [], [np.zeros(0)]
    for record in records:
        shapes = None
        if record.values is not None:
            shapes = {name: [_shape(a) for a in arrays] for name, arrays in record.values.items()}
            arrays = [a for arrays in record.values.values() for a in arrays if a is not None]
            numbers += [np.ravel(np.asarray(a, "<f8")) for a in arrays]
        header.append(record._replace(values=shapes))
    numbers = np.concatenate(numbers).astype("<f8")
    planes = numbers.view(np.uint8).reshape(-1, 8).T.tobytes()
    line = json.dumps(header, separators=(",", ":"), ensure_ascii=True)
    return zlib.compress(line.encode() + b"\n" + planes, 9)


def _shape(array):
    return None if array is None else np.shape(array)


def _bytes(arrays):
    return sum(8 * np.size(array) for array in arrays if array is not None)
