"""What the claims of chapters 06 to 08 are about, and wrong versions of it.

For each claim a list for each of its cells; see `claims_wrong`.
"""

from __future__ import annotations

import numpy as np
from claims_wreckers import (
    LAYER_DOUBLED,
    RELU_STRAIGHT,
    constant,
    doubled,
    given,
    halved,
    idle,
    instead,
    negated,
    shifted,
    stepping,
    zeroed,
)
from claims_wrong import Datum, Wrong


def not_scaled(right):
    """A dropout that does not make up for what it drops."""
    return lambda x, mask, rate: x * mask


def always_training(right):
    """A dropout that goes on when the training is over."""
    return lambda self, x, training=False, mask=None: right(self, x, True, mask)


def worst(right):
    """A search that returns the worst setting."""

    def wrong(self, *data):
        found = right(self, *data)
        found.best_params = min(found.results, key=lambda row: row["mean"])["params"]
        return found

    return wrong


def first_member(right):
    """An ensemble that asks one of its members only."""
    return lambda self, x: self.member_predictions(x)[0]


DROPOUT_NOT_SCALED = Wrong("layers.core.dropout_forward", not_scaled)

REGULARISATION = {
    "S0.12": [
        [
            Wrong("regularizers.L2.gradient", zeroed),
            Wrong("accuracies", constant((0.9, 0.9))),
            Wrong("accuracies", lambda right: lambda depth, *rest, **more: (0.1 * depth, 0.0)),
        ]
    ],
    "S0.14": [[Wrong("gap_and_test", lambda right: lambda rate, seed: right(0.0, seed))]],
    "S0.15": [
        [Datum('[layers.BatchNormalization()] if kind == "batch norm" else []', "[]")],
        [
            Wrong("optimizers.base.decay_weights", idle),
            Wrong("optimizers.sgd.sgd_update", stepping(0)),
        ],
    ],
    "S3.09": [
        [
            DROPOUT_NOT_SCALED,
            Wrong(
                "layers.core.dropout_forward", lambda right: lambda x, mask, rate: x / (1 - rate)
            ),
            Wrong("layers.Dropout.forward", always_training),
        ]
    ],
    "S3.12": [
        [
            Wrong("search.GridSearch.fit", worst),
            Wrong("ensembles.BaggingEnsemble.predict", first_member),
        ],
        [
            Wrong("regularizers.L2.gradient", zeroed),
            Wrong("regularizers.L2.__call__", halved),
        ],
    ],
    "S3.18": [[DROPOUT_NOT_SCALED], [Wrong("layers.Dropout.forward", always_training)]],
    "S4.29": [
        [RELU_STRAIGHT, LAYER_DOUBLED],
        [
            Wrong("activations.relu", instead(lambda x: np.sin(5 * x))),  # smooth
            Wrong("activations.relu", instead(lambda x: np.abs(8 * x % 2 - 1))),  # a zigzag
        ],
        [Wrong("training_loss", lambda right: lambda kind, *rest: right("plain", *rest))],
    ],
}

MNIST = {
    "S4.28": [
        [
            Wrong("layers.base.Layer.count_params", shifted),
            DROPOUT_NOT_SCALED,
            Wrong("optimizers.adam.adam_update", stepping(2)),
        ]
    ],
}


def first_of_each(right):
    """Pooling that takes the first of each window, not the largest."""

    def wrong(x, size, *rest):
        return x[:, ::size, ::size], None

    return wrong


def kernel_turned(right):
    """A layer of Keras that convolves: it turns its kernel around first."""

    def wrong(self, x):
        kernel, *bias = self.get_weights()
        self.set_weights([kernel[::-1, ::-1], *bias])
        return right(self, x)

    return wrong


CNN = {
    "S1.07": [
        [
            Wrong("layers.conv.conv_forward", doubled),
            Wrong("layers.conv_fast.fast_correlation", zeroed),
        ]
    ],
    "S1.08": [
        [
            Wrong("layers.conv.conv_forward", doubled),
            Wrong("keras.layers.Conv2D.call", kernel_turned),
        ]
    ],
    "S1.09": [
        [
            Wrong("layers.pooling.max_pool_forward", first_of_each),
            Wrong("scores", lambda right: {**right, "pooling": right["neither"]}),
            Wrong("scores", lambda right: {**right, "stride": right["pooling"]}),
            Wrong("dense_weights", lambda right: {**right, "pooling": right["neither"]}),
        ]
    ],
    "S1.10": [
        [
            Wrong("models.architectures.alexnet.AlexNet", given(groups=1)),
            Wrong("models.architectures.alexnet.AlexNet", given(classes=10)),
            Datum('padding="same", groups=2', 'padding="same", groups=1'),
        ]
    ],
    "S1.11": [
        [
            Wrong("models.architectures.vgg.VGG16", given(classes=10)),
            Wrong("models.GoogLeNet", given(width=0.5)),
            Wrong("models.GoogLeNet", given(modules=("3a",))),
        ]
    ],
    "S1.12": [
        [
            Wrong("models.inception_module", given(width=0.5)),
            Wrong("models.count_multiply_adds", lambda right: lambda module: 4 * right(module)),
        ]
    ],
    "S3.03": [
        [
            Wrong("layers.conv.conv_forward", negated),
            Wrong("layers.conv_fast.fast_correlation", shifted),
            Wrong("models.influence", constant(np.ones(12))),
        ]
    ],
}

TABLES = (REGULARISATION, MNIST, CNN)
