"""What Keras computed is recorded, and serves where there is no TensorFlow; ours is computed."""

from __future__ import annotations

import inspect
import sys
from typing import NamedTuple

import numpy as np
import pytest

from glassnet import (
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
    schedules,
)
from glassnet import crosscheck as check
from glassnet.crosscheck import recording, storage


def network(rng, *parts, shape=(4,), **options):
    sequential = models.Sequential(parts)
    sequential.build((None, *shape), rng, dtype=np.float64)
    for layer in sequential.layers:
        check.randomise_weights(layer, rng)
    sequential.compile(optimizers.SGD(0.1, momentum=0.5), "mean_squared_error", **options)
    return sequential


def dense(rng):
    return check.layer(layers.Dense(3, "tanh"), (4, 5), rng)


def dropout(rng):
    return check.layer(layers.Dropout(0.4), (6, 5), rng, training=True)


def ruled(rng):
    rules = {"kernel_regularizer": regularizers.L2(0.1), "kernel_constraint": constraints.NonNeg()}
    return check.layer(layers.Dense(3, **rules), (4, 5), rng)


def masked(rng):
    mask = np.arange(7) < np.array([[7], [5], [2]])
    return check.layer(layers.GRU(4, return_state=True), (3, 7, 2), rng, mask=mask)


def batch_norm(rng):
    return check.layer(layers.BatchNormalization(), (6, 4), rng, training=True)


def block(rng):
    kind = layers.TransformerEncoder(5, 2, dropout=0.3)
    return check.layer(kind, (2, 3, 4), rng, training=True)


def lookup(rng):
    tokens = np.array([[1, 4, 2], [0, 3, 3]])
    return check.layer(layers.Embedding(6, 3), (2, 3), rng, inputs=tokens)


def activation(rng):
    from glassnet import activations

    x = rng.standard_normal((5, 4))
    return check.compare(activations.elu, "keras.activations.elu", x, alpha=0.3)


def weighted_loss(rng):
    pair = rng.standard_normal((2, 4, 3))
    return check.loss(losses.Huber(delta=0.7), *pair, np.array([1.0, 0.5, 2.0, 0.0]))


def training(rng):
    x, y = rng.standard_normal((30, 4)), rng.standard_normal((30, 2))
    parts = layers.Dense(3, "tanh"), layers.Dropout(0.3), layers.Dense(2)
    return check.model(
        network(rng, *parts), x, y, steps=4, batch_size=7, sample_weight=y[:, 0] ** 2
    )


def words(rng):
    x, y = np.arange(24).reshape(8, 3) % 5, rng.standard_normal((8, 3, 2))
    parts = layers.Embedding(5, 4), layers.Dense(2)
    return check.model(network(rng, *parts, shape=(3,)), x, y, steps=2, batch_size=4)


def fitted(rng):
    x, y = rng.standard_normal((20, 4)), rng.standard_normal((20, 2))
    net = network(rng, layers.Dense(2), metrics=["mean_absolute_error"])
    return check.fit(net, x, y, epochs=2, validation_data=(x[:5], y[:5]))


def adam(rng):
    return check.optimizer(optimizers.Adam(0.01), [(3, 2), (4,)], rng, steps=20)


def cosine(rng):
    return check.schedule(schedules.CosineDecay(0.1, 20), range(30))


def he(rng):
    return check.initializer(initializers.HeNormal(), (100, 120), rng)


def orthogonal(rng):
    return check.initializer(initializers.Orthogonal(), (8, 5), rng)


def zeros(rng):
    return check.initializer(initializers.Zeros(), (8, 5), rng)


def accuracy(rng):
    batches = [tuple(rng.standard_normal((2, size, 3))) for size in (4, 6)]
    return check.metric(metrics.MeanSquaredError(), batches)


CASES = [dense, dropout, ruled, masked, batch_norm, block, lookup, activation, weighted_loss]
CASES += [training, words, fitted, adam, cosine, he, orthogonal, zeros, accuracy]


class Noisy(np.random.Generator):
    """Draws what the usual one draws, but for the last bits."""

    relative = 1e-15

    def standard_normal(self, *args, **options):
        drawn = super().standard_normal(*args, **options)
        return drawn * (1 + self.relative * np.cos(np.arange(np.size(drawn)).reshape(drawn.shape)))


class NoisierStill(Noisy):
    relative = 1e-6


def generator(kind=np.random.Generator):
    return kind(np.random.PCG64(5))


class Recorded(NamedTuple):
    folder: object
    file: object
    reports: dict
    after: dict


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Every case, computed with Keras and recorded; the reports, and what is drawn next."""
    folder = tmp_path_factory.mktemp("values")
    reports, after = {}, {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(recording.RECORD, str(folder))
        for case in CASES:
            rng = generator()
            reports[case] = case(rng)
            after[case] = rng.random()
    file = folder / "page.bin"
    file.write_bytes(storage.bundle(folder))
    return Recorded(folder, file, reports, after)


@pytest.fixture
def browser(recorded, monkeypatch):
    """As in a reader's browser: no TensorFlow, but the recording."""
    monkeypatch.setitem(sys.modules, "keras", None)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.setenv(recording.REPLAY, str(recorded.file))
    with pytest.raises(ImportError):
        check.load_keras()


def differing(report):
    return [row.quantity for row in report.rows if not row.ok]


def test_every_comparison_has_a_case(recorded):
    public = [getattr(check, name) for name in check.__all__]
    public = [value for value in public if inspect.isfunction(value)]
    returns = {value.__name__: value.__doc__.partition("Returns\n")[2] for value in public}
    comparisons = {name for name, text in returns.items() if text.split()[1:2] == ["Report"]}
    assert {"compare", "layer", "model"} < comparisons
    assert {record.kind for record in storage.load(recorded.file)} == comparisons


@pytest.mark.parametrize("case", CASES)
def test_the_report_is_the_same(case, recorded, browser):
    rng = generator()
    report = case(rng).require()
    assert report.rows == recorded.reports[case].rows
    assert report.title == recorded.reports[case].title
    assert rng.random() == recorded.after[case]  # what a page draws next is the same, too


@pytest.mark.parametrize("case", CASES)
def test_the_last_bits_of_another_platform_do_not_matter(case, browser):
    assert case(generator(Noisy)).require().ok


def test_other_numbers_do(browser):
    for case in (dense, activation, weighted_loss, training, fitted, adam, accuracy):
        with pytest.raises(check.NotRecordedError, match="other numbers"):
            case(generator(NoisierStill))


def test_only_the_recorded_report_says_so(recorded, browser):
    note = dense(generator()).note
    assert not any("recorded" in report.note for report in recorded.reports.values())
    versions = storage.load(recorded.file)[0].versions
    assert note == f"Keras' values are recorded: {versions}."
    assert versions.startswith("Keras 3.")
    assert ", TensorFlow 2." in versions
    assert "float32" in recorded.reports[adam].note
    assert adam(generator()).note == f"{recorded.reports[adam].note} {note}"


@pytest.mark.parametrize(
    ("kind", "method", "change", "case", "rows"),
    [
        (layers.Dense, "backward", lambda dx: 2 * dx, dense, ["gradient of input"]),
        (layers.Dense, "forward", lambda y: y + 1e-6, dense, ["output"]),
        (layers.Dropout, "forward", lambda y: 0.6 * y, dropout, ["output"]),
        (layers.Dense, "penalty", lambda value: value / 2, ruled, ["penalty"]),
        (losses.Huber, "gradient", lambda g: -g, weighted_loss, ["gradient of y_pred"]),
        (schedules.CosineDecay, "__call__", lambda rate: rate / 2, cosine, ["rate at 30 steps"]),
        (metrics.MeanSquaredError, "result", lambda r: r + 1, accuracy, None),
        (layers.Dropout, "backward", lambda dx: 2 * dx, training, None),
        (layers.Embedding, "forward", lambda y: 2 * y, words, None),
        (layers.Dense, "backward_params", lambda _: None, fitted, None),
        (initializers.HeNormal, "__call__", lambda w: 1.1 * w, he, None),
        (initializers.Orthogonal, "__call__", lambda w: 1.1 * w, orthogonal, None),
        (initializers.Zeros, "__call__", lambda w: w + 1e-9, zeros, ["every entry"]),
    ],
)
def test_a_fault_of_ours_is_found(kind, method, change, case, rows, browser, monkeypatch):
    right = getattr(kind, method)
    if method == "backward_params":
        wrong = lambda self, dy: self.grads.update(kernel=np.ones((4, 2)), bias=np.ones(2))  # noqa: E731
    else:
        wrong = lambda *args, **options: change(right(*args, **options))  # noqa: E731
    monkeypatch.setattr(kind, method, wrong)
    found = differing(case(generator()))
    assert found == rows if rows else found


def test_a_fault_of_an_optimizer_and_of_an_activation_is_found(browser, monkeypatch):
    from glassnet import activations

    step = optimizers.Adam.update_step
    monkeypatch.setattr(
        optimizers.Adam,
        "update_step",
        lambda self, param, grad, slots, rate: step(self, param, grad, slots, 1.0001 * rate),
    )
    assert len(differing(adam(generator()))) == 4
    names = activations.elu.__globals__  # of its module, which a page does not see
    monkeypatch.setitem(names, "elu_derivative", lambda x, alpha: np.ones_like(x))
    assert differing(activation(generator())) == ["gradient of x"]


def test_an_output_of_another_shape_differs_as_with_keras(browser):
    cut = check.compare(
        lambda x, alpha: x[:1],
        "keras.activations.elu",
        generator().standard_normal((5, 4)),
        alpha=0.3,
    )
    assert differing(cut) == ["value: shape (1, 4) against (5, 4)"]


@pytest.mark.parametrize(
    ("edited", "named"),
    [
        (
            lambda rng: check.layer(layers.Dense(3), (4, 5), rng),
            "layer: Dense.units=3, activation=.linear.. here, Dense",
        ),
        (lambda rng: check.layer(layers.Dense(3, "tanh"), (9, 5), rng), r"shape \(9, 5\) here"),
        (lambda rng: check.layer(layers.Dense(3, "tanh"), (4, 5), rng, training=True), "training"),
        (lambda rng: check.layer(layers.LSTM(3), (4, 5, 2), rng), "layer: LSTM"),
        (lambda rng: check.optimizer(optimizers.Adam(0.02), [(3, 2), (4,)], rng, 20), "0.02"),
        (lambda rng: check.schedule(schedules.CosineDecay(0.1, 20), range(31)), "step"),
        (lambda rng: check.initializer(initializers.HeNormal(), (120, 100), rng), "shape"),
        (lambda rng: check.compare(np.tanh, "keras.activations.tanh", [1.0]), "activations.tanh"),
    ],
)
def test_what_the_reader_changed_is_named(edited, named, browser):
    with pytest.raises(check.NotRecordedError, match="page's own inputs only.*" + named) as error:
        edited(generator())
    assert "Binder" in str(error.value)
    assert len(str(error.value)) < 700
    assert error.value.__context__ is None  # nothing of an import that failed


def test_other_masks_are_named(browser, monkeypatch):
    monkeypatch.setattr(layers.Dropout, "mask_shape", lambda self, shape: (shape[0], 1))
    with pytest.raises(check.NotRecordedError, match="drawn"):
        dropout(generator())


def test_a_comparison_that_the_page_has_not_is_named(browser, recorded, tmp_path, monkeypatch):
    for one in storage.load(recorded.file):
        if one.kind != "metric":
            storage.store(tmp_path, one)
    (tmp_path / "page").write_bytes(storage.bundle(tmp_path))
    monkeypatch.setenv(recording.REPLAY, str(tmp_path / "page"))
    with pytest.raises(check.NotRecordedError, match=r"crosscheck\.metric is not among them"):
        accuracy(generator())


def test_without_a_recording_the_error_is_the_old_one(browser, monkeypatch):
    monkeypatch.delenv(recording.REPLAY)
    with pytest.raises(ImportError, match="needs TensorFlow"):
        dense(generator())


def test_functions_that_are_handed_over_are_never_looked_up(browser):
    """A reader may have edited them."""
    with pytest.raises(ImportError, match="needs TensorFlow"):
        check.compare(np.tanh, np.tanh, [1.0, 2.0])
    with pytest.raises(ImportError, match="needs TensorFlow"):
        check.layer(layers.Dense(3, "tanh"), (4, 5), generator(), twin=object())


def test_with_tensorflow_nothing_is_looked_up(recorded, tmp_path, monkeypatch):
    (tmp_path / "page").write_bytes(b"not a recording")
    monkeypatch.setenv(recording.REPLAY, str(tmp_path / "page"))
    report = check.layer(layers.Dense(2), (3, 4), generator())
    assert report.require().note == ""


def test_the_name_of_a_function_must_be_one_of_keras():
    with pytest.raises(ValueError, match=r"start with 'keras\.'"):
        check.compare(np.tanh, "numpy.tanh", [1.0])


def test_running_a_cell_again_adds_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv(recording.RECORD, str(tmp_path / "new" / "folder"))
    for _ in range(2):
        cosine(generator())
    assert len(list((tmp_path / "new" / "folder").iterdir())) == 1


def test_too_large_a_comparison_is_left_out_and_says_so(tmp_path, recorded, browser, monkeypatch):
    (large,) = (one for one in storage.load(recorded.file) if "HeNormal" in str(one.about))
    monkeypatch.setattr(storage, "LIMIT", 8)
    storage.store(tmp_path, large)
    (tmp_path / "page").write_bytes(storage.bundle(tmp_path))
    monkeypatch.setenv(recording.REPLAY, str(tmp_path / "page"))
    with pytest.raises(check.NotRecordedError, match="over 1 MB"):
        he(generator())
