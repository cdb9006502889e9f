"""GoogLeNet, a network of Inception modules."""

from __future__ import annotations

from typing import NamedTuple

from glassnet.layers import (
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    GlobalAveragePooling2D,
    Input,
    LocalResponseNormalization,
    MaxPooling2D,
)
from glassnet.models.architectures._parts import chain, scaled
from glassnet.models.functional import Functional

__all__ = ["INCEPTION_MODULES", "GoogLeNet", "Inception", "inception_module"]


class Inception(NamedTuple):
    """How many filters the convolutions of an Inception module have.

    Parameters
    ----------
    one : int
        1 x 1, on their own.
    three_reduce, three : int
        1 x 1 before 3 x 3.
    five_reduce, five : int
        1 x 1 before 5 x 5.
    pool_proj : int
        1 x 1 after the pooling.
    """

    one: int
    three_reduce: int
    three: int
    five_reduce: int
    five: int
    pool_proj: int


INCEPTION_MODULES = {
    "3a": Inception(64, 96, 128, 16, 32, 32),
    "3b": Inception(128, 128, 192, 32, 96, 64),
    "4a": Inception(192, 96, 208, 16, 48, 64),
    "4b": Inception(160, 112, 224, 24, 64, 64),
    "4c": Inception(128, 128, 256, 24, 64, 64),
    "4d": Inception(112, 144, 288, 32, 64, 64),
    "4e": Inception(256, 160, 320, 32, 128, 128),
    "5a": Inception(256, 160, 320, 32, 128, 128),
    "5b": Inception(384, 192, 384, 48, 128, 128),
}
"""The nine modules of the paper's table 1; modules of one number have pictures of one size."""


def inception_module(x, filters, width=1.0, name="inception"):
    """Return the node after an Inception module: four ways side by side.

    Windows of 1 x 1, 3 x 3, 5 x 5 and a 3 x 3 pooling look at the same place, and their maps are
    put side by side. A 1 x 1 convolution before the large windows (after the pooling) makes the
    channels few, and the products too.

    Parameters
    ----------
    x : Node
        Pictures, shape (batch, height, width, channels).
    filters : Inception
        How many filters each convolution has.
    width : float
        Factor by which these numbers are multiplied.
    name : str
        Begins the names of the layers.

    Returns
    -------
    Node
        Shape (batch, height, width, one + three + five + pool_proj).

    References
    ----------
    Szegedy et al. (2015). Going deeper with convolutions, figure 2(b).
    """

    def convolution(key, size):
        options = {"padding": "same", "activation": "relu", "name": f"{name}_{key}"}
        return Conv2D(scaled(getattr(filters, key), width), size, **options)

    one = convolution("one", 1)(x)
    three = chain(x, convolution("three_reduce", 1), convolution("three", 3))
    five = chain(x, convolution("five_reduce", 1), convolution("five", 5))
    pooled = MaxPooling2D(3, 1, "same", name=f"{name}_pool")(x)
    pooled = convolution("pool_proj", 1)(pooled)
    return Concatenate(name=f"{name}_output")([one, three, five, pooled])


def GoogLeNet(
    input_shape=(224, 224, 3),
    classes=1000,
    width=1.0,
    *,
    modules=tuple(INCEPTION_MODULES),
    small=False,
    normalize=True,
    rate=0.4,
    classifier_activation="softmax",
):
    """Return GoogLeNet without its auxiliary classifiers: 6,998,552 weights.

    A stem of three convolutions, nine Inception modules, and global average pooling before a
    single dense layer. The two auxiliary classifiers, which the paper uses in training only and
    throws away, are left out; with 1000 classes they would add 6,379,728 weights.

    The number of weights follows from the widths in table 1 of the paper. The table's own column
    "params", in units of 1024 and without biases, is within 2 % of them but for three entries: the
    first convolution has 7 x 7 x 3 x 64 = 9,408 weights, 9.2 units (the table says 2.7), module 4c
    497.5 (463) and module 5a 1,018 (1,072). Of the column "ops" two entries do not fit: the first
    convolution uses its weights at 112 x 112 places, 118 million products (34), and module 5a
    takes 51 million (54). So the multiply-adds are 1.58 thousand million; the table's column adds
    up to 1.50, which is what the text says.

    Parameters
    ----------
    input_shape : tuple of int
        ``(height, width, channels)``.
    classes : int
    width : float
        Factor by which all numbers of channels are multiplied.
    modules : sequence of str
        Which of `INCEPTION_MODULES`, in order; pooling comes between two of different numbers.
    small : bool
        Whether the stem is a single 3 x 3 convolution, for small pictures. The full one divides
        height and width by 8.
    normalize : bool
        Whether the full stem has the two local response normalisations of the paper's figure 3;
        they have no weights. The paper does not say their constants; those of AlexNet are used.
    rate : float
        Share that dropout drops before the dense layer.
    classifier_activation : str or None
        Of the last layer; None for logits.

    Returns
    -------
    Functional
        Not built yet: call ``build(rng)``.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or a module is unknown.

    References
    ----------
    Szegedy et al. (2015). Going deeper with convolutions, table 1 and figure 3.
    """
    if not modules or not set(modules) <= set(INCEPTION_MODULES):
        raise ValueError(
            f"`modules` must be some of {', '.join(INCEPTION_MODULES)}. "
            f"Received: modules={modules!r}"
        )
    x = Input(input_shape)
    y = _small_stem(x, width) if small else _stem(x, width, normalize)
    before = modules[0]
    for module in modules:
        if module[0] != before[0]:
            y = MaxPooling2D(3, 2, "same", name=f"pool{before[0]}")(y)
        y = inception_module(y, INCEPTION_MODULES[module], width, f"inception_{module}")
        before = module
    y = chain(
        y,
        GlobalAveragePooling2D(name="average_pool"),
        Dropout(rate, name="dropout"),
        Dense(classes, classifier_activation, name="predictions"),
    )
    return Functional(x, y, name="googlenet")


def _stem(x, width, normalize):
    """The paper's first two stages."""
    options = {"padding": "same", "activation": "relu"}
    y = Conv2D(scaled(64, width), 7, 2, name="conv1", **options)(x)
    y = MaxPooling2D(3, 2, "same", name="pool1")(y)
    if normalize:
        y = LocalResponseNormalization(2, 2.0, 1e-4, 0.75, name="norm1")(y)
    y = Conv2D(scaled(64, width), 1, name="conv2_reduce", **options)(y)
    y = Conv2D(scaled(192, width), 3, name="conv2", **options)(y)
    if normalize:
        y = LocalResponseNormalization(2, 2.0, 1e-4, 0.75, name="norm2")(y)
    return MaxPooling2D(3, 2, "same", name="pool2")(y)


def _small_stem(x, width):
    """One convolution that keeps the size of the pictures."""
    return Conv2D(scaled(64, width), 3, padding="same", activation="relu", name="conv1")(x)
