"""The forward mathematics of the page equals NumPy's, to 1e-12 on shared random vectors."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from glassnet import activations, layers, losses
from glassnet.layers import (
    attend_forward,
    causal_mask,
    conv_forward,
    dense_forward,
    dot_scores_forward,
    lstm_step,
    simple_rnn_step,
)

RTOL, ATOL = 1e-12, 1e-14
COVERED = set()


@pytest.fixture(scope="module")
def call(node):
    """A function: the result of ``Glass.maths.NAME(...arguments)`` for each list of arguments."""

    def run(name, cases):
        COVERED.add(name.partition(".")[0])
        driver = f"const f = Glass.maths.{name}; return payload.map((a) => f(...a));"
        plain = [[a.tolist() if isinstance(a, np.ndarray) else a for a in case] for case in cases]
        return node(driver, plain)

    return run


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def assert_equal(ours, theirs, rtol=RTOL):
    np.testing.assert_allclose(np.asarray(ours, float), theirs, rtol=rtol, atol=ATOL)


@pytest.mark.parametrize("name", sorted(set(activations.ACTIVATIONS) - {"softmax", "log_softmax"}))
def test_activations(call, rng, name):
    x = np.concatenate([rng.normal(0, 2, 200), rng.normal(0, 30, 100), [0.0, 3.0, -3.0, 700, -700]])
    ours = call("activate", [[name, x]])[0]
    expected = activations.ACTIVATIONS[name].forward(x)
    far = np.abs(expected) > 1e-290  # below, floats lose digits
    assert_equal(np.array(ours)[far], expected[far])


def test_no_activation_is_missing_in_the_page(node):
    known = node("return Object.keys(Glass.maths.activations);", None)
    COVERED.add("activations")
    assert set(known) == set(activations.ACTIVATIONS) - {"softmax", "log_softmax"}


def test_sigmoid_softplus_and_erfc_of_one_number(call, rng):
    from glassnet.activations._erfc import erfc

    x = np.concatenate([rng.normal(0, 3, 300), np.linspace(-6, 26, 321)])
    cases = [[value] for value in x.tolist()]
    assert_equal(call("sigmoid", cases), activations.sigmoid(x))
    assert_equal(call("softplus", cases), activations.softplus(x))
    assert_equal(call("erfc", cases), erfc(x))


def test_softmax(call, rng):
    x = [rng.normal(0, 3, 7), np.array([1000.0, 1001.0, -1000.0])]
    assert_equal(call("softmax", [[x[0]]])[0], activations.softmax(x[0]))
    assert_equal(call("softmax", [[x[1]]])[0], activations.softmax(x[1]))
    assert_equal(call("softmax", [[x[0], 0.7]])[0], activations.softmax(x[0] / 0.7))
    for each in x:
        assert_equal(call("logSoftmax", [[each]])[0], activations.log_softmax(each))


def test_dense_of_a_vector_and_of_rows(call, rng):
    x, kernel, bias = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
    assert_equal(call("dense", [[x, kernel, bias]])[0], dense_forward(x, kernel, bias)[0])
    assert_equal(call("dense", [[x[0], kernel]])[0], dense_forward(x[:1], kernel)[0][0])
    assert_equal(call("matmul", [[x, kernel]])[0], x @ kernel)


def test_mlp_is_a_chain_of_dense_layers(call, rng):
    from glassnet.models import Sequential

    chain = [layers.Dense(5, "gelu"), layers.Dense(4), layers.Dense(3, "softmax")]
    model = Sequential(chain)
    model.build((None, 2), rng, np.float64)
    described = [
        {"activation": layer.activation.name, **{k: v.tolist() for k, v in layer.params.items()}}
        for layer in chain
    ]
    x = rng.normal(size=2)
    values = call("mlp", [[x, described]])[0]
    assert_equal(values[-1], model.forward(x[np.newaxis])[0])
    assert_equal(values[1], chain[0].forward(x[np.newaxis])[0])


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_convolution_pooling_and_where_their_windows_lie(call, rng, padding):
    for stride, (height, width), (rows, columns) in itertools.product(
        (1, 2, 3), ((7, 9), (8, 6)), ((3, 3), (2, 4))
    ):
        x = rng.normal(size=(height, width, 2))
        kernel, bias = rng.normal(size=(rows, columns, 2, 3)), rng.normal(size=3)
        options = {"stride": stride, "padding": padding}
        expected, cache = conv_forward(x[np.newaxis], kernel, bias, stride, padding)
        assert_equal(call("conv2d", [[x, kernel, bias, options]])[0], expected[0])
        windows = cache[2]
        for axis, (length, size) in enumerate(((height, rows), (width, columns))):
            found = call("windows", [[length, size, stride, padding]])[0]
            assert found == {"count": windows.counts[axis], "before": windows.padding[axis][0]}
        for kind, layer in (("max", layers.MaxPooling2D), ("average", layers.AveragePooling2D)):
            pool = layer(2, strides=stride, padding=padding)
            pool.build((None, *x.shape), rng, np.float64)
            given = [[x, options | {"size": 2, "kind": kind}]]
            assert_equal(call("pool2d", given)[0], pool.forward(x[np.newaxis])[0])


def test_recurrent_steps(call, rng):
    x, h, c = rng.normal(size=3), rng.normal(size=4), rng.normal(size=4)
    kernel, recurrent, bias = (rng.normal(size=s) for s in ((3, 16), (4, 16), 16))
    ours = call("lstmStep", [[x, h, c, kernel, recurrent, bias]])[0]
    new_h, new_c = lstm_step(x[None], h[None], c[None], kernel, recurrent, bias)
    assert_equal(ours["h"], new_h[0])
    assert_equal(ours["c"], new_c[0])
    gates = np.split(x @ kernel + h @ recurrent + bias, 4)
    for name, z in zip(("i", "f", "candidate", "o"), gates, strict=True):
        function = np.tanh if name == "candidate" else activations.sigmoid
        assert_equal(ours[name], function(z))
    kernel, recurrent, bias = kernel[:, :4], recurrent[:, :4], bias[:4]
    ours = call("rnnStep", [[x, h, kernel, recurrent, bias]])[0]
    assert_equal(ours, simple_rnn_step(x[None], h[None], kernel, recurrent, bias)[0])


def test_attention(call, rng):
    query, key, value = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    for mask in (None, causal_mask(5, 5)):
        scores, _ = dot_scores_forward(query, key, 0.6)
        output, _ = attend_forward(scores, value, mask)
        given = {"scale": 0.6, "mask": None if mask is None else mask.tolist()}
        ours = call("attention", [[query, key, value, given]])[0]
        assert_equal(ours["scores"], scores)
        assert_equal(ours["output"], output)
        assert_equal(np.sum(ours["weights"], axis=1), 1)


def test_losses(call, rng):
    y, p = rng.normal(size=4), rng.normal(size=4)
    assert_equal(call("squaredError", [[y, p]])[0], losses.mean_squared_error(y, p))
    probabilities = np.array([0.3, 1e-12, 1 - 1e-12])
    for target, probability in itertools.product((0.0, 1.0), probabilities):
        expected = losses.binary_crossentropy(np.array([target]), np.array([probability]))
        assert_equal(call("binaryCrossentropy", [[target, probability]])[0], expected)
    logits = rng.normal(0, 20, 6)
    expected = losses.sparse_categorical_crossentropy(np.array(2), logits, from_logits=True)
    assert_equal(call("crossentropyFromLogits", [[2, logits]])[0], expected)


def test_small_helpers(call, rng, node):
    a, b = rng.normal(size=6), rng.normal(size=6)
    assert_equal(call("dot", [[a, b]])[0], a @ b)
    assert_equal(call("sum", [[a]])[0], a.sum())
    assert_equal(call("add", [[a, b]])[0], a + b)
    assert call("argmax", [[a]])[0] == np.argmax(a)
    assert_equal(call("transpose", [[a.reshape(2, 3)]])[0], a.reshape(2, 3).T)
    COVERED.update({"grid", "each"})
    assert node("return Glass.maths.grid(2, 3, (r, c) => 10 * r + c);", None) == [
        [0, 1, 2],
        [10, 11, 12],
    ]
    assert node("return Glass.maths.each((x) => -x, [1, [2, [3]]]);", None) == [-1, [-2, [-3]]]


def test_nothing_of_the_mathematics_is_untested(node):
    """Last in the file: the tests above note what they called."""
    assert set(node("return Object.keys(Glass.maths);", None)) == COVERED


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (-1, "−1"), (0.5, "0.5000"), (1 / 3, "0.3333"), (-1234.5678, "−1235"),
        (12345, "12345"), (1.5e-5, "1.500e−5"), (2.5e7, "2.500e7"),
        (123456.7, "123500"), (1e6, "1.000e6"),
    ],
)  # fmt: skip
def test_numbers_are_shown_with_four_significant_digits(node, value, text):
    assert node("return Glass.draw.format(payload);", value) == text


def test_ticks_are_round_and_inside(node):
    for low, high in ((0, 1), (-1.9, 1.9), (0, 300), (-0.003, 0.0042), (7, 8)):
        found = node("return Glass.draw.ticks(payload);", [low, high])
        assert 3 <= len(found) <= 9
        assert low - 1e-9 <= found[0] < found[-1] <= high + 1e-9
