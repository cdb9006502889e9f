"""Counting weights and multiply-adds, and looking into a network."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from glassnet import layers, models

# Millions of multiply-adds as published, and the digits they are rounded to.
PUBLISHED = [
    (models.AlexNet, 0.7e9, 0.05e9),  # He et al. do not list it; commonly 0.7 thousand million
    (models.GoogLeNet, 1.5e9, 0.1e9),  # "1.5 billion" (Szegedy et al., section 1)
    (models.ResNet50, 3.8e9, 0.1e9),  # 3.8e9 (He et al., table 1)
]

# Table 1 of Szegedy et al. (2015): weights in units of 1024 and operations in millions.
INCEPTION_TABLE = {
    "conv2": (112, 360),
    "3a": (159, 128),
    "3b": (380, 304),
    "4a": (364, 73),
    "4b": (437, 88),
    "4c": (463, 100),
    "4d": (580, 119),
    "4e": (840, 170),
    "5a": (1072, 54),
    "5b": (1388, 71),
    "predictions": (1000, 1),
}


@pytest.mark.parametrize(("make", "published", "rounding"), PUBLISHED)
def test_published_multiply_adds(make, published, rounding):
    assert abs(models.count_multiply_adds(make()) - published) < rounding


def test_vgg16_has_15_3_thousand_million_in_its_convolutions():
    """The figure of He et al. (2016); the dense layers add 0.12."""
    rows = models.layer_table(models.VGG16())
    convolutions = sum(row.multiply_adds for row in rows if row.kind == "Conv2D")
    assert round(convolutions / 1e9, 1) == 15.3
    assert rows.multiply_adds - convolutions == 25088 * 4096 + 4096**2 + 4096 * 1000


def test_where_the_table_of_googlenet_adds_up_and_where_not():
    params, products = {"conv1": 0}, {}
    for row in models.layer_table(models.GoogLeNet()):
        name = row.name.split("_")[1] if row.name.startswith("inception") else row.name
        name = name.removesuffix("_reduce")
        biases = row.output_shape[-1] if row.params else 0
        params[name] = params.get(name, 0) + (row.params - biases) / 1024
        products[name] = products.get(name, 0) + row.multiply_adds / 1e6
    wrong_params, wrong_products = set(), set()
    for name, (weights, operations) in INCEPTION_TABLE.items():
        if abs(weights / params[name] - 1) > 0.02:
            wrong_params.add(name)
        if abs(operations - products[name]) > 1:
            wrong_products.add(name)
    assert wrong_params == {"4c", "5a"}
    assert wrong_products == {"5a"}
    assert params["conv1"] * 1024 == 9408  # the table: 2.7 thousand
    assert round(products["conv1"]) == 118  # the table: 34
    assert sum(operations for _, operations in INCEPTION_TABLE.values()) + 34 == 1502


def test_counting_vgg16_takes_no_memory():
    code = (
        "import resource as r\n"
        "from glassnet import models\n"
        "before = r.getrusage(r.RUSAGE_SELF).ru_maxrss\n"
        "assert models.layer_table(models.VGG16()).params == 138_357_544\n"
        "print(r.getrusage(r.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    grown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(grown.stdout) < 50 * 1024  # KiB; the weights alone would be 528 MiB


def test_counting_leaves_the_model_alone():
    network = models.LeNet5()
    models.layer_table(network)
    assert not network.built
    assert not any(layer.built for layer in network.layers)
    network.build(np.random.default_rng(0))
    before = network.get_weights()
    table = models.layer_table(network)
    assert table.params == network.count_params()
    for a, b in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_chain_needs_its_input_shape():
    chain = models.Sequential([layers.Conv2D(3, 2), layers.Flatten(), layers.Dense(4)])
    with pytest.raises(ValueError, match="input_shape"):
        models.layer_table(chain)
    table = models.layer_table(chain, (None, 5, 6, 2))
    assert [row.params for row in table] == [27, 0, 244]
    assert table.multiply_adds == 4 * 5 * 24 + 60 * 4
    chain.build((None, 5, 6, 2), np.random.default_rng(0))
    assert models.layer_table(chain) == table
    with pytest.raises(ValueError, match="Received:"):
        models.layer_table(models.LeNet5(), (None, 28, 28, 1))


def test_the_table_prints_its_sums():
    lines = str(models.layer_table(models.LeNet5())).splitlines()
    assert lines[-1].split() == ["Total", "61,706", "416,520"]
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.MultiHeadAttention(2, 3), (None, 5, 4)),
        (layers.Attention(), [(None, 5, 4), (None, 6, 4)]),
        (layers.TimeDistributed(layers.Dense(3)), (None, 5, 4)),
        (layers.Bidirectional(layers.LSTM(3)), (None, 5, 4)),
        (layers.Conv2D(3, 2), (None, None, 7, 2)),
        (layers.LSTM(3), (None, None, 2)),
    ],
)
def test_what_cannot_be_counted_is_refused(layer, shape):
    with pytest.raises(ValueError, match="Received:"):
        models.multiply_adds(layer, shape)


@pytest.mark.parametrize("layer", [layers.Dropout(0.5), layers.BatchNormalization()])
def test_layers_without_kernels_have_no_products(layer):
    assert models.multiply_adds(layer, (None, 4, 4, 3)) == 0


def test_receptive_field_of_two_small_windows_is_that_of_a_large_one():
    small = models.receptive_field([layers.Conv2D(1, 3), layers.Conv2D(1, 3)])
    assert small[-1].size == models.receptive_field([layers.Conv2D(1, 5)])[-1].size == (5, 5)
    assert [field.jump for field in small] == [(1, 1), (1, 1)]


def test_receptive_field_in_one_dimension():
    dilated = [layers.Conv1D(1, 2, dilation_rate=2**i, padding="causal") for i in range(4)]
    assert models.receptive_field(dilated)[-1].size == (16,)


@pytest.mark.parametrize(
    "chain", [[layers.Dense(3)], [layers.Flatten()], [layers.Conv2D(1, 3), layers.Conv1D(1, 3)]]
)
def test_receptive_field_refuses_what_has_no_windows(chain):
    with pytest.raises(ValueError, match="Received:"):
        models.receptive_field(chain)


def _pictures(dtype=np.float64):
    network = models.Sequential(
        [layers.Conv2D(4, 3), layers.GlobalAveragePooling2D(), layers.Dense(3)]
    )
    network.build((None, 6, 7, 2), np.random.default_rng(0), dtype)
    return network, np.random.default_rng(1).random((2, 6, 7, 2)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes_of_what_is_looked_into(dtype):
    network, x = _pictures(dtype)
    assert models.class_activation_map(network, x, 2).dtype == dtype
    assert [y.dtype for y in models.layer_outputs(network, x)] == [dtype] * 3
    windows = models.Sequential([layers.Conv2D(4, 3)])
    windows.build((None, 6, 7, 2), np.random.default_rng(0), dtype)
    seen = models.influence(windows, x[:1], (1, 2))
    assert seen.dtype == dtype
    assert seen.shape == (6, 7)
    assert np.argwhere(seen).min(axis=0).tolist() == [1, 2]
    assert np.argwhere(seen).max(axis=0).tolist() == [3, 4]


@pytest.mark.parametrize("label", [3, -1, 1.0, True, "0"])
def test_a_class_that_does_not_exist(label):
    with pytest.raises(ValueError, match="Received: label"):
        models.class_activation_map(*_pictures(), label)


def test_a_network_with_another_end_has_no_map():
    network = models.LeNet5()
    network.build(np.random.default_rng(0))
    with pytest.raises(ValueError, match="GlobalAveragePooling2D"):
        models.class_activation_map(network, np.zeros((1, 28, 28, 1)), 0)


def test_influence_of_one_place_on_one_picture():
    network = models.Sequential([layers.Conv2D(4, 3)])
    network.build((None, 6, 7, 2), np.random.default_rng(0))
    for x, place in ((np.ones((2, 6, 7, 2)), (0, 0)), (np.ones((1, 6, 7, 2)), (4, 0))):
        with pytest.raises(ValueError, match="Received:"):
            models.influence(network, x, place)
    with pytest.raises(ValueError, match="Received:"):
        models.influence(network, np.ones((1, 6, 7, 2)), (1,))
