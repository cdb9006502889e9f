"""AlexNet, the network that won the ImageNet challenge of 2012."""

from __future__ import annotations

from glassnet.layers import (
    Activation,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    LocalResponseNormalization,
    MaxPooling2D,
)
from glassnet.models.architectures._parts import chain, scaled
from glassnet.models.functional import Functional

__all__ = ["AlexNet"]

# The five convolutions: filters, size, stride, whether the groups keep apart, what comes after.
_CONVOLUTIONS = [
    (96, 11, 4, False, "normalise, pool"),
    (256, 5, 1, True, "normalise, pool"),
    (384, 3, 1, False, ""),
    (384, 3, 1, True, ""),
    (256, 3, 1, True, "pool"),
]


def AlexNet(
    input_shape=(227, 227, 3),
    classes=1000,
    width=1.0,
    *,
    groups=2,
    first_strides=4,
    normalize=True,
    rate=0.5,
    classifier_activation="softmax",
):
    """Return AlexNet: 60,965,224 weights (the paper says 60 million), 62,378,344 in one tower.

    Five convolutions, three of them with overlapping pooling, and three dense layers. The paper
    divides the channels between two graphics processors, which meet in the third convolution and
    in the dense layers: two groups in the second, fourth and fifth convolution. With one group
    every filter sees all channels.

    The paper says that the pictures are 224 x 224; only 227 x 227 gives the 55 x 55 places of its
    first convolution without padding. Neither number of weights is that of a later network of the
    same name with other widths, "one weird trick" (61,100,840).

    Parameters
    ----------
    input_shape : tuple of int
        ``(height, width, channels)``; at least 67 x 67, or 15 x 15 if `first_strides` is 1.
    classes : int
    width : float
        Factor by which all numbers of channels and units are multiplied.
    groups : int
        2 as in the paper, or 1 for a single tower.
    first_strides : int
        Step of the first convolution, whose windows are 11 x 11; with a step of 1 they are 3 x 3
        and padded, which suits small pictures.
    normalize : bool
        Whether the first two activations go through local response normalisation, which has no
        weights: k = 2, n = 5, alpha = 1e-4, beta = 0.75.
    rate : float
        Share that dropout drops after the first two dense layers.
    classifier_activation : str or None
        Of the last layer; None for logits.

    Returns
    -------
    Functional
        Not built yet: call ``build(rng)``.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or the pictures are too small.

    References
    ----------
    Krizhevsky, Sutskever and Hinton (2012). ImageNet classification with deep convolutional neural
    networks, section 3.5.
    """
    x = y = Input(input_shape)
    for number, (filters, size, strides, apart, after) in enumerate(_CONVOLUTIONS, 1):
        padding = "same"
        if number == 1:
            strides = first_strides
            size, padding = (3, "same") if first_strides == 1 else (size, "valid")
        y = chain(
            y,
            Conv2D(
                scaled(filters, width, 2),
                size,
                strides,
                padding,
                groups=groups if apart else 1,
                name=f"conv{number}",
            ),
            Activation("relu", name=f"relu{number}"),
        )
        if "normalise" in after and normalize:
            y = LocalResponseNormalization(2, 2.0, 1e-4, 0.75, name=f"norm{number}")(y)
        if "pool" in after:
            y = MaxPooling2D(3, 2, name=f"pool{number}")(y)
    y = Flatten(name="flatten")(y)
    for number in (6, 7):
        y = chain(
            y,
            Dense(scaled(4096, width), "relu", name=f"fc{number}"),
            Dropout(rate, name=f"drop{number}"),
        )
    return Functional(x, Dense(classes, classifier_activation, name="fc8")(y), name="alexnet")
