"""The scene of the clusters: what its texts say of the two starts, and its options."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from glassnet.explore.traces import clusters
from glassnet.unsupervised import lloyd


@pytest.mark.parametrize("k", clusters.BAD_STARTS)
def test_the_bad_start_ends_in_a_local_minimum(k):
    x = clusters.blobs()
    good, bad = (lloyd(x, first, tol=0) for first in clusters.starts(x, k, 1).values())
    assert good.inertia < bad.inertia
    assert bad.converged
    rng = np.random.default_rng(0)
    others = [lloyd(x, x[rng.choice(len(x), k, replace=False)], tol=0) for _ in range(40)]
    assert good.inertia <= min(run.inertia for run in others) + 1e-9


def test_the_picture_says_more_than_twice_the_height():
    x = clusters.blobs()
    good, bad = (lloyd(x, first, tol=0) for first in clusters.starts(x, 4, 1).values())
    assert bad.inertia > 2 * good.inertia


def test_the_last_step_kept_is_the_one_that_changes_no_label():
    x = clusters.blobs()
    labels = clusters.run(x, clusters.starts(x, 4, 1)["bad"])["labels"]
    assert labels[-1] == labels[-2]
    assert all(a != b for a, b in pairwise(labels[:-1]))


def test_options_out_of_range_raise():
    with pytest.raises(ValueError, match="view"):
        clusters.clusters_trace(view="trees")
