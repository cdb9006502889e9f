"""Weights in a file, and back: plain arrays in NumPy's ``.npz`` format, nothing executable."""

from __future__ import annotations

import os
import secrets
import zipfile
import zlib
from pathlib import Path

import numpy as np

from glassnet.layers.base import snake_case

__all__ = ["load_weights", "save_weights"]

_LAYERS = "layers"  # the entry that holds the class names


def save_weights(model, path):
    """Write all weights of a built model to `path`.

    The file holds an array for each weight, under a key such as ``0_dense/kernel``, and the class
    names of the layers. It is written beside `path` first and then put in its place, so that an
    interruption leaves the old file as it was.

    Parameters
    ----------
    model : Sequential
    path : str or path-like
        Ends in ``.npz``.

    Raises
    ------
    ValueError
        If the model is not built, or `path` does not end in ``.npz``.
    """
    path = _npz_path(path)
    arrays = dict(_keyed_weights(model))
    arrays[_LAYERS] = np.array(_class_names(model))
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(draft, "xb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def load_weights(model, path):
    """Read weights written by `save_weights` into a built model with the same layers.

    Parameters
    ----------
    model : Sequential
    path : str or path-like

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, no file of weights, or made by a model with other layers or shapes. The
        model is then as it was before.
    """
    path = _npz_path(path)
    own = _keyed_weights(model)
    if not path.exists():
        raise FileNotFoundError(f"No file of weights. Received: path={str(path)!r}")
    stored = _read(path)
    if _LAYERS not in stored:
        raise ValueError(
            f"{str(path)!r} must be a file written by `save_weights`. "
            f"Received: entries {_some(stored)}"
        )
    theirs = [str(name) for name in np.atleast_1d(stored.pop(_LAYERS))]
    ours = _class_names(model)
    if theirs != ours:
        raise ValueError(
            f"The model has {len(ours)} layers ({', '.join(ours)}). "
            f"Received: {len(theirs)} layers ({', '.join(theirs)}) in {str(path)!r}"
        )
    if set(stored) != set(own):
        raise ValueError(
            f"The model's weights are {_some(own)}. Received: {_some(stored)} in {str(path)!r}"
        )
    try:
        model.set_weights([stored[key] for key in own])
    except ValueError as error:
        raise ValueError(f"{error} in {str(path)!r}") from None


def _read(path):
    """Return every array of the file by its key; the checksums are verified on the way."""
    try:
        with open(path, "rb") as file:  # np.load would leave a damaged file open
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("it holds a single array")
            stored = {key: archive[key] for key in archive.files}
    except (
        EOFError,
        KeyError,
        MemoryError,  # a damaged header may claim any size ...
        OverflowError,  # ... and any place
        OSError,
        RuntimeError,  # from zipfile: a password, or a compression it does not know
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise ValueError(
            f"The file of weights must be a whole .npz archive. Received: {str(path)!r} ({error})"
        ) from error
    strangers = [key for key, value in stored.items() if not isinstance(value, np.ndarray)]
    if strangers:
        raise ValueError(
            f"The file of weights must hold arrays only. Received: {_some(strangers)} "
            f"in {str(path)!r}"
        )
    return stored


def _keyed_weights(model):
    """Return all weights of `model` by keys such as ``0_dense/kernel``, in the model's order."""
    model.require_built()
    return {
        f"{index}_{snake_case(type(layer).__name__)}/{key}": value
        for index, layer in enumerate(model.layers)
        for key, value in layer.weights.items()
    }


def _class_names(model):
    return [type(layer).__name__ for layer in model.layers]


def _npz_path(path):
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"`path` must end in .npz. Received: path={str(path)!r}")
    return path


def _some(names, at_most=8):
    """Return the first names as text, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - at_most} more" if len(names) > at_most else ""
    return (", ".join(names[:at_most]) or "none") + more
