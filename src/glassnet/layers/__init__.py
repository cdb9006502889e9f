"""Layers: maps with weights, each with its forward and its backward pass.

Names, arguments, defaults and the order of weights are those of ``keras.layers``.
"""

from __future__ import annotations

from glassnet.layers.activation import (
    Activation,
    PReLU,
    prelu_backward,
    prelu_forward,
)
from glassnet.layers.attention import (
    AdditiveAttention,
    Attention,
)
from glassnet.layers.base import (
    Layer,
)
from glassnet.layers.conv import (
    Conv1D,
    Conv2D,
    conv_backward,
    conv_forward,
)
from glassnet.layers.conv_fast import (
    fast_correlation,
    fast_input_gradient,
    fast_kernel_gradient,
)
from glassnet.layers.conv_transpose import (
    Conv2DTranspose,
    conv_transpose_backward,
    conv_transpose_forward,
)
from glassnet.layers.conv_variants import (
    DepthwiseConv2D,
    SeparableConv2D,
    depthwise_conv_backward,
    depthwise_conv_forward,
)
from glassnet.layers.core import (
    Dense,
    Dropout,
    dense_backward,
    dense_forward,
    dense_gradients,
    dropout_backward,
    dropout_forward,
)
from glassnet.layers.embedding import (
    Embedding,
    embedding_backward,
    embedding_forward,
)
from glassnet.layers.global_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    global_average_pool_backward,
    global_average_pool_forward,
    global_max_pool_backward,
    global_max_pool_forward,
)
from glassnet.layers.graph import (
    Input,
    Node,
)
from glassnet.layers.gru import (
    GRU,
    gru_backward,
    gru_forward,
    gru_step,
)
from glassnet.layers.lstm import (
    LSTM,
    lstm_backward,
    lstm_forward,
    lstm_step,
)
from glassnet.layers.masking import (
    Masking,
    masking_backward,
    masking_forward,
)
from glassnet.layers.merging import (
    Add,
    Concatenate,
    Multiply,
    add_backward,
    add_forward,
    concatenate_backward,
    concatenate_forward,
    multiply_backward,
    multiply_forward,
)
from glassnet.layers.multi_head import (
    MultiHeadAttention,
    merge_heads_backward,
    merge_heads_forward,
    split_heads_backward,
    split_heads_forward,
)
from glassnet.layers.normalization import (
    BatchNormalization,
    batch_normalization_backward,
    batch_normalization_forward,
    batch_normalization_inference_backward,
    batch_normalization_inference_forward,
    standardise_backward,
    standardise_forward,
)
from glassnet.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    MaxPooling1D,
    MaxPooling2D,
    average_pool_backward,
    average_pool_forward,
    max_pool_backward,
    max_pool_forward,
)
from glassnet.layers.positions import (
    nadaraya_watson_backward,
    nadaraya_watson_forward,
    rotary_backward,
    rotary_forward,
    sinusoidal_positions,
)
from glassnet.layers.recurrent import (
    RecurrentLayer,
)
from glassnet.layers.reshaping import (
    Flatten,
    Reshape,
    flatten_backward,
    flatten_forward,
    reshape_backward,
    reshape_forward,
)
from glassnet.layers.residual import (
    TransformerBlock,
    residual_backward,
    residual_forward,
)
from glassnet.layers.resizing import (
    UpSampling2D,
    ZeroPadding2D,
    bilinear_backward,
    bilinear_forward,
    interpolation_matrix,
    nearest_backward,
    nearest_forward,
    zero_padding_backward,
    zero_padding_forward,
)
from glassnet.layers.response_normalization import (
    LocalResponseNormalization,
    local_response_backward,
    local_response_forward,
)
from glassnet.layers.sample_normalization import (
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    group_normalization_backward,
    group_normalization_forward,
    layer_normalization_backward,
    layer_normalization_forward,
    rms_normalization_backward,
    rms_normalization_forward,
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
from glassnet.layers.token_positions import (
    TokenAndPositionEmbedding,
    token_and_position_backward,
    token_and_position_forward,
)
from glassnet.layers.transformer import (
    TransformerDecoder,
    TransformerEncoder,
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
    "Add",
    "AdditiveAttention",
    "Attention",
    "AveragePooling1D",
    "AveragePooling2D",
    "BatchNormalization",
    "Bidirectional",
    "Concatenate",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Embedding",
    "Flatten",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Input",
    "Layer",
    "LayerNormalization",
    "LocalResponseNormalization",
    "Masking",
    "MaxPooling1D",
    "MaxPooling2D",
    "MultiHeadAttention",
    "Multiply",
    "Node",
    "PReLU",
    "RMSNormalization",
    "RecurrentLayer",
    "Reshape",
    "SeparableConv2D",
    "SimpleRNN",
    "TimeDistributed",
    "TokenAndPositionEmbedding",
    "TransformerBlock",
    "TransformerDecoder",
    "TransformerEncoder",
    "UpSampling2D",
    "ZeroPadding2D",
    "add_backward",
    "add_forward",
    "additive_scores_backward",
    "additive_scores_forward",
    "attend_backward",
    "attend_forward",
    "average_pool_backward",
    "average_pool_forward",
    "batch_normalization_backward",
    "batch_normalization_forward",
    "batch_normalization_inference_backward",
    "batch_normalization_inference_forward",
    "bilinear_backward",
    "bilinear_forward",
    "causal_mask",
    "concatenate_backward",
    "concatenate_forward",
    "conv_backward",
    "conv_forward",
    "conv_transpose_backward",
    "conv_transpose_forward",
    "dense_backward",
    "dense_forward",
    "dense_gradients",
    "depthwise_conv_backward",
    "depthwise_conv_forward",
    "dot_scores_backward",
    "dot_scores_forward",
    "dropout_backward",
    "dropout_forward",
    "embedding_backward",
    "embedding_forward",
    "fast_correlation",
    "fast_input_gradient",
    "fast_kernel_gradient",
    "flatten_backward",
    "flatten_forward",
    "global_average_pool_backward",
    "global_average_pool_forward",
    "global_max_pool_backward",
    "global_max_pool_forward",
    "group_normalization_backward",
    "group_normalization_forward",
    "gru_backward",
    "gru_forward",
    "gru_step",
    "interpolation_matrix",
    "layer_normalization_backward",
    "layer_normalization_forward",
    "local_response_backward",
    "local_response_forward",
    "lstm_backward",
    "lstm_forward",
    "lstm_step",
    "masking_backward",
    "masking_forward",
    "max_pool_backward",
    "max_pool_forward",
    "merge_backward",
    "merge_forward",
    "merge_heads_backward",
    "merge_heads_forward",
    "multiply_backward",
    "multiply_forward",
    "nadaraya_watson_backward",
    "nadaraya_watson_forward",
    "nearest_backward",
    "nearest_forward",
    "prelu_backward",
    "prelu_forward",
    "reshape_backward",
    "reshape_forward",
    "residual_backward",
    "residual_forward",
    "rms_normalization_backward",
    "rms_normalization_forward",
    "rotary_backward",
    "rotary_forward",
    "simple_rnn_backward",
    "simple_rnn_forward",
    "simple_rnn_step",
    "sinusoidal_positions",
    "split_heads_backward",
    "split_heads_forward",
    "standardise_backward",
    "standardise_forward",
    "time_distributed_backward",
    "time_distributed_forward",
    "token_and_position_backward",
    "token_and_position_forward",
    "zero_padding_backward",
    "zero_padding_forward",
]
