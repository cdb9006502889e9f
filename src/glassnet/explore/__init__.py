"""Explorables: real computations recorded, and played in a page or a notebook.

A trace function runs real layers under `record` and returns a `Trace`; `Player` shows it.
"""

from __future__ import annotations

from glassnet.explore.player import Player
from glassnet.explore.record import LayerRecord, Tape, record
from glassnet.explore.trace import Trace, exact, point, range_control, select, toggle
from glassnet.explore.traces import make_trace, scene_names

__all__ = [
    "LayerRecord",
    "Player",
    "Tape",
    "Trace",
    "exact",
    "make_trace",
    "point",
    "range_control",
    "record",
    "scene_names",
    "select",
    "toggle",
]
