"""What the claims of chapters 01 and 02 are about, and wrong versions of it.

For each claim a list for each of its cells; see `claims_wrong`.
"""

from __future__ import annotations

import numpy as np
from claims_wreckers import (
    LAYER_DOUBLED,
    NO_BIAS,
    NO_TRAINING,
    RELU_STRAIGHT,
    RELU_STUCK,
    TANH_STRAIGHT,
    WRONG_WEIGHTS,
    constant,
    doubled,
    halved,
    instead,
    left_to_chance,
    negated,
    returning,
    shifted,
    zeroed,
)
from claims_wrong import Datum, Wrong

PERCEPTRON_WRONG = Wrong("perceptron.perceptron_fit", WRONG_WEIGHTS)


def fixed_line(right):
    """A regression that follows the same rule whatever the data are."""
    return lambda self, x, y: right(self, x, 2 * x[:, 0] + 1)


def fixed_rules(right):
    """A decision tree whose rules are given, not learnt: iris by the length of the petals."""
    return lambda self, x, y: right(self, x, (x[:, 2] > 2.5).astype(int) + (x[:, 2] > 4.8))


def ten_rows(right):
    """A learner that keeps ten examples, however many it is given."""
    return lambda self, x, y: right(self, x[:10], y[:10])


CONCEPTS = {
    "S0.01": [
        [
            Wrong(
                "data.load_digits", returning(lambda train: (train[0], left_to_chance(train[1])))
            ),
            Datum('layers.Dense(24, activation="relu")', "layers.Dense(24)"),
        ]
    ],
    "S0.02": [
        [
            TANH_STRAIGHT,
            Wrong("forest", instead(0.5)),
            Wrong("prepared", lambda right: right - 0.1),
        ]
    ],
    "S0.03": [
        [
            Wrong("families", lambda right: {**right, "attention": right["recurrent"]}),
            Wrong("families", lambda right: {**right, "convolution": right["dense"]}),
        ]
    ],
    "S0.10": [[NO_BIAS, Wrong("activations.sigmoid", shifted)]],
    "S0.11": [[NO_BIAS, Wrong("activations.sigmoid", halved), RELU_STRAIGHT]],
    "S0.16": [[TANH_STRAIGHT, NO_TRAINING]],
    "S0.17": [[Wrong("sklearn.cluster.KMeans.transform", zeroed)]],
    "S1.01": [
        [
            RELU_STRAIGHT,
            LAYER_DOUBLED,
            Wrong("perceptron.with_constant", zeroed),
        ]
    ],
    "S1.02": [
        [
            LAYER_DOUBLED,
            NO_BIAS,
            Wrong("activations.tanh", negated),
            Wrong("layers.base.Layer.count_params", shifted),
        ]
    ],
    "S1.03": [
        [
            Wrong("layers.base.Layer.count_params", shifted),
            Wrong("activations.linear", doubled),
        ]
    ],
    "S2.01": [[PERCEPTRON_WRONG, Wrong("activations.sign", doubled)]],
    "S2.02": [
        [
            PERCEPTRON_WRONG,
            Wrong("perceptron.perceptron_fit", returning(lambda f: f._replace(converged=False))),
            Wrong("perceptron.perceptron_fit", returning(lambda f: f._replace(converged=True))),
        ]
    ],
    "S2.03": [
        [
            PERCEPTRON_WRONG,
            Wrong("activations.sign", negated),
            Wrong("activations.sign", constant(1.0)),
        ]
    ],
    "S2.16": [[Wrong("activations.sign", doubled), Wrong("activations.sign", instead(np.tanh))]],
    "S3.01": [[NO_TRAINING, Wrong("sklearn.neighbors.KNeighborsClassifier.fit", ten_rows)]],
    "S3.02": [
        [
            Wrong("perceptron.perceptron_gradient", doubled),
            Wrong("perceptron.perceptron_gradient", negated),
            Wrong("activations.sign", instead(np.tanh)),
        ]
    ],
    "S3.14": [
        [
            Wrong("sklearn.linear_model.LinearRegression.fit", fixed_line),
            Wrong("sklearn.tree.DecisionTreeClassifier.fit", fixed_rules),
        ]
    ],
    "S3.15": [[Wrong("activations.step_derivative", shifted), RELU_STUCK]],
    "S4.01": [[LAYER_DOUBLED, Wrong("layers.core.dense_forward", shifted)]],
    "S4.02": [[Wrong("activations.step", shifted), PERCEPTRON_WRONG]],
    "S4.03": [
        [
            Wrong("perceptron.perceptron_fit_multiclass", WRONG_WEIGHTS),
            Wrong("perceptron.perceptron_fit", returning(lambda f: f._replace(converged=True))),
        ]
    ],
    "S4.19": [[LAYER_DOUBLED, NO_BIAS, Wrong("activations.sigmoid", instead(np.tanh))]],
    "S4.30": [
        [
            Datum(
                "keras.Sequential([inputs, keras.layers.Dense(1)])",
                "keras.Sequential([inputs, keras.layers.Dense(2), keras.layers.Dense(1)])",
            ),
            PERCEPTRON_WRONG,
        ]
    ],
    "S4.33": [
        [
            Wrong("layers.core.dense_forward", shifted),
            RELU_STRAIGHT,
            Wrong("properties", lambda right: lambda name, use_bias: right(None, use_bias)),
        ]
    ],
}

ACTIVATIONS = {
    "S0.04": [
        [
            Wrong("activations.softplus", instead(lambda x: np.maximum(x, 0))),
            Wrong("activations.sign", lambda right: lambda x: 1 / (1 + np.exp(-x))),
            Wrong("activations.softplus", halved),
        ]
    ],
    "S0.05": [
        [
            Wrong("activations.sigmoid", returning(lambda y: np.maximum(y, 1e-7))),
            Wrong("activations.sigmoid", lambda right: lambda x: right(2 * x)),
            Wrong("activations.sigmoid", doubled),
        ]
    ],
    "S0.06": [[Wrong("activations.softmax", doubled), Wrong("activations.sigmoid", doubled)]],
    "S0.07": [
        [
            Wrong("activations.relu", instead(np.abs)),
            Wrong("activations.relu_derivative", shifted),
            Wrong("keras.activations.relu", instead(lambda x: x)),
        ]
    ],
    "S0.18": [
        [
            Wrong("activations.leaky_relu", instead(lambda x: x)),
            Wrong("activations.leaky_relu", instead(np.tanh)),
            Wrong("activations.relu", returning(lambda y: np.minimum(y, 6))),
        ]
    ],
    "S2.04": [[RELU_STRAIGHT]],
    "S2.05": [[Wrong("activations.tanh", halved), Wrong("activations.tanh_derivative", halved)]],
    "S2.06": [
        [
            Wrong("activations.relu", instead(lambda x: np.log1p(np.exp(x)))),
            Wrong("activations.relu", doubled),
        ]
    ],
    "S2.17": [
        [
            Datum(
                "keras.applications.MobileNetV2(weights=None, input_shape=(96, 96, 3))",
                'keras.Sequential(40 * [keras.layers.Dense(1, "sigmoid")][:1])',
            )
        ]
    ],
    "S3.11": [
        [
            Wrong("activations.sigmoid_derivative", doubled),
            Wrong("activations.sigmoid", doubled),
        ]
    ],
    "S4.10": [[Wrong("activations.step", negated), Wrong("activations.sigmoid", doubled)]],
    "S4.11": [
        [
            Wrong("activations.sigmoid_derivative", lambda right: lambda x: 1 / (1 + np.exp(-x))),
            Wrong("activations.sigmoid_derivative", doubled),
        ]
    ],
    "S4.12": [
        [
            Wrong("keras.activations.sigmoid", instead(lambda x: 0.05 * x + 0.5)),
            Wrong("activations.sigmoid", shifted),
        ]
    ],
    "S4.13": [
        [
            Wrong("activations.tanh", returning(lambda y: y / np.sqrt(2))),
            Wrong("activations.tanh", instead(np.sinh)),
        ]
    ],
    "S4.14": [
        [
            TANH_STRAIGHT,
            Wrong("activations.tanh_derivative", instead(np.abs)),
        ]
    ],
    "S4.15": [
        [
            Wrong("activations.tanh", doubled),
            Wrong("activations.tanh", instead(np.sinh)),
            Wrong("activations.tanh_derivative", constant(1.0)),
        ]
    ],
    "S4.16": [
        [
            Wrong("activations.leaky_relu", lambda right: lambda x, slope=0.3: right(x, 0.3)),
            Wrong("activations.leaky_relu_derivative", zeroed),
            Wrong("activations.relu_derivative", shifted),
        ]
    ],
    "S4.17": [
        [
            Wrong("activations.softmax", doubled),
            Wrong("activations.softmax", instead(lambda z: np.exp(z) / np.exp(z).sum())),
        ]
    ],
    "S4.18": [
        [
            Wrong("activations.softmax", instead(lambda z: z)),
            Wrong("activations.softmax", instead(np.exp)),
            Wrong("activations.softmax", shifted),
        ]
    ],
    "S4.20": [
        [
            Wrong("activations.sigmoid", instead(lambda x: np.exp(-(x**2)))),
            Wrong("activations.sigmoid_derivative", doubled),
            Wrong("activations.sigmoid_derivative", constant(np.full(2401, 0.25))),
        ]
    ],
    "S4.21": [[RELU_STUCK]],
}

TABLES = (CONCEPTS, ACTIVATIONS)
