"""A chain of layers."""

from __future__ import annotations

import numpy as np

from glassnet.layers import Layer
from glassnet.models.layered import LayeredModel, pass_through

__all__ = ["Sequential"]


class Sequential(LayeredModel):
    """Layers one after the other, the twin of ``keras.Sequential``.

    Parameters
    ----------
    layers : sequence of Layer
    name : str, optional

    Attributes
    ----------
    layers : list of Layer
        From input to output.

    Raises
    ------
    ValueError
        If something is not a layer, or stands in the chain twice.
    """

    def __init__(self, layers=(), name=None):
        self.name = name or "sequential"
        self.layers = []
        self.built = False
        for layer in layers:
            self.add(layer)

    def add(self, layer):
        """Append a layer; if the model is built, the layer is built too."""
        if not isinstance(layer, Layer):
            raise ValueError(f"A Sequential is made of layers. Received: {layer!r}")
        if any(layer is other for other in self.layers):
            raise ValueError(f"A layer can stand in the chain only once. Received: {layer!r}")
        name = layer.get_config().get("name")
        if name is not None and name in (other.name for other in self.layers):
            raise ValueError(f"Layers need names of their own. Received: name={name!r} again")
        if self.built:
            layer.build(self.output_shape, self.rng, self.dtype)
        self.layers.append(layer)

    def build(self, input_shape, rng, dtype=np.float32):
        """Create the weights of all layers; a second call draws new ones.

        Parameters
        ----------
        input_shape : tuple of int or None
            With the batch axis first, e.g. ``(None, 784)``.
        rng : numpy.random.Generator
            Source of the weights, the random masks, and the order of the samples in `fit`.
        dtype : numpy dtype
            Kind of float of the weights.

        Raises
        ------
        ValueError
            If there are no layers, or one cannot take what the one before it gives.
        """
        if not self.layers:
            raise ValueError("A Sequential needs at least one layer. Received: none")
        self.built = False
        shape = input_shape
        for layer in self.layers:
            layer.build(shape, rng, dtype)
            shape = layer.output_shape
        self.rng, self.dtype = rng, np.dtype(dtype)
        self.built = True

    @property
    def input_shape(self):
        """Shape of the input, with the batch axis."""
        self.require_built()
        return self.layers[0].input_shape

    @property
    def output_shape(self):
        """Shape of the output, with the batch axis."""
        self.require_built()
        return self.layers[-1].output_shape

    def compute_output_shape(self, input_shape):
        """Return the shape of the output for inputs of `input_shape`, both with the batch axis."""
        shape = tuple(input_shape)
        for layer in self.layers:
            shape = layer.compute_output_shape(shape)
        return shape

    def forward(self, x, training=False, mask=None):
        """Return the output of the last layer for the input `x` of the first.

        Parameters
        ----------
        x : ndarray, shape (batch, ...)
        training : bool
            Passed to every layer.
        mask : ndarray of bool, shape (batch, time), optional
            True where a step of `x` counts. Every layer that reads a mask gets the one that the
            layers before it leave, which they may make themselves, like Masking and Embedding.

        Returns
        -------
        ndarray, shape (batch, ...)
        """
        self.require_built()
        for layer in self.layers:
            x, mask = pass_through(layer, x, training, mask)
        self.output_mask = mask
        return x

    def backward(self, dy, input_gradient=True):
        """Fill the gradients of all layers, from the last to the first.

        Parameters
        ----------
        dy : ndarray, shape of the output
            Gradient of the loss by the output of the last `forward`.
        input_gradient : bool
            Whether the gradient by the input is wanted. Training does without it, and saves the
            work of the first layer.

        Returns
        -------
        ndarray, shape of the input, or None
        """
        self.require_built()
        first = 0 if input_gradient else self._first_with_params()
        for layer in reversed(self.layers[first + 1 :]):
            dy = layer.backward(dy)
        if input_gradient:
            return self.layers[0].backward(dy)
        return self.layers[first].backward_params(dy)

    def _first_with_params(self):
        """Index of the first layer that learns; those before it need no gradient at all."""
        return next((i for i, layer in enumerate(self.layers) if layer.params), 0)

    def __repr__(self):
        return f"Sequential([{', '.join(map(repr, self.layers))}])"
