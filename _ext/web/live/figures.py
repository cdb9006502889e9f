"""Figures of matplotlib as pictures on the page: at ``plt.show()``, and at the end of a cell."""

from __future__ import annotations

import base64
import io
import os
import sys

__all__ = ["close", "flush", "install", "show"]

_state = {"put": None}


def install(put):
    """Make matplotlib draw for the page.

    Parameters
    ----------
    put : callable
        Takes the kind of an output and its fields.
    """
    _state["put"] = put
    os.environ["MPLBACKEND"] = f"module://{__package__}.backend"


def flush():
    """Put the open figures on the page, in the order in which they were made, and close them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    for number in pyplot.get_fignums():
        _put(pyplot.figure(number))
    close()


def close():
    """Forget the open figures."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


def show(value):
    """Put a figure on the page, and return whether `value` is one."""
    module = sys.modules.get("matplotlib.figure")
    if module is None or not isinstance(value, module.Figure):
        return False
    _put(value)
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(value)  # or it would be shown again at the end of the cell
    return True


def _put(figure):
    """Send a figure as the picture that a notebook would show."""
    if not figure.axes and not figure.lines and not figure.texts and not figure.images:
        return
    buffer = io.BytesIO()
    figure.savefig(
        buffer,
        format="png",
        dpi=figure.dpi,
        bbox_inches="tight",
        facecolor=figure.get_facecolor(),
        edgecolor=figure.get_edgecolor(),
    )
    data = base64.b64encode(buffer.getvalue()).decode()
    _state["put"]("image", {"data": data, "mime": "image/png"})
