"""Gated recurrent unit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet import activations
from glassnet.activations import ActivationPair
from glassnet.layers import _gates as gates
from glassnet.layers.recurrent import RecurrentLayer

__all__ = ["GRU", "gru_backward", "gru_forward", "gru_step"]


def gru_step(
    x,
    h,
    kernel,
    recurrent_kernel,
    bias=None,
    activation="tanh",
    recurrent_activation="sigmoid",
    reset_after=True,
):
    r"""One step of a gated recurrent unit, as its equations are written.

    .. math::

        z &= \sigma(x_t W_z + h_{t-1} U_z + b_z) \\
        r &= \sigma(x_t W_r + h_{t-1} U_r + b_r) \\
        \tilde h &= \tanh\bigl(x_t W_h + b_h + r \odot (h_{t-1} U_h + b'_h)\bigr) \\
        h_t &= z \odot h_{t-1} + (1 - z) \odot \tilde h

    Without `reset_after` the reset gate r comes before the product, :math:`(r \odot h_{t-1}) U_h`.

    Parameters
    ----------
    x : ndarray, shape (batch, features)
    h : ndarray, shape (batch, units)
        The state before the step.
    kernel : ndarray, shape (features, 3 units)
        The weights W of update gate, reset gate and candidate, side by side.
    recurrent_kernel : ndarray, shape (units, 3 units)
        The weights U, in the same order.
    bias : ndarray, shape (2, 3 units), or (3 units,) without `reset_after`, optional
        First what is added to x W, then what is added to h U.
    activation, recurrent_activation : str or ActivationPair
        Of the candidate, and of the gates.
    reset_after : bool

    Returns
    -------
    ndarray, shape (batch, units)
        The state after the step.

    References
    ----------
    Cho et al. (2014). Learning phrase representations using RNN encoder-decoder for statistical
    machine translation.
    """
    squash = activations.get(activation).forward
    open_gate = activations.get(recurrent_activation).forward
    units = h.shape[-1]
    input_bias, recurrent_bias = _biases(bias, reset_after, units, h.dtype)
    x_update, x_reset, x_candidate = np.split(x @ kernel + input_bias, 3, axis=-1)
    gate_kernel, candidate_kernel = np.split(recurrent_kernel, [2 * units], axis=-1)
    h_update, h_reset = np.split(h @ gate_kernel + recurrent_bias[: 2 * units], 2, axis=-1)
    update, reset = open_gate(x_update + h_update), open_gate(x_reset + h_reset)
    if reset_after:
        memory = reset * (h @ candidate_kernel + recurrent_bias[2 * units :])
    else:
        memory = (reset * h) @ candidate_kernel
    candidate = squash(x_candidate + memory)
    return update * h + (1 - update) * candidate


class GRUCache(NamedTuple):
    """What `gru_forward` leaves for `gru_backward`, steps first.

    Parameters
    ----------
    h : ndarray, shape (time + 1, batch, units)
        The states, from the initial one to that after the last step.
    gates : ndarray, shape (time, batch, 3 units)
        Update gate, reset gate and candidate of each step.
    memory : ndarray, shape (time, batch, units)
        h U + b of the candidate before the reset gate, or without `reset_after` the reset state.
    z : ndarray, shape (time, batch, 3 units)
        Before the activations; the same array as `gates` where it is not needed.
    x : ndarray, shape (time, batch, features)
    kernel, recurrent_kernel, mask, activation, recurrent_activation, reset_after
        As handed to `gru_forward`.
    """

    h: np.ndarray
    gates: np.ndarray
    memory: np.ndarray
    z: np.ndarray
    x: np.ndarray
    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    mask: np.ndarray | None
    activation: ActivationPair
    recurrent_activation: ActivationPair
    reset_after: bool


def gru_forward(
    x,
    kernel,
    recurrent_kernel,
    bias=None,
    h0=None,
    mask=None,
    activation="tanh",
    recurrent_activation="sigmoid",
    reset_after=True,
):
    """All steps of a gated recurrent unit: `gru_step` again and again, in a quicker form.

    x W + b is one product for all steps, and one call of tanh serves both gates.

    Parameters
    ----------
    x : ndarray, shape (batch, time, features)
    kernel : ndarray, shape (features, 3 units)
    recurrent_kernel : ndarray, shape (units, 3 units)
    bias : ndarray, shape (2, 3 units), or (3 units,) without `reset_after`, optional
    h0 : ndarray, shape (batch, units), optional
        The initial state, zero if not given.
    mask : ndarray of bool, shape (batch, time), optional
        A step where it is False leaves the state as it is.
    activation, recurrent_activation : str or ActivationPair
    reset_after : bool

    Returns
    -------
    y : ndarray, shape (batch, time, units)
        The state after each step.
    cache : tuple
        A ``GRUCache``, which `gru_backward` needs.
    """
    activation, recurrent_activation = map(activations.get, (activation, recurrent_activation))
    units = recurrent_kernel.shape[0]
    input_bias, recurrent_bias = _biases(bias, reset_after, units, kernel.dtype)
    added = input_bias.copy()
    added[: 2 * units] += recurrent_bias[: 2 * units]  # both are only added to the gates
    xs, z = gates.project(x, kernel, added)
    h = gates.state_buffer(h0, len(xs), (z.shape[1], units), z.dtype)
    gate, squash = _gates_of(activation, recurrent_activation, units, z.dtype)
    values = gate.room(z) if squash.in_place else np.empty_like(z)
    memory = np.empty_like(h[1:])
    kernels = np.split(recurrent_kernel, [2 * units], axis=1)
    for t in range(len(xs)):
        # one product for all, or two because the candidate's has to wait for the reset gate
        products = h[t] @ (recurrent_kernel if reset_after else kernels[0])
        z[t, :, : 2 * units] += products[:, : 2 * units]
        gate.forward(z[t, :, : 2 * units], values[t, :, : 2 * units])
        update, reset, candidate = _thirds(values[t])
        if reset_after:
            np.add(products[:, 2 * units :], recurrent_bias[2 * units :], out=memory[t])
            z[t, :, 2 * units :] += reset * memory[t]
        else:
            np.multiply(reset, h[t], out=memory[t])
            z[t, :, 2 * units :] += memory[t] @ kernels[1]
        squash.forward(z[t, :, 2 * units :], candidate)
        np.subtract(h[t], candidate, out=h[t + 1])
        h[t + 1] *= update
        h[t + 1] += candidate  # = update h + (1 - update) candidate
        gates.carry(h[t + 1], h[t], mask, t)
    parts = xs, kernel, recurrent_kernel, mask, activation, recurrent_activation, reset_after
    return h[1:].swapaxes(0, 1), GRUCache(h, values, memory, z, *parts)


def gru_backward(dy, cache, dh=None, truncate=None):
    r"""Gradients of a scalar loss through `gru_forward`: backpropagation through time.

    The state reaches the next one on four ways: kept by the update gate, and through the
    pre-activations of both gates and of the candidate.

    Parameters
    ----------
    dy : ndarray, shape (batch, time, units), or None
        Gradient of the loss by y; None if it depends on the last state only.
    cache : tuple
        From `gru_forward`.
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
    """
    h, values, memory, z, xs, kernel, recurrent_kernel, mask, *pairs, reset_after = cache
    units = h.shape[-1]
    both = slice(None, 2 * units)  # gates
    kernels = np.split(recurrent_kernel, [2 * units], axis=1)
    gate, squash = _gates_of(*pairs, units, z.dtype)
    dz = np.empty_like(z)  # by what was added to x W
    dproducts = np.empty_like(z) if reset_after else None  # by h U; differs in the candidate
    dh = np.zeros_like(h[0]) if dh is None else dh
    for t in reversed(range(len(xs))):
        if dy is not None:
            dh = dh + dy[:, t]
        dh, passed_by = gates.hold_back(dh, mask, t)
        update, reset, candidate = _thirds(values[t])
        dupdate, dreset, dcandidate = _thirds(dz[t])
        np.multiply(dh, h[t] - candidate, out=dupdate)
        np.multiply(dh, 1 - update, out=dcandidate)
        squash.backward(dcandidate, z[t, :, 2 * units :], candidate)
        dh = dh * update
        if reset_after:
            np.multiply(dcandidate, memory[t], out=dreset)
            gate.backward(dz[t, :, both], z[t, :, both], values[t, :, both])
            dproducts[t, :, both] = dz[t, :, both]
            np.multiply(dcandidate, reset, out=dproducts[t, :, 2 * units :])
            dh += dproducts[t] @ recurrent_kernel.T
        else:
            dmemory = dcandidate @ kernels[1].T
            np.multiply(dmemory, h[t], out=dreset)
            gate.backward(dz[t, :, both], z[t, :, both], values[t, :, both])
            dh += dmemory * reset
            dh += dz[t, :, both] @ kernels[0].T
        dh += passed_by
        if gates.cuts(t, truncate):
            dh = np.zeros_like(dh)
    dx, dkernel, dbias = gates.projection_gradients(dz, xs, kernel)
    if reset_after:
        drecurrent = gates.recurrent_gradient(dproducts, h[:-1])
        dbias = np.stack([dbias, dproducts.sum(axis=(0, 1))])
    else:
        drecurrent = np.concatenate(
            [
                gates.recurrent_gradient(dz[..., both], h[:-1]),
                gates.recurrent_gradient(dz[..., 2 * units :], memory),
            ],
            axis=1,
        )
    return dx, {"kernel": dkernel, "recurrent_kernel": drecurrent, "bias": dbias, "h0": dh}


def _biases(bias, reset_after, units, dtype):
    """Return what is added to x W and what is added to h U, shape (3 units,) each."""
    nothing = np.zeros(3 * units, dtype)
    if bias is None:
        return nothing, nothing
    return bias if reset_after else (bias, nothing)


def _gates_of(activation, recurrent_activation, units, dtype):
    """The two gates together, and the candidate, which has to wait for the reset gate."""
    both = gates.Gates([recurrent_activation, recurrent_activation], units, dtype)
    return both, gates.Gates([activation], units, dtype)


def _thirds(values):
    """Views of update gate, reset gate and candidate."""
    units = values.shape[-1] // 3
    return (values[:, k * units : (k + 1) * units] for k in range(3))


class GRU(RecurrentLayer):
    """Gated recurrent unit, the twin of ``keras.layers.GRU``.

    Parameters
    ----------
    units : int
        Length of the state, at least 1.
    activation : str or ActivationPair
        Of the candidate.
    recurrent_activation : str or ActivationPair
        Of both gates.
    use_bias : bool
    kernel_initializer, recurrent_initializer, bias_initializer : str or Initializer
        Where the weights start.
    return_sequences : bool
        Whether to return the output of every step, or of the last one only.
    return_state : bool
        Whether to return the last state too; the output is a list then.
    go_backwards : bool
        Whether to start with the last step. The outputs are in the order in which they were made.
    reset_after : bool
        Whether the reset gate follows the product with the recurrent kernel, which then has a bias
        of its own, or comes before it as in the paper.
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
    Cho et al. (2014). Learning phrase representations using RNN encoder-decoder for statistical
    machine translation.
    """

    blocks = 3

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        reset_after=True,
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
        self.reset_after = bool(reset_after)

    def create_bias(self, rng, dtype):
        """Return the initial bias, shape (2, 3 units), or (3 units,) without `reset_after`."""
        if not self.reset_after:
            return super().create_bias(rng, dtype)
        return self.bias_initializer((2, 3 * self.units), rng, dtype)

    def run(self, x, states, mask):
        """Call `gru_forward`; return outputs, the last state, and the cache."""
        weights = (self.params.get(key) for key in ("kernel", "recurrent_kernel", "bias"))
        options = self.activation, self.recurrent_activation, self.reset_after
        y, cache = gru_forward(x, *weights, *states, mask, *options)
        return y, [y[:, -1]], cache

    def run_back(self, dy, dstates, cache, truncate):
        """Call `gru_backward`; return dx and grads."""
        return gru_backward(dy, cache, *dstates, truncate)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "recurrent_activation": self.recurrent_activation.name,
            "reset_after": self.reset_after,
        }
