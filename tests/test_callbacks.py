"""Early stopping and checkpoints against Keras' on given logs; history and the line of progress."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest

from glassnet import callbacks, layers
from glassnet.models import Sequential

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="module")
def keras():
    """Keras with float64, and its setting put back afterwards."""
    import keras

    floatx = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(floatx)


class Puppet:
    """Stands for a model: its weights are the number of the epoch; it lists what it saved."""

    stop_training = False
    metrics = ()

    def __init__(self):
        self.weights, self.saved = [np.array(-1)], []

    def get_weights(self):
        return [w.copy() for w in self.weights]

    def set_weights(self, weights):
        self.weights = [w.copy() for w in weights]

    def save_weights(self, path, overwrite=True):
        self.saved.append(os.path.basename(path).split(".")[0])


def run(callback, values, monitor="val_loss"):
    """Feed the values to a callback, epoch by epoch, and return the model and the last epoch."""
    model = Puppet()
    callback.set_model(model)
    callback.on_train_begin()
    epoch = -1
    for epoch, value in enumerate(values):
        model.weights = [np.array(epoch)]
        callback.on_epoch_end(epoch, {monitor: float(value)})
        if model.stop_training:
            break
    callback.on_train_end({})
    return model, epoch


SEQUENCES = {
    "falling": [5, 4, 3, 2, 1],
    "rising": [1, 2, 3, 4, 5],
    "level": [2, 2, 2, 2, 2],
    "with a dip": [5, 4, 4.2, 4.1, 3, 3.5, 3.4, 3.3, 3.2],
    "slowly falling": [5, 4.9, 4.8, 4.7, 4.6, 4.5, 4.4],
    "not a number at first": [np.nan, 3, 2, 4, 5, 6],
    "not a number later": [3, 2, np.nan, np.nan, 1, 4],
    "one": [1],
}
OPTIONS = [
    dict(),
    dict(patience=1),
    dict(patience=2),
    dict(patience=2, min_delta=0.15),
    dict(patience=1, min_delta=-0.1),
    dict(patience=1, mode="max"),
    dict(patience=1, mode="max", min_delta=0.5),
    dict(patience=2, baseline=4.0),
    dict(patience=1, start_from_epoch=2),
]


@pytest.mark.parametrize("restore", [False, True])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_early_stopping_is_that_of_keras(sequence, options, restore, keras):
    options = options | dict(restore_best_weights=restore)
    ours = callbacks.EarlyStopping(**options)
    theirs = keras.callbacks.EarlyStopping(**options)
    for values in (SEQUENCES[sequence], SEQUENCES["with a dip"]):  # the second: used again
        model, epoch = run(ours, values)
        reference, reference_epoch = run(theirs, values)
        assert epoch == reference_epoch
        assert model.stop_training == reference.stop_training
        np.testing.assert_array_equal(model.weights, reference.weights)
        assert ours.stopped_epoch == theirs.stopped_epoch
        assert ours.best_epoch == theirs.best_epoch
        assert ours.wait == theirs.wait


@pytest.mark.parametrize("seed", range(10))
def test_early_stopping_on_random_logs(seed, keras):
    rng = np.random.default_rng(seed)
    options = dict(
        patience=int(rng.integers(0, 5)),
        min_delta=float(rng.choice([0, 0.2])),
        mode=str(rng.choice(["min", "max"])),
        restore_best_weights=True,
    )
    values = rng.standard_normal(40).cumsum() / 3
    ours, theirs = (
        run(package.EarlyStopping(**options), values) for package in (callbacks, keras.callbacks)
    )
    assert ours[1] == theirs[1]
    np.testing.assert_array_equal(ours[0].weights, theirs[0].weights)


@pytest.mark.parametrize(
    "options",
    [
        dict(),
        dict(save_best_only=True),
        dict(save_best_only=True, mode="max"),
        dict(save_best_only=True, initial_value_threshold=3.4),
    ],
    ids=str,
)
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_checkpoints_are_those_of_keras(sequence, options, keras, tmp_path):
    name = str(tmp_path / "deep" / "{epoch:02d}-{val_loss:03.0f}")
    ours = callbacks.ModelCheckpoint(name + ".npz", **options)
    theirs = keras.callbacks.ModelCheckpoint(
        name + ".weights.h5", save_weights_only=True, **options
    )
    saved = run(ours, SEQUENCES[sequence])[0].saved
    assert saved == run(theirs, SEQUENCES[sequence])[0].saved
    assert (tmp_path / "deep").is_dir() or not saved


@pytest.mark.parametrize(
    ("monitor", "better"),
    [
        ("loss", "min"),
        ("val_loss", "min"),
        ("val_mean_squared_error", "min"),
        ("mae", "min"),
        ("accuracy", "max"),
        ("val_sparse_categorical_accuracy", "max"),
        ("val_precision", "max"),
    ],
)
def test_the_direction_is_told_from_the_name(monitor, better):
    values = [1, 2, 3] if better == "max" else [3, 2, 1]
    assert not run(callbacks.EarlyStopping(monitor), values, monitor)[0].stop_training
    assert run(callbacks.EarlyStopping(monitor), values[::-1], monitor)[0].stop_training


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(monitor="reward"), "name does not tell.*monitor='reward'"),
        (dict(monitor=3), "monitor=3"),
        (dict(mode="down"), "'auto', 'min', 'max'. Received: mode='down'"),
        (dict(patience=-1), "patience=-1"),
        (dict(patience=1.5), "patience=1.5"),
        (dict(patience=True), "patience=True"),
        (dict(min_delta="a"), "min_delta"),
        (dict(baseline="a"), "baseline"),
        (dict(start_from_epoch=-1), "start_from_epoch=-1"),
    ],
)
def test_early_stopping_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        callbacks.EarlyStopping(**arguments)


@pytest.mark.parametrize(
    "callback",
    [
        callbacks.EarlyStopping("val_loss"),
        callbacks.ModelCheckpoint("never.npz", save_best_only=True),
    ],
    ids=lambda callback: type(callback).__name__,
)
def test_what_is_not_logged_cannot_be_watched(callback):
    with pytest.raises(ValueError, match=r"monitor='val_loss'\. Logged: loss"):
        run(callback, [1, 2], "loss")


def test_checkpoint_refuses():
    with pytest.raises(ValueError, match=r"end in \.npz"):
        callbacks.ModelCheckpoint("weights.h5")
    for filepath in ("{val_acc}.npz", "{}.npz"):
        with pytest.raises(ValueError, match=r"epoch and what is logged: loss\."):
            run(callbacks.ModelCheckpoint(filepath), [1], "loss")


def test_lambda_callback_refuses_what_cannot_be_called():
    with pytest.raises(ValueError, match=r"`on_epoch_end` must be callable. Received: 3"):
        callbacks.LambdaCallback(on_epoch_end=3)


def model_and_data(rng):
    model = Sequential([layers.Dense(2)])
    model.build((None, 3), rng, np.float64)
    model.compile("sgd", "mse", ["mae"])
    return model, rng.standard_normal((20, 3)), rng.standard_normal((20, 2))


def test_early_stopping_in_fit_restores_the_best_weights():
    model, x, y = model_and_data(np.random.default_rng(0))
    weights = []
    record = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.append(model.get_weights())
    )
    spoil = callbacks.LambdaCallback(  # from the fourth epoch on, learning makes it worse
        on_epoch_begin=lambda epoch, logs=None: (
            epoch >= 3 and model.layers[0].params["bias"].__iadd__(1)
        )
    )
    stop = callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    history = model.fit(
        x,
        y,
        epochs=20,
        validation_split=0.25,
        callbacks=[spoil, record, stop],
        verbose=0,
    )
    assert history.epoch == [0, 1, 2, 3, 4]
    assert stop.best_epoch == 2
    assert stop.best == history.history["val_loss"][2] == min(history.history["val_loss"])
    for a, b in zip(model.get_weights(), weights[2], strict=True):
        np.testing.assert_array_equal(a, b)
    assert (weights[-1][0] != weights[2][0]).any()


def test_checkpoint_in_fit_can_be_loaded(tmp_path):
    model, x, y = model_and_data(np.random.default_rng(0))
    path = tmp_path / "epoch-{epoch}.npz"
    model.fit(x, y, epochs=2, callbacks=[callbacks.ModelCheckpoint(path, "loss")], verbose=0)
    assert sorted(os.listdir(tmp_path)) == ["epoch-1.npz", "epoch-2.npz"]
    final = model.get_weights()
    model.load_weights(tmp_path / "epoch-1.npz")
    assert (model.get_weights()[0] != final[0]).any()
    model.load_weights(tmp_path / "epoch-2.npz")
    np.testing.assert_array_equal(model.get_weights()[0], final[0])


def test_a_history_begins_anew():
    history = callbacks.History()
    for _ in range(2):
        history.on_train_begin()
        for epoch in range(3):
            history.on_epoch_end(epoch, {"loss": 1.0 - epoch})
    assert history.epoch == [0, 1, 2]
    assert history.history == {"loss": [1.0, 0.0, -1.0]}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def progress(stream, **options):
    bar = callbacks.ProgressBar(stream=stream, **options)
    bar.interval = 0
    bar.set_params({"epochs": 12, "steps": 2, "verbose": 1})
    bar.on_train_begin()
    for epoch in range(2):
        bar.on_epoch_begin(epoch)
        for batch in range(2):
            bar.on_train_batch_end(batch, {"loss": 0.123456789, "accuracy": 0.5})
        bar.on_epoch_end(epoch, {"loss": 0.25})
    bar.on_train_end({})
    return stream.getvalue()


def test_progress_elsewhere_than_on_a_terminal_is_one_line_an_epoch():
    expected = "Epoch  1/12  loss 0.25\nEpoch  2/12  loss 0.25\n"
    assert progress(io.StringIO()) == expected
    assert progress(Terminal(), live=False) == expected


def test_progress_on_a_terminal_rewrites_its_line():
    lines = progress(Terminal()).split("\n")
    assert len(lines) == 3
    assert lines[2] == ""
    for line in lines[:2]:
        start, first, second, last = line.split("\r")
        assert start == ""
        assert first.endswith("1/2  loss 0.1235  accuracy 0.5")
        assert second.endswith("2/2  loss 0.1235  accuracy 0.5")
        assert last.rstrip().endswith("/12  loss 0.25")
        assert len(last) == len(second)  # nothing of the longer line is left


def test_progress_is_not_rewritten_more_often_than_can_be_read():
    stream = Terminal()
    bar = callbacks.ProgressBar(stream=stream)
    bar.set_params({"epochs": 1, "steps": 1000, "verbose": 1})
    bar.on_train_begin()
    bar.interval = 1e9
    bar.on_epoch_begin(0)
    for batch in range(1000):
        bar.on_train_batch_end(batch, {"loss": 1.0})
    assert stream.getvalue().count("\r") == 1


def test_verbose(capsys):
    model, x, y = model_and_data(np.random.default_rng(0))
    model.fit(x, y, epochs=3, verbose=0)
    assert capsys.readouterr().out == ""
    for verbose in (1, 2):
        model.fit(x, y, epochs=3, validation_split=0.5, verbose=verbose)
        out = capsys.readouterr().out
        assert out.count("\n") == 3
        assert "\r" not in out
        assert out.startswith("Epoch 1/3  loss ")
        assert out.count("val_mae") == 3
