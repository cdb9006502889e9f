"""The simple recurrent layer: the state is fed back through a kernel."""

from __future__ import annotations

import numpy as np

from glassnet import activations
from glassnet.layers import _gates as gates
from glassnet.layers.recurrent import RecurrentLayer

__all__ = ["SimpleRNN", "simple_rnn_backward", "simple_rnn_forward", "simple_rnn_step"]


def simple_rnn_step(x, h, kernel, recurrent_kernel, bias=None, activation="tanh"):
    r"""One step of a simple recurrent layer, :math:`h_t = f(x_t W + h_{t-1} U + b)`.

    Parameters
    ----------
    x : ndarray, shape (batch, features)
    h : ndarray, shape (batch, units)
        The state before the step.
    kernel : ndarray, shape (features, units)
        The weights W.
    recurrent_kernel : ndarray, shape (units, units)
        The weights U.
    bias : ndarray, shape (units,), optional
    activation : str or ActivationPair

    Returns
    -------
    ndarray, shape (batch, units)
        The state after the step.

    References
    ----------
    Elman (1990). Finding structure in time.
    """
    z = x @ kernel + h @ recurrent_kernel
    if bias is not None:
        z = z + bias
    return activations.get(activation).forward(z)


def simple_rnn_forward(
    x, kernel, recurrent_kernel, bias=None, h0=None, mask=None, activation="tanh"
):
    """All steps of a simple recurrent layer: `simple_rnn_step` again and again.

    Parameters
    ----------
    x : ndarray, shape (batch, time, features)
    kernel : ndarray, shape (features, units)
    recurrent_kernel : ndarray, shape (units, units)
    bias : ndarray, shape (units,), optional
    h0 : ndarray, shape (batch, units), optional
        The initial state, zero if not given.
    mask : ndarray of bool, shape (batch, time), optional
        A step where it is False leaves the state as it is.
    activation : str or ActivationPair

    Returns
    -------
    y : ndarray, shape (batch, time, units)
        The state after each step.
    cache : tuple
        What `simple_rnn_backward` needs.
    """
    activation = activations.get(activation)
    xs, z = gates.project(x, kernel, bias)
    h = gates.state_buffer(h0, len(xs), z.shape[1:], z.dtype)
    for t in range(len(xs)):
        z[t] += h[t] @ recurrent_kernel
        h[t + 1] = activation.forward(z[t])
        gates.carry(h[t + 1], h[t], mask, t)
    return h[1:].swapaxes(0, 1), (xs, z, h, kernel, recurrent_kernel, mask, activation)


def simple_rnn_backward(dy, cache, dh=None, truncate=None):
    r"""Gradients of a scalar loss through `simple_rnn_forward`: backpropagation through time.

    The state after step t is the output of that step and an input of the next one, so its gradient
    is the sum of both: :math:`dh_t = dy_t + dz_{t+1} U^\top` with :math:`dz_t = dh_t \, f'(z_t)`.

    Parameters
    ----------
    dy : ndarray, shape (batch, time, units), or None
        Gradient of the loss by y; None if it depends on the last state only.
    cache : tuple
        From `simple_rnn_forward`.
    dh : ndarray, shape (batch, units), optional
        Gradient of the loss by the last state, beside what is in `dy`.
    truncate : int, optional
        No gradient passes from step t to t - 1 where t is a multiple of it.

    Returns
    -------
    dx : ndarray, shape (batch, time, features)
    grads : dict
        ``"kernel"``, ``"recurrent_kernel"``, ``"bias"`` and ``"h0"``, each of the shape of the
        argument.

    References
    ----------
    Werbos (1990). Backpropagation through time: what it does and how to do it.
    """
    xs, z, h, kernel, recurrent_kernel, mask, activation = cache
    dz = np.empty_like(z)
    dh = np.zeros_like(h[0]) if dh is None else dh
    for t in reversed(range(len(xs))):
        if dy is not None:
            dh = dh + dy[:, t]
        dh, passed_by = gates.hold_back(dh, mask, t)
        dz[t] = gates.through(activation, dh, z[t], h[t + 1])
        dh = dz[t] @ recurrent_kernel.T + passed_by
        if gates.cuts(t, truncate):
            dh = np.zeros_like(dh)
    dx, dkernel, dbias = gates.projection_gradients(dz, xs, kernel)
    drecurrent = gates.recurrent_gradient(dz, h[:-1])
    return dx, {"kernel": dkernel, "recurrent_kernel": drecurrent, "bias": dbias, "h0": dh}


class SimpleRNN(RecurrentLayer):
    """Simple recurrent layer, the twin of ``keras.layers.SimpleRNN``.

    Parameters
    ----------
    units : int
        Length of the state, at least 1.
    activation : str or ActivationPair
    use_bias : bool
    kernel_initializer, recurrent_initializer, bias_initializer : str or Initializer
        Where the weights start.
    return_sequences : bool
        Whether to return the output of every step, or of the last one only.
    return_state : bool
        Whether to return the last state too; the output is a list then.
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
        Gradient of the loss by the initial state; filled by `backward`.

    Raises
    ------
    ValueError
        If `units` is not a positive integer, a name is unknown, or the input is no sequence.

    References
    ----------
    Elman (1990). Finding structure in time.
    """

    def run(self, x, states, mask):
        """Call `simple_rnn_forward`; return outputs, the last state, and the cache."""
        weights = (self.params.get(key) for key in ("kernel", "recurrent_kernel", "bias"))
        y, cache = simple_rnn_forward(x, *weights, *states, mask, self.activation)
        return y, [y[:, -1]], cache

    def run_back(self, dy, dstates, cache, truncate):
        """Call `simple_rnn_backward`; return dx and grads."""
        return simple_rnn_backward(dy, cache, *dstates, truncate)
