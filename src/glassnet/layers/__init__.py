"""Layers: maps with weights, each with its forward and its backward pass.

Names, arguments, defaults and the order of weights are those of ``keras.layers``.
"""

from __future__ import annotations

from glassnet.layers.activation import Activation, PReLU, prelu_backward, prelu_forward
from glassnet.layers.attention import AdditiveAttention, Attention
from glassnet.layers.base import Layer
from glassnet.layers.core import (
    Dense,
    Dropout,
    dense_backward,
    dense_forward,
    dense_gradients,
    dropout_backward,
    dropout_forward,
)
from glassnet.layers.embedding import Embedding, embedding_backward, embedding_forward
from glassnet.layers.gru import GRU, gru_backward, gru_forward, gru_step
from glassnet.layers.lstm import LSTM, lstm_backward, lstm_forward, lstm_step
from glassnet.layers.masking import Masking, masking_backward, masking_forward
from glassnet.layers.multi_head import (
    MultiHeadAttention,
    merge_heads_backward,
    merge_heads_forward,
    split_heads_backward,
    split_heads_forward,
)
from glassnet.layers.positions import (
    nadaraya_watson_backward,
    nadaraya_watson_forward,
    rotary_backward,
    rotary_forward,
    sinusoidal_positions,
)
from glassnet.layers.recurrent import RecurrentLayer
from glassnet.layers.reshaping import (
    Flatten,
    Reshape,
    flatten_backward,
    flatten_forward,
    reshape_backward,
    reshape_forward,
)
from glassnet.layers.scores import (
    additive_scores_backward,
    additive_scores_forward,
    attend_backward,
    attend_forward,
    causal_mask,
    dot_scores_backward,
    dot_scores_forward,
)
from glassnet.layers.simple_rnn import (
    SimpleRNN,
    simple_rnn_backward,
    simple_rnn_forward,
    simple_rnn_step,
)
from glassnet.layers.wrappers import (
    Bidirectional,
    TimeDistributed,
    merge_backward,
    merge_forward,
    time_distributed_backward,
    time_distributed_forward,
)

__all__ = [
    "GRU",
    "LSTM",
    "Activation",
    "AdditiveAttention",
    "Attention",
    "Bidirectional",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "Layer",
    "Masking",
    "MultiHeadAttention",
    "PReLU",
    "RecurrentLayer",
    "Reshape",
    "SimpleRNN",
    "TimeDistributed",
    "additive_scores_backward",
    "additive_scores_forward",
    "attend_backward",
    "attend_forward",
    "causal_mask",
    "dense_backward",
    "dense_forward",
    "dense_gradients",
    "dot_scores_backward",
    "dot_scores_forward",
    "dropout_backward",
    "dropout_forward",
    "embedding_backward",
    "embedding_forward",
    "flatten_backward",
    "flatten_forward",
    "gru_backward",
    "gru_forward",
    "gru_step",
    "lstm_backward",
    "lstm_forward",
    "lstm_step",
    "masking_backward",
    "masking_forward",
    "merge_backward",
    "merge_forward",
    "merge_heads_backward",
    "merge_heads_forward",
    "nadaraya_watson_backward",
    "nadaraya_watson_forward",
    "prelu_backward",
    "prelu_forward",
    "reshape_backward",
    "reshape_forward",
    "rotary_backward",
    "rotary_forward",
    "simple_rnn_backward",
    "simple_rnn_forward",
    "simple_rnn_step",
    "sinusoidal_positions",
    "split_heads_backward",
    "split_heads_forward",
    "time_distributed_backward",
    "time_distributed_forward",
]
