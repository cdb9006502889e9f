"""The restricted Boltzmann machine: two layers of binary units, every one joined to the others."""

from __future__ import annotations

import numpy as np

from glassnet import optimizers
from glassnet._validation import as_float, positive_int
from glassnet.initializers import RandomNormal
from glassnet.layers import Layer, dense_backward
from glassnet.models import boltzmann, partition
from glassnet.models.filling import checked_gaps, fill_in
from glassnet.models.unsupervised import UnsupervisedModel, as_generator

__all__ = ["RBM"]


class Connections(Layer):
    """The weights between visible and hidden units, and the biases of both.

    Parameters
    ----------
    hidden_units : int
    name : str, optional
    """

    def __init__(self, hidden_units, name=None):
        super().__init__(name)
        self.hidden_units = positive_int(hidden_units, "hidden_units")

    def create_weights(self, input_shape, rng, dtype):
        """Draw a small kernel; the biases are zero (Hinton 2010, section 8)."""
        shape = (input_shape[-1], self.hidden_units)
        self.params["kernel"] = RandomNormal(stddev=0.01)(shape, rng, dtype)
        self.params["visible_bias"] = np.zeros(shape[0], dtype)
        self.params["hidden_bias"] = np.zeros(shape[1], dtype)

    def compute_output_shape(self, input_shape):
        """Return the shape of the hidden layer."""
        return (input_shape[0], self.hidden_units)

    def forward(self, x, training=False):
        """Return the probabilities of the hidden units, shape (batch, hidden)."""
        x = self._check_input(x)
        p = boltzmann.hidden_probabilities(x, self.params["kernel"], self.params["hidden_bias"])
        self._cache = x, p
        return p

    def backward(self, dy):
        """Fill `grads` and return dx, as for a dense layer with a sigmoid; not used by `RBM`."""
        dy = self._check_gradient(dy)
        x, p = self._cache
        dx, grads = dense_backward(dy * p * (1 - p), (x, self.params["kernel"]))
        unused = np.zeros_like(self.params["visible_bias"])
        self.grads = {
            "kernel": grads["kernel"],
            "visible_bias": unused,
            "hidden_bias": grads["bias"],
        }
        return dx


class RBM(UnsupervisedModel):
    """A restricted Boltzmann machine with binary visible and binary hidden units.

    Build it, choose how to train with `compile`, and `fit` it to data of zeros and ones; values in
    between count as probabilities.

    Parameters
    ----------
    visible_units, hidden_units : int
    name : str, optional

    Attributes
    ----------
    params, grads : dict of str to ndarray
        ``"kernel"``, shape (visible, hidden), ``"visible_bias"`` and ``"hidden_bias"``. The
        gradients are of the negative log-likelihood, as an optimizer goes downhill.
    particles : ndarray, shape (particles, hidden), or None
        Hidden states of the chains of persistent contrastive divergence, from the first step on.

    Raises
    ------
    ValueError
        If a number of units is not a positive integer.

    References
    ----------
    Smolensky (1986), *Information processing in dynamical systems*; Hinton (2002), *Training
    products of experts by minimizing contrastive divergence*; Hinton (2010), *A practical guide to
    training restricted Boltzmann machines*.
    """

    def __init__(self, visible_units, hidden_units, name=None):
        self.name = name or "rbm"
        self.visible_units = positive_int(visible_units, "visible_units")
        self.hidden_units = positive_int(hidden_units, "hidden_units")
        self.layers = [Connections(hidden_units)]
        self.particles = None
        self.k, self.persistent, self.chains = 1, False, None

    def build(self, rng, dtype=np.float32):
        """Draw the kernel from a normal distribution of deviation 0.01 and set the biases to zero.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of the weights, and of what training draws.
        dtype : numpy dtype
        """
        self.layers[0].build((None, self.visible_units), rng, dtype)
        self.rng, self.dtype, self.particles = rng, np.dtype(dtype), None

    @property
    def built(self):
        """Whether the weights exist."""
        return self.layers[0].built

    @property
    def params(self):
        """The weights by name, the arrays themselves."""
        return self.layers[0].params

    @property
    def grads(self):
        """The gradients that the last step handed to the optimizer, by name."""
        return self.layers[0].grads

    @property
    def optimizers(self):
        """The optimizer and the weights."""
        return [] if self.optimizer is None else [(self.optimizer, self.trainable_weights)]

    def compile(self, optimizer="sgd", k=1, persistent=False, particles=None):
        """Choose how to train.

        Parameters
        ----------
        optimizer : str or Optimizer
            Its weight decay acts on the biases too.
        k : int
            Gibbs steps in every training step.
        persistent : bool
            Whether the chains go on from where they were, or start at the data every time.
        particles : int, optional
            How many persistent chains; as many as the first batch has samples if not given.
        """
        self.k = positive_int(k, "k")
        self.chains = None if particles is None else positive_int(particles, "particles")
        self.persistent, self.particles = bool(persistent), None
        self.optimizer = optimizers.get(optimizer)

    def start_from_means(self, x):
        r"""Set each visible bias to :math:`\log(m / (1 - m))`, where m is the unit's mean in `x`.

        With W = 0 that is the most likely machine, and the hidden units are spared learning it
        (Hinton 2010, section 8.1). Units that never change count as if seen in the other state in
        half an example.
        """
        x = self.check_data(x)
        means = np.clip(x.mean(axis=0), 0.5 / len(x), 1 - 0.5 / len(x))
        self.params["visible_bias"][...] = np.log(means / (1 - means))

    def train_step(self, x, rng):
        """Make one step of contrastive divergence.

        Parameters
        ----------
        x : ndarray, shape (batch, visible)
        rng : numpy.random.Generator

        Returns
        -------
        dict of str to float
            ``"reconstruction_error"``, the mean squared difference between the data and
            `reconstruct`, before the step. It is no likelihood: a machine may lower it by mixing
            slowly.
        """
        start = self.particles if self.persistent else None
        if self.persistent and start is None:
            rows = slice(None) if self.chains is None else rng.integers(0, len(x), self.chains)
            start = boltzmann.sample_bits(self.hidden_probabilities(x[rows]), rng)
        error = float(np.mean((self.reconstruct(x) - x) ** 2))
        uphill, particles = boltzmann.contrastive_divergence(
            x, **self.params, rng=rng, k=self.k, start=start
        )
        self.layers[0].grads = {key: -value for key, value in uphill.items()}  # downhill
        self.optimizer.apply(self.gradients, self.trainable_weights)
        self.particles = particles if self.persistent else None
        return {"reconstruction_error": error}

    def forward(self, x, training=False):
        """Return the probabilities of the hidden units, shape (batch, hidden)."""
        return self.hidden_probabilities(x)

    def energy(self, v, h):
        """Return the energies of states, shape (batch,): `boltzmann.energy`."""
        v, h = self.check_data(v), self._checked_hidden(h)
        if len(v) != len(h):
            raise ValueError(
                f"`v` and `h` must have as many rows. Received: v {v.shape}, h {h.shape}"
            )
        return boltzmann.energy(v, h, **self.params)

    def free_energy(self, v):
        """Return the free energies of visible states, shape (batch,): `boltzmann.free_energy`."""
        return boltzmann.free_energy(self.check_data(v), **self.params)

    def log_likelihood(self, v):
        """Return log p(v), shape (batch,), exactly: for at most 20 units on one of the sides."""
        return partition.log_likelihood(self.check_data(v), **self.params)

    def hidden_probabilities(self, v):
        """Return the probability that each hidden unit is 1, shape (batch, hidden)."""
        v = self.check_data(v)
        return boltzmann.hidden_probabilities(v, self.params["kernel"], self.params["hidden_bias"])

    def visible_probabilities(self, h):
        """Return the probability that each visible unit is 1, shape (batch, visible)."""
        h = self._checked_hidden(h)
        return boltzmann.visible_probabilities(
            h, self.params["kernel"], self.params["visible_bias"]
        )

    def reconstruct(self, v):
        """Go up and down once with probabilities in place of bits; shape (batch, visible)."""
        return self.visible_probabilities(self.hidden_probabilities(v))

    def gibbs(self, v, steps, rng):
        """Run Gibbs chains from visible states.

        Parameters
        ----------
        v : array_like, shape (batch, visible)
        steps : int
        rng : numpy.random.Generator

        Returns
        -------
        v : ndarray, shape (batch, visible)
            0 and 1, after the last step.
        p : ndarray, shape (batch, visible)
            The probabilities they were drawn with; smoother to look at.
        """
        v, rng = self.check_data(v), as_generator(rng)
        kernel, visible_bias, hidden_bias = self.params.values()
        for _ in range(positive_int(steps, "steps")):
            h = boltzmann.sample_bits(boltzmann.hidden_probabilities(v, kernel, hidden_bias), rng)
            p = boltzmann.visible_probabilities(h, kernel, visible_bias)
            v = boltzmann.sample_bits(p, rng)
        return v, p

    def sample(self, n, rng, steps=1000):
        """Draw visible states from the model: `n` Gibbs chains, each started from coin tosses.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator
        steps : int
            Until they have forgotten where they began.

        Returns
        -------
        v, p : ndarray, shape (n, visible)
            As from `gibbs`.
        """
        self.require_built()
        shape = (positive_int(n, "n"), self.visible_units)
        v = as_generator(rng).integers(0, 2, shape).astype(self.dtype)
        return self.gibbs(v, steps, rng)

    def fill_in(self, x, known, steps, rng):
        """Fill gaps by Gibbs sampling with the known entries held fixed.

        Parameters
        ----------
        x : array_like, shape (batch, visible)
            What stands in the gaps does not matter, and may be NaN.
        known : array_like of bool, shape (batch, visible) or (visible,)
            True where `x` is given.
        steps : int
            Gibbs steps; in the last one the probabilities themselves are taken.
        rng : numpy.random.Generator

        Returns
        -------
        ndarray, shape (batch, visible)
            The known entries as they were, probabilities elsewhere.
        """
        x, known = checked_gaps(x, known, self.dtype)
        steps = positive_int(steps, "steps")
        x = np.where(known, x, as_generator(rng).integers(0, 2, x.shape)).astype(self.dtype)
        if steps > 1:
            x = fill_in(lambda v: self.gibbs(v, 1, rng)[0], x, known, steps - 1)
        return np.where(known, x, self.gibbs(x, 1, rng)[1])

    def check_data(self, x):
        """Return visible states as an array of the model's dtype, or raise ValueError."""
        self.require_built()
        return _probabilities(super().check_data(x), self.visible_units, "v")

    def _checked_hidden(self, h):
        self.require_built()
        return _probabilities(as_float(h, "h").astype(self.dtype), self.hidden_units, "h")


def _probabilities(values, units, name):
    """Return states of shape (batch, units) with entries in [0, 1], or raise ValueError."""
    if values.ndim != 2 or values.shape[1] != units:
        raise ValueError(f"`{name}` must have shape (batch, {units}). Received: {values.shape}")
    if not (np.all(values >= 0) and np.all(values <= 1)):
        raise ValueError(
            f"`{name}` must hold 0, 1, or probabilities. "
            f"Received: values from {values.min():g} to {values.max():g}"
        )
    return values
