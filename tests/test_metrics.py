"""Metrics agree with Keras over several batches; the confusion matrix with scikit-learn."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest

from glassnet import losses, metrics

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="module")
def keras():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = pytest.importorskip("keras")
    floatx = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(floatx)


def real(rng, shape):
    return rng.standard_normal(shape), rng.standard_normal(shape)


def bits(rng, shape):
    return rng.integers(0, 2, shape).astype(float), rng.uniform(size=shape)


def one_hot(rng, shape):
    return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])], rng.uniform(size=shape)


def labels(rng, shape):
    """Scores in steps, so that there are ties; float32, as TensorFlow's in_top_k demands."""
    scores = rng.integers(0, 4, shape).astype(np.float32)
    return rng.integers(0, shape[-1], shape[:-1]), scores


CASES = {
    "mse": (metrics.MeanSquaredError, {}, real),
    "mae": (metrics.MeanAbsoluteError, {}, real),
    "rmse": (metrics.RootMeanSquaredError, {}, real),
    "binary": (metrics.BinaryAccuracy, {}, bits),
    "binary-0.8": (metrics.BinaryAccuracy, {"threshold": 0.8}, bits),
    "categorical": (metrics.CategoricalAccuracy, {}, one_hot),
    "sparse": (metrics.SparseCategoricalAccuracy, {}, labels),
    "top-5": (metrics.SparseTopKCategoricalAccuracy, {}, labels),
    "top-2": (metrics.SparseTopKCategoricalAccuracy, {"k": 2}, labels),
    "precision": (metrics.Precision, {}, bits),
    "precision-0.7": (metrics.Precision, {"thresholds": 0.7}, bits),
    "recall": (metrics.Recall, {}, bits),
    "recall-0.7": (metrics.Recall, {"thresholds": 0.7}, bits),
}
COUNTS = ("precision", "precision-0.7", "recall", "recall-0.7")


def assert_agrees(ours, theirs, batches):
    for batch in batches:
        ours.update_state(*batch)
        theirs.update_state(*batch)
        result = ours.result()
        assert type(result) is float
        assert result == pytest.approx(float(theirs.result()), rel=1e-10, abs=1e-12)
    assert result != 0


def twin(keras, metric):
    return getattr(keras.metrics, type(metric).__name__)(**metric.get_config())


@pytest.mark.parametrize("weights", [None, "samples", "column", "scalar"])
@pytest.mark.parametrize("case", CASES)
def test_vectors(keras, case, weights):
    cls, options, data = CASES[case]
    rng = np.random.default_rng(list(CASES).index(case))
    batches = []
    for n in (7, 3, 11):
        weight = {
            None: None,
            "samples": rng.uniform(0, 3, n),
            "column": rng.uniform(0, 3, (n, 1)),
            "scalar": np.array(0.5 + n),
        }[weights]
        batches.append((*data(rng, (n, 6)), weight))
    metric = cls(**options)
    assert_agrees(metric, twin(keras, metric), batches)
    metric.reset_state()
    assert metric.result() == 0
    assert_agrees(metric, twin(keras, metric), batches[1:])


@pytest.mark.parametrize("weight_shape", [None, (4,), (4, 3), (4, 1), (1, 3)], ids=str)
@pytest.mark.parametrize("case", [case for case in CASES if case not in COUNTS])
def test_sequences(keras, case, weight_shape):
    cls, options, data = CASES[case]
    rng = np.random.default_rng(1)
    batches = []
    for _ in range(3):
        weight = None if weight_shape is None else rng.uniform(0, 3, weight_shape)
        batches.append((*data(rng, (4, 3, 6)), weight))
    metric = cls(**options)
    assert_agrees(metric, twin(keras, metric), batches)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("true_shape", "pred_shape"), [((9,), (9, 1)), ((9, 1), (9,)), ((9,), (9,))]
)
@pytest.mark.parametrize("case", ["rmse", "binary", "precision", "recall-0.7"])
def test_one_output(keras, case, true_shape, pred_shape, weighted):
    cls, options, data = CASES[case]
    rng = np.random.default_rng(2)
    batches = []
    for _ in range(3):
        y_true, y_pred = data(rng, pred_shape)
        weight = rng.uniform(0, 3, 9) if weighted else None
        batches.append((y_true.reshape(true_shape), y_pred, weight))
    metric = cls(**options)
    assert_agrees(metric, twin(keras, metric), batches)


@pytest.mark.parametrize("case", COUNTS)
def test_counts_with_a_weight_for_each_output(keras, case):
    cls, options, data = CASES[case]
    rng = np.random.default_rng(3)
    batches = [(*data(rng, (7, 5)), rng.uniform(0, 3, (7, 5))) for _ in range(3)]
    metric = cls(**options)
    assert_agrees(metric, twin(keras, metric), batches)


@pytest.mark.parametrize("case", ["sparse", "top-2"])
@pytest.mark.parametrize("weighted", [False, True])
def test_labels_as_a_column(keras, case, weighted):
    cls, options, data = CASES[case]
    rng = np.random.default_rng(4)
    y_true, y_pred = data(rng, (40, 6))
    weight = rng.uniform(0, 3, 40) if weighted else None
    metric = cls(**options)
    assert_agrees(metric, twin(keras, metric), [(y_true[:, np.newaxis], y_pred, weight)])


def test_top_k_with_more_k_than_classes_and_with_nan(keras):
    y_pred = np.array([[1, 2, 3], [np.nan, 0, 0], [0, np.inf, 0], [5, 4, 4]], np.float32)
    for k in (1, 2, 3, 9):
        metric = metrics.SparseTopKCategoricalAccuracy(k)
        assert_agrees(metric, twin(keras, metric), [(np.array([2, 1, 1, 2]), y_pred)][:1])


@pytest.mark.parametrize("shape", [(), (5,), (5, 3)], ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_mean(keras, shape, weighted):
    rng = np.random.default_rng(5)
    batches = [
        (rng.standard_normal(shape), rng.uniform(1, 2, shape[:1]) if weighted else None)
        for _ in range(4)
    ]
    metric = metrics.Mean()
    assert_agrees(metric, keras.metrics.Mean(), batches)


def test_batches_count_by_their_weight_not_alike():
    """The mean of the batch means would be 2; and the root is taken after the mean."""
    metric = metrics.MeanSquaredError()
    metric.update_state([[1.0], [1.0], [1.0]], [[2.0], [2.0], [2.0]])
    metric.update_state([[0.0]], [[np.sqrt(3)]])
    assert metric.result() == pytest.approx(6 / 4)
    root = metrics.RootMeanSquaredError()
    root.update_state([1.0], [2.0])
    root.update_state([1.0], [8.0])
    assert root.result() == 5.0


@pytest.mark.parametrize("name", list(metrics.METRICS))
def test_empty_metric_and_zero_weights_give_0(name):
    one_number = {"average": "macro"} if "average" in metrics.METRICS[name].options else {}
    metric = metrics.METRICS[name](**one_number)
    assert metric.result() == 0
    if name == "mean":
        metric.update_state([1.0, 2.0], [0.0, 0.0])
    else:
        y_true = [0, 1] if name.startswith("sparse") else np.eye(2)
        metric.update_state(y_true, np.eye(2), [0.0, 0.0])
    assert metric.result() == 0
    assert type(metric.result()) is float


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_of_what_is_averaged(dtype):
    y_true, y_pred = (y.astype(dtype) for y in real(np.random.default_rng(6), (4, 3)))
    assert metrics.MeanSquaredError().values(y_true, y_pred).dtype == dtype
    assert metrics.RootMeanSquaredError().values(y_true, y_pred).dtype == dtype


@pytest.mark.parametrize("classes", [None, 5, 8])
def test_confusion_matrix_agrees_with_scikit_learn(classes):
    reference = pytest.importorskip("sklearn.metrics").confusion_matrix
    rng = np.random.default_rng(7)
    y_true, y_pred = rng.integers(0, 5, 60), rng.integers(0, 4, 60)
    expected = reference(y_true, y_pred, labels=range(classes or 5))
    ours = metrics.confusion_matrix(y_true, y_pred, classes)
    assert ours.dtype == np.int64
    np.testing.assert_array_equal(ours, expected)
    assert not np.array_equal(ours, ours.T)  # rows and columns are told apart
    np.testing.assert_array_equal(metrics.confusion_matrix(y_pred, y_true, classes), expected.T)


def refused(function, *args, match="Received", **kwargs):
    with pytest.raises(ValueError, match="Received") as caught:
        function(*args, **kwargs)
    assert match in str(caught.value)


def test_confusion_matrix_refuses():
    f = metrics.confusion_matrix
    refused(f, [0, 1], [0, 1, 1], match="same shape")
    refused(f, [0, 1], [0, 2], 2, match="`y_pred` must hold labels from 0 to 1")
    refused(f, [-1, 1], [0, 1], match="-1")
    refused(f, [0, np.nan], [0, 1], match="nan")
    refused(f, [0, np.inf], [0, 1], match="inf")
    refused(f, [0.5, 1], [0, 1], match="0.5")
    refused(f, [[0, 1]], [[0, 1]], match="(1, 2)")
    refused(f, [], [], match="(0,)")
    refused(f, [0], [0], 0, match="classes")


@pytest.mark.parametrize("case", CASES)
def test_bad_input(case):
    cls, options, data = CASES[case]
    y_true, y_pred = data(np.random.default_rng(8), (4, 3))
    metric = cls(**options)
    broken = y_true.astype(float)
    broken.flat[0] = np.nan
    refused(metric.update_state, broken, y_pred, match="nan")
    refused(metric.update_state, y_true, y_pred[:3])
    refused(metric.update_state, y_true[:1], y_pred)
    refused(metric.update_state, y_true, y_pred, [1, 2, 3], match="sample_weight")
    refused(metric.update_state, y_true, y_pred, [1, 2, 3, np.nan], match="sample_weight")
    refused(metric.update_state, y_true[:0], y_pred[:0])
    assert metric.result() == 0  # nothing was taken in


@pytest.mark.parametrize("case", ["sparse", "top-2"])
@pytest.mark.parametrize("bad", [-1, 3, 0.5])
def test_labels_out_of_range(case, bad):
    refused(CASES[case][0]().update_state, [0, bad], np.eye(3)[:2], match=f"{bad}")


@pytest.mark.parametrize("case", ["binary", *COUNTS])
@pytest.mark.parametrize("bad", [-1.0, 2.0, 0.5])
def test_labels_other_than_yes_and_no(case, bad):
    refused(CASES[case][0]().update_state, [0, bad], [0.1, 0.2], match=f"{bad}")


def test_options():
    for k in (0, -1, 1.5, True):
        refused(metrics.SparseTopKCategoricalAccuracy, k, match="k")
    for thresholds in (-0.1, 1.1, "a", np.nan):
        refused(metrics.Precision, thresholds, match="thresholds")
    refused(metrics.BinaryAccuracy, threshold=np.nan, match="threshold")
    refused(metrics.Mean().update_state, [], match="(0,)")


@pytest.mark.parametrize(
    ("loss", "kind"),
    [
        ("bce", metrics.BinaryAccuracy),
        (losses.BinaryCrossentropy(from_logits=True), metrics.BinaryAccuracy),
        ("categorical_crossentropy", metrics.CategoricalAccuracy),
        ("kl_divergence", metrics.CategoricalAccuracy),
        (losses.SparseCategoricalCrossentropy(), metrics.SparseCategoricalAccuracy),
    ],
)
@pytest.mark.parametrize("identifier", ["accuracy", "acc"])
def test_accuracy_goes_with_the_loss(identifier, loss, kind):
    metric = metrics.get(identifier, loss)
    assert type(metric) is kind
    assert metric.name == identifier
    assert metric.get_config() == {**kind().get_config(), "name": identifier}


@pytest.mark.parametrize("loss", [None, "mse", "hinge", "poisson"])
def test_accuracy_without_a_loss_that_tells_which(loss):
    refused(metrics.get, "accuracy", loss, match="BinaryAccuracy")


@pytest.mark.parametrize("name", list(metrics.METRICS))
def test_get(name):
    cls = metrics.METRICS[name]
    assert type(metrics.get(name)) is type(metrics.get(cls.__name__)) is cls
    assert metrics.get(name).name == name == cls().name
    metric = cls(name="mine")
    assert metrics.get(metric, "mse") is metric
    assert cls(**metric.get_config()).get_config() == metric.get_config()
    assert cls.__name__ in metrics.__all__


@pytest.mark.parametrize("identifier", ["precisions", "", None, 3, ["mse"], metrics.Mean])
def test_get_unknown(identifier):
    refused(metrics.get, identifier, match="precision")


def test_aliases():
    assert type(metrics.get("mse")) is metrics.MeanSquaredError
    assert metrics.get("mae").name == "mae"
