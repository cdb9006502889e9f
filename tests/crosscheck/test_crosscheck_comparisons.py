"""Comparisons on a page: they agree, they notice, they leave Keras as it was."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from glassnet import activations, initializers, layers, losses, metrics, optimizers, schedules
from glassnet import crosscheck as check
from glassnet.models import Sequential


@pytest.fixture(scope="module")
def keras():
    return check.load_keras()[1]


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def settings(keras):
    return keras.config.floatx(), keras.config.dtype_policy().name


def differing(report):
    return [row.quantity for row in report.rows if not row.ok]


def test_compare_as_a_page_does(keras):
    report = check.compare(activations.sigmoid, keras.activations.sigmoid, np.linspace(-9, 9, 19))
    assert [row.quantity for row in report.rows] == ["value", "gradient of x"]
    assert report.require().title == "sigmoid against sigmoid"
    assert report.note == ""


def test_compare_takes_lists_integers_and_float32(keras):
    for z in ([-1, 0, 2], np.arange(-3, 4), np.float32([0.1, 0.2])):
        assert check.compare(activations.tanh, keras.activations.tanh, z).ok


@pytest.mark.parametrize(
    "ours",
    [
        functools.partial(activations.elu, alpha=0.3),
        activations.get("elu"),
    ],
)
def test_compare_finds_the_gradient_of_pairs_and_partials(ours, keras, rng):
    alpha = 0.3 if isinstance(ours, functools.partial) else 1.0
    theirs = functools.partial(keras.activations.elu, alpha=alpha)
    report = check.compare(ours, theirs, rng.standard_normal(20))
    assert len(report.require().rows) == 2


def test_compare_of_losses_takes_the_gradient_by_the_prediction(keras, rng):
    y_true, y_pred = rng.standard_normal((2, 4, 3))
    report = check.compare(losses.huber, keras.losses.huber, y_true, y_pred, delta=0.5)
    assert [row.quantity for row in report.require().rows] == ["value", "gradient of y_pred"]
    whole = check.compare(losses.Huber(), keras.losses.Huber(), y_true, y_pred)
    assert len(whole.require().rows) == 2


def test_compare_says_when_there_is_no_gradient(keras):
    report = check.compare(lambda x: 2 * x, lambda x: 2 * x, [1.0, 2.0])
    assert len(report.rows) == 1
    assert "no derivative" in report.note


def test_compare_notices_values_and_gradients(keras, rng):
    x = rng.standard_normal(9)
    assert differing(check.compare(activations.elu, keras.activations.relu, x)) == [
        "value",
        "gradient of x",
    ]
    wrong = check.compare(
        np.tanh, keras.activations.tanh, x, backward=lambda dy, x: dy * (1 - x**2)
    )
    assert differing(wrong) == ["gradient of x"]


def test_compare_has_a_random_cotangent(keras, rng):
    """All ones cannot see that softmax has a gradient at all."""
    x = rng.standard_normal((4, 3))
    report = check.compare(
        activations.softmax, keras.activations.softmax, x, backward=lambda dy, x: 0 * x
    )
    assert differing(report) == ["gradient of x"]


def test_compare_survives_other_shapes(keras):
    report = check.compare(lambda x: x[:1], lambda x: x, [1.0, 2.0])
    assert differing(report) == ["value: shape (1,) against (2,)"]


def test_what_keras_rounds_gets_a_wider_tolerance_and_a_note(keras, rng):
    report = check.compare(activations.gelu, keras.activations.gelu, rng.standard_normal(50))
    assert report.ok
    assert "float32" in report.note
    assert report.rows[0].rtol == 1e-6
    strict = check.compare(
        activations.gelu, keras.activations.gelu, rng.standard_normal(50), rtol=1e-10, atol=1e-12
    )
    assert not strict.ok  # so the wider one is needed


def test_settings_are_restored_also_after_an_error(keras, rng):
    before = settings(keras)
    assert before == ("float32", "float32")
    check.compare(activations.tanh, keras.activations.tanh, rng.standard_normal(3))
    check.layer(layers.Dense(3), (4, 5), rng)
    assert settings(keras) == before

    def fails(x):
        assert settings(keras) == ("float64", "float64")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        check.compare(activations.tanh, fails, [1.0])
    assert settings(keras) == before


def test_inside_float64_layers_are_float64(keras):
    with check.float64():
        dense = keras.layers.Dense(2)
        dense.build((None, 3))
    assert dense.kernel.dtype == "float64"


def test_layer_compares_everything(rng):
    report = check.layer(layers.Dense(3, "tanh"), (4, 5), rng)
    assert [row.quantity for row in report.require().rows] == [
        "output",
        "gradient of input",
        "gradient of kernel",
        "gradient of bias",
        "gradients without the input's",
        "announced shape",
    ]
    assert report.title == "layers.Dense(units=3, activation='tanh') against Keras"


@pytest.mark.parametrize(
    ("method", "changed", "row"),
    [
        ("forward", lambda y: 2 * y, "output"),
        ("backward", lambda dx: 2 * dx, "gradient of input"),
        ("compute_output_shape", lambda shape: (*shape[:-1], 99), "announced shape"),
    ],
)
def test_layer_notices(method, changed, row, rng):
    dense = layers.Dense(3, "tanh")
    dense.build((None, 5), rng, dtype=np.float64)
    right = getattr(dense, method)
    if method == "compute_output_shape":  # which backward itself uses
        dense._check_gradient = lambda dy: dy
    setattr(dense, method, lambda *args, **kwargs: changed(right(*args, **kwargs)))
    assert differing(check.layer(dense, (4, 5), rng)) == [row]


def test_layer_makes_the_biases_random(rng):
    """A bias that is left out shows, although biases start at zero."""

    class Forgetful(layers.Dense):
        def forward(self, x, training=False):
            bias, self.params["bias"] = self.params["bias"], np.zeros(3)
            try:
                return super().forward(x, training)
            finally:
                self.params["bias"] = bias

    twin_of = check.load_keras()[1].layers.Dense
    with check.float64():
        twin = twin_of(3)
    assert "output" in differing(check.layer(Forgetful(3), (4, 5), rng, twin=twin))


def test_layer_hands_the_drawn_mask_over(rng):
    report = check.layer(layers.Dropout(0.5), (40, 30), rng, training=True)
    assert report.require().ok


class Affine(layers.Layer):
    """Two inputs, an option, and a state: y = a * x0 + scale * x1; counts its training calls."""

    def build(self, input_shape, rng, dtype=np.float32):
        self.params = {"scale": np.ones(input_shape[1][-1], dtype)}
        self.state = {"moving_variance": np.ones(1, dtype)}
        self.built = True

    def forward(self, x, training=False, a=1.0):
        self._cache = (*x, a)
        if training:
            self.state["moving_variance"] *= 0.9
        return a * x[0] + self.params["scale"] * x[1]

    def backward(self, dy):
        _, x1, a = self._cache
        self.grads = {"scale": (dy * x1).sum(axis=0)}
        return a * dy, dy * self.params["scale"]

    def compute_output_shape(self, input_shape):
        return input_shape[0]


def affine_twin(ours):
    _, keras = check.load_keras()

    class KerasAffine(keras.layers.Layer):
        def build(self, input_shape):
            self.scale = self.add_weight(shape=(input_shape[1][-1],))
            self.variance = self.add_weight(shape=(1,), trainable=False)

        def call(self, x, training=False, a=1.0):
            if training:
                self.variance.assign(self.variance * 0.9)
            return a * x[0] + self.scale * x[1]

    return KerasAffine()


def test_layer_takes_several_inputs_options_state_and_a_registered_twin(rng, monkeypatch):
    monkeypatch.setattr("glassnet.crosscheck.twins._TWINS", {})
    check.register_twin(Affine)(affine_twin)
    report = check.layer(Affine(), [(4, 3), (4, 3)], rng, training=True, a=0.7)
    assert [row.quantity for row in report.require().rows] == [
        "output",
        "gradient of input 0",
        "gradient of input 1",
        "gradient of scale",
        "gradients without the input's",
        "moving_variance afterwards",
    ]


def test_a_class_without_a_twin_is_named(rng):
    with pytest.raises(ValueError, match=r"register_twin.*Affine"):
        check.keras_twin(Affine())


def test_keras_twin_has_the_same_options(keras):
    twin = check.keras_twin(layers.Dense(3, "relu", use_bias=False, kernel_initializer="he_normal"))
    assert (twin.units, twin.activation, twin.use_bias) == (3, keras.activations.relu, False)
    assert isinstance(twin.kernel_initializer, keras.initializers.HeNormal)
    rate = schedules.ExponentialDecay(0.1, 10, 0.5)
    twin = check.keras_twin(optimizers.AdamW(rate, weight_decay=0.2, clipnorm=3.0))
    assert isinstance(twin._learning_rate, keras.optimizers.schedules.ExponentialDecay)
    assert (twin.weight_decay, twin.clipnorm) == (0.2, 3.0)


def test_masked_dropout_also_trains_in_a_graph(keras):
    dropout = check.MaskedDropout(0.5)
    network = keras.Sequential([keras.Input((4,)), dropout])
    x = np.ones((6, 4), np.float32)
    np.testing.assert_array_equal(network.predict_on_batch(x), x)
    with pytest.raises(Exception, match="set_mask"):
        dropout(x, training=True)
    step = check.load_keras()[0].function(lambda x: network(x, training=True))
    for rows in (6, 6, 3):
        keep = np.random.default_rng(rows).integers(0, 2, (rows, 4))
        dropout.set_mask(keep)
        np.testing.assert_array_equal(step(x[:rows]), 2 * x[:rows] * keep)
    with pytest.raises(ValueError, match="only 0 and 1"):
        dropout.set_mask([[0.5]])


def test_loss_notices_the_value_and_the_gradient(rng):
    class Wrong(losses.MeanSquaredError):
        pass

    y_true, y_pred = rng.standard_normal((2, 4, 3))
    wrong = losses.MeanSquaredError()
    wrong.gradient = lambda *args: 2 * losses.MeanSquaredError().gradient(*args)
    assert differing(check.loss(wrong, y_true, y_pred)) == ["gradient of y_pred"]
    wrong = losses.MeanSquaredError("sum")
    wrong.get_config = lambda: {"reduction": "sum_over_batch_size"}
    assert differing(check.loss(wrong, y_true, y_pred)) == ["loss", "gradient of y_pred"]


def test_optimizer_agrees_to_the_last_digits_only_without_keras_rounding(rng):
    shapes = [(3, 2), (4,)]
    assert check.optimizer(optimizers.Adam(0.01), shapes, rng, steps=30).require()
    rounded = check.optimizer(optimizers.Adam(0.01), shapes, rng, steps=30, exact=False)
    assert rounded.require().rows[0].rtol == 1e-5
    strict = check.optimizer(
        optimizers.Adam(0.01), shapes, rng, steps=30, exact=False, rtol=1e-10, atol=1e-12
    )
    assert not strict.ok


def test_optimizer_notices_an_error_in_a_single_step(rng):
    class Hiccup(optimizers.SGD):
        def update_step(self, param, grad, slots, learning_rate):
            sign = -1 if self.iterations == 17 else 1
            super().update_step(param, sign * grad, slots, learning_rate)

    check_twin = Hiccup(0.1)
    type(check_twin).__name__ = "SGD"
    type(check_twin).__module__ = "glassnet.optimizers.sgd"
    assert not check.optimizer(check_twin, [(3, 2)], rng, steps=30).ok


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (initializers.RandomNormal(0.0, 0.06), "standard deviation"),
        (initializers.RandomNormal(0.01, 0.05), "mean"),
        (initializers.RandomUniform(-0.0866, 0.0866), "quantiles"),  # same variance
    ],
)
def test_initializer_notices_another_distribution(wrong, name, rng):
    wrong.get_config = initializers.RandomNormal(0.0, 0.05).get_config
    type_ = type("RandomNormal", (type(wrong),), {"__module__": "glassnet.initializers"})
    wrong.__class__ = type_
    assert name in differing(check.initializer(wrong, (150, 200), rng))


def test_initializer_wants_many_draws(rng):
    with pytest.raises(ValueError, match="10,000"):
        check.initializer(initializers.HeNormal(), (10, 10), rng)


def test_schedule_notices_an_off_by_one():
    late = schedules.CosineDecay(0.1, 20)
    late.rate = lambda step: schedules.CosineDecay(0.1, 20).rate(step + 1)
    late.get_config = schedules.CosineDecay(0.1, 20).get_config
    assert not check.schedule(late, range(30)).ok
    assert check.schedule(schedules.CosineDecay(0.1, 20), range(30)).ok


def test_metric_notices_a_forgotten_reset(rng):
    batches = [tuple(rng.standard_normal((2, size, 3))) for size in (4, 6)]
    forgetful = metrics.MeanSquaredError()
    forgetful.reset_state = lambda: None
    assert differing(check.metric(forgetful, batches)) == ["after a reset"]
    assert check.metric(metrics.MeanSquaredError(), batches).ok


def network(rng, *parts):
    sequential = Sequential(parts)
    sequential.build((None, 4), rng, dtype=np.float64)
    sequential.compile(optimizers.SGD(0.1), "mean_squared_error")
    return sequential


def test_model_compares_the_whole_trajectory(rng):
    x, y = rng.standard_normal((30, 4)), rng.standard_normal((30, 2))
    parts = layers.Dense(3, "tanh"), layers.Dropout(0.3), layers.Dense(2)
    report = check.model(network(rng, *parts), x, y, steps=5, batch_size=7)
    assert report.require().rows[0].quantity == "loss of each of 5 steps"
    assert len(report.rows) == 3 + 4


def test_model_notices_an_error_of_the_last_step_only(rng):
    x, y = rng.standard_normal((30, 4)), rng.standard_normal((30, 2))
    sequential = network(rng, layers.Dense(2))
    right = sequential.optimizer.apply

    def apply(grads, params):
        right([2 * g for g in grads] if sequential.optimizer.iterations == 4 else grads, params)

    sequential.optimizer.apply = apply
    report = check.model(sequential, x, y, steps=5, batch_size=7)
    assert "predictions afterwards" in differing(report)
    assert "loss of each of 5 steps" not in differing(report)


def test_fit_compares_the_history(rng):
    x, y = rng.standard_normal((20, 4)), rng.standard_normal((20, 2))
    report = check.fit(network(rng, layers.Dense(2)), x, y, epochs=2, validation_split=0.25)
    names = [row.quantity for row in report.require().rows]
    assert names[:2] == ["loss of each epoch", "val_loss of each epoch"]
