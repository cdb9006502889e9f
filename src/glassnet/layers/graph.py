"""Drawing a network: layers called on nodes instead of on numbers."""

from __future__ import annotations

from glassnet.layers.base import Layer, checked_shape

__all__ = ["Input", "Node"]


class Node:
    """The output of a layer in a network that is being drawn; no numbers yet.

    Parameters
    ----------
    layer : Layer or None
        None for the input of the network.
    parents : tuple of Node
        What the layer takes.
    shape : tuple
        With the batch axis, which is None.
    several : bool
        Whether the layer was called on a list, and so takes a list of arrays.
    """

    def __init__(self, layer, parents, shape, several=False):
        self.layer, self.parents, self.shape, self.several = layer, parents, shape, several

    def __repr__(self):
        return f"Node({self.layer!r}, shape={self.shape})"


def Input(shape):
    """Return the node where a network begins, the twin of ``keras.Input``.

    Parameters
    ----------
    shape : tuple of int or None
        Of one sample, without the batch axis.

    Returns
    -------
    Node

    Raises
    ------
    ValueError
        If `shape` is no tuple of positive integers and None.
    """
    if not isinstance(shape, (tuple, list)):
        raise ValueError(f"`shape` must be a tuple of integers. Received: shape={shape!r}")
    return Node(None, (), checked_shape((None, *shape)))


def connect(layer: Layer, nodes):
    """Return the node that `layer` makes of a node, or of a list of nodes."""
    several = isinstance(nodes, (list, tuple))
    parents = tuple(nodes) if several else (nodes,)
    if not parents or not all(isinstance(parent, Node) for parent in parents):
        raise ValueError(
            f"Layer {layer.name!r} is called on a node, or a list of nodes; numbers go through "
            f"`forward`. Received: {type(nodes).__name__}"
        )
    shapes = [parent.shape for parent in parents]
    shape = layer.compute_output_shape(shapes if several else shapes[0])
    if isinstance(shape, list):
        raise ValueError(f"Layer {layer.name!r} has several outputs. Received: {shape}")
    return Node(layer, parents, shape, several)
