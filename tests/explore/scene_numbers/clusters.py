"""The numbers of the scene clusters: the two half-steps one after the other, and a covariance."""

from __future__ import annotations

import numpy as np

from glassnet import unsupervised
from glassnet.explore.traces.clusters import blobs, correlated
from glassnet.metrics import clustering

BAD = {2: (34, 8), 3: (24, 12, 18), 4: (21, 39, 25, 41)}
CASES = [
    (3, {"k": 3, "start": "plus"}),
    (9, {"start": "bad", "k": 3}),
    (5, {"start": "plus"}),
    (13, {"start": "bad"}),
    (4, {"k": 2, "start": "bad"}),
    (0, {}),
    (3, {}),
    (0, {"view": "pca"}),
    (1, {"view": "pca", "angle": 35}),
    (3, {"view": "pca", "angle": 90}),
]


def rows(step, values):
    if values["view"] == "pca":
        return directions(np.deg2rad(values["angle"]))
    x, k = blobs(), values["k"]
    centres, _ = unsupervised.kmeans_plus_plus(x, k, np.random.default_rng(1))
    if values["start"] == "bad":
        centres = x[list(BAD[k])]
    labels = None
    for half in range(1, step + 1):
        if half % 2:
            labels = unsupervised.assign(x, centres)
        else:
            centres = unsupervised.update_centres(x, labels, centres)
    if labels is None:
        return [[*centre, 0, None] for centre in centres] + [[None, None, 48, None]]
    table = []
    for j, centre in enumerate(centres):
        own = x[labels == j]
        spread = clustering.inertia(own, np.zeros(len(own), int), centre[np.newaxis])
        table.append([*centre, len(own), spread])
    return [*table, [None, None, 48, clustering.inertia(x, labels, centres)]]


def directions(angle):
    covariance = np.cov(correlated().T)
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-np.sin(angle), np.cos(angle)])
    pca = unsupervised.PCA(1).fit(correlated())
    return [
        [*along, 32, along @ covariance @ along],
        [*across, 32, across @ covariance @ across],
        [None, None, 32, np.trace(covariance)],
        [*pca.components_[0], 32, pca.explained_variance_[0]],
    ]
