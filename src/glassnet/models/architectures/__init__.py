"""Networks that made history, in full size for counting and scaled down for training.

Each function returns a network that is drawn but not built, so that even the largest costs no
memory: ``glassnet.models.layer_table`` counts it as it is, ``build(rng)`` draws the weights.
"""

from __future__ import annotations

from glassnet.models.architectures.alexnet import AlexNet
from glassnet.models.architectures.googlenet import (
    INCEPTION_MODULES,
    GoogLeNet,
    Inception,
    inception_module,
)
from glassnet.models.architectures.lenet import LeNet5
from glassnet.models.architectures.resnet import (
    ResNet,
    ResNet20,
    ResNet50,
    bottleneck_block,
    residual_block,
)
from glassnet.models.architectures.vgg import VGG, VGG11, VGG16

__all__ = [
    "INCEPTION_MODULES",
    "VGG",
    "VGG11",
    "VGG16",
    "AlexNet",
    "GoogLeNet",
    "Inception",
    "LeNet5",
    "ResNet",
    "ResNet20",
    "ResNet50",
    "bottleneck_block",
    "inception_module",
    "residual_block",
]
