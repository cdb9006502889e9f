"""Networks counted in full size, and looked into."""

from __future__ import annotations

import itertools

import numpy as np

from glassnet import layers, models

from ..precision import float64, load_keras
from ..report import CrosscheckError, Report, compare_arrays
from ..twins import keras_twin, randomise_weights
from .architecture_cases import SMALL
from .registry import case

# --- full size, counted -------------------------------------------------------------------------

_COUNTED = ("models.layer_table", "models.LayerTable", "models.LayerRow")


def _applications(name):
    """The layers of a network of ``keras.applications``: shapes and numbers of weights by name.

    In a stateless scope Keras only notes the shapes of the weights, it does not make any.
    """
    _, keras = load_keras()
    with keras.StatelessScope(initialize_variables=False):
        theirs = getattr(keras.applications, name)(weights=None)
    return {
        each.name: (each.output.shape, each.count_params())
        for each in theirs.layers
        if type(each).__name__ != "InputLayer"
    }


for _name in ("VGG16", "ResNet50"):

    @case(f"models.{_name} in full size, layer by layer", f"models.{_name}", *_COUNTED)
    def _full_size(rng, name=_name):
        theirs = _applications(name)
        table = models.layer_table(getattr(models, name)())
        ours = {row.name: row for row in table}
        if set(ours) != set(theirs):
            raise CrosscheckError(f"On one side only: {sorted(set(ours) ^ set(theirs))}")
        pairs = {
            "output shapes": (
                [n for key in theirs for n in ours[key].output_shape[1:]],
                [n for shape, _ in theirs.values() for n in shape[1:]],
            ),
            "weights": ([ours[key].params for key in theirs], [n for _, n in theirs.values()]),
            "all weights": (table.params, sum(n for _, n in theirs.values())),
        }
        rows = [compare_arrays(key, *pair, 0, 0) for key, pair in pairs.items()]
        return Report(f"models.{name} against keras.applications", rows)


def _convolution(size, channels, filters):
    return size**2 * channels * filters + filters


def _by_hand():
    """Numbers of weights from the papers' tables, added up."""
    lenet = _convolution(5, 1, 6) + _convolution(5, 6, 16)
    lenet += sum(_convolution(1, *pair) for pair in ((400, 120), (120, 84), (84, 10)))
    towers = 2 * (_convolution(5, 48, 128) + _convolution(3, 192, 192) + _convolution(3, 192, 128))
    merged = _convolution(5, 96, 256) + _convolution(3, 384, 384) + _convolution(3, 384, 256)
    others = _convolution(11, 3, 96) + _convolution(3, 256, 384)
    others += sum(_convolution(1, *pair) for pair in ((9216, 4096), (4096, 4096), (4096, 1000)))
    vgg = sum(
        _convolution(3, *pair)
        for pair in itertools.pairwise((3, 64, 128, 256, 256, 512, 512, 512, 512))
    )
    vgg += sum(_convolution(1, *pair) for pair in ((25088, 4096), (4096, 4096), (4096, 1000)))
    google, channels = _convolution(7, 3, 64) + _convolution(1, 64, 64), 192
    google += _convolution(3, 64, 192) + _convolution(1, 1024, 1000)
    for one, reduce_3, three, reduce_5, five, pool in models.INCEPTION_MODULES.values():
        for width in (one, reduce_3, reduce_5, pool):
            google += _convolution(1, channels, width)
        google += _convolution(3, reduce_3, three) + _convolution(5, reduce_5, five)
        channels = one + three + five + pool
    return [
        ("LeNet-5", models.LeNet5(), lenet),
        ("AlexNet, two groups", models.AlexNet(), towers + others),
        ("AlexNet, one tower", models.AlexNet(groups=1), merged + others),
        ("VGG-11", models.VGG11(), vgg),
        ("GoogLeNet", models.GoogLeNet(), google),
        ("ResNet-20", models.ResNet20(), 272_474 + 2 * 784),
    ]


@case(
    "models, weights in full size, added up by hand",
    *(f"models.{name}" for name in ("AlexNet", "GoogLeNet", "LeNet5", "VGG11", "ResNet20")),
    *_COUNTED,
)
def _weights_by_hand(rng):
    rows = [
        compare_arrays(name, models.layer_table(network).params, number, 0, 0)
        for name, network, number in _by_hand()
    ]
    return Report("weights in full size", rows)


_PICTURES = {  # (rows and channels) after the stages, as the papers' figures have them
    "AlexNet": [
        ("conv1", 55, 96),
        ("pool1", 27, 96),
        ("conv2", 27, 256),
        ("pool2", 13, 256),
        ("conv3", 13, 384),
        ("conv4", 13, 384),
        ("conv5", 13, 256),
        ("pool5", 6, 256),
    ],
    "GoogLeNet": [
        ("conv1", 112, 64),
        ("pool1", 56, 64),
        ("conv2", 56, 192),
        ("pool2", 28, 192),
        ("inception_3a_output", 28, 256),
        ("inception_3b_output", 28, 480),
        ("pool3", 14, 480),
        ("inception_4a_output", 14, 512),
        ("inception_4b_output", 14, 512),
        ("inception_4c_output", 14, 512),
        ("inception_4d_output", 14, 528),
        ("inception_4e_output", 14, 832),
        ("pool4", 7, 832),
        ("inception_5a_output", 7, 832),
        ("inception_5b_output", 7, 1024),
    ],
}

for _name in _PICTURES:

    @case(f"models.{_name} in full size, shapes of the paper", f"models.{_name}", *_COUNTED)
    def _shapes_of_the_paper(rng, name=_name):
        ours = {row.name: row.output_shape for row in models.layer_table(getattr(models, name)())}
        rows = [
            compare_arrays(stage, ours[stage][1:], (places, places, channels), 0, 0)
            for stage, places, channels in _PICTURES[name]
        ]
        return Report(f"models.{name}: stages", rows)


def _products(ours, input_shape):
    """Count the products of one sample with Keras: all weights and all inputs are 1.

    Then every product is 1, and the sum of all outputs is their number. Padding is made of ones
    too: the input is as long as the windows reach.
    """
    _, keras = load_keras()
    kind = type(ours).__name__
    kernel = "depthwise_initializer" if kind == "DepthwiseConv2D" else "kernel_initializer"
    config = ours.get_config() | {"activation": None, "use_bias": False, kernel: "ones"}
    lengths = input_shape[1:-1]
    if isinstance(ours, (layers.Conv1D, layers.Conv2D, layers.DepthwiseConv2D)):
        config["padding"] = "valid"
        counts = ours.compute_output_shape(input_shape)[1:-1]
        windows = zip(counts, ours.strides, ours.dilation_rate, ours.kernel_size, strict=True)
        lengths = [(n - 1) * stride + d * (k - 1) + 1 for n, stride, d, k in windows]
    twin = getattr(keras.layers, kind).from_config(config)
    return float(keras.ops.sum(twin(keras.ops.ones((1, *lengths, input_shape[-1])))))


_LAYERS = [
    (layers.Dense(5), (None, 7)),
    (layers.Dense(5), (None, 3, 2, 7)),
    (layers.Conv1D(4, 3, 2, "causal"), (None, 11, 5)),
    (layers.Conv2D(5, (3, 2)), (None, 9, 7, 4)),
    (layers.Conv2D(5, (3, 2), (2, 3), "same"), (None, 9, 7, 4)),
    (layers.Conv2D(6, 3, padding="same", dilation_rate=2), (None, 9, 7, 4)),
    (layers.Conv2D(6, (3, 2), groups=2), (None, 9, 7, 4)),
    (layers.DepthwiseConv2D((3, 2), depth_multiplier=3), (None, 9, 7, 4)),
    (layers.Conv2DTranspose(5, (3, 2), strides=(2, 3)), (None, 4, 7, 3)),
]


@case("models.multiply_adds, layers of ones", "models.multiply_adds")
def _layers_of_ones(rng):
    rows = []
    for ours, shape in _LAYERS:
        pair = models.multiply_adds(ours, shape), _products(ours, shape)
        rows.append(compare_arrays(f"{ours!r}", *pair, 0, 0))
    return Report("multiply-adds of single layers", rows)


@case("models.multiply_adds, separable and recurrent", "models.multiply_adds")
def _sums_of_products(rng):
    """A separable convolution is two, a recurrent layer two products of matrices a step."""
    _, keras = load_keras()
    shape = (None, 9, 7, 4)
    depthwise = layers.DepthwiseConv2D((3, 2), depth_multiplier=2)
    parts = [(depthwise, shape), (layers.Conv2D(5, 1), depthwise.compute_output_shape(shape))]
    separable = layers.SeparableConv2D(5, (3, 2), depth_multiplier=2)
    total = sum(_products(*part) for part in parts)
    pairs = {"SeparableConv2D": (models.multiply_adds(separable, shape), total)}
    for kind in ("SimpleRNN", "LSTM", "GRU"):
        twin = getattr(keras.layers, kind)(3, use_bias=False)
        twin.build((None, 7, 5))
        kernel, recurrent = (np.ones(value.shape) for value in twin.get_weights())
        steps = (np.ones(5) @ kernel).sum() + (np.ones(3) @ recurrent).sum()
        pairs[kind] = models.multiply_adds(getattr(layers, kind)(3), (None, 7, 5)), 7 * steps
    rows = [compare_arrays(name, *pair, 0, 0) for name, pair in pairs.items()]
    return Report("multiply-adds of composed layers", rows)


@case("models.count_multiply_adds, networks of ones", "models.count_multiply_adds")
def _networks_of_ones(rng):
    rows = []
    for name in ("LeNet5", "AlexNet", "VGG", "ResNet", "GoogLeNet"):
        network, total = SMALL[name](), 0.0
        for node in network.nodes:
            if isinstance(node.layer, (layers.Dense, layers.Conv2D)):
                total += _products(node.layer, node.parents[0].shape)
        rows.append(compare_arrays(name, models.count_multiply_adds(network), total, 0, 0))
    return Report("multiply-adds of networks", rows)


# --- looked into --------------------------------------------------------------------------------


def _deep(rng):
    """A network of windows of all kinds, all of whose weights are positive."""
    x = layers.Input((23, 44, 2))
    parts = [
        layers.Conv2D(2, (3, 2), activation="relu"),
        layers.AveragePooling2D((2, 3), (2, 2)),
        layers.BatchNormalization(),
        layers.DepthwiseConv2D((2, 3), dilation_rate=(2, 1)),
        layers.Conv2D(2, (2, 3), (1, 2)),
        layers.Dropout(0.3),
        layers.AveragePooling2D((1, 2), (1, 1)),
    ]
    y = x
    for part in parts:
        y = part(y)
    network = models.Functional(x, y)
    network.build(rng, dtype=np.float64)
    network.set_weights([rng.uniform(0.1, 0.9, value.shape) for value in network.get_weights()])
    return network, parts


@case("models.receptive_field and influence", *(f"models.{n}" for n in (
    "receptive_field", "ReceptiveField", "influence")))  # fmt: skip
def _field(rng):
    """The places where Keras' gradient is not zero, at the output in the middle."""
    tensorflow, _ = load_keras()
    network, parts = _deep(rng)
    field = models.receptive_field(parts)[-1]
    x = rng.uniform(0.1, 0.9, (1, *network.input_shape[1:]))
    middle = (3, 2)
    with float64():
        twin, tensor = keras_twin(network), tensorflow.constant(x)
        with tensorflow.GradientTape(persistent=True) as tape:
            tape.watch(tensor)
            y = twin(tensor)
            units = tensorflow.reduce_sum(y[0, middle[0], middle[1]])
            below = tensorflow.reduce_sum(y[0, middle[0] + 1, middle[1] + 1])
        slope, other = (np.abs(tape.gradient(u, tensor)[0]).sum(axis=-1) for u in (units, below))
    extent = [_extent(slope.any(axis=axis)) for axis in (1, 0)]
    moved = [_extent(other.any(axis=axis)) for axis in (1, 0)]
    rows = [
        compare_arrays("influence", models.influence(network, x, middle), slope),
        compare_arrays("size", field.size, [last - first + 1 for first, last in extent], 0, 0),
        compare_arrays(
            "jump", field.jump, [b[0] - a[0] for a, b in zip(extent, moved, strict=True)], 0, 0
        ),
    ]
    return Report("receptive field", rows)


@case("models.receptive_field, published sizes", "models.receptive_field", "models.AlexNet")
def _published_fields(rng):
    """The last pooling of AlexNet and VGG-16 (Araujo et al. 2019, table 1)."""
    rows = []
    for network, size in ((models.AlexNet(), 195), (models.VGG16(), 212)):
        names = [layer.name for layer in network.layers]
        field = models.receptive_field(network.layers[: names.index("flatten")])[-1]
        rows.append(compare_arrays(f"{network.name}, size", field.size, (size, size), 0, 0))
        rows.append(compare_arrays(f"{network.name}, jump", field.jump, (32, 32), 0, 0))
    return Report("receptive fields", rows)


def _extent(seen):
    """First and last place that is seen."""
    places = np.flatnonzero(seen)
    return places[0], places[-1]


@case("models.class_activation_map and layer_outputs", *(f"models.{n}" for n in (
    "class_activation_map", "layer_outputs")))  # fmt: skip
def _activation_map(rng):
    """Keras: the feature maps from a model of its own; the mean of the map makes the logit."""
    _, keras = load_keras()
    rows = []
    for functional in (False, True):
        parts = [
            layers.Conv2D(5, (3, 2), activation="tanh"),
            layers.Conv2D(5, 2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3),
        ]
        if functional:
            parts.insert(3, layers.Dropout(0.5))
            x = y = layers.Input((7, 6, 2))
            for part in parts:
                y = part(y)
            network = models.Functional(x, y)
            network.build(rng, np.float64)
        else:
            network = models.Sequential(parts)
            network.build((None, 7, 6, 2), rng, np.float64)
        for each in network.layers:
            randomise_weights(each, rng)
        x = rng.standard_normal((2, 7, 6, 2))
        with float64():
            twin = keras_twin(network)
            outputs = [each.output for each in twin.layers if type(each).__name__ != "InputLayer"]
            theirs = [each.numpy() for each in keras.Model(twin.inputs[0], outputs)(x)]
        name = type(network).__name__
        kernel, bias = network.layers[-1].params.values()
        ours = models.class_activation_map(network, x, 1)
        products = np.einsum("nhwc,c->nhw", theirs[1], kernel[:, 1])
        rows += [
            compare_arrays(f"{name}, map", ours, products),
            compare_arrays(f"{name}, logit", ours.mean(axis=(1, 2)) + bias[1], theirs[-1][:, 1]),
        ]
        for number, pair in enumerate(zip(models.layer_outputs(network, x), theirs, strict=True)):
            rows.append(compare_arrays(f"{name}, output {number}", *pair))
    return Report("class activation map", rows)
