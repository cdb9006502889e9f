"""Exercises of chapter 09: steps of recurrent layers, and the gradient through time."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


def _drawn(rng, *shapes):
    return tuple(rng.standard_normal(shape) for shape in shapes)


def _elman_steps(rng):
    """Return an input, a state and weights; once with as many features as units."""
    sizes = [(4, 3, 5), (2, 4, 4)]
    return [_drawn(rng, (N, D), (N, n), (D, n), (n, n), (n,)) for N, D, n in sizes]


@task(
    "rnn.elman_step",
    _elman_steps,
    about="The new state from the new input and the old state, {eq}`eq-rnn-step`, here for a batch "
    "whose examples are rows: the column vectors of the equation are transposed.",
    hints=(
        "Three things are added up before the activation.",
        "With examples as rows they are x @ kernel, h @ recurrent_kernel and the bias.",
    ),
)
def elman_step(x, h, kernel, recurrent_kernel, bias):
    """Return the next state of a simple recurrent layer with tanh.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    h : ndarray, shape (N, n)
        The state before this step.
    kernel : ndarray, shape (D, n)
    recurrent_kernel : ndarray, shape (n, n)
    bias : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (N, n)
    """
    return np.tanh(x @ kernel + h @ recurrent_kernel + bias)


@elman_step.mistake("That is the pre-activation. The state is what tanh makes of it.")
def _(x, h, kernel, recurrent_kernel, bias):
    return x @ kernel + h @ recurrent_kernel + bias


@elman_step.mistake("The old state is not used, so nothing is remembered: a dense layer.")
def _(x, h, kernel, recurrent_kernel, bias):
    return np.tanh(x @ kernel + bias)


@elman_step.mistake(
    "The recurrent kernel is transposed. The U with a T of the equation is for columns; here the "
    "examples are rows."
)
def _(x, h, kernel, recurrent_kernel, bias):
    return np.tanh(x @ kernel + h @ recurrent_kernel.T + bias)


@elman_step.mistake("The activation is taken of each part alone. Add first, then apply tanh once.")
def _(x, h, kernel, recurrent_kernel, bias):
    return np.tanh(x @ kernel + bias) + np.tanh(h @ recurrent_kernel)


def _sequences(rng):
    """Return sequences and weights; once with as many steps as examples."""
    sizes = [(3, 6, 2, 4), (4, 4, 3, 5)]
    return [_drawn(rng, (N, T, D), (D, n), (n, n), (n,)) for N, T, D, n in sizes]


@task(
    "rnn.elman_states",
    _sequences,
    about="Unroll the layer in time: the same step with the same weights again and again, and the "
    "state handed on. {ref}`sec-rnn-elman` does so, starting from the state zero.",
    hints=(
        "Loop over axis 1 of x, the steps. All examples take each step together.",
        "Collect the state after each step, and put them together with np.stack along axis 1.",
    ),
)
def elman_states(x, kernel, recurrent_kernel, bias):
    """Return the states of a simple recurrent layer after every step.

    Parameters
    ----------
    x : ndarray, shape (N, T, D)
    kernel : ndarray, shape (D, n)
    recurrent_kernel : ndarray, shape (n, n)
    bias : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (N, T, n)
        The first state is that after the first step; the one before it is zero.
    """
    h, states = np.zeros((len(x), len(bias))), []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ kernel + h @ recurrent_kernel + bias)
        states.append(h)
    return np.stack(states, axis=1)


@elman_states.mistake("The state is not handed on: every step starts from zero again.")
def _(x, kernel, recurrent_kernel, bias):
    return np.tanh(x @ kernel + bias)


@elman_states.mistake("Only the last state is returned. All of them are wanted, one for each step.")
def _(x, kernel, recurrent_kernel, bias):
    return elman_states.reference(x, kernel, recurrent_kernel, bias)[:, -1]


@elman_states.mistake(
    "You return the state from before each step: zero comes first, and the last one is missing."
)
def _(x, kernel, recurrent_kernel, bias):
    states = elman_states.reference(x, kernel, recurrent_kernel, bias)
    return np.concatenate([np.zeros_like(states[:, :1]), states[:, :-1]], axis=1)


@elman_states.mistake("You go along the examples as if they were steps. Time is axis 1 of x.")
def _(x, *weights):
    return elman_states.reference(x.swapaxes(0, 1), *weights).swapaxes(0, 1)


def _lstm_steps(rng):
    sizes = [(4, 3, 5), (2, 4, 3)]
    return [
        _drawn(rng, (N, D), (N, n), (N, n), (D, 4 * n), (n, 4 * n), (4 * n,)) for N, D, n in sizes
    ]


@task(
    "rnn.lstm_step",
    _lstm_steps,
    about="One step of an LSTM, {eq}`eq-rnn-lstm-gates` to {eq}`eq-rnn-lstm-output`. The four "
    "blocks stand side by side in Keras' order: input gate, forget gate, candidate, output gate.",
    hints=(
        "All four pre-activations are one product; np.split(z, 4, axis=-1) takes them apart.",
        "Three of them go through the sigmoid, the candidate through tanh.",
        "Keep a part of the old cell, write a part of the candidate, then show a part of its tanh.",
    ),
)
def lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    """Return the next hidden state and cell state of an LSTM.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    h, c : ndarray, shape (N, n)
        Hidden state and cell state before this step.
    kernel : ndarray, shape (D, 4 n)
        Blocks in the order i, f, c, o.
    recurrent_kernel : ndarray, shape (n, 4 n)
    bias : ndarray, shape (4 n,)

    Returns
    -------
    h : ndarray, shape (N, n)
    c : ndarray, shape (N, n)
    """
    z = x @ kernel + h @ recurrent_kernel + bias
    z_i, z_f, z_c, z_o = np.split(z, 4, axis=-1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (z_i, z_f, z_o))
    c = f * c + i * np.tanh(z_c)
    return o * np.tanh(c), c


def _lstm(arguments, order="ifco", candidate=np.tanh, show=np.tanh):
    """Return h, c and the output gate, with the blocks in another order or other functions."""
    x, h, c, kernel, recurrent_kernel, bias = arguments
    z = np.split(x @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
    block = dict(zip(order, z, strict=True))
    i, f, o = (_sigmoid(block[name]) for name in "ifo")
    c = f * c + i * candidate(block["c"])
    return o * show(c), c, o


@lstm_step.mistake(
    "The last two blocks are exchanged: in Keras' order the candidate comes third, the output gate "
    "last."
)
def _(x, h, c, kernel, recurrent_kernel, bias):
    return _lstm((x, h, c, kernel, recurrent_kernel, bias), "ifoc")[:2]


@lstm_step.mistake(
    "Input gate and forget gate are exchanged: the first block decides what is written, the second "
    "what is kept."
)
def _(x, h, c, kernel, recurrent_kernel, bias):
    return _lstm((x, h, c, kernel, recurrent_kernel, bias), "fico")[:2]


@lstm_step.mistake("The candidate is no gate: it lies between -1 and 1, not between 0 and 1.")
def _(x, h, c, kernel, recurrent_kernel, bias):
    return _lstm((x, h, c, kernel, recurrent_kernel, bias), candidate=_sigmoid)[:2]


@lstm_step.mistake("The cell state is right, but it is shown as it is: tanh comes before the gate.")
def _(x, h, c, kernel, recurrent_kernel, bias):
    return _lstm((x, h, c, kernel, recurrent_kernel, bias), show=lambda c: c)[:2]


@lstm_step.mistake("The hidden state shows the old cell state; it must show the new one.")
def _(x, h, c, kernel, recurrent_kernel, bias):
    _, new, o = _lstm((x, h, c, kernel, recurrent_kernel, bias))
    return o * np.tanh(c), new


@lstm_step.mistake("The two results are exchanged: hidden state first, then cell state.")
def _(x, h, c, kernel, recurrent_kernel, bias):
    return _lstm((x, h, c, kernel, recurrent_kernel, bias))[1::-1]


def _gru_steps(rng):
    sizes = [(4, 3, 5), (2, 4, 3)]
    return [_drawn(rng, (N, D), (N, n), (D, 3 * n), (n, 3 * n), (2, 3 * n)) for N, D, n in sizes]


@task(
    "rnn.gru_step",
    _gru_steps,
    about="One step of a GRU as Keras computes it by default, {eq}`eq-rnn-gru-gates`, "
    "{eq}`eq-rnn-gru-after` and {eq}`eq-rnn-gru-state`: the reset gate scales a product, not the "
    "state, and there are two biases.",
    hints=(
        "Keep the products apart: x @ kernel + bias[0] and h @ recurrent_kernel + bias[1].",
        "Split both in three. Update and reset gate are the sigmoid of the sum of their parts.",
        "In the candidate the reset gate multiplies the whole part that comes from h, bias too.",
    ),
)
def gru_step(x, h, kernel, recurrent_kernel, bias):
    """Return the next state of a GRU whose reset gate acts after the product.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    h : ndarray, shape (N, n)
    kernel : ndarray, shape (D, 3 n)
        Blocks in the order update, reset, candidate.
    recurrent_kernel : ndarray, shape (n, 3 n)
    bias : ndarray, shape (2, 3 n)
        The first row is added to the product with x, the second to that with h.

    Returns
    -------
    ndarray, shape (N, n)
    """
    from_x = np.split(x @ kernel + bias[0], 3, axis=-1)
    from_h = np.split(h @ recurrent_kernel + bias[1], 3, axis=-1)
    update = 1 / (1 + np.exp(-from_x[0] - from_h[0]))
    reset = 1 / (1 + np.exp(-from_x[1] - from_h[1]))
    candidate = np.tanh(from_x[2] + reset * from_h[2])
    return update * h + (1 - update) * candidate


def _gru(x, h, kernel, recurrent_kernel, bias, order=(0, 1)):
    """Return update gate, reset gate, and the candidate's parts from x and from h."""
    from_x = np.split(x @ kernel + bias[0], 3, axis=-1)
    from_h = np.split(h @ recurrent_kernel + bias[1], 3, axis=-1)
    update, reset = (_sigmoid(from_x[k] + from_h[k]) for k in order)
    return update, reset, from_x[2], from_h[2]


@gru_step.mistake(
    "Keeping and writing are exchanged. In this book, as in Keras, an update gate near 1 keeps."
)
def _(x, h, kernel, recurrent_kernel, bias):
    update, reset, a, b = _gru(x, h, kernel, recurrent_kernel, bias)
    return (1 - update) * h + update * np.tanh(a + reset * b)


@gru_step.mistake("Update gate and reset gate are exchanged: the first block is the update gate.")
def _(x, h, kernel, recurrent_kernel, bias):
    update, reset, a, b = _gru(x, h, kernel, recurrent_kernel, bias, (1, 0))
    return update * h + (1 - update) * np.tanh(a + reset * b)


@gru_step.mistake(
    "The reset gate scales the state before the product: the variant of the paper. Here it scales "
    "the product, with its bias."
)
def _(x, h, kernel, recurrent_kernel, bias):
    update, reset, a, _ = _gru(x, h, kernel, recurrent_kernel, bias)
    n = h.shape[1]
    b = (reset * h) @ recurrent_kernel[:, 2 * n :] + bias[1, 2 * n :]
    return update * h + (1 - update) * np.tanh(a + b)


@gru_step.mistake("The candidate's bias from h stands outside the reset gate, which scales it.")
def _(x, h, kernel, recurrent_kernel, bias):
    update, reset, a, b = _gru(x, h, kernel, recurrent_kernel, bias)
    outside = bias[1, 2 * h.shape[1] :]
    return update * h + (1 - update) * np.tanh(a + reset * (b - outside) + outside)


def _histories(rng):
    """Return states of a tanh network, gradients from above, and a recurrent kernel."""
    cases = []
    for T, n in [(5, 3), (8, 4)]:
        x, U, d = _drawn(rng, (T, n), (n, n), (T, n))
        h = np.zeros((T + 1, n))
        for t in range(T):
            h[t + 1] = np.tanh(x[t] + h[t] @ U)
        cases.append((h, d, U))
    return cases


@task(
    "rnn.recurrent_gradient",
    _histories,
    about="Backpropagation through time for one sequence: {eq}`eq-rnn-state-gradient` and "
    "{eq}`eq-rnn-delta` in turn, from the last step to the first, and the sum for U in "
    "{eq}`eq-rnn-weight-gradient`.",
    hints=(
        "Loop t from T down to 1. Keep delta of the step behind; it is zero at the start.",
        "g = d[t - 1] + U @ delta, then delta = (1 - h[t] ** 2) * g.",
        "Each step adds the outer product of the state before it, h[t - 1], with its delta.",
    ),
)
def recurrent_gradient(h, d, U):
    """Return the gradient of a loss by the recurrent kernel of a tanh network.

    Parameters
    ----------
    h : ndarray, shape (T + 1, n)
        The states; h[0] is the one before the first step.
    d : ndarray, shape (T, n)
        What the output of step t alone contributes to the gradient by h[t] is d[t - 1].
    U : ndarray, shape (n, n)
        With z[t] = ... + h[t - 1] @ U.

    Returns
    -------
    ndarray, shape (n, n)
    """
    gradient, delta = np.zeros_like(U), np.zeros(len(U))
    for t in range(len(d), 0, -1):
        g = d[t - 1] + U @ delta
        delta = (1 - h[t] ** 2) * g
        gradient += np.outer(h[t - 1], delta)
    return gradient


def _back(h, d, U, before=1, slope_at=0, step=None):
    """Return the gradient, with the slope (None: without) and the factor at other states."""
    gradient, delta = np.zeros_like(U), np.zeros(len(U))
    for t in range(len(d), 0, -1):
        slope = 1 if slope_at is None else 1 - h[t - slope_at] ** 2
        delta = slope * (d[t - 1] + (U if step is None else step) @ delta)
        gradient += np.outer(h[t - before], delta)
    return gradient


@recurrent_gradient.mistake(
    "U is transposed on the way back. Forward it stands as h @ U, so backward it is U @ delta."
)
def _(h, d, U):
    return _back(h, d, U, step=U.T)


@recurrent_gradient.mistake(
    "Each delta meets the state of its own step. What U was multiplied by is the state before it."
)
def _(h, d, U):
    return _back(h, d, U, before=0)


@recurrent_gradient.mistake("The slope of tanh is missing: delta is g times 1 - h[t] ** 2.")
def _(h, d, U):
    return _back(h, d, U, slope_at=None)


@recurrent_gradient.mistake(
    "Nothing is handed back in time: every step only sees its own output, as if truncated after "
    "one step."
)
def _(h, d, U):
    return _back(h, d, U, step=np.zeros_like(U))


@recurrent_gradient.mistake(
    "The slope of tanh is taken at the state before the step. It belongs to the state after it."
)
def _(h, d, U):
    return _back(h, d, U, slope_at=1)
