"""The schedules against Keras and against what they promise."""

from __future__ import annotations

import os
import warnings

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

from glassnet import schedules as s

CASES = {
    "exponential": s.ExponentialDecay(0.3, 40, 0.7),
    "exponential stairs": s.ExponentialDecay(0.3, 40, 0.7, staircase=True),
    "inverse time": s.InverseTimeDecay(0.3, 40, 0.7),
    "inverse time stairs": s.InverseTimeDecay(0.3, 40, 0.7, staircase=True),
    "polynomial": s.PolynomialDecay(0.3, 90),
    "polynomial power": s.PolynomialDecay(0.3, 90, 0.02, power=2.5),
    "polynomial cycle": s.PolynomialDecay(0.3, 90, 0.02, power=0.5, cycle=True),
    "polynomial up": s.PolynomialDecay(0.02, 90, 0.3),
    "cosine": s.CosineDecay(0.3, 90),
    "cosine alpha": s.CosineDecay(0.3, 90, alpha=0.2),
    "cosine warm-up": s.CosineDecay(0.1, 90, 0.2, warmup_target=0.4, warmup_steps=17),
    "cosine target only": s.CosineDecay(0.1, 90, 0.2, warmup_target=0.4),
    "restarts": s.CosineDecayRestarts(0.3, 32),
    "restarts all": s.CosineDecayRestarts(0.3, 32, t_mul=1.5, m_mul=0.8, alpha=0.1),
    "restarts even": s.CosineDecayRestarts(0.3, 32, t_mul=1.0, m_mul=0.8),
    "steps": s.PiecewiseConstantDecay([20, 21, 90], [0.3, 0.1, 0.2, 0.05]),
    "one step": s.PiecewiseConstantDecay([20], [0.3, 0.1]),
}
STEPS = [*range(130), 159, 160, 161, 500, 1000, 12345]


@pytest.fixture(scope="module")
def keras():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras
    return keras


def exact(value):
    """As numpy.float64, which Keras does not round to float32."""
    if isinstance(value, list):
        return [exact(item) for item in value]
    return np.float64(value) if isinstance(value, float) else value


@pytest.mark.parametrize("case", CASES)
def test_as_keras(keras, case):
    ours = CASES[case]
    config = {key: exact(value) for key, value in ours.get_config().items()}
    theirs = getattr(keras.optimizers.schedules, type(ours).__name__)(**config)
    expected = np.array([float(theirs(step)) for step in STEPS])
    actual = np.array([ours(step) for step in STEPS])
    np.testing.assert_allclose(actual, expected, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("case", CASES)
def test_config_is_taken_by_keras_and_by_us(keras, case):
    ours = CASES[case]
    serialized = s.serialize(ours)
    theirs = keras.optimizers.schedules.deserialize(serialized)
    assert keras.optimizers.schedules.serialize(theirs) == serialized
    again = s.deserialize(serialized)
    assert type(again) is type(ours)
    assert again.get_config() == ours.get_config()
    assert [again(step) for step in STEPS] == [ours(step) for step in STEPS]


def test_defaults_are_keras(keras):
    for ours, arguments in [
        (s.ExponentialDecay, (0.1, 7, 0.5)),
        (s.InverseTimeDecay, (0.1, 7, 0.5)),
        (s.PolynomialDecay, (0.1, 7)),
        (s.CosineDecay, (0.1, 7)),
        (s.CosineDecayRestarts, (0.1, 7)),
        (s.PiecewiseConstantDecay, ([7], [0.1, 0.2])),
    ]:
        theirs = getattr(keras.optimizers.schedules, ours.__name__)(*arguments).get_config()
        mine = ours(*arguments).get_config()
        assert mine | {"name": None} == theirs | {"name": None}


def test_no_two_cases_are_alike():
    curves = np.array([[schedule(step) for step in STEPS] for schedule in CASES.values()])
    for i, curve in enumerate(curves):
        assert all(np.abs(curve - other).max() > 1e-4 for other in curves[:i])


@pytest.mark.parametrize("schedule", CASES.values(), ids=CASES)
def test_returns_a_python_float(schedule):
    """Anything else would turn float32 parameters into float64."""
    for step in (0, 5, np.int64(5), 5.5, 10**6):
        assert type(schedule(step)) is float


def test_a_schedule_of_ones_own():
    class Own(s.LearningRateSchedule):
        def rate(self, step):
            return np.float64(0.5) / (1 + step)

    assert type(Own()(1)) is float
    assert Own()(1) == 0.25
    assert Own().get_config() == {"name": "Own"}


def test_linear_warmup(keras):
    """Keras can do the same with the cosine only."""
    ours = s.LinearWarmup(0.4, 17, s.CosineDecay(0.4, 90, alpha=0.2))
    config = [np.float64(0.0), 90, np.float64(0.2)]
    theirs = keras.optimizers.schedules.CosineDecay(
        *config, warmup_target=np.float64(0.4), warmup_steps=17
    )
    for step in STEPS:
        assert ours(step) == pytest.approx(float(theirs(step)), rel=1e-12, abs=1e-15)
    stays = s.LinearWarmup(0.4, 4)
    assert [stays(step) for step in range(6)] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.4])
    falls = s.LinearWarmup(0.4, 4, 0.05)
    assert [falls(step) for step in (3, 4, 99)] == pytest.approx([0.3, 0.05, 0.05])
    for schedule in (ours, stays, falls):
        again = s.deserialize(s.serialize(schedule))
        assert [again(step) for step in STEPS] == [schedule(step) for step in STEPS]


def test_restarts_at_the_exact_step():
    """Periods of 4, 6, 9, 13.5, ... steps; a logarithm would miss some of these by rounding."""
    schedule = s.CosineDecayRestarts(1.0, 4, t_mul=1.5)
    for step in (0, 4, 10, 19):
        assert schedule(step) == 1.0
    assert all(schedule(step) < 0.5 for step in (3, 9, 18))
    even = s.CosineDecayRestarts(1.0, 10, t_mul=1.0, m_mul=0.5)
    assert [even(step) for step in (0, 10, 20, 30)] == [1.0, 0.5, 0.25, 0.125]
    tenfold = s.CosineDecayRestarts(1.0, 1, t_mul=10.0)
    assert all(tenfold((10**k - 1) // 9) == 1.0 for k in range(1, 9))


def test_the_last_step_of_a_boundary_belongs_to_the_interval_before():
    schedule = s.PiecewiseConstantDecay([2, 4.5], [3.0, 2.0, 1.0])
    assert [schedule(step) for step in range(6)] == [3, 3, 3, 2, 2, 1]


BAD = [
    (s.ExponentialDecay, (-0.1, 5, 0.5), "initial_learning_rate"),
    (s.ExponentialDecay, (np.nan, 5, 0.5), "initial_learning_rate"),
    (s.ExponentialDecay, (0.1, 0, 0.5), "decay_steps"),
    (s.ExponentialDecay, (0.1, 2.5, 0.5), "decay_steps"),
    (s.ExponentialDecay, (0.1, 5, -0.5), "decay_rate"),
    (s.InverseTimeDecay, (np.inf, 5, 0.5), "initial_learning_rate"),
    (s.InverseTimeDecay, (0.1, -5, 0.5), "decay_steps"),
    (s.InverseTimeDecay, (0.1, 5, -0.5), "decay_rate"),
    (s.PolynomialDecay, ("0.1", 5), "initial_learning_rate"),
    (s.PolynomialDecay, (0.1, 0), "decay_steps"),
    (s.PolynomialDecay, (0.1, 5, -0.1), "end_learning_rate"),
    (s.PolynomialDecay, (0.1, 5, 0.0, -1.0), "power"),
    (s.CosineDecay, (None, 5), "initial_learning_rate"),
    (s.CosineDecay, (0.1, 0), "decay_steps"),
    (s.CosineDecay, (0.1, 5, 1.5), "alpha"),
    (s.CosineDecay, (0.1, 5, 0.0, None, -0.1, 3), "warmup_target"),
    (s.CosineDecay, (0.1, 5, 0.0, None, 0.1, -3), "warmup_steps"),
    (s.CosineDecay, (0.1, 5, 0.0, None, None, 3), "warmup_target"),
    (s.CosineDecayRestarts, (-0.1, 5), "initial_learning_rate"),
    (s.CosineDecayRestarts, (0.1, 0), "first_decay_steps"),
    (s.CosineDecayRestarts, (0.1, 5, 0.5), "t_mul"),
    (s.CosineDecayRestarts, (0.1, 5, 2.0, -1.0), "m_mul"),
    (s.CosineDecayRestarts, (0.1, 5, 2.0, 1.0, -0.1), "alpha"),
    (s.PiecewiseConstantDecay, ([5], [0.1]), "values"),
    (s.PiecewiseConstantDecay, ([], [0.1]), "boundaries"),
    (s.PiecewiseConstantDecay, ([5, 5], [0.1, 0.2, 0.3]), "boundaries"),
    (s.PiecewiseConstantDecay, ([6, 5], [0.1, 0.2, 0.3]), "boundaries"),
    (s.PiecewiseConstantDecay, ([-1], [0.1, 0.2]), r"boundaries\[0\]"),
    (s.PiecewiseConstantDecay, ([5], [0.1, -0.2]), r"values\[1\]"),
    (s.LinearWarmup, (-0.1, 5), "target"),
    (s.LinearWarmup, (0.1, 0), "warmup_steps"),
    (s.LinearWarmup, (0.1, 5, -0.1), "after"),
    (s.LinearWarmup, (0.1, 5, "cosine"), "after"),
]


@pytest.mark.parametrize(("schedule", "arguments", "name"), BAD)
def test_bad_arguments(schedule, arguments, name):
    with pytest.raises(ValueError, match=f"`{name}`.*Received: "):
        schedule(*arguments)


@pytest.mark.parametrize("step", [-1, np.nan, np.inf, "3", None, [1, 2]])
@pytest.mark.parametrize("schedule", CASES.values(), ids=CASES)
def test_bad_steps(schedule, step):
    with pytest.raises(ValueError, match="`step`"):
        schedule(step)


def test_registry():
    classes = {
        name
        for name, value in vars(s).items()
        if isinstance(value, type) and issubclass(value, s.LearningRateSchedule)
    }
    assert set(s.SCHEDULES) == classes - {"LearningRateSchedule"}
    assert s.serialize(0.1) == 0.1
    assert s.deserialize(0.1) == 0.1
    for unknown in ({"class_name": "Decay", "config": {}}, {}):
        with pytest.raises(ValueError, match=r"Unknown learning-rate schedule.*CosineDecay"):
            s.deserialize(unknown)
    with pytest.raises(TypeError, match=r"abstract.*rate"):
        s.LearningRateSchedule()
