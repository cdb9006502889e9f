"""Watch real layers at work: what goes in and out of each, step by step, without changing them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from glassnet.layers import Layer

__all__ = ["LayerRecord", "Tape", "record"]


@dataclass
class LayerRecord:
    """What one layer did in one step; everything is a copy.

    Attributes
    ----------
    name : str
        The layer's.
    input, output : ndarray, or list of ndarray
        Of `forward`.
    params : dict of str to ndarray
        As they were during `forward`, before any update.
    output_gradient, input_gradient : ndarray or None
        What `backward` got and gave; None where it did not run, or gave nothing.
    grads : dict of str to ndarray
        Gradients of `params`; empty where there was no backward pass.
    """

    name: str
    input: object = None
    output: object = None
    params: dict = field(default_factory=dict)
    output_gradient: object = None
    input_gradient: object = None
    grads: dict = field(default_factory=dict)


class Tape:
    """The record of a run: a list of steps, each a list of `LayerRecord`, one a layer.

    A step begins when the first layer goes forward.

    Parameters
    ----------
    layers : sequence of Layer
    when : callable, optional
        Takes the number of a step, from 0, returns whether to keep it; all are kept without it.

    Attributes
    ----------
    steps : list of list of LayerRecord
    numbers : list of int
        The number of each step that was kept.
    """

    def __init__(self, layers, when=None):
        self.layers, self.when = list(layers), when
        self.steps: list[list[LayerRecord]] = []
        self.numbers: list[int] = []
        self._count = 0
        self._open = False  # whether the present step is kept

    def __len__(self):
        return len(self.steps)

    def __getitem__(self, step):
        return self.steps[step]

    def stack(self, layer, what, key=None):
        """Return one quantity of one layer over all steps, steps first.

        Parameters
        ----------
        layer : int
            Index among the layers.
        what : str
            An attribute of `LayerRecord`.
        key : str, optional
            Which of ``"params"`` or ``"grads"``.

        Returns
        -------
        ndarray, shape (steps, ...)
        """
        values = [getattr(step[layer], what) for step in self.steps]
        return np.stack(values if key is None else [value[key] for value in values])

    def _forward(self, index, x, y):
        if index == 0:
            self._begin()
        if self._open:
            layer = self.layers[index]
            params = {key: value.copy() for key, value in layer.params.items()}
            self.steps[-1][index] = LayerRecord(layer.name, _copy(x), _copy(y), params)

    def _backward(self, index, dy, dx):
        if self._open:
            entry, layer = self.steps[-1][index], self.layers[index]
            entry.output_gradient, entry.input_gradient = _copy(dy), _copy(dx)
            entry.grads = {key: value.copy() for key, value in layer.grads.items()}

    def _begin(self):
        number, self._count = self._count, self._count + 1
        self._open = self.when is None or bool(self.when(number))
        if self._open:
            self.steps.append([LayerRecord(layer.name) for layer in self.layers])
            self.numbers.append(number)


@contextmanager
def record(model, when=None):
    """Record what the layers of `model` do while the block runs.

    Parameters
    ----------
    model : Layer, model with `layers`, or sequence of Layer
        Built. The first layer must be the first to go forward in every step.
    when : callable, optional
        Takes the number of a step, from 0, returns whether to keep it.

    Yields
    ------
    Tape

    Raises
    ------
    ValueError
        If there are no layers, or a layer is being recorded already.

    Examples
    --------
    >>> with record(model) as tape:
    ...     model.train_on_batch(x, y)
    >>> tape[0][1].grads["kernel"]  # of the second layer in the first step
    """
    layers = _layers(model)  # raises before anything is hooked
    tape = Tape(layers, when)
    for index, layer in enumerate(layers):
        _hook(tape, index, layer)
    try:
        yield tape
    finally:
        for layer in layers:
            for name in ("forward", "backward", "backward_params"):
                layer.__dict__.pop(name, None)  # the methods of the class show again


def _layers(model):
    """Return the layers of a model, a layer or a sequence, after checking them."""
    layers = [model] if isinstance(model, Layer) else getattr(model, "layers", model)
    layers = list(layers) if isinstance(layers, (list, tuple)) else []
    if not layers or not all(isinstance(layer, Layer) for layer in layers):
        raise ValueError(f"`model` must be a layer, or have layers. Received: {model!r}")
    for place, layer in enumerate(layers):
        if "forward" in vars(layer) or any(layer is other for other in layers[:place]):
            raise ValueError(f"Each layer is recorded once. Received: {layer.name!r} again")
    return layers


def _hook(tape, index, layer):
    """Put recording forms of the three methods before those of the layer's class."""
    forward, backward, backward_params = layer.forward, layer.backward, layer.backward_params

    def recorded_forward(x, *args, **kwargs):
        y = forward(x, *args, **kwargs)
        tape._forward(index, x, y)
        return y

    def recorded_backward(dy, *args, **kwargs):
        dx = backward(dy, *args, **kwargs)
        tape._backward(index, dy, dx)
        return dx

    def recorded_backward_params(dy, *args, **kwargs):
        backward_params(dy, *args, **kwargs)
        tape._backward(index, dy, None)

    layer.forward, layer.backward = recorded_forward, recorded_backward
    layer.backward_params = recorded_backward_params


def _copy(value):
    """Copy an array, a list of arrays, or None."""
    if isinstance(value, (list, tuple)):
        return [_copy(each) for each in value]
    return None if value is None else np.array(value)
