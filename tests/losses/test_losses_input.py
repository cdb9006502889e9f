"""Bad input is refused with a message that says what was received; names and configs."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import losses

P = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
ONE_HOT = np.eye(3)[:2]
PER_SAMPLE = [name for name in losses.LOSSES if name != "sparse_categorical_crossentropy"]


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


def both(name):
    return [getattr(losses, name), getattr(losses, f"{name}_gradient"), losses.get(name).gradient]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", list(losses.LOSSES))
def test_target_that_is_not_finite(name, bad):
    y_true = np.zeros(2) if name.startswith("sparse") else ONE_HOT.copy()
    y_true.flat[0] = bad
    for function in both(name):
        refused(function, y_true, P, match=f"{bad}")


@pytest.mark.parametrize("name", PER_SAMPLE)
@pytest.mark.parametrize("shape", [(3,), (2,), (1, 3), (2, 1), (3, 2), (2, 3, 1, 1), (1, 2, 3), ()])
def test_shapes_that_do_not_match(name, shape):
    for function in both(name):
        refused(function, np.zeros(shape), P, match="(2, 3)")


@pytest.mark.parametrize("shape", [(3,), (1,), (2, 3), (2, 2), (1, 2), (2, 1, 1), ()])
def test_label_shapes_that_do_not_match(shape):
    for function in both("sparse_categorical_crossentropy"):
        refused(function, np.zeros(shape, int), P, match="(2, 3)")


@pytest.mark.parametrize("name", list(losses.LOSSES))
@pytest.mark.parametrize("shape", [(0, 3), (2, 0), ()])
def test_nothing_to_average(name, shape):
    labels = np.zeros(shape[:-1] if name.startswith("sparse") else shape)
    for function in both(name):
        refused(function, labels, np.zeros(shape), match=f"{shape}")


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [0.5, 1], ["a", "b"], [0, np.nan]])
def test_labels_out_of_range_or_not_whole(labels):
    for function in both("sparse_categorical_crossentropy"):
        refused(function, labels, P)


def test_ignored_label_does_not_excuse_the_others():
    refused(losses.sparse_categorical_crossentropy, [-1, 3], P, ignore_class=-1, match="3")
    refused(losses.SparseCategoricalCrossentropy(ignore_class=5), [5, -1], P, match="-1")


@pytest.mark.parametrize("bad", [-1e-9, 1.001])
@pytest.mark.parametrize(
    "name",
    [
        "binary_crossentropy",
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        "kl_divergence",
    ],
)
def test_probabilities_outside_0_1(name, bad):
    y_pred = P.copy()
    y_pred[1, 2] = bad
    y_true = np.zeros(2) if name.startswith("sparse") else ONE_HOT
    for function in both(name):
        refused(function, y_true, y_pred, match=f"`y_pred` must lie in [0, 1]. Received: {bad}")


@pytest.mark.parametrize(
    "name", ["binary_crossentropy", "categorical_crossentropy", "kl_divergence"]
)
@pytest.mark.parametrize("bad", [-1.0, 2.0])
def test_targets_outside_0_1(name, bad):
    y_true = ONE_HOT.copy()
    y_true[0, 1] = bad
    for function in both(name):
        refused(function, y_true, P, match="`y_true` must lie in [0, 1]")


def test_targets_and_probabilities_that_are_no_distribution():
    for from_logits in (False, True):
        for function in both("categorical_crossentropy")[:2]:
            refused(function, ONE_HOT / 2, P, from_logits=from_logits, match="sum to 1")
            refused(function, 0 * P, P, from_logits=from_logits, match="sum to 1")
    for function in both("categorical_crossentropy"):
        refused(function, ONE_HOT, 0 * P, match="positive sum")


def test_one_class_is_refused():
    refused(losses.CategoricalCrossentropy(), np.ones((4, 1)), np.ones((4, 1)), match="2 classes")


@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
@pytest.mark.parametrize("y_true", [[-1, 0, 1], [0, 1, 2], [0.5, 1, 1], [-1, 1, -2]])
def test_labels_without_a_sign(name, y_true):
    for function in both(name):
        refused(function, [y_true, y_true], P, match="`y_true` must hold labels -1 and 1")


def test_poisson_wants_counts_and_rates():
    for function in both("poisson"):
        refused(function, [[1.0]], [[-0.1]], match="y_pred")
        refused(function, [[-1.0]], [[0.1]], match="y_true")


@pytest.mark.parametrize("delta", [0, -1.0, np.inf, np.nan, "1", True, [1.0]])
def test_delta(delta):
    refused(losses.Huber, delta)
    refused(losses.huber, P, P, delta)
    refused(losses.huber_gradient, P, P, delta=delta)


@pytest.mark.parametrize("smoothing", [-0.1, 1.1, np.nan, "0.1", True])
def test_label_smoothing(smoothing):
    for cls in (losses.BinaryCrossentropy, losses.CategoricalCrossentropy):
        refused(cls, label_smoothing=smoothing, match="label_smoothing")
    for name in ("binary_crossentropy", "categorical_crossentropy"):
        for function in both(name)[:2]:
            refused(function, ONE_HOT, P, label_smoothing=smoothing, match="label_smoothing")


@pytest.mark.parametrize("axis", [2, -3, 0.5, True, None, (0, 1)])
def test_axis(axis):
    for name in ("binary_crossentropy", "categorical_crossentropy"):
        for function in both(name)[:2]:
            refused(function, ONE_HOT, P, axis=axis, match="axis")
        loss = losses.LOSSES[name](axis=axis)
        refused(loss, ONE_HOT, P, match="axis")
        refused(loss.gradient, ONE_HOT, P, match="axis")
    refused(losses.SparseCategoricalCrossentropy(axis=axis), [0, 1], P, match="axis")


def test_sparse_axis_must_be_the_last():
    refused(losses.SparseCategoricalCrossentropy(axis=0), [0, 1, 0], P, match="axis")
    assert losses.SparseCategoricalCrossentropy(axis=1)([0, 1], P) > 0


@pytest.mark.parametrize("reduction", ["average", "", 1, "SUM"])
def test_unknown_reduction(reduction):
    for cls in losses.LOSSES.values():
        refused(cls, reduction=reduction, match="reduction")


def test_options_of_the_wrong_kind():
    refused(losses.BinaryCrossentropy, from_logits="yes", match="from_logits")
    refused(losses.SparseCategoricalCrossentropy, from_logits="yes", match="from_logits")
    refused(losses.SparseCategoricalCrossentropy, ignore_class=0.5, match="0.5")
    refused(losses.SparseCategoricalCrossentropy, ignore_class=True, match="True")


@pytest.mark.parametrize("shape", [(2,), (3,), (4, 2), (2, 3), (4, 3, 2), (1, 1, 2), (4, 3, 1, 1)])
def test_weights_that_do_not_fit(shape):
    """(4,) against losses (4, 3) is refused too: Keras cannot tell samples from times by it."""
    y = np.zeros((4, 3, 6))
    refused(losses.MeanSquaredError(), y, y, np.ones(shape), match=f"{shape}")
    refused(losses.MeanSquaredError().gradient, y, y, np.ones(shape), match=f"{shape}")


def test_weights_of_samples_against_times_of_the_same_number():
    y = np.zeros((3, 3, 6))
    refused(losses.MeanSquaredError(), y, y, np.ones(3), match="(3, 3)")


@pytest.mark.parametrize("bad", [np.nan, np.inf, "a"])
def test_weights_that_are_not_finite(bad):
    refused(losses.MeanSquaredError(), P, P, [1, bad], match="sample_weight")
    refused(losses.MeanSquaredError().gradient, P, P, [1, bad], match="sample_weight")


@pytest.mark.parametrize("name", list(losses.LOSSES))
def test_get(name):
    cls = losses.LOSSES[name]
    instance = cls(reduction="sum")
    assert type(losses.get(name)) is cls
    assert type(losses.get(cls.__name__)) is cls
    assert losses.get(instance) is instance
    assert instance.name == name
    assert cls(name="mine").get_config()["name"] == "mine"
    again = cls(**instance.get_config())
    assert again.get_config() == instance.get_config()
    assert "reduction='sum'" in repr(again)


@pytest.mark.parametrize("identifier", ["mean_square", "", None, 3, ["mse"], losses.Huber, {}])
def test_get_unknown(identifier):
    refused(losses.get, identifier, match="huber")


def test_aliases_and_public_names():
    assert type(losses.get("mse")) is losses.MeanSquaredError
    assert type(losses.get("kld")) is losses.KLDivergence
    for name in losses.__all__:
        assert hasattr(losses, name)
    for name, cls in losses.LOSSES.items():
        assert {name, f"{name}_gradient", cls.__name__} <= set(losses.__all__)
