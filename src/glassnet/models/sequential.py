"""A chain of layers."""

from __future__ import annotations

import numpy as np

from glassnet.layers import Layer
from glassnet.models.training import Model

__all__ = ["Sequential"]


class Sequential(Model):
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
            options = {"mask": mask} if layer.uses_mask and mask is not None else {}
            y = layer.forward(x, training=training, **options)
            mask = layer.compute_mask(x, mask)
            x = y
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

    def get_weights(self):
        """Return copies of all weights, layer by layer."""
        return [value for layer in self.layers for value in layer.get_weights()]

    def set_weights(self, weights):
        """Write `weights`, a list as from `get_weights`, into the layers.

        Raises
        ------
        ValueError
            If the number of arrays or the shape of one is wrong; nothing is changed then.
        """
        self.require_built()
        counts = [len(layer.weights) for layer in self.layers]
        if len(weights) != sum(counts):
            raise ValueError(
                f"The model has {sum(counts)} weights. Received: {len(weights)} arrays"
            )
        rest, pairs = list(weights), []
        for layer, count in zip(self.layers, counts, strict=True):
            pairs += layer.match_weights(rest[:count])
            del rest[:count]
        for target, value in pairs:  # all fit
            target[...] = value

    def count_params(self):
        """Return the number of weights, trainable or not."""
        self.require_built()
        return sum(layer.count_params() for layer in self.layers)

    def summary(self):
        """Print the layers, the shapes of their outputs, and how many weights they have."""
        rows = [("Layer (type)", "Output shape", "Params")]
        for name, layer in zip(self._names(), self.layers, strict=True):
            shape = str(layer.output_shape) if layer.built else "not built"
            rows.append((f"{name} ({type(layer).__name__})", shape, f"{layer.count_params():,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [f"{a:{widths[0]}}  {b:{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
        rule = "-" * len(lines[0])
        trained = sum(value.size for value in self.trainable_weights)
        fixed = sum(value.size for layer in self.layers for value in layer.state.values())
        print(f"Model: {self.name}", rule, lines[0], rule, *lines[1:], rule, sep="\n")
        print(f"Params: {trained + fixed:,} ({trained:,} trainable, {fixed:,} not)")

    def require_built(self):
        """Raise ValueError if the layers have no weights yet."""
        if not self.built:
            raise ValueError("The model has no weights yet: call `build` first.")

    def _first_with_params(self):
        """Index of the first layer that learns; those before it need no gradient at all."""
        return next((i for i, layer in enumerate(self.layers) if layer.params), 0)

    def _names(self):
        """The layers' names, numbered where they repeat."""
        names = []
        for layer in self.layers:
            repeats = sum(layer.name == other.name for other in self.layers[: len(names)])
            names.append(f"{layer.name}_{repeats}" if repeats else layer.name)
        return names

    def __repr__(self):
        return f"Sequential([{', '.join(map(repr, self.layers))}])"
