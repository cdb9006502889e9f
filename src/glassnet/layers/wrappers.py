"""Layers around layers: a sequence read in both directions, a layer applied to every step."""

from __future__ import annotations

import copy

import numpy as np

from glassnet._validation import one_of
from glassnet.layers.base import Layer
from glassnet.layers.recurrent import RecurrentLayer

__all__ = [
    "Bidirectional",
    "TimeDistributed",
    "merge_backward",
    "merge_forward",
    "time_distributed_backward",
    "time_distributed_forward",
]

MERGE_MODES = ("concat", "sum", "mul", "ave")


def merge_forward(a, b, merge_mode="concat"):
    """Make one array of the outputs of two layers.

    Parameters
    ----------
    a, b : ndarray, shape (batch, ..., units)
    merge_mode : str
        ``"concat"`` side by side, ``"sum"``, ``"mul"`` product, ``"ave"`` mean.

    Returns
    -------
    ndarray, shape (batch, ..., 2 units) for ``"concat"``, else (batch, ..., units)
    """
    if merge_mode == "concat":
        return np.concatenate([a, b], axis=-1)
    if merge_mode == "mul":
        return a * b
    return a + b if merge_mode == "sum" else (a + b) / 2


def merge_backward(dy, a, b, merge_mode="concat"):
    """Gradients of a scalar loss through `merge_forward`.

    Parameters
    ----------
    dy : ndarray, shape of the result
    a, b, merge_mode
        As handed to `merge_forward`.

    Returns
    -------
    da, db : ndarray, shape (batch, ..., units)
    """
    if merge_mode == "concat":
        return dy[..., : a.shape[-1]], dy[..., a.shape[-1] :]
    if merge_mode == "mul":
        return dy * b, dy * a
    return (dy, dy) if merge_mode == "sum" else (dy / 2, dy / 2)


class Bidirectional(Layer):
    """A recurrent layer and its mirror image, the twin of ``keras.layers.Bidirectional``.

    The two have weights of their own, which `params` holds as ``forward_kernel`` and so on, then
    ``backward_kernel`` and so on. With a mask, steps that do not count give zero if every step is
    returned, as in Keras.

    Parameters
    ----------
    layer : RecurrentLayer
        Its configuration is used for both; the layer itself is left as it is.
    merge_mode : str
        How the two outputs become one: ``"concat"``, ``"sum"``, ``"mul"`` or ``"ave"``.
    name : str, optional

    Attributes
    ----------
    forward_layer, backward_layer : RecurrentLayer
        The second reads in the opposite direction.
    state_gradients : list of ndarray, shape (batch, units)
        Gradients of the loss by the initial states, those of `forward_layer` first.

    Raises
    ------
    ValueError
        If `layer` is not recurrent or goes backwards, or `merge_mode` is unknown.

    References
    ----------
    Schuster and Paliwal (1997). Bidirectional recurrent neural networks.
    """

    uses_mask = True

    def __init__(self, layer, merge_mode="concat", name=None):
        if not isinstance(layer, RecurrentLayer):
            raise ValueError(f"Bidirectional needs a recurrent layer. Received: layer={layer!r}")
        if layer.go_backwards:
            raise ValueError(
                "Bidirectional needs a layer that reads forwards. Received: go_backwards=True"
            )
        super().__init__(name)
        self.layer, self.merge_mode = layer, one_of(merge_mode, MERGE_MODES, "merge_mode")
        self.return_sequences, self.return_state = layer.return_sequences, layer.return_state
        self.forward_layer, self.backward_layer = _unbuilt(layer), _unbuilt(layer)
        self.backward_layer.go_backwards = True
        for part in self._parts:
            part.zero_output_for_mask = layer.return_sequences
        self.state_gradients = []

    @property
    def _parts(self):
        return self.forward_layer, self.backward_layer

    def create_weights(self, input_shape, rng, dtype):
        """Build both layers; `params` holds the arrays of both."""
        for prefix, part in zip(("forward", "backward"), self._parts, strict=True):
            part.build(input_shape, rng, dtype)
            self.params |= {f"{prefix}_{key}": value for key, value in part.params.items()}

    def rules_by_parameter(self, kind):
        """Return those of both layers, by the names in `params`."""
        return {
            f"{prefix}_{key}": rule
            for prefix, part in zip(("forward", "backward"), self._parts, strict=True)
            for key, rule in part.rules_by_parameter(kind).items()
        }

    def compute_output_shape(self, input_shape):
        """Return the shape of the layer's output, with twice the units for ``"concat"``."""
        shapes = self.layer.compute_output_shape(input_shape)
        shape, *states = shapes if self.return_state else [shapes]
        if self.merge_mode == "concat":
            shape = (*shape[:-1], 2 * shape[-1])
        return [shape, *states, *states] if self.return_state else shape

    def compute_mask(self, x, mask=None):
        """Return `mask` if there is an output for every step."""
        return self.layer.compute_mask(x, mask)

    def forward(self, x, training=False, initial_state=None, mask=None):
        """Return the merged outputs, and with `return_state` a list of them and the last states.

        Parameters
        ----------
        x : ndarray, shape (batch, time, features)
        training : bool
        initial_state : list of ndarray, shape (batch, units), optional
            Those of `forward_layer`, then those of `backward_layer`.
        mask : array_like of bool, shape (batch, time), optional
        """
        x = self._check_input(x)
        states = self._halves(initial_state)
        results = [
            part.forward(x, training=training, initial_state=state, mask=mask)
            for part, state in zip(self._parts, states, strict=True)
        ]
        last_states = []
        if self.return_state:
            last_states = [state for result in results for state in result[1:]]
            results = [result[0] for result in results]
        a, b = results
        if self.return_sequences:
            b = b[:, ::-1]  # so that both stand beside the step they have read last
        self._cache = a, b
        y = merge_forward(a, b, self.merge_mode)
        return [y, *last_states] if self.return_state else y

    def backward(self, dy):
        """Fill `grads` and `state_gradients`, and return dx, shape of x."""
        dy = self._check_gradient(dy)
        dy, *dstates = dy if self.return_state else [dy]
        da, db = merge_backward(dy, *self._cache, self.merge_mode)
        if self.return_sequences:
            db = db[:, ::-1]
        gradients = [da, db]
        if self.return_state:
            half = len(dstates) // 2
            gradients = [[da, *dstates[:half]], [db, *dstates[half:]]]
        dx = sum(part.backward(d) for part, d in zip(self._parts, gradients, strict=True))
        self.grads = {
            f"{prefix}_{key}": value
            for prefix, part in zip(("forward", "backward"), self._parts, strict=True)
            for key, value in part.grads.items()
        }
        self.state_gradients = [d for part in self._parts for d in part.state_gradients]
        return dx

    def _halves(self, states):
        """Return the initial states of both layers, None where there are none."""
        if states is None:
            return None, None
        count = 2 * len(self.layer.state_names)
        if not isinstance(states, (list, tuple)) or len(states) != count:
            received = len(states) if isinstance(states, (list, tuple)) else 1
            raise ValueError(
                f"Layer {self.name!r} has {count} states. "
                f"Received: initial_state with {received} arrays"
            )
        return list(states[: count // 2]), list(states[count // 2 :])

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        config = {"layer": layer_config(self.layer), "merge_mode": self.merge_mode}
        return super().get_config() | config

    def __repr__(self):
        merge = "" if self.merge_mode == "concat" else f", merge_mode={self.merge_mode!r}"
        return f"Bidirectional({self.layer!r}{merge})"


def time_distributed_forward(x):
    """Make one batch of all steps of all samples, so that a layer treats each by itself.

    Parameters
    ----------
    x : ndarray, shape (batch, time, ...)

    Returns
    -------
    y : ndarray, shape (batch * time, ...)
    shape : tuple
        (batch, time), which `time_distributed_backward` needs.
    """
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:]), x.shape[:2]


def time_distributed_backward(dy, shape):
    """Put the gradients of all steps back in their sequences.

    Parameters
    ----------
    dy : ndarray, shape (batch * time, ...)
    shape : tuple
        From `time_distributed_forward`.

    Returns
    -------
    ndarray, shape (batch, time, ...)
    """
    return dy.reshape(*shape, *dy.shape[1:])


class TimeDistributed(Layer):
    """A layer applied to every step of a sequence, the twin of ``keras.layers.TimeDistributed``.

    All steps go through the layer as one large batch. That is what Keras computes too, except for a
    layer that mixes the samples of a batch, such as batch normalisation in training.

    Parameters
    ----------
    layer : Layer
        Takes one step, shape (batch, ...). It is built here and shares its weights.
    name : str, optional

    Raises
    ------
    ValueError
        If `layer` is no layer, or the input has fewer than three axes.
    """

    supports_masking = True

    def __init__(self, layer, name=None):
        if not isinstance(layer, Layer):
            raise ValueError(f"TimeDistributed needs a layer. Received: layer={layer!r}")
        super().__init__(name)
        self.layer = layer

    def create_weights(self, input_shape, rng, dtype):
        """Build the layer for one step; `params` and `state` are its own."""
        self.layer.build((None, *input_shape[2:]), rng, dtype)
        self.params, self.state = self.layer.params, self.layer.state

    def rules_by_parameter(self, kind):
        """Return those of the layer."""
        return self.layer.rules_by_parameter(kind)

    def compute_output_shape(self, input_shape):
        """Return (batch, time, ...) with the layer's output for a step at the end."""
        if len(input_shape) < 3:
            raise ValueError(
                f"Layer {self.name!r} needs inputs of shape (batch, time, ..., features). "
                f"Received: input_shape={tuple(input_shape)}"
            )
        step = self.layer.compute_output_shape((input_shape[0], *input_shape[2:]))
        return (input_shape[0], input_shape[1], *step[1:])

    def forward(self, x, training=False):
        """Return y, shape (batch, time, ...), for x of shape (batch, time, ...)."""
        rows, shape = time_distributed_forward(self._check_input(x))
        y = self.layer.forward(rows, training=training)
        self._cache = shape
        return time_distributed_backward(y, shape)

    def backward(self, dy):
        """Fill `grads` and return dx, shape of x."""
        rows, _ = time_distributed_forward(self._check_gradient(dy))
        dx = self.layer.backward(rows)
        self.grads = self.layer.grads
        return dx if dx is None else time_distributed_backward(dx, self._cache)

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {"layer": layer_config(self.layer)}

    def __repr__(self):
        return f"TimeDistributed({self.layer!r})"


def layer_config(layer):
    """Return a layer as the Keras configuration of a wrapper has it."""
    return {
        "module": "keras.layers",
        "class_name": type(layer).__name__,
        "config": layer.get_config(),
        "registered_name": None,
    }


def _unbuilt(layer):
    """Return a layer with the same options and no weights."""
    clone = copy.copy(layer)
    clone.built = False
    clone._forget()
    return clone
