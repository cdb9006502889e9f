"""A trace on display: the interactive player in a browser, a picture wherever there is none."""

from __future__ import annotations

import base64
import io
import os
from html import escape

from glassnet.explore import assets, traces

__all__ = ["BOOK_VARIABLE", "Player"]

#: Set while the book is built: its pages load the scripts themselves, once.
BOOK_VARIABLE = "GLASSNET_BOOK"


class Player:
    """Show a trace: as an interactive element where scripts run, else as a picture.

    Parameters
    ----------
    trace : Trace
        From a function such as ``mlp_trace``.

    Examples
    --------
    >>> Player(mlp_trace())  # as the last line of a cell
    """

    def __init__(self, trace):
        self.trace = trace

    @classmethod
    def of(cls, name, **options):
        """Return the player of the scene `name`, its trace made with `options`."""
        return cls(traces.make_trace(name, **options))

    @property
    def alt(self):
        """What the static picture shows, in words."""
        return self.trace.text("alt")

    def static(self):
        """Draw the static picture and return the matplotlib figure."""
        return traces.picture(self.trace)

    def png(self):
        """Return the static picture as the bytes of a PNG file."""
        from glassnet.plots import plt, use_style  # the only module that knows matplotlib

        with plt.rc_context():
            use_style()
            figure = self.static()
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
            plt.close(figure)
        return buffer.getvalue()

    def element(self, picture, live=None):
        """Return the custom element as HTML.

        Parameters
        ----------
        picture : str
            HTML that stands there until, and where, the player does not run.
        live : str, optional
            Key of a live player; while that is in the same page, this one is hidden.
        """
        scene = escape(self.trace["scene"], quote=True)
        key = f' data-live="{escape(live, quote=True)}"' if live else ""
        return (
            f'<glass-explorable data-scene="{scene}"{key}>'
            f'<script type="application/json">{self.trace.to_json()}</script>'
            f"{picture}</glass-explorable>"
        )

    def html(self, png=None, live=None):
        """Return the element with its picture; outside of the book with its scripts, too."""
        source = base64.b64encode(self.png() if png is None else png).decode()
        image = f'<img src="data:image/png;base64,{source}" alt="{escape(self.alt, quote=True)}">'
        parts = [self.element(image, live)]
        if not os.environ.get(BOOK_VARIABLE):
            scripts = (assets.core_source(), assets.scene_source(self.trace["scene"]))
            parts += [f"<script>{script}</script>" for script in scripts]
        return "\n".join(parts)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self.bundle()

    def bundle(self, live=None):
        """Return what a notebook shows, by kind; `live` as in `element`."""
        png = self.png()
        return {
            "text/html": self.html(png, live),
            "image/png": base64.b64encode(png).decode(),
            "text/plain": repr(self),
        }

    @property
    def live(self):
        """The player as a widget whose step and parameters Python can set and observe.

        While the book is built it is the player itself, since a page has no kernel to talk to.
        """
        if os.environ.get(BOOK_VARIABLE):
            return self
        from glassnet.explore.live import LivePlayer

        return LivePlayer(self.trace)

    @classmethod
    def live_from(cls, function, **ranges):
        """Return sliders whose every change computes a new trace, shown in the same place.

        Parameters
        ----------
        function : callable
            Takes keyword arguments, returns a trace.
        **ranges : tuple (low, high, step)
            One slider for each argument; it starts at the default of the function's signature, or
            else in the middle.

        Returns
        -------
        LiveBox
            With the attribute `player`, the live player, and `sliders`; or, while the book is
            built, the player for the starting values.
        """
        from glassnet.explore.ranges import starting_values

        start = starting_values(function, ranges)
        if os.environ.get(BOOK_VARIABLE):
            return cls(function(**start))
        from glassnet.explore.live import sliders

        return sliders(function, ranges, start)

    def __repr__(self):
        title, frames = self.trace.text("title"), len(self.trace["frames"])
        return f"Player({self.trace['scene']!r}: {title}, {frames} frames)"
