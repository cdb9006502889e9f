"""Principal components: what makes them what they are, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA as Reference

from glassnet.unsupervised import PCA, flip_signs, principal_components


@pytest.fixture
def x():
    rng = np.random.default_rng(4)
    return rng.standard_normal((25, 5)) @ rng.standard_normal((5, 5)) + 7


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


@pytest.mark.parametrize("shape", [(25, 5), (5, 5), (4, 9), (2, 3)])
def test_orthonormal_directions_of_falling_variance(shape):
    x = np.random.default_rng(0).standard_normal(shape)
    mean, components, variances = principal_components(x)
    k = min(shape)
    assert components.shape == (k, shape[1])
    np.testing.assert_allclose(components @ components.T, np.eye(k), atol=1e-12)
    assert np.all(np.diff(variances) <= 0)
    spread = ((x - mean) @ components.T).var(axis=0, ddof=1)
    np.testing.assert_allclose(spread, variances, atol=1e-12)
    np.testing.assert_allclose(variances.sum(), x.var(axis=0, ddof=1).sum())


def test_no_direction_has_a_larger_variance_than_the_first(x):
    _, _, variances = principal_components(x)
    directions = np.random.default_rng(1).standard_normal((500, 5))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    assert (x @ directions.T).var(axis=0, ddof=1).max() <= variances[0]


def test_known_components():
    """An ellipse along the diagonal, with half axes 3 and 1."""
    angle = 2 * np.pi * np.arange(12) / 12
    along, across = np.array([1, 1]) / np.sqrt(2), np.array([-1, 1]) / np.sqrt(2)
    x = 3 * np.cos(angle)[:, None] * along + np.sin(angle)[:, None] * across
    mean, components, variances = principal_components(x)
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    np.testing.assert_allclose(
        np.abs(components @ np.stack([along, across]).T), np.eye(2), atol=1e-12
    )
    np.testing.assert_allclose(variances, [9 * 6 / 11, 6 / 11])


@pytest.mark.parametrize("kept", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("whiten", [False, True])
def test_the_error_is_the_variance_that_was_dropped(x, kept, whiten):
    _, _, variances = principal_components(x)
    fit = PCA(kept, whiten).fit(x)
    back = fit.inverse_transform(fit.transform(x))
    error = ((x - back) ** 2).sum() / (len(x) - 1)
    assert error == pytest.approx(variances[kept:].sum(), abs=1e-12)


@pytest.mark.parametrize("kept", [None, 3, 0.5, 0.8, 0.999])
@pytest.mark.parametrize("whiten", [False, True])
def test_the_same_as_scikit_learn_signs_included(x, kept, whiten):
    ours, theirs = PCA(kept, whiten).fit(x), Reference(kept, whiten=whiten).fit(x)
    for name in (
        "components_",
        "explained_variance_",
        "explained_variance_ratio_",
        "singular_values_",
        "mean_",
    ):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9)
    assert ours.n_components_ == theirs.n_components_
    np.testing.assert_allclose(ours.transform(x), theirs.transform(x), atol=1e-10)


def test_whitened_coordinates_are_uncorrelated_with_variance_1(x):
    z = PCA(3, whiten=True).fit(x).transform(x)
    np.testing.assert_allclose(np.cov(z.T), np.eye(3), atol=1e-12)


def test_signs():
    signed = flip_signs(np.array([[0.6, -0.8], [-0.8, -0.6], [-0.5, 0.5]]))
    np.testing.assert_array_equal(signed, [[-0.6, 0.8], [0.8, 0.6], [0.5, -0.5]])
    x = np.random.default_rng(0).standard_normal((20, 4))
    np.testing.assert_allclose(principal_components(x)[1], principal_components(-x)[1], atol=1e-12)


def test_a_share_of_the_variance_is_exceeded_and_no_sooner(x):
    ratios = PCA().fit(x).explained_variance_ratio_
    for share in (0.3, 0.7, 0.95):
        fit = PCA(share).fit(x)
        assert fit.explained_variance_ratio_.sum() > share
        assert ratios[: fit.n_components_ - 1].sum() <= share
    assert PCA(1 - 1e-16 * 2).fit(x).n_components_ <= 5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(x, dtype):
    x = x.astype(dtype)
    for part in principal_components(x):
        assert part.dtype == dtype
    for whiten in (False, True):
        fit = PCA(2, whiten).fit(x)
        z = fit.transform(x)
        assert z.dtype == fit.inverse_transform(z).dtype == dtype
        assert fit.explained_variance_ratio_.dtype == dtype


def test_bad_input(x):
    for kept in (0, -1, "all", True, 0.0, 1.0, 1.5):
        refused(PCA, kept, match="n_components")
    refused(PCA(6).fit, x, match="5 components")
    refused(PCA().fit, x[:1], match="two different")
    refused(PCA().fit, np.ones((4, 3)), match="two different")
    refused(PCA().fit, x[0], match="(5,)")
    refused(PCA().fit, np.where(x == x[1, 1], np.inf, x), match="inf")
    refused(PCA(whiten=True).fit, np.c_[x, x[:, :1]], match="Only 5 components")
    fit = PCA(2).fit(x)
    refused(fit.transform, x[:, :3], match="(25, 3)")
    refused(fit.inverse_transform, x, match="(25, 5)")
    before = fit.components_.copy()
    refused(fit.fit, x[:1])
    np.testing.assert_array_equal(fit.components_, before)


def test_before_fit(x):
    for method in (PCA().transform, PCA().inverse_transform):
        with pytest.raises(RuntimeError, match="before `fit`"):
            method(x)
