"""Exercises of chapter 04: the chain rule on a graph, in a layer, and through a network."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _sigmoid(z):
    """Return the sigmoid; the wrong answers below need it, too."""
    return 1 / (1 + np.exp(-z))


def _graphs(rng):
    """Return graphs: that of the book, a ladder, and one with a node that leads nowhere."""
    book = {("p", "f"): 8.0, ("v", "p"): 2.0, ("q", "f"): 6.0, ("u", "q"): 1.0}
    book |= {("u", "p"): 3.0, ("p", "q"): 1.0}
    ladder = {(a, b): rng.normal() for a in "abcde" for b in "abcde" if a < b}
    shuffled = [list(ladder)[i] for i in rng.permutation(len(ladder))]
    loose = {("s", "t"): 0.5, ("s", "dead"): -3.0, ("t", "end"): 2.0, ("s", "end"): -1.5}
    return [
        (list("uvpqf"), book),
        (list("abcde"), {arrow: ladder[arrow] for arrow in shuffled}),
        (["s", "dead", "t", "end"], loose),
    ]


@task(
    "backprop.reverse_mode",
    _graphs,
    about="Along a path derivatives multiply, over paths they add, {eq}`eq-backprop-chain-sum`. "
    "Carry them through any graph from its end to its beginning, as in {ref}`sec-backprop-graph`; "
    "the first input of the check is {numref}`fig-backprop-graph`.",
    hints=(
        "Start with 0 for every node and 1 for the last: its derivative by itself.",
        "Go through the nodes backwards. A node is finished when all nodes behind it are.",
        "For each arrow that ends at the node, its tail gains bar[head] * slope. It may gain more.",
    ),
)
def reverse_mode(nodes, slopes):
    """Return the derivative of the last node by every node of a graph.

    Parameters
    ----------
    nodes : list of str
        In the order in which they are computed.
    slopes : dict
        On each arrow, a pair (tail, head), the derivative of the head by the tail; in any order.

    Returns
    -------
    dict of float
        A number for every node; 0 for one that does not lead to the last.
    """
    bar = dict.fromkeys(nodes, 0.0)
    bar[nodes[-1]] = 1.0
    for node in reversed(nodes):
        for (tail, head), slope in slopes.items():
            if head == node:
                bar[tail] += bar[head] * slope
    return bar


def _carry(nodes, order, slopes, use):
    """Return what `use` makes of the bars, node by node in a given order."""
    bar = dict.fromkeys(nodes, 0.0) | {nodes[-1]: 1.0}
    for node in order:
        for (tail, head), slope in slopes.items():
            if head == node:
                bar[tail] = use(bar[tail], bar[head], slope)
    return bar


@reverse_mode.mistake(
    "`=` where `+=` is needed: a node that is used twice keeps only one of its two terms."
)
def _(nodes, slopes):
    return _carry(nodes, reversed(nodes), slopes, lambda old, above, slope: above * slope)


@reverse_mode.mistake(
    "You take the arrows in the order in which they are given. An arrow can be used when the bar "
    "of its head is finished, and not before."
)
def _(nodes, slopes):
    bar = dict.fromkeys(nodes, 0.0) | {nodes[-1]: 1.0}
    for (tail, head), slope in slopes.items():
        bar[tail] += bar[head] * slope
    return bar


@reverse_mode.mistake("This is the forward mode: the derivatives of all nodes by the first.")
def _(nodes, slopes):
    turned = {(head, tail): slope for (tail, head), slope in slopes.items()}
    return _carry(nodes[::-1], nodes, turned, lambda old, above, slope: old + above * slope)


@reverse_mode.mistake(
    "You go from the first node to the last: when a node is used, its own derivative is not there."
)
def _(nodes, slopes):
    return _carry(nodes, nodes, slopes, lambda old, above, slope: old + above * slope)


@task(
    "backprop.sigmoid_unit_gradient",
    lambda rng: [
        (rng.standard_normal(d), rng.standard_normal(d), rng.normal(), y)
        for d, y in ((3, 1.0), (5, 0.0), (2, 0.4))
    ],
    about="The chain rule through a single unit, {eq}`eq-backprop-output` and "
    "{eq}`eq-backprop-weights`. Half the squared error and the sigmoid are not a matched pair: one "
    "factor stays that the rule *prediction minus target* lacks, {ref}`sec-backprop-pairs`.",
    hints=(
        "Three links: from the loss to a, from a to z, from z to the weights. Multiply them.",
        "The derivative of the sigmoid is a (1 - a), with a its output.",
        "delta = (a - y) * a * (1 - a); z contains w[d] with the factor x[d], and b with 1.",
    ),
)
def sigmoid_unit_gradient(x, w, b, y):
    """Return the gradient of (a - y)² / 2 for one unit with a = sigmoid(w · x + b).

    Parameters
    ----------
    x : ndarray, shape (D,)
    w : ndarray, shape (D,)
    b : float
    y : float
        The target.

    Returns
    -------
    tuple of ndarray of shape (D,) and float
        By `w` and by `b`.
    """
    a = 1 / (1 + np.exp(-(x @ w + b)))
    delta = (a - y) * a * (1 - a)
    return delta * x, delta


@sigmoid_unit_gradient.mistake(
    "The derivative of the sigmoid is missing. Prediction minus target is delta for matched pairs."
)
def _(x, w, b, y):
    delta = _sigmoid(x @ w + b) - y
    return delta * x, delta


@sigmoid_unit_gradient.mistake(
    "You put the output into the sigmoid again: a (1 - a) has to be taken at a, not at sigmoid(a)."
)
def _(x, w, b, y):
    a = _sigmoid(x @ w + b)
    delta = (a - y) * _sigmoid(a) * (1 - _sigmoid(a))
    return delta * x, delta


@sigmoid_unit_gradient.mistake(
    "What goes back is the derivative of the loss. You send the loss itself."
)
def _(x, w, b, y):
    a = _sigmoid(x @ w + b)
    delta = (a - y) ** 2 / 2 * a * (1 - a)
    return delta * x, delta


@sigmoid_unit_gradient.mistake(
    "By w the sum z = w · x + b has the derivative x. You multiply by w itself."
)
def _(x, w, b, y):
    a = _sigmoid(x @ w + b)
    delta = (a - y) * a * (1 - a)
    return delta * w, delta


def _functions(rng):
    """Return functions of arrays in which every entry matters for every derivative."""
    made = []
    for shape in ((4,), (2, 3), (3, 2, 2)):
        weights = rng.uniform(0.5, 2, shape)

        def f(x, weights=weights):
            return float(np.sum(weights * np.exp(x)) * (1 + np.sum(x)))

        made.append((f, rng.standard_normal(shape), 1e-3))
    return made


@task(
    "backprop.numerical_gradient",
    _functions,
    about="The judge of every backward pass: the definition of the derivative, one entry at a "
    "time, with steps to both sides, {eq}`eq-backprop-central`. {ref}`sec-backprop-check` derives "
    "how large the step should be.",
    hints=(
        "For each entry: f with that entry raised, minus f with it lowered, divided by their gap.",
        "`for i in np.ndindex(x.shape)` visits the index of every entry, whatever the rank is.",
        "Make step = np.zeros_like(x) anew for each entry, step[i] = h; use x + step and x - step.",
    ),
)
def numerical_gradient(f, x, h):
    """Return the gradient of a function by central differences.

    Parameters
    ----------
    f : callable
        Takes an array like `x`, returns a number.
    x : ndarray of float, any shape
        Must not be changed.
    h : float
        The step, to each side.

    Returns
    -------
    ndarray, shape of `x`
    """
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def _quotients(f, x, quotient):
    """Return `quotient` of a function and of each single direction."""
    directions = np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([quotient(f, x, e) for e in directions]).reshape(x.shape)


@numerical_gradient.mistake(
    "A step to one side only: its error is proportional to h, that of the central one to h squared."
)
def _(f, x, h):
    return _quotients(f, x, lambda f, x, e: (f(x + h * e) - f(x)) / h)


@numerical_gradient.mistake("The two points are 2 h apart. You divide by h.")
def _(f, x, h):
    return _quotients(f, x, lambda f, x, e: (f(x + h * e) - f(x - h * e)) / h)


@numerical_gradient.mistake(
    "After `+= h` you subtract h once, and are back at x. To stand at x - h subtract it twice."
)
def _(f, x, h):
    return _quotients(f, x, lambda f, x, e: (f(x + h * e) - f(x)) / (2 * h))


@numerical_gradient.mistake(
    "`range(len(x))` counts the rows: for a table you move a whole row at once, not an entry."
)
def _(f, x, h):
    gradient = np.zeros_like(x)
    for i in range(len(x)):
        step = np.zeros_like(x)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


@numerical_gradient.mistake(
    "You write into x and do not put an entry back before the next one is moved."
)
def _(f, x, h):
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        gradient[i] = (above - f(x)) / (2 * h)
    return gradient


@task(
    "backprop.dense_backward",
    lambda rng: [
        tuple(rng.standard_normal(shape) for shape in ((n, k), (n, d), (d, k)))
        for n, d, k in ((5, 3, 4), (7, 4, 2), (6, 3, 3))
    ],
    about="All of backpropagation in one layer: it is handed the gradient by its output and "
    "returns those by its input, kernel and bias, {eq}`eq-backprop-batch`. Often the shapes alone "
    "find them for you, {ref}`ex-backprop-shapes`.",
    hints=(
        "Each gradient has the shape of what it is taken by. Which product of two has (D, K)?",
        "Every example contributes to kernel and bias: the contributions are added.",
        "dx is dy times the transposed kernel, dkernel the transposed x times dy.",
    ),
)
def dense_backward(dy, x, kernel):
    """Return the gradients of a dense layer y = x @ kernel + bias.

    Parameters
    ----------
    dy : ndarray, shape (N, K)
        The gradient by the output; holds the 1/N of the loss already.
    x : ndarray, shape (N, D)
        The input of the forward pass.
    kernel : ndarray, shape (D, K)

    Returns
    -------
    tuple of three ndarray, shapes (N, D), (D, K) and (K,)
        By input, kernel and bias.
    """
    return dy @ kernel.T, x.T @ dy, dy.sum(axis=0)


@dense_backward.mistake("The bias gradient is the sum over the batch. You take the mean.")
def _(dy, x, kernel):
    return dy @ kernel.T, x.T @ dy, dy.mean(axis=0)


@dense_backward.mistake("You divide by the batch size. The loss has done that: 1/N enters once.")
def _(dy, x, kernel):
    return dy @ kernel.T, x.T @ dy / len(x), dy.mean(axis=0)


@dense_backward.mistake("The bias gradient is summed over the units. Every unit has its own bias.")
def _(dy, x, kernel):
    return dy @ kernel.T, x.T @ dy, dy.sum(axis=1)


@dense_backward.mistake("The kernel gradient is the other way round: it has the kernel's shape.")
def _(dy, x, kernel):
    return dy @ kernel.T, dy.T @ x, dy.sum(axis=0)


@dense_backward.mistake("The kernel is not transposed in dx: that fits by chance where D = K only.")
def _(dy, x, kernel):
    return dy @ kernel, x.T @ dy, dy.sum(axis=0)


@task(
    "backprop.hidden_delta",
    lambda rng: [
        tuple(rng.standard_normal(shape) for shape in ((n, k), (h, k), (n, h)))
        for n, h, k in ((4, 5, 3), (6, 2, 7), (3, 4, 4))
    ],
    about="The heart of the recursion, {eq}`eq-backprop-recursion` for a batch: what do the units "
    "of a hidden sigmoid layer hear of the loss? The source documents print it wrongly in six "
    "ways, {ref}`sec-backprop-wrong`.",
    hints=(
        "First bring the deltas of the layer above down through its kernel: shape (N, H).",
        "Then multiply, entry by entry, by the derivative of the sigmoid at z. Once.",
    ),
)
def hidden_delta(delta_above, kernel_above, z):
    """Return the deltas of a layer of sigmoid units, the gradient by their pre-activations.

    Parameters
    ----------
    delta_above : ndarray, shape (N, K)
        The deltas of the next layer.
    kernel_above : ndarray, shape (H, K)
        The weights from this layer to the next.
    z : ndarray, shape (N, H)
        The pre-activations of this layer.

    Returns
    -------
    ndarray, shape (N, H)
    """
    a = 1 / (1 + np.exp(-z))
    return (delta_above @ kernel_above.T) * a * (1 - a)


@hidden_delta.mistake("The derivative is in it twice, as in two of the source documents.")
def _(delta_above, kernel_above, z):
    slope = _sigmoid(z) * (1 - _sigmoid(z))
    return (delta_above @ kernel_above.T) * slope * slope


@hidden_delta.mistake("This is the gradient by the activations. To z it is one factor more.")
def _(delta_above, kernel_above, z):
    return delta_above @ kernel_above.T


@hidden_delta.mistake("You take the derivative at the output a. It belongs to z: a (1 - a).")
def _(delta_above, kernel_above, z):
    a = _sigmoid(_sigmoid(z))
    return (delta_above @ kernel_above.T) * a * (1 - a)


@hidden_delta.mistake("You multiply by the activation itself, where its derivative is needed.")
def _(delta_above, kernel_above, z):
    return (delta_above @ kernel_above.T) * _sigmoid(z)


@hidden_delta.mistake(
    "You add up the weights to the next layer and leave out its errors, as a source document does."
)
def _(delta_above, kernel_above, z):
    return kernel_above.sum(axis=1) * _sigmoid(z) * (1 - _sigmoid(z))


@hidden_delta.mistake("z (1 - z) is no derivative: the sigmoid's is a (1 - a) with its output a.")
def _(delta_above, kernel_above, z):
    return (delta_above @ kernel_above.T) * z * (1 - z)
