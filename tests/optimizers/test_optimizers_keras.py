"""Every optimiser against its Keras twin: 100 steps on the same random gradients, in float64.

Keras casts its betas, the momentum of SGD, the weight decay and Adagrad's initial accumulator to
the parameters' dtype, and the cast takes a Python float through float32. A ``numpy.float64`` is not
rounded so; the twins here are built from such numbers where Keras casts, and agree to the last
digits. The last tests measure the rounding.
"""

from __future__ import annotations

import os
import warnings

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

from glassnet import optimizers, schedules

SHAPES = [(3, 4), (5,)]
STEPS = 100

METHODS = {
    "sgd": (optimizers.SGD, {"learning_rate": 0.03}),
    "momentum": (optimizers.SGD, {"learning_rate": 0.03, "momentum": 0.9}),
    "nesterov": (optimizers.SGD, {"learning_rate": 0.03, "momentum": 0.9, "nesterov": True}),
    "adagrad": (optimizers.Adagrad, {"learning_rate": 0.03}),
    "adagrad from 0": (
        optimizers.Adagrad,
        {"learning_rate": 0.03, "initial_accumulator_value": 0.0, "epsilon": 1e-3},
    ),
    "adadelta": (optimizers.Adadelta, {"learning_rate": 0.7, "rho": 0.9, "epsilon": 1e-3}),
    "rmsprop": (optimizers.RMSprop, {"learning_rate": 0.03, "rho": 0.8, "epsilon": 1e-3}),
    "rmsprop momentum": (optimizers.RMSprop, {"learning_rate": 0.03, "momentum": 0.7}),
    "rmsprop centered": (optimizers.RMSprop, {"learning_rate": 0.03, "centered": True}),
    "rmsprop both": (
        optimizers.RMSprop,
        {"learning_rate": 0.03, "centered": True, "momentum": 0.7, "epsilon": 1e-3},
    ),
    "adam": (optimizers.Adam, {"learning_rate": 0.03, "beta_1": 0.8, "beta_2": 0.95}),
    "adam epsilon": (optimizers.Adam, {"learning_rate": 0.03, "epsilon": 0.1}),
    "amsgrad": (optimizers.Adam, {"learning_rate": 0.03, "beta_2": 0.9, "amsgrad": True}),
    "adamw": (optimizers.AdamW, {"learning_rate": 0.03, "weight_decay": 0.2}),
    "adamw amsgrad": (optimizers.AdamW, {"learning_rate": 0.03, "beta_2": 0.8, "amsgrad": True}),
}
DEFAULTS = {
    cls.__name__: (cls, {})
    for cls in (
        optimizers.SGD,
        optimizers.Adagrad,
        optimizers.Adadelta,
        optimizers.RMSprop,
        optimizers.Adam,
        optimizers.AdamW,
    )
}
OPTIONS = {
    "plain": {},
    "weight_decay": {"weight_decay": 0.3},
    "clipvalue": {"clipvalue": 1.1},
    "clipnorm": {"clipnorm": 2.5},
    "global_clipnorm": {"global_clipnorm": 4.0},
    "use_ema": {"use_ema": True, "ema_momentum": 0.8},
    "ema_overwrite_frequency": {
        "use_ema": True,
        "ema_momentum": 0.8,
        "ema_overwrite_frequency": 7,
    },
    "schedule": {"learning_rate": schedules.PiecewiseConstantDecay([3, 40], [0.1, 0.02, 0.3])},
    "everything": {
        "learning_rate": schedules.CosineDecay(0.1, 60, alpha=0.1),
        "weight_decay": 0.3,
        "global_clipnorm": 4.0,
        "use_ema": True,
        "ema_momentum": 0.8,
        "ema_overwrite_frequency": 7,
    },
}


@pytest.fixture(scope="module")
def keras():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras
    floatx = keras.backend.floatx()
    keras.backend.set_floatx("float64")
    yield keras
    keras.backend.set_floatx(floatx)


def exact(value):
    """Replace Python floats by numpy.float64, which Keras does not round to float32."""
    if isinstance(value, list):
        return [exact(item) for item in value]
    return np.float64(value) if isinstance(value, float) else value


def twin_of(keras, ours, rounded=False):
    """Return the Keras optimiser of the same config, without its rounding unless it is asked."""
    config = ours.get_config()
    cls = getattr(keras.optimizers, type(ours).__name__)
    if rounded:
        return cls.from_config(config)
    cast = {"beta_1", "beta_2", "momentum", "weight_decay", "initial_accumulator_value"}
    config = {key: exact(value) if key in cast else value for key, value in config.items()}
    rate = config["learning_rate"]
    if isinstance(rate, dict):
        schedule = getattr(keras.optimizers.schedules, rate["class_name"])
        arguments = {key: exact(value) for key, value in rate["config"].items()}
        config["learning_rate"] = schedule(**arguments)
    return cls(**config)


def run(keras, ours, theirs, steps=STEPS, seed=1):
    """Feed both the same gradients and return the largest difference after any step."""
    import tensorflow

    rng = np.random.default_rng(seed)
    params = [rng.standard_normal(shape) for shape in SHAPES]
    variables = [keras.Variable(param) for param in params]
    theirs.build(variables)
    step = tensorflow.function(lambda grads: theirs.apply(grads, variables))  # several times faster
    worst = 0.0

    def difference():
        return max(
            np.abs(param - variable.numpy()).max()
            for param, variable in zip(params, variables, strict=True)
        )

    for _ in range(steps):
        grads = [2 * rng.standard_normal(shape) for shape in SHAPES]
        ours.apply(grads, params)
        step([tensorflow.constant(grad) for grad in grads])
        worst = max(worst, difference())
    ours.finalize(params)
    theirs.finalize_variable_values(variables)
    return max(worst, difference())


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("method", METHODS)
def test_100_steps_as_keras(keras, method, option):
    cls, arguments = METHODS[method]
    ours = cls(**arguments | OPTIONS[option])
    assert run(keras, ours, twin_of(keras, ours)) < 1e-11


@pytest.mark.parametrize("method", DEFAULTS)
def test_defaults_are_keras(keras, method):
    ours = DEFAULTS[method][0]()
    theirs = getattr(keras.optimizers, method)()
    config = theirs.get_config()
    for key, value in ours.get_config().items():
        if key != "name":
            assert config[key] == pytest.approx(value, abs=0), key
    assert set(config) - set(ours.get_config()) == {
        "loss_scale_factor",
        "gradient_accumulation_steps",
    }
    # 100 steps: Keras' own rounding is in this one.
    assert run(keras, ours, theirs) < 1e-5


def test_options_do_something():
    """Each option and each method ends elsewhere, so none of the comparisons above is idle."""
    ends = {}
    for method, (cls, arguments) in METHODS.items():
        for option, more in OPTIONS.items():
            rng = np.random.default_rng(1)
            params = [rng.standard_normal(shape) for shape in SHAPES]
            optimizer = cls(**arguments | more)
            for _ in range(30):
                optimizer.apply([2 * rng.standard_normal(shape) for shape in SHAPES], params)
            optimizer.finalize(params)
            ends[method, option] = params[0][0, 0]
    values = np.sort(list(ends.values()))
    assert np.diff(values).min() > 1e-9


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.ExponentialDecay(0.1, 7, 0.8, staircase=True),
        schedules.PiecewiseConstantDecay([3, 40], [0.1, 0.02, 0.3]),
        schedules.CosineDecay(0.01, 60, warmup_target=0.1, warmup_steps=9),
    ],
    ids=lambda schedule: schedule.name,
)
@pytest.mark.parametrize("method", DEFAULTS)
def test_config_is_taken_by_keras_and_by_us(keras, method, schedule):
    cls = DEFAULTS[method][0]
    ours = cls(schedule, weight_decay=0.25, clipnorm=1.5, use_ema=True, ema_overwrite_frequency=4)
    config = ours.get_config()
    theirs = getattr(keras.optimizers, method).from_config(dict(config))
    returned = theirs.get_config()
    assert {key: returned[key] for key in config} == config
    assert cls.from_config(config).get_config() == config
    assert float(theirs.learning_rate) == pytest.approx(ours.learning_rate, rel=1e-6)


def test_learning_rate_follows_the_schedule_from_step_0(keras):
    ours = optimizers.SGD(schedules.PiecewiseConstantDecay([0, 1], [0.5, 0.25, 0.125]))
    param = np.zeros(1)
    seen = []
    for _ in range(3):
        seen.append(ours.learning_rate)
        ours.apply([np.ones(1)], [param])
    assert seen == [0.5, 0.25, 0.125]
    assert param[0] == -0.875


@pytest.mark.parametrize(
    ("make", "smallest", "largest"),
    [
        (lambda: optimizers.Adam(0.03), 1e-7, 1e-5),
        (lambda: optimizers.Adam(0.03, amsgrad=True), 1e-7, 1e-5),
        (lambda: optimizers.AdamW(0.03), 1e-7, 1e-5),
        (lambda: optimizers.SGD(0.03, momentum=0.9), 1e-7, 1e-5),
        (lambda: optimizers.SGD(0.03, weight_decay=0.3), 1e-9, 1e-6),
        (lambda: optimizers.Adagrad(0.03), 1e-11, 1e-8),
    ],
    ids=["adam", "amsgrad", "adamw", "momentum", "weight decay", "adagrad"],
)
def test_keras_rounds_some_numbers_to_float32(keras, make, smallest, largest):
    """Given Python floats, Keras differs from the formula by what float32 takes off them ..."""
    ours = make()
    assert smallest < run(keras, ours, twin_of(keras, ours, rounded=True)) < largest


@pytest.mark.parametrize(
    "make",
    [
        lambda: optimizers.Adam(0.03, beta_1=0.875, beta_2=1 - 2**-10),
        lambda: optimizers.AdamW(0.03, beta_1=0.875, beta_2=1 - 2**-10, weight_decay=2**-8),
        lambda: optimizers.SGD(0.03, momentum=0.875, weight_decay=0.25),
    ],
    ids=["adam", "adamw", "momentum"],
)
def test_no_difference_where_float32_is_exact(keras, make):
    """... and not at all if float32 holds them."""
    ours = make()
    assert run(keras, ours, twin_of(keras, ours, rounded=True)) < 1e-12


def test_keras_casts_through_float32(keras):
    """The reason, bare: the cast of a Python float, and that of a numpy.float64."""
    assert float(keras.ops.cast(0.9, "float64")) == float(np.float32(0.9))
    assert float(keras.ops.cast(np.float64(0.9), "float64")) == 0.9


@pytest.mark.parametrize("kind", ["clipnorm", "global_clipnorm"])
def test_zero_gradients_are_not_divided_by_their_norm(keras, kind):
    ours = optimizers.SGD(0.5, **{kind: 1.0})
    params = [np.full(3, 2.0), np.full((2, 2), 3.0)]
    ours.apply([np.zeros(3), np.zeros((2, 2))], params)
    assert (params[0] == 2).all()
    assert (params[1] == 3).all()
