"""Long short-term memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet import activations
from glassnet.activations import ActivationPair
from glassnet.layers import _gates as gates
from glassnet.layers.recurrent import RecurrentLayer

__all__ = ["LSTM", "lstm_backward", "lstm_forward", "lstm_step"]


def lstm_step(
    x,
    h,
    c,
    kernel,
    recurrent_kernel,
    bias=None,
    activation="tanh",
    recurrent_activation="sigmoid",
):
    r"""One step of long short-term memory, as its equations are written.

    .. math::

        [i, f, \tilde c, o] &= x_t W + h_{t-1} U + b \\
        c_t &= \sigma(f) \odot c_{t-1} + \sigma(i) \odot \tanh(\tilde c) \\
        h_t &= \sigma(o) \odot \tanh(c_t)

    Parameters
    ----------
    x : ndarray, shape (batch, features)
    h, c : ndarray, shape (batch, units)
        Hidden state and cell state before the step.
    kernel : ndarray, shape (features, 4 units)
        The weights W of input gate, forget gate, candidate and output gate, side by side.
    recurrent_kernel : ndarray, shape (units, 4 units)
        The weights U, in the same order.
    bias : ndarray, shape (4 units,), optional
    activation, recurrent_activation : str or ActivationPair
        Of candidate and cell state, and of the gates.

    Returns
    -------
    h, c : ndarray, shape (batch, units)
        The states after the step.

    References
    ----------
    Hochreiter and Schmidhuber (1997). Long short-term memory. Gers, Schmidhuber and Cummins (2000)
    added the forget gate.
    """
    squash = activations.get(activation).forward
    open_gate = activations.get(recurrent_activation).forward
    z = x @ kernel + h @ recurrent_kernel
    if bias is not None:
        z = z + bias
    i, f, candidate, o = np.split(z, 4, axis=-1)
    c = open_gate(f) * c + open_gate(i) * squash(candidate)
    h = open_gate(o) * squash(c)
    return h, c


class LSTMCache(NamedTuple):
    """What `lstm_forward` leaves for `lstm_backward`, steps first.

    Parameters
    ----------
    h, c : ndarray, shape (time + 1, batch, units)
        The states, from the initial ones to those after the last step.
    gates : ndarray, shape (time, batch, 4 units)
        Input gate, forget gate, candidate and output gate of each step.
    squashed : ndarray, shape (time, batch, units)
        The activation of the cell state.
    z : ndarray, shape (time, batch, 4 units)
        Before the activations; the same array as `gates` where it is not needed.
    x : ndarray, shape (time, batch, features)
    kernel, recurrent_kernel, mask, activation, recurrent_activation
        As handed to `lstm_forward`.
    """

    h: np.ndarray
    c: np.ndarray
    gates: np.ndarray
    squashed: np.ndarray
    z: np.ndarray
    x: np.ndarray
    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    mask: np.ndarray | None
    activation: ActivationPair
    recurrent_activation: ActivationPair


def lstm_forward(
    x,
    kernel,
    recurrent_kernel,
    bias=None,
    h0=None,
    c0=None,
    mask=None,
    activation="tanh",
    recurrent_activation="sigmoid",
):
    """All steps of long short-term memory: `lstm_step` again and again, in a quicker form.

    x W + b is one product for all steps, and one call of tanh serves all gates.

    Parameters
    ----------
    x : ndarray, shape (batch, time, features)
    kernel : ndarray, shape (features, 4 units)
    recurrent_kernel : ndarray, shape (units, 4 units)
    bias : ndarray, shape (4 units,), optional
    h0, c0 : ndarray, shape (batch, units), optional
        The initial states, zero if not given.
    mask : ndarray of bool, shape (batch, time), optional
        A step where it is False leaves the states as they are.
    activation, recurrent_activation : str or ActivationPair

    Returns
    -------
    y : ndarray, shape (batch, time, units)
        The hidden state after each step.
    cache : tuple
        An ``LSTMCache``, which `lstm_backward` needs; ``cache.c[-1]`` is the last cell state.
    """
    activation, recurrent_activation = map(activations.get, (activation, recurrent_activation))
    xs, z = gates.project(x, kernel, bias)
    shape = z.shape[1], recurrent_kernel.shape[0]
    h = gates.state_buffer(h0, len(xs), shape, z.dtype)
    c = gates.state_buffer(c0, len(xs), shape, z.dtype)
    squashed = np.empty_like(c[1:])
    gate = _gates_of(activation, recurrent_activation, shape[1], z.dtype)
    values = gate.room(z)
    product, admitted = np.empty_like(z[0]), np.empty_like(h[0])
    for t in range(len(xs)):
        np.matmul(h[t], recurrent_kernel, out=product)
        z[t] += product
        gate.forward(z[t], values[t])
        i, f, candidate, o = _quarters(values[t])
        np.multiply(f, c[t], out=c[t + 1])  # what is kept
        c[t + 1] += np.multiply(i, candidate, out=admitted)
        squashed[t] = activation.forward(c[t + 1])
        np.multiply(o, squashed[t], out=h[t + 1])
        gates.carry(h[t + 1], h[t], mask, t)
        gates.carry(c[t + 1], c[t], mask, t)
    parts = xs, kernel, recurrent_kernel, mask, activation, recurrent_activation
    return h[1:].swapaxes(0, 1), LSTMCache(h, c, values, squashed, z, *parts)


def lstm_backward(dy, cache, dh=None, dc=None, truncate=None):
    r"""Gradients of a scalar loss through `lstm_forward`: backpropagation through time.

    Both states have a gradient that runs from the last step to the first. That of the cell state is
    only multiplied by the forget gate from step to step, :math:`dc_{t-1} = dc_t \odot f_t`.

    Parameters
    ----------
    dy : ndarray, shape (batch, time, units), or None
        Gradient of the loss by y; None if it depends on the last states only.
    cache : tuple
        From `lstm_forward`.
    dh, dc : ndarray, shape (batch, units), optional
        Gradients of the loss by the last states, beside what is in `dy`.
    truncate : int, optional
        No gradient passes from step t to t - 1 where t is a multiple of it.

    Returns
    -------
    dx : ndarray, shape (batch, time, features)
    grads : dict
        ``"kernel"``, ``"recurrent_kernel"``, ``"bias"``, ``"h0"`` and ``"c0"``, each of the shape
        of the argument.
    """
    h, c, values, squashed, z, xs, kernel, recurrent_kernel, mask, *pairs = cache
    activation = pairs[0]
    gate = _gates_of(*pairs, h.shape[-1], z.dtype)
    dz = np.empty_like(z)
    dh = np.zeros_like(h[0]) if dh is None else dh
    dc = np.zeros_like(c[0]) if dc is None else dc
    for t in reversed(range(len(xs))):
        if dy is not None:
            dh = dh + dy[:, t]
        dh, dh_passed_by = gates.hold_back(dh, mask, t)
        dc, dc_passed_by = gates.hold_back(dc, mask, t)
        i, f, candidate, o = _quarters(values[t])
        di, df, dcandidate, do = _quarters(dz[t])
        np.multiply(dh, squashed[t], out=do)
        dc = dc + gates.through(activation, dh * o, c[t + 1], squashed[t])
        np.multiply(dc, candidate, out=di)
        np.multiply(dc, c[t], out=df)
        np.multiply(dc, i, out=dcandidate)
        gate.backward(dz[t], z[t], values[t])
        dh = dz[t] @ recurrent_kernel.T + dh_passed_by
        dc = dc * f + dc_passed_by
        if gates.cuts(t, truncate):
            dh, dc = np.zeros_like(dh), np.zeros_like(dc)
    dx, dkernel, dbias = gates.projection_gradients(dz, xs, kernel)
    drecurrent = gates.recurrent_gradient(dz, h[:-1])
    grads = {"kernel": dkernel, "recurrent_kernel": drecurrent, "bias": dbias}
    return dx, grads | {"h0": dh, "c0": dc}


def _gates_of(activation, recurrent_activation, units, dtype):
    pairs = recurrent_activation, recurrent_activation, activation, recurrent_activation
    return gates.Gates(pairs, units, dtype)


def _quarters(values):
    """Views of input gate, forget gate, candidate and output gate."""
    units = values.shape[-1] // 4
    return (values[:, k * units : (k + 1) * units] for k in range(4))


class LSTM(RecurrentLayer):
    """Long short-term memory, the twin of ``keras.layers.LSTM``.

    Parameters
    ----------
    units : int
        Length of each state, at least 1.
    activation : str or ActivationPair
        Of the candidate and of the cell state.
    recurrent_activation : str or ActivationPair
        Of the three gates.
    use_bias : bool
    kernel_initializer, recurrent_initializer, bias_initializer : str or Initializer
        Where the weights start.
    unit_forget_bias : bool
        Whether the bias of the forget gate starts at 1, so that the cell at first remembers.
    return_sequences : bool
        Whether to return the output of every step, or of the last one only.
    return_state : bool
        Whether to return the last hidden state and the last cell state too; the output is a list of
        three then.
    go_backwards : bool
        Whether to start with the last step. The outputs are in the order in which they were made.
    zero_output_for_mask : bool
        Whether masked steps give zero, instead of the output of the step before.
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``kernel_regularizer``, ``recurrent_regularizer``, ``bias_regularizer``,
        ``kernel_constraint``, ``recurrent_constraint`` and ``bias_constraint``; see `Layer`.

    Attributes
    ----------
    state_gradients : list of ndarray, shape (batch, units)
        Gradients of the loss by the two initial states; filled by `backward`.

    Raises
    ------
    ValueError
        If `units` is not a positive integer, a name is unknown, or the input is no sequence.

    References
    ----------
    Hochreiter and Schmidhuber (1997). Long short-term memory. Jozefowicz, Zaremba and Sutskever
    (2015) recommend the forget bias of 1.
    """

    blocks = 4
    state_names = ("h0", "c0")

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        unit_forget_bias=True,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        zero_output_for_mask=False,
        name=None,
        **weight_rules,
    ):
        super().__init__(
            units,
            activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            return_sequences,
            return_state,
            go_backwards,
            zero_output_for_mask,
            name,
            **weight_rules,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = bool(unit_forget_bias)

    def create_bias(self, rng, dtype):
        """Return the initial bias, with 1 for the forget gate if `unit_forget_bias`."""
        bias = super().create_bias(rng, dtype)
        if self.unit_forget_bias:
            bias[self.units : 2 * self.units] = 1
        return bias

    def run(self, x, states, mask):
        """Call `lstm_forward`; return outputs, both last states, and the cache."""
        weights = (self.params.get(key) for key in ("kernel", "recurrent_kernel", "bias"))
        pairs = self.activation, self.recurrent_activation
        y, cache = lstm_forward(x, *weights, *states, mask, *pairs)
        return y, [cache.h[-1], cache.c[-1]], cache

    def run_back(self, dy, dstates, cache, truncate):
        """Call `lstm_backward`; return dx and grads."""
        return lstm_backward(dy, cache, *dstates, truncate)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "recurrent_activation": self.recurrent_activation.name,
            "unit_forget_bias": self.unit_forget_bias,
        }
