"""Networks that branch and meet again."""

from __future__ import annotations

import numpy as np

from glassnet.layers.graph import Node
from glassnet.models.layered import LayeredModel, pass_through

__all__ = ["Functional"]


class Functional(LayeredModel):
    """A network drawn from nodes, the twin of ``keras.Model(inputs, outputs)``.

    Layers are called on nodes: ``x = Input((5,))``, ``y = Add()([x, Dense(5)(x)])``,
    ``Functional(x, y)``.

    Parameters
    ----------
    inputs, outputs : Node
        Where the network begins and ends; one of each.
    name : str, optional

    Attributes
    ----------
    layers : list of Layer
        In an order in which every layer comes after those it takes from: Keras' order, by the
        longest way to the output.

    Raises
    ------
    ValueError
        If the output does not depend on the input alone, or a layer is used twice.
    """

    def __init__(self, inputs, outputs, name=None):
        for key, node in (("inputs", inputs), ("outputs", outputs)):
            if not isinstance(node, Node):
                raise ValueError(f"`{key}` must be one node. Received: {key}={node!r}")
        if inputs.layer is not None:
            raise ValueError(f"`inputs` must come from `Input`. Received: inputs={inputs!r}")
        self.name = name or "functional"
        self.inputs, self.outputs = inputs, outputs
        self.nodes = ordered(inputs, outputs)
        self.layers = [node.layer for node in self.nodes]
        self.built = False
        for node in self.nodes:
            if sum(node.layer is layer for layer in self.layers) > 1:
                raise ValueError(
                    "A layer can be used only once, since it remembers one forward pass. "
                    f"Received: {node.layer!r} again"
                )

    def build(self, rng, dtype=np.float32):
        """Create the weights of all layers; a second call draws new ones.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of the weights, the random masks, and the order of the samples in `fit`.
        dtype : numpy dtype
            Kind of float of the weights.
        """
        self.built = False
        for node in self.nodes:
            node.layer.build(_argument(node, [parent.shape for parent in node.parents]), rng, dtype)
        self.rng, self.dtype = rng, np.dtype(dtype)
        self.built = True

    @property
    def input_shape(self):
        """Shape of the input, with the batch axis."""
        return self.inputs.shape

    @property
    def output_shape(self):
        """Shape of the output, with the batch axis."""
        return self.outputs.shape

    def compute_output_shape(self, input_shape):
        """Return the shape of the output for inputs of `input_shape`, both with the batch axis."""
        shapes = {self.inputs: tuple(input_shape)}
        for node in self.nodes:
            given = _argument(node, [shapes[parent] for parent in node.parents])
            shapes[node] = node.layer.compute_output_shape(given)
        return shapes[self.outputs]

    def forward(self, x, training=False, mask=None):
        """Return the output for the input `x`, going through the layers in order.

        Parameters
        ----------
        x : ndarray, shape (batch, ...)
        training : bool
            Passed to every layer.
        mask : ndarray of bool, shape (batch, time), optional
            True where a step of `x` counts; see `Sequential`. A layer with several inputs gets a
            list, in which inputs without a mask have None.

        Returns
        -------
        ndarray, shape (batch, ...)
        """
        self.require_built()
        values, masks = {self.inputs: x}, {self.inputs: mask}
        for node in self.nodes:
            given, mask = (
                _argument(node, [known[parent] for parent in node.parents])
                for known in (values, masks)
            )
            values[node], masks[node] = pass_through(node.layer, given, training, mask)
        self.output_mask = masks[self.outputs]
        return values[self.outputs]

    def backward(self, dy, input_gradient=True):
        """Fill the gradients of all layers, in the reverse order.

        Where the output of a layer goes to several others, it influences the loss through each, and
        the gradients add up.

        Parameters
        ----------
        dy : ndarray, shape of the output
            Gradient of the loss by the output of the last `forward`.
        input_gradient : bool
            Whether the gradient by the input is wanted. Training does without it, and saves the
            work of all layers with nothing to learn before them.

        Returns
        -------
        ndarray, shape of the input, or None
        """
        self.require_built()
        wanted = {self.inputs: input_gradient}  # of which nodes the gradient is needed
        for node in self.nodes:
            wanted[node] = bool(node.layer.params) or any(wanted[p] for p in node.parents)
        gradients = {self.outputs: dy}
        for node in reversed(self.nodes):
            if not any(wanted[parent] for parent in node.parents):
                if wanted[node]:
                    node.layer.backward_params(gradients[node])
                continue
            given = node.layer.backward(gradients.pop(node))
            for parent, part in zip(node.parents, _as_list(given), strict=True):
                gradients[parent] = gradients[parent] + part if parent in gradients else part
        return gradients[self.inputs] if input_gradient else None

    def __repr__(self):
        return f"Functional(inputs={self.input_shape}, {len(self.layers)} layers)"


def ordered(inputs, outputs):
    """Return all nodes between `inputs` and `outputs` so that parents come first.

    The greatest number of steps to the output decides, then which is met first on the way back.

    Parameters
    ----------
    inputs, outputs : Node

    Returns
    -------
    list of Node
        Without `inputs`, with `outputs` as the last.

    Raises
    ------
    ValueError
        If there is no way from the input to the output, or the output needs another input too.
    """
    met, finished = {}, []  # nodes and when they were met; nodes after all their parents

    def visit(node):
        if node in met:
            return
        met[node] = len(met)
        for parent in node.parents:
            visit(parent)
        finished.append(node)

    visit(outputs)
    strangers = [node for node in finished if node.layer is None and node is not inputs]
    if strangers or inputs not in met or outputs is inputs:
        raise ValueError(
            "The output must depend on the input, through layers, and on no other input. "
            f"Received: {len(strangers)} other inputs, outputs={outputs!r}"
        )
    steps = dict.fromkeys(finished, 0)
    for node in reversed(finished):
        for parent in node.parents:
            steps[parent] = max(steps[parent], steps[node] + 1)
    met.pop(inputs)
    return sorted(met, key=lambda node: (-steps[node], met[node]))


def _argument(node, values):
    """Return what a layer takes: a list if it was called on one, else the one value."""
    return values if node.several else values[0]


def _as_list(value):
    return value if isinstance(value, list) else [value]
