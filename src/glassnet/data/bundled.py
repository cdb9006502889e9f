"""Real data sets that scikit-learn carries with it; nothing is downloaded.

scikit-learn is imported when a loader is called, not before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .._validation import one_of
from .preparation import train_test_split

__all__ = [
    "Dataset",
    "load_breast_cancer",
    "load_diabetes",
    "load_digits",
    "load_iris",
    "load_photograph",
    "load_wine",
]


class Dataset(NamedTuple):
    """A table of examples with the names of its columns."""

    x: np.ndarray
    """The features, shape (n, features)."""
    y: np.ndarray
    """The targets, shape (n,): int64 labels, or floats for a regression."""
    feature_names: tuple[str, ...]
    """The names of the columns of x, with their units where they are known."""
    target_names: tuple[str, ...]
    """The classes in the order of their labels; for a regression, what the target is."""
    description: str
    """What the examples are."""
    source: str
    """Where the data come from."""


def load_iris(dtype=np.float64):
    """Load 150 iris flowers of three species, four lengths each.

    Parameters
    ----------
    dtype : numpy dtype
        Of the features.

    Returns
    -------
    Dataset
        x (150, 4) in centimetres, y 0 to 2.

    References
    ----------
    Fisher, R. A. (1936). The use of multiple measurements in taxonomic problems.
    """
    return _table(
        "load_iris",
        dtype,
        "Sepals and petals of 50 flowers of each of three species of iris.",
        "R. A. Fisher, 1936; measured by E. Anderson",
    )


def load_wine(dtype=np.float64):
    """Load the chemical analyses of 178 wines from three cultivars.

    Parameters
    ----------
    dtype : numpy dtype
        Of the features.

    Returns
    -------
    Dataset
        x (178, 13), y 0 to 2. The features differ in scale by a factor of a thousand.
    """
    return _table(
        "load_wine",
        dtype,
        "Thirteen measurements of wines grown in one region of Italy from three cultivars.",
        "M. Forina et al.; UCI Machine Learning Repository",
    )


def load_breast_cancer(dtype=np.float64):
    """Load 569 breast masses, benign or malignant, thirty measurements each.

    Parameters
    ----------
    dtype : numpy dtype
        Of the features.

    Returns
    -------
    Dataset
        x (569, 30), y 0 (malignant) or 1 (benign).
    """
    return _table(
        "load_breast_cancer",
        dtype,
        "Cell nuclei in images of fine needle aspirates of breast masses.",
        "W. H. Wolberg, W. N. Street, O. L. Mangasarian, 1995; UCI Machine Learning Repository",
    )


def load_diabetes(dtype=np.float64):
    """Load 442 diabetes patients and how far the disease had progressed a year later.

    The features are in their original units, so that scaling them, from the training part alone, is
    left to the reader (:func:`standardise`).

    Parameters
    ----------
    dtype : numpy dtype
        Of the features and of the target.

    Returns
    -------
    Dataset
        x (442, 10); y floats from 25 to 346.

    References
    ----------
    Efron, B., Hastie, T., Johnstone, I., Tibshirani, R. (2004). Least angle regression.
    """
    table = _table(
        "load_diabetes",
        dtype,
        "Age, sex, body mass index, blood pressure and six blood serum values of patients.",
        "B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, 2004",
        scaled=False,
    )
    return table._replace(target_names=("disease progression after one year",))


def load_digits(dtype=np.float32):
    """Load 1797 handwritten digits of 8 x 8 pixels, divided into training and test part.

    The division is the same at every call, and every digit has its share in both parts. It is made
    at random among the images, so the same writers are in both.

    Parameters
    ----------
    dtype : numpy dtype
        Of the images.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images of shape (1438, 8, 8) and (359, 8, 8), 0 (paper) to 1 (ink) in steps of 1/16, and
        their int64 labels, 0 to 9.
    """
    bunch = _sklearn_datasets().load_digits()
    images = (bunch.images / 16).astype(dtype)
    labels = bunch.target.astype(np.int64)
    return train_test_split(images, labels, 0.2, np.random.default_rng(0), stratify=True)


def load_photograph(name="china", dtype=np.float32):
    """Load one of two colour photographs.

    Parameters
    ----------
    name : {"china", "flower"}
        A temple, or a dahlia.
    dtype : numpy dtype

    Returns
    -------
    ndarray, shape (427, 640, 3)
        Red, green and blue from 0 to 1.

    Raises
    ------
    ValueError
        If there is no photograph of that name.
    ImportError
        If scikit-learn or Pillow is not installed.
    """
    one_of(name, ("china", "flower"), "name")
    photograph = _sklearn_datasets().load_sample_image(f"{name}.jpg")
    return photograph.astype(dtype) / np.asarray(255, dtype)


def _table(loader, dtype, description, source, **options):
    bunch = getattr(_sklearn_datasets(), loader)(**options)
    y = bunch.target
    return Dataset(
        x=bunch.data.astype(dtype),
        y=y.astype(np.int64 if y.dtype.kind == "i" else dtype),
        feature_names=tuple(map(str, bunch.feature_names)),
        target_names=tuple(map(str, bunch.get("target_names", ()))),
        description=description,
        source=source,
    )


def _sklearn_datasets():
    try:
        from sklearn import datasets
    except ImportError as error:
        raise ImportError(
            "These data come with scikit-learn, which is not installed: `pip install scikit-learn`."
        ) from error
    return datasets
