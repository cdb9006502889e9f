"""The player as a widget: the same engine, with its step and parameters in reach of Python."""

from __future__ import annotations

import uuid

import anywidget
import ipywidgets
import traitlets
from IPython.display import display

from glassnet.explore import assets

__all__ = ["LiveBox", "LivePlayer", "sliders"]

# The core and the scene run as they do in a page; this is all that ties an element to the widget.
_RENDER = """
export default {
  render({ model, el }) {
    const player = document.createElement("glass-explorable");
    let told = false; // a change that comes from the reader goes to Python, and not back again
    const show = () => {
      player.show(JSON.parse(JSON.stringify(model.get("trace"))));
      pull();
    };
    const pull = () => {
      if (!told) player.put(model.get("params"), model.get("step"));
    };
    player.addEventListener("glass-change", ({ detail }) => {
      told = true;
      model.set("step", detail.step);
      model.set("params", { ...detail.values });
      model.save_changes();
      told = false;
    });
    el.append(player);
    Glass.replace(model.get("key"), true);
    show();
    model.on("change:trace", show);
    model.on("change:step", pull);
    model.on("change:params", pull);
    return () => {
      player.remove();
      Glass.replace(model.get("key"), false);
    };
  },
};
"""


class LivePlayer(anywidget.AnyWidget):
    """A player that Python can drive and observe.

    Parameters
    ----------
    trace : Trace

    Attributes
    ----------
    trace : dict
        Assign another trace of the same scene, and it is shown in the same place.
    step : int
        Where the player stands.
    params : dict
        The values of the scene's controls by name; assign a new dict to change them.

    Examples
    --------
    >>> widget = Player(descent_trace()).live
    >>> widget.observe(lambda change: print(change.new), "step")
    >>> widget.params = {**widget.params, "rate": 0.09}
    """

    trace = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0, min=0).tag(sync=True)
    params = traitlets.Dict().tag(sync=True)
    key = traitlets.Unicode().tag(sync=True)  # by which the static player knows it

    def __init__(self, trace, **options):
        self._esm = "\n".join((assets.core_source(), assets.scene_source(trace["scene"]), _RENDER))
        self.trace_shown = trace
        params = {control["name"]: control["value"] for control in trace["controls"]}
        super().__init__(trace=dict(trace), params=params, key=uuid.uuid4().hex, **options)

    @traitlets.validate("trace")
    def _same_scene(self, proposal):
        known, trace = self.trace_shown["scene"], proposal["value"]
        if trace.get("scene") != known:
            raise traitlets.TraitError(f"This player shows scene {known!r}.")
        return dict(trace)

    def _ipython_display_(self):
        _display(self, self)


class LiveBox(ipywidgets.VBox):
    """Sliders above a live player.

    Attributes
    ----------
    player : LivePlayer
    sliders : dict of str to Widget
    """

    def __init__(self, player, sliders):
        super().__init__([*sliders.values(), player])
        self.player, self.sliders = player, sliders

    def _ipython_display_(self):
        _display(self, self.player)


def _display(widget, player):
    """Show a static player and the widget; the first stays when the kernel is gone.

    While the widget is in the page it hides the static player.
    """
    from glassnet.explore.player import Player

    display(Player(player.trace_shown).bundle(live=player.key), raw=True)
    live = widget._repr_mimebundle_()  # anywidget gives the metadata, too
    display(live[0] if isinstance(live, tuple) else live, raw=True)


def sliders(function, ranges, start):
    """Return a box of sliders above a live player; each change computes a new trace.

    Parameters
    ----------
    function : callable
        Takes the values by name, returns a trace.
    ranges : dict of str to tuple (low, high, step)
    start : dict of str to number

    Returns
    -------
    LiveBox
    """
    player = LivePlayer(function(**start))
    handles = {}
    for name, (low, high, step) in ranges.items():
        whole = all(isinstance(value, int) for value in (low, high, step, start[name]))
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        handles[name] = kind(
            value=start[name], min=low, max=high, step=step, continuous_update=False,
            description=name.replace("_", " "), style={"description_width": "initial"},
        )  # fmt: skip

    def changed(_change):
        player.trace = function(**{name: handle.value for name, handle in handles.items()})

    for handle in handles.values():
        handle.observe(changed, "value")
    return LiveBox(player, handles)
