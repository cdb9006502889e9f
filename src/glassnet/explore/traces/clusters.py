"""K-means, one assignment and one move at a time; and a direction turned by hand, for PCA."""

from __future__ import annotations

import numpy as np

from glassnet import data
from glassnet._validation import one_of
from glassnet.explore.trace import Trace, range_control, select
from glassnet.unsupervised import kmeans_plus_plus, lloyd, principal_components

__all__ = ["clusters_picture", "clusters_trace"]

CENTRES = ((-2.1, -1.1), (1.8, -1.4), (-1.7, 1.3), (2.2, 1.1))
VIEWS = ("kmeans", "pca")

#: Examples to start from that end in a local minimum, for each number of clusters.
BAD_STARTS = {2: (34, 8), 3: (24, 12, 18), 4: (21, 39, 25, 41)}

TEXT = {
    "en": {
        "title": "K-means step by step, and the direction of largest variance",
        "alt": (
            "Left and middle: four clouds of points and four centres. From a good start each "
            "cloud gets a centre of its own; from a bad one two centres share a cloud and another "
            "has two clouds. Right: the inertia falls with every step, but from the bad start it "
            "stops at more than twice the height."
        ),
        "hint": (
            "Play both starts to the end: no step ever raises the inertia, so why do they differ? "
            "Then choose the principal components and turn the line: where is the variance of the "
            "projections largest, and what happens to the rest?"
        ),
        "table": ["quantity", "x₁", "x₂", "points", "inertia or variance"],
        "view": "Show",
        "kmeans": "k-means",
        "pca": "principal components",
        "k": "clusters k",
        "start": "Start",
        "plus": "k-means++",
        "bad": "a bad start",
        "angle": "direction in degrees",
        "plane": "points, centres and distances",
        "falling": "the inertia after each step",
        "turning": "the variance in every direction",
        "x1": "x₁",
        "x2": "x₂",
        "step_axis": "step",
        "inertia": "inertia",
        "variance": "variance",
        "other": "the other start ends at {other}",
        "cluster": "cluster {j}",
        "whole": "all together",
        "along": "along the line",
        "across": "across",
        "first": "first component",
        "say_start": "Step 0: {k} of the points are the first centres.",
        "say_assign": (
            "Assign: each point to the nearest centre, {n} of them to another than before. The "
            "inertia is {now}."
        ),
        "say_move": "Move: each centre goes to the mean of its points. The inertia is {now}.",
        "say_end": (
            "No point gets another centre: the end, with {now}. From the other start: {other}."
        ),
        "say_cloud": (
            "The cloud varies by {total} in all: the variances along any two directions at a "
            "right angle add up to this."
        ),
        "say_project": "Projected on the line at {angle}°, the points have a variance of {along}.",
        "say_rest": (
            "The way to the line is what the projection loses: a variance of {across}. With the "
            "{along} that is kept it makes {total}."
        ),
        "say_best": (
            "Most is kept at {best}°, along the first component: {first}. Your line keeps {along}."
        ),
    }
}  # fmt: skip


def clusters_trace(view="kmeans", seed=1):
    """Run Lloyd's algorithm for two to four clusters from two starts, and find the components.

    Parameters
    ----------
    view : str
        What is shown first, "kmeans" or "pca".
    seed : int
        Of k-means++; the points are always the same.

    Returns
    -------
    Trace
    """
    one_of(view, VIEWS, "view")
    x = blobs()
    cloud = correlated()
    _, components, variances = principal_components(cloud)
    return Trace(
        "clusters",
        text=TEXT,
        static={
            "x": x,
            "runs": {
                f"{k} {start}": run(x, first)
                for k in BAD_STARTS
                for start, first in starts(x, k, seed).items()
            },
            "cloud": cloud,
            "component": components[0],
            "variance": variances[0],
            "best": np.rad2deg(np.arctan2(components[0, 1], components[0, 0])),
        },
        frames=[],
        controls=[
            select("view", "view", view, {name: name for name in VIEWS}),
            range_control("k", "k", 4, values=list(BAD_STARTS)),
            select("start", "start", "bad", {"plus": "plus", "bad": "bad"}),
            range_control("angle", "angle", 120, 0, 175, 5),
        ],
        digits=9,
    )


def blobs():
    """Return 48 points in four clouds, shape (48, 2), rounded to 0.01."""
    return data.make_blobs(48, 0.5, np.random.default_rng(1), CENTRES)[0].round(2)


def correlated():
    """Return 32 points that vary most in one direction, shape (32, 2), mean 0 but for rounding."""
    rng = np.random.default_rng(4)
    cloud = rng.standard_normal((32, 2)) * (1.7, 0.55)
    turn = np.deg2rad(33)
    cloud = cloud @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    return (cloud - cloud.mean(axis=0)).round(2)


def starts(x, k, seed):
    """Return the initial centres of both starts, each of shape (k, 2)."""
    plus, _ = kmeans_plus_plus(x, k, np.random.default_rng(seed))
    return {"plus": plus, "bad": x[list(BAD_STARTS[k])]}


def run(x, first):
    """Run Lloyd's algorithm and keep its centres and, as digits, the cluster of every point.

    Parameters
    ----------
    x : ndarray, shape (n, 2)
    first : ndarray, shape (k, 2)

    Returns
    -------
    dict
        ``"centres"``, those of each step; ``"labels"``, given these centres; of the last step the
        labels are those before it, which is why it was the last.
    """
    steps = []
    lloyd(x, first, tol=0, on_step=lambda step, c, labels, inertia: steps.append((c, labels)))
    steps.pop()  # nothing has moved any more
    return {
        "centres": [centres for centres, _ in steps],
        "labels": ["".join(map(str, labels)) for _, labels in steps],
    }


def clusters_picture(trace):
    """Draw where both starts end with four clusters, and how the inertia falls."""
    from glassnet import plots

    static, ends, curves = trace["static"], [], {}
    x = np.array(static["x"])
    for start in ("plus", "bad"):
        steps = static["runs"][f"4 {start}"]
        labels = [np.array([int(c) for c in text]) for text in steps["labels"]]
        centres = [np.array(each) for each in steps["centres"]]
        ends.append((labels[-1], centres[-1]))
        curves[start] = [np.sum((x - c[own]) ** 2) for c, own in zip(centres, labels, strict=True)]
    axes = plots.panels(3, width=3.1, height=2.8)
    for ax, start, (labels, centres) in zip(axes, curves, ends, strict=False):
        plots.points(x, labels, ax=ax, xlabel=trace.text("x1"), ylabel=trace.text("x2"))
        ax.plot(*centres.T, "kX", markersize=9, zorder=4)
        ax.set_title(plots.label(trace.text(start)))
    for style, (start, values) in zip(("o-", "s--"), curves.items(), strict=True):
        axes[2].plot(values, style, label=plots.label(trace.text(start)))
    axes[2].set(
        xlabel=plots.label(trace.text("step_axis")), ylabel=plots.label(trace.text("inertia")),
        ylim=(0, None),
    )  # fmt: skip
    axes[2].legend()
    return axes[0].figure
