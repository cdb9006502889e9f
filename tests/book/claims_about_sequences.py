"""What the claims of chapters 09 to 15 are about, and wrong versions of it.

For each claim a list for each of its cells; see `claims_wrong`.
"""

from __future__ import annotations

import numpy as np
from claims_wreckers import (
    constant,
    doubled,
    given,
    halved,
    idle,
    negated,
    returning,
    shifted,
    turned,
    zeroed,
)
from claims_wrong import Wrong


def forwards_twice(right):
    """A bidirectional layer whose second half is the first again."""
    return lambda a, b, mode: right(a, a, mode)


def no_initial_state(right):
    """A recurrent layer that begins with zeros, whatever it is handed."""
    return lambda self, x, training=False, initial_state=None, mask=None: right(self, x, mask=mask)


def forgets_the_state(right):
    """A step that does not look at what came before."""
    return lambda x, h, *rest: right(x, 0 * h, *rest)


def two_states(right):
    """A GRU that keeps a cell state as an LSTM does."""

    def wrong(self, x, states, mask):
        y, last, cache = right(self, x, states, mask)
        return y, 2 * last, cache

    return wrong


def shows_its_cell(right):
    """An LSTM whose cell state is what it shows."""

    def wrong(self, x, states, mask):
        y, (h, _), cache = right(self, x, states, mask)
        return y, [h, h], cache

    return wrong


def biases_forgotten(right):
    """An LSTM whose gates cannot be opened by their biases."""
    return lambda x, kernel, recurrent, bias, *rest: right(x, kernel, recurrent, 0 * bias, *rest)


FORGETFUL_STEP = Wrong("layers.simple_rnn_step", forgets_the_state)

RNN = {
    "S1.13": [[FORGETFUL_STEP, Wrong("layers.simple_rnn_step", doubled)]],
    "S1.14": [
        [
            Wrong("layers.wrappers.merge_forward", forwards_twice),
            Wrong("layers.base.Layer.count_params", shifted),
            Wrong("layers.recurrent.RecurrentLayer.forward", returning(lambda y: y + y[:, -1:])),
        ]
    ],
    "S1.15": [
        [
            Wrong("layers.LSTM.create_bias", zeroed),
            Wrong("ratio", constant(1.0)),
            Wrong("ratio", lambda right: lambda kind, seed, **options: right(kind, seed)),
        ]
    ],
    "S1.16": [
        [
            Wrong("layers.base.Layer.count_params", shifted),
            Wrong("layers.GRU.run", two_states),
            Wrong("layers.LSTM.run", shows_its_cell),
        ]
    ],
    "S1.17": [
        [
            Wrong("layers.lstm_step", forgets_the_state),
            Wrong("layers.gru_step", doubled),
            Wrong("layers.gru.gru_forward", negated),
        ]
    ],
    "S1.25": [[FORGETFUL_STEP, Wrong("layers.simple_rnn_step", doubled)]],
    "S1.26": [
        [
            Wrong("activations.sigmoid", constant(1.0)),
            Wrong("layers.recurrent.RecurrentLayer.forward", no_initial_state),
            Wrong("layers.lstm.lstm_forward", biases_forgotten),
        ]
    ],
    "S3.04": [
        [
            Wrong("layers.recurrent.RecurrentLayer.forward", no_initial_state),
            Wrong("layers.core.dense_forward", returning(lambda y: y + y.mean())),
        ]
    ],
    "S3.05": [
        [
            Wrong("layers.lstm_step", forgets_the_state),
            Wrong("cell_from_block", lambda right: lambda k, value: right(k, -value)),
        ]
    ],
}


def blind(right):
    """A translation that begins without having read the source."""
    return lambda self, source: tuple(
        0 * part if part.dtype != bool else part for part in right(self, source)
    )


def exact_gradient(right):
    """A contrastive divergence without its bias."""
    from glassnet import models

    def wrong(v, kernel, visible_bias, hidden_bias, rng=None, **options):
        return models.likelihood_gradient(v, kernel, visible_bias, hidden_bias), None

    return wrong


def fills_with_zeros(right):
    """An autoencoder that leaves the gaps empty."""
    return lambda self, x, known, *rest: np.nan_to_num(x)


def nobody_waits(right):
    """A step of the generator that also makes one of the discriminator."""

    def wrong(self, z):
        right(self, z)
        for weight in self.discriminator.trainable_weights:
            weight += 0.1

    return wrong


def labels_moved(right):
    """A clustering with an example in the wrong cluster."""

    def wrong(self, *data):
        found = right(self, *data)
        found.labels_[0] = (found.labels_[0] + 1) % 3
        return found

    return wrong


def fewer_sets(right):
    """Itemsets, but those only that are twice as frequent as asked for."""
    return lambda baskets, least: right(baskets, 2 * least)


def score_of_the_constant(right):
    """A fit that is no better than a constant."""
    return lambda x, y, *rest: (1.0 if len(x) > 200 else 0.4, *right(x, y, *rest)[1:])


SEQUENCES = {
    "S1.23": [[Wrong("models.Seq2Seq.start", blind)]],
    "S1.18": [
        [
            Wrong("layers.nadaraya_watson_forward", doubled),
            Wrong("activations.softmax", doubled),
            Wrong("layers.scores.attend_forward", halved),
        ]
    ],
    "S1.19": [
        [
            Wrong("gain", lambda right: 0 * right),
            Wrong("swapped", constant(np.array([False]))),
            Wrong("swapped", constant(np.array([True]))),
        ]
    ],
}

OTHERS = {
    "S3.06": [
        [
            Wrong("models.Autoencoder.forward", doubled),
            Wrong("models.Autoencoder.fill_in", fills_with_zeros),
            Wrong("models.Autoencoder.reconstruction_error", negated),
        ]
    ],
    "S3.07": [
        [
            Wrong("models.boltzmann.contrastive_divergence", exact_gradient),
            Wrong("parity", constant(-np.log(4))),
            Wrong("parity", constant(-3.0)),
        ]
    ],
    "S1.22": [
        [
            Wrong("models.GAN.discriminator_step", idle),
            Wrong("models.GAN.generator_step", idle),
            Wrong("models.GAN.generator_step", nobody_waits),
            Wrong("models.adversarial.generator_loss_gradient", negated),
        ]
    ],
    "S1.20": [
        [
            Wrong("rl.q_learning", given(gamma=0.0)),
            Wrong("rl.q_learning", given(alpha=0.0)),
            Wrong("rl.policy_values", shifted),
        ]
    ],
    "S1.21": [
        [
            Wrong("rl.q_learning", given(alpha=0.0)),
            Wrong("rl.outcome_probabilities", turned),
            Wrong("train", constant(np.ones(150))),
            Wrong("train", constant(np.zeros(150))),
        ]
    ],
    "S1.24": [
        [
            Wrong("fit", score_of_the_constant),
            Wrong("unsupervised.apriori", fewer_sets),
            Wrong("unsupervised.KMeans.fit", labels_moved),
        ]
    ],
}

TABLES = (RNN, SEQUENCES, OTHERS)
