"""What recurrent layers share: the products over all steps at once, and the gates of one step."""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int
from glassnet.activations import ACTIVATIONS

SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]


def project(x, kernel, bias):
    """Return the inputs with the steps first, and x W + b of all steps in a single product.

    The kernel is the same for every step, so nothing of this has to wait for the state before it.
    """
    xs = np.ascontiguousarray(x.swapaxes(0, 1))  # (time, batch, features)
    z = xs.reshape(-1, xs.shape[-1]) @ kernel
    if bias is not None:
        z += bias
    return xs, z.reshape(xs.shape[:2] + kernel.shape[1:])


def projection_gradients(dz, xs, kernel):
    """Return dx, shape (batch, time, features), and the gradients of kernel and bias."""
    rows = dz.reshape(-1, dz.shape[-1])
    dx = (rows @ kernel.T).reshape(xs.shape)
    return dx.swapaxes(0, 1), xs.reshape(-1, xs.shape[-1]).T @ rows, rows.sum(axis=0)


def recurrent_gradient(dz, states):
    """Return the gradient of a recurrent kernel that has multiplied `states`, steps first."""
    return states.reshape(-1, states.shape[-1]).T @ dz.reshape(-1, dz.shape[-1])


def state_buffer(start, steps, shape, dtype):
    """Return room for the states of all steps, shape (time + 1, batch, units), first the start."""
    states = np.empty((steps + 1, *shape), dtype)
    states[0] = 0 if start is None else start
    return states


def carry(new, old, mask, t):
    """Where step t is masked, put the old state in place of the new one."""
    if mask is not None:
        np.copyto(new, old, where=~mask[:, t, np.newaxis])


def hold_back(gradient, mask, t):
    """Split the gradient by a state into what goes through step t, and what passes it by."""
    if mask is None:
        return gradient, 0
    counts = mask[:, t, np.newaxis]
    return gradient * counts, gradient * ~counts


def cuts(t, truncate):
    """Whether no gradient passes from step t to the one before it."""
    return truncate is not None and t > 0 and t % truncate == 0


def checked_truncate(truncate):
    """Return `truncate`, None or at least 1."""
    return None if truncate is None else positive_int(truncate, "truncate")


def through(activation, dy, z, y):
    """Gradient through an activation; the two most used are cheap to write in their output."""
    if activation is TANH:
        return dy * (1 - y * y)
    if activation is SIGMOID:
        return dy * (y * (1 - y))
    return activation.backward(dy, z, y)


class Gates:
    """The activations of gates that lie side by side in one array, shape (batch, gates * units).

    Sigmoid and tanh are computed by one call of tanh for all gates, since
    sigmoid(a) = 1/2 + 1/2 tanh(a / 2). Other activations are applied gate by gate.

    Parameters
    ----------
    pairs : sequence of ActivationPair
        One for each gate.
    units : int
    dtype : numpy dtype
    """

    def __init__(self, pairs, units, dtype):
        self.pairs, self.units = tuple(pairs), units
        self.in_place = all(pair is SIGMOID or pair is TANH for pair in self.pairs)
        half = [0.5 if pair is SIGMOID else 1.0 for pair in self.pairs]
        self.half = np.repeat(np.array(half, dtype), units)
        self.rest = 1 - self.half
        self.tanh_blocks = [k for k, pair in enumerate(self.pairs) if pair is TANH]

    def room(self, z):
        """Return an array for the gates of all steps: z itself if it is not needed afterwards."""
        return z if self.in_place else np.empty_like(z)

    def forward(self, z, out):
        """Write the gates for the pre-activations `z` into `out`."""
        if self.in_place:
            np.multiply(z, self.half, out=out)
            np.tanh(out, out=out)
            out *= self.half
            out += self.rest
        else:
            for block, pair in self._blocks():
                out[:, block] = pair.forward(z[:, block])

    def backward(self, dgates, z, gates):
        """Turn the gradient by the gates, in place, into that by their pre-activations."""
        if self.in_place:
            slope = 1 - gates
            slope *= gates  # of sigmoid
            for k in self.tanh_blocks:
                block = slice(k * self.units, (k + 1) * self.units)
                slope[:, block] = 1 - gates[:, block] ** 2
            dgates *= slope
        else:
            for block, pair in self._blocks():
                dgates[:, block] = pair.backward(dgates[:, block], z[:, block], gates[:, block])

    def _blocks(self):
        for k, pair in enumerate(self.pairs):
            yield slice(k * self.units, (k + 1) * self.units), pair
