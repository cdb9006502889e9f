"""What the claims of chapters 03 to 05 are about, and wrong versions of it.

For each claim a list for each of its cells; see `claims_wrong`.
"""

from __future__ import annotations

import numpy as np
from claims_wreckers import (
    LAYER_DOUBLED,
    LONG_STEPS,
    NO_TRAINING,
    RELU_STRAIGHT,
    UPHILL,
    WEIGHT_GRADIENT_DOUBLED,
    constant,
    doubled,
    given,
    halved,
    instead,
    negated,
    returning,
    shifted,
    stepping,
    turned,
    zeroed,
)
from claims_wrong import Datum, Wrong


def logistic_loss(y, f):
    """The formula put right, where the printed one should stand."""
    return -(y * np.log(f) + (1 - y) * np.log(1 - f))


def kernel_negated(right):
    """Gradients of a dense layer, the one by the kernel with the wrong sign."""
    return lambda dy, x: (lambda g: {**g, "kernel": -g["kernel"]})(right(dy, x))


def never_zero(right):
    """Gradients of a dense layer that do not vanish where the error does."""
    return lambda dy, x: {name: g + 0.1 for name, g in right(dy, x).items()}


def ones_for_the_bias(head):
    """The layer with the gradient that the document prints for its bias."""
    head.grads["bias"] = np.ones_like(head.grads["bias"])
    return head


def backward_that_moves(right):
    """A backward pass that already updates the weights."""

    def wrong(self, dy, input_gradient=True):
        result = right(self, dy, input_gradient)
        for weight, gradient in zip(self.trainable_weights, self.gradients, strict=True):
            weight -= 0.01 * gradient
        return result

    return wrong


def no_momentum(right):
    """An update that forgets the velocity."""

    def wrong(param, grad, velocity, learning_rate, momentum):
        right(param, grad, 0 * velocity, learning_rate, momentum)

    return wrong


def latest_only(right):
    """An average that is the last value."""

    def wrong(average, param, momentum):
        average[...] = param

    return wrong


def random_numbers(right):
    """An initialiser that draws instead."""
    return lambda self, shape, rng, dtype=np.float32: rng.normal(0, 0.1, shape).astype(dtype)


def power_law(right):
    """An initialiser of Keras that draws from a distribution with a heavy tail."""
    return lambda self, shape, dtype=None: np.random.default_rng(0).pareto(3, shape)


LOSSES = {
    "S0.08": [
        [
            Wrong("losses.kl_divergence", doubled),
            Wrong("losses.categorical_crossentropy", halved),
            Wrong("losses.kl_divergence_gradient", doubled),
            Wrong("losses.mean_squared_error", halved),
        ]
    ],
    "S2.11": [
        [
            Wrong("losses.mean_squared_error", halved),
            Wrong("losses.mean_squared_error_gradient", halved),
        ]
    ],
    "S2.12": [
        [
            Wrong("losses.sparse_categorical_crossentropy", doubled),
            Wrong("losses.sparse_categorical_crossentropy_gradient", negated),
        ]
    ],
    "S2.13": [
        [
            Wrong("inside", instead(logistic_loss)),
            Wrong("inside", instead(logistic_loss), rerun=2),
            Wrong("outside", instead(logistic_loss), rerun=2),
            Wrong("losses.binary_crossentropy_gradient", negated),
            Wrong("losses.binary_crossentropy", doubled),
        ]
    ],
    "S2.14": [[Wrong("learn", given(epochs=3))]],
    "S2.19": [
        [
            Wrong("losses.binary_crossentropy", halved),
            Wrong("losses.categorical_crossentropy", doubled),
            Wrong("losses.binary_crossentropy_gradient", doubled),
        ]
    ],
    "S4.26": [
        [
            Wrong("losses.binary_crossentropy_gradient", zeroed),
            Wrong("activations.sigmoid_derivative", constant(1.0)),
        ]
    ],
    "S4.27": [
        [
            Wrong("hourglass", lambda right: lambda d: np.sum(d**2)),
            Wrong("losses.huber_gradient", zeroed),
            Wrong("losses.huber_gradient", doubled),
            Wrong("off", lambda right: 0 * right),
            Wrong("descents", lambda right: {**right, "Huber": right["hourglass"]}),
        ]
    ],
    "S4.34": [
        [
            Wrong("losses.mean_squared_error_gradient", returning(lambda g: np.clip(g, -1, 1))),
            Wrong("losses.mean_absolute_error_gradient", lambda right: lambda t, y: 2 * (y - t)),
            Wrong("losses.huber_gradient", lambda right: lambda t, y, delta=1.0: y - t),
        ]
    ],
}

SIGMOID_SLOPE_DOUBLED = Wrong("activations.sigmoid_derivative", doubled)
DELTA_WRONG = Wrong("right", lambda right: 2 * right)

BACKPROP = {
    "S0.13": [
        [
            Wrong("activations.sigmoid_derivative", doubled),
            Wrong("gradient_lengths", constant(np.ones(20))),
            Wrong("gradient_lengths", lambda right: lambda name, gain, seed: right(name, 1, seed)),
        ]
    ],
    "S1.04": [
        [
            Wrong("optimizers.get", lambda right: lambda name: right("SGD")),
            Wrong("optimizers.adam.adam_update", stepping(2)),
            Wrong("optimizers.adaptive.adagrad_update", stepping(-1)),
            Wrong("layers.core.dense_gradients", kernel_negated),
            Wrong("models.Sequential.backward", backward_that_moves),
        ]
    ],
    "S1.06": [
        [
            Wrong("backward_that_updates", lambda right: lambda rate: right(0.0)),
            Wrong("backward_that_updates", doubled),
            Wrong("loss_above", doubled),
        ]
    ],
    "S2.07": [[Wrong("dphi", halved), Wrong("delta", lambda d: [None] + [2 * v for v in d[1:]])]],
    "S2.08": [
        [
            Wrong("dphi", doubled),
            Wrong("chain", lambda right: lambda w, z: right([2 * v for v in w], z)),
        ]
    ],
    "S2.09": [[DELTA_WRONG, Wrong("layers.core.dense_backward", zeroed), WEIGHT_GRADIENT_DOUBLED]],
    "S2.10": [
        [
            Wrong("p_minus_y", instead(np.ones(5))),
            Wrong("true_bias", instead(np.ones(5))),
            Wrong("head", ones_for_the_bias),
            Wrong("losses.sparse_categorical_crossentropy", negated),
        ]
    ],
    "S2.18": [[LAYER_DOUBLED, Wrong("layers.core.dense_forward", shifted)]],
    "S3.08": [
        [
            Wrong("layers.core.dropout_backward", halved),
            Wrong("gradient_lengths", constant(np.ones(20))),
        ]
    ],
    "S3.10": [[Wrong("activations.relu_derivative", doubled), UPHILL]],
    "S3.13": [
        [
            Wrong("activations.softmax", halved),
            Datum("(1 - H * H)", "(1 - H)"),
            Datum("/ 60\n", "\n"),
        ]
    ],
    "S3.16": [
        [
            Wrong("losses.binary_crossentropy", halved),
            Wrong("losses.categorical_crossentropy", doubled),
            Wrong("activations.sigmoid", doubled),
        ]
    ],
    "S3.17": [
        [
            DELTA_WRONG,
            Wrong("layers.core.dense_gradients", never_zero),
        ]
    ],
    "S4.04": [[Wrong("bptt", returning(lambda terms: terms[-1:])), Wrong("bptt", turned)]],
    "S4.05": [
        [
            Wrong("losses.mean_squared_error_gradient", doubled),
            Wrong("losses.mean_squared_error", shifted),
            Wrong("losses.huber_gradient", negated),
        ]
    ],
    "S4.06": [[DELTA_WRONG, Wrong("delta", lambda d: [None] + [2 * v for v in d[1:]])]],
    "S4.31": [[UPHILL, Wrong("layers.core.dense_gradients", kernel_negated)]],
}

OPTIMISATION = {
    "S0.09": [
        [
            UPHILL,
            Wrong("optimizers.adam.adam_update", stepping(2)),
            Wrong("optimizers.adaptive.adagrad_update", stepping(2)),
        ]
    ],
    "S0.19": [[LONG_STEPS, Wrong("keras.optimizers.SGD.update_step", constant(None))]],
    "S1.05": [
        [Wrong("after_two_passes", lambda right: lambda n, rate, seed: right(500, 1.0, seed))]
    ],
    "S2.15": [[LONG_STEPS, Wrong("losses.log_cosh", negated)]],
    "S3.19": [[Wrong("initializers.Zeros.__call__", shifted), NO_TRAINING]],
    "S4.07": [
        [
            Wrong("optimizers.sgd.momentum_update", no_momentum),
            Wrong("optimizers.sgd.momentum_update", no_momentum, rerun=1),
            Wrong("optimizers.adaptive.rmsprop_update", stepping(-1)),
            Wrong("optimizers.adaptive.adagrad_update", stepping(0)),
        ]
    ],
    "S4.08": [
        [
            Wrong("large", lambda right: right / 10),
            Wrong("initializers.HeNormal.__call__", halved),
            Wrong("initializers.GlorotNormal.__call__", doubled),
        ]
    ],
    "S4.09": [
        [
            Wrong("optimizers.base.average_weights", latest_only),
            Wrong("averaged", lambda right: lambda points, kind: points.mean()),
        ]
    ],
    "S4.22": [[Wrong("initializers.Zeros.__call__", random_numbers)]],
    "S4.23": [
        [
            Wrong("initializers.GlorotNormal.__call__", halved),
            Wrong("initializers.GlorotUniform.__call__", doubled),
            Wrong("keras.initializers.GlorotUniform.__call__", doubled),
        ]
    ],
    "S4.24": [
        [
            Wrong("keras.initializers.GlorotNormal.__call__", power_law),
            Wrong("initializers.GlorotUniform.__call__", doubled, rerun=1),
            Wrong("initializers.RandomNormal.__call__", halved, rerun=1),
        ]
    ],
    "S4.25": [
        [
            Wrong("initializers.HeNormal.__call__", halved),
            RELU_STRAIGHT,
            Wrong("initializers.compute_fans", lambda right: lambda shape: right(shape)[::-1]),
        ]
    ],
    "S4.32": [
        [
            Wrong("end_of", constant(0.0)),
            Wrong("end_of", constant(1.0)),
            Wrong("initializers.GlorotNormal.__call__", zeroed),
        ]
    ],
    "S4.35": [
        [
            Wrong("optimizers.base.average_weights", latest_only),
            Wrong("noisy_path", lambda right: lambda **options: right()),
        ]
    ],
}

TABLES = (LOSSES, BACKPROP, OPTIMISATION)
