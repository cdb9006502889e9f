"""What recurrent layers have in common: weights, states, masks and the direction of time."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from glassnet import activations, initializers
from glassnet._validation import as_float, positive_int
from glassnet.layers._gates import checked_truncate
from glassnet.layers.base import Layer, initializer_config, known_axis
from glassnet.layers.masking import as_mask

__all__ = ["RecurrentLayer"]


class RecurrentLayer(Layer):
    """A layer that reads a sequence step by step; the base of SimpleRNN, LSTM and GRU.

    A subclass defines `run` and `run_back` around its pair of pure functions, `blocks` (how
    many times `units` columns its kernels have) and `state_names`.

    A step that `mask` marks as missing leaves the state as it is. Its output is that of the step
    before (zero before the first step that counts), or always zero with `zero_output_for_mask`.

    Parameters
    ----------
    units : int
        Length of the state, at least 1.
    activation : str or ActivationPair
    use_bias : bool
    kernel_initializer, recurrent_initializer, bias_initializer : str or Initializer
    return_sequences : bool
        Whether to return the output of every step, or of the last one only.
    return_state : bool
        Whether to return the last states too; the output is a list then.
    go_backwards : bool
        Whether to start with the last step. The outputs are in the order in which they were made.
    zero_output_for_mask : bool
    name : str, optional
    **weight_rules : str, Regularizer or Constraint
        ``kernel_regularizer``, ``recurrent_regularizer``, ``bias_regularizer``,
        ``kernel_constraint``, ``recurrent_constraint`` and ``bias_constraint``; see `Layer`.

    Attributes
    ----------
    state_gradients : list of ndarray, shape (batch, units)
        Gradients of the loss by the initial states; filled by `backward`.
    """

    uses_mask = True
    supports_masking = True
    weight_words: ClassVar = {
        "kernel": "kernel",
        "recurrent_kernel": "recurrent",
        "bias": "bias",
    }
    blocks = 1
    state_names: tuple[str, ...] = ("h0",)

    def __init__(
        self,
        units,
        activation="tanh",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        zero_output_for_mask=False,
        name=None,
        **weight_rules,
    ):
        super().__init__(name, **weight_rules)
        self.units = positive_int(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.return_sequences, self.return_state = bool(return_sequences), bool(return_state)
        self.go_backwards = bool(go_backwards)
        self.zero_output_for_mask = bool(zero_output_for_mask)
        self.state_gradients = []

    def create_weights(self, input_shape, rng, dtype):
        """Draw kernels of shape (features, columns) and (units, columns), and a bias."""
        columns = self.blocks * self.units
        self.params["kernel"] = self.kernel_initializer((input_shape[-1], columns), rng, dtype)
        shape = self.units, columns
        self.params["recurrent_kernel"] = self.recurrent_initializer(shape, rng, dtype)
        if self.use_bias:
            self.params["bias"] = self.create_bias(rng, dtype)

    def create_bias(self, rng, dtype):
        """Return the initial bias, shape (blocks * units,)."""
        return self.bias_initializer((self.blocks * self.units,), rng, dtype)

    def compute_output_shape(self, input_shape):
        """Return (batch, time, units) or (batch, units); with `return_state` a list of shapes."""
        if len(input_shape) != 3:
            raise ValueError(
                f"Layer {self.name!r} needs inputs of shape (batch, time, features). "
                f"Received: input_shape={tuple(input_shape)}"
            )
        known_axis(input_shape, -1, self)
        batch, time, _ = input_shape
        shape = (batch, time, self.units) if self.return_sequences else (batch, self.units)
        states = [(batch, self.units) for _ in self.state_names]
        return [shape, *states] if self.return_state else shape

    def compute_mask(self, x, mask=None):
        """Return `mask` if there is an output for every step; one output needs none."""
        return mask if self.return_sequences else None

    def forward(self, x, training=False, initial_state=None, mask=None):
        """Return the outputs, and with `return_state` a list of them and the last states.

        Parameters
        ----------
        x : ndarray, shape (batch, time, features)
        training : bool
            Makes no difference.
        initial_state : ndarray or list of ndarray, shape (batch, units), optional
            One for each state, zeros if not given.
        mask : array_like of bool, shape (batch, time), optional
            True where a step counts.

        Raises
        ------
        ValueError
            If a shape is wrong, the mask holds other values than 0 and 1, or there is no step.
        """
        x = self._check_input(x)
        if x.shape[1] == 0:
            raise ValueError(f"Layer {self.name!r} needs a step. Received: shape={x.shape}")
        states = self._initial_states(initial_state, x)
        seen = None
        if mask is not None:
            mask = as_mask(mask, x.shape[:2])
        if self.go_backwards:
            x = x[:, ::-1]
            mask = None if mask is None else mask[:, ::-1]
        y, last_states, cache = self.run(x, states, mask)
        if mask is not None:
            seen = mask if self.zero_output_for_mask else np.logical_or.accumulate(mask, axis=1)
        if not self.return_sequences:
            y, seen = y[:, -1], None if seen is None else seen[:, -1]
        if seen is not None:
            seen = seen[..., np.newaxis]
            y = np.where(seen, y, np.zeros((), y.dtype))
        self._cache = cache, seen
        return [y, *last_states] if self.return_state else y

    def backward(self, dy, truncate=None):
        """Fill `grads` and `state_gradients`, and return dx.

        Parameters
        ----------
        dy : ndarray, shape of the output, or a list with the gradients by the last states
        truncate : int, optional
            Cut the sequence into pieces of so many steps, counted in the order in which they are
            read, and let no gradient pass from a piece into the one before: truncated
            backpropagation through time. The values are those of the whole sequence.

        Returns
        -------
        ndarray, shape (batch, time, features)
        """
        truncate = checked_truncate(truncate)
        dy = self._check_gradient(dy)
        cache, seen = self._cache
        dy, *dstates = dy if self.return_state else [dy]
        dstates = dstates or [None for _ in self.state_names]
        if seen is not None:
            dy = dy * seen
        if not self.return_sequences:  # the only output is the last state
            dstates[0] = dy if dstates[0] is None else dy + dstates[0]
            dy = None
        dx, grads = self.run_back(dy, dstates, cache, truncate)
        self.state_gradients = [grads[name] for name in self.state_names]
        self.grads = {key: grads[key] for key in self.params}
        return dx[:, ::-1] if self.go_backwards else dx

    @abstractmethod
    def run(self, x, states, mask):
        """Return outputs (batch, time, units), last states, and the cache of the pure function."""

    @abstractmethod
    def run_back(self, dy, dstates, cache, truncate):
        """Return dx and grads; the gradients of the initial states are in grads."""

    def _initial_states(self, states, x):
        """Return one array, or None, for each state, in the dtype of the weights."""
        if states is None:
            return [None for _ in self.state_names]
        if not isinstance(states, (list, tuple)):
            states = [states]
        if len(states) != len(self.state_names):
            raise ValueError(
                f"Layer {self.name!r} has {len(self.state_names)} states. "
                f"Received: initial_state with {len(states)} arrays"
            )
        states = [as_float(state, "initial_state") for state in states]
        for state in states:
            if state.shape != (len(x), self.units):
                raise ValueError(
                    f"Layer {self.name!r}: `initial_state` must have shape "
                    f"{(len(x), self.units)}. Received: shape={state.shape}"
                )
        return states

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        return super().get_config() | {
            "units": self.units,
            "activation": self.activation.name,
            "use_bias": self.use_bias,
            "kernel_initializer": initializer_config(self.kernel_initializer),
            "recurrent_initializer": initializer_config(self.recurrent_initializer),
            "bias_initializer": initializer_config(self.bias_initializer),
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "zero_output_for_mask": self.zero_output_for_mask,
        }
