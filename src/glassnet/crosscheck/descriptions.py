"""Components in words: their class and options, as they would be typed."""

from __future__ import annotations

import inspect

__all__ = ["configuration", "describe", "describe_model"]


def configuration(component):
    """Return the constructor's arguments: ``get_config()``, or else attributes of their names."""
    if hasattr(component, "get_config"):
        return dict(component.get_config())
    names = inspect.signature(type(component).__init__).parameters
    return {name: getattr(component, name) for name in names if hasattr(component, name)}


def describe(component):
    """Return class name and those options that are not the defaults, as they would be typed."""
    defaults = inspect.signature(type(component).__init__).parameters
    shown = []
    for name, value in configuration(component).items():
        default = defaults[name].default if name in defaults else None
        if name == "name" or value is None or value == default:
            continue
        if not isinstance(value, dict):
            shown.append(f"{name}={value!r}")
        elif describe(part := getattr(component, name)) != f"{_class_of(default)}()":
            shown.append(f"{name}={describe(part)}")
    return f"{type(component).__name__}({', '.join(shown)})"


def describe_model(model):
    """Return the layers of a model, each with what it takes if they are no chain, as a text."""
    parts = [describe(layer) for layer in model.layers]
    nodes = getattr(model, "nodes", None)
    if nodes is not None:
        takes = [[nodes.index(p) if p in nodes else "input" for p in n.parents] for n in nodes]
        parts = [f"{part} of {taken}" for part, taken in zip(parts, takes, strict=True)]
    return f"{type(model).__name__}({', '.join(parts)})"


def _class_of(default):
    """Name of the class that a default such as ``"glorot_uniform"`` stands for."""
    return "".join(word.capitalize() for word in str(default).split("_"))
