# ruff: noqa: E501 - one fault a line
"""Faults in the architectures, in counting them and in looking into them."""

_NETWORK = "models/architectures"
_LENET = "keras: models.LeNet5, scaled down, step by step"
_GOOGLENET = "keras: models, weights in full size, added up by hand"
_RESNET = "keras: models.ResNet50 in full size, layer by layer"
_RESPONSE = (
    "keras: layers.LocalResponseNormalization(depth_radius=2, bias=2.0, alpha=0.3, beta=0.75)"
)
_ONES = "keras: models.multiply_adds, layers of ones"
_FIELD = "keras: models.receptive_field and influence"
_MAP = "keras: models.class_activation_map and layer_outputs"
_BY_HAND = "keras: models, weights in full size, added up by hand"

FAULTS = [
    # local response normalisation
    ("layers/response_normalization.py", "s = bias + alpha * _neighbours", "s = bias + _neighbours", _RESPONSE),
    ("layers/response_normalization.py", "by_s = -beta * dy * x", "by_s = beta * dy * x", _RESPONSE),
    ("layers/response_normalization.py", "s ** (-beta - 1)", "s ** (-beta)", _RESPONSE),
    ("layers/response_normalization.py", "+ 2 * alpha * x * _neighbours", "+ alpha * x * _neighbours", _RESPONSE),
    ("layers/response_normalization.py", "_neighbours(by_s, depth_radius)\n\n", "by_s\n\n", _RESPONSE),
    ("layers/response_normalization.py", "min(radius, channels - 1) + 1", "min(radius, channels - 1)", _RESPONSE),
    ("layers/response_normalization.py", "total[..., : channels - distance] += values[..., distance:]", "pass", _RESPONSE),
    # the architectures
    (f"{_NETWORK}/lenet.py", 'Conv2D(scaled(6, width), padding="same", name="c1", **options)', 'Conv2D(scaled(6, width), padding="valid", name="c1", **options)', _BY_HAND),
    (f"{_NETWORK}/lenet.py", "Dense(scaled(84, width)", "Dense(scaled(80, width)", _BY_HAND),
    (f"{_NETWORK}/alexnet.py", "groups=groups if apart else 1", "groups=1", _BY_HAND),
    (f"{_NETWORK}/alexnet.py", "y = MaxPooling2D(3, 2, name", "y = MaxPooling2D(2, 2, name", "keras: models.receptive_field, published sizes"),
    (f"{_NETWORK}/alexnet.py", "                strides,\n", "                1,\n", "keras: models.AlexNet in full size, shapes of the paper"),
    (f"{_NETWORK}/vgg.py", "VGG((1, 1, 2, 2, 2)", "VGG((1, 2, 2, 2, 2)", _BY_HAND),
    (f"{_NETWORK}/vgg.py", "VGG((2, 2, 3, 3, 3)", "VGG((2, 2, 3, 3, 2)", "keras: models.VGG16 in full size, layer by layer"),
    (f"{_NETWORK}/vgg.py", 'block{block}_pool")(y)', 'block{block}_pool")(x)', "keras: models.VGG16 in full size, layer by layer"),
    (f"{_NETWORK}/googlenet.py", 'chain(x, convolution("three_reduce", 1), convolution("three", 3))', 'chain(x, convolution("three", 3), convolution("three_reduce", 1))', _GOOGLENET),
    (f"{_NETWORK}/googlenet.py", 'convolution("pool_proj", 1)(pooled)', 'convolution("pool_proj", 3)(pooled)', _GOOGLENET),
    (f"{_NETWORK}/googlenet.py", 'convolution("one", 1)(x)', 'convolution("one", 3)(x)', _GOOGLENET),
    (f"{_NETWORK}/googlenet.py", "if module[0] != before[0]:", "if module != before:", "keras: models.GoogLeNet in full size, shapes of the paper"),
    (f"{_NETWORK}/resnet.py", "y = Add(name=f\"{name}_add\")([shortcut, y])\n    return Activation(\"relu\", name=f\"{name}_out\")(y)\n\n\ndef _normalised", "y = Add(name=f\"{name}_add\")([y, y])\n    return Activation(\"relu\", name=f\"{name}_out\")(y)\n\n\ndef _normalised", _BY_HAND),
    (f"{_NETWORK}/resnet.py", "filters, 1, strides)\n    y = Activation(\"relu\", name=f\"{name}_1_relu\")(y)\n    y = convolution(y, 2, filters, 3)", "filters, 1)\n    y = Activation(\"relu\", name=f\"{name}_1_relu\")(y)\n    y = convolution(y, 2, filters, 3, strides)", _RESNET),
    (f"{_NETWORK}/resnet.py", "y = convolution(y, 3, 4 * filters, 1)", "y = convolution(y, 3, 4 * filters, 3)", _RESNET),
    (f"{_NETWORK}/resnet.py", "convolution(x, 0, 4 * filters, 1, strides)", "convolution(x, 0, 4 * filters, 3, strides)", _RESNET),
    (f"{_NETWORK}/_parts.py", "    for layer in layers:\n        x = layer(x)", "    for layer in layers[:1]:\n        x = layer(x)", _BY_HAND),
    # counting
    ("models/counting.py", "places = layer.output_shape[1:-1]", "places = layer.input_shape[1:-1]", _ONES),
    ("models/counting.py", "    if isinstance(layer, _INPUTS):\n        places = layer.input_shape[1:-1]", "    if isinstance(layer, _INPUTS):\n        places = layer.output_shape[1:-1]", _ONES),
    ("models/counting.py", 'if "kernel" in key)', ")", _ONES),
    ("models/counting.py", "places = layer.input_shape[1:2]", "places = layer.input_shape[2:3]", "keras: models.multiply_adds, separable and recurrent"),
    ("models/counting.py", "return sum(row.multiply_adds for row in self)", "return sum(row.params for row in self)", "keras: models.count_multiply_adds, networks of ones"),
    ("models/counting.py", "hollow.count_params(), _products(hollow)", "sum(v.size for v in hollow.params.values()), _products(hollow)", _RESNET),
    # looking into it
    ("models/inspection.py", "s + d * (k - 1) * j for", "s + d * k * j for", _FIELD),
    ("models/inspection.py", "s + d * (k - 1) * j for", "s + (k - 1) * j for", _FIELD),
    ("models/inspection.py", "s + d * (k - 1) * j for", "s + d * (k - 1) for", _FIELD),
    ("models/inspection.py", "tuple(j * stride for", "tuple(j + stride for", _FIELD),
    ("models/inspection.py", "dy[(0, *place)] = 1", "dy[(0, *place[::-1])] = 1", _FIELD),
    ("models/inspection.py", "np.abs(model.backward(dy)[0]).sum(axis=-1)", "np.abs(model.backward(dy)[0].sum(axis=-1)) / 2", _FIELD),
    ("models/inspection.py", "model.layers.index(pooling) - 1]", "model.layers.index(pooling) - 2]", _MAP),
    ("models/inspection.py", 'dense.params["kernel"][:, label]', 'dense.params["kernel"][:, -label]', _MAP),
    ("models/inspection.py", "x = layer.forward(x)\n            outputs.append(x)", "outputs.append(x)\n            x = layer.forward(x)", _MAP),
]  # fmt: skip
