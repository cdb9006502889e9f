"""Exercises of chapter 08: convolution, pooling, their gradients, the receptive field."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _lengths(rng):
    """Return sizes with and without a remainder, zeros and dilation."""
    return [(6, 3, 0, 2, 1), (28, 5, 4, 1, 1), (224, 11, 3, 4, 1), (17, 3, 1, 2, 4)]


@task(
    "cnn.output_length",
    _lengths,
    about="How many windows lie inside a padded input? {prf:ref}`thm-cnn-size` counts them; you "
    "need it whenever layers have to fit together.",
    hints=(
        "How many places does one window cover, from its first tap to its last?",
        "The reach is r = dilation * (k - 1) + 1. Window i begins at place stride * i.",
        "The last window is the whole number below (n + zeros - r) / stride; they count from 0.",
    ),
)
def output_length(n, k, zeros, stride, dilation):
    """Return how many windows lie inside a padded input.

    Parameters
    ----------
    n : int
        Length of the input.
    k : int
        Taps of the kernel.
    zeros : int
        Added in all, at both ends together.
    stride, dilation : int
        Places between windows, and between taps.

    Returns
    -------
    int
    """
    reach = dilation * (k - 1) + 1
    return (n + zeros - reach) // stride + 1


@output_length.mistake("One window is missing: the first one begins at place 0, and counts too.")
def _(n, k, zeros, stride, dilation):
    return (n + zeros - dilation * (k - 1) - 1) // stride


@output_length.mistake(
    "You round up. A window that sticks out at the end is no window: a remainder is not seen."
)
def _(n, k, zeros, stride, dilation):
    return -(-(n + zeros - dilation * (k - 1) - 1) // stride) + 1


@output_length.mistake("`zeros` is the sum over both ends already; you count it twice.")
def _(n, k, zeros, stride, dilation):
    return (n + 2 * zeros - dilation * (k - 1) - 1) // stride + 1


@output_length.mistake("The dilation is ignored: taps that lie apart make the window longer.")
def _(n, k, zeros, stride, dilation):
    return (n + zeros - k) // stride + 1


def _chains(rng):
    """Return kernel sizes, strides and dilations of chains of layers."""
    return [
        ([3, 3, 3], [1, 1, 1], [1, 1, 1]),
        ([5, 2, 3, 2, 3], [1, 2, 1, 2, 1], [1, 1, 2, 1, 1]),
        ([11, 3], [4, 2], [1, 1]),
        ([3, 3, 3], [3, 2, 1], [1, 1, 3]),
    ]


@task(
    "cnn.receptive_field",
    _chains,
    about="How many input places does one unit see? {prf:ref}`thm-cnn-field` follows two numbers "
    "through the chain, the field and the distance between neighbours.",
    hints=(
        "Keep two numbers, both 1 at the start: the field, and the jump between neighbours.",
        "A layer with k taps reads k - 1 neighbours more, each dilation * jump places further.",
    ),
)
def receptive_field(kernel_sizes, strides, dilations):
    """Return how many input places the last layer of a chain sees, along one axis.

    Parameters
    ----------
    kernel_sizes, strides, dilations : list of int, one entry a layer
        From the first layer to the last.

    Returns
    -------
    int
    """
    field, jump = 1, 1
    for k, stride, dilation in zip(kernel_sizes, strides, dilations, strict=True):
        field += dilation * (k - 1) * jump
        jump *= stride
    return field


def _field(chain, gain, own_stride=False):
    field, jump = 1, 1
    for k, stride, dilation in zip(*chain, strict=True):
        field += gain(k, dilation, jump * stride if own_stride else jump)
        jump *= stride
    return field


@receptive_field.mistake(
    "The stride of a layer already acts in that layer itself. It moves the windows apart for those "
    "that come after."
)
def _(*chain):
    return _field(chain, lambda k, dilation, jump: dilation * (k - 1) * jump, own_stride=True)


@receptive_field.mistake("The strides are ignored: behind a stride of 2 neighbours lie 2 apart.")
def _(*chain):
    return _field(chain, lambda k, dilation, jump: dilation * (k - 1))


@receptive_field.mistake("Each layer adds k - 1 steps, not k: the window's own place is there.")
def _(*chain):
    return _field(chain, lambda k, dilation, jump: dilation * k * jump)


@receptive_field.mistake("The dilation is ignored: taps that lie apart see further.")
def _(*chain):
    return _field(chain, lambda k, dilation, jump: (k - 1) * jump)


def _images(rng):
    """Return batches with kernels, square and not, channels equal to filters and not."""
    shapes = [((2, 5, 6, 3), (3, 3, 3, 4)), ((3, 7, 5, 2), (2, 4, 2, 5))]
    return [
        (rng.standard_normal(x), rng.standard_normal(kernel), rng.standard_normal(kernel[-1]))
        for x, kernel in shapes
    ]


@task(
    "cnn.conv2d",
    _images,
    about="The whole layer, {eq}`eq-cnn-forward`, with stride and dilation 1 and without padding. "
    "{ref}`sec-cnn-layer` reads it as one matrix product for each tap.",
    hints=(
        "Start with zeros of the output's shape, and loop over the taps (a, b) only.",
        "At tap (a, b) all windows together see x[:, a : a + rows, b : b + columns].",
        "That slice @ kernel[a, b], of shape (C, F), is what this tap adds. The bias comes once.",
    ),
)
def conv2d(x, kernel, bias):
    """Return the output of a convolution layer without padding, stride 1.

    Parameters
    ----------
    x : ndarray, shape (N, H, V, C)
    kernel : ndarray, shape (k, l, C, F)
        Taken as it is, not turned.
    bias : ndarray, shape (F,)

    Returns
    -------
    ndarray, shape (N, H - k + 1, V - l + 1, F)
    """
    rows, columns = x.shape[1] - kernel.shape[0] + 1, x.shape[2] - kernel.shape[1] + 1
    y = np.zeros((len(x), rows, columns, len(bias))) + bias
    for a, b in np.ndindex(kernel.shape[:2]):
        y += x[:, a : a + rows, b : b + columns] @ kernel[a, b]
    return y


def _taps(x, kernel, start=0.0):
    """Return what conv2d adds up over the taps, and `start` once for each of them."""
    rows, columns = x.shape[1] - kernel.shape[0] + 1, x.shape[2] - kernel.shape[1] + 1
    taps = np.ndindex(kernel.shape[:2])
    return sum(x[:, a : a + rows, b : b + columns] @ kernel[a, b] + start for a, b in taps)


@conv2d.mistake(
    "The kernel is turned by 180 degrees: that is the convolution of mathematics. The layer takes "
    "it as it is."
)
def _(x, kernel, bias):
    return _taps(x, kernel[::-1, ::-1]) + bias


@conv2d.mistake("Everything is there but the bias.")
def _(x, kernel, bias):
    return _taps(x, kernel)


@conv2d.mistake("The bias is added once for every tap. It belongs to the output, not to a product.")
def _(x, kernel, bias):
    return _taps(x, kernel, bias)


@conv2d.mistake(
    "The last row and the last column of the output stay zero: there are H - k + 1 windows, and a "
    "range leaves out its end."
)
def _(x, kernel, bias):
    y = _taps(x, kernel) + bias
    y[:, -1] = y[:, :, -1] = 0
    return y


def _gradients(rng):
    """Return gradients by an output, with square kernels and as many filters as channels once."""
    shapes = [((2, 4, 5, 3), (3, 3, 3, 3)), ((3, 4, 6, 5), (2, 3, 2, 5))]
    return [(rng.standard_normal(g), rng.standard_normal(kernel)) for g, kernel in shapes]


@task(
    "cnn.conv2d_input_gradient",
    _gradients,
    about="The gradient by the input, {eq}`eq-cnn-dx`, for stride 1 without padding. Each output "
    "gives to the places that it took from; {ref}`sec-cnn-turned` shows that this is a full "
    "correlation with the turned kernel.",
    hints=(
        "The input is longer than the output by k - 1 places along each axis.",
        "Forward, tap (a, b) reads x[:, a : a + rows, b : b + columns]. Backward, it adds there.",
        "What it adds is g @ kernel[a, b].T: from F filters back to C channels.",
    ),
)
def conv2d_input_gradient(g, kernel):
    """Return the gradient of a loss by the input of `conv2d`.

    Parameters
    ----------
    g : ndarray, shape (N, H - k + 1, V - l + 1, F)
        The gradient by the output.
    kernel : ndarray, shape (k, l, C, F)

    Returns
    -------
    ndarray, shape (N, H, V, C)
    """
    n, rows, columns, _ = g.shape
    k, width, channels, _ = kernel.shape
    dx = np.zeros((n, rows + k - 1, columns + width - 1, channels))
    for a, b in np.ndindex(k, width):
        dx[:, a : a + rows, b : b + columns] += g @ kernel[a, b].T
    return dx


def _scatter(g, matrices, add=True):
    """Return what conv2d_input_gradient gives with these matrices, one for each tap."""
    rows, columns, (k, width) = *g.shape[1:3], matrices.shape[:2]
    dx = np.zeros((len(g), rows + k - 1, columns + width - 1, matrices.shape[-1]))
    for a, b in np.ndindex(k, width):
        part = dx[:, a : a + rows, b : b + columns]
        part[...] = g @ matrices[a, b] + (part if add else 0)
    return dx


@conv2d_input_gradient.mistake(
    "The kernel is turned once too often. Either write to the places that were read, with the "
    "kernel as it is, or slide the turned kernel over g."
)
def _(g, kernel):
    return _scatter(g, kernel[::-1, ::-1].swapaxes(2, 3))


@conv2d_input_gradient.mistake(
    "Later taps overwrite what earlier ones left. A place that lies in several windows gets the "
    "sum of their parts."
)
def _(g, kernel):
    return _scatter(g, kernel.swapaxes(2, 3), add=False)


@conv2d_input_gradient.mistake(
    "The matrix of each tap is used as in the forward pass, from channels to filters. Backward it "
    "leads from filters to channels."
)
def _(g, kernel):
    return _scatter(g, kernel)


@conv2d_input_gradient.mistake(
    "Only the windows that lie inside g are counted, so the result is too small. Every window that "
    "touches g counts: a full correlation."
)
def _(g, kernel):
    return _taps(g, kernel[::-1, ::-1].swapaxes(2, 3))


def _pools(rng):
    """Return windows that overlap, that do not, that leave a remainder, and ties."""
    shapes = [((2, 7, 3), 3, 2), ((3, 8, 2), 2, 2), ((1, 6, 4), 4, 1)]
    cases = [(rng.standard_normal(shape), *rest) for shape, *rest in shapes]
    cases.append((rng.integers(0, 2, (2, 9, 3)) * 1.0, 3, 3))
    count = [(x.shape[1] - size) // stride + 1 for x, size, stride in cases]
    return [
        (rng.standard_normal((len(x), m, x.shape[2])), x, *rest)
        for m, (x, *rest) in zip(count, cases, strict=True)
    ]


@task(
    "cnn.max_pool_backward",
    _pools,
    about="Max pooling passes the gradient to the winner of each window, {eq}`eq-cnn-max-back`. "
    "Here along one axis, with windows that may overlap; {ref}`sec-cnn-pooling` says what happens "
    "at a tie.",
    hints=(
        "Loop over the windows. Window i is x[:, i * stride : i * stride + size].",
        "argmax along axis 1 counts from the beginning of the window, not of the signal.",
        "Add dy[:, i] at the winner: an entry that wins twice gets both parts.",
    ),
)
def max_pool_backward(dy, x, size, stride):
    """Return the gradient by the input of max pooling along one axis.

    Parameters
    ----------
    dy : ndarray, shape (N, m, C)
        The gradient by the output, m windows.
    x : ndarray, shape (N, n, C)
        The input; of equal largest entries of a window the first is the winner.
    size, stride : int

    Returns
    -------
    ndarray, shape (N, n, C)
    """
    dx = np.zeros_like(x)
    example, channel = np.ogrid[: x.shape[0], : x.shape[2]]
    for i in range(dy.shape[1]):
        start = i * stride
        winner = start + x[:, start : start + size].argmax(axis=1)
        dx[example, winner, channel] += dy[:, i]
    return dx


def _to_winners(dy, x, size, stride, add=True, shift=1):
    dx = np.zeros_like(x)
    example, channel = np.ogrid[: x.shape[0], : x.shape[2]]
    for i in range(dy.shape[1]):
        winner = shift * i * stride + x[:, i * stride : i * stride + size].argmax(axis=1)
        dx[example, winner, channel] = dy[:, i] + add * dx[example, winner, channel]
    return dx


def _to_windows(dy, x, size, stride, part):
    """Add what part(window, gradient) gives, of the window's shape, window by window."""
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        places = slice(i * stride, i * stride + size)
        dx[:, places] += part(x[:, places], dy[:, i : i + 1])
    return dx


@max_pool_backward.mistake(
    "An entry that is the largest of two windows keeps only the part of the last one: `=` where "
    "`+=` is needed."
)
def _(dy, x, size, stride):
    return _to_winners(dy, x, size, stride, add=False)


@max_pool_backward.mistake(
    "The place of the winner is counted from the beginning of its window. Add where it starts."
)
def _(dy, x, size, stride):
    return _to_winners(dy, x, size, stride, shift=0)


@max_pool_backward.mistake(
    "At a tie every one of the largest entries gets the whole gradient, more than came in. Only "
    "the first is the winner."
)
def _(dy, x, size, stride):
    return _to_windows(dy, x, size, stride, lambda w, g: (w == w.max(axis=1, keepdims=True)) * g)


@max_pool_backward.mistake(
    "Every entry of a window gets the same share: that is the backward pass of average pooling."
)
def _(dy, x, size, stride):
    return _to_windows(dy, x, size, stride, lambda w, g: np.ones_like(w) * g / size)


@max_pool_backward.mistake(
    "Every entry of a window gets the whole gradient. Only the largest one had a say in the output."
)
def _(dy, x, size, stride):
    return _to_windows(dy, x, size, stride, lambda w, g: np.ones_like(w) * g)
