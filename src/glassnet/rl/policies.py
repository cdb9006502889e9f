"""Policies that ask a network: the logits of the actions, or their values."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from glassnet._validation import as_float, real_in
from glassnet.activations import softmax

__all__ = ["GreedyPolicy", "SoftmaxPolicy", "epsilon_greedy_actions", "sample_actions"]


def sample_actions(logits, rng):
    """Draw an action for every row from the softmax of its logits.

    A number drawn evenly from [0, 1) falls into one of the intervals whose lengths are the
    probabilities.

    Parameters
    ----------
    logits : ndarray, shape (batch, actions)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int64, shape (batch,)
    """
    cumulated = np.cumsum(softmax(logits), axis=-1, dtype=np.float64)
    drawn = rng.random((len(cumulated), 1)) * cumulated[:, -1:]  # the last is 1 but for rounding
    return np.sum(drawn >= cumulated, axis=-1, dtype=np.int64)


def epsilon_greedy_actions(values, epsilon, rng):
    """Choose for every row any action with probability `epsilon`, else the one of highest value.

    The form of :func:`glassnet.rl.epsilon_greedy` for a batch; among equals it takes the first.

    Parameters
    ----------
    values : ndarray, shape (batch, actions)
    epsilon : float
        From 0 to 1.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int64, shape (batch,)
    """
    batch, actions = values.shape
    explore = rng.random(batch) < epsilon
    return np.where(explore, rng.integers(actions, size=batch), values.argmax(axis=-1))


class NetworkPolicy(ABC):
    """What both policies share: a network asked about one observation or a batch of them.

    Parameters
    ----------
    network : Sequential
        Gives a number for every action; built.
    """

    def __init__(self, network):
        network.require_built()
        if len(network.output_shape) != 2:
            raise ValueError(
                "`network` must give a number for each action, shape (batch, actions). "
                f"Received: output_shape={network.output_shape}"
            )
        self.network = network

    def __call__(self, observation, rng):
        """Return an action for an observation, or an array of them for a batch."""
        x = as_float(observation, "observation").astype(self.network.dtype, copy=False)
        if x.ndim == len(self.network.input_shape):
            return self.choose(self.network.forward(x), rng)
        return int(self.choose(self.network.forward(x[np.newaxis]), rng)[0])

    @abstractmethod
    def choose(self, outputs, rng):
        """Return an action for every row of the network's outputs."""


class SoftmaxPolicy(NetworkPolicy):
    """Draw from the softmax of the network's outputs; see `sample_actions`.

    Parameters
    ----------
    network : Sequential
        Gives a logit for every action; built.
    """

    def choose(self, outputs, rng):
        """Return an action for every row of logits."""
        return sample_actions(outputs, rng)


class GreedyPolicy(NetworkPolicy):
    """Take the action with the highest output, a logit or a value; at times any other.

    Parameters
    ----------
    network : Sequential
        Gives a number for every action; built.
    epsilon : float
        Probability, from 0 to 1, with which any action is taken.
    """

    def __init__(self, network, epsilon=0.0):
        super().__init__(network)
        self.epsilon = real_in(epsilon, "epsilon", 0, 1)

    def choose(self, outputs, rng):
        """Return an action for every row of values."""
        return epsilon_greedy_actions(outputs, self.epsilon, rng)
