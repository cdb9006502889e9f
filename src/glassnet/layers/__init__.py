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
from glassnet.layers.reshaping import (
    Flatten,
    Reshape,
    flatten_backward,
    flatten_forward,
    reshape_backward,
    reshape_forward,
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

__all__ = [
    "Activation",
    "AveragePooling1D",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Layer",
    "LayerNormalization",
    "MaxPooling1D",
    "MaxPooling2D",
    "PReLU",
    "RMSNormalization",
    "Reshape",
    "SeparableConv2D",
    "UpSampling2D",
    "ZeroPadding2D",
    "average_pool_backward",
    "average_pool_forward",
    "batch_normalization_backward",
    "batch_normalization_forward",
    "batch_normalization_inference_backward",
    "batch_normalization_inference_forward",
    "bilinear_backward",
    "bilinear_forward",
    "conv_backward",
    "conv_forward",
    "conv_transpose_backward",
    "conv_transpose_forward",
    "dense_backward",
    "dense_forward",
    "dense_gradients",
    "depthwise_conv_backward",
    "depthwise_conv_forward",
    "dropout_backward",
    "dropout_forward",
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
    "interpolation_matrix",
    "layer_normalization_backward",
    "layer_normalization_forward",
    "max_pool_backward",
    "max_pool_forward",
    "nearest_backward",
    "nearest_forward",
    "prelu_backward",
    "prelu_forward",
    "reshape_backward",
    "reshape_forward",
    "rms_normalization_backward",
    "rms_normalization_forward",
    "standardise_backward",
    "standardise_forward",
    "zero_padding_backward",
    "zero_padding_forward",
]
