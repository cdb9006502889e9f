"""The deep belief network: restricted Boltzmann machines on top of each other."""

from __future__ import annotations

import numpy as np

from glassnet import optimizers
from glassnet._validation import positive_int
from glassnet.layers import Dense
from glassnet.models import boltzmann
from glassnet.models.autoencoder import Autoencoder
from glassnet.models.rbm import RBM
from glassnet.models.sequential import Sequential
from glassnet.models.unsupervised import UnsupervisedModel, as_generator

__all__ = ["DBN"]


class DBN(UnsupervisedModel):
    """A deep belief network, trained greedily, one restricted Boltzmann machine after the other.

    Each machine learns the hidden probabilities that the one below gives for the data. The top one
    is the model of the whole; the others only carry its samples down.

    Parameters
    ----------
    units : sequence of int
        Visible units, then hidden units of each level; at least two numbers.
    name : str, optional

    Attributes
    ----------
    rbms : list of RBM
        From the data upwards.

    Raises
    ------
    ValueError
        If there are fewer than two numbers, or one is not a positive integer.

    References
    ----------
    Hinton, Osindero and Teh (2006), *A fast learning algorithm for deep belief nets*.
    """

    def __init__(self, units, name=None):
        if not isinstance(units, (list, tuple)) or len(units) < 2:
            raise ValueError(f"`units` must list at least two layers. Received: units={units!r}")
        self.name = name or "dbn"
        self.units = [positive_int(each, "units") for each in units]
        self.rbms = [
            RBM(below, above) for below, above in zip(self.units, self.units[1:], strict=False)
        ]
        self.layers = [rbm.layers[0] for rbm in self.rbms]

    @property
    def built(self):
        """Whether the weights exist."""
        return all(rbm.built for rbm in self.rbms)

    @property
    def optimizers(self):
        """The optimizer and the weights of every level."""
        return [pair for rbm in self.rbms for pair in rbm.optimizers]

    def build(self, rng, dtype=np.float32):
        """Draw the weights of all levels; see `RBM.build`."""
        for rbm in self.rbms:
            rbm.build(rng, dtype)
        self.rng, self.dtype = rng, np.dtype(dtype)

    def compile(self, optimizer="sgd", k=1, persistent=False, particles=None):
        """Choose how to train every level; see `RBM.compile`. Each gets an optimizer of its own."""
        optimizer = optimizers.get(optimizer)
        for rbm in self.rbms:
            own = type(optimizer).from_config(optimizer.get_config())
            rbm.compile(own, k, persistent, particles)

    def fit(self, x, batch_size=32, epochs=1, shuffle=True, callbacks=(), verbose=1):
        """Train the levels from the bottom to the top, each for `epochs` passes over the data.

        Parameters
        ----------
        x : array_like, shape (samples, visible)
        batch_size, epochs, shuffle, callbacks, verbose
            As for `UnsupervisedModel.fit`. The callbacks see one training for each level, with its
            machine as the model.

        Returns
        -------
        list of History
            One for each level.
        """
        x, histories = self._ready(x), []
        for rbm in self.rbms:
            histories.append(rbm.fit(x, batch_size, epochs, shuffle, callbacks, verbose))
            x = rbm.hidden_probabilities(x)
        return histories

    def train_step(self, x, rng):
        """Not defined: a level can only be trained when those below it are."""
        raise TypeError("A DBN is trained level by level: call `fit`.")

    def check_data(self, x):
        """Return visible states as an array of the model's dtype, or raise ValueError."""
        return self.rbms[0].check_data(x)

    def forward(self, x, training=False):
        """Return the hidden probabilities of the top level, shape (batch, units of the top)."""
        return self.transform(x)

    def transform(self, x, levels=None):
        """Go up with probabilities.

        Parameters
        ----------
        x : array_like, shape (batch, visible)
        levels : int, optional
            How far, all the way if not given.

        Returns
        -------
        ndarray, shape (batch, units of that level)
        """
        levels = len(self.rbms) if levels is None else positive_int(levels, "levels")
        if levels > len(self.rbms):
            raise ValueError(f"There are {len(self.rbms)} levels. Received: levels={levels}")
        for rbm in self.rbms[:levels]:
            x = rbm.hidden_probabilities(x)
        return x

    def reconstruct(self, x):
        """Go all the way up and down again with probabilities; shape (batch, visible)."""
        h = self.transform(x)
        for rbm in reversed(self.rbms):
            h = rbm.visible_probabilities(h)
        return h

    def sample(self, n, rng, steps=1000):
        """Draw from the top machine by Gibbs sampling, and carry the samples down.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator
        steps : int
            Gibbs steps in the top machine.

        Returns
        -------
        v, p : ndarray, shape (n, visible)
            Bits, and the probabilities they were drawn with.
        """
        v, p = self.rbms[-1].sample(n, as_generator(rng), steps)
        for rbm in reversed(self.rbms[:-1]):
            p = rbm.visible_probabilities(v)
            v = boltzmann.sample_bits(p, rng)
        return v, p

    def to_classifier(self, classes):
        """Return a network to be fine-tuned with labels, which begins with the weights learnt here.

        Parameters
        ----------
        classes : int

        Returns
        -------
        Sequential
            A dense sigmoid layer for each level, with copies of its kernel and hidden bias, and a
            softmax layer with random weights. Built, not compiled.
        """
        self.require_built()
        hidden = [Dense(units, "sigmoid") for units in self.units[1:]]
        network = Sequential([*hidden, Dense(positive_int(classes, "classes"), "softmax")])
        network.build((None, self.units[0]), self.rng, self.dtype)
        for layer, rbm in zip(hidden, self.rbms, strict=True):
            layer.set_weights([rbm.params["kernel"], rbm.params["hidden_bias"]])
        return network

    def to_autoencoder(self):
        """Return the network unrolled: up with the kernels, down with their transposes.

        Returns
        -------
        Autoencoder
            Its weights are copies, and the way down is free to become another. Built, not compiled.

        References
        ----------
        Hinton and Salakhutdinov (2006), *Reducing the dimensionality of data with neural networks*.
        """
        self.require_built()
        up = [Dense(units, "sigmoid") for units in self.units[1:]]
        down = [Dense(units, "sigmoid") for units in reversed(self.units[:-1])]
        network = Autoencoder(up, down)
        network.build((None, self.units[0]), self.rng, self.dtype)
        for layer, rbm in zip(up, self.rbms, strict=True):
            layer.set_weights([rbm.params["kernel"], rbm.params["hidden_bias"]])
        for layer, rbm in zip(down, reversed(self.rbms), strict=True):
            layer.set_weights([rbm.params["kernel"].T, rbm.params["visible_bias"]])
        return network

    def __repr__(self):
        return f"DBN({self.units})"
