"""Keras' side of a comparison: computed where TensorFlow is installed, else what was recorded.

Where the environment variable ``GLASSNET_RECORD_KERAS`` names a folder, what Keras computes is kept
there. Without TensorFlow, as in a browser, it is looked up in the file that
``GLASSNET_KERAS_VALUES`` names, which `glassnet.crosscheck.storage.bundle` makes of the folder. Our
side is computed in either case.
"""

from __future__ import annotations

import functools
import os
import re

import numpy as np

from .precision import float64, load_keras
from .storage import LIMIT, Record, load, store

__all__ = ["NotRecordedError", "keras_values", "split_options"]

RECORD, REPLAY = "GLASSNET_RECORD_KERAS", "GLASSNET_KERAS_VALUES"

# Inputs are the same if their fingerprints differ by less than this, in parts of their length:
# far more than the last digits in which two platforms differ, far less than any other change.
TOLERANCE = 1e-9

_ROOTS = np.sqrt([2.0, 3.0, 5.0])


class NotRecordedError(LookupError):
    """Keras is not here, and for these inputs its values were not recorded."""


def keras_values(kind, about, inputs, compute, recordable=True):
    """Return what Keras makes of the inputs of a comparison.

    Parameters
    ----------
    kind : str
        The comparison, such as ``"layer"``.
    about : dict of str to object
        What is compared, with its options; its texts are part of the key.
    inputs : dict of str to (array, or nested list of arrays)
        All numbers that Keras is given. Those called "cotangent" have the shape of our output.
    compute : callable
        Returns, computed by Keras in float64, a dict of lists of arrays, and a note.
    recordable : bool
        False if Keras' part is not named but handed over by the caller.

    Returns
    -------
    values : dict of str to list of (ndarray or None)
    note : str
        Also says that the values are recorded, if they are.

    Raises
    ------
    ImportError
        If there is neither TensorFlow nor a recording.
    NotRecordedError
        If there is a recording, but not for these inputs.
    """
    try:
        modules = load_keras()
    except ImportError:
        if not (recordable and os.environ.get(REPLAY)):
            raise
        modules = None
    if modules is None:  # outside of the handler, whose error a reader need not see
        return _recorded(kind, _texts(about), _fingerprints(inputs))
    with float64():
        values, note = compute()
    if recordable and os.environ.get(RECORD):
        versions = "Keras {1.__version__}, TensorFlow {0.__version__}".format(*modules)
        record = Record(kind, _texts(about), _fingerprints(inputs), versions, note, values)
        store(os.environ[RECORD], record)
    return values, note


def split_options(options):
    """Return those keyword arguments that are words or numbers, and those with arrays in them."""
    words = {name: value for name, value in options.items() if not _holds_arrays(value)}
    arrays = {f"option {k}": value for k, value in options.items() if k not in words}
    return words, arrays


def _holds_arrays(value):
    if isinstance(value, (list, tuple)):
        return any(map(_holds_arrays, value))
    return hasattr(value, "__array__") and np.ndim(value) > 0


def _recorded(kind, about, prints):
    """Look up a record that fits, else say how the nearest differs."""
    path = os.environ[REPLAY]
    records = [record for record in _load(path, os.stat(path).st_mtime_ns) if record.kind == kind]
    if not records:
        raise NotRecordedError(_message(f"a comparison by crosscheck.{kind} is not among them"))
    found = [(*_differences(record, about, prints), record) for record in records]
    words, numbers, record = min(found, key=lambda each: (len(each[0]), len(each[1])))
    if differing := words + numbers:
        shown = "; ".join(differing[:4]) + "; ..." * (len(differing) > 4)
        raise NotRecordedError(_message(f"this is not the same: {shown}"))
    if record.values is None:
        raise NotRecordedError(_message(f"of this comparison they are over {LIMIT / 1e6:g} MB"))
    return record.values, f"{record.note} Keras' values are recorded: {record.versions}.".strip()


_load = functools.lru_cache(maxsize=4)(lambda path, changed: load(path))


def _message(why):
    return (
        f"Keras' values are recorded for the page's own inputs only, and {why}. With TensorFlow, "
        "on your own machine or on Binder, anything can be compared."
    )


def _differences(record, about, prints):
    """Name what a record was made of and what there is here, where it is not the same.

    Returns two lists: texts that differ, and arrays.
    """
    words = []
    for name in dict.fromkeys([*record.about, *about]):
        here, there = (texts.get(name, "none") for texts in (about, record.about))
        if here != there:
            words.append(f"{name}: {here} here, {there} recorded")
    found = []
    for name in dict.fromkeys([*record.prints, *prints]):
        here, there = (each.get(name, []) for each in (prints, record.prints))
        if len(here) != len(there):
            found.append(f"{name}: {len(here)} arrays here, {len(there)} recorded")
            continue
        for i, (mine, theirs) in enumerate(zip(here, there, strict=True)):
            number = f" {i}" if len(here) > 1 else ""
            if mine is None or theirs is None:
                if mine is not theirs:
                    found.append(f"{name}{number}: {'not ' * (mine is None)}given here")
            elif list(mine[0]) != list(theirs[0]):
                if name != "cotangent":  # the reader's output is wrong, which its row will say
                    shapes = (tuple(each[0]) for each in (mine, theirs))
                    found.append("{}{}: shape {} here, {} recorded".format(name, number, *shapes))
            elif not _same(mine, theirs):
                found.append(f"{name}{number}: other numbers")
    return words, found


def _same(mine, theirs):
    (length, *here), (other_length, *there) = mine[1], theirs[1]
    if abs(length - other_length) > TOLERANCE * abs(other_length):
        return False
    return bool(np.all(np.abs(np.subtract(here, there)) <= TOLERANCE))


def _texts(about):
    """Texts that do not depend on the run: no addresses, numbers to twelve digits."""
    texts = {name: re.sub(r" at 0x[0-9a-f]+", "", str(value)) for name, value in about.items()}
    number = re.compile(r"\d+\.\d*(?:e[+-]?\d+)?")
    return {
        name: number.sub(lambda found: f"{float(found[0]):.12g}", text)
        for name, text in texts.items()
    }


def _fingerprints(inputs):
    return {name: [_fingerprint(a) for a in _leaves(value)] for name, value in inputs.items()}


def _leaves(value):
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in _leaves(part)]
    return [value]


def _fingerprint(array):
    """Return the shape of an array, its length, and three projections of its direction.

    The projections are onto fixed vectors that look random: the fractional parts of the multiples
    of a root, the same to the last bit everywhere.
    """
    if array is None:
        return None
    array = np.asarray(array)
    flat = np.ravel(array).astype(np.float64)
    flat = np.nan_to_num(flat, nan=0.12345, posinf=1e300, neginf=-1e300)  # as good as any
    largest = np.abs(flat).max(initial=0.0) or 1.0
    scaled = flat / largest  # whose square cannot overflow
    length = np.sqrt(scaled @ scaled) or 1.0
    places = np.arange(1.0, flat.size + 1)
    along = [scaled @ (places * root % 1.0 - 0.5) / length for root in _ROOTS]
    numbers = [float(f"{number:.12g}") for number in (largest * length, *along)]
    return [list(array.shape), numbers]
