"""Small data sets: bundled with scikit-learn, generated on the spot, or MNIST when it can be had.

Nothing here asks the network, unless :func:`load_mnist` is called with ``download=True``.
Images are float32 by default, as Keras' own data are small integers and a float64 copy of MNIST
would take 0.4 GB; everything else is float64. Every loader and generator takes another `dtype`.
"""

from __future__ import annotations

from .bundled import (
    Dataset,
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_photograph,
    load_wine,
)
from .generated import (
    make_blobs,
    make_moons,
    make_ravine,
    make_regression_line,
    make_rings,
    make_spirals,
    make_xor,
)
from .mnist import DataUnavailable, load_digit_images, load_mnist
from .preparation import batches, one_hot, standardise, train_test_split

__all__ = [
    "DataUnavailable",
    "Dataset",
    "batches",
    "load_breast_cancer",
    "load_diabetes",
    "load_digit_images",
    "load_digits",
    "load_iris",
    "load_mnist",
    "load_photograph",
    "load_wine",
    "make_blobs",
    "make_moons",
    "make_ravine",
    "make_regression_line",
    "make_rings",
    "make_spirals",
    "make_xor",
    "one_hot",
    "standardise",
    "train_test_split",
]
