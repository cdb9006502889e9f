"""What every layer has in common: weights, shapes, and the checks around forward and backward."""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from glassnet import constraints, regularizers
from glassnet._validation import as_float, positive_int

__all__ = ["Layer"]

_RULES = {"regularizer": regularizers.get, "constraint": constraints.get}


class Layer(ABC):
    """A differentiable map with weights; the base of every layer.

    A subclass defines `forward` and `backward`, and where they differ from the defaults
    `create_weights`, `compute_output_shape` and `get_config`. Its `forward` begins with
    ``x = self._check_input(x)`` and leaves in ``self._cache`` what `backward` needs; its
    `backward` begins with ``dy = self._check_gradient(dy)`` and fills `grads`.

    Parameters
    ----------
    name : str, optional
        What a summary calls the layer; the class name in snake case if not given.
    **weight_rules : str, Regularizer or Constraint
        What a weight costs, and what must hold for it: ``kernel_regularizer``,
        ``kernel_constraint`` and so on for the other words in `weight_words`.

    Attributes
    ----------
    params : dict of str to ndarray
        Trainable weights, in the order of the Keras twin. An optimiser updates them in place.
    grads : dict of str to ndarray
        Gradient of the loss by each of `params`, same keys; filled by `backward`.
    regularizers, constraints : dict of str to Regularizer or Constraint
        Those that `params` have, by the name of the parameter; filled by `build`.
    state : dict of str to ndarray
        Weights that are not trained, such as running statistics.
    built : bool
        Whether the weights exist.
    input_shape, output_shape : tuple
        With the batch axis, which is None; another axis is None if its length may vary.
    uses_mask : bool
        Whether `forward` takes the ``mask`` of a sequence; see `compute_mask`.
    supports_masking : bool
        Whether the mask of the input holds for the output too.
    weight_words : dict of str to str
        For each of `params` that may have a regulariser and a constraint, the word that the names
        of these arguments begin with, such as "recurrent" for ``"recurrent_kernel"``.
    """

    weight_words: ClassVar[dict[str, str]] = {}
    uses_mask = False
    supports_masking = False

    def __init__(self, name=None, **weight_rules):
        if name is not None and (not isinstance(name, str) or not name):
            raise ValueError(f"`name` must be a non-empty string. Received: name={name!r}")
        self._given_name = name
        self.name = name or snake_case(type(self).__name__)
        for argument, get in self._rule_arguments():
            setattr(self, argument, get(weight_rules.pop(argument, None)))
        if weight_rules:
            raise TypeError(f"{type(self).__name__} takes no argument {next(iter(weight_rules))!r}")
        self.built = False
        self.input_shape = self.output_shape = None
        self._forget()

    def build(self, input_shape, rng, dtype=np.float32):
        """Create the weights for inputs of the given shape; a second call draws new ones.

        Parameters
        ----------
        input_shape : tuple of int or None
            With the batch axis first, e.g. ``(None, 784)``; a list of such tuples if the layer
            takes several inputs.
        rng : numpy.random.Generator
            Source of the initial weights, and later of the random masks of a layer that has any.
        dtype : numpy dtype
            Kind of float the weights are stored in.

        Raises
        ------
        ValueError
            If the layer cannot take inputs of this shape, or an argument is of the wrong kind.
        """
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"`rng` must be a numpy.random.Generator. Received: rng={rng!r}")
        dtype = np.dtype(dtype)
        if dtype.kind != "f":
            raise ValueError(f"`dtype` must be a kind of float. Received: dtype={dtype}")
        input_shape = checked_shape(input_shape)
        output_shape = self.compute_output_shape(input_shape)
        self.built = False
        self._forget()
        self.input_shape, self.output_shape = input_shape, output_shape
        self.rng, self.dtype = rng, dtype
        self.create_weights(input_shape, rng, dtype)
        self.regularizers = self.rules_by_parameter("regularizer")
        self.constraints = self.rules_by_parameter("constraint")
        self.built = True

    def __call__(self, nodes):
        """Draw the layer into a network: return the node it makes of a node, or of a list."""
        from glassnet.layers.graph import connect  # which needs this module

        return connect(self, nodes)

    def create_weights(self, input_shape, rng, dtype):  # noqa: B027 - many layers have none
        """Fill `params` and `state`; called by `build` with arguments it has checked."""

    def compute_output_shape(self, input_shape):
        """Return the shape of the output for inputs of `input_shape`, both with the batch axis."""
        return input_shape

    def compute_mask(self, x, mask=None):
        """Return the mask of the output, or None.

        Parameters
        ----------
        x : ndarray, shape (batch, time, ...)
            The input of `forward`.
        mask : ndarray of bool, shape (batch, time), optional
            True where a step of `x` counts.

        Returns
        -------
        ndarray of bool, shape (batch, time), or None
            `mask` itself if `supports_masking`, else None: the output has other steps.
        """
        return mask if self.supports_masking else None

    @abstractmethod
    def forward(self, x, training=False):
        """Return the output for the input `x`.

        Parameters
        ----------
        x : ndarray, shape (batch, ...)
            Not copied and not written to; leave it as it is until `backward` has run.
        training : bool
            Whether layers that behave differently in training, such as dropout, should do so.

        Returns
        -------
        ndarray, shape (batch, ...)
        """

    @abstractmethod
    def backward(self, dy):
        """Fill `grads` and return the gradient of the loss by the last input of `forward`.

        Parameters
        ----------
        dy : ndarray, shape of the output
            Gradient of the loss by the output; not written to.

        Returns
        -------
        ndarray, shape of the input

        Raises
        ------
        RuntimeError
            If `forward` has not run.
        """

    def backward_params(self, dy):
        """Fill `grads` only: the first layer of a model need not know the gradient by its input."""
        self.backward(dy)

    def rules_by_parameter(self, kind):
        """Return each "regularizer" or "constraint", as `kind` says, by its parameter's name."""
        given = {
            key: getattr(self, f"{word}_{kind}")
            for key, word in self.weight_words.items()
            if key in self.params
        }
        return {key: rule for key, rule in given.items() if rule is not None}

    def penalty(self):
        """Return what the regularisers add to the loss, as float."""
        return sum((rule(self.params[key]) for key, rule in self.regularizers.items()), 0.0)

    def add_penalty_gradients(self):
        """Add the gradients of the `penalty` to `grads`, once after each `backward`."""
        for key, rule in self.regularizers.items():
            self.grads[key] = self.grads[key] + rule.gradient(self.params[key])

    def apply_constraints(self):
        """Change `params`, in place, so that all constraints hold."""
        for key, constraint in self.constraints.items():
            self.params[key][...] = constraint(self.params[key])

    def get_weights(self):
        """Return copies of all weights, `params` first, then `state`."""
        return [value.copy() for value in self.weights.values()]

    def set_weights(self, weights):
        """Write `weights`, a list as from `get_weights`, into the layer's arrays.

        Raises
        ------
        ValueError
            If the number of arrays or the shape of one is wrong; nothing is changed then.
        """
        for target, value in self.match_weights(weights):
            target[...] = value

    def match_weights(self, weights):
        """Return pairs (array of the layer, new value) after checking every value."""
        self._require_built()
        own, weights = self.weights, list(weights)
        if len(weights) != len(own):
            raise ValueError(
                f"Layer {self.name!r} has {len(own)} weights ({', '.join(own) or 'none'}). "
                f"Received: {len(weights)} arrays"
            )
        pairs = []
        for (key, target), value in zip(own.items(), weights, strict=True):
            value = as_float(value, f"{self.name}/{key}")
            if value.shape != target.shape:
                raise ValueError(
                    f"Weight {key!r} of layer {self.name!r} has shape {target.shape}. "
                    f"Received: shape={value.shape}"
                )
            pairs.append((target, value))
        return pairs

    @property
    def weights(self):
        """All weights by name, `params` first, then `state`."""
        return {**self.params, **self.state}

    def get_config(self):
        """Return the constructor's arguments as a dict that the Keras twin's from_config takes."""
        config = {} if self._given_name is None else {"name": self._given_name}
        for argument, _ in self._rule_arguments():
            if (rule := getattr(self, argument)) is not None:
                config[argument] = {
                    "class_name": type(rule).__name__,
                    "config": rule.get_config(),
                }
        return config

    def count_params(self):
        """Return the number of weights, trainable or not."""
        return sum(value.size for value in self.weights.values())

    def as_input(self, x):
        """Return `x` as an array of the kind this layer takes: floats, or what a subclass wants."""
        return as_float(x, f"input of {self.name}")

    def _check_input(self, x):
        """Return `x` as an array after comparing its shape with the one the layer was built for.

        A layer built for a list of shapes takes as many inputs, and gets a list of arrays back.
        """
        self._cache = None  # should this forward fail, backward must not use an earlier one
        self._require_built()
        if isinstance(self.input_shape, list):
            x = [self._fitting(*pair) for pair in self._paired(x, self.input_shape, "inputs")]
            self._x_shape = [each.shape for each in x]
        else:
            x = self._fitting(x, self.input_shape)
            self._x_shape = x.shape
        return x

    def _check_gradient(self, dy):
        """Return `dy` as an array after comparing its shape with that of the last output.

        A layer whose output shape is a list gets a list of arrays back.
        """
        if self._cache is None:
            raise RuntimeError(f"Layer {self.name!r}: backward called before forward.")
        expected = self.compute_output_shape(self._x_shape)
        if isinstance(expected, list):
            return [self._matching(*pair) for pair in self._paired(dy, expected, "gradients")]
        return self._matching(dy, expected)

    def _fitting(self, x, shape):
        """Return the input `x` as an array, or raise ValueError if it does not fit `shape`."""
        x = self.as_input(x)
        if x.ndim > 0 and x.shape[1:] == shape[1:]:
            return x
        if x.ndim != len(shape) or any(
            expected not in (None, received)
            for expected, received in zip(shape, x.shape, strict=True)
        ):
            raise ValueError(
                f"Layer {self.name!r} was built for inputs of shape {shape}. "
                f"Received: shape={x.shape}"
            )
        return x

    def _matching(self, dy, shape):
        """Return `dy` as an array, or raise ValueError if its shape is not `shape`."""
        dy = as_float(dy, "dy")
        if dy.shape != shape:
            raise ValueError(
                f"Layer {self.name!r}: `dy` must have the shape of the output, {shape}. "
                f"Received: shape={dy.shape}"
            )
        return dy

    def _paired(self, values, shapes, what):
        """Return pairs (value, shape), or raise ValueError if there are not as many of each."""
        if not isinstance(values, (list, tuple)) or len(values) != len(shapes):
            received = f"{len(values)}" if isinstance(values, (list, tuple)) else "one array"
            raise ValueError(
                f"Layer {self.name!r} takes a list of {len(shapes)} {what}. Received: {received}"
            )
        return zip(values, shapes, strict=True)

    def _require_built(self):
        if not self.built:
            raise ValueError(f"Layer {self.name!r} has no weights yet: call `build` first.")

    def _rule_arguments(self):
        """Names of the constructor's arguments about weights, with the functions that read them."""
        words = dict.fromkeys(self.weight_words.values())  # each once
        return [(f"{word}_{kind}", get) for kind, get in _RULES.items() for word in words]

    def _forget(self):
        """Drop weights, gradients and whatever the last forward left."""
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}
        self.state: dict[str, np.ndarray] = {}
        self.regularizers, self.constraints = {}, {}
        self._cache = None

    def __repr__(self):
        """Show the arguments that are not the defaults."""
        defaults = inspect.signature(type(self)).parameters
        arguments = ", ".join(
            f"{key}={value!r}"
            for key, value in self.get_config().items()
            if key not in defaults or value != defaults[key].default
        )
        return f"{type(self).__name__}({arguments})"


def checked_shape(shape):
    """Return `shape`, or each of a list of shapes, as a tuple whose batch axis is None."""
    if isinstance(shape, list) and shape and all(isinstance(each, (tuple, list)) for each in shape):
        return [checked_shape(tuple(each)) for each in shape]
    if not isinstance(shape, (tuple, list)) or len(shape) == 0:
        raise ValueError(
            "`input_shape` must be a tuple with the batch axis first, e.g. (None, 784). "
            f"Received: input_shape={shape!r}"
        )
    axes = [None if axis is None else positive_int(axis, "input_shape") for axis in shape]
    return (None, *axes[1:])


def known_axis(shape, axis, layer):
    """Return the length of `axis`, or raise ValueError if `shape` leaves it open."""
    if shape[axis] is None:
        raise ValueError(
            f"Layer {layer.name!r} must know the length of axis {axis}. "
            f"Received: input_shape={tuple(shape)}"
        )
    return shape[axis]


def initializer_config(initializer):
    """Return an initialiser as a Keras configuration has it: its name, or a dict with options."""
    name, options = type(initializer).__name__, initializer.get_config()
    return {"class_name": name, "config": options} if options else snake_case(name)


def snake_case(name):
    """Return a class name as Keras writes it in a summary, e.g. ``batch_normalization``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
