"""The scenes: each module ``NAME`` here has ``NAME_trace(...)`` and ``NAME_picture(trace)``."""

from __future__ import annotations

import importlib
import pkgutil

__all__ = ["make_trace", "picture", "scene_names"]


def scene_names():
    """Return the names of all scenes, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def make_trace(name, **options):
    """Return the trace of a scene.

    Parameters
    ----------
    name : str
        One of `scene_names`.
    **options
        Passed to the trace function.

    Returns
    -------
    Trace

    Raises
    ------
    ValueError
        If there is no such scene, or it does not take an option.
    """
    function = _member(name, "trace")
    try:
        return function(**options)
    except TypeError as error:
        raise ValueError(f"Scene {name!r}: {error}") from error


def picture(trace):
    """Draw the static picture of a trace and return the matplotlib figure."""
    return _member(trace["scene"], "picture")(trace)


def _member(name, what):
    """Return a function of a scene's module."""
    if name not in scene_names():
        raise ValueError(f"Unknown scene. Received: {name!r}. Known: {', '.join(scene_names())}")
    return getattr(importlib.import_module(f"{__name__}.{name}"), f"{name}_{what}")
