"""Layers that read a mask for their statistics, and what they make of a wrong one."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import gradcheck, layers


def built(layer, shape, rng, dtype=np.float64):
    layer.build((None, *shape[1:]), rng, dtype)
    return layer


@pytest.fixture
def mask(rng):
    mask = rng.random((4, 6)) < 0.5
    mask[:, 0] = True
    return mask


MASKED = {
    "BatchNormalization": lambda: layers.BatchNormalization(momentum=0.5),
    "BatchNormalization over steps": lambda: layers.BatchNormalization(axis=1, center=False),
    "GlobalAveragePooling1D": layers.GlobalAveragePooling1D,
    "GlobalAveragePooling1D with axes": lambda: layers.GlobalAveragePooling1D(keepdims=True),
}


@pytest.mark.parametrize("name", MASKED)
def test_gradients_are_those_of_differences(name, mask, rng):
    x = rng.standard_normal((4, 6, 5))
    gradcheck.check_layer(MASKED[name](), x, rng, training=True, mask=mask)


@pytest.mark.parametrize("name", MASKED)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays(name, dtype, mask, rng):
    layer = built(MASKED[name](), (4, 6, 5), rng, dtype)
    y = layer.forward(rng.standard_normal((4, 6, 5)).astype(dtype), training=True, mask=mask)
    dx = layer.backward(np.ones_like(y))
    for array in (y, dx, *layer.grads.values(), *layer.get_weights()):
        assert array.dtype == dtype


@pytest.mark.parametrize("name", MASKED)
def test_a_full_mask_changes_nothing(name, rng):
    x = rng.standard_normal((4, 6, 5))
    plain, masked = (built(MASKED[name](), x.shape, np.random.default_rng(0)) for _ in range(2))
    y = plain.forward(x, training=True)
    np.testing.assert_allclose(masked.forward(x, training=True, mask=np.ones((4, 6))), y, 1e-5)
    dy = rng.standard_normal(y.shape)
    np.testing.assert_allclose(masked.backward(dy), plain.backward(dy), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", MASKED)
def test_a_mask_that_does_not_fit_is_refused(name, mask, rng):
    layer, x = built(MASKED[name](), (4, 6, 5), rng), rng.standard_normal((4, 6, 5))
    with pytest.raises(ValueError, match=r"`mask` must have shape \(4, 6\)"):
        layer.forward(x, training=True, mask=mask[:, :5])
    with pytest.raises(ValueError, match="0 and 1 only"):
        layer.forward(x, training=True, mask=mask + 0.5)
    with pytest.raises(RuntimeError, match="backward called before forward"):
        layer.backward(x)


def test_masked_entries_have_no_influence_on_the_statistics(mask, rng):
    x = rng.standard_normal((4, 6, 5))
    other = np.where(mask[..., np.newaxis], x, 50.0)
    states = []
    for values in (x, other):
        layer = built(layers.BatchNormalization(momentum=0.0), x.shape, rng)
        layer.forward(values, training=True, mask=mask)
        states.append(layer.state)
    np.testing.assert_array_equal(states[0]["moving_mean"], states[1]["moving_mean"])
    np.testing.assert_allclose(states[0]["moving_mean"], x[mask].mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(states[0]["moving_variance"], x[mask].var(axis=0), rtol=1e-6)


def test_a_mean_needs_a_step(mask, rng):
    layer = built(layers.GlobalAveragePooling1D(), (4, 6, 5), rng)
    mask[2] = False
    with pytest.raises(ValueError, match="a mask that leaves none of sample 2"):
        layer.forward(rng.standard_normal((4, 6, 5)), mask=mask)


def test_masks_of_what_is_merged(mask, rng):
    other = rng.random((4, 6)) < 0.5
    xs = [rng.standard_normal((4, 6, 5)) for _ in range(2)]
    either = layers.Add().compute_mask(xs, [mask, other])
    np.testing.assert_array_equal(either, mask | other)
    assert layers.Add().compute_mask(xs, [mask, None]) is None
    assert layers.Multiply().compute_mask(xs) is None
    np.testing.assert_array_equal(layers.Concatenate().compute_mask(xs, [mask, other]), either)
    assert layers.Concatenate().compute_mask(xs, [mask, None]).all()
    assert layers.Concatenate().compute_mask(xs, [None, None]) is None
    after = layers.Concatenate(axis=1).compute_mask(xs, [mask, other])
    np.testing.assert_array_equal(after, np.hstack([mask, other]))


def test_a_product_leaves_out_what_does_not_count(mask, rng):
    other = rng.random((4, 6)) < 0.5
    xs = [rng.standard_normal((4, 6, 5)).astype(np.float32) for _ in range(2)]
    layer = layers.Multiply()
    layer.build([(None, 6, 5)] * 2, rng)
    y = layer.forward(xs, mask=[mask, other])
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y[mask & other], (xs[0] * xs[1])[mask & other])
    np.testing.assert_array_equal(y[mask & ~other], xs[0][mask & ~other])
    np.testing.assert_array_equal(y[~mask & other], xs[1][~mask & other])
    assert not y[~mask & ~other].any()
    da, db = layer.backward(np.ones_like(y))
    assert da.dtype == db.dtype == np.float32
    assert not da[~mask].any()
    assert not db[~other].any()
    one = layer.forward(xs, mask=[mask, None])
    np.testing.assert_array_equal(one[~mask], xs[1][~mask])
    with pytest.raises(ValueError, match=r"`mask` must have shape"):
        layer.forward(xs, mask=[mask[:3], None])
