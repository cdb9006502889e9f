"""A backend of matplotlib: agg, whose ``show`` puts the open figures on the page."""

from __future__ import annotations

from matplotlib.backend_bases import FigureManagerBase as FigureManager
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas

from . import figures

__all__ = ["FigureCanvas", "FigureManager", "show"]


def show(*_arguments, **_options):
    """Put all open figures on the page."""
    figures.flush()
