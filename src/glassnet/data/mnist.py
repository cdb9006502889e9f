"""MNIST when it is at hand, the 8 x 8 digits when it is not."""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np

from .._validation import one_of
from .bundled import load_digits

__all__ = ["DataUnavailable", "load_digit_images", "load_mnist"]

# The file that keras.datasets.mnist.load_data() fetches, and its checksum there.
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
MNIST_BYTES = 11_490_434
TIMEOUT_SECONDS = 30


class DataUnavailable(FileNotFoundError):
    """The data are not on this machine, or what is there is not what it should be."""


def load_mnist(download=False, dtype=np.float32):
    """Load the 70,000 MNIST digits from a copy of Keras' ``mnist.npz``.

    The copy is looked for where the environment variable ``GLASSNET_MNIST`` says, if it is set,
    else in Keras' own cache, ``~/.keras/datasets``. Its checksum is verified every time.

    Parameters
    ----------
    download : bool
        Whether the file may be fetched from its official address if it is missing. A file that is
        there is never overwritten.
    dtype : numpy dtype
        Of the images.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images of shape (60000, 28, 28) and (10000, 28, 28), from 0 (paper) to 1 (ink), and their
        int64 labels, 0 to 9.

    Raises
    ------
    DataUnavailable
        If there is no such file, it cannot be fetched, or its checksum is wrong. It is a
        ``FileNotFoundError``.
    """
    path = _mnist_path()
    if not path.is_file():
        if not download:
            raise DataUnavailable(
                f"MNIST is not at {path}. Call load_mnist(download=True) to fetch it, set "
                "GLASSNET_MNIST to a copy of Keras' mnist.npz, or use load_digits()."
            )
        _download(path)
    if (found := _sha256(path)) != MNIST_SHA256:
        raise DataUnavailable(
            f"{path} is not the MNIST file, or it is damaged; delete it to get it anew. "
            f"Expected sha256 {MNIST_SHA256}. Received: {found}"
        )
    with np.load(path, allow_pickle=False) as arrays:
        train, test = (
            (_scaled(arrays[f"x_{part}"], dtype), arrays[f"y_{part}"].astype(np.int64))
            for part in ("train", "test")
        )
    return train, test


def load_digit_images(prefer="mnist", dtype=np.float32):
    """Load MNIST if it is at hand, else the 8 x 8 digits, and say which; never downloads.

    Parameters
    ----------
    prefer : {"mnist", "digits"}
        With ``"digits"``, MNIST is not even looked for.
    dtype : numpy dtype
        Of the images.

    Returns
    -------
    train : (x_train, y_train)
    test : (x_test, y_test)
    name : str
        ``"mnist"`` (see `load_mnist`) or ``"digits"`` (see `load_digits`).

    Warns
    -----
    UserWarning
        If there is a file for MNIST that cannot be used.
    """
    if one_of(prefer, ("mnist", "digits"), "prefer") == "mnist":
        try:
            return *load_mnist(dtype=dtype), "mnist"
        except DataUnavailable as error:
            if _mnist_path().is_file():  # a spoilt copy should not go unnoticed
                warnings.warn(f"{error} Using the 8 x 8 digits.", stacklevel=2)
    return *load_digits(dtype), "digits"


def _mnist_path():
    if chosen := os.environ.get("GLASSNET_MNIST"):
        return Path(chosen).expanduser()
    keras_home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(keras_home) / "datasets" / "mnist.npz"


def _sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(path):
    """Fetch the file beside its place and move it there once it has proved right."""
    import http.client  # here, since both are slow to import and hardly ever needed
    import urllib.request

    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            urllib.request.urlopen(MNIST_URL, timeout=TIMEOUT_SECONDS) as response,
            tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file,
        ):
            part = Path(file.name)
            file.write(response.read(MNIST_BYTES + 1))  # no more than can be right
        if (found := _sha256(part)) != MNIST_SHA256:
            raise OSError(f"expected sha256 {MNIST_SHA256}, received {found}")
        os.replace(part, path)
    # No network, a time-out, an error from the server, other content, a full disk.
    except (OSError, http.client.HTTPException) as error:
        raise DataUnavailable(f"MNIST could not be fetched from {MNIST_URL}: {error}") from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _scaled(pixels, dtype):
    return pixels.astype(dtype) / np.asarray(255, dtype)
