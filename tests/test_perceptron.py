"""The perceptron rule against scikit-learn, the convergence theorem and counted runs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Perceptron

from glassnet import data
from glassnet.gradcheck import numerical_gradient
from glassnet.perceptron import (
    perceptron_fit,
    perceptron_fit_multiclass,
    perceptron_gradient,
    perceptron_loss,
    with_constant,
)

XOR = with_constant(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
XOR_LABELS = np.array([-1, 1, 1, -1])


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def separable(rng, n=60, features=4, margin=0.1):
    """Examples with a known separating unit vector and at least the margin given."""
    best = rng.standard_normal(features)
    best /= np.linalg.norm(best)
    x = rng.standard_normal((n, features))
    y = np.where(x @ best > 0, 1, -1)
    return x + margin * np.outer(y, best), y, best


@pytest.mark.parametrize("epochs", [1, 3, 10])
@pytest.mark.parametrize("share", [0.0, 0.2])
def test_same_weights_as_scikit_learn(rng, epochs, share):
    x, y, _ = separable(rng, margin=0.0)
    y = np.where(rng.uniform(size=len(y)) < share, -y, y)  # with a share of wrong labels, too
    theirs = Perceptron(max_iter=epochs, tol=None, shuffle=False).fit(x, y)
    ours = perceptron_fit(with_constant(x), y, max_epochs=epochs)
    np.testing.assert_allclose(ours.weights[:-1], theirs.coef_[0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(ours.weights[-1], theirs.intercept_[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_updates_stay_below_the_bound(seed):
    x, y, best = separable(np.random.default_rng(seed))
    fit = perceptron_fit(x, y)
    radius, margin = np.linalg.norm(x, axis=1).max(), (y * (x @ best)).min()
    assert fit.converged
    assert np.all(y * (x @ fit.weights) > 0)
    assert 0 < len(fit.updates) <= (radius / margin) ** 2


def test_weights_are_the_sum_of_the_updates(rng):
    x, y, _ = separable(rng)
    fit = perceptron_fit(x, y)
    np.testing.assert_allclose(fit.weights, y[fit.updates] @ x[fit.updates], rtol=1e-12)


def test_the_bound_is_reached():
    # Orthogonal examples: R = 1, the best margin is 1/sqrt(n), and each one needs its own update.
    fit = perceptron_fit(np.eye(9), np.array([1, -1, 1, 1, -1, 1, -1, -1, 1]))
    assert fit.updates.tolist() == list(range(9))
    assert (fit.epochs, fit.converged) == (2, True)


def test_xor_cycles():
    fit = perceptron_fit(XOR, XOR_LABELS, max_epochs=50)
    assert not fit.converged
    assert fit.epochs == 50
    states = [
        tuple(perceptron_fit(XOR, XOR_LABELS, max_epochs=k).weights.tolist()) for k in range(1, 9)
    ]
    assert len(set(states)) < len(states)


def test_multiclass_separates_blobs_and_counts(rng):
    x, y = data.make_blobs(90, 0.15, rng, centres=3)
    x = with_constant(x)
    fit = perceptron_fit_multiclass(x, y, 3)
    assert fit.converged
    assert np.array_equal((x @ fit.weights).argmax(axis=1), y)
    np.testing.assert_allclose(fit.weights.sum(axis=1), 0, atol=1e-12)  # gained is what is lost


def test_multiclass_with_two_classes_is_the_binary_rule(rng):
    x, y, _ = separable(rng)
    two = perceptron_fit_multiclass(x, (y + 1) // 2, 2)
    one = perceptron_fit(x, y)
    assert np.array_equal(two.updates, one.updates)
    np.testing.assert_allclose(two.weights[:, 1], one.weights, rtol=1e-12)


def test_multiclass_is_the_binary_rule_on_keslers_vectors(rng):
    # An example of class k is right if w.(e_k - e_j) x > 0 for each rival j: binary, all labels +1.
    x, y = data.make_blobs(30, 0.1, rng, centres=3)
    weights, updates = np.zeros((2, 3)), []
    for _ in range(50):
        for n in range(len(x)):
            rivals = [j for j in range(3) if j != y[n]]
            kesler = [np.outer(x[n], np.eye(3)[y[n]] - np.eye(3)[j]) for j in rivals]
            products = [np.vdot(k, weights) for k in kesler]
            if min(products) <= 0:
                weights += kesler[int(np.argmin(products))]
                updates.append(n)
    fit = perceptron_fit_multiclass(x, y, 3, max_epochs=50)
    assert fit.converged
    assert fit.updates.tolist() == updates
    np.testing.assert_allclose(fit.weights, weights, rtol=1e-12, atol=1e-14)


def test_one_class_needs_no_update():
    fit = perceptron_fit_multiclass(np.ones((4, 2)), np.zeros(4, int), 1)
    assert fit.converged
    assert len(fit.updates) == 0


def test_gradient_against_differences(rng):
    x, y, _ = separable(rng, n=20)
    weights = rng.standard_normal(4)
    numerical = numerical_gradient(lambda w: perceptron_loss(w, x, y).sum(), weights)
    gradient = perceptron_gradient(weights, x, y)
    assert gradient.shape == x.shape
    np.testing.assert_allclose(gradient.sum(axis=0), numerical, rtol=1e-7, atol=1e-9)


def test_rule_is_a_step_down_the_gradient(rng):
    x, y, _ = separable(rng, n=20)
    weights = np.zeros(4)
    for n in range(20):
        weights -= perceptron_gradient(weights, x[n : n + 1], y[n : n + 1])[0]
    np.testing.assert_allclose(perceptron_fit(x, y, max_epochs=1).weights, weights, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(rng, dtype):
    x, y, _ = separable(rng)
    x = x.astype(dtype)
    assert with_constant(x).dtype == dtype
    assert perceptron_fit(x, y).weights.dtype == dtype
    assert perceptron_fit_multiclass(x, (y + 1) // 2, 2).weights.dtype == dtype
    weights = np.ones(4, dtype)
    assert perceptron_loss(weights, x, y).dtype == dtype
    assert perceptron_gradient(weights, x, y).dtype == dtype


def test_input_is_not_changed(rng):
    x, y, _ = separable(rng)
    before = x.copy()
    perceptron_fit(x, y)
    assert np.array_equal(x, before)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.ones((2, 3)), [0, 1], "-1 and \\+1"),
        (np.ones((2, 3)), [1, np.nan], "-1 and \\+1"),
        (np.ones((2, 3)), [1, 1, -1], "shape"),
        (np.ones(3), [1], "features"),
        (np.full((2, 3), np.nan), [1, -1], "finite"),
    ],
)
def test_bad_data_raise(x, y, message):
    with pytest.raises(ValueError, match=message):
        perceptron_fit(x, y)


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match="max_epochs"):
        perceptron_fit(XOR, XOR_LABELS, max_epochs=0)
    with pytest.raises(ValueError, match="0 to 1"):
        perceptron_fit_multiclass(XOR, [0, 1, 2, 0], 2)
    with pytest.raises(ValueError, match="shape"):
        perceptron_fit_multiclass(XOR, [0, 1], 2)
    with pytest.raises(ValueError, match="classes"):
        perceptron_fit_multiclass(XOR, [0, 1, 1, 0], 0)
