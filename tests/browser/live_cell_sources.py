"""The cells of the pages on which live cells are tested: one for each kind of output."""

from __future__ import annotations

import live_site
from live_site import cell

NASTY = "</pre></script><img src=x onerror=\"document.title='hit'\">"
FIGURE = '<img src="data:," alt="A line that rises"><figcaption>Up</figcaption>'
HTML = f"""
class Table:
    def _repr_html_(self):
        return '''<table class="gn-report"><caption>Results</caption><tr><td>0.25</td></tr></table>
        {NASTY}<script>parent.document.title = "hit"; document.body.id = "hit"</script>
        <meta http-equiv="refresh" content="0; url=../../pages/other.html">'''
Table()
"""
STREAM = """
import sys, warnings
import numpy as np
print("printed")
print("told", file=sys.stderr)
warnings.warn("take care")
np.arange(3) + base
"""
LIMIT = """
from glassnet import exercises
from glassnet.exercises import checker
checker.SECONDS = 0.3
def mean_squared_error_gradient(y_true, y_pred):
    while True:
        pass
exercises.check("losses.mean_squared_error_gradient", mean_squared_error_gradient)
"""
FAULT = """
from glassnet import layers
def wrong(x):
    return layers.Dense(3).forward(x)
wrong(np.zeros((2, 2)))
"""
STANDINS = """
from IPython.display import HTML, Markdown, display
from myst_nb import glue
glue("number", 3, display=False)
display("shown", Markdown("| a | b |\\n| --- | --- |\\n| `1` | 2 |"))
"""
CELLS = [
    cell("base = 10", saved=None),
    cell(STREAM, saved='<div class="output">saved text</div>'),
    cell(
        "import keras\nhelper = 3\nkeras.ops.ones(3)",
        needs=["tensorflow"],
        browser="\nhelper = 3\n",
    ),
    cell(
        "import matplotlib.pyplot as plt\nlines = plt.plot([1, 2])",
        saved=f'<figure id="one">{FIGURE}</figure>',
        packages=["matplotlib"],
    ),
    cell(HTML),
    cell(f"from glassnet.explore import Player\nPlayer.of({live_site.SCENE!r})"),
    cell(LIMIT),
    cell(FAULT, tags=["raises-exception"]),
    cell(f"raise ValueError({NASTY!r})", tags=["raises-exception"]),
    cell(STANDINS),
    cell("for i in range(2):\n    value = helper + i\nvalue;"),
    cell("value = (", tags=["raises-exception"]),
    cell(
        "import keras\nkeras.utils.set_random_seed(1)\nkeras.ops.ones(2)", tags=["raises-exception"]
    ),
]
(PRINTS, NEEDY, FIGURES, TABLE, PLAYER, SLOW, FAULTY, HOSTILE, NOTEBOOK, EDITED, BROKEN, KERAS) = (
    range(2, 14)
)
LOOP = [
    cell("state = []"),
    cell("state.append(1)\nprint('looping')\nprint('on')\nwhile True:\n    pass"),
    cell("print('below', len(state), 'base' in globals())"),
]
