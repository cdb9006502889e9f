"""What the pages draw more than once; the only module that imports matplotlib.

Every function takes an optional ``ax`` and returns the axes it drew on. Every string that appears
in a figure goes through `label`, so that a translated edition needs no other code.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

__all__ = [
    "COLOURS",
    "contours",
    "curves",
    "decision_regions",
    "flow",
    "histograms",
    "image_grid",
    "label",
    "matrix",
    "panels",
    "points",
    "set_labels",
    "use_style",
]

#: Okabe and Ito's colours that stay apart for colour-blind readers, darkest contrast first.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#AA4499", "#555555", "#E69F00", "#56B4E9")

_LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_SIGNS = ("+", "×")
_translations: dict[str, str] = {}


def label(text):
    """Return `text` in the language of the edition; unknown strings come back unchanged."""
    return _translations.get(text, text)


def set_labels(table):
    """Replace the translations that `label` looks up.

    Parameters
    ----------
    table : dict of str to str
        English string to translated string; an empty dict restores English.
    """
    _translations.clear()
    _translations.update(table)


def use_style():
    """Set matplotlib's defaults for the pages: size, resolution, colours with line styles."""
    plt.rcParams.update(
        {
            "figure.figsize": (6.4, 3.6),
            "figure.dpi": 110,
            "savefig.dpi": 110,
            "figure.constrained_layout.use": True,
            "font.size": 10,
            "axes.grid": True,
            "grid.alpha": 0.3,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": plt.cycler(color=COLOURS) + plt.cycler(linestyle=_LINES),
            "image.cmap": "gray_r",
            "lines.linewidth": 1.8,
            "legend.frameon": False,
        }
    )


def panels(columns, rows=1, *, width=3.2, height=2.9, **options):
    """Return a figure's axes as a flat array of `rows` times `columns` panels.

    Parameters
    ----------
    columns, rows : int
    width, height : float
        Size of one panel in inches.
    **options
        Passed to ``plt.subplots``, for example ``sharey=True``.

    Returns
    -------
    ndarray of Axes, shape (rows * columns,)
    """
    _, axes = plt.subplots(
        rows, columns, figsize=(width * columns, height * rows), squeeze=False, **options
    )
    return axes.ravel()


def curves(x, series, *, xlabel, ylabel, title=None, ax=None, legend=True, **options):
    """Draw one line for each named series.

    Parameters
    ----------
    x : array_like, shape (points,), or None
        Shared horizontal values; None counts from 1 (steps or epochs).
    series : dict of str to array_like, each shape (points,)
    xlabel, ylabel, title : str
    ax : Axes, optional
    legend : bool
        Name the series; left out for a single unnamed line.
    **options
        Passed to ``ax.plot``.
    """
    ax = plt.subplots()[1] if ax is None else ax
    for name, y in series.items():
        y = np.asarray(y)
        at = np.arange(1, len(y) + 1) if x is None else x
        ax.plot(at, y, label=label(name), **options)
    ax.set(xlabel=label(xlabel), ylabel=label(ylabel))
    if title is not None:
        ax.set_title(label(title))
    if legend:
        ax.legend()
    return ax


def flow(boxes, arrows, *, ax=None, width=6.4, height=3.0):
    """Draw named boxes with arrows between them: what is computed from what.

    Parameters
    ----------
    boxes : dict of str to (x, y, text)
        Place of the middle and what is written; ``"+"`` and ``"×"`` get a circle.
    arrows : sequence of (start, end), (start, end, text) or (start, end, text, bend)
        Names of two boxes, what is written beside the arrow, and by which part of its length it
        leaves the straight line, to the right of its direction.
    width, height : float
        Size in inches of a new figure.
    """
    ax = plt.subplots(figsize=(width, height))[1] if ax is None else ax
    edges = {}
    for name, (x, y, text) in boxes.items():
        shape = "circle,pad=0.25" if text in _SIGNS else "round,pad=0.35"
        fill = {"boxstyle": shape, "facecolor": "#E8F1F8", "edgecolor": COLOURS[0]}
        drawn = ax.text(x, y, label(text), ha="center", va="center", bbox=fill, zorder=3)
        edges[name] = drawn.get_bbox_patch()
    for start, end, *rest in arrows:
        text, bend = (*rest, *("", 0.0)[len(rest) :])
        tail, head = np.array(boxes[start][:2]), np.array(boxes[end][:2])
        line = {"arrowstyle": "->", "color": COLOURS[4], "shrinkA": 0, "shrinkB": 1}
        line |= {"patchA": edges[start], "patchB": edges[end]}
        line |= {"connectionstyle": f"arc3,rad={bend}"}
        ax.annotate("", head, tail, arrowprops=line)
        middle = (tail + head) / 2 + bend / 2 * np.array([1, -1]) * (head - tail)[::-1]
        beside = {"xytext": (3, 2), "textcoords": "offset points", "color": COLOURS[4]}
        ax.annotate(label(text), middle, fontsize=9, **beside)
    places = np.array([place[:2] for place in boxes.values()], dtype=float)
    (left, low), (right, high) = places.min(axis=0), places.max(axis=0)
    ax.set(xlim=(left - 0.5, right + 0.5), ylim=(low - 0.4, high + 0.4))
    ax.axis("off")
    return ax


def histograms(samples, *, xlabel, bins=40, ax=None, title=None):
    """Draw the density of each named sample as an outline.

    Parameters
    ----------
    samples : dict of str to array_like
        Values of any shape; they are flattened.
    bins : int or sequence
        As for ``numpy.histogram``.
    """
    ax = plt.subplots()[1] if ax is None else ax
    for (name, values), style in zip(samples.items(), _LINES, strict=False):
        ax.hist(
            np.ravel(values), bins, density=True, histtype="step", label=label(name),
            linestyle=style, linewidth=1.6,
        )  # fmt: skip
    ax.set(xlabel=label(xlabel), ylabel=label("density"))
    if title is not None:
        ax.set_title(label(title))
    if len(samples) > 1:
        ax.legend()
    return ax


def points(x, y=None, *, ax=None, names=None, xlabel="x1", ylabel="x2", size=18):
    """Scatter points in the plane, one colour and marker for each label.

    Parameters
    ----------
    x : array_like, shape (n, 2)
    y : array_like of int, shape (n,), optional
        Labels; without them all points look alike.
    names : sequence of str, optional
        Legend entry of each label, in ascending order of label.
    """
    ax = plt.subplots(figsize=(4, 3.6))[1] if ax is None else ax
    x = np.asarray(x)
    y = np.zeros(len(x), dtype=int) if y is None else np.ravel(y)
    for k, value in enumerate(np.unique(y)):
        ax.scatter(
            *x[y == value].T, s=size, color=COLOURS[k % len(COLOURS)],
            marker=_MARKERS[k % len(_MARKERS)], edgecolors="white", linewidths=0.5, zorder=3,
            label=None if names is None else label(names[k]),
        )  # fmt: skip
    ax.set(xlabel=label(xlabel), ylabel=label(ylabel))
    if names is not None:
        ax.legend()
    return ax


def decision_regions(predict, x, y, *, ax=None, steps=160, margin=0.5, names=None, title=None):
    """Colour the plane by the class that `predict` gives, with the data on top.

    Parameters
    ----------
    predict : callable
        Maps an array of shape (m, 2) to labels of shape (m,).
    x : array_like, shape (n, 2)
    y : array_like of int, shape (n,)
    steps : int
        Grid points along each axis.
    margin : float
        How far the picture reaches beyond the data, in data units.
    """
    ax = plt.subplots(figsize=(4, 3.6))[1] if ax is None else ax
    x, y = np.asarray(x), np.ravel(y)
    low, high = x.min(axis=0) - margin, x.max(axis=0) + margin
    first, second = (np.linspace(low[i], high[i], steps) for i in range(2))
    grid = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    classes = np.unique(y)
    region = np.searchsorted(classes, np.ravel(predict(grid))).reshape(steps, steps)
    ax.pcolormesh(
        first, second, region, cmap=ListedColormap(COLOURS[: len(classes)]), alpha=0.22,
        vmin=0, vmax=max(len(classes) - 1, 1), rasterized=True,
    )  # fmt: skip
    points(x, y, ax=ax, names=names)
    ax.grid(False)
    if title is not None:
        ax.set_title(label(title))
    return ax


def contours(f, xlim, ylim, *, ax=None, steps=200, levels=18, log=False, xlabel="x1", ylabel="x2"):
    """Draw level lines of a function of two variables.

    Parameters
    ----------
    f : callable
        Maps two arrays of shape (steps, steps) to one of the same shape.
    xlim, ylim : tuple of two floats
    levels : int
        Number of lines.
    log : bool
        Space the lines by the logarithm of the value, for steep surfaces; values must be positive.
    """
    ax = plt.subplots(figsize=(4.6, 3.8))[1] if ax is None else ax
    first, second = np.meshgrid(np.linspace(*xlim, steps), np.linspace(*ylim, steps))
    value = f(first, second)
    if log:
        levels = np.geomspace(max(value.min(), value.max() * 1e-6), value.max(), levels)
    ax.contour(first, second, value, levels=levels, cmap="viridis", linewidths=0.8)
    ax.set(xlabel=label(xlabel), ylabel=label(ylabel), xlim=xlim, ylim=ylim)
    ax.grid(False)
    return ax


def image_grid(images, *, titles=None, columns=8, size=1.1, cmap="gray_r", symmetric=False):
    """Show small images side by side.

    Parameters
    ----------
    images : array_like, shape (n, height, width) or (n, height, width, 3)
    titles : sequence of str, optional
    size : float
        Width of one image in inches.
    symmetric : bool
        Centre the colour scale at 0, for weights; pass a diverging `cmap` such as ``"RdBu"``.
    """
    images = np.asarray(images)
    rows = -(-len(images) // columns)
    extra = 0.28 if titles is not None else 0.0
    axes = panels(columns, rows, width=size, height=size + extra)
    limit = np.abs(images).max() if symmetric else None
    for k, ax in enumerate(axes):
        ax.axis("off")
        if k < len(images):
            vmin, vmax = (-limit, limit) if symmetric else (images.min(), images.max())
            ax.imshow(images[k], cmap=cmap, vmin=vmin, vmax=vmax)
            if titles is not None:
                ax.set_title(label(titles[k]), fontsize=8, pad=2)
    return axes


def matrix(values, *, xlabel, ylabel, ax=None, ticks=None, fmt="d", title=None):
    """Show a matrix as shaded cells with its numbers in them, for example a confusion matrix.

    Parameters
    ----------
    values : array_like, shape (rows, columns)
    ticks : sequence of str, optional
        Names of both the rows and the columns.
    fmt : str
        Format of each number.
    """
    values = np.asarray(values)
    side = 0.42 * max(values.shape) + 1.2
    ax = plt.subplots(figsize=(side, side))[1] if ax is None else ax
    ax.imshow(values, cmap="Blues", vmin=0)
    for (row, column), value in np.ndenumerate(values):
        dark = value > 0.6 * values.max()
        ax.text(
            column, row, format(value, fmt), ha="center", va="center", fontsize=8,
            color="white" if dark else "black",
        )  # fmt: skip
    ax.set(xlabel=label(xlabel), ylabel=label(ylabel))
    ax.set_xticks(range(values.shape[1]), None if ticks is None else map(label, ticks))
    ax.set_yticks(range(values.shape[0]), None if ticks is None else map(label, ticks))
    ax.grid(False)
    if title is not None:
        ax.set_title(label(title))
    return ax
