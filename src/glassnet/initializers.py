"""Initialisers: how the weights of a layer are drawn before the first step.

Each is called as ``init(shape, rng, dtype)``. Numbers are drawn in float64 and then rounded, so one
seed gives the same weights in every dtype. The shape is that of a kernel: (inputs, units) for a
dense layer, (height, width, channels, filters) for a convolution.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from glassnet._config import Configured, instance_of
from glassnet._validation import one_of, positive_int, real_in

__all__ = [
    "INITIALIZERS",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "compute_fans",
    "get",
]

# Standard deviation of a standard normal number that is drawn again while it is beyond ±2.
_TRUNCATED_STDDEV = 0.87962566103423978


def compute_fans(shape):
    """Numbers of inputs that one output sums over, and of outputs that one input feeds.

    Parameters
    ----------
    shape : tuple of int
        That of a kernel: (fan_in, fan_out), or (..., channels, filters) for a convolution, whose
        window multiplies both. A vector (n,) counts as n and n, a scalar as 1 and 1.

    Returns
    -------
    fan_in, fan_out : int

    Raises
    ------
    ValueError
        If `shape` is not a tuple of positive integers.

    References
    ----------
    Glorot and Bengio (2010), *Understanding the difficulty of training deep feedforward neural
    networks*.
    """
    shape = _checked_shape(shape)
    if len(shape) < 2:
        return shape * 2 or (1, 1)
    *window, inputs, outputs = shape
    size = int(np.prod(window, dtype=np.int64))
    return inputs * size, outputs * size


def _truncated_normal(shape, rng):
    """Standard normal numbers in float64, each drawn again until it lies between -2 and 2."""
    z = np.asarray(rng.standard_normal(shape))
    while (outside := np.abs(z) > 2).any():
        z[outside] = rng.standard_normal(np.count_nonzero(outside))
    return z


class Initializer(Configured, ABC):
    """What all initialisers share: the checks and the dtype.

    A subclass keeps its options as attributes of the same names and overrides ``draw``.
    """

    def __call__(self, shape, rng, dtype=np.float32):
        """Draw an array.

        Parameters
        ----------
        shape : tuple of int
        rng : numpy.random.Generator
        dtype : dtype
            A floating-point type.

        Returns
        -------
        ndarray, shape `shape`, of type `dtype`

        Raises
        ------
        ValueError
            If an argument is not of that kind.
        """
        shape = _checked_shape(shape)
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"`rng` must be a numpy.random.Generator. Received: rng={rng!r}")
        if np.dtype(dtype).kind != "f":
            raise ValueError(f"`dtype` must be a floating-point type. Received: dtype={dtype!r}")
        return np.asarray(self.draw(shape, rng), dtype=dtype)

    @abstractmethod
    def draw(self, shape, rng):
        """Return an array of `shape` in float64, made with `rng`."""


class Zeros(Initializer):
    """All 0: right for biases, wrong for kernels, whose units would all stay the same."""

    def draw(self, shape, rng):
        return np.zeros(shape, np.float64)


class Ones(Initializer):
    """All 1."""

    def draw(self, shape, rng):
        return np.ones(shape, np.float64)


class Constant(Initializer):
    """All the same.

    Parameters
    ----------
    value : float
    """

    def __init__(self, value=0.0):
        self.value = real_in(value, "value")

    def draw(self, shape, rng):
        return np.full(shape, self.value, np.float64)


class RandomNormal(Initializer):
    """Normal numbers.

    Parameters
    ----------
    mean : float
    stddev : float, at least 0
        The standard deviation.
    """

    def __init__(self, mean=0.0, stddev=0.05):
        self.mean = real_in(mean, "mean")
        self.stddev = real_in(stddev, "stddev", low=0)

    def draw(self, shape, rng):
        return self.mean + self.stddev * rng.standard_normal(shape)


class TruncatedNormal(RandomNormal):
    """Normal numbers, those beyond two standard deviations of the mean drawn again.

    What remains has 0.88 times the standard deviation that is asked for.

    Parameters
    ----------
    mean : float
    stddev : float, at least 0
        The standard deviation before the tails are cut.
    """

    def draw(self, shape, rng):
        return self.mean + self.stddev * _truncated_normal(shape, rng)


class RandomUniform(Initializer):
    """Uniform numbers.

    Parameters
    ----------
    minval, maxval : float
        The bounds, in this order.
    """

    def __init__(self, minval=-0.05, maxval=0.05):
        self.minval = real_in(minval, "minval")
        self.maxval = real_in(maxval, "maxval", low=self.minval)

    def draw(self, shape, rng):
        return rng.uniform(self.minval, self.maxval, shape)


class VarianceScaling(Initializer):
    r"""Numbers of mean 0 and variance :math:`s / n`, where n is a fan of the kernel.

    Parameters
    ----------
    scale : float, above 0
        The factor s.
    mode : {"fan_in", "fan_out", "fan_avg"}
        What n is: inputs, outputs, or their mean (see ``compute_fans``).
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}
        The truncated one (also "normal") is widened first, to have the variance asked for.

    References
    ----------
    Glorot and Bengio (2010), *Understanding the difficulty of training deep feedforward neural
    networks*; He, Zhang, Ren and Sun (2015), *Delving deep into rectifiers*.
    """

    _MODES = ("fan_in", "fan_out", "fan_avg")
    _DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform", "normal")

    def __init__(self, scale=1.0, mode="fan_in", distribution="truncated_normal"):
        self.scale = real_in(scale, "scale", low=0, open_low=True)
        self.mode = one_of(mode, self._MODES, "mode")
        one_of(distribution, self._DISTRIBUTIONS, "distribution")
        self.distribution = "truncated_normal" if distribution == "normal" else distribution

    def draw(self, shape, rng):
        fan_in, fan_out = compute_fans(shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = np.sqrt(self.scale / n)
        if self.distribution == "uniform":
            limit = np.sqrt(3) * stddev  # the variance of U(-a, a) is a²/3
            return rng.uniform(-limit, limit, shape)
        if self.distribution == "truncated_normal":
            return stddev / _TRUNCATED_STDDEV * _truncated_normal(shape, rng)
        return stddev * rng.standard_normal(shape)


class _NamedScaling(VarianceScaling):
    """A ``VarianceScaling`` whose options are fixed by the class, so it has none of its own."""

    def __init__(self):
        super().__init__(self.scale, self.mode, self.distribution)

    def get_config(self):
        return {}


class GlorotUniform(_NamedScaling):
    r"""Uniform with variance :math:`2 / (\text{fan in} + \text{fan out})`, for tanh.

    A compromise: signals keep their size going forward with 1 / fan in, gradients going back with
    1 / fan out. The bounds are :math:`\pm\sqrt{6 / (\text{fan in} + \text{fan out})}`. Also called
    Xavier uniform.

    References
    ----------
    Glorot and Bengio (2010), *Understanding the difficulty of training deep feedforward neural
    networks*.
    """

    scale, mode, distribution = 1.0, "fan_avg", "uniform"


class GlorotNormal(_NamedScaling):
    r"""Truncated normal with variance :math:`2 / (\text{fan in} + \text{fan out})`.

    References
    ----------
    Glorot and Bengio (2010), *Understanding the difficulty of training deep feedforward neural
    networks*.
    """

    scale, mode, distribution = 1.0, "fan_avg", "truncated_normal"


class HeUniform(_NamedScaling):
    r"""Uniform with variance :math:`2 / \text{fan in}`, for ReLU, which halves the second moment.

    References
    ----------
    He, Zhang, Ren and Sun (2015), *Delving deep into rectifiers*.
    """

    scale, mode, distribution = 2.0, "fan_in", "uniform"


class HeNormal(_NamedScaling):
    r"""Truncated normal with variance :math:`2 / \text{fan in}`, for ReLU.

    References
    ----------
    He, Zhang, Ren and Sun (2015), *Delving deep into rectifiers*.
    """

    scale, mode, distribution = 2.0, "fan_in", "truncated_normal"


class LecunUniform(_NamedScaling):
    r"""Uniform with variance :math:`1 / \text{fan in}`, which a weighted sum preserves.

    References
    ----------
    LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*.
    """

    scale, mode, distribution = 1.0, "fan_in", "uniform"


class LecunNormal(_NamedScaling):
    r"""Truncated normal with variance :math:`1 / \text{fan in}`, the partner of SELU.

    References
    ----------
    LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*; Klambauer, Unterthiner, Mayr and
    Hochreiter (2017), *Self-normalizing neural networks*.
    """

    scale, mode, distribution = 1.0, "fan_in", "truncated_normal"


class Orthogonal(Initializer):
    r"""A random orthogonal matrix times a gain: signals turn, but keep their length.

    The shape is read as a matrix with all axes but the last as rows. Its columns are orthonormal,
    or its rows if there are fewer of them.

    Parameters
    ----------
    gain : float
        Factor on the matrix.

    References
    ----------
    Saxe, McClelland and Ganguli (2014), *Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks*.
    """

    def __init__(self, gain=1.0):
        self.gain = real_in(gain, "gain")

    def draw(self, shape, rng):
        if len(shape) < 2:
            raise ValueError(f"Orthogonal needs at least two axes. Received: shape={shape}")
        rows, columns = int(np.prod(shape[:-1], dtype=np.int64)), shape[-1]
        q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        q *= np.sign(np.diag(r))  # without this, the matrices would not be equally likely
        return self.gain * (q.T if rows < columns else q).reshape(shape)


INITIALIZERS = {
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
    "random_normal": RandomNormal,
    "truncated_normal": TruncatedNormal,
    "random_uniform": RandomUniform,
    "variance_scaling": VarianceScaling,
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_uniform": HeUniform,
    "he_normal": HeNormal,
    "lecun_uniform": LecunUniform,
    "lecun_normal": LecunNormal,
    "orthogonal": Orthogonal,
}


def get(identifier):
    """Return the initialiser meant by `identifier`.

    Parameters
    ----------
    identifier : str, Initializer or dict
        A name in ``INITIALIZERS`` or of one of its classes, for its defaults; an instance
        (returned as it is); or a Keras configuration, ``{"class_name": ..., "config": {...}}``.

    Returns
    -------
    Initializer

    Raises
    ------
    ValueError
        If the name is not known; the message lists those that are.
    """
    return instance_of(identifier, Initializer, INITIALIZERS, "initializer")


def _checked_shape(shape):
    """`shape` as a tuple of positive integers."""
    if not isinstance(shape, (tuple, list)):
        raise ValueError(f"`shape` must be a tuple of integers. Received: shape={shape!r}")
    return tuple(positive_int(size, "shape") for size in shape)
