"""The training loop: what it logs, in which order it takes the data, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import layers, losses, metrics, optimizers
from glassnet.callbacks import Callback, LambdaCallback
from glassnet.models import Sequential


@pytest.fixture
def rng():
    return np.random.default_rng(22)


class Counting(layers.Layer):
    """Passes its input on and keeps a state: how many batches it saw in training, and their sum."""

    def create_weights(self, input_shape, rng, dtype):
        self.params["scale"] = np.ones(input_shape[1:], dtype)
        self.state["seen"] = np.zeros(2, dtype)

    def forward(self, x, training=False):
        x = self._check_input(x)
        if training:
            self.state["seen"] += np.array([1, x.sum()], x.dtype)
        self._cache = x
        return x * self.params["scale"]

    def backward(self, dy):
        dy = self._check_gradient(dy)
        self.grads = {"scale": (dy * self._cache).sum(axis=0)}
        return dy * self.params["scale"]


def classifier(rng, dtype=np.float64, optimizer="adam"):
    model = Sequential([Counting(), layers.Dense(5, "relu"), layers.Dense(3, "softmax")])
    model.build((None, 4), rng, dtype)
    model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])
    return model


def everything(model):
    """All that must not change when something is refused."""
    slots = model.optimizer.slots or []
    return [
        *model.get_weights(),
        np.array(model.optimizer.iterations),
        *[value.copy() for slot in slots for value in slot.values()],
    ]


def assert_unchanged(model, before):
    for a, b in zip(before, everything(model), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture
def data(rng):
    return rng.standard_normal((23, 4)), rng.integers(0, 3, 23)


class Recorder(Callback):
    def __init__(self):
        self.calls = []

    def __getattribute__(self, name):
        if name.startswith("on_"):
            return lambda *args: self.calls.append((name, *args))
        return super().__getattribute__(name)


def test_it_learns(rng):
    x = rng.standard_normal((200, 4))
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
    model = classifier(rng, np.float32, optimizers.Adam(0.01))
    history = model.fit(x, y, epochs=60, verbose=0).history
    assert history["loss"][-1] < 0.3 * history["loss"][0]
    assert history["accuracy"][-1] > 0.93
    assert model.evaluate(x, y)["accuracy"] > 0.93
    assert (model.predict(x).argmax(1) == y).mean() > 0.93


def test_hooks_are_called_in_order_with_running_averages(rng, data):
    model, recorder = classifier(rng), Recorder()
    history = model.fit(*data, batch_size=10, epochs=2, callbacks=[recorder], verbose=0)
    names = [call[0] for call in recorder.calls]
    batch = ["on_train_batch_begin", "on_train_batch_end"]
    epoch = ["on_epoch_begin", *batch * 3, "on_epoch_end"]
    assert names == ["on_train_begin", *epoch * 2, "on_train_end"]
    assert [call[1] for call in recorder.calls if call[0] == "on_train_batch_end"] == [0, 1, 2] * 2
    assert [call[1] for call in recorder.calls if call[0] == "on_epoch_end"] == [0, 1]
    last_batch, end_of_epoch = recorder.calls[-3][2], recorder.calls[-2][2]
    assert last_batch == end_of_epoch == recorder.calls[-1][1]
    assert end_of_epoch == {name: values[-1] for name, values in history.history.items()}
    assert recorder.model is model
    assert recorder.params == {"epochs": 2, "steps": 3, "verbose": 0}
    assert history.epoch == [0, 1]
    assert history.params == recorder.params
    assert list(history.history) == ["loss", "accuracy"]


def test_the_loss_of_an_epoch_is_weighted_by_the_sizes_of_its_batches(rng, data):
    x, y = data
    model = classifier(rng, optimizer=optimizers.SGD(0.0))  # does not learn: batches comparable
    history = model.fit(x, y, batch_size=10, shuffle=False, verbose=0).history
    batches = [model.evaluate(x[s], y[s]) for s in (slice(10), slice(10, 20), slice(20, None))]
    for name, (value,) in history.items():
        expected = np.average([batch[name] for batch in batches], weights=[10, 10, 3])
        np.testing.assert_allclose(value, expected, rtol=1e-12)
        np.testing.assert_allclose(model.evaluate(x, y, batch_size=4)[name], expected, rtol=1e-12)


def test_the_last_samples_are_held_out_before_shuffling(rng, data):
    x, y = data
    x[-6:] = 1000  # would show in the sum of what was seen in training
    model = classifier(rng)
    history = model.fit(x, y, validation_split=0.25, epochs=2, verbose=0).history
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    count, total = model.layers[0].state["seen"]
    assert count == 2
    np.testing.assert_allclose(total, 2 * x[:-6].sum())
    np.testing.assert_allclose(history["val_loss"][-1], model.evaluate(x[-6:], y[-6:])["loss"])


def test_shuffling_takes_every_sample_once_in_a_new_order(rng, data):
    x, y = data
    model, orders = classifier(rng), []
    model.forward = lambda batch, training=False: (
        orders.append(batch[:, 0].copy()) or Sequential.forward(model, batch, training)
    )
    model.fit(x, y, batch_size=23, epochs=2, verbose=0)
    model.fit(x, y, batch_size=23, shuffle=False, verbose=0)
    first, second, third = orders
    assert (first != second).any()
    for order in (first, second):
        assert (order != x[:, 0]).any()
        np.testing.assert_array_equal(np.sort(order), np.sort(x[:, 0]))
    np.testing.assert_array_equal(third, x[:, 0])


def test_targets_and_weights_are_shuffled_with_the_inputs(rng):
    x = rng.standard_normal((50, 1))
    model = Sequential([layers.Dense(1, use_bias=False)])
    model.build((None, 1), rng, np.float64)
    model.set_weights([[[2.0]]])
    model.compile("sgd", "mse")
    weight = np.where(x[:, 0] > 0, 1.0, 0.0)
    y = np.where(x > 0, 2 * x, 77.0)  # right where it counts
    assert model.fit(x, y, batch_size=8, epochs=3, sample_weight=weight, verbose=0).history[
        "loss"
    ] == [0, 0, 0]


def test_the_data_are_not_written_to(rng, data):
    x, y = data
    x_before, y_before = x.copy(), y.copy()
    classifier(rng).fit(x, y, epochs=2, verbose=0)
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(y, y_before)


def test_train_on_batch_logs_what_was_before_its_step(rng, data):
    model = classifier(rng)
    expected = model.evaluate(*data)
    logs = model.train_on_batch(*data)
    assert logs == pytest.approx(expected, rel=1e-12)
    assert model.optimizer.iterations == 1
    assert model.evaluate(*data)["loss"] != expected["loss"]


def test_a_callback_stops_within_an_epoch(rng, data):
    model = classifier(rng)
    stop = LambdaCallback(
        on_train_batch_end=lambda batch, logs: setattr(model, "stop_training", batch == 1)
    )
    history = model.fit(*data, batch_size=5, epochs=4, callbacks=stop, verbose=0)
    assert history.epoch == [0]
    assert model.optimizer.iterations == 2
    assert model.fit(*data, batch_size=5, epochs=2, verbose=0).epoch == [0, 1]  # not for ever


def test_a_callback_may_evaluate_in_the_middle_of_an_epoch(rng, data):
    def histories(callbacks):
        model = classifier(np.random.default_rng(1))
        hooks = [callback(model) for callback in callbacks]
        return model.fit(*data, batch_size=5, callbacks=hooks, verbose=0).history

    def evaluating(model):
        return LambdaCallback(on_train_batch_end=lambda batch, logs: model.evaluate(*data))

    assert histories([evaluating]) == histories([])


def test_averaged_weights_are_written_at_the_end(rng, data):
    optimizer = optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    model = classifier(rng, optimizer=optimizer)
    model.fit(*data, epochs=3, verbose=0)
    for weight, average in zip(model.trainable_weights, optimizer.averages, strict=True):
        np.testing.assert_array_equal(weight, average)


X, Y = np.ones((6, 4)), np.array([0, 1, 2, 0, 1, 2])
WITH_NAN = np.where(np.arange(24).reshape(6, 4) == 21, np.nan, 1.0)
REFUSED = {
    "lengths": (dict(x=X, y=Y[:5]), r"same length. Received: x \(6, 4\), y \(5,\)"),
    "lengths of weights": (
        dict(x=X, y=Y, sample_weight=np.ones(5)),
        r"same length. Received: x \(6, 4\), sample_weight \(5,\)",
    ),
    "no data": (dict(x=X[:0], y=Y[:0]), r"at least one sample. Received: shape=\(0, 4\)"),
    "a number": (dict(x=1.0, y=Y), r"at least one sample. Received: shape=\(\)"),
    "a number as target": (dict(x=X, y=1), "same length"),
    "nan in x": (dict(x=WITH_NAN, y=Y), r"`x` must be finite. Received: nan at index \(5, 1\)"),
    "inf in x": (dict(x=X * np.inf, y=Y), "`x` must be finite. Received: inf"),
    "nan in y": (dict(x=X, y=np.where(Y == 2, np.nan, Y)), "`y` must be finite. Received: nan"),
    "nan in weights": (
        dict(x=X, y=Y, sample_weight=Y / np.where(Y == 1, np.nan, 1)),
        "`sample_weight` must be finite",
    ),
    "text in x": (dict(x=X.astype(str), y=Y), "real numbers. Received: dtype=<U"),
    "text in y": (dict(x=X, y=list("abcabc")), "`y` must hold real numbers"),
    "ragged x": (dict(x=[[1.0], [1.0, 2.0]], y=[0, 1]), "rectangular"),
    "None": (dict(x=None, y=Y), "real numbers. Received: dtype=object"),
    "width of x": (dict(x=np.ones((6, 5)), y=Y), r"\(None, 4\).*\(6, 5\)"),
    "label too large": (dict(x=X, y=Y + 1), "labels from 0 to 2. Received: 3"),
    "label negative": (dict(x=X, y=Y - 1), "labels from 0 to 2. Received: -1"),
    "label no integer": (dict(x=X, y=Y + 0.5), "whole numbers. Received: 0.5"),
    "shape of y": (dict(x=X, y=np.ones((6, 2, 2))), "Received"),
}
REFUSED_BY_FIT = {
    "batch_size": (dict(x=X, y=Y, batch_size=0), "Received: batch_size=0"),
    "epochs": (dict(x=X, y=Y, epochs=1.5), "Received: epochs=1.5"),
    "verbose": (dict(x=X, y=Y, verbose=3), "Received: verbose=3"),
    "split of 1": (dict(x=X, y=Y, validation_split=1.0), r"\[0, 1\)"),
    "split below 0": (dict(x=X, y=Y, validation_split=-0.1), "Received: validation_split=-0.1"),
    "split no number": (dict(x=X, y=Y, validation_split="0.5"), "real number"),
    "split leaves nothing": (
        dict(x=X, y=Y, validation_split=0.9),
        "both sides. Received: validation_split=0.9 of 6 samples",
    ),
    "split and data": (
        dict(x=X, y=Y, validation_split=0.5, validation_data=(X, Y)),
        "not both",
    ),
    "validation no tuple": (dict(x=X, y=Y, validation_data=X), "Received: ndarray"),
    "validation of one": (dict(x=X, y=Y, validation_data=(X,)), "Received: tuple"),
    "validation lengths": (dict(x=X, y=Y, validation_data=(X, Y[:2])), "same length"),
    "validation label": (dict(x=X, y=Y, validation_data=(X, Y + 1)), "labels from 0 to 2"),
    "validation nan": (dict(x=X, y=Y, validation_data=(WITH_NAN, Y)), "must be finite"),
    "callback": (dict(x=X, y=Y, callbacks=[print]), "list of Callback. Received: <built-in"),
    "last label": (dict(x=X, y=[0, 1, 2, 0, 1, 9], batch_size=1, shuffle=False), "Received: 9"),
}


def trained(rng):
    """A classifier that has a past: slots of the optimiser, a state of a layer."""
    model = classifier(rng)
    model.fit(rng.standard_normal((20, 4)), rng.integers(0, 3, 20), verbose=0)
    return model


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
@pytest.mark.parametrize("case", REFUSED)
def test_data_that_are_refused_change_nothing(case, method, rng):
    arguments, message = REFUSED[case]
    model = trained(rng)
    before = everything(model)
    with pytest.raises(ValueError, match=message):
        getattr(model, method)(**arguments)
    assert_unchanged(model, before)


@pytest.mark.parametrize("case", REFUSED_BY_FIT)
def test_arguments_that_are_refused_change_nothing(case, rng):
    arguments, message = REFUSED_BY_FIT[case]
    model = trained(rng)
    before = everything(model)
    with pytest.raises(ValueError, match=message):
        model.fit(**arguments)
    assert_unchanged(model, before)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((2, 5)), r"\(None, 4\).*\(2, 5\)"),
        (WITH_NAN, "must be finite"),
        (np.ones((0, 4)), "at least one sample"),
        ([["a"] * 4], "real numbers"),
    ],
)
def test_predict_refuses(x, message, rng):
    with pytest.raises(ValueError, match=message):
        classifier(rng).predict(x)
    with pytest.raises(ValueError, match="batch_size=0"):
        classifier(rng).predict(X, batch_size=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(), "needs a loss"),
        (dict(loss="mse", optimizer="adaam"), "Unknown optimizer.*'adaam'"),
        (dict(loss="msee"), "Unknown loss.*'msee'"),
        (dict(loss="mse", metrics=["acuracy"]), "Unknown metric.*'acuracy'"),
        (dict(loss="mse", metrics=["mse", "mse"]), "name of its own. Received: 'mse'"),
        (dict(loss="mse", metrics=[metrics.Mean(name="loss")]), "Received: 'loss'"),
        (dict(loss="mse", metrics="mse"), "must be a list. Received: metrics='mse'"),
        (dict(loss=losses.MeanSquaredError(reduction="none")), "reduction='none'"),
    ],
)
def test_a_refused_compile_leaves_the_earlier_one(arguments, message, rng):
    model = classifier(rng)
    optimizer, loss = model.optimizer, model.loss
    with pytest.raises(ValueError, match=message):
        model.compile(**arguments)
    assert model.optimizer is optimizer
    assert model.loss is loss
    assert list(model.evaluate(X, Y)) == ["loss", "accuracy"]


def test_before_compile(rng):
    model = Sequential([layers.Dense(3)])
    model.build((None, 4), rng)
    for method in (model.fit, model.evaluate, model.train_on_batch):
        with pytest.raises(ValueError, match="call `compile` first"):
            method(X, np.ones((6, 3)))
    assert model.predict(X).shape == (6, 3)


def exploding(rng):
    """A model whose loss overflows at the third sample, which is fine as a float32 itself."""
    model = Sequential([Counting(), layers.Dense(1)])
    model.build((None, 2), rng)
    model.compile(optimizers.SGD(1e-3), "mse")
    x = np.array([[1.0, 2.0], [2.0, 1.0], [3e38, 3e38], [1.0, 1.0]])
    return model, x, np.zeros((4, 1))


def test_a_loss_that_is_not_finite_stops_fit_before_its_step(rng):
    model, x, y = exploding(rng)
    snapshots = []
    record = LambdaCallback(
        on_epoch_begin=lambda epoch, logs=None: snapshots.append(everything(model)),
        on_train_batch_end=lambda batch, logs: snapshots.append(everything(model)),
    )
    with pytest.raises(ValueError, match=r"Epoch 1, step 3: The loss must be finite.*Received: "):
        model.fit(x, y, batch_size=1, shuffle=False, callbacks=record, verbose=0)
    assert len(snapshots) == 3
    assert (snapshots[-1][0] != snapshots[0][0]).any()  # two steps were made
    assert_unchanged(model, snapshots[-1])
    with pytest.raises(ValueError, match=r"^The loss must be finite"):
        model.train_on_batch(x, y)
    assert_unchanged(model, snapshots[-1])


def test_the_epoch_is_named_too(rng, data):
    model = classifier(rng, optimizer=optimizers.SGD(0.1))
    ruin = LambdaCallback(
        on_epoch_begin=lambda epoch, logs=None: (
            epoch == 2 and model.layers[1].params["kernel"].fill(np.nan)
        )
    )
    with pytest.raises(ValueError, match="Epoch 3, step 1"):
        model.fit(*data, epochs=5, callbacks=ruin, verbose=0)
    assert model.optimizer.iterations == 2


def test_a_gradient_that_is_not_finite_stops_fit_too(rng, data, monkeypatch):
    model = classifier(rng)
    gradient = type(model.loss).gradient
    monkeypatch.setattr(
        type(model.loss),
        "gradient",
        lambda self, *args: gradient(self, *args) * (np.nan if model.optimizer.iterations else 1),
    )
    snapshots = []
    record = LambdaCallback(on_train_batch_end=lambda *_: snapshots.append(everything(model)))
    with pytest.raises(ValueError, match=r"Epoch 1, step 2: .*nan"):
        model.fit(*data, batch_size=5, callbacks=record, verbose=0)
    assert_unchanged(model, snapshots[0])


def test_a_validation_loss_that_is_not_finite_stops_fit(rng):
    model, x, y = exploding(rng)
    with pytest.raises(ValueError, match="Epoch 1, validation after its last step"):
        model.fit(x[:2], y[:2], validation_data=(x[2:], y[2:]), verbose=0)


def test_predict_does_not_depend_on_the_batches(rng, data):
    x, _ = data
    model = classifier(rng)
    whole = model.forward(x)
    np.testing.assert_allclose(model.predict(x, batch_size=5), whole, rtol=1e-12)
    np.testing.assert_allclose(model.predict(x, batch_size=100), whole, rtol=1e-12)
    assert model.layers[0].state["seen"][0] == 0


@pytest.mark.parametrize("call", ["fit", "train_on_batch"])
def test_a_metric_of_several_numbers_is_refused_before_training(call):
    network = Sequential([layers.Dense(3)])
    network.build((None, 2), np.random.default_rng(0))
    loss = losses.CategoricalCrossentropy(from_logits=True)
    network.compile("sgd", loss, metrics=["f1_score"])
    before = network.get_weights()
    x, y = np.ones((4, 2)), np.eye(3)[[0, 1, 2, 0]]
    with pytest.raises(ValueError, match="average='macro'"):
        getattr(network, call)(x, y)
    if call == "fit":
        assert all(np.array_equal(a, b) for a, b in zip(before, network.get_weights(), strict=True))
