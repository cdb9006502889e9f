"""Small data sets: bundled with scikit-learn, generated on the spot, or MNIST when it can be had.

Nothing here asks the network, unless :func:`load_mnist` is called with ``download=True``.
Images are float32 by default, as Keras' own data are small integers and a float64 copy of MNIST
would take 0.4 GB; everything else is float64. Every loader and generator takes another `dtype`.
"""

from __future__ import annotations

from .baskets import BASKET_ITEMS, BASKET_RULES, make_baskets
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
from .mixtures import make_gaussian_ring, ring_centres
from .mnist import DataUnavailable, load_digit_images, load_mnist
from .preparation import batches, one_hot, standardise, train_test_split
from .sequences import (
    DATE_FORMS,
    TextPairs,
    chinese_number,
    english_number,
    make_dates,
    make_numbers,
    split_pairs,
)
from .vocabulary import END, PADDING, START, Vocabulary

__all__ = [
    "BASKET_ITEMS",
    "BASKET_RULES",
    "DATE_FORMS",
    "END",
    "PADDING",
    "START",
    "DataUnavailable",
    "Dataset",
    "TextPairs",
    "Vocabulary",
    "batches",
    "chinese_number",
    "english_number",
    "load_breast_cancer",
    "load_diabetes",
    "load_digit_images",
    "load_digits",
    "load_iris",
    "load_mnist",
    "load_photograph",
    "load_wine",
    "make_baskets",
    "make_blobs",
    "make_dates",
    "make_gaussian_ring",
    "make_moons",
    "make_numbers",
    "make_ravine",
    "make_regression_line",
    "make_rings",
    "make_spirals",
    "make_xor",
    "one_hot",
    "ring_centres",
    "split_pairs",
    "standardise",
    "train_test_split",
]
