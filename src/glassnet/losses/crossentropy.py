"""Cross-entropies: the negative log-likelihood of labels; each is followed by its gradient.

Predictions are probabilities p, or with ``from_logits=True`` the logits z that a sigmoid or a
softmax would turn into p. From logits nothing overflows and the gradient is simply p - y; from
probabilities p is kept in [ε, 1 - ε], ε = 1e-7, and outside of it the gradient is 0, as in Keras.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float, as_labels, one_of, real_in
from glassnet.activations import log_softmax, sigmoid, softmax, softplus
from glassnet.losses.base import (
    EPSILON,
    Loss,
    at_least_one,
    axis_in,
    gradient_function,
    loss_function,
    within,
)

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "binary_crossentropy_gradient",
    "categorical_crossentropy",
    "categorical_crossentropy_gradient",
    "sparse_categorical_crossentropy",
    "sparse_categorical_crossentropy_gradient",
]


@loss_function
def binary_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """Mean cross-entropy of yes-or-no labels, ``l = -Σ (y log p + (1 - y) log(1 - p)) / n``.

    From logits, ``log p = -softplus(-z)`` and ``log(1 - p) = -softplus(z)``.

    Parameters
    ----------
    y_true : ndarray, shape (batch, ..., n)
        Labels or probabilities y, in [0, 1].
    y_pred : ndarray, shape (batch, ..., n)
        Probabilities p, or logits z.
    from_logits : bool
    label_smoothing : float
        Fraction α in [0, 1] of each label that is replaced by 1/2.
    axis : int
        The axis of length n.

    Returns
    -------
    ndarray, shape (batch, ...)

    References
    ----------
    D. R. Cox, The regression analysis of binary sequences, Journal of the Royal Statistical
    Society B 20, 1958.
    """
    axis = axis_in(axis, y_pred.ndim)
    y = smooth(within(y_true, "y_true", 0, 1), label_smoothing, classes=2)
    if from_logits:
        return np.mean(y * softplus(-y_pred) + (1 - y) * softplus(y_pred), axis=axis)
    p, _ = clip_probabilities(within(y_pred, "y_pred", 0, 1))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p), axis=axis)


@gradient_function
def binary_crossentropy_gradient(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """Gradient of `binary_crossentropy`: ``(p - y) / n`` by logits, over ``p (1 - p)`` by p.

    Parameters
    ----------
    y_true, y_pred, from_logits, label_smoothing, axis
        As in `binary_crossentropy`.

    Returns
    -------
    ndarray, shape of `y_pred`
    """
    n = y_pred.shape[axis_in(axis, y_pred.ndim)]
    y = smooth(within(y_true, "y_true", 0, 1), label_smoothing, classes=2)
    if from_logits:
        return (sigmoid(y_pred) - y) / n
    p, dp = clip_probabilities(within(y_pred, "y_pred", 0, 1))
    return dp * (p - y) / (p * (1 - p)) / n


@loss_function
def categorical_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """Cross-entropy of a distribution over classes, ``l = -Σ y log p``.

    Probabilities are first divided by their sum, as in Keras.

    Parameters
    ----------
    y_true : ndarray, shape (batch, ..., classes)
        Distributions y, one-hot for hard labels; each sums to 1.
    y_pred : ndarray, shape (batch, ..., classes)
        Probabilities p, or logits z.
    from_logits : bool
    label_smoothing : float
        Fraction α in [0, 1] of each distribution that is spread evenly over the classes.
    axis : int
        The axis of the classes. With label smoothing it is the last: there Keras counts them.

    Returns
    -------
    ndarray, shape (batch, ...)

    References
    ----------
    J. S. Bridle, Training stochastic model recognition algorithms as networks can lead to maximum
    mutual information estimation of parameters, NIPS 1989. Smoothing: C. Szegedy et al.,
    Rethinking the Inception architecture for computer vision, CVPR 2016.
    """
    y, axis = _targets(y_true, label_smoothing, axis)
    if from_logits:
        return -np.sum(y * log_softmax(y_pred, axis=axis), axis=axis)
    q, _ = clip_probabilities(y_pred / _total(y_pred, axis))
    return -np.sum(y * np.log(q), axis=axis)


@gradient_function
def categorical_crossentropy_gradient(
    y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1
):
    """Gradient of `categorical_crossentropy`: ``p - y`` by logits.

    By probabilities it passes the division ``q = p / s``, ``s = Σ p``: with ``g = -y / q``, the
    gradient by q, it is ``(g - Σ g q) / s``.

    Parameters
    ----------
    y_true, y_pred, from_logits, label_smoothing, axis
        As in `categorical_crossentropy`.

    Returns
    -------
    ndarray, shape of `y_pred`
    """
    y, axis = _targets(y_true, label_smoothing, axis)
    if from_logits:
        return softmax(y_pred, axis=axis) - y
    total = _total(y_pred, axis)
    q, dq = clip_probabilities(y_pred / total)
    g = -y / q * dq
    return (g - np.sum(g * q, axis=axis, keepdims=True)) / total


def sparse_categorical_crossentropy(y_true, y_pred, from_logits=False, ignore_class=None, axis=-1):
    """Cross-entropy of integer labels k, ``l = -log p[k]``.

    Probabilities are clipped and their logarithms taken as logits, as in Keras.

    Parameters
    ----------
    y_true : ndarray, shape (batch, ...) or (batch, ..., 1)
        Labels, whole numbers from 0 to classes - 1.
    y_pred : ndarray, shape (batch, ..., classes)
        Probabilities p, or logits z.
    from_logits : bool
    ignore_class : int, optional
        A label, in the range or not, that marks samples without loss.
    axis : int
        The axis of the classes, which must be the last.

    Returns
    -------
    ndarray, shape (batch, ...)

    Raises
    ------
    ValueError
        If a label is no whole number in the range, or shapes do not match.
    """
    k, counts, y_pred = _labels(y_true, y_pred, ignore_class, axis)
    z = y_pred if from_logits else np.log(_clipped(y_pred)[0])
    log_p_k = np.take_along_axis(log_softmax(z), k[..., np.newaxis], axis=-1)[..., 0]
    return np.where(counts, -log_p_k, 0)


def sparse_categorical_crossentropy_gradient(
    y_true, y_pred, from_logits=False, ignore_class=None, axis=-1
):
    """Gradient of `sparse_categorical_crossentropy`: ``p - onehot(k)`` by logits.

    By probabilities the logarithm adds a factor ``1 / p``.

    Parameters
    ----------
    y_true, y_pred, from_logits, ignore_class, axis
        As in `sparse_categorical_crossentropy`.

    Returns
    -------
    ndarray, shape of `y_pred`
    """
    k, counts, y_pred = _labels(y_true, y_pred, ignore_class, axis)
    onehot = k[..., np.newaxis] == np.arange(y_pred.shape[-1])
    if from_logits:
        gradient = softmax(y_pred) - onehot
    else:
        p, dp = _clipped(y_pred)
        gradient = dp * (softmax(np.log(p)) - onehot) / p
    return np.where(counts[..., np.newaxis], gradient, 0)


def smooth(y, label_smoothing, classes):
    """Return ``(1 - α) y + α / classes``, labels moved towards the uniform distribution."""
    alpha = real_in(label_smoothing, "label_smoothing", 0, 1)
    return (1 - alpha) * y + alpha / classes


def clip_probabilities(p):
    """Return p clipped to [ε, 1 - ε], and where its derivative is 1: inside and on the edge."""
    inside = (p >= EPSILON) & (p <= 1 - EPSILON)
    return np.clip(p, EPSILON, 1 - EPSILON), inside


def _clipped(y_pred):
    return clip_probabilities(within(y_pred, "y_pred", 0, 1))


def _total(p, axis):
    """Sum of the probabilities of each sample, kept as an axis of length 1."""
    total = np.sum(within(p, "y_pred", 0, 1), axis=axis, keepdims=True)
    if np.any(total == 0):
        raise ValueError("`y_pred` must give each sample a positive sum. Received: a sum of 0")
    return total


def _targets(y_true, label_smoothing, axis):
    """Return checked and smoothed distributions, and the axis of the classes."""
    axis = axis_in(axis, y_true.ndim)
    classes = y_true.shape[axis]
    if classes < 2:
        raise ValueError(
            "`y_pred` must have at least 2 classes; for a single yes or no use "
            f"BinaryCrossentropy. Received: shape={y_true.shape}, axis={axis}"
        )
    if label_smoothing and axis != y_true.ndim - 1:
        raise ValueError(
            f"`label_smoothing` needs the classes on the last axis. Received: axis={axis} of "
            f"shape={y_true.shape}"
        )
    sums = np.sum(within(y_true, "y_true", 0, 1), axis=axis)
    wrong = np.abs(sums - 1) > 1e-3
    if np.any(wrong):
        raise ValueError(
            f"`y_true` must sum to 1 over axis {axis}. Received: a sum of {sums[wrong].flat[0]}"
        )
    return smooth(y_true, label_smoothing, classes), axis


def _labels(y_true, y_pred, ignore_class, axis):
    """Return labels as int64, which of them count, and predictions as floats."""
    y_true, y_pred = as_float(y_true, "y_true"), as_float(y_pred, "y_pred")
    at_least_one(y_pred)
    if axis_in(axis, y_pred.ndim) != y_pred.ndim - 1:
        raise ValueError(f"`axis` must be the last axis of `y_pred`. Received: axis={axis}")
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    if y_true.shape != y_pred.shape[:-1]:
        raise ValueError(
            "`y_true` must have the shape of `y_pred` without its last axis. "
            f"Received: y_true {y_true.shape}, y_pred {y_pred.shape}"
        )
    counts = np.full(y_true.shape, True) if ignore_class is None else y_true != ignore_class
    return as_labels(np.where(counts, y_true, 0), y_pred.shape[-1]), counts, y_pred


class BinaryCrossentropy(Loss):
    """`binary_crossentropy`, reduced; the twin of ``keras.losses.BinaryCrossentropy``.

    Parameters
    ----------
    from_logits, label_smoothing, axis
        See `binary_crossentropy`.
    reduction, name
        See `Loss`.
    """

    per_sample = staticmethod(binary_crossentropy)
    per_sample_gradient = staticmethod(binary_crossentropy_gradient)
    options = ("from_logits", "label_smoothing", "axis")

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name=None,
    ):
        super().__init__(reduction, name)
        self.from_logits = one_of(from_logits, (False, True), "from_logits")
        self.label_smoothing = real_in(label_smoothing, "label_smoothing", 0, 1)
        self.axis = axis


class CategoricalCrossentropy(BinaryCrossentropy):
    """`categorical_crossentropy`, reduced; the twin of ``keras.losses.CategoricalCrossentropy``.

    Parameters
    ----------
    from_logits, label_smoothing, axis
        See `categorical_crossentropy`.
    reduction, name
        See `Loss`.
    """

    per_sample = staticmethod(categorical_crossentropy)
    per_sample_gradient = staticmethod(categorical_crossentropy_gradient)


class SparseCategoricalCrossentropy(Loss):
    """`sparse_categorical_crossentropy`, reduced.

    The twin of ``keras.losses.SparseCategoricalCrossentropy``. Samples that `ignore_class` marks
    do not count in a mean.

    Parameters
    ----------
    from_logits, ignore_class, axis
        See `sparse_categorical_crossentropy`.
    reduction, name
        See `Loss`.
    """

    per_sample = staticmethod(sparse_categorical_crossentropy)
    per_sample_gradient = staticmethod(sparse_categorical_crossentropy_gradient)
    options = ("from_logits", "ignore_class", "axis")

    def __init__(
        self,
        from_logits=False,
        ignore_class=None,
        reduction="sum_over_batch_size",
        axis=-1,
        name=None,
    ):
        super().__init__(reduction, name)
        self.from_logits = one_of(from_logits, (False, True), "from_logits")
        if ignore_class is not None and (
            isinstance(ignore_class, bool) or not isinstance(ignore_class, (int, np.integer))
        ):
            raise ValueError(
                f"`ignore_class` must be an integer or None. Received: {ignore_class!r}"
            )
        self.ignore_class = ignore_class
        self.axis = axis

    def _match(self, y_true, y_pred):
        return as_float(y_true, "y_true"), as_float(y_pred, "y_pred")

    def _mask(self, y_true, y_pred):
        if self.ignore_class is None:
            return None
        return _labels(y_true, y_pred, self.ignore_class, self.axis)[1]
