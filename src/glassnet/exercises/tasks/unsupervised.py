"""Exercises of chapter 12: the linear autoencoder, denoising, the Boltzmann machine."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _sigmoid(z):
    """Return the sigmoid; the wrong answers below need it, too."""
    return np.exp(-np.logaddexp(0, -z))


def _bits(rng, *shape):
    return rng.integers(0, 2, shape).astype(float)


def _machine(rng, visible, hidden, scale=1.0):
    """Return kernel, visible bias, hidden bias."""
    return tuple(scale * rng.standard_normal(s) for s in ((visible, hidden), visible, hidden))


@task(
    "unsupervised.pca_error",
    lambda rng: [
        (rng.standard_normal((12, 5)) + rng.uniform(1, 3, 5), 2),
        (rng.standard_normal((6, 9)) * np.arange(1, 10) - 1, 3),
        (rng.standard_normal((8, 4)) + 0.5, 4),
    ],
    about="The yardstick for every autoencoder: no linear one with a code of m numbers has a "
    "smaller error, {prf:ref}`thm-unsup-pca`. {ref}`sec-unsup-eckart` finds it in the singular "
    "values; {ref}`sec-unsup-centring` says what biases have to do with it.",
    hints=(
        "PCA works on deviations: subtract from each column its mean.",
        "`np.linalg.svd(centred, compute_uv=False)` returns the singular values, largest first.",
        "Which of them does a code of m numbers lose? Add their squares, average over entries.",
    ),
)
def pca_error(x, m):
    """Return the mean squared error of the best reconstruction from m numbers.

    Encoder and decoder are linear, each with a bias; the mean is over all N D entries.

    Parameters
    ----------
    x : ndarray, shape (N, D)
        An example in every row.
    m : int
        Numbers in the code.

    Returns
    -------
    float, a single number (no shape)
    """
    s = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
    return np.sum(s[m:] ** 2) / x.size


def _lost(centred, m, power=2):
    return np.sum(np.linalg.svd(centred, compute_uv=False)[m:] ** power)


@pca_error.mistake("The data are not centred: part of the code is spent on pointing at the mean.")
def _(x, m):
    return _lost(x, m) / x.size


@pca_error.mistake("You forgot to add the means again before you compare with x.")
def _(x, m):
    return _lost(x - x.mean(axis=0), m) / x.size + np.mean(x.mean(axis=0) ** 2)


@pca_error.mistake("That is what the code keeps, the first m directions. The error is the rest.")
def _(x, m):
    s = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
    return np.sum(s[:m] ** 2) / x.size


@pca_error.mistake("Singular values are lengths, and they are not squared. Their squares add up.")
def _(x, m):
    return _lost(x - x.mean(axis=0), m, power=1) / x.size


@pca_error.mistake(
    "You divide by N - 1, as a covariance does. The error is a mean over the N examples."
)
def _(x, m):
    return _lost(x - x.mean(axis=0), m) / (x.size - x.shape[1])


@pca_error.mistake("You divide by N only: the mean is over the D entries of an example as well.")
def _(x, m):
    return _lost(x - x.mean(axis=0), m) / len(x)


@pca_error.mistake("One direction too many is kept: the first one lost has index m, from 0.")
def _(x, m):
    return _lost(x - x.mean(axis=0), m + 1) / x.size


def _spoilt(rng):
    """Return clean examples, what to keep of them, and two kernels."""
    sizes, draw = ((5, 4, 2), (3, 7, 4)), rng.standard_normal
    return [
        (draw((n, d)), (rng.random((n, d)) > 0.3) * 1.0, draw((d, m)) / 2, draw((m, d)) / 2)
        for n, d, m in sizes
    ]


@task(
    "unsupervised.denoising_error",
    _spoilt,
    about="A denoising autoencoder sees a spoilt copy and is asked for the original, "
    "{eq}`eq-unsup-denoise`. Here the noise is a mask that sets entries to 0, and the network is "
    "the linear one of {eq}`eq-unsup-linear`.",
    hints=(
        "Three steps: spoil a copy, send it through both matrices, compare.",
        "Which of the two, x or its spoilt copy, does the network get, and which is the target?",
    ),
)
def denoising_error(x, keep, encoder, decoder):
    """Return the mean squared error of a linear denoising autoencoder, over all entries.

    Parameters
    ----------
    x : ndarray, shape (N, D)
        Clean examples.
    keep : ndarray, shape (N, D)
        1 where an entry is left alone, 0 where the noise sets it to 0.
    encoder : ndarray, shape (D, m)
    decoder : ndarray, shape (m, D)

    Returns
    -------
    float, a single number (no shape)
    """
    reconstruction = (x * keep) @ encoder @ decoder
    return np.mean((reconstruction - x) ** 2)


@denoising_error.mistake(
    "You compare with the spoilt copy. A network that copies would win; the target is what was "
    "there before."
)
def _(x, keep, encoder, decoder):
    return np.mean(((x * keep) @ encoder @ decoder - x * keep) ** 2)


@denoising_error.mistake("You spoil x itself, in place: the target is spoilt as well, for good.")
def _(x, keep, encoder, decoder):
    x *= keep
    return np.mean((x @ encoder @ decoder - x) ** 2)


@denoising_error.mistake("The network is given the clean x. There is nothing to be removed then.")
def _(x, keep, encoder, decoder):
    return np.mean((x @ encoder @ decoder - x) ** 2)


@denoising_error.mistake("The mask is read the wrong way round: 1 means that an entry stays.")
def _(x, keep, encoder, decoder):
    return np.mean(((x * (1 - keep)) @ encoder @ decoder - x) ** 2)


@denoising_error.mistake(
    "Only the spoilt entries are counted. The loss is a mean over all of them, for the network "
    "does not know which were spoilt."
)
def _(x, keep, encoder, decoder):
    return np.mean(((x * keep) @ encoder @ decoder - x)[keep == 0] ** 2)


@denoising_error.mistake(
    "You scale up what is left, as dropout does. Here something is missing, and stays missing."
)
def _(x, keep, encoder, decoder):
    return np.mean(((x * keep / keep.mean()) @ encoder @ decoder - x) ** 2)


@task(
    "unsupervised.free_energy",
    lambda rng: [
        (_bits(rng, 5, 4), *_machine(rng, 4, 3)),
        (_bits(rng, 3, 6), *_machine(rng, 6, 8, 2.0)),
        (_bits(rng, 4, 7), *_machine(rng, 7, 5, 700.0)),
    ],
    about="How likely is an image, whatever the hidden units do? Up to the constant log Z the free "
    "energy says it, and the sum over all hidden states has become one term for each unit, "
    "{eq}`eq-unsup-free-energy`; {ref}`sec-unsup-free-energy` derives it.",
    hints=(
        "First z = v @ kernel + hidden_bias, of shape (N, H): what each hidden unit receives.",
        "Each hidden unit adds the softplus of its own z. Then sum over the units, not the rows.",
        "`np.logaddexp(0, z)` is log(exp(0) + exp(z)) without overflow.",
    ),
)
def free_energy(v, kernel, visible_bias, hidden_bias):
    """Return the free energy of visible states of a restricted Boltzmann machine.

    Parameters
    ----------
    v : ndarray, shape (N, D)
        Bits, a state in every row.
    kernel : ndarray, shape (D, H)
    visible_bias : ndarray, shape (D,)
    hidden_bias : ndarray, shape (H,)
        Weights and biases may be in the thousands.

    Returns
    -------
    ndarray, shape (N,)
    """
    z = v @ kernel + hidden_bias
    return -(v @ visible_bias) - np.logaddexp(0, z).sum(axis=1)


@free_energy.mistake("Right for small numbers, but exp(z) overflows, and the result is infinite.")
def _(v, kernel, a, b):
    return -(v @ a) - np.log(1 + np.exp(v @ kernel + b)).sum(axis=1)


@free_energy.mistake("The hidden units count with the wrong sign. A unit that fits lowers F.")
def _(v, kernel, a, b):
    return -(v @ a) + np.logaddexp(0, v @ kernel + b).sum(axis=1)


@free_energy.mistake("The visible biases are missing: they act whatever the hidden units do.")
def _(v, kernel, a, b):
    return -np.logaddexp(0, v @ kernel + b).sum(axis=1)


@free_energy.mistake("You sum the hidden units of all rows. Every state has a free energy.")
def _(v, kernel, a, b):
    return -(v @ a) - np.logaddexp(0, v @ kernel + b).sum()


@free_energy.mistake(
    "You add up the inputs of all hidden units and take one softplus. Each unit has its own."
)
def _(v, kernel, a, b):
    return -(v @ a) - np.logaddexp(0, (v @ kernel + b).sum(axis=1))


@free_energy.mistake(
    "This is the energy with probabilities in place of the hidden bits. It is higher than the free "
    "energy by the entropy of the hidden units."
)
def _(v, kernel, a, b):
    z = v @ kernel + b
    return -(v @ a) - (z * _sigmoid(z)).sum(axis=1)


def _phases(rng):
    """Return data and chains, in equal and in different numbers, with kernel and hidden bias."""
    return [
        (_bits(rng, n, d), _bits(rng, m, d), rng.standard_normal((d, h)), rng.standard_normal(h))
        for n, m, d, h in ((6, 6, 4, 3), (5, 8, 3, 7))
    ]


@task(
    "unsupervised.contrastive_divergence",
    _phases,
    about="The rule that trains the machine, {eq}`eq-unsup-cd`: what the data switch on, minus "
    "what the machine's own chains switch on. The chains have run already; in persistent training "
    "there may be more or fewer of them than examples. {ref}`sec-unsup-cd` says what is neglected.",
    hints=(
        "Both phases are the same function of visible states; write it once.",
        "The probability that hidden unit j is on, given v, is the sigmoid of what it receives.",
        "The mean of v times p transposed over N rows is v.T @ p / N, of shape (D, H).",
    ),
)
def contrastive_divergence(v_data, v_chains, kernel, hidden_bias):
    """Return an estimate of the gradient of the mean log-likelihood by the kernel.

    Parameters
    ----------
    v_data : ndarray, shape (N, D)
        Examples, bits.
    v_chains : ndarray, shape (M, D)
        Where some Gibbs steps have led, bits.
    kernel : ndarray, shape (D, H)
    hidden_bias : ndarray, shape (H,)

    Returns
    -------
    ndarray, shape (D, H)
        To be added to the kernel, times a learning rate.
    """

    def mean_statistics(v):
        p = 1 / (1 + np.exp(-(v @ kernel + hidden_bias)))
        return v.T @ p / len(v)

    return mean_statistics(v_data) - mean_statistics(v_chains)


def _sums(v, kernel, hidden_bias):
    return v.T @ _sigmoid(v @ kernel + hidden_bias)


@contrastive_divergence.mistake(
    "The two phases have changed places. This one goes down: it unlearns the data."
)
def _(v, w, kernel, b):
    return _sums(w, kernel, b) / len(w) - _sums(v, kernel, b) / len(v)


@contrastive_divergence.mistake("Sums instead of means: the step would grow with the batch.")
def _(v, w, kernel, b):
    return _sums(v, kernel, b) - _sums(w, kernel, b)


@contrastive_divergence.mistake(
    "Both sums are divided by the number of examples. The chains have a number of their own."
)
def _(v, w, kernel, b):
    return (_sums(v, kernel, b) - _sums(w, kernel, b)) / len(v)


@contrastive_divergence.mistake(
    "You multiply the mean of v with the mean of p. What counts is how often they are on together: "
    "the mean of the products."
)
def _(v, w, kernel, b):
    means = [np.outer(s.mean(axis=0), _sigmoid(s @ kernel + b).mean(axis=0)) for s in (v, w)]
    return means[0] - means[1]


@contrastive_divergence.mistake(
    "The hidden units are set to 0 or 1 by a threshold. The formula has their probabilities."
)
def _(v, w, kernel, b):
    return v.T @ (v @ kernel + b > 0) / len(v) - w.T @ (w @ kernel + b > 0) / len(w)


@task(
    "unsupervised.log_partition",
    lambda rng: [_machine(rng, 3, 2), _machine(rng, 4, 6), _machine(rng, 5, 3, 300.0)],
    about="The sum that nobody can do for a large machine, done for a small one: log Z with all "
    "visible states, {ref}`sec-unsup-free-energy`. It is the judge of every estimate, such as "
    "annealed importance sampling in {ref}`sec-unsup-ais`.",
    hints=(
        "`np.arange(2**d)[:, None] >> np.arange(d) & 1` lists all rows of d bits.",
        "Z is the sum of exp(-F) over these rows, with F the free energy.",
        "Take the largest of the -F out of the sum before you exponentiate, and add it again.",
    ),
)
def log_partition(kernel, visible_bias, hidden_bias):
    """Return log Z of a small restricted Boltzmann machine, by going through its states.

    Parameters
    ----------
    kernel : ndarray, shape (D, H)
    visible_bias : ndarray, shape (D,)
        D is small enough to list all 2**D states.
    hidden_bias : ndarray, shape (H,)
        Weights and biases may be in the hundreds.

    Returns
    -------
    float, a single number (no shape)
    """
    d = len(visible_bias)
    v = np.arange(2**d)[:, None] >> np.arange(d) & 1
    minus_f = v @ visible_bias + np.logaddexp(0, v @ kernel + hidden_bias).sum(axis=1)
    top = minus_f.max()
    return top + np.log(np.sum(np.exp(minus_f - top)))


def _minus_f(kernel, a, b, first=0):
    v = np.arange(first, 2 ** len(a))[:, None] >> np.arange(len(a)) & 1
    return v @ a + np.logaddexp(0, v @ kernel + b).sum(axis=1)


@log_partition.mistake("Right for small weights, but exp(-F) overflows: take the largest -F out.")
def _(*machine):
    return np.log(np.exp(_minus_f(*machine)).sum())


@log_partition.mistake("You took the largest -F out of the sum, and never added it again.")
def _(*machine):
    minus_f = _minus_f(*machine)
    return np.log(np.exp(minus_f - minus_f.max()).sum())


@log_partition.mistake("This is the logarithm of a mean over the states. Z is a sum.")
def _(*machine):
    minus_f = _minus_f(*machine)
    return np.logaddexp.reduce(minus_f) - np.log(len(minus_f))


@log_partition.mistake("The sign of F is wrong: states of low energy must weigh most.")
def _(*machine):
    return np.logaddexp.reduce(-_minus_f(*machine))


@log_partition.mistake("The state with all visible units off is left out. It counts like others.")
def _(*machine):
    return np.logaddexp.reduce(_minus_f(*machine, first=1))
