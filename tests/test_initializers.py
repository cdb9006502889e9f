"""Initialisers: moments and bounds against Keras and theory, shapes, dtypes, errors."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest

from glassnet import initializers
from glassnet.initializers import INITIALIZERS, Initializer, compute_fans

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

SHAPE = (3, 2, 30, 70)  # a convolution kernel: fan in 180, fan out 420, 12600 numbers
SEEDS = 10
# name, options, variance expected for SHAPE, bound of the absolute value (None: no bound)
CUT = 0.87962566103423978  # standard deviation of a normal number cut at ±2, see the test below
CASES = [
    ("RandomNormal", {"stddev": 0.3}, 0.09, None),
    ("RandomNormal", {"mean": 0.2, "stddev": 0.3}, 0.09, None),
    ("TruncatedNormal", {"stddev": 0.3}, (0.3 * CUT) ** 2, 0.6),
    ("TruncatedNormal", {"mean": -0.2, "stddev": 0.3}, (0.3 * CUT) ** 2, 0.8),
    ("RandomUniform", {}, 0.1**2 / 12, 0.05),
    ("RandomUniform", {"minval": -0.1, "maxval": 0.7}, 0.8**2 / 12, 0.7),
    ("GlorotUniform", {}, 2 / 600, np.sqrt(6 / 600)),
    ("GlorotNormal", {}, 2 / 600, 2 * np.sqrt(2 / 600) / CUT),
    ("HeUniform", {}, 2 / 180, np.sqrt(6 / 180)),
    ("HeNormal", {}, 2 / 180, 2 * np.sqrt(2 / 180) / CUT),
    ("LecunUniform", {}, 1 / 180, np.sqrt(3 / 180)),
    ("LecunNormal", {}, 1 / 180, 2 * np.sqrt(1 / 180) / CUT),
    ("VarianceScaling", {}, 1 / 180, 2 * np.sqrt(1 / 180) / CUT),
    ("VarianceScaling", {"scale": 3.0, "mode": "fan_out"}, 3 / 420, 2 * np.sqrt(3 / 420) / CUT),
    ("VarianceScaling", {"distribution": "normal"}, 1 / 180, 2 * np.sqrt(1 / 180) / CUT),
    ("VarianceScaling", {"distribution": "untruncated_normal"}, 1 / 180, None),
    (
        "VarianceScaling",
        {"scale": 0.5, "mode": "fan_avg", "distribution": "uniform"},
        0.5 / 300,
        np.sqrt(3 * 0.5 / 300),
    ),
    ("Orthogonal", {"gain": 1.5}, 1.5**2 / 180, None),  # 70 unit columns of 180 entries
]
each_case = pytest.mark.parametrize(("name", "options", "variance", "bound"), CASES)
each_class = pytest.mark.parametrize("name", INITIALIZERS)


@pytest.fixture(scope="module")
def keras():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # third-party deprecations are not what is tested
        import keras

    return keras


def make(name, options=()):
    return getattr(initializers, name)(**dict(options))


def draws(name, options):
    """Numbers of ten seeds, shape (10, 12600)."""
    init = make(name, options)
    values = [init(SHAPE, np.random.default_rng(seed), np.float64) for seed in range(SEEDS)]
    return np.reshape(values, (SEEDS, -1))


def keras_draws(keras, name, options):
    cls = getattr(keras.initializers, name)
    values = [np.asarray(cls(seed=s, **options)(SHAPE, dtype="float64")) for s in range(SEEDS)]
    return np.reshape(values, (SEEDS, -1))


def test_every_public_random_initializer_has_a_case():
    constant = {"Zeros", "Ones", "Constant"}
    classes = {cls.__name__ for cls in INITIALIZERS.values()}
    assert classes - constant == {name for name, *_ in CASES}
    assert classes | {"Initializer"} == {n for n in initializers.__all__ if n[0].isupper()} - {
        "INITIALIZERS"
    }


@each_case
def test_mean_variance_and_bound_agree_with_theory_and_with_keras(
    keras, name, options, variance, bound
):
    ours, theirs = draws(name, options), keras_draws(keras, name, options)
    mean = options.get("mean", (options.get("minval", 0) + options.get("maxval", 0)) / 2)
    # 126000 numbers: the standard error of the mean is std / 355, that of the variance at most
    # sqrt(2) variance / 355, which is 0.4 % (the kurtosis of all these is at most the normal's).
    # Five of them, so that no seed fails by chance. An error in a fan or factor is far larger.
    for values in (ours, theirs):
        assert abs(values.mean() - mean) < 5 * np.sqrt(variance) / 355
        assert abs(values.var() / variance - 1) < 5 * 0.004
    if bound is not None:
        for values in (ours, theirs):
            largest = np.abs(values).max()
            assert 0.995 * bound < largest <= bound * (1 + 1e-6)  # Keras' bound is float32


@each_case
def test_quantiles_agree_with_keras(keras, name, options, variance, bound):
    # The variance alone does not tell a normal from a uniform; the deciles do.
    levels = np.linspace(0.1, 0.9, 9)
    ours, theirs = (
        np.quantile(values, levels)
        for values in (draws(name, options), keras_draws(keras, name, options))
    )
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=0.03 * np.sqrt(variance))


def test_the_truncation_constant():
    # Variance of a standard normal given |z| < 2: 1 - 2 * 2 phi(2) / (Phi(2) - Phi(-2))
    from statistics import NormalDist

    normal = NormalDist()
    exact = np.sqrt(1 - 4 * normal.pdf(2) / (normal.cdf(2) - normal.cdf(-2)))
    np.testing.assert_allclose(initializers._TRUNCATED_STDDEV, exact, rtol=1e-12)


@each_class
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, "float32"])
def test_shape_and_dtype(name, dtype):
    for shape in ((3, 5), [4, 3], (2, 3, 4), (3, 2, 4, 5)):
        y = INITIALIZERS[name]()(shape, np.random.default_rng(0), dtype)
        assert type(y) is np.ndarray
        assert y.shape == tuple(shape)
        assert y.dtype == dtype
    assert INITIALIZERS[name]()((2, 3), np.random.default_rng(0)).dtype == np.float32


@pytest.mark.parametrize("name", sorted(set(INITIALIZERS) - {"orthogonal"}))
def test_vectors_and_scalars(name):
    for shape in ((5,), ()):
        y = INITIALIZERS[name]()(shape, np.random.default_rng(0), np.float64)
        assert isinstance(y, np.ndarray)
        assert y.shape == shape
        assert np.isfinite(y).all()


@each_class
def test_the_same_seed_gives_the_same_numbers(name):
    init = INITIALIZERS[name]()
    first, again, other = (
        init((6, 4), np.random.default_rng(seed), np.float64) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(  # and in another dtype the same numbers, rounded
        init((6, 4), np.random.default_rng(3), np.float32), first.astype(np.float32)
    )
    if name not in ("zeros", "ones", "constant"):
        assert not np.allclose(first, other)
        rng = np.random.default_rng(3)  # one generator goes on
        assert not np.allclose(init((6, 4), rng), init((6, 4), rng))


def test_the_global_seed_is_neither_used_nor_changed():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for cls in INITIALIZERS.values():
        cls()((6, 4), np.random.default_rng(3))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_constants():
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(initializers.Zeros()((2, 3), rng), np.zeros((2, 3)))
    np.testing.assert_array_equal(initializers.Ones()((2, 3), rng), np.ones((2, 3)))
    np.testing.assert_array_equal(initializers.Constant(-2.5)((2, 3), rng), np.full((2, 3), -2.5))


@pytest.mark.parametrize("shape", [(7, 4), (4, 7), (5, 5), (3, 2, 4), (2, 2, 2, 40), (1, 6)])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_orthogonal(shape, gain):
    y = initializers.Orthogonal(gain)(shape, np.random.default_rng(1), np.float64)
    q = y.reshape(-1, shape[-1]) / gain
    gram = q @ q.T if q.shape[0] < q.shape[1] else q.T @ q
    np.testing.assert_allclose(gram, np.eye(min(q.shape)), atol=1e-13)


def test_orthogonal_matrices_are_equally_likely():
    # Uniform over the orthogonal group: every entry has mean 0. The raw Q of a QR decomposition
    # fails this, since the algorithm fixes the sign of the first column.
    rng = np.random.default_rng(2)
    mean = np.mean([initializers.Orthogonal()((3, 3), rng, np.float64) for _ in range(4000)], 0)
    assert np.abs(mean).max() < 5 / np.sqrt(3 * 4000)


@pytest.mark.parametrize("shape", [(), (5,), (5, 3), (4, 5, 3), (3, 2, 5, 7), (2, 3, 4, 5, 7)])
def test_fans_agree_with_keras(keras, shape):
    from keras.src.initializers.random_initializers import compute_fans as expected

    assert compute_fans(shape) == expected(shape)


def test_fans_of_the_kernels_keras_builds(keras):
    dense = keras.layers.Dense(7)
    dense.build((None, 5))
    conv1 = keras.layers.Conv1D(7, 3)
    conv1.build((None, 11, 5))
    conv2 = keras.layers.Conv2D(7, (3, 2))
    conv2.build((None, 11, 12, 5))
    assert compute_fans(tuple(dense.kernel.shape)) == (5, 7)
    assert compute_fans(tuple(conv1.kernel.shape)) == (3 * 5, 3 * 7)
    assert compute_fans(tuple(conv2.kernel.shape)) == (3 * 2 * 5, 3 * 2 * 7)


@each_class
def test_get_by_either_name_and_instance(keras, name):
    cls = INITIALIZERS[name]
    assert type(initializers.get(name)) is cls
    assert type(initializers.get(cls.__name__)) is cls
    instance = cls()
    assert initializers.get(instance) is instance
    if name != "constant":  # Keras' own default fails here
        assert type(keras.initializers.get(name)).__name__ == cls.__name__


@pytest.mark.parametrize("bad", ["glorot", "Glorot_Uniform", None, 3, ["zeros"], np.zeros(3)])
def test_unknown_initializer_raises_with_the_known_names(bad):
    with pytest.raises(ValueError, match=r"Unknown initializer\. Received: .*Known: .*he_normal"):
        initializers.get(bad)


@each_class
def test_config_makes_the_keras_twin_with_the_same_defaults(keras, name):
    cls = INITIALIZERS[name]
    config = cls().get_config()
    theirs = getattr(keras.initializers, cls.__name__)(**config).get_config()
    assert config == {key: theirs[key] for key in config}
    extra = set(theirs) - set(config) - {"seed", "input_axes", "output_axes"}
    assert extra == set()
    default = getattr(keras.initializers, cls.__name__)().get_config()
    assert config == {key: default[key] for key in config}


@each_case
def test_config_round_trip_and_repr(name, options, variance, bound):
    init = make(name, options)
    again = make(name, init.get_config())
    assert again.get_config() == init.get_config()
    assert options.items() <= init.get_config().items() or options == {"distribution": "normal"}
    assert repr(init).startswith(f"{name}(")
    namespace = {name: getattr(initializers, name)}
    assert repr(eval(repr(init), namespace)) == repr(init)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Constant", {"value": "1"}),
        ("Constant", {"value": np.zeros(3)}),
        ("RandomNormal", {"stddev": -1.0}),
        ("RandomNormal", {"mean": None}),
        ("TruncatedNormal", {"stddev": -1.0}),
        ("RandomUniform", {"maxval": -1.0}),
        ("RandomUniform", {"minval": np.nan}),
        ("VarianceScaling", {"scale": 0}),
        ("VarianceScaling", {"scale": -1.0}),
        ("VarianceScaling", {"mode": "fan"}),
        ("VarianceScaling", {"distribution": "gauss"}),
        ("Orthogonal", {"gain": "2"}),
    ],
)
def test_bad_options_raise(name, options):
    (option,) = options
    with pytest.raises(ValueError, match=f"`{option}` must .*Received: {option}="):
        make(name, options)


@each_class
def test_bad_arguments_raise(name):
    init, rng = INITIALIZERS[name](), np.random.default_rng(0)
    for shape in (5, "ab", None, (2, -1), (2, 0), (2, 1.5), (None, 3), (True, 2)):
        with pytest.raises(ValueError, match="`shape` must be"):
            init(shape, rng)
    for bad in (None, 0, np.random):
        with pytest.raises(ValueError, match="`rng` must be a numpy"):
            init((2, 3), bad)
    for dtype in (np.int32, complex, bool):
        with pytest.raises(ValueError, match="`dtype` must be a floating-point type"):
            init((2, 3), rng, dtype)


def test_orthogonal_needs_a_matrix():
    for shape in ((), (5,)):
        with pytest.raises(ValueError, match=r"at least two axes\. Received: shape="):
            initializers.Orthogonal()(shape, np.random.default_rng(0))


def test_fans_of_a_bad_shape_raise():
    for shape in (5, None, (None, 3), (0, 3)):
        with pytest.raises(ValueError, match="`shape` must be"):
            compute_fans(shape)


def test_a_subclass_without_draw_says_so():
    with pytest.raises(TypeError, match=r"abstract.*draw"):
        Initializer()


def test_a_configuration_is_as_good_as_a_name():
    made = initializers.get({"class_name": "Constant", "config": {"value": 2.5}})
    assert made.get_config() == {"value": 2.5}
    keras = {"module": "keras.initializers", "class_name": "he_normal", "config": {"seed": None}}
    assert isinstance(initializers.get(keras), initializers.HeNormal)
    assert isinstance(initializers.get({"class_name": "Zeros"}), initializers.Zeros)


@pytest.mark.parametrize(
    "config",
    [
        {"class_name": "Nope", "config": {}},
        {"config": {}},
        {"class_name": "Constant", "config": {"values": 2.5}},
        {"class_name": "Constant", "config": {"value": "two"}},
    ],
)
def test_a_configuration_that_means_nothing_raises(config):
    with pytest.raises(ValueError, match="Received"):
        initializers.get(config)
