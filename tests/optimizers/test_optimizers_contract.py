"""What every optimiser promises: dtype, in place, nothing else touched, errors that tell."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import optimizers, schedules

VARIANTS = {
    "sgd": lambda **more: optimizers.SGD(**more),
    "momentum": lambda **more: optimizers.SGD(momentum=0.9, **more),
    "nesterov": lambda **more: optimizers.SGD(momentum=0.9, nesterov=True, **more),
    "adagrad": lambda **more: optimizers.Adagrad(**more),
    "adadelta": lambda **more: optimizers.Adadelta(**more),
    "rmsprop": lambda **more: optimizers.RMSprop(**more),
    "rmsprop both": lambda **more: optimizers.RMSprop(centered=True, momentum=0.9, **more),
    "adam": lambda **more: optimizers.Adam(**more),
    "amsgrad": lambda **more: optimizers.Adam(amsgrad=True, **more),
    "adamw": lambda **more: optimizers.AdamW(**more),
}
CLIPS = ({}, {"clipvalue": 0.5}, {"clipnorm": 0.5}, {"global_clipnorm": 0.5})

every_variant = pytest.mark.parametrize("make", VARIANTS.values(), ids=VARIANTS)


def problem(dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    params = [rng.standard_normal(shape).astype(dtype) for shape in ((3, 4), (5,))]
    grads = [rng.standard_normal(param.shape).astype(dtype) for param in params]
    return grads, params


def state(optimizer, params):
    """Everything that a step changes, copied."""
    slots = [dict(slot) for slot in optimizer.slots or []]
    arrays = params + [array for slot in slots for array in slot.values()] + optimizer.averages
    return optimizer.iterations, optimizer.slots is None, [array.copy() for array in arrays]


def same(before, after):
    return (
        before[:2] == after[:2]
        and len(before[2]) == len(after[2])
        and all(np.array_equal(a, b) for a, b in zip(before[2], after[2], strict=True))
    )


@pytest.mark.parametrize("clip", CLIPS, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_variant
def test_dtype_kept_in_place_gradients_untouched(make, dtype, clip):
    optimizer = make(
        learning_rate=schedules.ExponentialDecay(0.1, 5, 0.5),
        weight_decay=0.1,
        use_ema=True,
        ema_overwrite_frequency=2,
        **clip,
    )
    grads, params = problem(dtype)
    before = [param.copy() for param in params]
    memory = [param.ctypes.data for param in params]
    kept = [grad.copy() for grad in grads]
    for grad in grads:
        grad.flags.writeable = False
    for _ in range(3):
        optimizer.apply(grads, params)
    assert [param.ctypes.data for param in params] == memory
    for param, old, grad, copy in zip(params, before, grads, kept, strict=True):
        assert not np.isclose(param, old).any()
        np.testing.assert_array_equal(grad, copy)
    arrays = params + optimizer.averages
    arrays += [array for slots in optimizer.slots for array in slots.values()]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    assert optimizer.iterations == 3


@every_variant
def test_float32_follows_float64(make):
    single, double = problem(np.float32), problem(np.float64)
    one, two = make(), make()
    for _ in range(20):
        one.apply(*single)
        two.apply(*double)
    for a, b in zip(single[1], double[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@every_variant
def test_any_memory_layout(make):
    """Transposed, strided and scalar parameters are updated where they are."""
    rng = np.random.default_rng(4)
    plain = [rng.standard_normal((4, 3)), rng.standard_normal(5), rng.standard_normal(())]
    plain[2] = np.array(plain[2])
    wide = np.repeat(plain[1], 2)
    odd = [np.asfortranarray(plain[0]), wide[::2], plain[2].copy()]
    one, two = make(weight_decay=0.1, clipnorm=1.0), make(weight_decay=0.1, clipnorm=1.0)
    for _ in range(3):
        grads = [rng.standard_normal(param.shape) for param in plain]
        one.apply(grads, plain)
        two.apply([np.asfortranarray(grads[0]), grads[1], grads[2]], odd)
    for a, b in zip(plain, odd, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    np.testing.assert_array_equal(wide[::2], odd[1])


@every_variant
def test_parameters_that_are_their_own_gradients(make):
    """For f = x·y the gradients are y and x: the step must use both as they were."""
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal(3), rng.standard_normal(3)
    a, b = x.copy(), y.copy()
    one, two = make(weight_decay=0.1), make(weight_decay=0.1)
    for _ in range(4):
        one.apply([y, x], [x, y])
        two.apply([b.copy(), a.copy()], [a, b])
    np.testing.assert_array_equal(x, a)
    np.testing.assert_array_equal(y, b)
    view = rng.standard_normal((2, 3))
    copy = view.copy()
    one, two = make(weight_decay=0.1), make(weight_decay=0.1)
    one.apply([view[1], view[0]], [view[0], view[1]])
    two.apply([copy[1].copy(), copy[0].copy()], [copy[0], copy[1]])
    np.testing.assert_array_equal(view, copy)


@pytest.mark.parametrize("later", [False, True], ids=["first call", "later call"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@every_variant
def test_a_gradient_that_is_not_finite_changes_nothing(make, value, later):
    optimizer = make(weight_decay=0.1, use_ema=True)
    grads, params = problem()
    if later:
        optimizer.apply(grads, params)
    before = state(optimizer, params)
    grads[1][2] = value
    with pytest.raises(ValueError, match=r"grads\[1\].*finite"):
        optimizer.apply(grads, params)
    assert same(before, state(optimizer, params))
    grads[1][2] = 1.0
    optimizer.apply(grads, params)
    assert not same(before, state(optimizer, params))


def test_a_gradient_too_large_for_the_parameters_dtype():
    param = np.zeros(2, np.float32)
    with pytest.raises(ValueError, match=r"grads\[0\].*finite in float32"):
        optimizers.SGD().apply([np.array([1e300, 0.0])], [param])
    optimizers.SGD(1.0).apply([np.array([2, 3])], [param])  # whole numbers are numbers
    np.testing.assert_array_equal(param, np.array([-2, -3], np.float32))


def test_a_schedule_that_returns_no_rate_changes_nothing():
    class Broken(schedules.LearningRateSchedule):
        def rate(self, step):
            return 0.1 if step < 1 else np.nan

    optimizer = optimizers.Adam(Broken())
    grads, params = problem()
    optimizer.apply(grads, params)
    before = state(optimizer, params)
    with pytest.raises(ValueError, match="learning_rate"):
        optimizer.apply(grads, params)
    assert same(before, state(optimizer, params))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda g, p: (g[:1], p), "1 gradients, 2 parameters"),
        (lambda g, p: (g, p[:1]), "2 gradients, 1 parameters"),
        (lambda g, p: ([g[0].T, g[1]], p), r"grads\[0\] \(4, 3\), params\[0\] \(3, 4\)"),
        (lambda g, p: ([g[0], g[1][:1]], p), r"grads\[1\] \(1,\), params\[1\] \(5,\)"),
        (lambda g, p: ([g[0], None], p), r"grads\[1\]"),
        (lambda g, p: ([g[0], g[1].astype(complex)], p), r"grads\[1\].*real"),
        (lambda g, p: (g, [p[0], list(p[1])]), r"params\[1\].*array of floats.*list"),
        (lambda g, p: (g, [p[0], p[1].astype(int)]), r"params\[1\].*array of floats.*int"),
        (lambda g, p: (g, [p[0], frozen(p[1])]), r"params\[1\].*writeable"),
        (lambda g, p: ([g[1], g[1]], [p[1], p[1]]), "twice"),
        (lambda g, p: (g[0], p[0]), "one array"),
    ],
)
@pytest.mark.parametrize("later", [False, True], ids=["first call", "later call"])
def test_lists_that_do_not_fit(spoil, message, later):
    optimizer = optimizers.Adam(use_ema=True)
    grads, params = problem()
    if later:
        optimizer.apply(grads, params)
    before = state(optimizer, params)
    with pytest.raises(ValueError, match=message):
        optimizer.apply(*spoil(grads, params))
    assert same(before, state(optimizer, params))


def frozen(array):
    array = array.copy()
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "change",
    [
        lambda params: params[::-1],
        lambda params: params[:1],
        lambda params: [params[0].T.copy(), params[1]],
        lambda params: [param.astype(np.float32) for param in params],
        lambda params: [*params, np.zeros(2)],
    ],
    ids=["order", "fewer", "shape", "dtype", "more"],
)
@every_variant
def test_parameters_that_change_between_calls(make, change):
    optimizer = make(use_ema=True)
    grads, params = problem()
    optimizer.apply(grads, params)
    before = state(optimizer, params)
    others = change([param.copy() for param in params])
    with pytest.raises(ValueError, match="first call"):
        optimizer.apply([np.zeros_like(other) for other in others], others)
    with pytest.raises(ValueError, match="first call"):
        optimizer.finalize(others)
    assert same(before, state(optimizer, params))


def test_finalize():
    grads, params = problem()
    kept = [param.copy() for param in params]
    optimizers.SGD().finalize(params)
    np.testing.assert_array_equal(params[0], kept[0])
    with pytest.raises(RuntimeError, match=r"SGD\.finalize called before apply"):
        optimizers.SGD(use_ema=True).finalize(params)
    optimizer = optimizers.SGD(use_ema=False)
    optimizer.apply(grads, params)
    assert optimizer.averages == []


BAD_NUMBERS = [
    (cls, {name: value}, name)
    for cls, name, values in [
        (optimizers.SGD, "learning_rate", (-0.1, np.nan, np.inf, "fast", None, True)),
        (optimizers.SGD, "momentum", (-0.1, 1.1, np.nan)),
        (optimizers.SGD, "weight_decay", (-0.1, np.inf)),
        (optimizers.SGD, "clipnorm", (0.0, -1.0, np.inf)),
        (optimizers.SGD, "clipvalue", (0.0, -1.0)),
        (optimizers.SGD, "global_clipnorm", (0.0, -1.0)),
        (optimizers.SGD, "ema_momentum", (-0.1, 1.1)),
        (optimizers.SGD, "ema_overwrite_frequency", (0, -1, 1.5)),
        (optimizers.Adagrad, "initial_accumulator_value", (-0.1,)),
        (optimizers.Adagrad, "epsilon", (0.0, -1e-7)),
        (optimizers.Adadelta, "rho", (-0.1, 1.0)),
        (optimizers.Adadelta, "epsilon", (0.0,)),
        (optimizers.RMSprop, "rho", (-0.1, 1.0)),
        (optimizers.RMSprop, "momentum", (-0.1, 1.1)),
        (optimizers.RMSprop, "epsilon", (0.0,)),
        (optimizers.Adam, "beta_1", (-0.1, 1.0, np.nan)),
        (optimizers.Adam, "beta_2", (-0.1, 1.0, np.nan)),
        (optimizers.Adam, "epsilon", (0.0, -1e-7)),
        (optimizers.AdamW, "weight_decay", (None, -0.1)),
        (optimizers.AdamW, "beta_1", (1.0,)),
    ]
    for value in values
]


@pytest.mark.parametrize(("cls", "arguments", "name"), BAD_NUMBERS)
def test_numbers_out_of_range(cls, arguments, name):
    with pytest.raises(ValueError, match=f"`{name}`.*Received: {name}="):
        cls(**arguments)


@pytest.mark.parametrize("without", [(), ("clipnorm",), ("clipvalue",), ("global_clipnorm",)])
def test_two_ways_of_clipping(without):
    clips = {"clipnorm": 1.0, "clipvalue": 2.0, "global_clipnorm": 3.0}
    given = {name: value for name, value in clips.items() if name not in without}
    with pytest.raises(ValueError, match=f"clipping.*{'.*'.join(given)}"):
        optimizers.SGD(**given)


def test_the_learning_rate_can_be_set():
    optimizer = optimizers.SGD(schedules.ExponentialDecay(0.5, 1, 0.5))
    param = np.zeros(1)
    optimizer.apply([np.ones(1)], [param])
    assert optimizer.learning_rate == 0.25
    optimizer.learning_rate = 2.0
    optimizer.apply([np.ones(1)], [param])
    assert param[0] == -2.5
    with pytest.raises(ValueError, match="learning_rate"):
        optimizer.learning_rate = -1.0
    assert optimizer.learning_rate == 2.0


def test_get_and_registry():
    classes = {
        value
        for value in vars(optimizers).values()
        if isinstance(value, type) and issubclass(value, optimizers.Optimizer)
    }
    assert set(optimizers.OPTIMIZERS.values()) == classes - {optimizers.Optimizer}
    for name, cls in optimizers.OPTIMIZERS.items():
        assert name == cls.__name__.lower()
        assert type(optimizers.get(name)) is cls
        assert type(optimizers.get(cls.__name__)) is cls
    assert optimizers.get("adam") is not optimizers.get("adam")
    mine = optimizers.SGD(0.3)
    assert optimizers.get(mine) is mine
    for unknown in ("adamm", None, 3, [], optimizers.SGD, ""):
        with pytest.raises(ValueError, match=r"Unknown optimizer.*adadelta, adagrad, adam"):
            optimizers.get(unknown)


def test_unknown_arguments():
    with pytest.raises(TypeError, match="momentun"):
        optimizers.SGD(momentun=0.9)


def test_a_base_without_a_method():
    with pytest.raises(TypeError, match=r"abstract.*update_step"):
        optimizers.Optimizer(0.1)
