"""Ways to make something wrong: each takes the right one and returns the wrong one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from claims_wrong import Wrong


def returning(change: Callable[[Any], Any]) -> Callable[[Callable], Callable]:
    """A function whose result is changed; of a tuple the first element, as in (y, cache)."""

    def make(right: Callable) -> Callable:
        @functools.wraps(right)
        def wrong(*args: Any, **kwargs: Any) -> Any:
            result = right(*args, **kwargs)
            if type(result) is tuple:
                return (change(result[0]), *result[1:])
            return change(result)

        return wrong

    return make


doubled = returning(lambda y: 2 * y)
halved = returning(lambda y: y / 2)
negated = returning(lambda y: -y)
shifted = returning(lambda y: y + 1)
zeroed = returning(lambda y: 0 * y)
turned = returning(lambda y: y[::-1])


def constant(value: Any) -> Callable[[Any], Callable]:
    """A function that answers the same to everything."""
    return lambda right: lambda *_args, **_kwargs: value


idle = constant(None)  # a function that does nothing, in the place of one that changes things


def instead(wrong: Any) -> Callable[[Any], Any]:
    """Something else in the place of the right one."""
    return lambda right: wrong


def given(**options: Any) -> Callable[[Callable], Callable]:
    """A function that is always called with these options, whatever is asked for."""
    return lambda right: lambda *args, **kwargs: right(*args, **{**kwargs, **options})


# the same wrong component for several claims

LAYER_DOUBLED = Wrong("layers.core.dense_forward", doubled)
NO_BIAS = Wrong("layers.core.dense_forward", lambda right: lambda x, w, b=None: right(x, w))
WEIGHT_GRADIENT_DOUBLED = Wrong("layers.core.dense_gradients", returning(lambda g: scaled(g, 2)))
RELU_STRAIGHT = Wrong("activations.relu", instead(lambda x: x))
RELU_STUCK = Wrong("activations.relu_derivative", zeroed)
TANH_STRAIGHT = Wrong("activations.tanh", instead(lambda x: x))
NO_TRAINING = Wrong("models.Model.fit", idle)


def scaled(gradients: dict, factor: float) -> dict:
    """A dictionary of arrays, times a factor."""
    return {name: factor * value for name, value in gradients.items()}


def stepping(factor: float) -> Callable[[Callable], Callable]:
    """An update that is handed a multiple of the gradient."""

    def make(right: Callable) -> Callable:
        return lambda param, grad, *args, **kwargs: right(param, factor * grad, *args, **kwargs)

    return make


UPHILL = Wrong("optimizers.sgd.sgd_update", stepping(-1))
LONG_STEPS = Wrong("optimizers.sgd.sgd_update", stepping(2))

# a perceptron that learns the opposite, and says that it has converged
WRONG_WEIGHTS = returning(lambda fit: fit._replace(weights=-fit.weights, converged=True))


def left_to_chance(labels: np.ndarray) -> np.ndarray:
    """The same labels, for other examples."""
    return np.random.default_rng(0).permutation(labels)
