"""Residual networks: every block adds something to its input."""

from __future__ import annotations

from glassnet._validation import positive_int
from glassnet.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    GlobalAveragePooling2D,
    Input,
    MaxPooling2D,
    ZeroPadding2D,
)
from glassnet.models.architectures._parts import chain, scaled
from glassnet.models.functional import Functional

__all__ = ["ResNet", "ResNet20", "ResNet50", "bottleneck_block", "residual_block"]


def residual_block(x, filters, strides=1, name="block"):
    """Return the node after two 3 x 3 convolutions to which their input is added.

    ``relu(F(x) + x)``: what the convolutions F must learn is only the difference to x, and a
    gradient flows back through the sum undiminished.

    Parameters
    ----------
    x : Node
        Pictures, shape (batch, height, width, channels).
    filters : int
        Of both convolutions.
    strides : int
        Of the first convolution.
    name : str
        Begins the names of the layers.

    Returns
    -------
    Node
        If the shape changes, x goes through a 1 x 1 convolution before it is added (the paper's
        option B).

    References
    ----------
    He, Zhang, Ren and Sun (2016). Deep residual learning for image recognition, figure 5, left.
    """
    shortcut = x
    if strides > 1 or x.shape[-1] != filters:
        shortcut = _normalised(x, filters, 1, strides, f"{name}_0")
    y = _normalised(x, filters, 3, strides, f"{name}_1")
    y = Activation("relu", name=f"{name}_1_relu")(y)
    y = _normalised(y, filters, 3, 1, f"{name}_2")
    y = Add(name=f"{name}_add")([shortcut, y])
    return Activation("relu", name=f"{name}_out")(y)


def _normalised(x, filters, size, strides, name):
    """A convolution without a bias, since the normalisation after it has one."""
    options = {"use_bias": False, "kernel_initializer": "he_normal", "name": f"{name}_conv"}
    y = Conv2D(filters, size, strides, "same", **options)(x)
    return BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_bn")(y)


def ResNet(
    n=3,
    input_shape=(32, 32, 3),
    classes=10,
    width=1.0,
    *,
    filters=(16, 32, 64),
    classifier_activation="softmax",
):
    """Return the residual network for small pictures with 6 n + 2 layers that count.

    One convolution, three stages of `n` residual blocks, of which the second and the third halve
    height and width, then global average pooling and a dense layer. n = 3 makes ResNet-20, which
    has 272,474 trained weights, and 1,568 running statistics of the normalisations beside. The
    paper rounds to 0.27 million; it pads the shortcuts with zeros, which saves 2,752 of them.

    Parameters
    ----------
    n : int
        Residual blocks in each stage.
    input_shape : tuple of int
        ``(height, width, channels)``.
    classes : int
    width : float
        Factor by which all numbers of channels are multiplied.
    filters : sequence of int
        Of each stage.
    classifier_activation : str or None
        Of the last layer; None for logits.

    Returns
    -------
    Functional
        Not built yet: call ``build(rng)``.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind.

    References
    ----------
    He, Zhang, Ren and Sun (2016). Deep residual learning for image recognition, section 4.2.
    """
    n = positive_int(n, "n")
    widths = [scaled(each, width) for each in filters]
    x = Input(input_shape)
    y = _normalised(x, widths[0], 3, 1, "conv1")
    y = Activation("relu", name="conv1_relu")(y)
    for stage, channels in enumerate(widths, 2):
        for block in range(1, n + 1):
            strides = 2 if stage > 2 and block == 1 else 1
            y = residual_block(y, channels, strides, f"conv{stage}_block{block}")
    y = chain(
        y,
        GlobalAveragePooling2D(name="avg_pool"),
        Dense(classes, classifier_activation, name="predictions"),
    )
    return Functional(x, y, name=f"resnet{6 * n + 2}")


def ResNet20(input_shape=(32, 32, 3), classes=10, width=1.0, **options):
    """Return the residual network of 20 layers for small pictures.

    Parameters
    ----------
    input_shape : tuple of int
        ``(height, width, channels)``.
    classes : int
    width : float
    **options
        As for :func:`ResNet`.

    Returns
    -------
    Functional
        Not built yet.

    References
    ----------
    He, Zhang, Ren and Sun (2016). Deep residual learning for image recognition, table 6.
    """
    return ResNet(3, input_shape, classes, width, **options)


def bottleneck_block(x, filters, strides=1, project=False, name="block"):
    """Return the node after a bottleneck: 1 x 1, 3 x 3 and 1 x 1 convolutions, and x added.

    The first convolution makes the channels few, the last makes them 4 times `filters`.

    Parameters
    ----------
    x : Node
        Pictures, shape (batch, height, width, channels).
    filters : int
        Of the first two convolutions.
    strides : int
        Of the first convolution.
    project : bool
        Whether x goes through a 1 x 1 convolution before it is added; it must if the shape changes.
    name : str
        Begins the names of the layers.

    Returns
    -------
    Node

    References
    ----------
    He, Zhang, Ren and Sun (2016). Deep residual learning for image recognition, figure 5, right.
    """

    def convolution(y, number, channels, size, strides=1):
        y = Conv2D(channels, size, strides, "same", name=f"{name}_{number}_conv")(y)
        return BatchNormalization(epsilon=1.001e-5, name=f"{name}_{number}_bn")(y)

    shortcut = convolution(x, 0, 4 * filters, 1, strides) if project else x
    y = convolution(x, 1, filters, 1, strides)
    y = Activation("relu", name=f"{name}_1_relu")(y)
    y = convolution(y, 2, filters, 3)
    y = Activation("relu", name=f"{name}_2_relu")(y)
    y = convolution(y, 3, 4 * filters, 1)
    y = Add(name=f"{name}_add")([shortcut, y])
    return Activation("relu", name=f"{name}_out")(y)


def ResNet50(
    input_shape=(224, 224, 3),
    classes=1000,
    width=1.0,
    *,
    blocks=(3, 4, 6, 3),
    classifier_activation="softmax",
):
    """Return ResNet-50, the twin of ``keras.applications.ResNet50``: 25,636,712 weights.

    53,120 of them are running statistics. As in Keras every convolution has a bias, which the
    normalisation after it makes useless.

    Parameters
    ----------
    input_shape : tuple of int
        ``(height, width, channels)``, at least 32 x 32.
    classes : int
    width : float
        Factor by which all numbers of channels are multiplied.
    blocks : sequence of int
        Bottleneck blocks in each stage; (3, 4, 23, 3) makes ResNet-101, (3, 8, 36, 3) ResNet-152.
    classifier_activation : str or None
        Of the last layer; None for logits.

    Returns
    -------
    Functional
        Not built yet: call ``build(rng)``. Layers are named as in ``keras.applications``.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or the pictures are too small.

    References
    ----------
    He, Zhang, Ren and Sun (2016). Deep residual learning for image recognition, table 1.
    """
    x = Input(input_shape)
    y = chain(
        x,
        ZeroPadding2D(3, name="conv1_pad"),
        Conv2D(scaled(64, width), 7, 2, name="conv1_conv"),
        BatchNormalization(epsilon=1.001e-5, name="conv1_bn"),
        Activation("relu", name="conv1_relu"),
        ZeroPadding2D(1, name="pool1_pad"),
        MaxPooling2D(3, 2, name="pool1_pool"),
    )
    for stage, count in enumerate(blocks, 2):
        filters = scaled(64 * 2 ** (stage - 2), width)
        for block in range(1, count + 1):
            strides = 2 if stage > 2 and block == 1 else 1
            name = f"conv{stage}_block{block}"
            y = bottleneck_block(y, filters, strides, block == 1, name)
    y = chain(
        y,
        GlobalAveragePooling2D(name="avg_pool"),
        Dense(classes, classifier_activation, name="predictions"),
    )
    return Functional(x, y, name="resnet50")
