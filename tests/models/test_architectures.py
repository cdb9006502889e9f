"""The architectures: shapes, sizes, arguments, and that they learn."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import layers, losses, models, optimizers
from glassnet.data import load_digits

SMALL = {
    "LeNet5": lambda: models.LeNet5((8, 8, 1), 10, 0.5, kernel_size=3),
    "AlexNet": lambda: models.AlexNet((16, 16, 1), 10, 0.03, first_strides=1),
    "VGG": lambda: models.VGG((1, 2), (8, 8, 1), 10, 0.05, rate=0.5),
    "GoogLeNet": lambda: models.GoogLeNet((8, 8, 1), 10, 0.05, modules=("3a", "4e"), small=True),
    "ResNet": lambda: models.ResNet(1, (8, 8, 1), 10, 0.25),
    "ResNet50": lambda: models.ResNet50((32, 32, 1), 10, 0.05, blocks=(1, 1)),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", SMALL)
def test_goes_forward_and_backward_in_its_own_dtype(name, dtype):
    network = SMALL[name]()
    network.build(np.random.default_rng(0), dtype=dtype)
    x = np.random.default_rng(1).random((3, *network.input_shape[1:])).astype(dtype)
    y = network.forward(x, training=True)
    dx = network.backward(np.ones_like(y))
    assert y.shape == (3, 10)
    assert dx.shape == x.shape
    assert y.dtype == dx.dtype == dtype
    assert {gradient.dtype for gradient in network.gradients} == {np.dtype(dtype)}
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("name", SMALL)
def test_the_same_seed_gives_the_same_network(name):
    first, second = SMALL[name](), SMALL[name]()
    for network in (first, second):
        network.build(np.random.default_rng(5))
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", SMALL)
def test_layers_have_names_of_their_own(name):
    names = [layer.name for layer in SMALL[name]().layers]
    assert len(set(names)) == len(names)


def test_classifier_activation_none_gives_logits():
    network = models.ResNet(1, (8, 8, 1), 10, 0.25, classifier_activation=None)
    network.build(np.random.default_rng(0))
    y = network.forward(np.random.default_rng(1).random((2, 8, 8, 1)))
    assert not np.allclose(y.sum(axis=1), 1)


def test_width_multiplies_the_channels():
    filters = [n.filters for n in models.VGG16(width=0.25).layers if isinstance(n, layers.Conv2D)]
    assert filters == [16] * 2 + [32] * 2 + [64] * 3 + [128] * 6


def test_grouped_channels_stay_divisible():
    network = models.AlexNet(width=0.01)
    assert all(n.filters % 2 == 0 for n in network.layers if isinstance(n, layers.Conv2D))


def test_two_groups_do_not_see_each_other():
    """Of the second convolution of AlexNet the filters of one tower ignore the other's channels."""
    conv = next(layer for layer in models.AlexNet().layers if layer.name == "conv2")
    assert conv.groups == 2
    assert {
        layer.groups for layer in models.AlexNet(groups=1).layers if hasattr(layer, "groups")
    } == {1}


def test_lenet_differs_from_the_paper_by_what_the_page_says():
    rows = {row.name: row.params for row in models.layer_table(models.LeNet5())}
    ours = sum(rows.values())
    table = 3 * 6 + 4 * 9 + 6 * 1  # pairs of maps that the paper's table joins
    sparse = table * 25 + 16
    assert (table, sparse) == (60, 1516)
    pooling = 2 * 6 + 2 * 16
    assert ours - rows["c3"] + sparse + pooling - rows["predictions"] == 60_000
    assert ours == 61_706


@pytest.mark.parametrize(
    "make",
    [
        lambda: models.LeNet5((11, 11, 1)),
        lambda: models.LeNet5((7, 7, 1), kernel_size=3),
        lambda: models.AlexNet((66, 66, 3)),
        lambda: models.AlexNet((14, 14, 3), first_strides=1),
        lambda: models.VGG((1, 1, 1, 1), (8, 8, 1)),
        lambda: models.VGG(()),
        lambda: models.VGG((1,) * 6),
        lambda: models.VGG16(width=0),
        lambda: models.LeNet5(classes=0),
        lambda: models.GoogLeNet(modules=("3a", "6b")),
        lambda: models.GoogLeNet(modules=()),
        lambda: models.ResNet(0),
    ],
)
def test_bad_arguments(make):
    with pytest.raises(ValueError, match="Received:"):
        make()


def test_the_smallest_pictures_that_the_docstrings_name():
    models.LeNet5((12, 12, 1))
    models.LeNet5((8, 8, 1), kernel_size=3)
    models.AlexNet((67, 67, 3))
    models.AlexNet((15, 15, 3), first_strides=1)
    models.VGG16((32, 32, 3))
    models.ResNet50((32, 32, 3))


def test_a_small_residual_network_learns_the_digits():
    (x, y), (x_test, y_test) = load_digits()
    network = models.ResNet(1, (8, 8, 1), 10, 0.5)
    network.build(np.random.default_rng(0))
    network.compile(
        optimizers.Adam(3e-3), losses.SparseCategoricalCrossentropy(), metrics=["accuracy"]
    )
    network.fit(x[..., np.newaxis], y, epochs=4, verbose=0)
    assert network.evaluate(x_test[..., np.newaxis], y_test)["accuracy"] > 0.97


def test_local_response_normalization_contract():
    layer = layers.LocalResponseNormalization(2, 2.0, 1e-4, 0.75)
    layer.build((None, 3, 3, 4), np.random.default_rng(0))
    with pytest.raises(RuntimeError, match="before forward"):
        layer.backward(np.ones((1, 3, 3, 4)))
    for dtype in (np.float32, np.float64):
        y = layer.forward(np.ones((2, 3, 3, 4), dtype))
        assert y.dtype == layer.backward(y).dtype == dtype
    for options in ({"depth_radius": 0}, {"bias": 0.0}, {"alpha": -1}, {"beta": "1"}):
        with pytest.raises(ValueError, match="Received:"):
            layers.LocalResponseNormalization(**options)


def test_local_response_normalization_looks_at_neighbours_only():
    x = np.zeros((1, 7))
    x[0, 3] = 2.0
    y, _ = layers.local_response_forward(x + 1.0, 1, 1.0, 1.0, 1.0)
    np.testing.assert_allclose(y[0], [1 / 3, 1 / 4, 1 / 12, 3 / 12, 1 / 12, 1 / 4, 1 / 3])
