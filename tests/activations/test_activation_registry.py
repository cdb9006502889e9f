"""Names, and what a layer gets for them."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import activations


@pytest.mark.parametrize("name", activations.ACTIVATIONS)
def test_pair_agrees_with_keras_of_the_same_name(keras, reference, name):
    rng = np.random.default_rng(7)
    x, dy = rng.standard_normal((4, 3, 5)), rng.standard_normal((4, 3, 5))
    special = {
        "step": lambda t: keras.ops.cast(t >= 0, t.dtype),
        "sign": keras.ops.sign,
        "linear": lambda t: t * 1,
    }
    y, dx = reference(special.get(name) or keras.activations.get(name), x, dy)
    pair = activations.get(name)
    # TensorFlow rounds the constants of two to float32; other tests compare these exactly.
    rtol = 1e-6 if name in ("leaky_relu", "gelu") else 1e-10
    ours, before = pair.forward(x), dy.copy()
    np.testing.assert_allclose(ours, y, rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(pair.backward(dy, x, ours), dx, rtol=rtol, atol=1e-12)
    np.testing.assert_array_equal(dy, before)


@pytest.mark.parametrize("name", activations.ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pair_keeps_dtype_and_refuses_other_shapes(name, dtype):
    pair = activations.ACTIVATIONS[name]
    x = np.linspace(-2, 2, 12, dtype=dtype).reshape(3, 4)
    y = pair.forward(x)
    assert y.dtype == pair.backward(x, x, y).dtype == dtype
    with pytest.raises(ValueError, match="must have the same shape"):
        pair.backward(x[:1], x, y)


@pytest.mark.parametrize("name", activations.ACTIVATIONS)
def test_get_by_name_function_and_pair(name):
    pair = activations.ACTIVATIONS[name]
    assert pair.name == name
    assert pair.forward is getattr(activations, name)
    for identifier in (name, pair, pair.forward):
        assert activations.get(identifier) is pair


def test_none_is_linear():
    assert activations.get(None).name == "linear"


def test_every_activation_is_registered():
    suffixes = ("_derivative", "_backward")
    named = {n.removesuffix(s) for n in activations.__all__ for s in suffixes if n.endswith(s)}
    assert named == {*activations.ACTIVATIONS, "prelu"}


def test_every_public_name_exists_once():
    assert len(set(activations.__all__)) == len(activations.__all__)
    for name in activations.__all__:
        assert getattr(activations, name).__doc__, name


@pytest.mark.parametrize(
    "bad", ["relux", "prelu", "Relu", 3, ["relu"], np.tanh, activations.prelu, lambda x: x]
)
def test_unknown_activation_raises_with_the_known_names(bad):
    with pytest.raises(ValueError, match=r"Unknown activation\. Received: .*Known: elu, gelu,"):
        activations.get(bad)
