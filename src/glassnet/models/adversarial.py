r"""The mathematics of the game between generator and discriminator.

The discriminator gives each sample a logit z; :math:`D = \sigma(z)` is its probability that the
sample is real. From logits, :math:`-\log D` is ``softplus(-z)`` and :math:`-\log(1 - D)` is
``softplus(z)``.
"""

from __future__ import annotations

import numpy as np

from glassnet._validation import as_float, positive_int, real_in, same_shape
from glassnet.activations import sigmoid, softplus

__all__ = [
    "discriminator_loss",
    "discriminator_loss_gradient",
    "generator_loss",
    "generator_loss_gradient",
    "jensen_shannon",
    "mode_counts",
    "modes_covered",
    "optimal_discriminator",
    "value_function",
]


def discriminator_loss(real_logits, fake_logits):
    r"""Cross-entropy of telling real from fake: a mean of :math:`-\log D` and one of
    :math:`-\log(1 - D)`, added.

    Parameters
    ----------
    real_logits, fake_logits : array_like, shape (batch, 1)
        What the discriminator says of samples of the data and of the generator.

    Returns
    -------
    float
        An estimate of :math:`-V(D, G)`; 2 log 2 if the discriminator cannot tell.

    References
    ----------
    Goodfellow et al. (2014), *Generative adversarial nets*.
    """
    real, fake = as_float(real_logits, "real_logits"), as_float(fake_logits, "fake_logits")
    return float(np.mean(softplus(-real)) + np.mean(softplus(fake)))


def discriminator_loss_gradient(logits, real):
    """Gradient of `discriminator_loss` by one kind of logits: (D - 1) / n if real, else D / n.

    Each term of the loss has its own logits, so that real and fake samples can go through the
    discriminator one batch after the other.

    Parameters
    ----------
    logits : array_like, shape (batch, 1)
    real : bool
        Whether they are those of samples of the data.

    Returns
    -------
    ndarray, shape of the logits
    """
    z = as_float(logits, "logits")
    return (-sigmoid(-z) if real else sigmoid(z)) / z.size


def generator_loss(fake_logits, saturating=False):
    r"""Loss of the generator: small if the discriminator takes its samples for real.

    Parameters
    ----------
    fake_logits : array_like, shape (batch, 1)
    saturating : bool
        False: the mean of :math:`-\log D`, whose slope is large while the samples are bad.
        True: the mean of :math:`\log(1 - D)`, the generator's part of the minimax value, whose
        slope vanishes just then.

    Returns
    -------
    float

    References
    ----------
    Goodfellow et al. (2014), *Generative adversarial nets*, section 3.
    """
    fake = as_float(fake_logits, "fake_logits")
    return float(-np.mean(softplus(fake)) if saturating else np.mean(softplus(-fake)))


def generator_loss_gradient(fake_logits, saturating=False):
    """Gradient of `generator_loss`: (D - 1) / n, or -D / n if `saturating`.

    Parameters
    ----------
    fake_logits, saturating
        As in `generator_loss`.

    Returns
    -------
    ndarray, shape of the logits
    """
    fake = as_float(fake_logits, "fake_logits")
    return -sigmoid(fake if saturating else -fake) / fake.size


def optimal_discriminator(p_data, p_model):
    """The best answer to a fixed generator, D* = p_data / (p_data + p_model) at every point.

    Parameters
    ----------
    p_data, p_model : array_like, same shape
        Probabilities or densities at the same points.

    Returns
    -------
    ndarray, same shape
        1/2 where both are 0 and any answer is as good.

    Raises
    ------
    ValueError
        If the shapes differ or a number is negative or not finite.

    References
    ----------
    Goodfellow et al. (2014), *Generative adversarial nets*, proposition 1.
    """
    p, q = _not_negative(p_data, "p_data"), _not_negative(p_model, "p_model")
    same_shape(p, q, "p_data", "p_model")
    nowhere = p + q == 0
    return np.where(nowhere, 0.5, p / np.where(nowhere, 1, p + q)).astype((p + q).dtype)


def value_function(discriminator, p_data, p_model):
    r"""Value of the game, :math:`V(D, G) = \sum p \log D + \sum q \log(1 - D)`.

    Parameters
    ----------
    discriminator : array_like, same shape
        Probabilities D, in [0, 1].
    p_data, p_model : array_like, same shape
        The distributions p and q over a number of points. For densities on a grid, hand in the
        densities divided by their sums.

    Returns
    -------
    float
        At the best discriminator :math:`-\log 4 + 2\,\mathrm{JSD}(p, q)`.

    Raises
    ------
    ValueError
        If the shapes differ, D leaves [0, 1], or a distribution does not sum to 1.

    References
    ----------
    Goodfellow et al. (2014), *Generative adversarial nets*, theorem 1.
    """
    p, q = _distribution(p_data, "p_data"), _distribution(p_model, "p_model")
    d = _not_negative(discriminator, "discriminator")
    same_shape(p, q, "p_data", "p_model")
    same_shape(d, p, "discriminator", "p_data")
    if np.any(d > 1):
        raise ValueError(f"`discriminator` must lie in [0, 1]. Received: {d.max():g}")
    return float(np.sum(_times_log(p, d)) + np.sum(_times_log(q, 1 - d)))


def jensen_shannon(p, q):
    r"""Jensen-Shannon divergence, the mean of the divergences of p and q from their mixture.

    Parameters
    ----------
    p, q : array_like, same shape
        Distributions over the same points.

    Returns
    -------
    float
        In nats: 0 if they are equal, log 2 if no point has probability under both.

    Raises
    ------
    ValueError
        If the shapes differ or a distribution does not sum to 1.

    References
    ----------
    Lin (1991), *Divergence measures based on the Shannon entropy*.
    """
    p, q = _distribution(p, "p"), _distribution(q, "q")
    same_shape(p, q, "p", "q")
    mixture = (p + q) / 2
    entropies = [-np.sum(_times_log(each, each)) for each in (mixture, p, q)]
    return float(entropies[0] - (entropies[1] + entropies[2]) / 2)


def mode_counts(samples, centres, radius):
    """Count the samples that lie near each mode of a mixture.

    Parameters
    ----------
    samples : array_like, shape (n, features)
    centres : array_like, shape (modes, features)
    radius : float
        How far from its nearest centre a sample may lie to be counted, for instance three standard
        deviations of a mode.

    Returns
    -------
    ndarray of int64, shape (modes,)
        Their sum is n less the samples that lie between the modes.

    Raises
    ------
    ValueError
        If the shapes do not fit or the radius is not positive.
    """
    samples, centres = as_float(samples, "samples"), as_float(centres, "centres")
    if samples.ndim != 2 or centres.ndim != 2 or samples.shape[1] != centres.shape[1]:
        raise ValueError(
            "`samples` and `centres` must have shapes (n, features) and (modes, features). "
            f"Received: {samples.shape} and {centres.shape}"
        )
    radius = real_in(radius, "radius", 0, open_low=True)
    distances = np.linalg.norm(samples[:, np.newaxis] - centres, axis=2)
    near = distances.min(axis=1) <= radius
    return np.bincount(distances.argmin(axis=1)[near], minlength=len(centres))


def modes_covered(samples, centres, radius, at_least=1):
    """Count the modes that have samples near them.

    Parameters
    ----------
    samples, centres, radius
        As in `mode_counts`.
    at_least : int
        Samples near a mode that make it count.

    Returns
    -------
    int
    """
    counts = mode_counts(samples, centres, radius)
    return int(np.sum(counts >= positive_int(at_least, "at_least")))


def _times_log(weights, values):
    """Return weights * log(values), 0 where the weight is 0, as in the limit."""
    with np.errstate(divide="ignore"):
        return np.where(weights > 0, weights, 0) * np.log(np.where(weights > 0, values, 1))


def _not_negative(values, name):
    values = as_float(values, name)
    if values.size == 0 or not np.all((values >= 0) & (values < np.inf)):
        raise ValueError(f"`{name}` must hold finite numbers of at least 0. Received: {values!r}")
    return values


def _distribution(values, name):
    values = _not_negative(values, name)
    total = values.sum(dtype=np.float64)
    if abs(total - 1) > 1e-5:
        raise ValueError(f"`{name}` must sum to 1. Received: a sum of {total:g}")
    return values
