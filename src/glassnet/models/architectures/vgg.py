"""The networks of the Visual Geometry Group: many small convolutions."""

from __future__ import annotations

from glassnet.layers import Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D
from glassnet.models.architectures._parts import chain, scaled
from glassnet.models.functional import Functional

__all__ = ["VGG", "VGG11", "VGG16"]

_FILTERS = (64, 128, 256, 512, 512)


def VGG(
    convolutions,
    input_shape=(224, 224, 3),
    classes=1000,
    width=1.0,
    *,
    rate=0.0,
    classifier_activation="softmax",
    name="vgg",
):
    """Return a network of blocks of 3 x 3 convolutions, each block ended by pooling.

    Two convolutions of 3 x 3 see as much as one of 5 x 5, with 18 weights for each pair of
    channels instead of 25 and one more ReLU.

    Parameters
    ----------
    convolutions : sequence of int
        How many convolutions each block has; at most five blocks, of 64, 128, 256, 512, 512
        filters. Every block halves height and width, so three suit pictures of 8 x 8.
    input_shape : tuple of int
        ``(height, width, channels)``.
    classes : int
    width : float
        Factor by which all numbers of channels and units are multiplied.
    rate : float
        Share that dropout drops after the first two dense layers: 0.5 in the paper, while
        ``keras.applications`` has none. No layer is made if it is 0.
    classifier_activation : str or None
        Of the last layer; None for logits.
    name : str

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
    Simonyan and Zisserman (2015). Very deep convolutional networks for large-scale image
    recognition, table 1.
    """
    if not 1 <= len(convolutions) <= len(_FILTERS):
        raise ValueError(
            f"`convolutions` must name one to five blocks. Received: convolutions={convolutions!r}"
        )
    x = y = Input(input_shape)
    for block, (count, filters) in enumerate(zip(convolutions, _FILTERS, strict=False), 1):
        for number in range(1, count + 1):
            label = f"block{block}_conv{number}"
            y = Conv2D(scaled(filters, width), 3, 1, "same", activation="relu", name=label)(y)
        y = MaxPooling2D(2, name=f"block{block}_pool")(y)
    y = Flatten(name="flatten")(y)
    for number in (1, 2):
        y = Dense(scaled(4096, width), "relu", name=f"fc{number}")(y)
        if rate:
            y = Dropout(rate, name=f"drop{number}")(y)
    y = chain(y, Dense(classes, classifier_activation, name="predictions"))
    return Functional(x, y, name=name)


def VGG11(input_shape=(224, 224, 3), classes=1000, width=1.0, **options):
    """Return the paper's network A: eight convolutions, three dense layers, 132,863,336 weights.

    Parameters
    ----------
    input_shape : tuple of int
        ``(height, width, channels)``, at least 32 x 32.
    classes : int
    width : float
    **options
        As for :func:`VGG`.

    Returns
    -------
    Functional
        Not built yet.

    References
    ----------
    Simonyan and Zisserman (2015). Very deep convolutional networks for large-scale image
    recognition, table 1.
    """
    return VGG((1, 1, 2, 2, 2), input_shape, classes, width, name="vgg11", **options)


def VGG16(input_shape=(224, 224, 3), classes=1000, width=1.0, **options):
    """Return the paper's network D, the twin of ``keras.applications.VGG16``: 138,357,544 weights.

    Thirteen convolutions and three dense layers. Nine of ten weights are in the dense layers, but
    15.35 of 15.47 thousand million multiply-adds in the convolutions; He et al. (2016) say 15.3.

    Parameters
    ----------
    input_shape : tuple of int
        ``(height, width, channels)``, at least 32 x 32.
    classes : int
    width : float
    **options
        As for :func:`VGG`.

    Returns
    -------
    Functional
        Not built yet.

    References
    ----------
    Simonyan and Zisserman (2015). Very deep convolutional networks for large-scale image
    recognition, table 1.
    """
    return VGG((2, 2, 3, 3, 3), input_shape, classes, width, name="vgg16", **options)
