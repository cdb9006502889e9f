"""LeNet-5, the network that read cheques."""

from __future__ import annotations

from glassnet.layers import AveragePooling2D, Conv2D, Dense, Flatten, Input
from glassnet.models.architectures._parts import chain, scaled
from glassnet.models.functional import Functional

__all__ = ["LeNet5"]


def LeNet5(
    input_shape=(28, 28, 1),
    classes=10,
    width=1.0,
    *,
    kernel_size=5,
    activation="tanh",
    classifier_activation="softmax",
):
    """Return LeNet-5 in the form that is taught today: 61,706 weights for 10 classes.

    Two rounds of convolution and pooling, then three dense layers. It differs from the paper's
    network, which has 60,000 trained weights, in these points.

    * The pictures are 28 x 28 and padded to 32 x 32 by the first convolution; the paper's are
      32 x 32 from the start. The paper's third convolution (C5) sees a single window, so here it
      is the first dense layer.
    * The second convolution joins all maps with all: 2,416 weights. In the paper a table leaves
      out 36 of the 96 pairs: 1,516.
    * Pooling is the plain mean. In the paper each map has a factor and a bias of its own,
      2 x (6 + 16) weights, and a sigmoid follows.
    * The last layer is dense with softmax, 850 weights. In the paper the distance to a fixed
      picture of each digit decides, with no trained weight.
    * The activation is tanh; in the paper it is 1.7159 tanh(2/3 x).

    Parameters
    ----------
    input_shape : tuple of int
        ``(height, width, channels)``; at least 12 x 12 with windows of 5 x 5, and 8 x 8 with
        windows of 3 x 3.
    classes : int
    width : float
        Factor by which all numbers of channels and units are multiplied.
    kernel_size : int
        Height and width of the windows; 3 fits pictures of 8 x 8.
    activation : str
        Of all layers but the last.
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
    LeCun, Bottou, Bengio and Haffner (1998). Gradient-based learning applied to document
    recognition, section II.B.
    """
    options = {"kernel_size": kernel_size, "activation": activation}
    x = Input(input_shape)
    y = chain(
        x,
        Conv2D(scaled(6, width), padding="same", name="c1", **options),
        AveragePooling2D(2, name="s2"),
        Conv2D(scaled(16, width), name="c3", **options),
        AveragePooling2D(2, name="s4"),
        Flatten(name="flatten"),
        Dense(scaled(120, width), activation, name="c5"),
        Dense(scaled(84, width), activation, name="f6"),
        Dense(classes, classifier_activation, name="predictions"),
    )
    return Functional(x, y, name="lenet5")
