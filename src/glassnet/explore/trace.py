"""What a scene is drawn from: numbers and texts, checked, rounded and small enough for a page."""

from __future__ import annotations

import json
import math
import re

import numpy as np

__all__ = ["SIZE_LIMIT", "VERSION", "Trace", "exact", "point", "range_control", "select", "toggle"]

#: Version of the format.
VERSION = 1

#: Largest JSON of a trace, in bytes.
SIZE_LIMIT = 25_000

_RESERVED = ("title", "alt", "hint", "table")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DIGITS_AT_LEAST = 6


class exact:
    """Mark numbers of a trace that keep every digit, such as parameters of a golden test.

    Parameters
    ----------
    value : array_like, or dict or list of them
    """

    def __init__(self, value):
        self.value = value


class Trace(dict):
    """The data of one explorable: a plain dict of JSON values, checked when it is made.

    Parameters
    ----------
    scene : str
        Name of the scene that draws it.
    text : dict of str to dict
        For each language, ``"en"`` among them: ``"title"``, ``"alt"`` (what the static picture
        shows), ``"hint"`` (what to try), ``"table"`` (list of the column headings, the first over
        the names of the rows), and all further strings of the scene by their keys.
    static : dict
        What holds for all frames. Arrays become lists.
    frames : sequence of dict
        One for each step of the player, all with the same keys. Empty where the scene counts its
        steps itself, since they depend on the controls.
    controls : sequence of dict
        From `range_control`, `toggle`, `select` and `point`.
    digits : int
        Significant digits that numbers keep, at least 6; those in `exact` keep all.

    Raises
    ------
    ValueError
        If something is missing, not a number, not JSON, or larger than `SIZE_LIMIT`.
    """

    def __init__(self, scene, *, text, static, frames, controls=(), digits=8):
        if digits < _DIGITS_AT_LEAST:
            raise ValueError(
                f"`digits` must be at least {_DIGITS_AT_LEAST}. Received: digits={digits!r}"
            )
        _check_text(text)
        frames = list(frames)
        if any(frame.keys() != frames[0].keys() for frame in frames):
            raise ValueError("`frames` must be dicts with the same keys.")
        super().__init__(
            scene=_checked_name(scene, "scene"),
            version=VERSION,
            **{key: {lang: words[key] for lang, words in text.items()} for key in _RESERVED},
            strings={
                lang: {key: words[key] for key in words if key not in _RESERVED}
                for lang, words in text.items()
            },
            static=_plain(static, digits, "static"),
            frames=_plain(frames, digits, "frames"),
            controls=_plain(list(controls), digits, "controls"),
        )
        _check_controls(self)
        size = len(self.to_json().encode())
        if size > SIZE_LIMIT:
            raise ValueError(
                f"A trace may have {SIZE_LIMIT} bytes. Received: {size} in {scene!r}. Keep fewer "
                "frames or fewer digits"
            )

    def to_json(self):
        """Return compact JSON that may stand inside a script element of a page."""
        text = json.dumps(self, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.replace("<", "\\u003c")  # no </script>, no <!--

    def text(self, key, language="en"):
        """Return ``"title"``, ``"alt"``, ``"hint"`` or a string by its key."""
        if key in _RESERVED:
            return self[key].get(language, self[key]["en"])
        return self["strings"].get(language, self["strings"]["en"])[key]


def range_control(name, label, value, low=None, high=None, step=None, *, values=None):
    """Describe a slider over an interval, or over a list of `values`.

    Parameters
    ----------
    name : str
        How the scene calls the value.
    label : str
        Key of its text among the strings.
    value : float
        Where it stands first.
    low, high, step : float
        The interval and the step; or
    values : sequence of float
        All that can be chosen.
    """
    control = {"type": "range", "name": name, "label": label, "value": value}
    if values is not None:
        return control | {"values": list(values)}
    return control | {"min": low, "max": high, "step": step}


def toggle(name, label, value=False):
    """Describe a checkbox; see `range_control`."""
    return {"type": "toggle", "name": name, "label": label, "value": bool(value)}


def select(name, label, value, options):
    """Describe a choice.

    Parameters
    ----------
    name, label, value
        As in `range_control`.
    options : dict
        From each possible value to the key of its text.
    """
    listed = [{"value": key, "label": text} for key, text in options.items()]
    return {"type": "select", "name": name, "label": label, "value": value, "options": listed}


def point(name, label, value, x, y):
    """Describe a point in a drawing that can be dragged, or moved by the arrow keys.

    Parameters
    ----------
    name, label : str
        As in `range_control`.
    value : pair of float
    x, y : tuple (label, low, high, step)
        Of each coordinate; the label is a key of the strings.
    """
    axes = [dict(zip(("label", "min", "max", "step"), axis, strict=True)) for axis in (x, y)]
    value = [float(each) for each in value]
    return {
        "type": "point", "name": name, "label": label, "value": value, "x": axes[0], "y": axes[1]
    }  # fmt: skip


def _plain(value, digits, where):
    """Return `value` as JSON has it: arrays as lists, numbers rounded; raise on anything else."""
    if isinstance(value, exact):
        return _plain(value.value, None, where)
    if isinstance(value, dict):
        return {str(key): _plain(each, digits, f"{where}.{key}") for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), digits, where)
    if isinstance(value, (list, tuple)):
        return [_plain(each, digits, where) for each in value]
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return _rounded(float(value), digits, where)
    raise ValueError(f"`{where}` must hold numbers and text. Received: {type(value).__name__}")


def _rounded(value, digits, where):
    """Return a float with so many significant digits, as an int where it is whole."""
    if not math.isfinite(value):
        raise ValueError(f"`{where}` must be finite. Received: {value}")
    if digits is not None:
        value = float(f"{value:.{digits}g}")
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _check_text(text):
    """Raise ValueError unless every language has the same texts, the required ones among them."""
    if "en" not in text:
        raise ValueError(f"`text` must have English, 'en'. Received: {sorted(text)}")
    for language, words in text.items():
        missing = {*_RESERVED, *text["en"]} - words.keys()
        if missing:
            raise ValueError(f"`text` lacks {sorted(missing)} in {language!r}.")
        empty = [key for key, value in words.items() if not value]
        if empty:
            raise ValueError(f"`text` is empty for {empty} in {language!r}.")


def _check_controls(trace):
    """Raise ValueError unless names are unique, labels have texts, and values can be chosen."""
    names = [_checked_name(control["name"], "name") for control in trace["controls"]]
    if len(set(names)) < len(names):
        raise ValueError(f"Controls need names of their own. Received: {names}")
    for control in trace["controls"]:
        kind, value, fits = control["type"], control["value"], True
        labels = [control["label"]]
        if kind == "range":
            listed = control.get("values")
            fits = value in listed if listed else control["min"] <= value <= control["max"]
        elif kind == "select":
            fits = value in [option["value"] for option in control["options"]]
            labels += [option["label"] for option in control["options"]]
        elif kind == "point":
            axes = (control["x"], control["y"])
            labels += [axis["label"] for axis in axes]
            fits = all(a["min"] <= v <= a["max"] for a, v in zip(axes, value, strict=True))
        if not fits:
            raise ValueError(f"Control {control['name']!r} cannot have the value {value!r}.")
        unknown = [label for label in labels if label not in trace["strings"]["en"]]
        if unknown:
            raise ValueError(f"Control {control['name']!r}: no text for {unknown}.")


def _checked_name(name, what):
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"`{what}` must be a lower-case name. Received: {what}={name!r}")
    return name
